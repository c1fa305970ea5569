"""What outlives a case: what a law keeps, and who stays erased."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Protocol

from rightsdesk.domain.audit import AuditEvent

if TYPE_CHECKING:  # public functions import these modules, and have no data map and no mail
    from rightsdesk.domain.retention_ledger import RetentionEntry
    from rightsdesk.domain.suppression import Suppression


class RetentionLedger(Protocol):
    """What stays after erasures, and until when. An entry and its event are written together or not at all."""

    def create(self, entry: "RetentionEntry", event: AuditEvent) -> None:
        """ConflictError where it exists: it was entered before."""

    def get(self, entry_id: str) -> "RetentionEntry":
        """NotFoundError where there is none."""

    def save(self, before: "RetentionEntry", after: "RetentionEntry", event: AuditEvent) -> None:
        """ConflictError where the entry is no longer as `before` (version)."""

    def of_case(self, request_id: str) -> "list[RetentionEntry]":
        """All that was entered after the erasure of a case, also what is gone."""

    def due(self, today: date) -> "Iterator[RetentionEntry]":
        """Those whose last day was before `today` and that are not settled, oldest first: work grows with them."""

    def page(self, *, limit: int, cursor: str | None) -> "tuple[list[RetentionEntry], str | None]":
        """What is kept, by its last day; after that what is held, and what has changed. A page at a time."""


class Suppressions(Protocol):
    """Who was erased, as keyed digests (`domain.suppression`): kept for good, and outside of the case."""

    def put(self, entries: "Iterable[Suppression]") -> None:
        """The same entry again changes nothing. Of an identifier that is erased again, the last erasure is found."""

    def find(self, digest: str) -> "Suppression | None": ...

    def since(self, start: date, until: date) -> "Iterator[Suppression]":
        """Every entry of these days (UTC), both included, in the order of erasure. Costs what was erased in them."""
