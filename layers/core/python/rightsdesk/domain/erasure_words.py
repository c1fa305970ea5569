"""The plan of an erasure in the words of the data map: for the letters, the pages, and staff.

Only what was found is spoken of, and every part that stays is named with its law and its day: no letter says more than
is done (GDPR 12(1), 17(3)).
"""

# serves: E-04, E-14, E-15

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decision_summary import summarise
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.erasure_plan import ErasurePlan, KeptRows, Loss, SourceErasure
from rightsdesk.domain.erasure_state import ErasureCertificate
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.views import KeptView, LossView, PlanTold

_ON_GROUND = "kept.rows_on_ground"


@dataclass(frozen=True, slots=True)
class KeptSpan:
    """Rows that stay for one reason, each until a day from `first` to `until`; of one whose day is unknown, None."""

    retention: str
    ground: str | None
    rows: int
    first: date | None
    until: date | None


def spans(kept: Iterable[KeptRows]) -> tuple[KeptSpan, ...]:
    """One for each reason: the orders of five years end on five days, and a reader needs to be told once.

    Rows that a law keeps and staff on a ground, too, are in both spans: neither reason takes the place of the other.
    """
    found: dict[tuple[str, str | None, bool], KeptSpan] = {}
    for each in kept:
        for why in (each.then, each) if each.then else (each,):
            reason = (why.retention, why.ground, why.until is None)
            before = found.get(reason, KeptSpan(why.retention, why.ground, 0, why.until, why.until))
            found[reason] = KeptSpan(
                retention=why.retention,
                ground=why.ground,
                rows=before.rows + each.rows,
                first=why.until and min(why.until, before.first or why.until),
                until=why.until and max(why.until, before.until or why.until),
            )
    return tuple(found.values())


def told_of_plan(
    plan: ErasurePlan,
    decisions: Iterable[FieldDecision],
    data_map: DataMap,
    grounds: Mapping[str, str],
    laws: Sequence[str],
) -> dict[str, Any]:
    """For a letter: `deleted`, `anonymised` and `kept` parts, and `losses`, each named once.

    `laws` are those of the case: what stays is named by laws that hold for the person.

    A row that goes whole takes its fields along, whatever each of them would have been by itself; so what is said of
    fields is said of the collections in which rows stay.
    """
    found = {part.collection: part for part in plan.collections if part.rows}
    whole = [path for path, part in found.items() if not part.anonymise and not part.keep]
    summary = summarise(_of_rows_that_stay(decisions, set(found) - set(whole), data_map), data_map, grounds)
    return {
        "deleted": [*(data_map.collection(path).label for path in whole), *summary.deleted],
        "anonymised": [*_unlinked(plan, data_map), *summary.anonymised],
        "kept": list(_kept(plan, data_map, laws)),
        "losses": [loss_told(loss, data_map) for loss in plan.losses],
    }


def _of_rows_that_stay(
    decisions: Iterable[FieldDecision], paths: Container[str], data_map: DataMap
) -> Iterator[FieldDecision]:
    """Without the column by which such a row is found again when its time has passed: it stays as long as the row."""
    for decision in decisions:
        path, _, name = decision.field.rpartition(".")
        if path in paths and name != data_map.collection(path).binding:
            yield decision


def shown_plan(
    plan: ErasurePlan,
    decisions: Iterable[FieldDecision],
    data_map: DataMap,
    grounds: Mapping[str, str],
    laws: Sequence[str],
) -> PlanTold:
    """For the pages and the API of the person: what the letter says."""
    told = told_of_plan(plan, decisions, data_map, grounds, laws)
    return PlanTold(
        deleted=told["deleted"],
        anonymised=told["anonymised"],
        kept=tuple(
            kept_shown(part.collection, kept, data_map, grounds, laws)
            for part in plan.collections
            for kept in spans(part.kept)
        ),
        losses=tuple(loss_shown(loss, data_map) for loss in plan.losses),
    )


