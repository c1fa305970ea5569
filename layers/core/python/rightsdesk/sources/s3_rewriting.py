"""Takes rows out of S3 objects, or parts of them: objects of one person, and files with rows of many people.

Each object is passed once, whatever the number of people, and written only if something has to go; then it is replaced
under the ETag that was read, so that nobody's change is ever lost: what was changed meanwhile is read and done again.
Killed anywhere, an object is as before or as it should be, and running again does the rest.

An object of one person of which every row goes is deleted. A file under a prefix stays, as one without rows. An object
with a row that can't be read is never written: whose row it is can't be known.
"""

# serves: E-04, E-15

import json
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, cast

from rightsdesk.domain.datamap import Collection, FileCollection, fill
from rightsdesk.domain.erasing import RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.shards import WHOLE, Shard
from rightsdesk.sources.failures import reading
from rightsdesk.sources.row_changes import RowRewrite, RowSeen, Rule, has_to_go
from rightsdesk.sources.row_rewriting import rewrite_rows
from rightsdesk.sources.s3_objects import S3Reader
from rightsdesk.sources.s3_replacement import Replacement, StoredObject, has_changed, remove

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        DeleteMarkerEntryTypeDef,
        ListObjectVersionsOutputTypeDef,
        ObjectIdentifierTypeDef,
        ObjectVersionTypeDef,
    )

_ATTEMPTS = 5  # of an object that others write at the same time
_AT_ONCE = 1000  # versions in one request
_DIGEST = 32  # bytes
_GONE, _REDUCED, _WAS_REDUCED = range(3)


class S3Eraser:
    """Rewrites file collections, as far as their objects are in `shard`. Parquet needs `rewrite_columns`, which only
    one function can load."""

    def __init__(self, client: "S3Client", *, rewrite_columns: RowRewrite | None = None, shard: Shard = WHOLE) -> None:
        self._client = client
        self._rewrite_columns = rewrite_columns
        self._shard = shard

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        """Every row of these people, also one that is kept. `before`: of its bytes without the end of the line; of
        Parquet, of the record as JSON with sorted keys."""
        files, people = _asked(collection, identifier, values)
        rewrite, wanted = self.rewrite_of(files), _wanted(files, people)
        for key in self._keys(files, people):
            file = StoredObject.open(self._client, files.bucket, key)
            for seen in rewrite(file, files, wanted, rule) if file is not None and file.size else ():
                yield RowFound(
                    collection=files.path,
                    place=_place(cast("StoredObject", file), seen.number),
                    before=seen.before.hex(),
                    expected=seen.after.hex() if seen.after and seen.change.fate is not RowFate.KEEP else None,
                    change=seen.change,
                )

    def carry_out(
        self,
        collection: Collection,
        identifier: str,
        values: Iterable[str],
        rule: Rule,
        *,
        remove_versions: bool = False,
    ) -> Iterator[RowDone]:
        """Do it, and tell each row after its object is written. The place of a row is the one that `find` gave, unless
        the object has changed since; a row that is not there any more is not told, nor is one that is kept.

        `remove_versions`: older versions of what is rewritten go, too, and of what an earlier run rewrote.
        """
        files, people = _asked(collection, identifier, values)
        wanted = _wanted(files, people)
        for key in self._keys(files, people):
            rows = self._carried_out(files, key, wanted, rule)
            if remove_versions and rows.to_do:
                self._remove_versions(files.bucket, key)
            yield from rows.told(files.path)
        if remove_versions and people:
            for prefix in self._keys(files, people) if files.prefix is None else [files.prefix]:
                self._search_versions(files, prefix, wanted, rule)

    def remains(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> int:
        """How many rows still have something to lose: searched as for an answer, not as they were rewritten."""
        files, _ = _asked(collection, identifier, ())
        reader = S3Reader(self._client, shard=self._shard)
        if files.format == "parquet" and self._rewrite_columns is not None:
            from rightsdesk.sources.columnar import search_columns

            reader = S3Reader(self._client, search_columns=search_columns, shard=self._shard)
        return sum(has_to_go(record, rule(record), files) for record in reader.read(files, identifier, values))

    def _carried_out(
        self, files: FileCollection, key: str, wanted: frozenset[str] | None, rule: Rule
    ) -> "_RowsOfObject":
        for _ in range(_ATTEMPTS):
            try:
                return self._attempt(files, key, wanted, rule)
            except (SourceUnavailableError, SourceBrokenError) as error:
                if not has_changed(error):
                    raise
        raise SourceUnavailableError(f"{files.bucket}/{key}: it changed each of {_ATTEMPTS} times that it was read")

    def _attempt(self, files: FileCollection, key: str, wanted: frozenset[str] | None, rule: Rule) -> "_RowsOfObject":
        file = StoredObject.open(self._client, files.bucket, key)
        rows = _RowsOfObject(file)
        if file is None or not file.size:
            return rows
        rewrite = self.rewrite_of(files)
        with closing(rewrite(file, files, wanted, rule)) as seen_rows:
            for seen in seen_rows:
                rows.note(seen)
                if seen.to_do and wanted is not None:
                    break  # there is something to do: all of it is noted when it is done
        if not rows.to_do:
            return rows
        if wanted is None and not rows.left:
            remove(self._client, file)
            return rows
        rows = _RowsOfObject(file)
        with Replacement(self._client, file) as out:
            for seen in rewrite(file, files, wanted, rule, out):
                rows.note(seen)
            out.complete()
        return rows

    def rewrite_of(self, files: FileCollection) -> RowRewrite:
        """How objects of this format are written. SourceBrokenError where this function can't write it."""
        if files.format != "parquet":
            return rewrite_rows
        if self._rewrite_columns is None:
            raise SourceBrokenError(f"{files.path} is Parquet, which this function can't write")
        return self._rewrite_columns

    def _keys(self, files: FileCollection, people: Iterable[str]) -> Iterator[str]:
        """The objects of these people, or all under the prefix, as `S3Reader` takes them."""
        people = iter(people)
        if files.key is not None:
            yield from filter(self._shard.holds, (fill(files.key, value) for value in people))
            return
        if next(people, None) is None:
            return
        place = f"{files.bucket}/{files.prefix}"
        found = False
        with reading(place):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=files.bucket, Prefix=files.prefix or ""
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    if _is_data(entry["Key"]):
                        found = True
                        if entry["Size"] and self._shard.holds(entry["Key"]):
                            yield entry["Key"]
        if not found and not files.may_be_empty:
            raise SourceBrokenError(f"{place}: there is nothing; if that is usual, say `may_be_empty: true`")

    def _search_versions(self, files: FileCollection, prefix: str, wanted: frozenset[str] | None, rule: Rule) -> None:
        """Older versions that a run left which was killed, or in which these people stand for another reason."""
        done = None
        for page in self._versions(files.bucket, prefix):
            for entry in page.get("Versions", ()):
                key = entry["Key"]
                is_old = not entry["IsLatest"] and key != done and _is_data(key) and self._shard.holds(key)
                if is_old and (files.key is None or key == prefix) and self._is_in(files, entry, wanted, rule):
                    self._remove_versions(files.bucket, key)
                    done = key
            if files.key is not None and not any(entry["Key"] == prefix for entry in page.get("Versions", ())):
                self._delete(files.bucket, prefix, _ids(page.get("DeleteMarkers", ()), prefix))

    def _is_in(
        self, files: FileCollection, entry: "ObjectVersionTypeDef", wanted: frozenset[str] | None, rule: Rule
    ) -> bool:
        file = StoredObject.version(
            self._client,
            files.bucket,
            entry["Key"],
            version=entry["VersionId"],
            size=entry["Size"],
            etag=entry["ETag"],
        )
        if not file.size:
            return False
        with closing(self.rewrite_of(files)(file, files, wanted, rule)) as rows:
            return any(row.to_do for row in rows)

    def _remove_versions(self, bucket: str, key: str) -> None:
        """All but the current one. Marks of deletion go last: without them the newest of what is left would be back."""
        versions, markers = [], []
        for page in self._versions(bucket, key):
            versions += _ids((entry for entry in page.get("Versions", ()) if not entry["IsLatest"]), key)
            markers += _ids(page.get("DeleteMarkers", ()), key)
        self._delete(bucket, key, versions)
        self._delete(bucket, key, markers)

    def _versions(self, bucket: str, prefix: str) -> "Iterator[ListObjectVersionsOutputTypeDef]":
        with reading(f"{bucket}/{prefix}"):
            yield from self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)

    def _delete(self, bucket: str, key: str, versions: "list[ObjectIdentifierTypeDef]") -> None:
        left = iter(versions)
        with reading(f"{bucket}/{key}"):
            while some := list(islice(left, _AT_ONCE)):
                answer = self._client.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
                for error in answer.get("Errors", ()):
                    raise SourceBrokenError(f"{bucket}/{key}: a version can't be deleted, {error.get('Code')}")


