"""The register of what may be done with whom."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.permission import Standing

_SAVES = 5


class Permissions(Protocol):
    """One entry for each identifier, by its digest."""

    def find(self, digest: str) -> Standing | None:
        """One reading of one item, as it is at this moment. None: nothing is on record."""

    def save(self, standings: Sequence[Standing]) -> None:
        """All or none, each as the next version of what was read. ConflictError where one has moved on.

        At most 100: the identifiers of one person.
        """


def change_standings(
    permissions: Permissions, digests: Collection[str], change: Callable[[Standing], Standing]
) -> tuple[Standing, ...]:
    """Change the entries of one person together; made again of what is there, where somebody else was quicker.

    Nothing is written where nothing changes. ConflictError at the fifth time.
    """
    for attempt in range(1, _SAVES + 1):
        before = [permissions.find(digest) or Standing(digest=digest) for digest in sorted(set(digests))]
        after = [change(standing) for standing in before]
        changed = [new for old, new in zip(before, after, strict=True) if new != old]
        try:
            if changed:
                permissions.save(changed)
        except ConflictError:
            if attempt == _SAVES:
                raise
        else:
            return tuple(after)
    raise AssertionError("the last attempt returns or raises")
