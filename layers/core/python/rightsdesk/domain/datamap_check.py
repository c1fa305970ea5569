"""What can be wrong in a data map beyond the form of each entry: names that point nowhere, ways that lead nowhere."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rightsdesk.domain import traversal
from rightsdesk.domain.fields import FieldType
from rightsdesk.domain.record_values import DAYS, NUMBERS

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Collection, DataMap
    from rightsdesk.domain.fields import DataField

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """Where in the file (`("sources", "shop", "collections")`), and what is wrong there."""

    path: Path
    message: str


class DataMapProblems(ValueError):  # noqa: N818 - carries them all; the error that leaves is MerchantFileError
    """All that is wrong, so that a merchant mends a file once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{'.'.join(map(str, p.path))}: {p.message}" for p in problems))


def problems(data_map: "DataMap") -> list[Problem]:
    """Everything wrong with a map whose entries each have the right form. Empty: it can be used."""
    found = [*_collections(data_map), *_recipients(data_map), *_automated_decisions(data_map)]
    if not data_map.verifiable:
        found.append(Problem(("identifiers",), "no identifier is `verifiable`: no search could start"))
    found += _orders(data_map)
    if not found:  # only a map whose names all mean something can be walked
        found += _ways(data_map)
    return found


def place(collection: "Collection") -> Path:
    return ("sources", collection.source, "collections", collection.name)


def _collections(data_map: "DataMap") -> Iterator[Problem]:
    identity = [collection for collection in data_map.collections if collection.identity]
    if not identity:
        yield Problem(("sources",), "no collection has `identity: true`: nobody could be recognised as a member")
    for extra in identity[1:]:
        yield Problem((*place(extra), "identity"), f"{identity[0].path} says already who is a member")
    names: dict[str, str] = {}
    for collection in data_map.collections:
        if collection.name in names:
            yield Problem(place(collection), f"the name is taken by {names[collection.name]}: files are named by it")
        names.setdefault(collection.name, collection.path)
        yield from _references(data_map, collection)
        yield from _fields(collection)
        yield from _dates(data_map, collection)
        yield from _losses(collection)
        yield from _corrections(data_map, collection)


def _recipients(data_map: "DataMap") -> Iterator[Problem]:
    for name, recipient in data_map.recipients.items():
        for identifier in recipient.knows:
            if identifier not in data_map.identifiers:
                yield Problem(("recipients", name, "knows"), f"unknown identifier {identifier}")


def _automated_decisions(data_map: "DataMap") -> Iterator[Problem]:
    fields = {f"{collection.path}.{name}" for collection in data_map.collections for name in collection.fields}
    for name, decision in data_map.automated_decisions.items():
        at = ("automated_decisions", name)
        for position, path in enumerate(decision.inputs):
            if path not in fields:
                yield Problem((*at, "inputs", position), f"unknown field {path}")
            elif path in decision.inputs[:position]:
                yield Problem((*at, "inputs", position), f"{path} stands there twice")
        if decision.recipient is not None and decision.recipient not in data_map.recipients:
            yield Problem((*at, "recipient"), f"unknown recipient {decision.recipient}")


def _references(data_map: "DataMap", collection: "Collection") -> Iterator[Problem]:
    for identifier in collection.searched_by:
        if identifier not in data_map.identifiers:
            yield Problem(place(collection), f"unknown identifier {identifier}")
    for name, field in collection.fields.items():
        here = (*place(collection), "fields", name)
        for purpose in field.purposes:
            if purpose not in data_map.purposes:
                yield Problem((*here, "purposes"), f"unknown purpose {purpose}")
        for recipient in field.recipients:
            if recipient not in data_map.recipients:
                yield Problem((*here, "recipients"), f"unknown recipient {recipient}")
        if field.retention not in data_map.retention:
            yield Problem((*here, "retention"), f"unknown retention {field.retention}")
        if field.identifies and field.identifies not in data_map.identifiers:
            yield Problem((*here, "identifies"), f"unknown identifier {field.identifies}")


def _fields(collection: "Collection") -> Iterator[Problem]:
    here = place(collection)
    for name in collection.technical:
        if name in collection.fields:
            yield Problem((*here, "technical"), f"{name} is described under `fields` as well")
    roles = Counter(field.role for field in collection.fields.values() if field.role)
    terms = Counter(field.schema_org for field in collection.fields.values() if field.schema_org)
    for name, field in collection.fields.items():
        at = (*here, "fields", name)
        if field.type is FieldType.LIST and field.role:
            yield Problem((*at, "type"), "a list can't be compared with what somebody typed")
        if field.identifies and not field.disclosed:
            yield Problem(at, "a field that identifies can't be withheld: it is read back from what was collected")
        if field.identifies and field.type not in (None, FieldType.TEXT, FieldType.LIST):
            yield Problem((*at, "type"), "a field that identifies is text: it must be found again as it was written")
        if field.role and roles[field.role] > 1:
            yield Problem((*at, "role"), f"more than one field is the {field.role}")
        if field.role == "mailbox_changed_at" and not collection.identity:
            yield Problem((*at, "role"), "only the identity collection knows when the mailbox changed")
        if field.schema_org and not collection.schema_org:
            yield Problem((*at, "schema_org"), "the collection names no `schema_org` type")
        if field.schema_org and terms[field.schema_org] > 1:
            yield Problem((*at, "schema_org"), f"more than one field is {field.schema_org}")


