"""CSV that opens as data: formulas are neutralised, numbers stay numbers, and text stays the text that it was."""

import csv
import io
import json
import sys
import unicodedata
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rightsdesk.export.csv_safety import BYTE_ORDER_MARK, cell_text, csv_header, csv_row, neutralise
from tests.unit.export.package_of_a_shop import PACKAGE, build

SIGNS = "=+-@|%"


def begins_a_formula(cell: str) -> bool:
    """What a spreadsheet may do, said another way than the module says it: skip the invisible, then look."""
    if cell.startswith(("\t", "\r", "\n")):
        return True
    for character in cell:
        if unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp") or character in '"＂“”„‟':
            continue
        return unicodedata.normalize("NFKC", character)[:1] in (*SIGNS, "\u2212")
    return False


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "|calc", "%0A", "\t=1", "\r=1", "\n=1", "\tharmless",
        "\rharmless", "\nharmless",
        "＝1+1", "＋1", "－1", "＠SUM", "｜calc", "％0", "﹦1", "⁺1", "−1",
        " =1", "\u00a0=1", "\u3000＝1", "\u200b=1", "\ufeff=1", "\u2060@x", "\u202e=1", "\x1b=1", "\x00=1",
        '"=1"', ' "=1', "“=1”", '"" =1', "=HYPERLINK(\"http://evil.example\",\"click\")", "-2+3+cmd|' /C calc'!A0",
        "+81 90-0000-0042", "-5",
    ],
)  # fmt: skip
def test_a85_a_cell_that_begins_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert neutralise(cell).startswith("'")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a;=1", "a;'=1"),
        ("a; ＝1", "a;' ＝1"),
        ("a\t+1", "a\t'+1"),
        ("line\n-1", "line\n'-1"),
        ("line\r\n=1", "line\r\n'=1"),
        ("a;;=1", "a;;'=1"),
        ("=a;=b", "'=a;'=b"),
        ("nul\x00inside", "nul␀inside"),
    ],
)
def test_a85_a_second_cell_behind_a_wrong_separator_is_neutralised_too(cell: str, expected: str) -> None:
    assert neutralise(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "", "plain", "a=b", "1-2-3 Meguro", "0600001", "4980123456789012", "a, -5", "佐藤 花子", "'quoted", "a;b",
        "50%", "x|y", " leading blank", "2026-10-03T10:15:00+09:00", "info@shop.example", "ーロング",
    ],
)  # fmt: skip
def test_a85_harmless_text_is_left_alone(cell: str) -> None:
    assert neutralise(cell) == cell


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-5, "-5"), (-5.5, "-5.5"), (Decimal("-1.10"), "-1.10"), (10**24, "1" + "0" * 24), (True, "true"),
        (False, "false"), (None, ""), ("-5", "'-5"), (["=1", 2], '["=1",2]'), ({"a": "=1"}, '{"a":"=1"}'),
        (["a;=1"], '["a;\'=1"]'),
    ],
)  # fmt: skip
def test_a85_numbers_stay_numbers_and_structures_become_json(value: object, expected: str) -> None:
    assert cell_text(value) == expected  # type: ignore[arg-type]


def test_a85_a_negative_number_does_not_begin_a_row() -> None:
    # Read with `;` the whole row is one cell, and `-5,2+cmd|...` would run.
    assert csv_row([-5, "2+cmd|' /C calc'!A0"]).startswith(b"'-5,")
    assert csv_row(["a", -5]) == b"a,-5\r\n"


def test_a85_the_lists_of_signs_and_of_invisible_characters_are_complete() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character)[0] not in "CPSZ" or unicodedata.category(character) in ("Cs", "Co", "Cn"):
            continue  # letters, marks, digits; no characters
        if begins_a_formula(f"{character}=1"):
            assert neutralise(f"{character}=1").startswith("'"), hex(ord(character))
        if begins_a_formula(f"{character}1"):
            assert neutralise(f"{character}1").startswith("'"), hex(ord(character))


HOSTILE = st.text(st.sampled_from('=+-@|%＝＋－＠;,\t\r\n\x00 "\u00a0\u200b\'a1"'), max_size=12) | st.text(max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False)
CELLS = st.lists(HOSTILE | NUMBERS | st.none() | st.booleans(), min_size=1, max_size=5)


@given(st.lists(CELLS, min_size=1, max_size=5))
@example([["\ud800"]])
def test_a85_no_cell_read_back_begins_a_formula(rows: list[list[object]]) -> None:
    content = b"".join(csv_row(row) for row in rows).decode()  # type: ignore[arg-type]
    read = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    assert [len(row) for row in read] == [len(row) for row in rows]
    for row, cells in zip(rows, read, strict=True):
        for value, cell in zip(row, cells, strict=True):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                assert cell.removeprefix("'") == str(value)
            else:
                assert not begins_a_formula(cell)


@given(st.lists(st.lists(HOSTILE, min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(";\t"))
def test_a85_nor_does_one_read_with_another_separator(rows: list[list[str]], separator: str) -> None:
    content = b"".join(csv_row(row) for row in rows).decode()
    for line in content.replace("\r", "\n").split("\n"):
        for cell in line.split(separator):
            assert not begins_a_formula(cell.strip('"\t'))


@given(st.lists(HOSTILE | NUMBERS | st.none(), min_size=1, max_size=4))
def test_the_fast_way_writes_what_the_slow_one_does(row: list[Any]) -> None:
    line = csv_row(row)
    slow = csv_row([*row, True])  # a truth value takes the slow way
    assert line.removesuffix(b"\r\n") == slow.removesuffix(b",true\r\n") or row in ([None], [""])


@given(HOSTILE)
def test_neutralising_twice_changes_nothing_more(cell: str) -> None:
    assert neutralise(neutralise(cell)) == neutralise(cell)


def test_a41_a_flood_of_separators_takes_linear_time() -> None:
    for flood in ("\t" * 200_000, ";" * 200_000, " " * 200_000, "; " * 100_000, '"' * 200_000, "\u200b;" * 100_000):
        neutralise(flood)
        csv_row([flood, "=1"])  # a quadratic pattern would run into the time limit of the suite


def test_a89_a_table_opens_right_in_a_spreadsheet() -> None:
    content = csv_header(["name", "postcode", "phone", "order"]) + csv_row(
        ["佐藤, 花子", "0600001", "+81 90", "4980123456789012"]
    )
    assert content.startswith(BYTE_ORDER_MARK)
    assert content.decode("utf-8-sig") == (
        'name,postcode,phone,order\r\n"佐藤, 花子",0600001,\'+81 90,4980123456789012\r\n'
    )


def test_a85_the_json_beside_it_keeps_the_raw_value() -> None:
    _, kept = build()
    with zipfile.ZipFile(io.BytesIO(kept[1])) as archive:
        member = json.loads(archive.read(f"{PACKAGE}/data/members.json"))["records"][0]
        table = archive.read(f"{PACKAGE}/data/members.csv").decode("utf-8-sig")
    assert member["segment"] == '=HYPERLINK("http://evil.example")'
    row = next(csv.DictReader(io.StringIO(table, newline="")))
    assert row["segment"] == '\'=HYPERLINK("http://evil.example")'
    assert row["phone"] == "'+81 90-0000-0042"
    assert row["points"] == "1204"
