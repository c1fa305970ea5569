"""Rows corrected in objects: only those that were found, only their values, wherever it dies or whoever else writes."""

# serves: E-03

import csv
import gzip
import io
import json
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.sources.s3_correcting import S3Corrector
from tests.unit.domain import maps
from tests.unit.sources.test_s3_rewriting import collection, lines
from tests.unit.sources.writable_bucket import DeathError, WritableBucket

ROWS = maps.rows("member_id", prefix="rows/")
CSV = maps.rows("member_id", prefix="rows/", format="csv")
LETTERS = maps.objects("letters/{member_id}.jsonl.gz")
OLD, NEW = "Jane Murphy", 'Jane Murphy-O\'Brien, "J"'
KEEP = RowChange(fate=RowFate.KEEP)


def right(record: Record) -> RowChange:
    if record.get("text") != OLD:
        return KEEP
    return RowChange(fate=RowFate.CORRECT, set={"text": NEW})


def find(bucket: WritableBucket, raw: dict[str, Any], rule: Any = right) -> list[RowFound]:
    found = S3Corrector(cast("Any", bucket)).find(collection(raw), "member_id", ["M1"], rule)
    return [row for row in found if row.change.fate is RowFate.CORRECT]


def carry_out(bucket: WritableBucket, raw: dict[str, Any], rows: list[RowFound]) -> list[RowDone]:
    return list(S3Corrector(cast("Any", bucket)).carry_out(collection(raw), rows))


def states(done: list[RowDone]) -> list[RowState]:
    return [one.state for one in done]


def rows_of(*texts: str, member: str = "M1") -> list[dict[str, Any]]:
    return [{"member_id": member, "text": text, "n": 1.0} for text in texts]


def test_json_lines_say_what_is_right_and_every_other_byte_stays() -> None:
    there = b'\xef\xbb\xbf{"text":"Jane Murphy" , "member_id":"M1", "x": 1e5}\r\n\r\n' + lines(
        *rows_of("a chair"), *rows_of(OLD, member="M2")
    )
    bucket = WritableBucket({"rows/a.jsonl": there, "rows/b.jsonl": lines(*rows_of(OLD, member="M2"))})
    bucket.settings["rows/a.jsonl"] = {"Metadata": {"owner": "survey team"}, "ContentType": "text/plain"}
    (row,) = found = find(bucket, ROWS)
    (done,) = carry_out(bucket, ROWS, found)
    assert (done.state, done.after) == (RowState.DONE, row.expected)
    new = json.dumps(NEW).encode()
    assert bucket.objects["rows/a.jsonl"] == there.replace(b'"Jane Murphy"', new, 1)
    assert bucket.settings["rows/a.jsonl"]["Metadata"] == {"owner": "survey team"}
    assert next(row.before for row in find(bucket, ROWS, lambda _: RowChange(fate=RowFate.CORRECT))) == row.expected
    assert bucket.calls.count("put_object") == 1, "the other object has nothing of this person"


def test_a_csv_keeps_its_quotes_and_its_other_cells() -> None:
    there = f'member_id,text,n\r\nM1,{OLD},1\r\nM2,{OLD},2\r\nM1,"{OLD}","3"\r\n'.encode()
    bucket = WritableBucket({"rows/a.csv": there})
    found = find(bucket, CSV)
    assert states(carry_out(bucket, CSV, found)) == [RowState.DONE] * 2
    new = b'"Jane Murphy-O\'Brien, ""J"""'
    assert bucket.objects["rows/a.csv"] == (
        b"member_id,text,n\r\nM1," + new + f",1\r\nM2,{OLD},2\r\nM1,".encode() + new + b',"3"\r\n'
    )
    assert states(carry_out(bucket, CSV, found)) == [RowState.WAS_DONE] * 2


@pytest.mark.parametrize(("value", "cell"), [(7, b"7"), (True, b"true"), (7.5, b"7.5"), ("", b"")])
def test_a_cell_is_text(value: JsonValue, cell: bytes) -> None:
    bucket = WritableBucket({"rows/a.csv": b"member_id,text\nM1,x\n"})
    found = find(bucket, CSV, lambda _: RowChange(fate=RowFate.CORRECT, set={"text": value}))
    assert states(carry_out(bucket, CSV, found)) == [RowState.DONE]
    assert bucket.objects["rows/a.csv"] == b"member_id,text\nM1," + cell + b"\n"


def test_a_column_that_is_not_there_is_not_made() -> None:
    bucket = WritableBucket({"rows/a.csv": b"member_id,text\nM1,x\n"})
    with pytest.raises(SourceBrokenError, match="can't be corrected"):
        find(bucket, CSV, lambda _: RowChange(fate=RowFate.CORRECT, set={"note": "new"}))


def test_an_object_of_one_person_is_packed_again() -> None:
    bucket = WritableBucket({"letters/M1.jsonl.gz": gzip.compress(lines({"text": OLD}, {"text": "b"}, {"text": OLD}))})
    assert states(carry_out(bucket, LETTERS, find(bucket, LETTERS))) == [RowState.DONE] * 2
    assert gzip.decompress(bucket.objects["letters/M1.jsonl.gz"]) == (
        b'{"text": ' + json.dumps(NEW).encode() + b'}\n{"text": "b"}\n{"text": ' + json.dumps(NEW).encode() + b"}\n"
    )


