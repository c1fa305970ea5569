"""Values of Parquet corrected: of the row that was found, in the type of its column, and nothing else."""

# serves: E-03

import traceback
import tracemalloc
from collections.abc import Callable
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
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError, UnwritableError
from rightsdesk.domain.records import Record
from rightsdesk.sources.columnar_rewriting import rewrite_columns
from rightsdesk.sources.compact_thrift import I32, STRUCT, Field
from rightsdesk.sources.parquet_copy import Buffer, read_footer
from rightsdesk.sources.s3_correcting import S3Corrector
from tests.unit.sources.test_columnar_rewriting import (
    KEY,
    NOON,
    OPTIONS,
    assert_written_alike,
    awkward,
    bucket_of,
    chunk,
    chunks,
    clustered,
    collection,
    metadata,
    parquet,
    read,
    values_of,
    with_footer,
)
from tests.unit.sources.writable_bucket import DeathError, WritableBucket

KEEP = RowChange(fate=RowFate.KEEP)
PATH = "files/things"
ONE_PERSONS: dict[str, Any] = {"prefix": None, "match": None, "key": "rows/{member_id}.parquet"}
Rule = Callable[[Record], RowChange]


def right(**values: Any) -> Rule:
    """In every row."""
    return lambda _: RowChange(fate=RowFate.CORRECT, set=values)


def where(old: Any, **values: Any) -> Rule:
    """In the rows of which the first of these columns holds `old`."""
    return lambda record: RowChange(fate=RowFate.CORRECT, set=values) if record[next(iter(values))] == old else KEEP


def corrector(bucket: WritableBucket) -> S3Corrector:
    return S3Corrector(cast("Any", bucket), rewrite_columns=rewrite_columns)


def named(**changes: Any) -> FileCollection:
    files = collection(**changes)
    files._name, files._source = "things", "files"
    return files


def find(bucket: WritableBucket, *people: str, rule: Rule, **changes: Any) -> list[RowFound]:
    found = corrector(bucket).find(named(**changes), "member_id", people, rule)
    return [row for row in found if row.change.fate is RowFate.CORRECT]


def carry_out(bucket: WritableBucket, rows: list[RowFound], **changes: Any) -> list[RowDone]:
    return list(corrector(bucket).carry_out(named(**changes), rows))


def states(done: list[RowDone]) -> list[RowState]:
    return [one.state for one in done]


NEW: dict[str, tuple[Any, Any]] = {
    "flag": ("no", False),
    "tiny": ("-5", -5),
    "wide": (2**64 - 3, 2**64 - 3),
    "real": ("0.1", 0.1),
    "half": ("0.25", 0.25),
    "text": ("髙橋", "髙橋"),
    "long": ("b", "b"),
    "choice": ("green", "green"),
    "day": ("1980/02/01", date(1980, 2, 1)),
    "hour": ("09:30", time(9, 30)),
    "local": ("2026-03-01T03:00:00Z", NOON.replace(microsecond=0)),
    "exact": ("2026-03-01T03:00:00+00:00", datetime(2026, 3, 1, 3, tzinfo=UTC)),
    "price": ("7.9", Decimal("7.90")),
    "nothing": ("something", "something"),
}


@pytest.mark.parametrize("options", OPTIONS)
def test_a_value_of_every_type_is_replaced_and_keeps_its_type(options: dict[str, Any]) -> None:
    table = awkward()
    bucket = bucket_of(table, row_group_size=150, **options)
    before = bucket.objects[KEY]
    found = find(bucket, "M2", rule=right(**{name: stated for name, (stated, _) in NEW.items()}))
    done = carry_out(bucket, found)
    assert states(done) == [RowState.DONE] * len(found) == [RowState.DONE] * values_of(table).count("'M2'")
    assert [row.after for row in done] == [row.expected for row in found]
    after = bucket.objects[KEY]
    assert_written_alike(metadata(before), metadata(after))
    theirs = [who == "M2" for who in read(before)["member_id"].to_pylist()]
    for name in table.column_names:
        old, new = read(before)[name], read(after)[name]
        assert new.type == old.type, name
        expected = [NEW[name][1] if mine and name in NEW else value for value, mine in zip(old.to_pylist(), theirs)]  # noqa: B905
        assert repr(new.to_pylist()) == repr(as_held(expected, old.type)), name
    assert states(carry_out(bucket, found)) == [RowState.WAS_DONE] * len(found)
    assert bucket.objects[KEY] is after


