"""Who has to be told of what was done, and about which of the fields that they were given (GDPR 19, APPI 34, 35).

    correction                          who was given a field that was written
    erasure                             who was given a field that went: of rows that went whole, all of them
    restriction, objection, withdrawal, stop of provision
                                        who was given a field for a purpose that is stopped, and is not left out of it

Nobody else is told: what a recipient never had is not its business. A field that staff kept as it is, is none that was
changed.

A restriction holds from the moment of the code on, so they hear of it then, and not only once it is decided (GDPR 19).
"""

# serves: E-03, E-04, E-05, E-06, E-09, E-10, P-04, P-10, T-2

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.recipient_notice import NoticeAction
from rightsdesk.domain.rectification import place_of
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.law.stopping import going_on_with

_ACTIONS: dict[RequestType, NoticeAction] = {
    RequestType.RECTIFICATION: "correct",
    RequestType.ERASURE: "erase",
    RequestType.RESTRICTION: "restrict",
    RequestType.OBJECTION: "stop_use",
    RequestType.CONSENT_WITHDRAWAL: "stop_use",
    RequestType.STOP_PROVISION: "stop_use",
}


class Telling(BaseModel):
    """What whom is to be told: recipient -> the fields that it had, in the order of the map.

    `purposes`: recipient -> for what it must not use them any more; of one that is not here, for nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    action: NoticeAction
    fields: dict[str, tuple[str, ...]]
    purposes: dict[str, tuple[str, ...]] = {}

    def of(self, recipient: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Its fields, and for what it must not use them any more."""
        return self.fields.get(recipient, ()), self.purposes.get(recipient, ())

    def only(self, recipients: Iterable[str]) -> "Telling":
        """What of it concerns these."""
        chosen = frozenset(recipients)
        return self.model_copy(
            update={"fields": {name: fields for name, fields in self.fields.items() if name in chosen}}
        )


def to_be_told_meanwhile(case: PrivacyRequest, data_map: DataMap) -> Telling | None:
    """What is stopped from the code on: while it is looked into, or for good. None: nothing is."""
    if case.use is None:
        return None
    action = _ACTIONS[case.types[0]]
    return _of_use("restrict" if action == "correct" else action, case, data_map)


def stays_stopped(case: PrivacyRequest, data_map: DataMap) -> Telling | None:
    """What of that no decision ends: advertising, or a consent (GDPR 21(3), 7(3))."""
    if case.use is None:
        return None
    for_good = tuple(stop for stop in case.use.stops if not stop.provisional)
    return to_be_told_meanwhile(
        case.model_copy(update={"use": case.use.model_copy(update={"stops": for_good})}), data_map
    )


def to_be_told(case: PrivacyRequest, data_map: DataMap, decisions: Iterable[FieldDecision]) -> Telling | None:
    """What follows from a case that was carried out; None for a right of which nobody else hears."""
    action = _ACTIONS.get(case.types[0])
    if action is None or case.is_refused:
        return None
    if action == "correct":
        return _telling(action, data_map, _given(data_map, _corrected(case)))
    if action == "erase":
        return _telling(action, data_map, _given(data_map, _erased(case, data_map, decisions)))
    return _of_use(action, case, data_map)


def _of_use(action: NoticeAction, case: PrivacyRequest, data_map: DataMap) -> Telling:
    telling = _telling(action, data_map, _stopped(case, data_map))
    purposes = {name: _purposes_stopped(case, data_map, name) for name in telling.fields}
    return telling.model_copy(update={"purposes": {name: named for name, named in purposes.items() if named}})


def _telling(action: NoticeAction, data_map: DataMap, given: Iterable[tuple[str, str]]) -> Telling:
    found: dict[str, list[str]] = defaultdict(list)
    for recipient, path in given:
        found[recipient].append(path)
    return Telling(action=action, fields={name: tuple(found[name]) for name in data_map.recipients if name in found})


def _given(data_map: DataMap, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    for path in dict.fromkeys(paths):
        place = place_of(data_map, path)
        for recipient in place.field.recipients if place else ():
            yield recipient, path


def _corrected(case: PrivacyRequest) -> Iterator[str]:
    """What the desk wrote; where staff did it by hand, what they had stated before."""
    state = case.rectification
    if state is None:
        return
    if case.corrects:
        yield from (f"{path}.{name}" for path, part in state.done.items() for name in part.fields)
    else:
        yield from state.fields


def _erased(case: PrivacyRequest, data_map: DataMap, decisions: Iterable[FieldDecision]) -> Iterator[str]:
    certificate = case.erasure.certificate if case.erasure else None
    done = {part.collection: part for part in certificate.collections} if certificate else {}
    goes = {each.field for each in decisions if each.action.goes and each.field not in case.kept}
    for collection in data_map.collections:
        part = done.get(collection.path)
        if part is None:
            continue
        for path in _paths(collection):
            if part.deleted or (part.anonymised and path in goes):
                yield path


def _stopped(case: PrivacyRequest, data_map: DataMap) -> Iterator[tuple[str, str]]:
    stays = () if RequestType.OBJECTION in case.types else case.kept  # of an objection the purposes say what goes on
    for collection in data_map.collections:
        for name, field in collection.fields.items():
            path = f"{collection.path}.{name}"
            for recipient in () if path in stays else field.recipients:
                if any(_is_stopped(case, purpose, recipient) for purpose in field.purposes):
                    yield recipient, path


def _is_stopped(case: PrivacyRequest, purpose: str, recipient: str) -> bool:
    """What goes on, on grounds of ours, is no news to them."""
    if case.use is None or purpose in (going_on_with(case, case.use) or ()):
        return False
    return any(stop.is_about(purpose, recipient) for stop in case.use.stops)


def _purposes_stopped(case: PrivacyRequest, data_map: DataMap, recipient: str) -> tuple[str, ...]:
    """Of all for which it has anything; () where none is left."""
    had = {
        purpose
        for collection in data_map.collections
        for field in collection.fields.values()
        for purpose in (field.purposes if recipient in field.recipients else ())
    }
    stopped = [purpose for purpose in data_map.purposes if purpose in had]
    stopped = [purpose for purpose in stopped if _is_stopped(case, purpose, recipient)]
    return tuple(stopped) if len(stopped) < len(had) else ()


def _paths(collection: Collection) -> Iterator[str]:
    return (f"{collection.path}.{name}" for name in collection.fields)
