"""The ledger of what was provided to others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from rightsdesk.domain.provision import Provision


class ProvisionLedger(Protocol):
    """Entries by the keyed digests of a person's identifiers (`domain.provision`). Nothing is ever changed in it."""

    def record(self, digests: Sequence[str], entry: Provision, *, as_read: Mapping[str, int] | None = None) -> None:
        """Under each digest, all or none; without any, among the statistics. The same entry again changes nothing.

        `as_read`: digest in the register of permissions -> version on which the yes rests, 0 where there was nothing.
        ConflictError where one has moved on since: nothing is recorded.
        """

    def of_person(self, digests: Iterable[str]) -> tuple[Provision, ...]:
        """All that stands under these, each once, the oldest first."""
