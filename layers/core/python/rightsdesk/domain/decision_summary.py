"""The decisions of an erasure in the words of the data map: what goes, what is anonymised, what is kept and why."""

# serves: E-04, E-15

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.fields import CATEGORY_LABELS, Label


class KeptPart(BaseModel):
    """What has to stay, under which law, until when; `law` is None where it is our own rule."""

    model_config = ConfigDict(frozen=True)

    what: Label
    law: Label | None
    until: Label


class DecisionSummary(BaseModel):
    """For a letter: each part named once, in the order of the map."""

    model_config = ConfigDict(frozen=True)

    deleted: tuple[Label, ...]
    anonymised: tuple[Label, ...]
    kept: tuple[KeptPart, ...]


def summarise(decisions: Iterable[FieldDecision], data_map: DataMap) -> DecisionSummary:
    """Fields that the map no longer has are passed over: it is as it was when the plan was made, or made again."""
    deleted: dict[Label, None] = {}
    anonymised: dict[Label, None] = {}
    kept: dict[KeptPart, None] = {}
    for decision in decisions:
        path, _, name = decision.field.rpartition(".")
        try:
            collection = data_map.collection(path)
            field = collection.fields[name]
        except KeyError:
            continue
        what = _named(collection.label, CATEGORY_LABELS[field.category])
        if decision.action is FieldAction.DELETE:
            deleted[what] = None
        elif decision.action is FieldAction.ANONYMISE:
            anonymised[what] = None
        elif decision.action is FieldAction.KEEP:
            retention = data_map.retention[field.retention]
            kept[KeptPart(what=what, law=retention.law, until=retention.label)] = None
    return DecisionSummary(deleted=tuple(deleted), anonymised=tuple(anonymised), kept=tuple(kept))


def _named(collection: Label, category: Label) -> Label:
    return Label(
        en=f"{collection.en} ({category.en[0].lower()}{category.en[1:]})", ja=f"{collection.ja}（{category.ja}）"
    )
