"""Of a record as the source has it, what may leave (GDPR 15(3)-(4); abuse cases 12 and 92).

The data map is an allow-list: a field that it does not describe is not given, but its name is counted, so that staff
see what the map does not know. Fields that are never disclosed (passwords, scores) are dropped here, before anything
is stored. Records that say something about other people pass, and are counted: staff decide about them.
"""

# serves: E-02

from collections.abc import Container, Iterable, Iterator
from zoneinfo import ZoneInfo

from rightsdesk.domain.datamap import Collection, names_others
from rightsdesk.domain.field_values import Reading, reading_of
from rightsdesk.domain.records import Record

_NAMES_KEPT = 100  # of unmapped fields: their names are data, too, and may be anything
OTHER_NAMES = "…"  # stands for the names beyond those


class Disclosure:
    """Takes the records of one collection down to what may leave, and counts.

    `wanted`: these fields instead, disclosed or not, and what identifies: for staff who review a decision, and nobody
    else.
    """

    def __init__(self, collection: Collection, *, wanted: Container[str] | None = None) -> None:
        self._collection = collection
        self._fields = tuple(collection.disclosed)
        if wanted is not None:
            self._fields = tuple(name for name in collection.fields if name in wanted or name in collection.identifying)
        self._readings = _readings(collection, self._fields)
        self._known = frozenset(collection.fields) | frozenset(collection.technical)
        self._passing = frozenset(self._fields) | frozenset(collection.technical)  # nothing to count in these
        self._never = tuple(
            name for name, field in collection.fields.items() if not field.disclosed and name not in self._fields
        )
        self.flagged = 0
        self.unmapped: dict[str, int] = {}
        self.withheld: dict[str, int] = {}
        self.misfits: dict[str, int] = {}

    def given(self, records: Iterable[Record]) -> Iterator[Record]:
        """The same records with the disclosed fields only, in the order of the map."""
        others = self._collection.about_others
        for record in records:
            given = {name: record[name] for name in self._fields if name in record}
            if not self._passing.issuperset(record):
                self._count_the_rest(record)
            for name, reading in self._readings:
                if given.get(name) not in (None, ""):
                    try:
                        given[name] = reading(given[name])
                    except ValueError:
                        self.misfits[name] = self.misfits.get(name, 0) + 1
            if others and names_others(given, others):
                self.flagged += 1
            yield given

    def _count_the_rest(self, record: Record) -> None:
        for name in self._never:
            if record.get(name) is not None:
                self.withheld[name] = self.withheld.get(name, 0) + 1
        for name in record:
            if name not in self._known:
                kept = name if name in self.unmapped or len(self.unmapped) < _NAMES_KEPT else OTHER_NAMES
                self.unmapped[kept] = self.unmapped.get(kept, 0) + 1


def _readings(collection: Collection, names: Iterable[str]) -> tuple[tuple[str, Reading], ...]:
    zone = ZoneInfo(collection.zone)
    typed = ((name, collection.fields[name].type) for name in names)
    found = ((name, reading_of(kind, zone)) for name, kind in typed if kind)
    return tuple((name, reading) for name, reading in found if reading)
