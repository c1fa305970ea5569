"""What was collected goes into S3 and comes back the same."""

import gzip
import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.records import Record
from tests.support.stack import PlayedStack

AWKWARD: list[Record] = [
    {"text": "line\nbreak \u2028 \x00 nul", "emoji": "👩‍👩‍👧", "kanji": "髙﨑", "empty": "", "none": None},
    {"half": "cut in the middle of \ud83d", "low": "\udc00", "名前": "花子"},
    {"big": 2**64 - 1, "bigger": 10**38 - 1, "negative": -(2**70), "float": 0.1, "tiny": 5e-324, "minus": -0.0},
    {"nested": {"list": [1, [2, [3, {"deep": True}]]], "empty": {}}, "nothing": []},
    {},
]


@pytest.fixture
def store(stack: PlayedStack) -> S3RecordStore:
    return S3RecordStore(stack.local.ref("ExportBucket"), stack.client("s3"))


def test_records_come_back_as_they_were(store: S3RecordStore) -> None:
    request_id = uuid4().hex
    written = store.write(request_id, "shop/members", iter(AWKWARD))
    assert written.rows == len(AWKWARD)
    assert list(store.read(request_id, "shop/members")) == AWKWARD
    assert store.exists(request_id, "shop/members")


def test_an_object_is_gzip_and_json_lines_for_any_reader(store: S3RecordStore, stack: PlayedStack) -> None:
    request_id = uuid4().hex
    written = store.write(request_id, "shop/members", iter(AWKWARD))
    body = stack.client("s3").get_object(Bucket=stack.local.ref("ExportBucket"), Key=written.key)["Body"].read()
    assert len(body) == written.bytes
    assert [json.loads(line) for line in gzip.decompress(body).decode().split("\n") if line] == AWKWARD


def test_no_record_at_all_is_an_object_all_the_same(store: S3RecordStore) -> None:
    request_id = uuid4().hex
    assert store.write(request_id, "shop/members", iter(())).rows == 0
    assert store.exists(request_id, "shop/members")
    assert list(store.read(request_id, "shop/members")) == []


def test_what_was_never_written_is_not_found_before_the_first_record(store: S3RecordStore) -> None:
    with pytest.raises(NotFoundError):
        store.read(uuid4().hex, "shop/members")
    assert not store.exists(uuid4().hex, "shop/members")


def test_a_stream_that_breaks_leaves_nothing(store: S3RecordStore, stack: PlayedStack) -> None:
    request_id = uuid4().hex

    def breaks() -> Iterator[Record]:
        yield from AWKWARD
        raise RuntimeError("the source went away")

    with pytest.raises(RuntimeError, match="went away"):
        store.write(request_id, "shop/members", breaks())
    assert stack.remnants(f"work/{request_id}/") == []


def test_what_is_deleted_is_gone(store: S3RecordStore) -> None:
    request_id = uuid4().hex
    store.write(request_id, "shop/members", iter(AWKWARD))
    store.delete(request_id, "shop/members")
    assert not store.exists(request_id, "shop/members")
