"""Corrects rows in S3 objects, JSON Lines and CSV, plain and gzip: those that were found, if they still are as then.

A row is told by its bytes, not by where it stands: others may have added rows since, or a run that was killed may have
written the object. An object is passed once to see what is left to do, and once more, if anything is, to be written
under the ETag that was read; everything else in it keeps its bytes, and the object what it says of itself. Older
versions are not touched: they say what was held then.
"""

# serves: E-03

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING

import orjson

from rightsdesk.domain.datamap import Collection, FileCollection
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record, identifier_text
from rightsdesk.sources.row_changes import Rule
from rightsdesk.sources.row_rewriting import rewrite_rows
from rightsdesk.sources.s3_replacement import Replacement, StoredObject, has_changed
from rightsdesk.sources.s3_rewriting import S3Eraser

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ATTEMPTS = 5  # of an object that others write at the same time
_KEEP = RowChange(fate=RowFate.KEEP)


class S3Corrector:
    """Corrects in file collections. Parquet is refused: who writes it anew corrects it there."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client
        self._eraser = S3Eraser(client)

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        """Every row of these people, also one that stays as it is."""
        return self._eraser.find(_text_files(collection), identifier, values, rule)

    def carry_out(self, collection: Collection, rows: Iterable[RowFound]) -> Iterator[RowDone]:
        """What came of each row; those of an object, which follow one another, are told after it is written.

        SourceUnavailableError where trying again may help: what was written is then found done.
        """
        files = _text_files(collection)
        for name, some in groupby(rows, key=_object_of):
            yield from self._object(files, name.removeprefix(f"{files.bucket}/"), list(some))

    def _object(self, files: FileCollection, key: str, rows: list[RowFound]) -> list[RowDone]:
        for _ in range(_ATTEMPTS):
            try:
                return self._attempt(files, key, rows)
            except (SourceUnavailableError, SourceBrokenError) as error:
                if not has_changed(error):
                    raise
        raise SourceUnavailableError(f"{files.bucket}/{key}: it changed each of {_ATTEMPTS} times that it was read")

    def _attempt(self, files: FileCollection, key: str, rows: list[RowFound]) -> list[RowDone]:
        file = StoredObject.open(self._client, files.bucket, key)
        if file is None:
            return [_done(row, RowState.GONE, None) for row in rows]
        seen = _Seen(files, rows)
        if file.size:
            seen.look(file)
        if seen.changes:
            with Replacement(self._client, file) as out:
                for row in rewrite_rows(file, files, seen.people, seen.rule, out):
                    seen.note(row.before, row.after)
                out.complete()
        return [seen.came_of(row) for row in rows]


class _Seen:
    """What an object holds of the rows that are looked for."""

    def __init__(self, files: FileCollection, rows: list[RowFound]) -> None:
        self._files = files
        self._before = {row.before: row for row in rows}
        self._expected = {row.expected for row in rows}
        self._were_done: set[str] = set()
        self._written: dict[str, str] = {}  # digest of a row -> of what it is now
        self._people: set[str] = set()
        self.changes: dict[bytes, RowChange] = {}  # by content: the rule is asked again for what was written

    @property
    def people(self) -> frozenset[str] | None:
        """Whose rows are written; None: the object is one person's."""
        return frozenset(self._people) if self._files.match else None

    def look(self, file: StoredObject) -> None:
        """Pass the object once."""
        here: list[Record] = []

        def keep(record: Record) -> RowChange:
            here[:] = [record]
            return _KEEP

        with closing(rewrite_rows(file, self._files, None, keep)) as rows:
            for row in rows:
                digest = row.before.hex()
                if digest in self._before:
                    self._to_do(here[0], self._before[digest].change)
                elif digest in self._expected:
                    self._were_done.add(digest)

    def _to_do(self, record: Record, change: RowChange) -> None:
        self.changes[_content(record)] = change
        if self._files.match:
            value = record.get(self._files.match.column)
            whose = value if isinstance(value, str) else identifier_text(value)
            if whose is not None:
                self._people.add(whose)

    def rule(self, record: Record) -> RowChange:
        return self.changes.get(_content(record), _KEEP)

    def note(self, before: bytes, after: bytes | None) -> None:
        if after is not None:
            self._written[before.hex()] = after.hex()

    def came_of(self, row: RowFound) -> RowDone:
        after = self._written.get(row.before)
        if after is not None:
            return _done(row, RowState.DONE, after)
        if row.expected in self._were_done:
            return _done(row, RowState.WAS_DONE, row.expected)
        return _done(row, RowState.CHANGED, None)


def _text_files(collection: Collection) -> FileCollection:
    if not isinstance(collection, FileCollection):
        raise SourceBrokenError(f"{collection.path} is not in S3")
    if collection.format == "parquet":
        raise SourceBrokenError(f"{collection.path} is Parquet, which is corrected where it is written")
    return collection


def _object_of(row: RowFound) -> str:
    return str(json.loads(row.place)["object"])


def _content(record: Record) -> bytes:
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).digest()


def _done(row: RowFound, state: RowState, after: str | None) -> RowDone:
    return RowDone(collection=row.collection, place=row.place, state=state, after=after)
