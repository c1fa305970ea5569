"""Text files, row by row: what is there is read, what can't be read is told with its place, and memory stays small."""

import csv
import gzip
import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record
from rightsdesk.sources.rows import rows_of
from tests.unit.domain import maps


def collection(**changes: Any) -> FileCollection:
    return FileCollection.model_validate(maps.rows("member_id", **changes))


def read(content: bytes, *, place: str = "files/rows/a.jsonl", **changes: Any) -> list[Record]:
    return list(rows_of(io.BytesIO(content), collection(**changes), place=place))  # type: ignore[arg-type]


def broken(content: bytes, *, place: str = "files/rows/a.jsonl", **changes: Any) -> tuple[list[Record], str]:
    """What was read before the end, and what the end said."""
    rows: list[Record] = []
    with pytest.raises(SourceBrokenError) as caught:
        rows.extend(rows_of(io.BytesIO(content), collection(**changes), place=place))  # type: ignore[arg-type]
    return rows, str(caught.value)


_texts = st.text(st.characters(codec="utf-8"), max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(_texts, _json, min_size=1, max_size=4), max_size=5), st.booleans())
@settings(deadline=None)  # the machine may be busy
def test_json_lines_come_back_as_written(rows: list[dict[str, Any]], zipped: bool) -> None:
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    came = read(gzip.compress(content), place="x.gz") if zipped else read(content)
    assert _digits(came) == _digits(rows)


def _digits(value: Any) -> Any:
    """Numbers beyond 64 bits come as text, digit by digit."""
    if isinstance(value, dict):
        return {key: _digits(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_digits(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_cells = _texts.filter(lambda text: "\r" not in text and "\x00" not in text)


@given(st.lists(st.lists(_cells, min_size=3, max_size=3), max_size=5))
@settings(deadline=None)  # the machine may be busy
def test_csv_comes_back_as_written(cells: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["member_id", "text", "備考"], *cells])
    came = read(out.getvalue().encode("utf-8-sig"), format="csv", place="files/rows/a.csv")
    assert came == [dict(zip(["member_id", "text", "備考"], row, strict=True)) for row in cells]


def test_a_number_is_not_rounded() -> None:
    row = b'{"a": 0.12345678901234567890, "b": 123456789012345678901234567890, "c": 12.5, "d": 1234567890.12345678}\n'
    assert read(row) == [
        {
            "a": "0.12345678901234567890",
            "b": "123456789012345678901234567890",
            "c": 12.5,
            "d": "1234567890.12345678",
        }
    ]


def test_rows_that_can_t_be_read_are_counted_and_the_others_are_given() -> None:
    rows, message = broken(b'{"text": 1}\n{"text": \n[1]\n\n{"text": 2}\nnull\n{"a": NaN}\n\xff{}\n')
    assert rows == [{"text": 1}, {"text": 2}]
    assert message == "files/rows/a.jsonl: 5 rows can't be read, the first in line 2"


def test_csv_rows_of_another_width_are_told() -> None:
    content = b'member_id,text\r\nM1,a\r\nM2\r\n\r\nM3,b,c\r\nM4,"d\r\nd"\r\n'
    rows, message = broken(content, format="csv")
    assert rows == [{"member_id": "M1", "text": "a"}, {"member_id": "M4", "text": "d\r\nd"}]
    assert message == "files/rows/a.jsonl: 2 rows can't be read, the first in line 3"


def test_a_quote_that_never_closes_swallows_no_row_in_silence() -> None:
    rows, message = broken(b'member_id,text\nM1,a\nM2,"b\nM3,c\nM4,d\n', format="csv")
    assert rows == [{"member_id": "M1", "text": "a"}]
    assert "1 row can't be read" in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_encodings_are_declared(encoding: str) -> None:
    content = "member_id,text\r\nM1,表示能力 ソ\r\n".encode(encoding)
    assert read(content, format="csv", encoding=encoding) == [{"member_id": "M1", "text": "表示能力 ソ"}]
    lines = '{"text": "表示能力 ソ"}\n'.encode(encoding)
    assert read(lines, encoding=encoding) == [{"text": "表示能力 ソ"}]


def test_another_encoding_than_declared_is_told() -> None:
    rows, message = broken("member_id,text\r\nM1,表示\r\nM2,ok\r\n".encode("cp932"), format="csv")
    assert rows[1] == {"member_id": "M2", "text": "ok"}
    assert "1 row can't be read, the first in line 2" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,text\n1,a\n", "no column member_id"),
        (b"member_id,text,text\n", "stands twice"),
    ],
)
def test_a_header_that_does_not_fit(content: bytes, message: str) -> None:
    assert message in broken(content, format="csv")[1]


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b'{"text": 1}\n' * 5000)[:-20],
        gzip.compress(b'{"text": 1}\n' * 5000)[:-8] + b"\0" * 8,
        b"this is no gzip",
        gzip.compress(b'{"text": 1}\n')[:3],
    ],
)
def test_a_damaged_gzip_is_told(content: bytes) -> None:
    assert broken(content, place="files/rows/a.jsonl.gz")[1] == "files/rows/a.jsonl.gz: the gzip stream is damaged"


def test_all_members_of_a_gzip_are_read() -> None:
    content = gzip.compress(b'{"text": 1}\n') + gzip.compress(b'{"text": 2}\n')
    assert read(content, place="a.gz") == [{"text": 1}, {"text": 2}]


def test_a_line_without_end_is_refused() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    with pytest.raises(SourceBrokenError, match="longer than"):
        list(rows_of(Endless(), collection(), place="files/a"))


def test_no_row_at_all() -> None:
    assert read(b"") == []
    assert read(b"", format="csv") == []
    assert read(b"member_id,text\n", format="csv") == []


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a45_memory_does_not_grow_with_the_file(kind: str) -> None:
    text = "x" * 200
    line = f'{{"member_id": "M1", "text": "{text}"}}\n' if kind == "jsonl" else f"M1,{text}\n"

    def peak(lines: int) -> int:
        head = b"member_id,text\n" if kind == "csv" else b""
        content = gzip.compress(head + line.encode() * lines, compresslevel=1)
        tracemalloc.start()
        count = 0
        for _ in rows_of(io.BytesIO(content), collection(format=kind), place="a.gz"):  # type: ignore[arg-type]
            count += 1
        assert count == lines
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(40_000) < peak(4_000) + 2_000_000
