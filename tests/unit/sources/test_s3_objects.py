"""Objects by key and rows by prefix: what is found, what is asked for, and what happens when S3 does not play along."""

import gzip
import io
import json
from typing import Any, cast

import pytest

from rightsdesk.domain.datamap import DataMap, FileCollection
from rightsdesk.domain.errors import RightsdeskError, SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.sources import s3_objects
from rightsdesk.sources.s3_file import S3File
from rightsdesk.sources.s3_objects import S3Reader
from tests.unit.domain import maps
from tests.unit.sources.bucket import Bucket, refused


def data_map(**collections: dict[str, Any]) -> DataMap:
    raw = maps.a_shop()
    raw["sources"]["files"]["collections"] = collections
    return maps.data_map(raw)


def read(bucket: Bucket, collection: dict[str, Any], *values: str) -> list[Record]:
    one = data_map(things=collection).collection("files/things")
    return list(S3Reader(cast("Any", bucket)).read(one, "member_id", values))


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


LETTERS = maps.objects("letters/{member_id}.jsonl")
ROWS = maps.rows("member_id", prefix="rows/")


def test_one_object_for_each_value_in_one_request() -> None:
    bucket = Bucket(**{"letters/M1.jsonl": lines({"text": 1}), "letters/M2.jsonl": lines({"text": 2})})
    assert read(bucket, LETTERS, "M1", "M3", "M2") == [{"text": 1}, {"text": 2}]
    assert [key for key, _, _ in bucket.gets] == ["letters/M1.jsonl", "letters/M2.jsonl"]


def test_an_object_that_is_empty_or_missing_holds_nothing() -> None:
    assert read(Bucket(**{"letters/M1.jsonl": b""}), LETTERS, "M1", "M2") == []


def test_a_value_is_never_read_as_a_template() -> None:
    bucket = Bucket(**{"letters/{member_id}.jsonl": lines({"text": 1}), "letters/M1.jsonl": lines({"text": 2})})
    assert read(bucket, LETTERS, "{member_id}") == [{"text": 1}]
    assert read(bucket, LETTERS, "../letters/M1") == []


def test_rows_of_these_people_from_all_files_under_the_prefix() -> None:
    bucket = Bucket(
        **{
            "rows/a.jsonl": lines({"member_id": "M1", "text": 1}, {"member_id": "M2", "text": 2}, {"text": 0}),
            "rows/b.jsonl.gz": gzip.compress(lines({"member_id": "M1", "text": 3}, {"member_id": 1, "text": 4})),
            "rows/c.jsonl": b"",
            "rows/_SUCCESS": b"not data",
            "rows/.part.crc": b"not data",
            "rows/sub/": b"",
            "rowsandmore/d.jsonl": lines({"member_id": "M1", "text": 9}),
        }
    )
    assert [row["text"] for row in read(bucket, ROWS, "M1")] == [1, 3]
    assert [row["text"] for row in read(bucket, ROWS, "1", "M2")] == [2, 4], "a number in a row is an identifier, too"
    assert read(bucket, ROWS) == []


def test_more_values_than_are_searched_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_objects, "VALUES_AT_ONCE", 2)
    bucket = Bucket(**{"rows/a.jsonl": lines(*({"member_id": f"M{i}", "text": i} for i in range(7)))})
    found = read(bucket, ROWS, *(f"M{i}" for i in range(5)))
    assert sorted(cast("int", row["text"]) for row in found) == [0, 1, 2, 3, 4]


def test_a_prefix_under_which_there_is_nothing_is_a_mistake_unless_said() -> None:
    bucket = Bucket(**{"elsewhere/a": b""})
    with pytest.raises(SourceBrokenError, match=r"files/rows/: there is nothing.*may_be_empty"):
        read(bucket, ROWS, "M1")
    assert read(bucket, ROWS | {"may_be_empty": True}, "M1") == []


def test_one_broken_row_breaks_the_source_and_names_the_file() -> None:
    bucket = Bucket(**{"rows/a.jsonl": b'{"member_id": "M1"}\n{"memb', "rows/b.jsonl": lines({"member_id": "M1"})})
    with pytest.raises(SourceBrokenError, match=r"files/rows/a\.jsonl: 1 row can't be read, the first in line 2"):
        read(bucket, ROWS, "M1")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (refused("SlowDown", 503), SourceUnavailableError),
        (refused("AccessDenied", 403), SourceBrokenError),
        (refused("NoSuchBucket", 404), SourceBrokenError),
    ],
)
@pytest.mark.parametrize("collection", [LETTERS, ROWS])
def test_refusals_are_translated(
    raised: Exception, expected: type[RightsdeskError], collection: dict[str, Any]
) -> None:
    bucket = Bucket(**{"letters/M1.jsonl": lines({}), "rows/a.jsonl": lines({})})

    def refuse() -> None:
        raise raised

    bucket.before = refuse  # type: ignore[method-assign]
    with pytest.raises(expected, match=r"^files/"):
        read(bucket, collection, "M1")


def large(rows: int) -> bytes:
    return lines(*({"member_id": f"M{i % 10}", "text": "x" * 100} for i in range(rows)))


def test_a_large_object_comes_in_ranges() -> None:
    content = large(80_000)
    bucket = Bucket(**{"rows/a.jsonl": content})
    assert len(read(bucket, ROWS, "M3")) == 8_000
    assert sum(length for _, _, length in bucket.gets) == len(content), "every byte once"
    assert max(length for _, _, length in bucket.gets) < len(content) / 2


def test_an_object_that_changes_while_it_is_read_is_tried_again() -> None:
    bucket = Bucket(**{"rows/a.jsonl": large(80_000)})

    def change() -> None:
        if bucket.gets:
            bucket.objects["rows/a.jsonl"] = large(80_001)

    bucket.before = change  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailableError, match="PreconditionFailed"):
        read(bucket, ROWS, "M3")


def test_an_answer_that_is_cut_short_is_tried_again() -> None:
    bucket = Bucket(**{"rows/a.jsonl": large(10)})
    bucket.cut = 1
    with pytest.raises(SourceUnavailableError, match="bytes came instead of"):
        read(bucket, ROWS, "M3")


def test_parquet_needs_the_larger_function() -> None:
    with pytest.raises(SourceBrokenError, match="this function can't read"):
        read(Bucket(), ROWS | {"format": "parquet"}, "M1")


def test_a_file_is_read_at_any_place() -> None:
    content = bytes(range(256)) * 10_000
    bucket = Bucket(a=content)
    file = S3File.open(cast("Any", bucket), "files", "a")
    assert file is not None
    assert (file.size, file.seek(-10, io.SEEK_END), file.read(20)) == (len(content), len(content) - 10, content[-10:])
    assert (file.seek(5), file.read(3), file.tell(), file.read(0)) == (5, content[5:8], 8, b"")
    assert file.seek(2, io.SEEK_CUR) == 10
    assert io.BufferedReader(file).read() == content[10:]


def test_the_wrong_kind_of_collection_is_a_mistake() -> None:
    table = maps.data_map(maps.a_shop()).identity
    with pytest.raises(SourceBrokenError, match="not in S3"):
        list(S3Reader(cast("Any", Bucket())).read(table, "email", ["a"]))
    assert isinstance(data_map(things=ROWS).collection("files/things"), FileCollection)
