"""Rows taken out of objects: those of others keep every byte, whoever else writes, and wherever it dies."""

import gzip
import json
import random
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.sources import row_rewriting, s3_replacement
from rightsdesk.sources.s3_rewriting import S3Eraser
from tests.unit.domain import maps
from tests.unit.sources.bucket import refused
from tests.unit.sources.writable_bucket import DeathError, WritableBucket, named

LETTERS = maps.objects("letters/{member_id}.jsonl")
ROWS = maps.rows("member_id", prefix="rows/")
PEOPLE = ("M1", "M2")
Rule = Callable[[Record], RowChange]


def delete(_: Record) -> RowChange:
    return RowChange(fate=RowFate.DELETE)


def as_it_says(record: Record) -> RowChange:
    """A row says by itself what becomes of it."""
    fate = RowFate(cast("str", record["do"]))
    return RowChange(fate=fate, remove=("text", "note") if fate is RowFate.REDUCE else ())


def collection(raw: dict[str, Any]) -> FileCollection:
    files = maps.a_shop()
    files["sources"]["files"]["collections"] = {"things": raw}
    return cast("FileCollection", maps.data_map(files).collection("files/things"))


def eraser(bucket: WritableBucket) -> S3Eraser:
    return S3Eraser(cast("Any", bucket))


def erase(
    bucket: WritableBucket, raw: dict[str, Any], *people: str, rule: Rule = delete, **options: Any
) -> list[RowDone]:
    return list(eraser(bucket).carry_out(collection(raw), "member_id", people, rule, **options))


def find(bucket: WritableBucket, raw: dict[str, Any], *people: str, rule: Rule = delete) -> list[RowFound]:
    return list(eraser(bucket).find(collection(raw), "member_id", people, rule))


def remains(bucket: WritableBucket, raw: dict[str, Any], *people: str, rule: Rule = delete) -> int:
    return eraser(bucket).remains(collection(raw), "member_id", people, rule)


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


class Row(NamedTuple):
    """One row as it is written, and as it will be. A row that is no row (an empty line) is nobody's."""

    before: str
    after: str


_member = st.sampled_from(["M1", "M2", "M3", "M4", "", "m1", "M11"])
_do = st.sampled_from(["delete", "reduce", "keep"])
_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=12)
_end = st.sampled_from(["\n", "\r\n"])


@st.composite
def json_rows(draw: st.DrawFn) -> Row:
    end = draw(_end)
    if draw(st.integers(0, 9)) == 0:
        return Row(blank := draw(st.sampled_from(["", " ", "\t"])) + end, blank)
    member, do = draw(_member), draw(_do)
    dumped = st.builds(json.dumps, _text | st.integers() | st.none(), ensure_ascii=st.booleans())
    members = [
        ("member_id", json.dumps(member)),
        ("do", json.dumps(do)),
        ("text", draw(dumped)),
        ("exact", draw(st.sampled_from(["0.12345678901234567890", "1e300", "1.50", "12345678901234567890123"]))),
        ("note", draw(dumped)),
    ]
    members = draw(st.permutations(members))[draw(st.integers(0, 1)) :]
    names = [name for name, _ in members]
    if "member_id" not in names:
        member = ""
    if "do" not in names:
        member, members = "", [m for m in members if m[0] != "member_id"]
    comma, colon = draw(st.sampled_from([(", ", ": "), (",", ":"), (" , ", " :  ")]))

    def written(*gone: str) -> str:
        return "{" + comma.join(f'"{n}"{colon}{v}' for n, v in members if n not in gone) + "}" + end

    after = {"delete": "", "reduce": written("text", "note"), "keep": written()}[do]
    return Row(written(), after if member in PEOPLE else written())


COLUMNS = ["member_id", "do", "text", "count", "note"]


@st.composite
def csv_rows(draw: st.DrawFn, text: st.SearchStrategy[str] = _text) -> Row:
    end = draw(_end)
    if draw(st.integers(0, 9)) == 0:
        return Row(end, end)
    member, do = draw(_member), draw(_do)
    texts = [member, do, draw(text), draw(st.sampled_from(["0", "-1.50", ""])), draw(text)]
    quoted = [draw(st.booleans()) or any(sign in one for sign in ',"\r\n') for one in texts]

    def written(*gone: str) -> str:
        cells = ["" if name in gone else one.replace('"', '""') for name, one in zip(COLUMNS, texts, strict=True)]
        return ",".join(f'"{one}"' if marked else one for one, marked in zip(cells, quoted, strict=True)) + end

    after = {"delete": "", "reduce": written("text", "note"), "keep": written()}[do]
    return Row(written(), after if member in PEOPLE else written())


