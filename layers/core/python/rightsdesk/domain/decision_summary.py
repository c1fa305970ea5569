"""The decisions of a request in the words of the data map: what goes, what loses its number, what staff leave and why.

A part is named by its collection and category where all of it shares one fate, else by its fields: no name stands in
two lists.
"""

# serves: E-04, E-06, E-15

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.fields import CATEGORY_LABELS, Category, Label


class RefusedPart(BaseModel):
    """What staff leave as it is, although it was to go: `ground` is a code of `law.refusal_grounds`."""

    model_config = ConfigDict(frozen=True)

    what: Label
    ground: str


class DecisionSummary(BaseModel):
    """For a letter: each part named once, in the order of the map."""

    model_config = ConfigDict(frozen=True)

    deleted: tuple[Label, ...]
    anonymised: tuple[Label, ...]
    refused: tuple[RefusedPart, ...]


class _Fate(NamedTuple):
    """What becomes of a field, as a letter tells it."""

    action: FieldAction
    ground: str | None = None


class _Told(NamedTuple):
    """A field, where it lies, and what becomes of it."""

    collection: Label
    category: Category
    field: Label
    fate: _Fate


def summarise(decisions: Iterable[FieldDecision], data_map: DataMap, grounds: Mapping[str, str]) -> DecisionSummary:
    """`grounds`: field -> ground on which staff left it.

    Fields that the map no longer has are passed over: it is as it was when the plan was made, or made again.
    """
    deleted, anonymised, refused = [], [], []
    for what, fate in _named(list(_told(decisions, data_map, grounds))):
        if fate.ground is not None:
            refused.append(RefusedPart(what=what, ground=fate.ground))
        elif fate.action is FieldAction.DELETE:
            deleted.append(what)
        elif fate.action is FieldAction.ANONYMISE:
            anonymised.append(what)
    return DecisionSummary(deleted=tuple(deleted), anonymised=tuple(anonymised), refused=tuple(refused))


def _told(decisions: Iterable[FieldDecision], data_map: DataMap, grounds: Mapping[str, str]) -> Iterator[_Told]:
    for decision in decisions:
        path, _, name = decision.field.rpartition(".")
        try:
            collection = data_map.collection(path)
            field = collection.fields[name]
        except KeyError:
            continue
        fate = _Fate(decision.action, ground=grounds.get(decision.field))
        yield _Told(collection.label, field.category, field.label, fate)


def _named(told: list[_Told]) -> Iterator[tuple[Label, _Fate]]:
    """Each part once. Collections of one name are one to the reader."""
    fates: dict[tuple[Label, Category], set[_Fate]] = {}
    for each in told:
        fates.setdefault((each.collection, each.category), set()).add(each.fate)
    whole: dict[tuple[Label, Category], _Fate] = {}
    by_field: dict[tuple[Label, _Fate], dict[Label, None]] = {}
    order: dict[tuple[Label, Category] | tuple[Label, _Fate], None] = {}
    for each in told:
        part = (each.collection, each.category)
        if len(fates[part]) == 1:
            whole[part] = each.fate
            order[part] = None
        else:
            by_field.setdefault((each.collection, each.fate), {})[each.field] = None
            order[(each.collection, each.fate)] = None
    for collection, other in order:
        if isinstance(other, _Fate):
            yield _fields_of(collection, tuple(by_field[(collection, other)])), other
        else:
            yield _category_of(collection, CATEGORY_LABELS[other]), whole[(collection, other)]


def _category_of(collection: Label, category: Label) -> Label:
    return Label(
        en=f"{collection.en} ({category.en[0].lower()}{category.en[1:]})", ja=f"{collection.ja}（{category.ja}）"
    )


def _fields_of(collection: Label, fields: tuple[Label, ...]) -> Label:
    return Label(
        en=f"{collection.en}: {', '.join(field.en for field in fields)}",
        ja=f"{collection.ja}：{'、'.join(field.ja for field in fields)}",
    )
