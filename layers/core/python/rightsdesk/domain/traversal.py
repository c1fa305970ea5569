"""How a person's data are found: from what was verified, along the identifiers in records that this leads to.

The one rule (abuse cases 5, 6, 52): a value is looked up only if it was verified, or stands in an identifying field of
a record that was itself found so. What somebody typed is a hint, and never a key.

Between sources there are no circles, so sources form waves: all of a wave can be searched at the same time. Collections
of one source may lead to one another; `walk` follows them until nothing new is found.
"""

# serves: E-00, E-02

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.records import Record

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Collection, DataMap

LookUp = Callable[["Collection", str, Iterator[str]], Iterator[Record]]
"""(collection, identifier, its values) -> the records that these values open."""


class CircularSourcesError(ValueError):
    """Sources that need one another: none could be searched first."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.sources = tuple(sources)
        super().__init__("sources need one another: " + ", ".join(self.sources))


class FoundValues(Protocol):
    """The identifiers found so far, each value once, in the order found. May be larger than memory."""

    def add(self, kind: str, value: str) -> bool:
        """Note a value; False where it was known."""

    def count(self, kind: str) -> int: ...

    def values(self, kind: str, start: int, end: int) -> Iterator[str]:
        """Those at positions `start` to `end` (not included). More may be added meanwhile."""


class SourceStep(BaseModel):
    """One source in a wave of the plan. `columnar`: it holds Parquet, which needs the larger function."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    columnar: bool


def reachable(data_map: "DataMap", start: Iterable[str]) -> tuple["Collection", ...]:
    """The collections that a search from these identifiers (kinds, not values) can come to, in the order of the map."""
    known, reached = set(start), set[str]()
    grows = True
    while grows:
        grows = False
        for collection in data_map.collections:
            if collection.path not in reached and known.intersection(collection.searched_by):
                reached.add(collection.path)
                known.update(collection.identifying.values())
                grows = True
    return tuple(collection for collection in data_map.collections if collection.path in reached)


def waves(data_map: "DataMap", start: Iterable[str]) -> tuple[tuple[SourceStep, ...], ...]:
    """The sources to search, in waves: each needs only identifiers that were verified or come from waves before it.

    Raises CircularSourcesError.
    """
    left = {collection.source for collection in reachable(data_map, start)}
    needs = {source: set(source_providers(data_map, source)) & left for source in left}
    planned: list[tuple[SourceStep, ...]] = []
    while left:
        ready = [name for name in data_map.sources if name in left and not needs[name] & left]
        if not ready:
            raise CircularSourcesError(name for name in data_map.sources if name in left)
        planned.append(tuple(SourceStep(name=name, columnar=data_map.sources[name].columnar) for name in ready))
        left.difference_update(ready)
    return tuple(planned)


def providers(data_map: "DataMap", collection: "Collection") -> tuple["Collection", ...]:
    """The other collections whose records hold an identifier that opens this one."""
    wanted = set(collection.searched_by)
    return tuple(
        other
        for other in data_map.collections
        if other.path != collection.path and wanted.intersection(other.identifying.values())
    )


def source_providers(data_map: "DataMap", source: str) -> tuple[str, ...]:
    """The other sources that this one gets identifiers from, in the order of the map."""
    found = {
        provider.source
        for collection in data_map.sources[source].collections.values()
        for provider in providers(data_map, collection)
    }
    return tuple(name for name in data_map.sources if name in found and name != source)


def in_search_order(data_map: "DataMap", source: str) -> tuple[tuple["Collection", ...], ...]:
    """The collections of a source, those that give identifiers first. A group of several leads to one another."""
    left = list(data_map.sources[source].collections.values())
    feeds = {one.path: {p.path for p in providers(data_map, one) if p.source == source} for one in left}
    needs = {path: _closure(path, feeds) for path in feeds}
    groups: list[tuple[Collection, ...]] = []
    while left:
        # One is next when all that it needs and that is still left needs it back: those are its circle.
        waiting = {one.path for one in left}
        first = next(one for one in left if all(one.path in needs[p] for p in needs[one.path] & waiting - {one.path}))
        group = tuple(
            one for one in left if one is first or (first.path in needs[one.path] and one.path in needs[first.path])
        )
        groups.append(group)
        left = [one for one in left if one not in group]
    return tuple(groups)


