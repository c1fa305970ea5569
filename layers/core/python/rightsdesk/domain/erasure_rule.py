"""What becomes of one row when its person is erased: from what was decided about each field to the fate of the row.

A row goes whole where nothing in it has to stay; else only what may go is taken out of it (GDPR 17(1), 17(3), 5(1)(c)).
Fields that are empty say nothing, and keep no row.
"""

# serves: E-04, E-15

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pydantic import JsonValue

from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.erasing import RowChange, RowFate
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import RequestType

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Collection

Rule = Callable[[Record], RowChange]

_GOES = frozenset({FieldAction.DELETE, FieldAction.ANONYMISE})
_STAYS = frozenset({FieldAction.KEEP})
_EMPTY: tuple[JsonValue, ...] = (None, "", [], {})


def erasure_rule(collection: "Collection", decisions: Iterable[FieldDecision]) -> Rule:
    """The rule for the rows of one collection, from the decisions of a case as staff left them.

    To make a key anonymous is to take it out: what is left then leads to nobody. What is technical (keys of the table)
    goes with its row and never alone. Raises ValueError where a field of the map has no decision under erasure: a row
    is never judged by half a plan.
    """
    actions = {
        decision.field.rpartition(".")[2]: decision.action
        for decision in decisions
        if decision.type == RequestType.ERASURE and decision.field.rpartition(".")[0] == collection.path
    }
    undecided = collection.fields.keys() - actions.keys()
    if undecided:
        raise ValueError(f"{collection.path}: nothing is decided about {', '.join(sorted(undecided))}")
    goes = tuple(name for name in collection.fields if actions[name] in _GOES and name not in collection.technical)
    stays = tuple(name for name in collection.fields if actions[name] in _STAYS)

    def change(record: Record) -> RowChange:
        if not any(_says_something(record, name) for name in stays):
            return RowChange(fate=RowFate.DELETE)
        remove = tuple(name for name in goes if _says_something(record, name))
        return RowChange(fate=RowFate.REDUCE, remove=remove) if remove else RowChange(fate=RowFate.KEEP)

    return change


def _says_something(record: Record, name: str) -> bool:
    return record.get(name) not in _EMPTY
