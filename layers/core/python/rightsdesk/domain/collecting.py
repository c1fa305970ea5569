"""How collecting stands, source by source: an item of the case for each, that staff see (abuse case 81)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.disclosure import CollectionResult


class SourceState(BaseModel):
    """One source. `collections` are those that are finished, by name; `error` is a name, never a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
