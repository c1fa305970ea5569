"""Sources of very many objects are worked on in shards: each is small enough for one task, and they run side by side.

Which shard an object belongs to is told by its key alone, so that every step of a case, and every try of it, has the
same objects before it; what is added later falls into one of them. How many there are is decided before the first step
and stays for the case. Put together, shards say what the source would have said whole.
"""

# serves: E-04

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Source

_OBJECTS = 500  # of a shard: at a fifth of a second each, two minutes of the fifteen that a task has
_BYTES = 2 * 1024**3  # of a shard: passed twice at 20 MB/s, under four minutes
_MOST = 500  # shards of a source: a workflow carries the list of them, in 256 KB


class Shard(NamedTuple):
    """One of the parts of a source, from 0."""

    number: int
    of: int

    def holds(self, key: str) -> bool:
        """Whether an object of this key is in it."""
        return self.of == 1 or int.from_bytes(sha256(key.encode()).digest()[:8]) % self.of == self.number


WHOLE = Shard(0, 1)


class Extent(NamedTuple):
    """How much there is to pass."""

    objects: int
    bytes: int


def shards_for(extent: Extent) -> int:
    return min(_MOST, max(1, -(-extent.objects // _OBJECTS), -(-extent.bytes // _BYTES)))


def is_divisible(source: "Source") -> bool:
    """Files with rows of many people are. Not where rows of one object lead to rows in others: each shard would have to
    know what the others found."""
    if source.kind != "s3" or not any(files.prefix is not None for files in source.collections.values()):
        return False
    collections = source.collections.values()
    return not any(
        kind in others.searched_by and (others is not files or (others.match is not None and not others.is_key(name)))
        for files in collections
        for name, kind in files.identifying.items()
        for others in collections
    )
