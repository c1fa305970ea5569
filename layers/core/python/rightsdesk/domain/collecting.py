"""How collecting stands, source by source: an item of the case for each, that staff see (abuse case 81)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class CollectionResult(BaseModel):
    """How the search of one collection went: numbers and names of fields, no values."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    rows: int
    flagged: int  # of them, rows about other people too
    bytes: int
    sha256: str
    as_of: datetime
    unmapped: dict[str, int] = Field(default_factory=dict)  # field -> rows that have it, not given
    withheld: dict[str, int] = Field(default_factory=dict)  # never disclosed: field -> rows that have it
    misfits: dict[str, int] = Field(default_factory=dict)  # field -> values that are not of its type, given as they are


class SourceResult(BaseModel):
    """How the search of one source went, collection by collection, in the order of the search."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    source: str
    collections: dict[str, CollectionResult]


class SourceState(BaseModel):
    """One source. `collections` are those that are finished, by name; `error` is a name, never a message."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    source: str
    status: Literal["collecting", "done", "failed"]
    at: datetime
    error: str | None = None
    collections: dict[str, CollectionResult] = {}


def missing_sources(planned: Iterable[str], states: dict[str, SourceState]) -> list[str]:
    """Those of the plan that are not done: while there is one, there is no answer."""
    return [name for name in planned if name not in states or states[name].status != "done"]


def held_rows(states: Iterable[SourceState]) -> dict[str, int]:
    """Collection path -> rows about other people too, for which staff must decide (GDPR 15(4))."""
    return {
        f"{state.source}/{name}": result.flagged
        for state in states
        for name, result in state.collections.items()
        if result.flagged
    }
