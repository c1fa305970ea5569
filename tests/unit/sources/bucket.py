# ruff: noqa: N803 - the SDK's own names
"""A bucket in memory that answers ranges as S3 does, and counts what it is asked for."""

import io
import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError


class Bucket:
    """Stands for an S3 client. `before` is called ahead of every GET: to change an object, or to raise."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = objects
        self.gets: list[tuple[str, int, int]] = []
        self.cut = 0  # bytes that are missing at the end of each answer

    def before(self) -> None:
        return

    def get_object(self, *, Bucket: str, Key: str, Range: str, IfMatch: str | None = None) -> dict[str, Any]:
        self.before()
        if Key not in self.objects:
            raise refused("NoSuchKey", 404)
        content = self.objects[Key]
        if IfMatch is not None and IfMatch != str(hash(content)):
            raise refused("PreconditionFailed", 412)
        first, last = map(int, re.findall(r"\d+", Range))
        if first >= len(content):
            raise refused("InvalidRange", 416)
        data = content[first : last + 1]
        self.gets.append((Key, first, len(data)))
        body = data[: len(data) - self.cut]
        return {
            "Body": io.BytesIO(body),
            "ETag": str(hash(content)),
            "ContentRange": f"bytes {first}-{first + len(data) - 1}/{len(content)}",
        }

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        """Pages of one, so that the next is always asked for."""
        for key, content in sorted(self.objects.items()):
            if key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "Size": len(content), "ETag": str(hash(content))}]}


def refused(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetObject")  # type: ignore[typeddict-item]
