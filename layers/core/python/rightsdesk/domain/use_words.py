"""What a letter says of what was stopped: since when, for which purposes, to whom, and from when it is lifted."""

# serves: E-05, E-06, E-09, E-10

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.erasure_state import ErasureCertificate
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.permission import Stop, StopKind
from rightsdesk.domain.rectification import place_of
from rightsdesk.domain.use_stop import UseStop, stopped_for_good
from rightsdesk.domain.views import StoppedView


def told_of_use(
    use: UseStop, data_map: DataMap, *, going_on: tuple[str, ...] | None, lifted_on: datetime, said: bool
) -> dict[str, Any]:
    """`done` where no member of staff had to do anything; `stopped`, a line each; `lifted`, where something is gone on
    with: for these purposes, or for all (None).
    """
    stopped = [line for stop in use.stops for line in _lines(stop, data_map, going_on)]
    told: dict[str, Any] = {"stopped": stopped}
    if use.restricts and not said:
        decided = "stopped.in_part" if going_on else "stopped.decided"
        told["done"] = Phrase(name=decided, values={"stopped_on": use.stopped_at})
    if not use.restricts:
        for_good = stopped_for_good(use)
        told |= {"done": for_good} if for_good and not said else {}
    elif going_on is None or going_on:
        told["lifted"] = Phrase(name="lifting.answered", values={"lifted_on": lifted_on})
    return told


def taken_out(
    certificate: ErasureCertificate, decisions: Iterable[FieldDecision], data_map: DataMap, kept: Container[str]
) -> list[Phrase]:
    """The fields that went, of collections in which something was found: nothing was left to hold them."""
    found = {part.collection for part in certificate.collections if part.deleted or part.anonymised}
    return [
        Phrase(name="withheld.field", values={"field": place.field.label, "collection": place.collection.label})
        for decision in decisions
        if decision.action.goes and decision.field not in kept and decision.field.rpartition(".")[0] in found
        if (place := place_of(data_map, decision.field)) is not None
    ]


def shown_use(use: UseStop, data_map: DataMap, zone: ZoneInfo, *, now: datetime) -> StoppedView:
    """What is stopped, for the person. Of what has ended only the day is shown."""
    lifting = use.lifted_at is not None
    ends = [stop for stop in use.stops if stop.provisional and lifting and not use.going_on]
    holding = [stop for stop in use.stops if stop not in ends]
    weighed = {name for stop in holding if use.provisional and stop.provisional for name in stop.purposes}
    staying = {name for stop in holding for name in stop.purposes} - weighed - set(use.going_on)
    over = use.lifted_at is not None and now >= use.lifted_at
    lifted_on = use.lifted_at.astimezone(zone).date() if use.lifted_at else None
    ending = set() if over else {name for stop in ends for name in stop.purposes} | set(use.going_on)
    shown = holding if over else [*holding, *ends]
    handed = {name for stop in shown for name in stop.recipients}

    def labels(names: Container[str]) -> tuple[Label, ...]:
        return tuple(purpose.label for name, purpose in data_map.purposes.items() if name in names)

    return StoppedView(
        purposes=labels(staying),
        meanwhile=labels(weighed),
        recipients=tuple(each.label for name, each in data_map.recipients.items() if name in handed),
        needed_goes_on=any(stop.recipients and stop.except_purposes for stop in shown),
        everything=any(stop.kind is StopKind.RESTRICTED and not stop.purposes for stop in shown),
        since=use.stopped_at.astimezone(zone).date(),
        provisional=use.provisional,
        ending=labels(ending),
        lifted_on=lifted_on if not over else None,
        ended_on=lifted_on if over else None,
    )


def _lines(stop: Stop, data_map: DataMap, going_on: tuple[str, ...] | None) -> list[Label | Phrase]:
    """What stays stopped of it. Of everything at once there is no list: the letter says so."""
    if stop.provisional and going_on is None:
        return []
    ended = (going_on or ()) if stop.provisional else ()
    purposes = [p for p in stop.purposes if p in data_map.purposes and p not in ended]
    recipients = [data_map.recipients[name].label for name in stop.recipients if name in data_map.recipients]
    handed = [Phrase(name="stopped.recipient", values={"recipient": label}) for label in recipients]
    return [*(data_map.purposes[purpose].label for purpose in purposes), *handed]
