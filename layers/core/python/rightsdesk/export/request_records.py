"""`data/requests.json` and its words: what the desk itself holds of a person (GDPR 15(1), APPI 33(1)).

Their requests, with what they wrote, the letters to them, the messages and the steps. Who of the staff did what is not
in it (GDPR 15(4)), nor what was written to others about it.
"""

# serves: E-01, E-02

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.clock import Question
from rightsdesk.domain.letters import LetterRecord
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, Language, PrivacyRequest
from rightsdesk.export import layout, wording
from rightsdesk.export.package import LANGUAGES

if TYPE_CHECKING:  # few requests have a thread
    from rightsdesk.domain.messages import Message

MOST_REQUESTS = 100  # of one person in one answer, the newest; each takes a few readings
# Events about the register of holds, which is no part of the answer.
_OF_HOLDS = frozenset({"hold_placed", "hold_lifted"})


@dataclass(frozen=True)
class RequestOnRecord:
    """One request and all that hangs on it, as it is stored: what is not for the person is left out here."""

    case: PrivacyRequest
    letters: Sequence[LetterRecord]
    messages: "Sequence[Message]"
    events: Sequence[AuditEvent]


@dataclass(frozen=True)
class RequestsOnRecord:
    """Of one person. `more` are older than these, and only counted."""

    requests: Sequence[RequestOnRecord] = ()
    more: int = 0

    @property
    def in_order(self) -> list[RequestOnRecord]:
        return sorted(self.requests, key=lambda each: (each.case.received_at, each.case.reference))


@dataclass(frozen=True)
class RequestRow:
    """One request in words: as a line, and as a row of a table."""

    reference: str
    day: str
    types: str
    state: str
    kept: str


def requests_document(on_record: RequestsOnRecord, *, as_of: datetime) -> dict[str, Any]:
    """The whole file, the oldest request first."""
    return {
        "as_of": as_of.isoformat(),
        "kept_days_after_closing": KEPT_AFTER_CLOSING.days,
        "requests": [_entry(each) for each in on_record.in_order],
        "not_listed": on_record.more,
    }


def retention_entry() -> dict[str, Any]:
    """How long the desk keeps them, for `processing.json` (GDPR 15(1)(d))."""
    return {
        "id": "requests",
        "label": {each: wording.text(each, "requests.what") for each in LANGUAGES},
        "days": KEPT_AFTER_CLOSING.days,
        "from": "closing",
        "file": layout.REQUESTS,
    }


def table_rows(on_record: RequestsOnRecord, language: Language, zone: str) -> list[RequestRow]:
    """A row for each request, in words."""
    return [_in_words(each.case, language, zone) for each in on_record.in_order]


def in_words(on_record: RequestsOnRecord, language: Language, zone: str) -> list[str]:
    """The same as lines of the letter."""
    rows = table_rows(on_record, language, zone)
    return [wording.text(language, "requests.line", **asdict(row)) for row in rows]


def _in_words(case: PrivacyRequest, language: Language, zone: str) -> RequestRow:
    until = case.closed_at + KEPT_AFTER_CLOSING if case.closed_at else None
    return RequestRow(
        reference=case.reference,
        day=_day(case.received_at, language, zone),
        types=wording.listed(language, [wording.text(language, f"request.type.{kind.value}") for kind in case.types]),
        state=wording.text(language, f"requests.outcome.{case.outcome.value}" if case.outcome else "requests.open"),
        kept=_day(until, language, zone) if until else wording.text(language, "requests.kept_open"),
    )


def _day(at: datetime, language: Language, zone: str) -> str:
    return wording.day(language, wording.local_day(at, zone))


def _entry(on_record: RequestOnRecord) -> dict[str, Any]:
    case = on_record.case
    return {
        "reference": case.reference,
        "types": [kind.value for kind in case.types],
        "door": case.door.value,
        "agent": case.agent.role.value if case.agent else None,  # as what; by name they are another person
        "received_at": case.received_at.isoformat(),
        "due_on": case.due.due_on.isoformat(),
        "country": case.country,
        "region": case.region,
        "language": case.language,
        "name": case.name,
        "email": case.email_as_typed,
        "order_number": case.order_number,
        "details": case.details,
        "aim": case.aim_on_record.model_dump(mode="json", exclude_none=True) if case.aim_on_record else None,
        "questions": [_question(each) for each in case.questions],
        "status": case.status.value,
        "outcome": case.outcome.value if case.outcome else None,
        "closed_at": _moment(case.closed_at),
        "kept_until": _moment(case.closed_at + KEPT_AFTER_CLOSING) if case.closed_at else None,
        "letters": [
            {"letter": each.letter, "state": each.state.value, "at": each.at.isoformat()}
            for each in on_record.letters
            if each.recipient_key == case.subject_key
        ],
        "messages": [
            {"number": each.number, "by": each.by, "at": each.at.isoformat(), "text": each.text}
            for each in on_record.messages
        ],
        "events": [
            {"type": each.type, "at": each.at.isoformat()} for each in on_record.events if each.type not in _OF_HOLDS
        ],
    }


def _question(question: Question) -> dict[str, Any]:
    """`text` None: our own question for an order number. What was given to that is compared, and not kept."""
    return {
        "kind": question.kind.value,
        "asked_at": question.asked_at.isoformat(),
        "text": question.text,
        "answered_at": _moment(question.answered_at),
        "answer": question.answer,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