def as_held(values: list[Any], kind: pa.DataType) -> list[Any]:
    return cast("list[Any]", pa.array(values, kind).to_pylist())


def test_only_what_changes_is_encoded_anew() -> None:
    bucket = bucket_of(clustered(), row_group_size=1000, write_page_index=True, write_page_checksum=True)
    before = bucket.objects[KEY]
    carry_out(bucket, find(bucket, "M000123", rule=right(text="right")))
    after = bucket.objects[KEY]
    for group in range(20):
        assert (chunks(before, group) == chunks(after, group)) is (group != 12)
    old, new = (metadata(content).row_group(12).column(0) for content in (before, after))
    assert chunk(before, old) == chunk(after, new), "whose they are is as it was"
    assert metadata(after).row_group(12).column(1).statistics.max == "right"
    mine = pc.equal(clustered()["member_id"], "M000123")
    expected = pc.if_else(mine, "right", clustered()["text"])
    assert read(after).equals(clustered().set_column(1, "text", expected))


def test_only_rows_that_were_found_are_written() -> None:
    table = pa.table({"member_id": ["M1", "M2", "M1", "M1"], "text": ["old", "old", "other", "old"], "n": [1, 2, 3, 4]})
    bucket = bucket_of(table, row_group_size=2)
    bucket.settings[KEY] = {"Metadata": {"owner": "web team"}, "StorageClass": "STANDARD_IA", "ContentEncoding": "x"}
    bucket.tags[KEY] = {"pii": "yes"}
    (first, second) = found = find(bucket, "M1", rule=where("old", text="new"))
    assert (first.whose, first.change.set) == ("M1", {"text": "new"})
    assert states(carry_out(bucket, [second])) == [RowState.DONE]
    assert read(bucket.objects[KEY])["text"].to_pylist() == ["old", "old", "other", "new"]
    assert states(carry_out(bucket, found)) == [RowState.DONE, RowState.WAS_DONE]
    assert read(bucket.objects[KEY])["text"].to_pylist() == ["new", "old", "other", "new"]
    assert bucket.settings[KEY].items() >= {
        "Metadata": {"owner": "web team"}, "StorageClass": "STANDARD_IA", "ContentEncoding": "x"
    }.items()  # fmt: skip
    assert bucket.tags[KEY] == {"pii": "yes"}


def test_an_object_of_one_person_and_what_is_missing_is_completed() -> None:
    table = pa.table({"text": pa.array(["a", None, ""]), "n": [1, 2, 3]})
    bucket = WritableBucket({"rows/M1.parquet": parquet(table)})
    empty: Rule = lambda record: (  # noqa: E731
        RowChange(fate=RowFate.CORRECT, set={"text": "here"}) if not record["text"] else KEEP
    )
    found = find(bucket, "M1", rule=empty, **ONE_PERSONS)
    assert [row.whose for row in found] == [None, None]
    assert states(carry_out(bucket, found, **ONE_PERSONS)) == [RowState.DONE] * 2
    assert read(bucket.objects["rows/M1.parquet"])["text"].to_pylist() == ["a", "here", "here"]


@pytest.mark.parametrize(
    ("members", "who"),
    [
        (pa.array([1042, 7], pa.int64()), "1042"),
        (pa.array([Decimal("1042.50"), Decimal(7)], pa.decimal128(9, 2)), "1042.5"),
        (pa.array([1042.0, 7.0]), "1042"),
        (pa.array(["1042", "7"]).dictionary_encode(), "1042"),
    ],
)
def test_whose_a_row_is_may_be_a_number(members: pa.Array, who: str) -> None:
    bucket = bucket_of(pa.table({"member_id": members, "text": ["old", "old"]}))
    assert states(carry_out(bucket, find(bucket, who, rule=where("old", text="new")))) == [RowState.DONE]
    assert read(bucket.objects[KEY])["text"].to_pylist() == ["new", "old"]


SECRET = "a value that nobody may see"


