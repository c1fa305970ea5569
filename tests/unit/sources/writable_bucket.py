# ruff: noqa: N803 - the SDK's own names
"""A bucket in memory that is written as S3 is: under conditions, in pieces, with versions. It can die at any call."""

import itertools
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.unit.sources.bucket import Bucket, refused

CONTENT_OF_REQUEST = {"Body", "Bucket", "ChecksumAlgorithm", "IfMatch", "Key"}


class DeathError(BaseException):
    """The process ends here: no `except Exception` sees it."""


class WritableBucket(Bucket):
    """Counts its calls. `before_call(name)` is asked ahead of each: to change an object, to refuse, or to die.

    `least`: bytes of a piece that is not the last.
    """

    least = 5 * 1024 * 1024

    def __init__(self, objects: dict[str, bytes], *, versioned: bool = False) -> None:
        super().__init__(**objects)
        self.settings: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.uploads: dict[str, tuple[dict[str, Any], dict[int, bytes]]] = {}
        self.calls: list[str] = []
        self.dies_at: int | None = None  # the call, counted from 0
        self.does_it_first = False  # whether the call has its effect before the death
        self.versioned = versioned
        self.numbers = itertools.count(1)
        self.versions: dict[str, list[tuple[str, bytes | None]]] = {}  # the newest last; None: a mark of deletion
        for key, content in objects.items():
            self._put(key, content)

    def before_call(self, name: str) -> None:
        return

    def _called(self, name: str) -> None:
        if self.dies_at is not None and len(self.calls) >= self.dies_at and not self.does_it_first:
            raise DeathError
        if self.dies_at is not None and len(self.calls) > self.dies_at:
            raise DeathError
        self.before_call(name)
        self.calls.append(name)

    def _answered(self) -> None:
        if self.dies_at is not None and len(self.calls) > self.dies_at:
            raise DeathError

    def _put(self, key: str, content: bytes | None) -> None:
        if content is None:
            self.objects.pop(key, None)
        else:
            self.objects[key] = content
        kept = self.versions.get(key, []) if self.versioned else []
        name = f"v{next(self.numbers)}" if self.versioned else "null"
        self.versions[key] = [*kept, (name, content)] if self.versioned or content is not None else []

    def _check(self, key: str, etag: str | None, operation: str) -> None:
        if etag is None:
            return
        if key not in self.objects:
            raise named("NoSuchKey", 404, operation)
        if etag != str(hash(self.objects[key])):
            raise named("PreconditionFailed", 412, operation)

    def get_object(self, *, VersionId: str | None = None, **request: Any) -> dict[str, Any]:
        self._called("get_object")
        version = None if VersionId is None else dict(self.versions[request["Key"]])[VersionId]
        other = self if version is None else Bucket(**{request["Key"]: version})
        answer = Bucket.get_object(other, **request)
        self._answered()
        return answer

    def head_object(self, *, Bucket: str, Key: str, IfMatch: str, ChecksumMode: str) -> dict[str, Any]:
        self._called("head_object")
        if Key not in self.objects or IfMatch != str(hash(self.objects[Key])):
            code = "412" if Key in self.objects else "404"
            raise named(code, int(code), "HeadObject")
        self._answered()
        return {"ContentLength": len(self.objects[Key]), **self.settings.get(Key, {})}

    def get_object_tagging(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self._called("get_object_tagging")
        self._answered()
        return {"TagSet": [{"Key": name, "Value": value} for name, value in self.tags.get(Key, {}).items()]}

    def put_object(self, **request: Any) -> dict[str, Any]:
        self._called("put_object")
        self._check(request["Key"], request["IfMatch"], "PutObject")
        self._store(request, request["Body"].read())
        return {}

    def create_multipart_upload(self, **request: Any) -> dict[str, Any]:
        self._called("create_multipart_upload")
        name = f"u{next(self.numbers)}"
        self.uploads[name] = request, {}
        self._answered()
        return {"UploadId": name}

    def upload_part(self, *, UploadId: str, PartNumber: int, Body: Any, **_: Any) -> dict[str, Any]:
        self._called("upload_part")
        self.uploads[UploadId][1][PartNumber] = Body.read()
        self._answered()
        return {"ETag": str(PartNumber), "ChecksumCRC32": f"sum of {PartNumber}"}

    def complete_multipart_upload(
        self, *, UploadId: str, MultipartUpload: dict[str, Any], IfMatch: str, Key: str, Bucket: str
    ) -> dict[str, Any]:
        self._called("complete_multipart_upload")
        self._check(Key, IfMatch, "CompleteMultipartUpload")
        request, pieces = self.uploads.pop(UploadId)
        parts = MultipartUpload["Parts"]
        assert [part["ChecksumCRC32"] for part in parts] == [f"sum of {number}" for number in pieces]
        assert all(len(piece) >= self.least for piece in list(pieces.values())[:-1]), "S3 takes no smaller ones"
        self._store(request, b"".join(pieces[part["PartNumber"]] for part in parts))
        return {}

    def abort_multipart_upload(self, *, UploadId: str, **_: Any) -> None:
        self._called("abort_multipart_upload")
        del self.uploads[UploadId]
        self._answered()

    def _store(self, request: dict[str, Any], content: bytes) -> None:
        self._put(request["Key"], content)
        self.settings[request["Key"]] = {
            name: value for name, value in request.items() if name not in CONTENT_OF_REQUEST and name != "Tagging"
        }
        self._answered()

    def delete_object(self, *, Bucket: str, Key: str, IfMatch: str) -> None:
        self._called("delete_object")
        self._check(Key, IfMatch, "DeleteObject")
        self._put(Key, None)
        self._answered()

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:
        self._called("delete_objects")
        for entry in Delete["Objects"]:
            key = entry["Key"]
            self.versions[key] = [version for version in self.versions[key] if version[0] != entry["VersionId"]]
            newest = self.versions[key][-1][1] if self.versions[key] else None
            if newest is None:
                self.objects.pop(key, None)
            else:
                self.objects[key] = newest
        self._answered()
        return {}

    def get_paginator(self, name: str) -> Any:
        return self if name == "list_objects_v2" else _VersionPages(self)

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        self._called("list_objects_v2")
        self._answered()
        yield from list(super().paginate(Bucket=Bucket, Prefix=Prefix))


class _VersionPages:
    def __init__(self, bucket: WritableBucket) -> None:
        self._bucket = bucket

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        self._bucket._called("list_object_versions")
        self._bucket._answered()
        page: dict[str, list[dict[str, Any]]] = {"Versions": [], "DeleteMarkers": []}
        for key, versions in sorted(self._bucket.versions.items()):
            for name, content in reversed(versions) if key.startswith(Prefix) else ():
                entry: dict[str, Any] = {"Key": key, "VersionId": name, "IsLatest": name == versions[-1][0]}
                if content is None:
                    page["DeleteMarkers"].append(entry)
                else:
                    page["Versions"].append(entry | {"Size": len(content), "ETag": str(hash(content))})
        yield page


def named(code: str, status: int, operation: str) -> ClientError:
    error = refused(code, status)
    error.operation_name = operation
    return error
