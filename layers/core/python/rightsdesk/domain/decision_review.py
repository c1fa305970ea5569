"""The review of an automated decision by a person (GDPR 22(3)): what is read for it, and what came of it."""

# serves: E-08

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.traversal import source_providers
from rightsdesk.domain.words_of_staff import words_of_staff

if TYPE_CHECKING:  # what is recorded is read where there is no map
    from rightsdesk.domain.automated_decisions import AutomatedDecision
    from rightsdesk.domain.datamap import DataMap

LONGEST_REASONS = 2000


class ReviewResult(StrEnum):
    """What came of it."""

    UPHELD = "upheld"
    CHANGED = "changed"
    NOT_AUTOMATED = "not_automated"  # a person had decided it
    NONE = "none"  # there is no such decision about this person


class DecisionReview(BaseModel):
    """What staff found, and who did. `decision` is a name of the register; None: there was none to look at."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    decision: str | None = None
    result: ReviewResult
    reasons: str  # for the letter
    by: str  # staff user id
    at: datetime


def decisions_meant(named: str | None, data_map: "DataMap") -> "dict[str, AutomatedDecision]":
    """Those that a person may mean: the one that they named, or all, where they don't know which."""
    known = data_map.automated_decisions
    return {named: known[named]} if named in known else dict(known)


def inputs_of(decisions: "Iterable[AutomatedDecision]") -> dict[str, tuple[str, ...]]:
    """Collection path -> the fields that went into these decisions."""
    found: dict[str, list[str]] = {}
    for decision in decisions:
        for path in decision.inputs:
            collection, _, field = path.partition(".")
            names = found.setdefault(collection, [])
            if field not in names:
                names.append(field)
    return {collection: tuple(names) for collection, names in found.items()}


def sources_needed(collections: Iterable[str], data_map: "DataMap") -> frozenset[str]:
    """The sources that hold these collections, and all that lead to them: no others are read for a review."""
    needed: set[str] = set()
    left = [path.partition("/")[0] for path in collections]
    while left:
        source = left.pop()
        if source not in needed:
            needed.add(source)
            left += source_providers(data_map, source)
    return frozenset(needed)


def checked_review(
    decision: str | None, result: ReviewResult, reasons: str, *, data_map: "DataMap", by: str, at: datetime
) -> DecisionReview:
    """Raises InvalidInputError: on `decision` for a name that the register does not have, or none where one was looked
    at; on `reasons`.
    """
    if decision is not None and decision not in data_map.automated_decisions:
        raise InvalidInputError.of("decision", "not_a_choice")
    if decision is None and result in (ReviewResult.UPHELD, ReviewResult.CHANGED):
        raise InvalidInputError.of("decision", "missing")
    words = words_of_staff("reasons", reasons, longest=LONGEST_REASONS)
    return DecisionReview(decision=decision, result=result, reasons=words, by=by, at=at)