@pytest.mark.parametrize(
    ("column", "new"),
    [
        (pa.array([1, 2], pa.int8()), 300),
        (pa.array([1, 2]), SECRET),
        (pa.array([1.5, 2.5], pa.float32()), "16777217"),
        (pa.array([Decimal("1.50"), None]), "1.505"),
        (pa.array([date(2026, 1, 1), None]), "2026-02-30"),
        (pa.array([True, None]), SECRET),
        (pa.array([NOON, None], pa.timestamp("ns")), "3000-01-01T00:00:00"),
        (pa.array([time(1), None]), SECRET),
    ],
)
def test_a_value_that_does_not_fit_names_its_field_and_is_not_told(column: pa.Array, new: Any) -> None:
    bucket = bucket_of(pa.table({"member_id": ["M1", "M2"], "field": column}))
    before = bucket.objects[KEY]
    with pytest.raises(UnwritableError, match=r"^files/rows/a\.parquet: ") as caught:
        find(bucket, "M1", rule=right(field=new))
    assert (caught.value.at, caught.value.reason) == (f"{PATH}.field", "does_not_fit")
    assert str(new) not in "".join(traceback.format_exception(caught.value)).replace("new = ", "")
    assert bucket.objects[KEY] is before


def test_no_value_is_taken_away_where_one_is_needed() -> None:
    schema = pa.schema([("member_id", pa.string()), pa.field("n", pa.int32(), nullable=False)])
    bucket = bucket_of(pa.table({"member_id": ["M1"], "n": [1]}, schema))
    with pytest.raises(UnwritableError, match="does_not_fit"):
        find(bucket, "M1", rule=right(n=None))
    assert states(carry_out(bucket, find(bucket, "M1", rule=right(n=2)))) == [RowState.DONE]
    assert read(bucket.objects[KEY]).to_pydict() == {"member_id": ["M1"], "n": [2]}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("list", "nested_column"),
        ("one", "nested_column"),
        ("map", "nested_column"),
        ("photo", "type_of_column"),
        ("code", "type_of_column"),
        ("member_id", "match_column"),
        ("shoes", "no_column"),
    ],
)
def test_what_can_t_be_done_safely_is_left_to_people(name: str, reason: str) -> None:
    bucket = bucket_of(awkward(50))
    with pytest.raises(UnwritableError) as caught:
        find(bucket, "M2", rule=right(**{name: "x"}))
    assert (caught.value.at, caught.value.reason) == (f"{PATH}.{name}", reason)
    assert find(bucket, "M77", rule=right(**{name: "x"})) == [], "who has no row there has nothing in the way"


def test_a_name_that_stands_twice_tells_no_column() -> None:
    table = pa.table([["M1"], ["a"], ["b"]], ["member_id", "text", "text"])
    with pytest.raises(SourceBrokenError):
        find(bucket_of(table), "M1", rule=right(text="x"))


@pytest.mark.parametrize("footer_too", [True, False])
def test_an_encrypted_file_is_left_to_people(footer_too: bool) -> None:
    content = parquet(clustered(1000))
    if footer_too:
        content = b"PARE" + content[4:-4] + b"PARE"
    else:
        content = with_footer(content, read_footer(Buffer(content)) | {8: Field(STRUCT, {})})
    bucket = WritableBucket({KEY: content})
    with pytest.raises(UnwritableError) as caught:
        find(bucket, "M000005", rule=right(text="x"))
    assert (caught.value.at, caught.value.reason) == (PATH, "encrypted")
    assert bucket.objects == {KEY: content}


def test_times_of_the_old_form_are_corrected_as_far_as_they_can_be_read() -> None:
    far = datetime(9999, 12, 31)  # noqa: DTZ001
    for last, fits in ((NOON, True), (far, False)):
        table = pa.table({"member_id": ["M1", "M2"], "at": pa.array([NOON, last], pa.timestamp("us")), "n": [1, 2]})
        bucket = bucket_of(table, use_deprecated_int96_timestamps=True)
        if fits:
            found = find(bucket, "M1", rule=right(at="2020-01-01T09:00:00.000001+09:00"))
            assert states(carry_out(bucket, found)) == [RowState.DONE]
            new = datetime(2020, 1, 1, 9, 0, 0, 1)  # noqa: DTZ001
            assert read(bucket.objects[KEY])["at"].cast(pa.timestamp("us")).to_pylist() == [new, last]
            assert metadata(bucket.objects[KEY]).row_group(0).column(1).physical_type == "INT96"
        else:
            with pytest.raises(UnwritableError) as caught:
                find(bucket, "M1", rule=right(at="2020-01-01T09:00:00"))
            assert (caught.value.at, caught.value.reason) == (f"{PATH}.at", "times_out_of_range")
        # Another column is another matter: the one of times is copied as it is.
        before = bucket.objects[KEY]
        assert states(carry_out(bucket, find(bucket, "M1", rule=right(n=9)))) == [RowState.DONE]
        old, new_one = (metadata(content).row_group(0).column(1) for content in (before, bucket.objects[KEY]))
        assert chunk(before, old) == chunk(bucket.objects[KEY], new_one)