def packed(text: bytes, cuts: list[int]) -> bytes:
    """gzip, one member for each part."""
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return b"".join(gzip.compress(text[i:j]) for i, j in pairwise(places))


def check(bucket: WritableBucket, raw: dict[str, Any], key: str, before: bytes, after: bytes, *, zipped: bool) -> None:
    """Found first, then done, then nothing is left; done again, nothing changes."""
    stored = bucket.objects[key]
    found = find(bucket, raw, *PEOPLE, rule=as_it_says)
    done = erase(bucket, raw, *PEOPLE, rule=as_it_says)
    now = gzip.decompress(bucket.objects[key]) if zipped else bucket.objects[key]
    assert now == after
    if before == after:
        assert bucket.objects[key] is stored, "nothing to do, nothing written"
        assert "put_object" not in bucket.calls
    assert remains(bucket, raw, *PEOPLE, rule=as_it_says) == 0
    told = {row.place: row for row in done}
    for row in found:
        if row.change.fate is RowFate.KEEP:
            assert row.place not in told
        else:
            assert told[row.place].after == row.expected
    assert set(told) <= {row.place for row in found}
    stored = bucket.objects[key]
    again = erase(bucket, raw, *PEOPLE, rule=as_it_says)
    assert bucket.objects[key] is stored
    assert {row.state for row in again} <= {RowState.WAS_DONE}
    assert bucket.uploads == {}


@given(st.lists(json_rows(), max_size=8), st.booleans(), st.booleans(), st.none() | st.lists(st.integers(0, 999)))
@settings(max_examples=150)
def test_json_lines_of_others_keep_their_bytes(
    rows: list[Row], bom: bool, cut_end: bool, cuts: list[int] | None
) -> None:
    mark = "\ufeff" if bom else ""
    if cut_end and rows and rows[-1].before.rstrip("\r\n"):
        rows = [*rows[:-1], Row(rows[-1].before.rstrip("\r\n"), rows[-1].after.rstrip("\r\n"))]
    before = (mark + "".join(row.before for row in rows)).encode()
    after = (mark + "".join(row.after for row in rows)).encode()
    key = "rows/a.jsonl" if cuts is None else "rows/a.jsonl.gz"
    bucket = WritableBucket({key: before if cuts is None else packed(before, cuts), "rows/other.jsonl": b""})
    check(bucket, ROWS, key, before, after, zipped=cuts is not None)


@given(st.lists(csv_rows(), max_size=8), st.booleans(), st.booleans(), st.none() | st.lists(st.integers(0, 999)))
@settings(max_examples=150)
def test_cells_of_others_keep_their_bytes(rows: list[Row], bom: bool, cut_end: bool, cuts: list[int] | None) -> None:
    head = ("\ufeff" if bom else "") + 'member_id,"do",text,count,note\r\n'
    if cut_end and rows and rows[-1].before.rstrip("\r\n"):
        rows = [*rows[:-1], Row(rows[-1].before.rstrip("\r\n"), rows[-1].after.rstrip("\r\n"))]
    before = (head + "".join(row.before for row in rows)).encode()
    after = (head + "".join(row.after for row in rows)).encode()
    key = "rows/a.csv" if cuts is None else "rows/a.csv.gz"
    bucket = WritableBucket({key: before if cuts is None else packed(before, cuts)})
    check(bucket, ROWS | {"format": "csv"}, key, before, after, zipped=cuts is not None)


@given(st.lists(csv_rows(st.text('ソ表ーア髙¬∵a"\n,\\', max_size=9)), max_size=8))
def test_cells_of_cp932_keep_their_bytes(rows: list[Row]) -> None:
    head = "member_id,do,text,count,note\r\n"
    before = (head + "".join(row.before for row in rows)).encode("cp932")
    after = (head + "".join(row.after for row in rows)).encode("cp932")
    bucket = WritableBucket({"rows/a.csv": before})
    check(bucket, ROWS | {"format": "csv", "encoding": "cp932"}, "rows/a.csv", before, after, zipped=False)


