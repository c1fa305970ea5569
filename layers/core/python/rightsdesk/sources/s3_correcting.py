"""Corrects rows in S3 objects, JSON Lines, CSV and Parquet: those that were found, if they still are as then.

A row is told by its bytes (in Parquet: by its values), not by where it stands: others may have added rows since, or a
run that was killed may have written the object. An object is passed once to see what is left to do, and once more, if
anything is, to be written under the ETag that was read; everything else in it stays, and what the object says of
itself. Older versions are not touched: they say what was held then.
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
from rightsdesk.sources.row_changes import RowRewrite, Rule
from rightsdesk.sources.s3_replacement import Replacement, StoredObject, has_changed
from rightsdesk.sources.s3_rewriting import S3Eraser

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ATTEMPTS = 5  # of an object that others write at the same time
_KEEP = RowChange(fate=RowFate.KEEP)


class S3Corrector:
    """Corrects in file collections. Parquet needs `rewrite_columns`, as for `S3Eraser`."""

    def __init__(self, client: "S3Client", *, rewrite_columns: RowRewrite | None = None) -> None:
        self._client = client
        self._eraser = S3Eraser(client, rewrite_columns=rewrite_columns)

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        """Every row of these people, also one that stays as it is.

        UnwritableError where one can't be written in its file, as in a column of another type.
        """
        files = _files(collection)
        here: list[Record] = []

        def change(record: Record) -> RowChange:
            here[:] = [record]
            return rule(record)

        for row in self._eraser.find(files, identifier, values, change):
            yield row.model_copy(update={"whose": _whose(here[0], files)})

    def carry_out(self, collection: Collection, rows: Iterable[RowFound]) -> Iterator[RowDone]:
        """What came of each row; those of an object, which follow one another, are told after it is written.

        SourceUnavailableError where trying again may help: what was written is then found done.
        """
        files = _files(collection)
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
        rewrite = self._eraser.rewrite_of(files)
        seen = _Seen(files, rows)
        if file.size:
            seen.look(file, rewrite)
        if seen.changes:
            with Replacement(self._client, file) as out:
                for row in rewrite(file, files, seen.people, seen.rule, out):
                    seen.note(row.before, row.after)
                out.complete()
        return [seen.came_of(row) for row in rows]


class _Seen:
    """What an object holds of the rows that are looked for."""

    def __init__(self, files: FileCollection, rows: list[RowFound]) -> None:
        self._files = files
        # Whose rows are read and written; None: the object is one person's.
        self.people = frozenset(row.whose for row in rows if row.whose is not None) if files.match else None
        self._before = {row.before: row for row in rows}
        self._expected = {row.expected for row in rows}
        self._were_done: set[str] = set()
        self._written: dict[str, str] = {}  # digest of a row -> of what it is now
        self.changes: dict[bytes, RowChange] = {}  # by content: the rule is asked again for what was written

    def look(self, file: StoredObject, rewrite: RowRewrite) -> None:
        """Pass the object once."""
        here: list[Record] = []

        def keep(record: Record) -> RowChange:
            here[:] = [record]
            return _KEEP

        with closing(rewrite(file, self._files, self.people, keep)) as rows:
            for row in rows:
                digest = row.before.hex()
                if digest in self._before:
                    self.changes[_content(here[0])] = self._before[digest].change
                elif digest in self._expected:
                    self._were_done.add(digest)

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


def _files(collection: Collection) -> FileCollection:
    if not isinstance(collection, FileCollection):
        raise SourceBrokenError(f"{collection.path} is not in S3")
    return collection


def _whose(record: Record, files: FileCollection) -> str | None:
    """The value by which the row was found. In an object of one person, none is needed."""
    if files.match is None:
        return None
    value = record.get(files.match.column)
    return value if isinstance(value, str) else identifier_text(value) or str(value)


def _object_of(row: RowFound) -> str:
    return str(json.loads(row.place)["object"])


def _content(record: Record) -> bytes:
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).digest()


def _done(row: RowFound, state: RowState, after: str | None) -> RowDone:
    return RowDone(collection=row.collection, place=row.place, state=state, after=after)
