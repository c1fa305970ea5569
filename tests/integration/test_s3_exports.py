"""Packages in S3: written in pieces, fetched through a short link, gone without a trace."""

import hashlib
import random
from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen
from uuid import uuid4

import pytest

from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.s3_uploads import UploadWriter
from rightsdesk.domain.errors import NotFoundError
from tests.support.stack import PlayedStack, calls_of

PIECE = 8 * 1024 * 1024


@pytest.fixture
def bucket(stack: PlayedStack) -> str:
    return str(stack.local.ref("ExportBucket"))


@pytest.fixture
def store(stack: PlayedStack, bucket: str) -> S3ExportStore:
    return S3ExportStore(bucket, stack.client("s3"))


def _writer(stack: PlayedStack, bucket: str, key: str) -> UploadWriter:
    return UploadWriter(stack.client("s3"), bucket, key, content_type="application/zip")


def test_what_goes_to_another_controller_is_read_as_it_comes(store: S3ExportStore) -> None:
    key, content = f"exports/{uuid4().hex}/transfer", random.Random(7).randbytes(300_000)
    with store.open_part(key) as part:
        part.write(content)
    with store.open_zip(key) as opened:
        pieces = [opened.read(100_000) for _ in range(4)]
    assert (b"".join(pieces), pieces[3]) == (content, b"")
    with pytest.raises(NotFoundError):
        store.open_zip(f"{key}/nowhere")


def test_a_receipt_is_kept_whatever_the_receiver_said(stack: PlayedStack, bucket: str, store: S3ExportStore) -> None:
    key = f"exports/{uuid4().hex}/receipt"
    for text in ("status: 500", "status: 201\n\n受け取りました\udc80"):
        store.keep_receipt(key, text)
    kept = stack.client("s3").get_object(Bucket=bucket, Key=key)
    assert kept["Body"].read().decode() == "status: 201\n\n受け取りました?"
    assert kept["ContentType"] == "text/plain"


@pytest.mark.parametrize("size", [0, 1, PIECE - 1])
def test_a_small_object_is_one_put(stack: PlayedStack, bucket: str, size: int) -> None:
    key = f"exports/{uuid4().hex}/1"
    with calls_of(stack.client("s3")) as calls, _writer(stack, bucket, key) as upload:
        upload.write(b"x" * size)
    assert calls == ["PutObject"]
    head = stack.client("s3").head_object(Bucket=bucket, Key=key)
    assert (head["ContentLength"], head["ContentType"], upload.bytes) == (size, "application/zip", size)


def test_a_large_object_goes_up_in_pieces_and_comes_back_whole(stack: PlayedStack, bucket: str) -> None:
    key = f"exports/{uuid4().hex}/1"
    data = random.Random(1).randbytes(PIECE + PIECE // 2)
    with calls_of(stack.client("s3")) as calls, _writer(stack, bucket, key) as upload:
        for start in range(0, len(data), 1_000_003):
            assert upload.write(data[start : start + 1_000_003]) > 0
            assert upload._buffer.tell() < PIECE  # memory is bounded
    assert calls == ["CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"]
    body = stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert hashlib.sha256(body).digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize("size", [10, PIECE + 1])
def test_an_upload_that_is_left_by_an_error_leaves_nothing(stack: PlayedStack, bucket: str, size: int) -> None:
    prefix = f"exports/{uuid4().hex}/"
    upload = _writer(stack, bucket, f"{prefix}1")

    def left_by_an_error() -> None:
        with upload:
            upload.write(b"x" * size)
            raise KeyError

    with pytest.raises(KeyError):
        left_by_an_error()
    assert stack.remnants(prefix) == []
    upload.close()  # an ended writer stays ended
    assert stack.remnants(prefix) == []


def test_a93_purge_takes_versions_markers_and_unfinished_uploads_and_nothing_else(
    stack: PlayedStack, bucket: str, store: S3ExportStore
) -> None:
    s3, prefix, other = stack.client("s3"), f"exports/{uuid4().hex}/", f"exports/{uuid4().hex}/"
    for body in (b"first", b"second"):
        s3.put_object(Bucket=bucket, Key=f"{prefix}1", Body=body)
    s3.delete_object(Bucket=bucket, Key=f"{prefix}1")
    s3.put_object(Bucket=bucket, Key=f"{prefix}2", Body=b"current")
    upload = s3.create_multipart_upload(Bucket=bucket, Key=f"{prefix}3")
    s3.upload_part(Bucket=bucket, Key=f"{prefix}3", UploadId=upload["UploadId"], PartNumber=1, Body=b"part")
    s3.put_object(Bucket=bucket, Key=f"{other}1", Body=b"somebody else's")

    assert store.purge([prefix, f"work/{uuid4().hex}/"]) == 4
    assert stack.remnants(prefix) == []
    assert stack.remnants(other) == [f"version {other}1"]
    assert store.purge([prefix]) == 0  # again is no error


def test_purge_says_so_when_something_stays(stack: PlayedStack, bucket: str) -> None:
    prefix = f"exports/{uuid4().hex}/"
    s3 = stack.client("s3")
    s3.put_object(Bucket=bucket, Key=f"{prefix}1", Body=b"x")

    class Refusing:
        def __getattr__(self, name: str) -> object:
            return getattr(s3, name)

        def delete_objects(self, **_: object) -> dict[str, object]:
            return {"Errors": [{"Key": f"{prefix}1", "Code": "AccessDenied"}]}

    with pytest.raises(RuntimeError, match="1 objects could not be deleted"):
        S3ExportStore(bucket, Refusing()).purge([prefix])  # type: ignore[arg-type]


def test_a35_a_link_is_sigv4_for_sixty_seconds_and_downloads_as_an_attachment(stack: PlayedStack, bucket: str) -> None:
    """Made with the product's own client, whose configuration is what is tested."""
    key = f"exports/{uuid4().hex}/1"
    stack.client("s3").put_object(Bucket=bucket, Key=key, Body=b"PK the answer")
    url = S3ExportStore(bucket).link(key, filename="RD-7K3M-9QXD-W_2026-11-23.zip", lifetime=timedelta(seconds=60))
    query = parse_qs(urlsplit(url).query)
    assert url.startswith("https://")
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["60"]

    with urlopen(stack.local.local_url(url)) as response:  # noqa: S310 - our own loopback address
        assert response.read() == b"PK the answer"
        headers = response.headers
    assert headers["Content-Disposition"] == 'attachment; filename="RD-7K3M-9QXD-W_2026-11-23.zip"'
    assert headers["Content-Type"] == "application/zip"
    assert headers["Cache-Control"] == "no-store"

    stack.local.clock.move_to(stack.now.timestamp() + 61)
    with pytest.raises(HTTPError) as refused:
        urlopen(stack.local.local_url(url))  # noqa: S310
    assert refused.value.code == 403
    refused.value.close()


def test_a36_packages_lie_under_random_keys(store: S3ExportStore) -> None:
    request_id = uuid4().hex
    prefixes = {store.new_prefix(request_id) for _ in range(100)}
    assert len(prefixes) == 100
    assert all(len(prefix.split("/")[2]) == 32 for prefix in prefixes)  # 128 bits
