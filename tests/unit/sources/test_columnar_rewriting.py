"""Parquet: rows taken out of some groups, all other groups copied byte by byte, every other value as it was."""

import io
import math
import tracemalloc
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.sources import columnar_rewriting
from rightsdesk.sources.columnar_rewriting import rewrite_columns
from rightsdesk.sources.compact_thrift import BINARY, I32, I64, STRUCT, Field, Struct, read_struct, written
from rightsdesk.sources.parquet_copy import Buffer, read_footer
from rightsdesk.sources.s3_rewriting import S3Eraser
from tests.unit.domain import maps
from tests.unit.sources.bucket import refused
from tests.unit.sources.test_s3_rewriting import Rule, as_it_says, delete
from tests.unit.sources.writable_bucket import DeathError, WritableBucket

KEY = "rows/a.parquet"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456)  # noqa: DTZ001 - a column without a zone


def collection(**changes: Any) -> FileCollection:
    return FileCollection.model_validate(
        maps.rows("member_id", prefix="rows/", format="parquet", zone="Asia/Tokyo") | changes
    )


def parquet(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def bucket_of(table: pa.Table, **options: Any) -> WritableBucket:
    return WritableBucket({KEY: parquet(table, **options)})


def eraser(bucket: WritableBucket) -> S3Eraser:
    return S3Eraser(cast("Any", bucket), rewrite_columns=rewrite_columns)


def find(bucket: WritableBucket, *people: str, rule: Rule = delete, **changes: Any) -> list[RowFound]:
    return list(eraser(bucket).find(collection(**changes), "member_id", people, rule))


def erase(bucket: WritableBucket, *people: str, rule: Rule = delete, **changes: Any) -> list[RowDone]:
    return list(eraser(bucket).carry_out(collection(**changes), "member_id", people, rule))


def remains(bucket: WritableBucket, *people: str, rule: Rule = delete) -> int:
    return eraser(bucket).remains(collection(), "member_id", people, rule)


def read(content: bytes) -> pa.Table:
    """Group by group, which also reads what pyarrow can't read at once."""
    file = pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True)
    groups = [file.read_row_group(group) for group in range(file.num_row_groups)]
    return pa.concat_tables(groups) if groups else file.schema_arrow.empty_table()


def metadata(content: bytes) -> pq.FileMetaData:
    return pq.read_metadata(io.BytesIO(content))


def without(table: pa.Table, *members: str) -> pa.Table:
    column = table["member_id"].cast(pa.string())
    return table.filter(pc.invert(pc.is_in(column, pa.array(members, pa.string()))))


def values_of(table: pa.Table) -> str:
    """Of any type, and equal where there is no number."""
    return repr(table.to_pydict())


