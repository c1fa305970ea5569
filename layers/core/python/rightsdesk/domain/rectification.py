"""What may be corrected, where, and how a row that holds it is told (GDPR 16, APPI 34).

Who may change a field, its type and its form are the data map's to say; `same_as` there names the field that holds the
same thing, so that one correction reaches every source. A row is written only where it holds the old value, whoever it
is found by. A conclusion about a person is never overwritten: what they say against it is recorded beside it.

An e-mail address is a key to a person, and is corrected all the same, for nobody keeps one for ever: facts have to
prove who asks, the OLD address is told, and the day of the change is set, from which more is asked for 30 days (abuse
case 13). Any other key, a member number, is nobody's to correct: the records of two people would run together.
"""

# serves: E-03

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.correction import MOST_CORRECTIONS, Correction, Dispute, Rectification, Value
from rightsdesk.domain.datamap import Collection, DataMap, TableCollection
from rightsdesk.domain.erasing import RowChange, RowFate
from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.field_values import reading_of
from rightsdesk.domain.fields import Category, DataField, FieldFormat, FieldType, Origin
from rightsdesk.domain.new_values import has_controls, misfit, tidied
from rightsdesk.domain.records import Record
from rightsdesk.domain.traversal import providers
from rightsdesk.domain.words_of_staff import says_something

_EMPTY: tuple[JsonValue, ...] = (None, "")
_BY_TYPE = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN})
_NOT_ONE_VALUE = frozenset({FieldType.OBJECT, FieldType.LIST})
_LONGEST_EVIDENCE = 2000


class Place(NamedTuple):
    """One field of one collection."""

    collection: Collection
    name: str

    @property
    def field(self) -> DataField:
        return self.collection.fields[self.name]

    @property
    def path(self) -> str:
        return f"{self.collection.path}.{self.name}"


class _Written(NamedTuple):
    """What one correction, or one dispute, writes in rows of one collection."""

    said: str  # `corrections.0`, `disputed.0`
    name: str  # the attribute that is written
    new: JsonValue
    applies: Callable[[Record], bool]


def place_of(data_map: DataMap, path: str) -> Place | None:
    """By `shop/members.phone`; None where the map has no such field."""
    collection_path, _, name = path.partition(".")
    try:
        collection = data_map.collection(collection_path)
    except KeyError:
        return None
    return Place(collection, name) if name in collection.fields else None


def same_places(data_map: DataMap, place: Place) -> tuple[Place, ...]:
    """Every field that holds the same thing, this one first."""
    head = place.field.same_as or place.path
    others = [
        Place(collection, name)
        for collection in data_map.collections
        for name, field in collection.fields.items()
        if f"{collection.path}.{name}" == head or field.same_as == head
    ]
    return (place, *(other for other in others if other.path != place.path))


def places_of(data_map: DataMap, place: Place, correction: Correction) -> tuple[Place, ...]:
    """Every field that this correction of `place` may write, that one first."""
    # What is missing here is completed here: elsewhere it may be missing for a reason. And which rows are meant is
    # known of this collection only.
    return (place,) if correction.old is None or correction.where else same_places(data_map, place)


def checked(
    data_map: DataMap, corrections: Iterable[Correction], disputes: Iterable[Dispute]
) -> tuple[tuple[Correction, ...], tuple[Dispute, ...]]:
    """As they are to be carried out: texts tidied, addresses in their canonical form.

    Raises InvalidInputError, which names places (`corrections.0.new`) and never a value.
    """
    given, disputed = tuple(corrections), tuple(disputes)
    problems = []
    if not given and not disputed:
        problems.append(FieldProblem("corrections", "missing"))
    if len(given) + len(disputed) > MOST_CORRECTIONS:
        problems.append(FieldProblem("corrections", "too_many"))
    tidy = tuple(_tidy(data_map, correction) for correction in given)
    disputed = tuple(each.model_copy(update={"note": " ".join(each.note.split())}) for each in disputed)  # one line
    said: dict[str, list[Correction]] = {}
    for number, correction in enumerate(tidy):
        problems += _problems(data_map, correction, f"corrections.{number}", said)
    for number, dispute in enumerate(disputed):
        problems += _dispute_problems(data_map, dispute, f"disputed.{number}", said)
    for number, correction in enumerate(tidy):
        path = correction.field.partition(".")[0]
        # Once it is written, other rows would be meant: none tells rows apart by what is corrected here.
        told_apart = [name for name in correction.where if f"{path}.{name}" in said.keys() - {correction.field}]
        problems += [FieldProblem(f"corrections.{number}.where.{name}", "corrected_too") for name in told_apart]
    if problems:
        raise InvalidInputError(problems)
    return tidy, disputed


