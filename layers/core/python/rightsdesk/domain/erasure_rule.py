"""What becomes of one row when its person is erased: from what was decided about each field to the fate of the row.

A row goes whole where nothing in it has to stay; else only what may go is taken out of it (GDPR 17(1), 17(3), 5(1)(c)).
Fields that are empty say nothing, and keep no row; nor do those whose time has passed.
"""

# serves: E-04, E-15

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from pydantic import JsonValue

from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.erasing import Kept, RowChange, RowFate
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import RequestType

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Collection

Rule = Callable[[Record], RowChange]
KeptWhy = Callable[[Record], Kept | None]
"""Why a record stays, and until when. None: that time has passed."""
Keeping = Callable[["Collection", FieldDecision], KeptWhy]
"""For a field that stays. Fields of one collection that stay for the same reason get the same function."""

_STAYS = frozenset({FieldAction.KEEP})
_EMPTY: tuple[JsonValue, ...] = (None, "", [], {})


def erasure_rule(
    collection: "Collection",
    decisions: Iterable[FieldDecision],
    keeping: Keeping,
    kind: RequestType = RequestType.ERASURE,
) -> Rule:
    """The rule for the rows of one collection, from the decisions of a case about this right, as staff left them.

    To anonymise a key is to take it out; what is left may yet be joined by a number that it holds. What is technical
    goes with its row and never alone, but for the keys of an index that only lead to the row from its person (GDPR
    5(1)(c)). In a file the column that says whose a row is stays with a row that stays, for without it the row could
    never be erased. By any other right than erasure fields go, and the person stays to be found.

    Raises ValueError where a field of the map has no decision: a row is never judged by half a plan.
    """
    decided = {
        decision.field.rpartition(".")[2]: decision
        for decision in decisions
        if decision.type == kind and decision.field.rpartition(".")[0] == collection.path
    }
    undecided = collection.fields.keys() - decided.keys()
    if undecided:
        raise ValueError(f"{collection.path}: nothing is decided about {', '.join(sorted(undecided))}")
    reasons = {name: keeping(collection, decided[name]) for name in collection.fields if decided[name].action in _STAYS}
    # What may go at all; what stays for now does once its time has passed.
    goes = tuple(
        name
        for name in collection.fields
        if (name in reasons or decided[name].action.goes) and name != collection.binding
    )

    links = collection.links if kind is RequestType.ERASURE else ()

    def change(record: Record) -> RowChange:
        stays = {name: why for name, why in reasons.items() if _says_something(record, name)}
        because = {why: why(record) for why in dict.fromkeys(stays.values())}
        kept = [each for each in because.values() if each is not None]
        if not kept:
            return RowChange(fate=RowFate.DELETE)
        remove = tuple(
            name
            for name in (*goes, *links)
            if _says_something(record, name) and (name not in stays or because[stays[name]] is None)
        )
        return RowChange(fate=RowFate.REDUCE if remove else RowFate.KEEP, remove=remove, kept=_longest(kept))

    return change


def _longest(kept: list[Kept]) -> Kept:
    """What holds longest. A ground has no day; what a law keeps stays where the ground is gone, so that is told too."""
    by_law = max((each for each in kept if each.ground is None), key=lambda each: each.until or date.max, default=None)
    held = next((each for each in kept if each.ground is not None), None)
    if held is None:
        return by_law or kept[0]
    return held.model_copy(update={"then": by_law}) if by_law else held


def _says_something(record: Record, name: str) -> bool:
    return record.get(name) not in _EMPTY