def awkward(rows: int = 700) -> pa.Table:
    """Every type that a file may have, with nulls."""

    def column(values: list[Any], kind: pa.DataType) -> pa.Array:
        return pa.array([values[i % len(values)] for i in range(rows)], kind)

    inside = pa.struct(
        [("sku", pa.string()), ("prices", pa.list_(pa.decimal128(9, 2))), ("at", pa.timestamp("ms", "UTC"))]
    )
    return pa.table(
        {
            "member_id": [f"M{i // 100}" if i % 3 else f"M{i % 7}" for i in range(rows)],
            "flag": column([True, False, None], pa.bool_()),
            "tiny": column([-128, None, 127], pa.int8()),
            "wide": column([2**64 - 1, 0, None], pa.uint64()),
            "real": column([1.5, math.nan, None, -0.0, math.inf], pa.float64()),
            "half": column([1.5, None], pa.float32()),
            "text": column(["髙", "", None, "x" * 300], pa.string()),
            "long": column(["a", None], pa.large_string()),
            "photo": column([b"\x00\xff", None, b""], pa.binary()),
            "code": column([b"abcd", None], pa.binary(4)),
            "choice": pa.array([["red", None, "blue"][i % 3] for i in range(rows)]).dictionary_encode(),
            "day": column([date(1, 1, 1), None, date(9999, 12, 31)], pa.date32()),
            "hour": column([time(23, 59, 59, 999999), None], pa.time64("us")),
            "local": column([NOON, None], pa.timestamp("us")),
            "exact": column([NOON.replace(tzinfo=UTC), None], pa.timestamp("ns", "Asia/Tokyo")),
            "price": column([Decimal("19.90"), None, Decimal("-0.01")], pa.decimal128(30, 2)),
            "list": column([["a", None], [], None], pa.list_(pa.string())),
            "deep": column([[[1], None, []], None, [[]]], pa.list_(pa.list_(pa.int32()))),
            "items": column([[{"sku": "A", "prices": [Decimal(1), None], "at": NOON}], None, [None]], pa.list_(inside)),
            "one": column([{"sku": None, "prices": None, "at": None}, None], inside),
            "map": column([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
            "nothing": pa.nulls(rows, pa.string()),
        }
    )


OPTIONS: list[dict[str, Any]] = [
    {},
    {"compression": "none", "use_dictionary": False},
    {"compression": "zstd", "data_page_version": "2.0", "write_page_index": True},
    {"compression": "gzip", "use_dictionary": ["text"], "write_statistics": ["member_id"], "version": "1.0"},
    {"compression": {"member_id": "lz4", "text": "brotli"}, "store_schema": False, "store_decimal_as_integer": True},
    {"use_compliant_nested_type": False, "data_page_size": 500, "write_batch_size": 10},
    {
        "use_dictionary": False,
        "column_encoding": {"tiny": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "real": "BYTE_STREAM_SPLIT"},
    },
]


@pytest.mark.parametrize("options", OPTIONS)
def test_every_other_value_of_every_type_stays(options: dict[str, Any]) -> None:
    table = awkward()
    bucket = bucket_of(table, row_group_size=150, **options)
    before = bucket.objects[KEY]
    found = find(bucket, "M2", "M5")
    done = erase(bucket, "M2", "M5")
    after = bucket.objects[KEY]
    assert values_of(read(after)) == values_of(without(read(before), "M2", "M5"))
    assert [row.place for row in done] == [row.place for row in found]
    assert len(done) == table.num_rows - read(after).num_rows
    assert remains(bucket, "M2", "M5") == 0
    assert erase(bucket, "M2", "M5") == []
    assert bucket.objects[KEY] is after
    assert_written_alike(metadata(before), metadata(after))


def assert_written_alike(old: pq.FileMetaData, new: pq.FileMetaData) -> None:
    assert (new.schema.equals(old.schema), new.metadata) == (True, old.metadata)
    assert (new.created_by, new.format_version) == (old.created_by, old.format_version)
    assert new.num_row_groups == old.num_row_groups
    for group in range(old.num_row_groups):
        for leaf in range(old.num_columns):
            one, other = old.row_group(group).column(leaf), new.row_group(group).column(leaf)
            for name in ("path_in_schema", "compression", "physical_type", "is_stats_set", "has_dictionary_page"):
                assert getattr(one, name) == getattr(other, name), (group, one.path_in_schema, name)
            assert encodings(one) == encodings(other), one.path_in_schema
            assert one.has_offset_index == other.has_offset_index


def encodings(column: Any) -> set[str]:
    """What a dictionary is called has changed, not what it is."""
    names = {name.replace("PLAIN_DICTIONARY", "RLE_DICTIONARY") for name in column.encodings}
    return names - {"PLAIN"} if "RLE_DICTIONARY" in names else names


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["M1", "M2", "M3", "M4", None]),
            st.sampled_from(["delete", "reduce", "keep"]),
            st.text(st.characters(codec="utf-8"), max_size=3) | st.none(),
            st.lists(st.integers(0, 9) | st.none(), max_size=3) | st.none(),
        ),
        max_size=30,
    ),
    st.integers(1, 9),
    st.booleans(),
)
@settings(max_examples=60)
def test_rows_of_several_people(rows: list[Any], group: int, dictionaries: bool) -> None:
    kinds = [("member_id", pa.string()), ("do", pa.string()), ("text", pa.string()), ("note", pa.list_(pa.int32()))]

    def table(rows: list[Any]) -> pa.Table:
        columns = [pa.array([row[i] for row in rows], kind) for i, (_, kind) in enumerate(kinds)]
        return pa.table(columns, [name for name, _ in kinds])

    def after(row: Any) -> list[Any]:
        member, do, *_ = row
        if member not in ("M1", "M2") or do == "keep":
            return [row]
        return [] if do == "delete" else [(member, do, row[2] and None, None)]

    bucket = bucket_of(table(rows), row_group_size=group, use_dictionary=dictionaries)
    before = bucket.objects[KEY]
    people = ("M1", "M2")
    found = find(bucket, *people, rule=as_it_says)
    done = {row.place: row for row in erase(bucket, *people, rule=as_it_says)}
    assert read(bucket.objects[KEY]).equals(table([left for row in rows for left in after(row)]))
    assert len(found) == sum(row[0] in people for row in rows)
    assert {row.place: row.expected for row in found if row.change.fate is not RowFate.KEEP} == {
        place: row.after for place, row in done.items()
    }
    assert remains(bucket, *people, rule=as_it_says) == 0
    if not any(row.state is RowState.DONE for row in done.values()):
        assert bucket.objects[KEY] is before
    again = bucket.objects[KEY]
    assert {row.state for row in erase(bucket, *people, rule=as_it_says)} <= {RowState.WAS_DONE}
    assert bucket.objects[KEY] is again