def test_what_others_add_meanwhile_is_kept_and_what_they_change_is_left() -> None:
    bucket = WritableBucket({"rows/a.jsonl": lines(*rows_of(OLD, OLD + "!"))})
    found = find(bucket, ROWS, lambda _: RowChange(fate=RowFate.CORRECT, set={"text": NEW}))
    theirs = lines({"member_id": "M9", "text": OLD}, *rows_of(OLD), {"member_id": "M1", "text": OLD, "n": 2})
    bucket.objects["rows/a.jsonl"] = theirs
    assert states(carry_out(bucket, ROWS, found)) == [RowState.DONE, RowState.CHANGED]
    after = [json.loads(line) for line in bucket.objects["rows/a.jsonl"].splitlines()]
    assert [row["text"] for row in after] == [OLD, NEW, OLD]


def test_a_change_in_the_moment_of_writing_is_read_and_done_again() -> None:
    bucket = WritableBucket({"rows/a.jsonl": lines(*rows_of(OLD))})
    found = find(bucket, ROWS)
    added = lines({"member_id": "M9", "text": "theirs"})

    def meanwhile(name: str) -> None:
        if name == "put_object" and added not in bucket.objects["rows/a.jsonl"]:
            bucket._put("rows/a.jsonl", bucket.objects["rows/a.jsonl"] + added)

    bucket.before_call = meanwhile  # type: ignore[method-assign]
    assert states(carry_out(bucket, ROWS, found)) == [RowState.DONE]
    assert bucket.objects["rows/a.jsonl"].endswith(added)
    assert NEW.encode()[:12] in bucket.objects["rows/a.jsonl"]


def test_an_object_that_never_rests_is_tried_later() -> None:
    bucket = WritableBucket({"rows/a.jsonl": lines(*rows_of(OLD))})
    found = find(bucket, ROWS)

    def meanwhile(name: str) -> None:
        if name == "put_object":
            bucket._put("rows/a.jsonl", bucket.objects["rows/a.jsonl"] + b"\n")

    bucket.before_call = meanwhile  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailableError):
        carry_out(bucket, ROWS, found)


def test_an_object_that_is_gone_has_nothing_to_correct() -> None:
    bucket = WritableBucket({"rows/a.jsonl": lines(*rows_of(OLD))})
    found = find(bucket, ROWS)
    bucket._put("rows/a.jsonl", None)
    assert states(carry_out(bucket, ROWS, found)) == [RowState.GONE]


def test_whose_a_row_is_stands_in_the_plan_where_a_file_has_rows_of_many() -> None:
    bucket = WritableBucket(
        {"rows/a.jsonl": lines(*rows_of(OLD)), "letters/M1.jsonl.gz": gzip.compress(lines({"text": OLD}))}
    )
    assert [row.whose for row in find(bucket, ROWS)] == ["M1"]
    assert [row.whose for row in find(bucket, LETTERS)] == [None]


@pytest.mark.parametrize("does_it_first", [False, True])
def test_it_may_die_at_any_call_and_the_next_run_does_the_rest(does_it_first: bool) -> None:
    def scene() -> WritableBucket:
        objects = {f"rows/{name}.jsonl": lines(*rows_of(OLD, "x"), *rows_of(OLD, member="M2")) for name in "abc"}
        return WritableBucket(objects)

    whole = scene()
    manifest = find(whole, ROWS)
    whole.calls.clear()
    carry_out(whole, ROWS, manifest)
    for call in range(len(whole.calls)):
        bucket = scene()
        before = dict(bucket.objects)
        found = find(bucket, ROWS)
        bucket.calls.clear()
        bucket.dies_at, bucket.does_it_first = call, does_it_first
        with pytest.raises(DeathError):
            carry_out(bucket, ROWS, found)
        for key, content in bucket.objects.items():
            assert content in (before[key], whole.objects[key])
        bucket.dies_at = None
        assert set(states(carry_out(bucket, ROWS, found))) <= {RowState.DONE, RowState.WAS_DONE}
        assert bucket.objects == whole.objects


_text = st.sampled_from([OLD, "a", "", "Jane", '"', ","]) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=6
)
_row = st.tuples(st.sampled_from(["M1", "M2"]), _text, _text)


@given(st.lists(_row, max_size=8), st.sampled_from(["jsonl", "csv"]))
@settings(deadline=None)  # the machine may be busy
def test_rows_of_others_and_other_values_stay(drawn: list[tuple[str, str, str]], form: str) -> None:
    def content(text_of: Any) -> bytes:
        rows = [{"member_id": who, "text": text_of(who, text), "more": more} for who, text, more in drawn]
        if form == "jsonl":
            return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        out = io.StringIO()
        writer = csv.DictWriter(out, ["member_id", "text", "more"])
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()

    raw = ROWS if form == "jsonl" else CSV
    bucket = WritableBucket({f"rows/a.{form}": content(lambda _, text: text)})
    found = find(bucket, raw)
    carry_out(bucket, raw, found)
    right_there = content(lambda who, text: NEW if (who, text) == ("M1", OLD) else text)
    if form == "csv":
        read = [
            list(csv.reader(io.StringIO(each.decode(), newline="")))
            for each in (bucket.objects["rows/a.csv"], right_there)
        ]
        assert read[0] == read[1]
    else:
        assert bucket.objects["rows/a.jsonl"].splitlines() == [
            line if b"O'Brien" not in line else json.dumps(json.loads(line), ensure_ascii=False).encode()
            for line in right_there.splitlines()
        ]
