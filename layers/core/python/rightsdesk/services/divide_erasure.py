"""Into how many shards each source is divided for an erasure: before it is planned, and then for all of the case."""

# serves: E-04

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.datamap import DataMap, FileCollection
from rightsdesk.domain.shards import Extent, is_divisible, shards_for
from rightsdesk.ports.cases import CaseStore


class Part(BaseModel):
    """A source, or a shard of it: what one task works on."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    source: str
    shard: int
    of: int


class Division(BaseModel):
    """`waves` as the sources of the plan: a part that needs what another finds comes later. `parts`: all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    waves: tuple[tuple[Part, ...], ...]
    parts: tuple[Part, ...]


def divide_erasure(
    request_id: str, *, cases: CaseStore, data_map: DataMap, extent_of: Callable[[FileCollection], Extent]
) -> Division:
    """Task of the workflow. What was begun is divided as it was, also by another execution.

    Raises SourceUnavailableError, SourceBrokenError, CaseClosedError.
    """
    case = cases.get(request_id)
    case.require_open()
    begun: dict[str, int] = {}
    for state in cases.erasure_shards(request_id):
        begun[state.source] = max(state.shards, begun.get(state.source, 1))

    def parts_of(name: str) -> list[Part]:
        of = begun.get(name) or _shards(name, data_map, extent_of)
        return [Part(source=name, shard=number, of=of) for number in range(of)]

    waves = tuple(tuple(part for step in wave for part in parts_of(step.name)) for wave in case.waves)
    return Division(waves=waves, parts=tuple(part for wave in waves for part in wave))


def _shards(name: str, data_map: DataMap, extent_of: Callable[[FileCollection], Extent]) -> int:
    source = data_map.sources[name]
    if source.kind != "s3" or not is_divisible(source):
        return 1
    extents = [extent_of(files) for files in source.collections.values() if files.prefix is not None]
    return shards_for(Extent(sum(each.objects for each in extents), sum(each.bytes for each in extents)))
