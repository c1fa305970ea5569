"""Parquet: the rows of these people, with as little read as possible, whatever the type of the column."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.sources.columnar import search_columns
from rightsdesk.sources.s3_objects import S3Reader
from tests.unit.domain import maps
from tests.unit.sources.bucket import Bucket, refused


def collection(**changes: Any) -> FileCollection:
    return FileCollection.model_validate(
        maps.rows("member_id", prefix="rows/", format="parquet", zone="Asia/Tokyo") | changes
    )


def parquet(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def read(bucket: Bucket, *values: str, **changes: Any) -> list[Record]:
    reader = S3Reader(cast("Any", bucket), search_columns=search_columns)
    return list(reader.read(collection(**changes), "member_id", values))


def visits(members: Any, kind: pa.DataType, **options: Any) -> Bucket:
    table = pa.table({"member_id": pa.array(members, kind), "text": [f"t{i}" for i in range(len(members))]})
    return Bucket(**{"rows/a.parquet": parquet(table, **options)})


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (pa.string(), ["1042", "7", None, "1042"]),
        (pa.large_string(), ["1042", "7", None, "1042"]),
        (pa.dictionary(pa.int32(), pa.string()), ["1042", "7", None, "1042"]),
        (pa.int64(), [1042, 7, None, 1042]),
        (pa.uint16(), [1042, 7, None, 1042]),
        (pa.float64(), [1042.0, 7.5, None, 1042.0]),
        (pa.decimal128(12, 0), [Decimal(1042), Decimal(7), None, Decimal(1042)]),
    ],
)
def test_a_key_is_found_whatever_its_type(kind: pa.DataType, members: list[Any]) -> None:
    bucket = visits(members, kind)
    found = read(bucket, "1042", "M-1", "99999999999999999999999", "１０４２", "nan", "")
    assert [row["text"] for row in found] == ["t0", "t3"]
    assert read(bucket, "M-1") == []


def test_a_column_that_can_t_be_searched_is_told() -> None:
    with pytest.raises(SourceBrokenError, match=r"files/rows/a\.parquet: a column of type bool"):
        read(visits([True], pa.bool_()), "1")
    with pytest.raises(SourceBrokenError, match="no column other"):
        read(visits(["1"], pa.string()), "1", match={"column": "other", "identifier": "member_id"})


def test_values_come_as_json() -> None:
    noon = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 - a column without a zone
    table = pa.table(
        {
            "member_id": ["M1"],
            "local": pa.array([noon], pa.timestamp("ms")),
            "exact": pa.array([noon.replace(tzinfo=UTC)], pa.timestamp("us", tz="UTC")),
            "price": pa.array([Decimal("19.90")], pa.decimal128(9, 2)),
            "photo": [b"\x00"],
            "items": [[{"sku": "A", "quantity": 2}]],
            "nothing": pa.array([None], pa.string()),
        }
    )
    assert read(Bucket(**{"rows/a.parquet": parquet(table)}), "M1") == [
        {
            "member_id": "M1",
            "local": "2026-03-01T12:00:00+09:00",
            "exact": "2026-03-01T12:00:00+00:00",
            "price": 19.9,
            "photo": "AA==",
            "items": [{"sku": "A", "quantity": 2}],
            "nothing": None,
        }
    ]


def test_every_row_of_a_file_of_one_person() -> None:
    table = pa.table({"text": list(range(10_000))})
    bucket = Bucket(**{"rows/M1.parquet": parquet(table, row_group_size=3000)})
    found = read(bucket, "M1", prefix=None, match=None, key="rows/{member_id}.parquet")
    assert [row["text"] for row in found] == list(range(10_000))


def test_hits_in_many_batches_and_groups_keep_their_order() -> None:
    members = [f"M{i % 7}" for i in range(30_000)]
    found = read(visits(members, pa.string(), row_group_size=11_000), "M3", "M5")
    assert [row["text"] for row in found] == [f"t{i}" for i in range(30_000) if i % 7 in (3, 5)]


def test_only_what_is_needed_is_read() -> None:
    rows = 200_000
    table = pa.table(
        {
            "member_id": [f"M{i // 100:06d}" for i in range(rows)],  # clustered by person, as such files mostly are
            "text": [f"{i * 2654435761 % 2**32:032b}" for i in range(rows)],
        }
    )
    content = parquet(table, row_group_size=10_000, compression="none", use_dictionary=False)
    bucket = Bucket(**{"rows/a.parquet": content})
    assert len(read(bucket, "M000123")) == 100
    assert sum(length for _, _, length in bucket.gets) < len(content) / 4
    bucket.gets.clear()
    assert read(bucket, "M9") == []
    assert len(bucket.gets) == 1, "the footer excludes every group"


@pytest.mark.parametrize("content", [b"PAR1 but no more PAR1", b"x", b"PAR1" * 1000])
def test_a_damaged_file_is_told(content: bytes) -> None:
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: "):
        read(Bucket(**{"rows/a.parquet": content}), "M1")


@pytest.mark.parametrize("compression", ["zstd", "none"])
def test_damage_inside_is_told(compression: str) -> None:
    table = pa.table({"member_id": ["M1"] * 5000, "text": [str(i) for i in range(5000)]})
    content = bytearray(parquet(table, compression=compression, use_dictionary=False, write_page_checksum=True))
    content[len(content) // 2] ^= 1
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: "):
        read(Bucket(**{"rows/a.parquet": bytes(content)}), "M1")


def test_s3_that_fails_in_the_middle_is_tried_again() -> None:
    bucket = visits([f"M{i}" for i in range(400_000)], pa.string(), row_group_size=50_000)

    def refuse() -> None:
        if len(bucket.gets) > 1:
            raise refused("SlowDown", 503)

    bucket.before = refuse  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailableError, match="SlowDown"):
        read(bucket, "M5", "M399999", "M200000")


@pytest.mark.parametrize("rows", [1, 5000])
def test_a_time_finer_than_we_can_tell_is_told_as_broken(rows: int) -> None:
    times = pa.array([1_767_225_600_000_000_001] * rows, pa.timestamp("ns"))
    bucket = Bucket(**{"rows/a.parquet": parquet(pa.table({"member_id": ["M1"] * rows, "at": times}))})
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: ValueError$"):
        read(bucket, "M1")
