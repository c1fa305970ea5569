"""What a letter says of what was stopped: since when, for which purposes, to whom, and from when it is lifted."""

# serves: E-05, E-06, E-09, E-10

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.erasure_state import ErasureCertificate
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.permission import Stop, StopKind
from rightsdesk.domain.rectification import place_of
from rightsdesk.domain.use_stop import UseStop
from rightsdesk.domain.views import StoppedView

_GOES = frozenset({FieldAction.DELETE, FieldAction.ANONYMISE})
_SENTENCES = {StopKind.OBJECTED: "stopped.marketing", StopKind.WITHDRAWN: "stopped.withdrawn"}


def told_of_use(
    use: UseStop, data_map: DataMap, *, going_on: tuple[str, ...] | None, lifted_on: datetime, said: bool
) -> dict[str, Any]:
    """`done` where no member of staff had to do anything; `stopped`, a line each; `lifted`, where something is gone on
    with: for these purposes, or for all (None).
    """
    stopped = [line for stop in use.stops for line in _lines(stop, data_map, going_on)]
    told: dict[str, Any] = {"stopped": stopped}
    if use.restricts and not said:
        told["done"] = Phrase(name="stopped.decided", values={"stopped_on": use.stopped_at})
    if not use.restricts:
        sentence = next((_SENTENCES[stop.kind] for stop in use.stops if stop.kind in _SENTENCES), None)
        told |= {"done": Phrase(name=sentence, values={"stopped_on": use.stopped_at})} if sentence and not said else {}
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
        if decision.action in _GOES and decision.field not in kept and decision.field.rpartition(".")[0] in found
        if (place := place_of(data_map, decision.field)) is not None
    ]


def shown_use(use: UseStop, data_map: DataMap, zone: ZoneInfo) -> StoppedView:
    """What is stopped, for the person. What is gone on with is not: until its day, the day says so."""
    purposes = {name for stop in use.stops for name in stop.purposes} - set(use.going_on)
    handed = {name for stop in use.stops for name in stop.recipients}
    everything = any(stop.kind is StopKind.RESTRICTED and not stop.purposes for stop in use.stops)
    return StoppedView(
        purposes=tuple(purpose.label for name, purpose in data_map.purposes.items() if name in purposes),
        recipients=tuple(each.label for name, each in data_map.recipients.items() if name in handed),
        everything=everything,
        since=use.stopped_at.astimezone(zone).date(),
        provisional=use.provisional,
        lifted_on=use.lifted_at.astimezone(zone).date() if use.lifted_at else None,
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