def loss_shown(loss: Loss, data_map: DataMap) -> LossView:
    """The same as `loss_told`, in facts."""
    return LossView(what=_lost(loss, data_map), count=loss.count, amount=loss.amount)


def kept_shown(
    path: str, kept: KeptSpan, data_map: DataMap, grounds: Mapping[str, str], laws: Sequence[str]
) -> KeptView:
    """The same as `kept_told`, in facts. `grounds`: field -> ground on which staff leave it."""
    what = data_map.collection(path).label
    if kept.ground is not None:
        fields = data_map.collection(path).fields
        held = (field.label for name, field in fields.items() if grounds.get(f"{path}.{name}") == kept.ground)
        return KeptView(what=what, rows=kept.rows, ground=kept.ground, fields=tuple(held))
    retention = data_map.retention[kept.retention]
    law = retention.law_for(laws) or retention.label
    return KeptView(what=what, rows=kept.rows, law=law, first=kept.first, until=kept.until)


def told_of_erasure(
    certificate: ErasureCertificate,
    plan: ErasurePlan,
    states: Iterable[SourceErasure],
    decisions: Iterable[FieldDecision],
    data_map: DataMap,
    grounds: Mapping[str, str],
    laws: Sequence[str],
) -> dict[str, Any]:
    """For the answer: the same, of what was done over all rounds; `kept` is what the last plan left, until its day."""
    last = {part.collection: part for part in plan.collections}
    unlinked = {path: result.unlinked for state in states for path, result in state.done.items()}
    done = tuple(
        last[part.collection].model_copy(
            update={
                "delete": part.deleted,
                "anonymise": part.anonymised,
                "keep": part.kept,
                "unlinked": unlinked.get(part.collection, 0),
            }
        )
        for part in certificate.collections
        if part.collection in last
    )
    told = told_of_plan(plan.model_copy(update={"collections": done}), decisions, data_map, grounds, laws)
    del told["losses"]
    told["kept"] = [line for line in told["kept"] if line.name != _ON_GROUND]  # a refusal in part says these itself
    account = data_map.identity.path
    gone = any(part.deleted for part in certificate.collections if part.collection == account)
    return told | {"account_deleted": gone}


def loss_told(loss: Loss, data_map: DataMap) -> Phrase:
    """What a person loses: how many of it, or how much."""
    what = _lost(loss, data_map)
    if loss.amount is not None:
        return Phrase(name="loss.amount", values={"what": what, "amount": loss.amount})
    return Phrase(name="loss.count", values={"what": what, "count": loss.count})


def kept_told(path: str, kept: KeptSpan, data_map: DataMap, laws: Sequence[str]) -> Phrase:
    """Rows that stay: what they are, under which law or rule of ours, and until when."""
    what = data_map.collection(path).label
    if kept.ground is not None:
        return Phrase(
            name=_ON_GROUND,
            values={"what": what, "rows": kept.rows, "ground": Phrase(name=f"ground.{kept.ground}")},
        )
    retention = data_map.retention[kept.retention]
    values = {"what": what, "rows": kept.rows, "law": retention.law_for(laws) or retention.label}
    if kept.until is None:
        return Phrase(name="kept.rows_without_day", values=values)
    if kept.first == kept.until:
        return Phrase(name="kept.rows", values=values | {"until": kept.until})
    return Phrase(name="kept.rows_until_days", values=values | {"first": kept.first, "until": kept.until})


def _lost(loss: Loss, data_map: DataMap) -> Label:
    return data_map.collection(loss.collection).losses[loss.index].label


def _unlinked(plan: ErasurePlan, data_map: DataMap) -> Iterator[Label]:
    """Collections of which rows stay without the number by which the person was found. A guest's never had one."""
    for part in plan.collections:
        if part.unlinked:
            yield data_map.collection(part.collection).label


def _kept(plan: ErasurePlan, data_map: DataMap, laws: Sequence[str]) -> Iterator[Phrase]:
    for part in plan.collections:
        for kept in spans(part.kept):
            yield kept_told(part.collection, kept, data_map, laws)