def clustered(rows: int = 20_000) -> pa.Table:
    return pa.table(
        {
            "member_id": [f"M{i // 100:06d}" for i in range(rows)],
            "text": [f"{i * 2654435761 % 2**32:032b}" for i in range(rows)],
        }
    )


def chunks(content: bytes, group: int) -> list[bytes]:
    columns = [metadata(content).row_group(group).column(leaf) for leaf in range(metadata(content).num_columns)]
    starts = [column.dictionary_page_offset or column.data_page_offset for column in columns]
    return [content[start : start + c.total_compressed_size] for start, c in zip(starts, columns, strict=True)]


def test_groups_without_a_hit_are_the_same_bytes() -> None:
    bucket = bucket_of(
        clustered(), row_group_size=1000, write_page_index=True, bloom_filter_options={"member_id": {"ndv": 10}}
    )
    before = bucket.objects[KEY]
    assert len(erase(bucket, "M000123", "M000017")) == 200
    after = bucket.objects[KEY]
    for group in range(20):
        assert (chunks(before, group) == chunks(after, group)) is (group not in (12, 1))
        assert statistics(before, group) == statistics(after, group) or group in (12, 1)
    assert read(after).equals(without(clustered(), "M000123", "M000017"))


def statistics(content: bytes, group: int) -> dict[str, Any]:
    return cast("dict[str, Any]", metadata(content).row_group(group).column(0).statistics.to_dict())


def test_indexes_and_filters_say_where_things_are_now() -> None:
    small_pages = {"data_page_size": 2000, "write_batch_size": 100, "use_dictionary": False, "write_page_index": True}
    bucket = bucket_of(
        clustered(4000), row_group_size=1000, bloom_filter_options={"member_id": {"ndv": 10}}, **small_pages
    )
    before = bucket.objects[KEY]
    erase(bucket, "M000012")
    after = bucket.objects[KEY]
    old_filters = list(filters(before))
    assert [f is not None for f in old_filters] == [True] * 4
    assert list(filters(after)) == [old_filters[0], None, *old_filters[2:]], "one that knows who is gone is not kept"
    for old, new in zip(pages(before), pages(after), strict=True):
        assert old == new or new[1] == [0], "the group that was encoded anew has other pages"
    assert [len(first_rows) > 1 for _, first_rows in pages(after)] == [True, True, False, False, True, True, True, True]
    assert b"M000012" not in after


def column_chunks(content: bytes) -> list[Struct]:
    groups = read_footer(Buffer(content))[4].value.values
    return [chunk for group in groups for chunk in group[1].value.values]


def filters(content: bytes) -> Any:
    for chunk in column_chunks(content)[::2]:
        meta = chunk[3].value
        if 14 in meta:
            yield content[meta[14].value : meta[14].value + meta[15].value]
        else:
            yield None


