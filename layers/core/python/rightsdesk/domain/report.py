"""How well the promises of a month were kept (mission B-1): measures over the requests received in it."""

# serves: B-1, C-1

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.clock import Breach
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.oversight import Oversight
from rightsdesk.domain.register import grounds_of
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.law.gdpr import nominal

# Ended by the person, for want of a proof or a word, or as another of theirs: nothing was answered, so no time to
# answer is measured.
UNANSWERED = frozenset({Outcome.WITHDRAWN, Outcome.UNVERIFIED, Outcome.UNCONFIRMED, Outcome.MERGED})
# Upper ends of the classes of the plot, in days from receipt; the last class is open.
DAY_CLASSES = (7, 14, 21, 31, 62, 93)


class Report(BaseModel):
    """The measures. Shares are not given: small numbers speak for themselves, and shares of them mislead."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    month: str  # of receipt, `2026-10`
    as_of: datetime
    received: int
    open: int  # without an answer and not closed
    answered: int  # fulfilled, refused, not identified: whatever told the person how it ends
    answered_within_1_month: int
    extended: int
    suspended: int  # days were added for an answer of the person
    overdue: int  # answered after the due date, or open and past it
    refused: int  # in whole
    refused_by_ground: dict[str, int]  # in whole or in part
    late_refusals: int
    by_outcome: dict[str, int]
    by_type: dict[str, int]
    by_law: dict[str, int]
    median_days: float | None  # from the day of receipt to the day of the answer
    p90_days: int | None
    days: dict[str, int]  # class of days -> answers
    late_days: dict[str, int]  # of these, told after the first month
    by_notice: dict[str, int] = {}  # recipients who were told of a change: how far they are -> how many (GDPR 19)
    oversights: tuple[Oversight, ...] = ()  # what is missing or overdue with recipients, on the day of the report (C-1)


def make_report(
    month: str,
    cases: Iterable[PrivacyRequest],
    oversights: tuple[Oversight, ...] = (),
    *,
    zone: ZoneInfo,
    now: datetime,
) -> Report:
    """The report on the requests of a month, as things stand `now` (aware); days are counted in `zone`."""
    received = list(cases)
    answered = [case for case in received if case.answered_at is not None]
    days = sorted(_days(case, zone) for case in answered)
    return Report(
        month=month,
        as_of=now,
        received=len(received),
        open=sum(case.is_open and case.answered_at is None for case in received),
        answered=len(answered),
        answered_within_1_month=sum(_within_a_month(case, zone) for case in answered),
        extended=sum(case.extension is not None for case in received),
        suspended=sum(case.due.suspended_days > 0 for case in received),
        overdue=sum(_is_overdue(case, now) for case in received),
        refused=sum(case.is_refused for case in received),
        refused_by_ground=_counted(ground for case in received for ground in grounds_of(case)),
        late_refusals=sum(Breach.LATE_REFUSAL in case.breaches for case in received),
        by_outcome=_counted(case.outcome for case in received if case.outcome),
        by_type=_counted(kind for case in received for kind in case.types),
        by_law=_counted(law for case in received for law in case.due.laws),
        median_days=_median(days),
        p90_days=days[ceil(0.9 * len(days)) - 1] if days else None,  # nearest rank
        days=_classes(days),
        late_days=_classes(_days(case, zone) for case in answered if not _within_a_month(case, zone)),
        by_notice=_counted(line.state for case in received for line in case.notices.values()),
        oversights=oversights,
    )


def _days(case: PrivacyRequest, zone: ZoneInfo) -> int:
    if case.answered_at is None:
        raise ValueError("not answered")
    return (case.answered_at.astimezone(zone).date() - case.due.received_on).days


def _within_a_month(case: PrivacyRequest, zone: ZoneInfo) -> bool:
    """Told by the end of the first month, whatever was extended or suspended since (GDPR 12(3)).

    The same month for all laws, so that the figures can be compared; the target of the APPI is shorter.
    """
    ends_on = max(case.due.refusal_notice_due_on, nominal(case.due.received_on, 1))
    return case.answered_at is not None and case.answered_at.astimezone(zone).date() <= ends_on


def _is_overdue(case: PrivacyRequest, now: datetime) -> bool:
    if case.outcome in UNANSWERED:
        return False
    return (case.answered_at or now) > case.due.due_at


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(str(name) for name in names).items()))


def _median(days: list[int]) -> float | None:
    if not days:
        return None
    middle = len(days) // 2
    return float(days[middle]) if len(days) % 2 else (days[middle - 1] + days[middle]) / 2


def _classes(days: Iterable[int]) -> dict[str, int]:
    """`{"0-7": 3, "8-14": 0, ..., "94+": 1}`."""
    names = _class_names()
    classes = dict.fromkeys(names, 0)
    for day in days:
        classes[next((name for name, end in zip(names, DAY_CLASSES, strict=False) if day <= end), names[-1])] += 1
    return classes


def _class_names() -> list[str]:
    starts = (0, *(end + 1 for end in DAY_CLASSES))
    return [f"{start}-{end}" for start, end in zip(starts, DAY_CLASSES, strict=False)] + [f"{starts[-1]}+"]
