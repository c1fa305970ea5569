"""Corrects among the rows of a FakeReader, each write by itself: an index follows what is written, as one does."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import cast

from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.records import Record
from tests.support.fakes import FakeReader, Faults


class FakeCorrector:
    """Keeps the port SourceCorrector."""

    def __init__(self, faults: Faults, reader: FakeReader) -> None:
        self._faults = faults
        self._reader = reader

    def find(
        self, collection: Collection, identifier: str, values: Iterable[str], rule: Callable[[Record], RowChange]
    ) -> Iterator[RowFound]:
        for record in self._reader.read(collection, identifier, values):
            change = rule(record)
            corrected = change.fate is RowFate.CORRECT
            yield RowFound(
                collection=collection.path,
                place=_place(record),
                before=_digest(record),
                expected=_digest(record | change.set) if corrected else None,
                change=change,
            )

    def carry_out(self, collection: Collection, rows: Iterable[RowFound]) -> Iterator[RowDone]:
        for row in rows:
            with self._faults.call("source.correct"):
                if self._reader.broken:
                    raise self._reader.broken
                state, after = self._written(collection.path, row)
            yield RowDone(collection=collection.path, place=row.place, state=state, after=after)

    def _written(self, path: str, row: RowFound) -> tuple[RowState, str | None]:
        for (known, identifier, value), records in list(self._reader.rows.items()):
            for position, record in enumerate(records if known == path else ()):
                if _place(record) != row.place:
                    continue
                now = _digest(record)
                if now == row.expected:
                    return RowState.WAS_DONE, now
                if now != row.before:
                    return RowState.CHANGED, now
                new = record | row.change.set
                del records[position]
                key = (path, identifier, str(row.change.set.get(identifier, value)))
                cast("dict[tuple[str, str, str], list[Record]]", self._reader.rows).setdefault(key, []).append(new)
                return RowState.DONE, _digest(new)
        return RowState.GONE, None


def _place(record: Record) -> str:
    return json.dumps([record.get("pk"), record.get("sk")] if "pk" in record else sorted(record)[:1])


def _digest(record: Record) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