def pages(content: bytes) -> Any:
    """Each page that an index names begins with a head that says so, and of the size that is said."""
    for chunk in column_chunks(content):
        index, _ = read_struct(content, chunk[4].value)
        first_rows = []
        for location in index[1].value.values:
            head, end = read_struct(content, location[1].value)
            assert end - location[1].value + head[3].value == location[2].value
            first_rows.append(location[3].value)
        bounds, end = read_struct(content, chunk[6].value)
        assert end == chunk[6].value + chunk[7].value
        yield bounds, first_rows


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_nothing_of_who_is_gone_is_left_in_the_bytes(kind: pa.DataType) -> None:
    """Not in a dictionary, nor in statistics."""
    members = ["Anna", "Zoe-who-goes", "Bea", "Zoe-who-goes"] * 50
    table = pa.table({"member_id": pa.array(members, kind), "text": pa.array(members, kind), "n": range(200)})
    bucket = bucket_of(table, compression="none", row_group_size=100, write_page_index=True)
    assert bucket.objects[KEY].count(b"Zoe-who-goes") > 4
    erase(bucket, "Zoe-who-goes")
    assert bucket.objects[KEY].count(b"Zoe") == 0
    assert read(bucket.objects[KEY])["n"].to_pylist() == list(range(0, 200, 2))
    assert metadata(bucket.objects[KEY]).row_group(0).column(0).statistics.max == "Bea"


def test_a_group_of_which_every_row_goes_is_left_out() -> None:
    bucket = bucket_of(clustered(1000), row_group_size=100)
    erase(bucket, "M000003", "M000009")
    assert metadata(bucket.objects[KEY]).num_row_groups == 8
    assert read(bucket.objects[KEY]).equals(without(clustered(1000), "M000003", "M000009"))


def test_a_file_of_which_every_row_goes_keeps_its_schema() -> None:
    table = pa.table({"member_id": ["M1", "M2"], "text": ["a", "b"]})
    bucket = bucket_of(table)
    erase(bucket, "M1", "M2")
    assert read(bucket.objects[KEY]).schema == table.schema
    assert read(bucket.objects[KEY]).num_rows == remains(bucket, "M1") == 0


def test_a_file_of_one_person_goes_whole() -> None:
    bucket = WritableBucket({"rows/M1.parquet": parquet(pa.table({"text": range(10_000)}), row_group_size=3000)})
    by_key: dict[str, Any] = {"prefix": None, "match": None, "key": "rows/{member_id}.parquet"}
    assert len(find(bucket, "M1", **by_key)) == 10_000
    assert len(erase(bucket, "M1", **by_key)) == 10_000
    assert bucket.objects == {}


def reduce(*names: str) -> Rule:
    return lambda record: RowChange(fate=RowFate.REDUCE, remove=tuple(n for n in names if record.get(n)))


def test_attributes_of_every_type_are_emptied() -> None:
    table = awkward()
    names = [name for name in table.column_names if name != "member_id"]
    bucket = bucket_of(table, row_group_size=150)
    done = erase(bucket, "M2", "M9", rule=reduce(*names))
    after = read(bucket.objects[KEY])
    for name in names:
        rows = [row[name] for row in after.filter(pc.equal(after["member_id"], "M2")).select([name]).to_pylist()]
        assert not any(rows), name
    assert values_of(without(after, "M2")) == values_of(without(table, "M2"))
    assert after.num_rows == table.num_rows
    assert all(row.after for row in done)
    assert remains(bucket, "M2", rule=reduce(*names)) == 0
    assert {row.state for row in erase(bucket, "M2", rule=reduce(*names))} == {RowState.WAS_DONE}