def touches_contact(data_map: DataMap, corrections: Iterable[Correction]) -> bool:
    """Whether any of it is how the person is reached: who controls the mailbox alone must not change that."""
    return any(
        other.field.category is Category.CONTACT
        for correction in corrections
        if (place := place_of(data_map, correction.field))
        for other in same_places(data_map, place)
    )


def new_addresses(data_map: DataMap, corrections: Iterable[Correction]) -> dict[str, Correction]:
    """The corrections of what says who is a member: identifier -> correction. At most one for each identifier."""
    identity = data_map.identity
    return {
        kind: correction
        for correction in corrections
        if (place := place_of(data_map, correction.field))
        for other in same_places(data_map, place)
        if other.collection.path == identity.path and (kind := other.field.identifies)
    }


def recipients_of(data_map: DataMap, fields: Iterable[str]) -> tuple[str, ...]:
    """Names in the map of who was given any of these, in its order (GDPR 19)."""
    places = filter(None, (place_of(data_map, path) for path in fields))
    given = {recipient for place in places for recipient in place.field.recipients}
    return tuple(name for name in data_map.recipients if name in given)


def written_in(data_map: DataMap, rectification: Rectification) -> dict[str, "CollectionRule"]:
    """By path of the collection, in the order in which they are to be written.

    Files come first, and what somebody is found by comes last: killed in between, all that is left is found again.
    """
    written: dict[str, list[_Written]] = {}
    for number, correction in enumerate(rectification.corrections):
        place = _known(data_map, correction.field)
        for other in places_of(data_map, place, correction):
            new = _as_written(other, correction.new)
            rule = _Written(f"corrections.{number}", other.name, new, _is_meant(other, correction))
            written.setdefault(other.collection.path, []).append(rule)
    for number, dispute in enumerate(rectification.disputes):
        place = _known(data_map, dispute.field)
        if beside := place.field.disputed_in:
            rule = _Written(f"disputed.{number}", beside, dispute.note, _is_said(place.name))
            written.setdefault(place.collection.path, []).append(rule)
    rules = {
        collection.path: CollectionRule(collection, written[collection.path])
        for collection in data_map.collections
        if collection.path in written
    }
    return dict(sorted(rules.items(), key=lambda entry: _turn(entry[1])))


def searched(data_map: DataMap, paths: Iterable[str]) -> frozenset[str]:
    """The collections to read for these: themselves, and all that lead to them."""
    ahead, seen = [data_map.collection(path) for path in paths], set[str]()
    while ahead:
        collection = ahead.pop()
        if collection.path not in seen:
            seen.add(collection.path)
            ahead.extend(providers(data_map, collection))
    return frozenset(seen)


class CollectionRule:
    """What becomes of the rows of one collection."""

    def __init__(self, collection: Collection, written: Iterable[_Written]) -> None:
        self.collection = collection
        self._written = tuple(written)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(each.name for each in self._written)

    @property
    def finds_people(self) -> bool:
        """Whether it writes what rows are found by."""
        return any(each.name in self.collection.identifying for each in self._written)

    def asked(self, record: Record) -> dict[str, JsonValue]:
        """What is written in this row, by attribute: where it holds the old value, and not yet the new one."""
        return {each.name: each.new for each in self._asked(record)}

    def change(self, record: Record, *, at: datetime) -> RowChange:
        """As a source carries it out. Where an account gets another mailbox, the moment of that is written as well."""
        asked = self.asked(record)
        if not asked:
            return RowChange(fate=RowFate.KEEP)
        since = self.collection.field_with_role("mailbox_changed_at")
        if since is not None and any(name in self.collection.identifying for name in asked):
            asked[since] = _moment(self.collection.fields[since], at)
        said = tuple(each.said for each in self._asked(record))
        return RowChange(fate=RowFate.CORRECT, set=asked, said=said)

    def _asked(self, record: Record) -> Iterator[_Written]:
        return (each for each in self._written if each.applies(record) and record.get(each.name) != each.new)