def _closure(start: str, edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(edges[start])
    while ahead:
        path = ahead.pop()
        if path not in seen:
            seen.add(path)
            ahead.extend(edges[path])
    return seen


def note_identifiers(collection: "Collection", record: Record, found: FoundValues) -> None:
    """Add the identifiers that a record holds to what is found."""
    for identifier, value in collection.identifiers_in(record):
        found.add(identifier, value)


def start_from(found: FoundValues, known: Mapping[str, Iterable[str]]) -> None:
    """Add identifiers by kind: those that were verified, or were found before."""
    for kind, values in known.items():
        for value in values:
            found.add(kind, value)


def unsearched(
    collection: "Collection", found: FoundValues, seen: dict[str, int] | None = None
) -> Iterator[tuple[str, Iterator[str]]]:
    """(identifier, its values) that this collection was not searched by yet, until the search finds nothing new.

    `seen` says up to where the values of each identifier have been looked up, and is moved on.
    """
    seen = {} if seen is None else seen
    while any(found.count(kind) > seen.get(kind, 0) for kind in collection.searched_by):
        for kind in collection.searched_by:
            start, end = seen.get(kind, 0), found.count(kind)
            if start < end:
                yield kind, found.values(kind, start, end)
                seen[kind] = end


def walk(
    collection: "Collection",
    *,
    found: FoundValues,
    look_up: LookUp,
    seen: dict[str, int] | None = None,
) -> Iterator[Record]:
    """All records of a collection that what is `found` leads to, each once; what they hold is added to `found`.

    `seen` as with `unsearched`: a walk that is given it again brings only what is new.
    """
    path, row_keys = collection.path, collection.row_keys
    for kind, values in unsearched(collection, found, seen):
        for record in look_up(collection, kind, values):
            if row_keys and not found.add(path, "\x1f".join([str(record.get(key)) for key in row_keys])):
                continue  # found before, on another way in
            note_identifiers(collection, record, found)
            yield record


def close_circle(group: tuple["Collection", ...], *, found: FoundValues, look_up: LookUp) -> None:
    """Complete `found` over collections that lead to one another, before any of them is collected."""
    scouted = _Scout(found)
    seen: dict[str, dict[str, int]] = {collection.path: {} for collection in group}
    while True:
        before = sum(found.count(kind) for kind in _kinds(group))
        for collection in group:
            for _ in walk(collection, found=scouted, look_up=look_up, seen=seen[collection.path]):
                pass
        if sum(found.count(kind) for kind in _kinds(group)) == before:
            return


def follow(
    data_map: "DataMap",
    known: Mapping[str, Iterable[str]],
    paths: frozenset[str],
    *,
    found: FoundValues,
    look_up_of: Callable[[str], LookUp],
) -> None:
    """From what is known of a person to every identifier that these collections hold; nothing else is read.

    `paths`: of the collections, with all that lead to them. `look_up_of`: by name of a source.
    """
    start_from(found, known)
    for wave in waves(data_map, known):
        for step in wave:
            for group in in_search_order(data_map, step.name):
                leading = [each for each in group if each.path in paths and each.identifying]
                if not leading:
                    continue
                look_up = look_up_of(step.name)
                if len(group) > 1:
                    close_circle(group, found=found, look_up=look_up)
                for collection in leading:
                    for _ in walk(collection, found=found, look_up=look_up):
                        pass


class _Scout:
    """What is found, without remembering records: those are still to be collected."""

    def __init__(self, found: FoundValues) -> None:
        self._found = found
        self.count, self.values = found.count, found.values

    def add(self, kind: str, value: str) -> bool:
        return True if "/" in kind else self._found.add(kind, value)


def _kinds(group: tuple["Collection", ...]) -> set[str]:
    return {kind for collection in group for kind in (*collection.searched_by, *collection.identifying.values())}