def test_columns_of_which_nothing_goes_are_the_same_bytes() -> None:
    """Also their indexes, wherever the others end up."""
    rows = 6000
    table = pa.table(
        {
            "member_id": [f"M{row % 50}" for row in range(rows)],
            "address": [f"Long Street {row}" for row in range(rows)],
            "seen": pa.array([{"at": row, "by": str(row % 7)} for row in range(rows)]),
            "total": list(range(rows)),
        }
    )
    bucket = bucket_of(table, row_group_size=2000, write_page_index=True, write_page_checksum=True)
    before = bucket.objects[KEY]
    assert len(erase(bucket, "M7", rule=reduce("address"))) == rows // 50
    after = bucket.objects[KEY]
    assert len(after) != len(before)
    for group in range(3):
        for leaf in range(metadata(before).num_columns):
            old, new = (metadata(content).row_group(group).column(leaf) for content in (before, after))
            same = chunk(before, old) == chunk(after, new)
            assert same == (old.path_in_schema != "address"), old.path_in_schema
            assert new.has_column_index
            assert new.has_offset_index
    emptied = [None if row % 50 == 7 else text for row, text in enumerate(table["address"].to_pylist())]
    assert read(after).equals(table.set_column(1, "address", pa.array(emptied)))
    assert read(after).equals(pq.read_table(io.BytesIO(after)))


def chunk(content: bytes, column: pq.ColumnChunkMetaData) -> bytes:
    start = min(place for place in (column.data_page_offset, column.dictionary_page_offset) if place)
    return content[start : start + column.total_compressed_size]


def test_whose_a_row_is_may_go() -> None:
    bucket = bucket_of(pa.table({"member_id": ["M1", "M2", "M1"], "text": ["a", "b", "c"]}))
    assert len(erase(bucket, "M1", rule=reduce("member_id"))) == 2
    assert read(bucket.objects[KEY]).to_pydict() == {"member_id": [None, "M2", None], "text": ["a", "b", "c"]}
    assert find(bucket, "M1") == []


def test_a_column_that_allows_no_null() -> None:
    schema = pa.schema([pa.field("member_id", pa.string(), nullable=False), pa.field("n", pa.int32(), nullable=False)])
    bucket = bucket_of(pa.table({"member_id": ["M1", "M2"], "n": [1, 2]}, schema))
    with pytest.raises(SourceBrokenError, match=r"a\.parquet: column n can't be empty"):
        erase(bucket, "M1", rule=reduce("n"))
    erase(bucket, "M1", rule=reduce("member_id"))
    assert read(bucket.objects[KEY]).to_pydict() == {"member_id": ["", "M2"], "n": [1, 2]}


def test_order_is_told_as_long_as_it_holds() -> None:
    table = pa.table({"member_id": ["M1", "M2", "M3"], "n": [1, 2, 3]})
    order = [pq.SortingColumn(1)]
    for rule, kept in ((delete, True), (reduce("member_id"), True), (reduce("n"), False)):
        bucket = bucket_of(table, sorting_columns=order)
        erase(bucket, "M2", rule=rule)
        assert (metadata(bucket.objects[KEY]).row_group(0).sorting_columns == tuple(order)) is kept


def test_times_of_the_old_form() -> None:
    far = datetime(9999, 12, 31)  # noqa: DTZ001
    for times, fits in (([NOON, None, NOON], True), ([NOON, far, NOON], False)):
        table = pa.table({"member_id": ["M1", "M2", "M3"], "at": pa.array(times, pa.timestamp("us"))})
        bucket = bucket_of(table, use_deprecated_int96_timestamps=True)
        before = bucket.objects[KEY]
        if fits:
            erase(bucket, "M1")
            assert read(bucket.objects[KEY])["at"].cast(pa.timestamp("us")).to_pylist() == times[1:]
            assert metadata(bucket.objects[KEY]).row_group(0).column(1).physical_type == "INT96"
        else:
            with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: ArrowInvalid"):
                erase(bucket, "M1")
            assert bucket.objects[KEY] is before


def with_footer(content: bytes, footer: Struct) -> bytes:
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    new = written(footer)
    return content[:end] + new + len(new).to_bytes(4, "little") + b"PAR1"