@given(st.lists(json_rows(), min_size=1, max_size=8))
@example(
    [
        Row(
            '{"member_id": "M1", "do": "reduce", "exact": 1e300, "note": 1000000000000000}\n',
            '{"member_id": "M1", "do": "reduce", "exact": 1e300}\n',
        )
    ]
)
def test_blocks_are_checked_one_by_one(rows: list[Row]) -> None:
    before = "".join(row.before for row in rows).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_rewriting, "_BLOCK", 40)
        bucket = WritableBucket({"rows/a.jsonl": before})
        check(bucket, ROWS, "rows/a.jsonl", before, "".join(row.after for row in rows).encode(), zipped=False)


def test_an_object_of_one_person_goes_whole() -> None:
    bucket = WritableBucket({"letters/M1.jsonl": lines({"a": 1}, {"a": 2}), "letters/M2.jsonl": lines({"a": 3})})
    found = find(bucket, LETTERS, "M1", "M9", "M1")
    assert [json.loads(row.place)["row"] for row in found] == [1, 2]
    assert json.loads(found[0].place)["object"] == "files/letters/M1.jsonl"
    done = erase(bucket, LETTERS, "M1", "M9", "M1")
    assert [row.place for row in done] == [row.place for row in found]
    assert {(row.state, row.after) for row in done} == {(RowState.DONE, None)}
    assert list(bucket.objects) == ["letters/M2.jsonl"]
    assert "put_object" not in bucket.calls
    assert remains(bucket, LETTERS, "M1") == 0
    assert erase(bucket, LETTERS, "M1") == []


def test_an_object_of_one_person_of_which_something_stays_is_written() -> None:
    rows: list[dict[str, Any]] = [{"do": "delete"}, {"do": "reduce", "text": 1, "exact": 2}, {"do": "keep", "text": 1}]
    bucket = WritableBucket({"letters/M1.jsonl": lines(*rows)})
    assert remains(bucket, LETTERS, "M1", rule=as_it_says) == 2
    done = erase(bucket, LETTERS, "M1", rule=as_it_says)
    assert bucket.objects["letters/M1.jsonl"] == lines({"do": "reduce", "exact": 2}, {"do": "keep", "text": 1})
    assert [(json.loads(row.place)["row"], row.after is None) for row in done] == [(1, True), (2, False)]
    assert [row.state for row in erase(bucket, LETTERS, "M1", rule=as_it_says)] == [RowState.WAS_DONE]


def test_an_object_without_rows_stays() -> None:
    bucket = WritableBucket({"letters/M1.jsonl": b"\n"})
    assert erase(bucket, LETTERS, "M1") == []
    assert bucket.objects == {"letters/M1.jsonl": b"\n"}


@pytest.mark.parametrize(
    ("key", "before", "after", "raw"),
    [
        ("rows/a.jsonl", lines({"member_id": "M1"}), b"", ROWS),
        ("rows/a.csv", b"\xef\xbb\xbfmember_id\r\nM1\r\n", b"\xef\xbb\xbfmember_id\r\n", ROWS | {"format": "csv"}),
    ],
)
def test_a_file_of_which_every_row_goes_stays_without_rows(
    key: str, before: bytes, after: bytes, raw: dict[str, Any]
) -> None:
    bucket = WritableBucket({key: before})
    assert len(erase(bucket, raw, "M1")) == 1
    assert bucket.objects == {key: after}
    assert remains(bucket, raw, "M1") == 0, "and the prefix still looks like the right one"
    bucket = WritableBucket({key + ".gz": gzip.compress(before)})
    erase(bucket, raw, "M1")
    assert gzip.decompress(bucket.objects[key + ".gz"]) == after
    assert remains(bucket, raw, "M1") == 0


def test_a_thousand_people_in_a_hundred_objects_are_a_hundred_passes() -> None:
    objects = {
        f"rows/{n:03}.jsonl": lines(*({"member_id": f"M{n * 20 + i}", "text": "x"} for i in range(20)))
        for n in range(100)
    }
    bucket = WritableBucket(objects)
    done = erase(bucket, ROWS, *(f"M{i}" for i in range(0, 2000, 2)))
    assert len(done) == 1000
    assert len(bucket.gets) == 100
    assert bucket.calls.count("put_object") == 100
    assert all(
        json.loads(row)["member_id"][-1] in "13579"
        for content in bucket.objects.values()
        for row in content.splitlines()
    )