class _RowsOfObject:
    """What became of the rows of one object: in few bytes each, until it is known that it is written."""

    def __init__(self, file: StoredObject | None) -> None:
        self._file = file
        self._numbers = array("q")
        self._states = bytearray()
        self._digests = bytearray()  # of those of which something is left
        self.to_do = 0
        self.left = 0  # rows of these people

    def note(self, row: RowSeen) -> None:
        self.to_do += row.to_do
        self.left += row.after is not None
        if row.change.fate is RowFate.KEEP:
            return
        self._numbers.append(row.number)
        self._states.append(_GONE if row.after is None else _REDUCED if row.to_do else _WAS_REDUCED)
        self._digests += row.after or b""

    def told(self, collection: str) -> Iterator[RowDone]:
        at = 0
        for number, state in zip(self._numbers, self._states, strict=True):
            after = None
            if state != _GONE:
                after, at = self._digests[at : at + _DIGEST].hex(), at + _DIGEST
            yield RowDone(
                collection=collection,
                place=_place(cast("StoredObject", self._file), number),
                state=RowState.WAS_DONE if state == _WAS_REDUCED else RowState.DONE,
                after=after,
            )


def _asked(collection: Collection, identifier: str, values: Iterable[str]) -> tuple[FileCollection, tuple[str, ...]]:
    if not isinstance(collection, FileCollection):
        raise SourceBrokenError(f"{collection.path} is not in S3")
    return collection, tuple(dict.fromkeys(values)) if identifier in collection.searched_by else ()


def _wanted(files: FileCollection, people: tuple[str, ...]) -> frozenset[str] | None:
    return frozenset(people) if files.match else None


def _is_data(key: str) -> bool:
    return key.rpartition("/")[2][:1] not in ("", "_", ".")


def _ids(
    entries: "Iterable[ObjectVersionTypeDef | DeleteMarkerEntryTypeDef]", key: str
) -> "list[ObjectIdentifierTypeDef]":
    return [{"Key": key, "VersionId": entry["VersionId"]} for entry in entries if entry["Key"] == key]


def _place(file: StoredObject, row: int) -> str:
    return json.dumps({"object": file.name, "etag": file.etag, "row": row}, ensure_ascii=False)