def test_a_column_that_can_t_be_written_as_it_was_is_told() -> None:
    """A number with a point, in more bytes than it needs."""
    table = pa.table({"member_id": ["M1", "M2"], "price": pa.array([bytes(15) + b"\x01"] * 2, pa.binary(16))})
    content = parquet(table, write_statistics=False, store_schema=False)
    footer = read_footer(Buffer(content))
    footer[2].value.values[2] |= {6: Field(I32, 5), 7: Field(I32, 2), 8: Field(I32, 10)}
    bucket = WritableBucket({KEY: with_footer(content, footer)})
    assert read(bucket.objects[KEY])["price"].to_pylist() == [Decimal("0.01")] * 2
    before = bucket.objects[KEY]
    with pytest.raises(SourceBrokenError, match=r"a\.parquet: column price can't be written as it was"):
        erase(bucket, "M1")
    assert bucket.objects[KEY] is before
    assert erase(bucket, "M7") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda footer: footer.update({6: Field(BINARY, b"parquet-mr version 1.2.5 (build x)")}), "Damaged"),
        (lambda footer: footer.update({8: Field(STRUCT, {})}), ".*: encrypted"),
        (lambda footer: first_chunk(footer).update({1: Field(BINARY, b"other.parquet")}), "Damaged|OSError"),
        (lambda footer: first_chunk(footer)[3].value.update({7: Field(I64, 10**9)}), "Damaged|OSError"),
    ],
)
def test_a_file_that_is_not_whole_in_itself_is_not_written(change: Any, said: str) -> None:
    content = parquet(clustered(1000), row_group_size=100)
    footer = read_footer(Buffer(content))
    change(footer)
    bucket = WritableBucket({KEY: with_footer(content, footer)})
    before = dict(bucket.objects)
    with pytest.raises(SourceBrokenError, match=rf"^files/rows/a\.parquet: ({said})"):
        erase(bucket, "M000005")
    assert bucket.objects == before
    assert bucket.uploads == {}


def first_chunk(footer: Struct) -> Struct:
    chunk: Struct = footer[4].value.values[0][1].value.values[0]
    return chunk


@pytest.mark.parametrize("content", [b"PAR1 but no more PAR1", b"x", b"PAR1" * 1000])
def test_a_damaged_file_is_told(content: bytes) -> None:
    bucket = WritableBucket({KEY: content})
    for attempt in (find, erase):
        with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: "):
            attempt(bucket, "M1")
    assert bucket.objects == {KEY: content}