def test_a_column_that_can_t_be_written_as_it_was_is_left_to_people_and_is_in_nobody_s_way() -> None:
    """A number with a point, in more bytes than it needs."""
    price = pa.array([bytes(15) + b"\x01"] * 2, pa.binary(16))
    table = pa.table({"member_id": ["M1", "M2"], "price": price, "text": ["a", "b"]})
    content = parquet(table, write_statistics=False, store_schema=False)
    footer = read_footer(Buffer(content))
    footer[2].value.values[2] |= {6: Field(I32, 5), 7: Field(I32, 2), 8: Field(I32, 10)}
    bucket = WritableBucket({KEY: with_footer(content, footer)})
    with pytest.raises(UnwritableError) as caught:
        find(bucket, "M1", rule=right(price="0.02"))
    assert (caught.value.at, caught.value.reason) == (f"{PATH}.price", "old_form")
    assert states(carry_out(bucket, find(bucket, "M1", rule=right(text="x")))) == [RowState.DONE]
    assert read(bucket.objects[KEY]).drop(["member_id"]).to_pydict() == {
        "price": [Decimal("0.01")] * 2,
        "text": ["x", "b"],
    }


def test_a_damaged_file_is_broken_and_without_the_library_none_is_read() -> None:
    with pytest.raises(SourceBrokenError) as caught:
        find(WritableBucket({KEY: b"PAR1" * 1000}), "M1", rule=right(text="x"))
    assert not isinstance(caught.value, UnwritableError)
    with pytest.raises(SourceBrokenError, match="this function can't write"):
        list(
            S3Corrector(cast("Any", bucket_of(clustered(10)))).find(named(), "member_id", ["M000000"], right(text="x"))
        )


def test_what_others_add_meanwhile_is_kept_and_what_they_change_is_left() -> None:
    rows = {"member_id": ["M1", "M1"], "text": ["old", "old"], "n": [1, 2]}
    bucket = bucket_of(pa.table(rows))
    found = find(bucket, "M1", rule=where("old", text="new"))
    theirs = {"member_id": ["M9", "M1", "M1", "M1"], "text": ["old"] * 4, "n": [1, 7, 2, 8]}
    bucket.objects[KEY] = parquet(pa.table(theirs))
    assert states(carry_out(bucket, found)) == [RowState.CHANGED, RowState.DONE]
    assert read(bucket.objects[KEY]).to_pydict() == theirs | {"text": ["old", "old", "new", "old"]}
    bucket._put(KEY, None)
    assert states(carry_out(bucket, found)) == [RowState.GONE] * 2


def test_a_change_in_the_moment_of_writing_is_read_and_done_again() -> None:
    bucket = bucket_of(clustered(1000), row_group_size=100)
    found = find(bucket, "M000003", rule=right(text="right"))
    more = clustered(1500)

    def write(name: str) -> None:
        if name == "put_object" and "put_object" not in bucket.calls:
            bucket._put(KEY, parquet(more, row_group_size=100))

    bucket.before_call = write  # type: ignore[method-assign]
    assert states(carry_out(bucket, found)) == [RowState.DONE] * 100
    assert read(bucket.objects[KEY]).num_rows == 1500
    bucket.before_call = lambda name: (  # type: ignore[method-assign]
        bucket._put(KEY, parquet(clustered(1000 + len(bucket.calls)))) if name == "put_object" else None
    )
    bucket._put(KEY, parquet(clustered(1000)))
    with pytest.raises(SourceUnavailableError):
        carry_out(bucket, found)