def test_only_what_has_a_hit_is_written() -> None:
    bucket = WritableBucket(
        {f"rows/{n}.jsonl": lines({"member_id": f"M{n}"}) for n in range(5)}
        | {"rows/_SUCCESS": lines({"member_id": "M3"}), "rowsandmore": lines({"member_id": "M3"})}
    )
    erase(bucket, ROWS, "M3")
    assert bucket.calls.count("put_object") == 1
    assert bucket.objects["rows/3.jsonl"] == b""
    assert bucket.objects["rows/_SUCCESS"] == bucket.objects["rowsandmore"] == lines({"member_id": "M3"})


def test_a_number_is_the_same_identifier() -> None:
    bucket = WritableBucket({"rows/a.jsonl": lines({"member_id": 7}, {"member_id": 8})})
    erase(bucket, ROWS, "7")
    assert bucket.objects["rows/a.jsonl"] == lines({"member_id": 8})


@pytest.mark.parametrize(
    ("key", "content", "raw"),
    [
        ("rows/a.jsonl", b'{"member_id": "M1"}\n{"memb', ROWS),
        ("rows/a.jsonl", b'{"member_id": "M1"}\n\xff\n', ROWS),
        ("rows/a.csv", b"member_id,text\nM1,a\nM2\n", ROWS | {"format": "csv"}),
        ("rows/a.csv", b'member_id,text\nM1,a\nM2,"b', ROWS | {"format": "csv"}),
        ("rows/a.csv", b"member_id,text\nM1,a\nM2,\xff\n", ROWS | {"format": "csv"}),
        ("rows/a.csv", b"member,text\nM1,a\n", ROWS | {"format": "csv"}),
        ("rows/a.csv", b"member_id,member_id\nM1,a\n", ROWS | {"format": "csv"}),
        ("rows/a.jsonl.gz", gzip.compress(lines({"member_id": "M1"}), mtime=0)[:-9], ROWS),
        ("letters/M1.jsonl", lines({"a": 1}) + b"x", LETTERS),
    ],
)
def test_an_object_with_a_row_that_can_t_be_read_is_never_written(
    key: str, content: bytes, raw: dict[str, Any]
) -> None:
    bucket = WritableBucket({key: content})
    for attempt in (find, erase):
        with pytest.raises(SourceBrokenError, match=f"^files/{key}: "):
            attempt(bucket, raw, "M1")
    assert bucket.objects == {key: content}
    assert bucket.uploads == {}
    assert not {"put_object", "delete_object", "complete_multipart_upload"} & set(bucket.calls)


SETTINGS = {
    "BucketKeyEnabled": True,
    "CacheControl": "no-store",
    "ContentDisposition": "attachment",
    "ContentEncoding": "gzip",
    "ContentLanguage": "ja",
    "ContentType": "application/x-ndjson",
    "Metadata": {"made-by": "nightly"},
    "SSEKMSKeyId": "arn:aws:kms:eu-central-1:1:key/k",
    "ServerSideEncryption": "aws:kms",
    "StorageClass": "STANDARD_IA",
}


@pytest.mark.usefixtures("small_pieces")
def test_all_that_an_object_says_of_itself_stays() -> None:
    for rows in (10, 1000):  # written at once, and in pieces
        bucket = WritableBucket({"rows/a.jsonl": large(rows)})
        bucket.settings["rows/a.jsonl"] = SETTINGS | {"ChecksumSHA256": "x"}
        bucket.tags["rows/a.jsonl"] = {"class": "personal data", "a&b": "c=d"}
        asked: dict[str, Any] = {}
        store = bucket._store

        def remember(request: dict[str, Any], content: bytes, asked: Any = asked, store: Any = store) -> None:
            asked.update(request)
            store(request, content)

        bucket._store = remember  # type: ignore[method-assign]
        erase(bucket, ROWS, "M3")
        assert {name: asked[name] for name in SETTINGS} == SETTINGS
        assert asked["Tagging"] == "class=personal+data&a%26b=c%3Dd"
        assert asked["ChecksumAlgorithm"] == "SHA256"
        assert ("upload_part" in bucket.calls) is (rows > 10)