def test_damage_in_a_group_that_is_rewritten_is_told() -> None:
    content = bytearray(
        parquet(
            clustered(2000), row_group_size=1000, compression="none", use_dictionary=False, write_page_checksum=True
        )
    )
    content[content.index(b"0" * 6, len(content) // 4)] ^= 1
    bucket = WritableBucket({KEY: bytes(content)})
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: "):
        erase(bucket, "M000003")
    assert bucket.objects == {KEY: bytes(content)}


def test_columns_that_can_t_be_told_apart_are_told() -> None:
    table = pa.table([["M1", "M2"], ["a", "b"], ["c", "d"]], ["member_id", "text", "text"])
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: "):
        erase(bucket_of(table), "M1")
    with pytest.raises(SourceBrokenError, match="no column member_id, or more than one"):
        erase(bucket_of(pa.table({"text": ["a"]})), "M1")


def test_names_with_points_are_names() -> None:
    table = pa.table({"member_id": ["M1", "M2"], "a": [{"b": 1}, {"b": 2}], "a.b": [3, 4], "a.b.c": [5, 6]})
    bucket = bucket_of(table)
    erase(bucket, "M1")
    assert read(bucket.objects[KEY]).equals(table.slice(1))


@pytest.mark.parametrize("fault", ["other", "fewer", "theirs", "kept"])
def test_a_fault_in_the_writing_itself_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = columnar_rewriting._Copy._encoded
    bucket = bucket_of(pa.table({"member_id": ["M1", "M2", "M3"], "text": ["a", "b", "c"]}))

    def wrong(self: Any, group: int, column: Any, form: Any, values: pa.ChunkedArray) -> pa.Buffer:
        if column.field.name == "text" and fault == "other":
            values = pa.chunked_array([["b", "x"]])
        if column.field.name == "text" and fault == "fewer":
            values = values.slice(1)
        if column.field.name == "member_id" and fault == "theirs":
            values = pa.chunked_array([["M1", "M3"]])
        return encoded(self, group, column, form, values)

    monkeypatch.setattr(columnar_rewriting._Copy, "_encoded", wrong)
    if fault in ("theirs", "kept"):
        monkeypatch.setattr(columnar_rewriting, "_same", lambda *_: True)
    if fault == "kept":
        monkeypatch.setattr(columnar_rewriting, "_replaced", lambda column, *_: column)
    before = dict(bucket.objects)
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.parquet: .*(would change|would stay|would not be)"):
        erase(bucket, "M1", rule=reduce("text") if fault == "kept" else delete)
    assert bucket.objects == before


def test_it_may_die_at_any_call_and_the_next_run_does_the_rest() -> None:
    whole = bucket_of(clustered(1000), row_group_size=100)
    before = whole.objects[KEY]
    erase(whole, "M000003")
    for call in range(len(whole.calls)):
        for does_it_first in (False, True):
            bucket = WritableBucket({KEY: before})
            bucket.dies_at, bucket.does_it_first = call, does_it_first
            with pytest.raises(DeathError):
                erase(bucket, "M000003")
            assert bucket.objects[KEY] in (before, whole.objects[KEY])
            bucket.dies_at = None
            erase(bucket, "M000003")
            assert bucket.objects == whole.objects


def test_what_somebody_else_writes_meanwhile_is_kept() -> None:
    bucket = bucket_of(clustered(1000), row_group_size=100)
    new = clustered(1500)

    def write(name: str) -> None:
        if name == "put_object" and "put_object" not in bucket.calls:
            bucket._put(KEY, parquet(new, row_group_size=100))

    bucket.before_call = write  # type: ignore[method-assign]
    erase(bucket, "M000003")
    assert read(bucket.objects[KEY]).equals(without(new, "M000003"))


def test_a_file_that_changes_while_it_is_read_is_read_again() -> None:
    options: dict[str, Any] = {"row_group_size": 50_000, "compression": "none", "use_dictionary": False}
    bucket = bucket_of(clustered(200_000), **options)

    def write(name: str) -> None:
        if name == "get_object" and len(bucket.gets) == 3:
            bucket._put(KEY, parquet(clustered(100_000), **options))

    bucket.before_call = write  # type: ignore[method-assign]
    assert len(erase(bucket, "M000005")) == 100
    assert read(bucket.objects[KEY]).equals(without(clustered(100_000), "M000005"))


def test_s3_that_fails_in_the_middle_is_tried_again() -> None:
    bucket = bucket_of(clustered(200_000), row_group_size=50_000, compression="none", use_dictionary=False)
    before = dict(bucket.objects)

    def refuse(name: str) -> None:
        if name == "get_object" and len(bucket.gets) > 4:
            raise refused("SlowDown", 503)

    bucket.before_call = refuse  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailableError, match="SlowDown"):
        erase(bucket, "M000005", "M001999")
    assert bucket.objects == before
    assert bucket.uploads == {}


def test_memory_is_that_of_one_column_of_one_group() -> None:
    """40 MB in groups of 2."""
    rows = 40_000
    texts = pc.cast(pc.random(rows, initializer=1), pa.string())
    table = pa.table({"member_id": [f"M{i % 50}" for i in range(rows)]} | {
        f"text{n}": pc.binary_join_element_wise(*[texts] * 12, f"{n}") for n in range(5)
    })  # fmt: skip
    bucket = bucket_of(table, row_group_size=2000, compression="none", use_dictionary=False)
    assert len(bucket.objects[KEY]) > 40 * 2**20
    bucket.upload_part = lambda **_: {"ETag": "x"}  # type: ignore[method-assign]
    bucket.complete_multipart_upload = lambda **_: {}  # type: ignore[method-assign]
    del table, texts
    pool, usual = pa.proxy_memory_pool(pa.default_memory_pool()), pa.default_memory_pool()
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        assert len(erase(bucket, "M7")) == rows // 50
    finally:
        pa.set_memory_pool(usual)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert pool.max_memory() < 12 * 2**20, pool.max_memory() / 2**20
    assert peak < 28 * 2**20, peak / 2**20