def _dates(data_map: "DataMap", collection: "Collection") -> Iterator[Problem]:
    used = [
        data_map.retention[each.retention]
        for each in collection.fields.values()
        if each.retention in data_map.retention
    ]
    events = {retention.start for retention in used}
    for event, name in collection.dated_by.items():
        at = (*place(collection), "dated_by", event)
        if event not in events:
            yield Problem(at, f"no retention of this collection starts `from: {event}`")
        yield from _typed(collection, name, DAYS, "a day", at)


def _losses(collection: "Collection") -> Iterator[Problem]:
    for position, loss in enumerate(collection.losses):
        at = (*place(collection), "losses", position)
        if loss.total is not None:
            yield from _typed(collection, loss.total, frozenset({FieldType.INTEGER}), "a whole number", (*at, "sum"))
        if loss.when is None:
            continue
        if loss.when.not_past:
            yield from _typed(collection, loss.when.field, DAYS, "a day", (*at, "when"))
        elif loss.when.above is not None:
            yield from _typed(collection, loss.when.field, NUMBERS, "a number", (*at, "when"))
        elif loss.when.field not in collection.fields:
            yield Problem((*at, "when"), f"unknown field {loss.when.field}")


def _typed(collection: "Collection", name: str, kinds: frozenset[FieldType], said: str, at: Path) -> Iterator[Problem]:
    if name not in collection.fields:
        yield Problem(at, f"unknown field {name}")
    elif collection.fields[name].type not in kinds:
        yield Problem(at, f"{name} is not {said}: its `type` is {' or '.join(sorted(kinds))}")


def _corrections(data_map: "DataMap", collection: "Collection") -> Iterator[Problem]:
    """What is corrected together holds the same thing, and nobody is given the key of another (GDPR 16)."""
    for name, field in collection.fields.items():
        at = (*place(collection), "fields", name)
        if field.corrected_by in ("subject", "staff"):
            if collection.is_key(name):
                yield Problem((*at, "corrected_by"), "a record is found by it: with another value it would be another")
            if field.identifies and field.identifies not in data_map.verifiable:
                yield Problem((*at, "corrected_by"), "a key to a person is corrected only where it can be verified")
        if field.same_as:
            yield from _same(data_map, f"{collection.path}.{name}", field, (*at, "same_as"))
        note = collection.fields.get(field.disputed_in or "")
        takes_a_note = note is not None and note.corrector == "subject" and note.type in (None, FieldType.TEXT)
        if field.disputed_in and not takes_a_note:
            yield Problem((*at, "disputed_in"), "it names no field of this collection that takes a text of the person")


def _same(data_map: "DataMap", path: str, field: "DataField", at: Path) -> Iterator[Problem]:
    there, _, name = (field.same_as or "").partition(".")
    found = {collection.path: collection.fields.get(name) for collection in data_map.collections}
    other = found.get(there)
    if other is None or field.same_as == path:
        yield Problem(at, f"unknown field {field.same_as}")
    elif other.same_as:
        yield Problem(at, f"{field.same_as} is itself the same as another: name that one")
    elif other.type is not field.type:
        yield Problem(at, f"{field.same_as} has another `type`")


def _orders(data_map: "DataMap") -> Iterator[Problem]:
    """Where order numbers prove who somebody is, an order can be looked up by its number, and shows whose it is."""
    for collection in data_map.collections:
        number, postcode = collection.field_with_role("order_number"), collection.field_with_role("postcode")
        if (number is None) != (postcode is None):
            yield Problem(place(collection), "the roles `order_number` and `postcode` go together")
        if number is None or postcode is None:
            continue
        kind = collection.identifying.get(number)
        ways = getattr(collection, "find_by", ())
        if kind is None or not any(way.identifier == kind for way in ways):
            yield Problem(place(collection), f"no way in `find_by` opens an order by {number}: it can't be checked")
        if not any(way.template == "{value}" for way in ways if way.identifier != kind):
            yield Problem(place(collection), "an order does not show whose it is: no key in `find_by` is a plain value")


def _ways(data_map: "DataMap") -> Iterator[Problem]:
    identity = data_map.identity
    if not data_map.verifiable.intersection(identity.searched_by):
        yield Problem(place(identity), "the identity collection is found by no identifier that can be verified")
    reached = {collection.path for collection in traversal.reachable(data_map, data_map.verifiable)}
    known = set(data_map.verifiable).union(
        *(collection.identifying.values() for collection in data_map.collections if collection.path in reached)
    )
    for collection in data_map.collections:
        if collection.path not in reached:
            names = ", ".join(collection.searched_by)
            yield Problem(place(collection), f"can't be reached: no search comes to know {names}")
        elif missing := [name for name in collection.searched_by if name not in known]:
            yield Problem(place(collection), f"no search comes to know {', '.join(missing)}")
    try:
        traversal.waves(data_map, data_map.verifiable)
    except traversal.CircularSourcesError as error:
        yield Problem(("sources",), str(error))