@pytest.mark.parametrize("said", [{"ObjectLockLegalHoldStatus": "ON"}, {"MissingMeta": 1}])
@pytest.mark.parametrize(("raw", "key"), [(ROWS, "rows/a.jsonl"), (LETTERS, "letters/M1.jsonl")])
def test_what_is_under_a_hold_or_can_t_be_kept_is_not_written(
    said: dict[str, Any], raw: dict[str, Any], key: str
) -> None:
    bucket = WritableBucket({key: lines({"member_id": "M1"})})
    bucket.settings[key] = said
    with pytest.raises(SourceBrokenError, match=f"^files/{key}: it "):
        erase(bucket, raw, "M1")
    assert bucket.objects == {key: lines({"member_id": "M1"})}


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small object is written in pieces, too."""
    monkeypatch.setattr(s3_replacement, "PIECE", 20_000)
    monkeypatch.setattr(row_rewriting, "_BLOCK", 7_000)
    monkeypatch.setattr(WritableBucket, "least", 20_000, raising=False)


def large(rows: int) -> bytes:
    return lines(*({"member_id": f"M{i % 10}", "text": "x" * 100} for i in range(rows)))


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("call", ["head_object", "put_object", "complete_multipart_upload", "upload_part"])
def test_what_somebody_else_writes_meanwhile_is_kept(call: str) -> None:
    """At each call one row comes, once; then the object is read again."""
    rows = 1000 if call in ("complete_multipart_upload", "upload_part") else 10
    bucket = WritableBucket({"rows/a.jsonl": large(rows)})
    new = lines({"member_id": "M3", "text": "new"}, {"member_id": "M4", "text": "new"})

    def write(name: str) -> None:
        if name == call and bucket.calls.count(call) == 0:
            bucket._put("rows/a.jsonl", bucket.objects["rows/a.jsonl"] + new)

    bucket.before_call = write  # type: ignore[method-assign]
    done = erase(bucket, ROWS, "M3")
    assert len(done) == rows // 10 + 1
    kept = [row for row in (large(rows) + new).splitlines(keepends=True) if b'"M3"' not in row]
    assert bucket.objects["rows/a.jsonl"] == b"".join(kept)
    assert bucket.uploads == {}


def test_an_object_that_changes_while_it_is_read_is_read_again() -> None:
    bucket = WritableBucket({"rows/a.jsonl": large(80_000)})

    def write(name: str) -> None:
        if name == "get_object" and bucket.calls.count(name) == 1:
            bucket._put("rows/a.jsonl", large(10))

    bucket.before_call = write  # type: ignore[method-assign]
    assert len(erase(bucket, ROWS, "M3")) == 1


@pytest.mark.parametrize(("raw", "key"), [(ROWS, "rows/a.jsonl"), (LETTERS, "letters/M3.jsonl")])
def test_an_object_that_somebody_else_deletes_is_gone(raw: dict[str, Any], key: str) -> None:
    for call in ("head_object", "put_object" if raw is ROWS else "delete_object"):
        bucket = WritableBucket({key: large(10)})

        def remove(name: str, call: str = call, bucket: WritableBucket = bucket) -> None:
            if name == call:
                bucket._put(key, None)

        bucket.before_call = remove  # type: ignore[method-assign]
        assert erase(bucket, raw, "M3") == []
        assert bucket.objects == {}, "and does not come back"


@pytest.mark.parametrize("code", [("PreconditionFailed", 412), ("ConditionalRequestConflict", 409)])
def test_an_object_that_never_rests_is_tried_later(code: tuple[str, int]) -> None:
    bucket = WritableBucket({"rows/a.jsonl": large(10)})

    def refuse(name: str) -> None:
        if name == "put_object":
            raise named(*code, "PutObject")

    bucket.before_call = refuse  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailableError, match=r"^files/rows/a\.jsonl: it changed each of 5 times"):
        erase(bucket, ROWS, "M3")
    assert bucket.objects == {"rows/a.jsonl": large(10)}


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(
    ("raised", "expected"),
    [(refused("SlowDown", 503), SourceUnavailableError), (refused("AccessDenied", 403), SourceBrokenError)],
)
@pytest.mark.parametrize(
    "call", ["get_object", "head_object", "get_object_tagging", "create_multipart_upload", "upload_part",
             "complete_multipart_upload", "list_objects_v2"]
)  # fmt: skip
def test_a_refusal_is_translated_and_leaves_nothing(raised: Exception, expected: type[Exception], call: str) -> None:
    content = large(1000)
    bucket = WritableBucket({"rows/a.jsonl": content})

    def refuse(name: str) -> None:
        if name == call and bucket.calls.count(call) == (call == "upload_part"):
            raise raised

    bucket.before_call = refuse  # type: ignore[method-assign]
    with pytest.raises(expected, match=r"^files/rows/"):
        erase(bucket, ROWS, "M3")
    assert bucket.objects["rows/a.jsonl"] is content
    assert bucket.uploads == {}


def scene(*, versioned: bool) -> WritableBucket:
    """Two files and an object of one person, of which one file is written in pieces."""
    bucket = WritableBucket(
        {
            "rows/a.jsonl": lines({"member_id": "M3", "text": 1}, {"member_id": "M4"}),
            "rows/b.jsonl": large(500),
            "letters/M3.jsonl": lines({"text": 1}),
            "letters/M33.jsonl": lines({"text": 2}),
        },
        versioned=versioned,
    )
    for key, content in list(bucket.objects.items()):
        bucket._put(key, content + b"\n")
    return bucket


def erase_both(bucket: WritableBucket, *, remove_versions: bool) -> None:
    for raw in (ROWS, LETTERS):
        erase(bucket, raw, "M3", remove_versions=remove_versions)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("versioned", [False, True])
@pytest.mark.parametrize("does_it_first", [False, True])
def test_it_may_die_at_any_call_and_the_next_run_does_the_rest(versioned: bool, does_it_first: bool) -> None:
    whole = scene(versioned=versioned)
    before = dict(whole.objects)
    erase_both(whole, remove_versions=versioned)
    assert b'"M3"' not in whole.objects["rows/b.jsonl"]
    for call in range(len(whole.calls)):
        bucket = scene(versioned=versioned)
        bucket.dies_at, bucket.does_it_first = call, does_it_first
        with pytest.raises(DeathError):
            erase_both(bucket, remove_versions=versioned)
        for key, content in bucket.objects.items():
            assert content in (before[key], whole.objects.get(key)), "as before, or as it should be"
        bucket.dies_at = None
        erase_both(bucket, remove_versions=versioned)
        assert remains(bucket, ROWS, "M3") == remains(bucket, LETTERS, "M3") == 0
        assert bucket.objects == whole.objects
        if versioned:
            left = {key: [content for _, content in versions] for key, versions in bucket.versions.items() if versions}
            assert left == {key: [content for _, content in v] for key, v in whole.versions.items() if v}


@pytest.mark.usefixtures("small_pieces")
def test_older_versions_go_only_where_the_map_says_so() -> None:
    for asked in (False, True):
        bucket = scene(versioned=True)
        bucket._put("rows/c.jsonl", lines({"member_id": "M4"}))
        bucket._put("rows/c.jsonl", lines({"member_id": "M5"}))
        erase_both(bucket, remove_versions=asked)
        kept = {key: len(versions) for key, versions in bucket.versions.items()}
        assert kept["rows/c.jsonl"] == 2, "nobody of these people was ever in it"
        assert kept["letters/M33.jsonl"] == 2
        assert kept["rows/a.jsonl"] == kept["rows/b.jsonl"] == (1 if asked else 3)
        assert kept["letters/M3.jsonl"] == (0 if asked else 3)


def test_an_older_version_of_what_is_there_no_more_is_searched() -> None:
    bucket = WritableBucket({"rows/a.jsonl": lines({"member_id": "M3"}), "rows/b.jsonl": b"{}\n"}, versioned=True)
    bucket._put("rows/a.jsonl", None)
    assert erase(bucket, ROWS, "M3", remove_versions=True) == []
    assert bucket.versions["rows/a.jsonl"] == []


def test_a_version_that_can_t_be_deleted_is_told() -> None:
    bucket = scene(versioned=True)
    bucket.delete_objects = lambda **_: {"Errors": [{"Code": "AccessDenied"}]}  # type: ignore[method-assign]
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.jsonl: a version can't be deleted, AccessDenied"):
        erase(bucket, ROWS, "M3", remove_versions=True)


@pytest.mark.parametrize("fault", ["lost", "doubled", "changed", "stays", "whole"])
def test_a_fault_in_the_writing_itself_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take = row_rewriting._Copy._take

    def wrong(self: Any, raw: bytes, is_row: bool) -> None:
        match fault if b"M4" in raw else "":
            case "lost":
                return
            case "doubled":
                take(self, raw, is_row)
            case "changed":
                raw = raw.replace(b"text", b"tex_")
            case "stays":
                raw = raw.replace(b"M4", b"M3")
            case "whole":
                raw = raw.removesuffix(b"\n") + b" "
        take(self, raw, is_row)

    monkeypatch.setattr(row_rewriting._Copy, "_take", wrong)
    bucket = WritableBucket({"rows/a.jsonl": large(20)})
    with pytest.raises(SourceBrokenError, match=r"^files/rows/a\.jsonl: "):
        erase(bucket, ROWS, "M3")
    assert bucket.objects == {"rows/a.jsonl": large(20)}


def test_a_row_left_with_too_much_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_rewriting, "without_members", lambda *_, **__: b"{}\n")
    bucket = WritableBucket({"letters/M1.jsonl": lines({"do": "reduce", "text": 1})})
    with pytest.raises(SourceBrokenError, match="would not be left as it should"):
        erase(bucket, LETTERS, "M1", rule=as_it_says)


def test_a_rule_that_has_never_enough_is_noticed() -> None:
    rows = [{"a": 1, "b": 2}]
    bucket = WritableBucket({"letters/M1.jsonl": lines(*rows)})
    with pytest.raises(SourceBrokenError, match="would not be done with"):
        erase(bucket, LETTERS, "M1", rule=lambda row: RowChange(fate=RowFate.REDUCE, remove=(next(iter(row)),)))
    assert bucket.objects["letters/M1.jsonl"] == lines(*rows)


def test_what_was_packed_is_unpacked_to_be_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = row_rewriting._Zipped._pass_on
    monkeypatch.setattr(
        row_rewriting._Zipped, "_pass_on", lambda self, data: passed(self, data[:-8] if len(data) > 8 else b"")
    )
    bucket = WritableBucket({"rows/a.jsonl.gz": gzip.compress(large(20))})
    with pytest.raises(SourceBrokenError, match=r"a\.jsonl\.gz: what was packed "):
        erase(bucket, ROWS, "M3")


@pytest.mark.parametrize("zipped", [False, True])
def test_memory_does_not_grow_with_the_object(zipped: bool) -> None:
    """40 MB, which do not get smaller by packing."""
    digits = random.Random(1)
    content = lines(*({"member_id": f"M{i % 10}", "text": digits.randbytes(1000).hex()} for i in range(20_000)))
    key = "rows/a.jsonl.gz" if zipped else "rows/a.jsonl"
    bucket = WritableBucket({key: gzip.compress(content, 1) if zipped else content})
    bucket.upload_part = lambda **_: {"ETag": "x"}  # type: ignore[method-assign]
    bucket.complete_multipart_upload = lambda **_: {}  # type: ignore[method-assign]
    tracemalloc.start()
    erase(bucket, ROWS, "M3")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 28 * 2**20, f"{peak / 2**20:.1f} MiB"


def test_what_is_not_asked_for_is_not_read() -> None:
    bucket = WritableBucket({"rows/a.jsonl": lines({"member_id": "M1"})})
    things = collection(ROWS)
    assert list(eraser(bucket).carry_out(things, "email", ["M1"], delete)) == []
    assert erase(bucket, ROWS, remove_versions=True) == []
    assert find(bucket, ROWS) == []
    assert eraser(bucket).remains(things, "email", ["M1"], delete) == 0
    assert bucket.calls == []


def test_a_prefix_under_which_there_is_nothing_is_a_mistake_unless_said() -> None:
    bucket = WritableBucket({"elsewhere": b""})
    for attempt in (find, erase):
        with pytest.raises(SourceBrokenError, match=r"files/rows/: there is nothing.*may_be_empty"):
            attempt(bucket, ROWS, "M1")
        assert attempt(bucket, ROWS | {"may_be_empty": True}, "M1") == []


def test_the_wrong_kind_of_collection_is_a_mistake() -> None:
    bucket = WritableBucket({"rows/a.parquet": b"x"})
    with pytest.raises(SourceBrokenError, match="not in S3"):
        list(eraser(bucket).find(maps.data_map(maps.a_shop()).identity, "email", ["a"], delete))
    with pytest.raises(SourceBrokenError, match="this function can't write"):
        erase(bucket, ROWS | {"format": "parquet"}, "M1")