def _turn(rule: CollectionRule) -> tuple[bool, bool]:
    return rule.finds_people, isinstance(rule.collection, TableCollection)


def _known(data_map: DataMap, path: str) -> Place:
    place = place_of(data_map, path)
    if place is None:  # the map was changed since it was checked
        raise InvalidInputError.of("field", "unknown_field")
    return place


def _moment(field: DataField, at: datetime) -> JsonValue:
    match field.type:
        case FieldType.EPOCH_SECONDS:
            return int(at.timestamp())
        case FieldType.EPOCH_MILLISECONDS:
            return int(at.timestamp() * 1000)
        case FieldType.DATE:
            return at.date().isoformat()
    return at.isoformat(timespec="seconds")


def _holds(place: Place, old: Value | None) -> Callable[[Record], bool]:
    name = place.name
    if old is None:
        return lambda record: record.get(name) in _EMPTY
    read = _reading(place)
    wanted = read(old)
    return lambda record: record.get(name) not in _EMPTY and read(record[name]) == wanted


def _is_meant(place: Place, correction: Correction) -> Callable[[Record], bool]:
    wanted = [_holds(place, correction.old)]
    wanted += [_holds(Place(place.collection, name), value) for name, value in correction.where.items()]
    return lambda record: all(holds(record) for holds in wanted)


def _is_said(name: str) -> Callable[[Record], bool]:
    return lambda record: record.get(name) not in _EMPTY


def _reading(place: Place) -> Callable[[JsonValue], object]:
    """One form for what two sources may write in different ways: a day with slashes, a number as text.

    What does not fit its type is compared as it is; true is no number, and 1 is not true.
    """
    reading = _type_reading(place)
    is_email = _format(place) is FieldFormat.EMAIL

    def read(value: JsonValue) -> object:
        if is_email and isinstance(value, str):
            return canonical_address(value) or value
        if reading is not None:
            with suppress(ValueError):
                value = reading(value)
        return isinstance(value, bool), value

    return read


def _type_reading(place: Place) -> Callable[[JsonValue], JsonValue] | None:
    kind = place.field.type
    return None if kind is None else reading_of(kind, ZoneInfo(place.collection.zone))


def _as_written(place: Place, new: Value) -> JsonValue:
    """A number as a number: where nothing was held, the source can't tell from what it held."""
    reading = _type_reading(place) if place.field.type in _BY_TYPE else None
    return reading(new) if reading else new


def _tidy(data_map: DataMap, correction: Correction) -> Correction:
    place = place_of(data_map, correction.field)
    changes: dict[str, object] = {}
    if place is not None:
        changes["new"] = tidied(place.field.type, _format(place), correction.new)
    if isinstance(correction.evidence, str):
        changes["evidence"] = correction.evidence.strip() or None
    return correction.model_copy(update=changes)


def _format(place: Place) -> FieldFormat | None:
    return FieldFormat.EMAIL if place.field.identifies == "email" else place.field.format


