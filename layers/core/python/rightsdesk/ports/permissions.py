"""The register of what may be done with whom, and the ledger of consents beside it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from rightsdesk.domain.consent_ledger import ConsentEntry, chained
from rightsdesk.domain.consenting import Changed, endings
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.permission import Standing

_SAVES = 5


class Permissions(Protocol):
    """One entry for each identifier, by its digest."""

    def find(self, digest: str) -> Standing | None:
        """One reading of one item, as it is at this moment. None: nothing is on record."""

    def save(self, standings: Sequence[Standing], entries: Mapping[str, Sequence[ConsentEntry]] | None = None) -> None:
        """All or none, each as the next version of what was read. ConflictError where one has moved on.

        `entries`: what is entered in the ledger of each digest, in the same transaction. At most 100 items of both: the
        identifiers of one person.
        """

    def ledger(self, digest: str) -> tuple[ConsentEntry, ...]:
        """All entries, the oldest first."""


def change_standings(
    permissions: Permissions, digests: Collection[str], change: Callable[[Standing], Standing]
) -> tuple[Standing, ...]:
    """Change the entries of one person together; made again of what is there, where somebody else was quicker.

    A consent that the change ends is entered in the ledger as withdrawn. Nothing is written where nothing changes.
    ConflictError at the fifth time.
    """
    return change_consents(permissions, digests, lambda standing: (change(standing), ()))


def change_consents(
    permissions: Permissions, digests: Collection[str], change: Callable[[Standing], Changed]
) -> tuple[Standing, ...]:
    """The same for a change that gives or refuses a consent, and says what is entered for it."""
    for attempt in range(1, _SAVES + 1):
        before = [permissions.find(digest) or Standing(digest=digest) for digest in sorted(set(digests))]
        after: list[Standing] = []
        changed: list[Standing] = []
        entries: dict[str, tuple[ConsentEntry, ...]] = {}
        for old in before:
            new, acts = change(old)
            if new != old:
                head, entered = chained(old.ledger, (*acts, *endings(old, new)))
                new = new.model_copy(update={"ledger": head})
                changed.append(new)
                entries |= {new.digest: entered} if entered else {}
            after.append(new)
        try:
            if changed:
                permissions.save(changed, entries)
        except ConflictError:
            if attempt == _SAVES:
                raise
        else:
            return tuple(after)
    raise AssertionError("the last attempt returns or raises")
