"""Which fields and rows of one collection leave, and a count of what does not.

Four sieves: the data map is an allow-list of fields (abuse case 92); a field marked `disclose: never` stays; so does
one that staff hold back; a row that says something about another person waits for the decision of staff (GDPR 15(4),
abuse case 12). Collecting has the first two already and says what it left out; here they hold again, whatever the
records are.
"""

# serves: E-02, E-07

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.fields import DataField, Label
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import Treatment
from rightsdesk.export.archive import PackageError
from rightsdesk.export.grounds import RIGHTS_OF_OTHERS, UNDER_REVIEW, articles
from rightsdesk.export.package import LANGUAGES, CollectionInput, PackageContext, Withheld
from rightsdesk.export.wording import text
from rightsdesk.law.applicability import Law

_EMPTY: tuple[object, ...] = (None, "", [], {})
_MOST_NAMES = 50  # of fields that the map does not describe: enough for staff to mend it


class Disclosure:
    """The sieve of one collection. Each pass over `rows` counts anew; the counts are those of the last one."""

    def __init__(self, given: CollectionInput, *, portable_only: bool) -> None:
        self.given = given
        in_scope = {
            name: field for name, field in given.collection.disclosed.items() if field.portable or not portable_only
        }
        self._held_back = {name: ground for name, ground in given.held_back.items() if name in in_scope}
        self.fields: dict[str, DataField] = {
            name: field for name, field in in_scope.items() if name not in self._held_back
        }
        self.portable = {name: field for name, field in self.fields.items() if field.portable}  # GDPR 20
        self._never = tuple(name for name, field in given.collection.fields.items() if not field.disclosed)
        self._others = given.collection.about_others
        self._known = frozenset(given.collection.fields) | frozenset(given.collection.technical)
        self._passed = False
        self._unseen: list[str] = []
        self._reset()

    @property
    def collection(self) -> Collection:
        return self.given.collection

    def rows(self) -> Iterator[Record]:
        """Opens the records and yields each row that leaves, with all fields that leave; counts what does not.

        Raises PackageError at the end where there were not as many records as were collected.
        """
        self._reset()
        self._passed = True
        columns = tuple(self.fields)
        for record in self._opened():
            if self._unseen:
                self._look_for_unseen(record)
            whole = self.fields.keys() >= record.keys()  # as collecting leaves it
            if not whole:
                self._count_fields(record)
            if self._names_others(record):
                if self.given.treatment is Treatment.WITHHOLD:
                    self.rows_withheld += 1
                    continue
                if self.given.treatment is Treatment.REDACT:
                    self._redacted.update(name for name in self._others if record.get(name) not in _EMPTY)
                    record = {name: value for name, value in record.items() if name not in self._others}
            self.rows_given += 1
            yield record if whole else {name: record[name] for name in columns if name in record}

    def counted(self, context: PackageContext) -> int:
        """Records as the answer counts them: those that are given; where no copy is, those that are held."""
        return self.rows_given if context.gives_copy else self.given.rows

    def portable_rows(self, *further: str) -> Iterator[Record]:
        """The same rows again with the portable fields only, and `further` ones that the caller takes out."""
        columns = tuple(dict.fromkeys([*self.portable, *further]))
        withhold = self.given.treatment is Treatment.WITHHOLD
        for record in self._opened():
            if not (withhold and self._names_others(record)):
                yield {name: record[name] for name in columns if name in record}

    @property
    def found_fields(self) -> dict[str, DataField]:
        """The fields of which something was found in the last pass, given or not; all of them where none was made.

        What is said about purposes, recipients and periods is said of these (GDPR 15(1)(c): actual recipients).
        """
        if self.given.status == "empty":
            return {}
        lacking = set(self._unseen) if self._passed else set()
        lacking |= {name for name in self._never if not self._rows_with(name)}
        return {name: field for name, field in self.collection.fields.items() if name not in lacking}

    @property
    def undescribed(self) -> tuple[str, ...]:
        """Names of fields that records have and the map does not; for staff, who mend the map."""
        return tuple(sorted(self._undescribed | set(self.given.undescribed)))

    def withheld(self, laws: tuple[Law, ...]) -> list[Withheld]:
        """What the last pass kept back, in the order of the map."""
        found = []
        for name in self._never:
            field = self.collection.fields[name]
            if (rows := self._rows_with(name)) and field.ground:
                found.append(self._entry("field", name, rows, field.ground, laws, field))
        found += [
            self._entry("field", name, rows, self._held_back[name].ground, laws, said=self._held_back[name].reason)
            for name in self.collection.fields
            if name in self._held_back and (rows := self._rows_held_back(name))
        ]
        if self.rows_withheld:
            found.append(self._entry("rows", None, self.rows_withheld, RIGHTS_OF_OTHERS, laws))
        found += [
            self._entry("field", name, self._redacted[name], RIGHTS_OF_OTHERS, laws)
            for name in self._others
            if self._redacted[name] and name not in self._held_back
        ]
        if rows := max(self._undescribed_rows, *self.given.undescribed.values(), 0):
            found.append(self._entry("undescribed_fields", None, rows, UNDER_REVIEW, laws))
        return found

    def _rows_with(self, never: str) -> int:
        """In how many rows a field that is never disclosed was found."""
        return max(self._present[never], self.given.withheld.get(never, 0))

    def _rows_held_back(self, name: str) -> int:
        """In how many rows it was found; where no pass was made, because nothing else leaves, in how many it may be."""
        return self._present[name] if self._passed else self.given.rows

    def _opened(self) -> Iterator[Record]:
        seen = 0
        for seen, record in enumerate(self.given.records(), start=1):  # noqa: B007 - it is read after the loop
            yield record
        if seen != self.given.rows:
            raise PackageError(f"{self.collection.path}: {self.given.rows} records were collected, {seen} are there")

    def _entry(
        self,
        what: Literal["field", "rows", "undescribed_fields"],
        name: str | None,
        rows: int,
        ground: str,
        laws: tuple[Law, ...],
        field: DataField | None = None,
        said: str | None = None,
    ) -> Withheld:
        """`said`: the reason of staff, in the language of the person; it stands in each."""
        words = {each: text(each, f"ground.{ground}") for each in LANGUAGES}
        if said:
            words = {each: f"{said}{'' if each == 'ja' else ' '}{words[each]}" for each in LANGUAGES}
        return Withheld(
            source=self.collection.source,
            collection=self.collection.name,
            what=what,
            field=name,
            rows=rows,
            ground=ground,
            article=articles(ground, laws),
            reason=(field and field.reason) or Label(**words),
        )

    def _look_for_unseen(self, record: Record) -> None:
        self._unseen = [name for name in self._unseen if record.get(name) in _EMPTY]

    def _names_others(self, record: Record) -> bool:
        return not record.keys().isdisjoint(self._others) and self.collection.names_others(record)

    def _reset(self) -> None:
        self.rows_given = self.rows_withheld = self._undescribed_rows = 0
        self._present: Counter[str] = Counter()
        self._redacted: Counter[str] = Counter()
        self._undescribed: set[str] = set()
        self._unseen = list(self.collection.disclosed)  # shrinks fast: most fields are in the first row

    def _count_fields(self, record: Record) -> None:
        for name in (*self._never, *self._held_back):
            if record.get(name) not in _EMPTY:
                self._present[name] += 1
        if unknown := record.keys() - self._known:
            self._undescribed_rows += 1
            if len(self._undescribed) < _MOST_NAMES:
                self._undescribed.update(name[:60] for name in unknown)