def _problems(
    data_map: DataMap, correction: Correction, at: str, said: dict[str, list[Correction]]
) -> Iterator[FieldProblem]:
    place = place_of(data_map, correction.field)
    if place is None:
        yield FieldProblem(f"{at}.field", "unknown_field")
        return
    if reason := _barred(data_map, place):
        yield FieldProblem(f"{at}.field", reason)
        return
    yield from _where_problems(place, correction, at)
    group = {other.path for other in same_places(data_map, place)}
    if not all(_are_apart(place, each, correction) for path in group for each in said.get(path, ())):
        yield FieldProblem(f"{at}.field", "said_twice")
    for path in group:
        said.setdefault(path, []).append(correction)
    if place.field.corrector == "staff" and not correction.evidence:
        yield FieldProblem(f"{at}.evidence", "missing")
    if correction.evidence and len(correction.evidence) > _LONGEST_EVIDENCE:
        yield FieldProblem(f"{at}.evidence", "too_long")
    elif correction.evidence and not says_something(correction.evidence):
        yield FieldProblem(f"{at}.evidence", "too_short")
    if correction.old is None and place.field.identifies:
        yield FieldProblem(f"{at}.old", "missing")
    reasons = (
        misfit(other.field.type, _format(other), other.collection.zone, correction.old, correction.new)
        for other in same_places(data_map, place)
    )
    if reason := next(filter(None, reasons), None):
        yield FieldProblem(f"{at}.new", reason)
    elif _is_same(place, correction):
        yield FieldProblem(f"{at}.new", "same_as_old")


def _where_problems(place: Place, correction: Correction, at: str) -> Iterator[FieldProblem]:
    """An identifier is the same in every row, or the rows of two people would be told apart by it no more."""
    if correction.where and place.field.identifies:
        yield FieldProblem(f"{at}.where", "not_of_an_identifier")
    for name in correction.where:
        field = place.collection.fields.get(name)
        if field is None:
            yield FieldProblem(f"{at}.where.{name}", "unknown_field")
        elif name == place.name or field.type in _NOT_ONE_VALUE:
            yield FieldProblem(f"{at}.where.{name}", "not_allowed")


def _are_apart(place: Place, one: Correction, two: Correction) -> bool:
    """Whether no row can be meant by both corrections, now or once one of them is written."""
    if one.field != two.field:
        return False
    read = _reading(place)
    olds = (None if one.old is None else read(one.old), None if two.old is None else read(two.old))
    if olds[0] != olds[1] and read(one.new) != olds[1] and read(two.new) != olds[0]:
        return True
    reads = {name: _reading(Place(place.collection, name)) for name in one.where if name in place.collection.fields}
    return any(
        name in two.where and read_one(one.where[name]) != read_one(two.where[name]) for name, read_one in reads.items()
    )


def _is_same(place: Place, correction: Correction) -> bool:
    if correction.old is None or place.field.type in (None, FieldType.TEXT):
        return correction.old == correction.new  # an address may be put in other letters
    read = _reading(place)
    return read(correction.old) == read(correction.new)


def _barred(data_map: DataMap, place: Place) -> str | None:
    """Why nobody corrects this by machine."""
    field = place.field
    if field.origin is Origin.INFERRED:
        return "an_inference"
    if field.about == "other_person":
        return "about_another_person"
    places = same_places(data_map, place)
    if field.corrector == "nobody" or any(other.collection.is_key(other.name) for other in places):
        return "not_to_be_corrected"
    return "not_one_value" if field.type in _NOT_ONE_VALUE else None


def _dispute_problems(
    data_map: DataMap, dispute: Dispute, at: str, said: dict[str, list[Correction]]
) -> Iterator[FieldProblem]:
    place = place_of(data_map, dispute.field)
    if place is None:
        yield FieldProblem(f"{at}.field", "unknown_field")
        return
    if place.field.origin is not Origin.INFERRED:
        yield FieldProblem(f"{at}.field", "not_an_inference")
    elif place.field.disputed_in is None:
        yield FieldProblem(f"{at}.field", "no_place_for_a_note")
    beside = f"{place.collection.path}.{place.field.disputed_in}"
    if place.path in said or beside in said:
        yield FieldProblem(f"{at}.field", "said_twice")
    said |= {place.path: [], beside: []}
    if not dispute.note.strip():
        yield FieldProblem(f"{at}.note", "missing")
    elif has_controls(dispute.note):
        yield FieldProblem(f"{at}.note", "control_characters")
