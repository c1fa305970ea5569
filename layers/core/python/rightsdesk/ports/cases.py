"""Cases, their history and what hangs on them; and holds, which outlive cases."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import ConflictError, NotFoundError
from rightsdesk.domain.letters import DeliveryState, LetterRecord
from rightsdesk.domain.request import PrivacyRequest

if TYPE_CHECKING:  # public functions import these modules, and have no data map and no mail
    from rightsdesk.domain.collecting import SourceState
    from rightsdesk.domain.decisions import FieldDecision
    from rightsdesk.domain.erasure_plan import SourceErasure
    from rightsdesk.domain.erasure_review import Hold, HoldReason
    from rightsdesk.domain.shards import Shard


_SAVES = 3


class CaseStore(Protocol):
    """Cases, their history, and what hangs on them. A change and its event are written together or not at all."""

    def create(self, case: PrivacyRequest, event: AuditEvent) -> None:
        """Write a new case and its first event. ConflictError where either exists."""

    def get(self, request_id: str) -> PrivacyRequest:
        """NotFoundError where there is none."""

    def find(self, reference: str) -> PrivacyRequest:
        """By canonical reference. NotFoundError where there is none."""

    def save(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent) -> None:
        """ConflictError where the case is no longer as `before` (version)."""

    def timeline(self, request_id: str) -> list[AuditEvent]: ...

    def open_by_due_date(self, *, limit: int, cursor: str | None) -> tuple[list[PrivacyRequest], str | None]:
        """Open cases by target date, oldest first, a page at a time.

        The cursor is day and id of the last case of a page: `2026-10-05#<request id>`.
        """

    def open_ids_due_by(self, day: date) -> Iterator[str]:
        """Ids of the cases with `swept_from` on or before `day`: work grows with what is due."""

    def of_subject(self, subject_key: str) -> list[str]:
        """Ids of all the cases of an address, newest first; by one of `person_keys`, of those that have it."""

    def put_source(self, request_id: str, state: "SourceState") -> None: ...

    def sources(self, request_id: str) -> dict[str, "SourceState"]: ...

    def put_erasure(self, request_id: str, state: "SourceErasure") -> None:
        """How far the erasing of one source is. ConflictError for a closed case, as with `put_source`."""

    def erasures(self, request_id: str) -> "dict[str, SourceErasure]":
        """By source; those that are worked on in shards put together, once each of these is planned."""

    def erasure_shard(self, request_id: str, source: str, shard: "Shard") -> "SourceErasure | None":
        """How far one shard of a source is; None before it is planned."""

    def erasure_shards(self, request_id: str) -> "list[SourceErasure]":
        """All that there are, of all sources."""

    def claim_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime) -> bool:
        """True for the one who may send it now; False where it was sent.

        ServiceUnavailableError while somebody else is sending it. A claim older than CLAIM_LASTS was left by a process
        that died, and is taken over: a letter may come twice in that rare case, but it always comes. One that the mail
        service refused at once may be tried again.
        """

    def letter_sent(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime, sha256: str
    ) -> None:
        """Make a claim last: nobody sends this again. News that came before stays. `sha256`: `letter_sha256`."""

    def letter_news(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, state: DeliveryState, at: datetime
    ) -> bool:
        """Keep what the mail service says became of it. False for old news, and for a letter that is not known.

        News of a letter that was sent makes its claim last, too: who sent it may have died before saying so.
        """

    def letters(self, request_id: str) -> list[LetterRecord]:
        """Every letter about a case, oldest first."""

    def release_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int) -> None:
        """Give a claim back: sending failed, so a retry may send."""

    def put_decisions(self, request_id: str, decisions: "Sequence[FieldDecision]") -> None:
        """Keep the decisions per field; those made before for the case are replaced."""

    def decisions(self, request_id: str) -> "list[FieldDecision]":
        """In the order of the data map; none before the plan was decided."""

    def received_in(self, month: str) -> Iterator[PrivacyRequest]:
        """Every case received in a month (`2026-10`, UTC), oldest first, open and closed: work grows with the month.

        What was received in the last second may be missing.
        """

    def retire(self, request_id: str, *, expires_at: datetime) -> None:
        """For a closed case: drop codes and task tokens, and let the rest go at `expires_at`."""


Change = Callable[[PrivacyRequest], tuple[PrivacyRequest, AuditEvent] | None]
"""Makes a change of a case and its event; None where nothing is left to change. Raises where it may not be made."""


def save_anyway(cases: CaseStore, case: PrivacyRequest, change: Change) -> PrivacyRequest:
    """Save what holds whatever step the workflow takes meanwhile; the case as it is then.

    Where the case has moved on, the change is made again, of the case as it stands. ConflictError at the third time.
    """
    for attempt in range(1, _SAVES + 1):
        made = change(case)
        if made is None:
            return case
        after, event = made
        try:
            cases.save(case, after, event)
        except ConflictError:
            if attempt == _SAVES:
                raise
            case = cases.get(case.request_id)
        else:
            return after
    raise AssertionError("the last attempt returns or raises")


def others_of(cases: CaseStore, case: PrivacyRequest) -> list[PrivacyRequest]:
    """All other verified cases of the same person, by whatever identifier was verified, newest first.

    Those that nobody verified are not even read: a flood of them costs nothing and stands in nobody's way.
    """
    ids = dict.fromkeys(request_id for key in case.person_keys for request_id in cases.of_subject(key))
    ids.pop(case.request_id, None)
    others = [other for request_id in ids if (other := _known(cases, request_id)) is not None]
    return sorted(others, key=lambda other: other.received_at, reverse=True)


def _known(cases: CaseStore, request_id: str) -> PrivacyRequest | None:
    try:
        return cases.get(request_id)
    except NotFoundError:
        return None  # its time was over at this moment


class Holds(Protocol):
    """Why the data of a person must not go for the time being (GDPR 17(3)(e), 18(1)(c)). They outlive cases."""

    def of(self, subject_key: str) -> "list[Hold]":
        """Those that were not lifted, oldest first."""

    def place(self, subject_key: str, hold: "Hold") -> None:
        """One for each reason: placed again, it is the same."""

    def lift(self, subject_key: str, reason: "HoldReason") -> bool:
        """False where there is none."""

    def end(self, subject_key: str, reason: "HoldReason", *, at: datetime) -> None:
        """It goes by itself, not before `at`, unless it is placed again. Nothing where there is none."""
