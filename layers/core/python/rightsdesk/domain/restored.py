"""Whose a row is that a backup has brought back, and which rows are none of a backup: what came after the erasure.

A person who was erased may come back by their own will, and then has a new account. What tells the two apart:

- An identifier that the shop assigns (a member number) is never given again. A row that carries one of an erased person
  is from before; a row that carries others only is of a new account, though the address in it be the old one.
- Where a row carries no such identifier (an order without an account), the moments in it tell: what happened after the
  erasure can't have been erased.

The digests of everybody who was erased since a day are in memory, and the identifiers in the rows found of them.
"""

# serves: E-04, T-3

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from rightsdesk.domain.datamap import Collection, FileCollection, TableCollection, WayIn
from rightsdesk.domain.field_values import reading_of
from rightsdesk.domain.fields import FieldType, Origin
from rightsdesk.domain.records import Record, identifier_text
from rightsdesk.domain.suppression import Suppression

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import DataMap

_MOMENTS = (FieldType.TIMESTAMP, FieldType.EPOCH_SECONDS, FieldType.EPOCH_MILLISECONDS)
_REMEMBERED = 100_000  # values whose digest is at hand: the rows of a person mostly lie together


class Identifier(NamedTuple):
    kind: str
    value: str


class ErasedPeople:
    """Those who were erased since a day, and what is found of them. A person is named by the id of their case."""

    def __init__(
        self, data_map: "DataMap", entries: Iterable[Suppression], *, digest: Callable[[str, str], str]
    ) -> None:
        self._suppressed = data_map.suppressed
        self._assigned = _assigned(data_map)
        self._last: dict[str, Suppression] = {}  # by digest: of several erasures of one identifier, the last
        self.erased_at: dict[str, datetime] = {}  # by case
        for entry in entries:
            self.erased_at[entry.request_id] = entry.erased_at
            if entry.digest not in self._last or self._last[entry.digest].erased_at <= entry.erased_at:
                self._last[entry.digest] = entry
        self._found: dict[Identifier, str] = {}  # -> the case
        self._values: dict[str, list[str]] = defaultdict(list)

        @lru_cache(_REMEMBERED)
        def listed(identifier: Identifier) -> str | None:
            entry = self._last.get(digest(*identifier))
            return entry.request_id if entry else None

        self._listed = listed

    def recognise(self, row: Iterable[Identifier]) -> None:
        """Note the identifiers of a row in a restored source that are of one of these people.

        Where one is that the shop assigned, the whole row is theirs, and so are the others in it: an older address.
        """
        listed = [(one, case) for one in row if one.kind in self._suppressed and (case := self._listed(one))]
        theirs = self._latest(case for one, case in listed if one.kind in self._assigned)
        for identifier, case in listed:
            self._note(identifier, case)
        if theirs:
            for identifier in row:
                self._note(identifier, theirs)

    def values(self, kind: str) -> list[str]:
        """Those found so far, in that order. The list grows while rows are looked at."""
        return self._values[kind]

    def case_of(self, identifier: Identifier) -> str | None:
        """The case of an identifier that was found."""
        return self._found.get(identifier)

    def whose(self, collection: Collection, record: Record, *, reached_by: Identifier | None = None) -> str | None:
        """The case of the person whose row a backup has brought back; None for any other row.

        `reached_by`: what the place of the row says of it, where the row itself does not.
        """
        carried = set(carried_by(collection, record)) | ({reached_by} if reached_by else set())
        assigned = [identifier for identifier in carried if identifier.kind in self._assigned]
        if assigned:
            return self._latest(map(self._case, assigned))
        led_here = self._latest(self._found.get(one) for one in carried if one.kind not in self._suppressed)
        if led_here:
            return led_here  # an order number, from a row that was theirs
        case = self._latest(map(self._case, carried))
        return None if case is None or _happened_after(self.erased_at[case], collection, record) else case

    def follow(self, collection: Collection, record: Record, case: str) -> None:
        """Note what the row of a person leads to."""
        for kind, value in collection.identifiers_in(record):
            self._note(Identifier(kind, value), case)

    def _case(self, identifier: Identifier) -> str | None:
        found = self._found.get(identifier)
        return found or (self._listed(identifier) if identifier.kind in self._suppressed else None)

    def _latest(self, cases: Iterable[str | None]) -> str | None:
        return max((case for case in cases if case), key=lambda case: (self.erased_at[case], case), default=None)

    def _note(self, identifier: Identifier, case: str) -> None:
        if identifier not in self._found:
            self._found[identifier] = case
            self._values[identifier.kind].append(identifier.value)


def carried_by(collection: Collection, record: Record) -> Iterator[Identifier]:
    """The identifiers that a row says it is of: in fields that identify, and in the keys that it is found by."""
    for kind, value in collection.identifiers_in(record):
        yield Identifier(kind, value)
    if isinstance(collection, TableCollection):
        for way in collection.find_by:
            if (text := _value_in(way, record)) is not None:
                yield Identifier(way.identifier, text)
    match = collection.match if isinstance(collection, FileCollection) else None
    if match and (text := identifier_text(record.get(match.column))) is not None:
        yield Identifier(match.identifier, text)


def _value_in(way: WayIn, record: Record) -> str | None:
    """The value under which a row is found on this way; None where it is not found so."""
    if way.sort_key and not str(record.get(way.sort_key, "")).startswith(way.sort_prefix or ""):
        return None
    text = identifier_text(record.get(way.key))
    return value_from(way.template, text) if text is not None else None


def value_from(template: str, text: str) -> str | None:
    """What was filled into a template with one placeholder: `MEMBER#{value}`, `MEMBER#M-1` -> `M-1`."""
    before, after = re.split(r"(?<!\$)\{[a-z][a-z0-9_]*\}", template, maxsplit=1)
    fits = text.startswith(before) and text.endswith(after) and len(text) > len(before) + len(after)
    return text[len(before) : len(text) - len(after)] if fits else None


def _assigned(data_map: "DataMap") -> frozenset[str]:
    """The kinds that the shop assigns, wherever they stand: a person can't bring one along."""
    origins: dict[str, set[Origin]] = defaultdict(set)
    for collection in data_map.collections:
        for name, kind in collection.identifying.items():
            origins[kind].add(collection.fields[name].origin)
    return frozenset(kind for kind in data_map.suppressed if origins[kind] == {Origin.ASSIGNED})


def _happened_after(moment: datetime, collection: Collection, record: Record) -> bool:
    for name, field in collection.fields.items():
        value = record.get(name)
        if field.origin is not Origin.OBSERVED or field.type not in _MOMENTS or value in (None, ""):
            continue
        reading = reading_of(field.type, ZoneInfo(collection.zone))
        try:
            happened = datetime.fromisoformat(str(reading(value) if reading else value))
        except (ValueError, OverflowError):
            continue  # it tells nothing
        if happened.astimezone(UTC) > moment:
            return True
    return False