@pytest.mark.parametrize("does_it_first", [False, True])
def test_it_may_die_at_any_call_and_the_next_run_does_the_rest(does_it_first: bool) -> None:
    rule = right(text="right")

    def scene() -> WritableBucket:
        return WritableBucket({f"rows/{name}.parquet": parquet(clustered(400), row_group_size=100) for name in "abc"})

    whole = scene()
    manifest = find(whole, "M000003", rule=rule)
    whole.calls.clear()
    carry_out(whole, manifest)
    assert whole.calls.count("put_object") == 3
    for call in range(len(whole.calls)):
        bucket = scene()
        before = dict(bucket.objects)
        found = find(bucket, "M000003", rule=rule)
        bucket.calls.clear()
        bucket.dies_at, bucket.does_it_first = call, does_it_first
        with pytest.raises(DeathError):
            carry_out(bucket, found)
        for key, content in bucket.objects.items():
            assert content in (before[key], whole.objects[key])
        bucket.dies_at = None
        assert set(states(carry_out(bucket, found))) <= {RowState.DONE, RowState.WAS_DONE}
        assert bucket.objects == whole.objects
        assert find(bucket, "M000003", rule=lambda record: KEEP if record["text"] == "right" else rule(record)) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["M1", "M2", "M3", None]),
            st.sampled_from(["old", "new", "", None]) | st.text(st.characters(codec="utf-8"), max_size=3),
            st.integers(-3, 3) | st.none(),
            st.lists(st.integers(0, 9) | st.none(), max_size=3) | st.none(),
        ),
        max_size=30,
    ),
    st.integers(1, 9),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)  # the machine may be busy
def test_rows_of_others_and_other_values_stay(rows: list[Any], group: int, dictionaries: bool) -> None:
    kinds = [("member_id", pa.string()), ("text", pa.string()), ("n", pa.int16()), ("note", pa.list_(pa.int32()))]

    def table(rows: list[Any]) -> pa.Table:
        columns = [pa.array([row[i] for row in rows], kind) for i, (_, kind) in enumerate(kinds)]
        return pa.table(columns, [name for name, _ in kinds])

    def rule(record: Record) -> RowChange:
        new = {"text": "new"} if record["text"] == "old" else {}
        new |= {"n": "7"} if record["n"] == 2 else {}
        return RowChange(fate=RowFate.CORRECT, set=new) if new else KEEP

    def after(row: Any) -> Any:
        member, text, n, note = row
        if member not in ("M1", "M2"):
            return row
        return member, "new" if text == "old" else text, 7 if n == 2 else n, note

    bucket = bucket_of(table(rows), row_group_size=group, use_dictionary=dictionaries)
    before = bucket.objects[KEY]
    found = find(bucket, "M1", "M2", rule=rule)
    done = carry_out(bucket, found)
    assert set(states(done)) <= {RowState.DONE}
    assert read(bucket.objects[KEY]).equals(table([after(row) for row in rows]))
    assert len(found) == sum(row != after(row) for row in rows)
    assert {row.place: row.expected for row in found} == {row.place: row.after for row in done}
    assert (bucket.objects[KEY] is before) is (not found)
    assert find(bucket, "M1", "M2", rule=rule) == []
    assert set(states(carry_out(bucket, found))) <= {RowState.WAS_DONE}


def test_what_is_done_is_seen_without_reading_the_rest_of_the_file() -> None:
    bucket = bucket_of(clustered(200_000), row_group_size=20_000, compression="none", use_dictionary=False)
    found = find(bucket, "M000005", rule=right(text="right"))
    carry_out(bucket, found)
    bucket.gets.clear()
    assert states(carry_out(bucket, found)) == [RowState.WAS_DONE] * 100
    assert sum(length for _, _, length in bucket.gets) < len(bucket.objects[KEY]) / 1.5


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
        assert len(carry_out(bucket, find(bucket, "M7", rule=right(text0="right", text3="right")))) == rows // 50
    finally:
        pa.set_memory_pool(usual)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert pool.max_memory() < 12 * 2**20, pool.max_memory() / 2**20
    assert peak < 28 * 2**20, peak / 2**20


def test_order_is_told_as_long_as_it_holds() -> None:
    table = pa.table({"member_id": ["M1", "M2", "M3"], "n": [1, 2, 3]})
    bucket = bucket_of(table, sorting_columns=[pq.SortingColumn(1)])
    carry_out(bucket, find(bucket, "M2", rule=right(n=5)))
    assert metadata(bucket.objects[KEY]).row_group(0).sorting_columns == ()
