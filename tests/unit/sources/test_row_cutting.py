"""What is taken out of one row, and that nothing else of it changes, not even a blank."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from rightsdesk.sources.row_cutting import with_cells, with_members, without_members


@pytest.mark.parametrize(
    ("row", "names", "left"),
    [
        ('{"a": 1, "b": 2, "c": 3}\n', "a", '{"b": 2, "c": 3}\n'),
        ('{"a": 1, "b": 2, "c": 3}\n', "b", '{"a": 1, "c": 3}\n'),
        ('{"a": 1, "b": 2, "c": 3}\r\n', "c", '{"a": 1, "b": 2}\r\n'),
        ('{"a": 1, "b": 2, "c": 3}', "ab", '{"c": 3}'),
        ('{"a": 1, "b": 2, "c": 3}', "ac", '{"b": 2}'),
        ('{"a": 1, "b": 2, "c": 3}', "bc", '{"a": 1}'),
        (' { "a" : 1 , "b":2 } \n', "a", ' { "b":2 } \n'),
        (' { "a" : 1 , "b":2 } \n', "b", ' { "a" : 1 } \n'),
        (' { "a" : 1 , "b":2 } \n', "ab", " {  } \n"),
        ("{ }", "a", "{ }"),
        ('{"a": {"a": [1, {"a": 2}]}, "b": {"a": "}"}}', "a", '{"b": {"a": "}"}}'),
        ('{"a": 1, "b": 2, "a": 3}', "a", '{"b": 2}'),
        ('{"\\u0061": 1, "b": 0.12345678901234567890}', "a", '{"b": 0.12345678901234567890}'),
        ('{"b": 1e5, "a": "髙\\"", "c": -0.0}', "a", '{"b": 1e5, "c": -0.0}'),
        ('{"a": 1}', "z", '{"a": 1}'),
    ],
)
def test_members_go_and_the_rest_keeps_its_bytes(row: str, names: str, left: str) -> None:
    assert without_members(row.encode(), set(names), encoding="utf-8").decode() == left


def test_a_character_of_two_forms_keeps_the_one_it_has() -> None:
    row = (
        b'{"a": "\x81\x5c", "b": "\xee\xf9\x81\xca\x83\x5c", "c": 1}'  # one sign twice, and one with a backslash in it
    )
    assert without_members(row, {"a"}, encoding="cp932") == b'{"b": "\xee\xf9\x81\xca\x83\x5c", "c": 1}'
    row = b"\xee\xf9,\x83\x7c,x\r\n"
    cells = ["￢", "ポ", "x"]
    assert with_cells(row, cells, {1: ""}, encoding="cp932", delimiter=",") == b"\xee\xf9,,x\r\n"


@pytest.mark.parametrize(
    "row", ["[1]", '{"a" 1}', '{"a": }', '{"a": 1 "b": 2}', '{"a": 1', "{a: 1}", '{"a": ' + "[" * 10**5]
)
def test_what_is_no_object_is_told(row: str) -> None:
    with pytest.raises(ValueError):
        without_members(row.encode(), {"a"}, encoding="utf-8")


@given(
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5) | st.lists(st.floats()), max_size=6),
    st.sets(st.integers(0, 5)),
    st.booleans(),
)
def test_any_object_is_left_without_them(row: dict[str, object], positions: set[int], ascii_only: bool) -> None:
    text = json.dumps(row, ensure_ascii=ascii_only)
    gone = {name for position, name in enumerate(row) if position in positions}
    kept = {name: value for name, value in row.items() if name not in gone}
    left = without_members(text.encode("utf-8"), gone, encoding="utf-8")
    assert left.decode() == json.dumps(kept, ensure_ascii=ascii_only)


@pytest.mark.parametrize(
    ("row", "positions", "left"),
    [
        ("a,b,c\r\n", [0], ",b,c\r\n"),
        ("a,b,c\n", [1, 2], "a,,\n"),
        ("a,b,c", [2], "a,b,"),
        ('"a","b","c"\n', [1], '"a","","c"\n'),
        ('"a ""quote"", and\r\na line",b,c\n', [0], '"",b,c\n'),
        ('a,"b\n",c\n', [0, 2], ',"b\n",\n'),
        ('a"a,b b, c\n', [1], 'a"a,, c\n'),
        (",,\n", [1], ",,\n"),
        ('"",a\u2028b,"\u2028"\n', [2], '"",a\u2028b,""\n'),
        ("alone\n", [0], '""\n'),
    ],
)
def test_cells_are_emptied_and_the_rest_keeps_its_bytes(row: str, positions: list[int], left: str) -> None:
    (cells,) = csv.reader(io.StringIO(row, newline="\n"), strict=True)
    assert (
        with_cells(row.encode(), cells, dict.fromkeys(positions, ""), encoding="utf-8", delimiter=",").decode() == left
    )


def test_cells_that_are_elsewhere_are_told() -> None:
    with pytest.raises(ValueError, match="not where"):
        with_cells(b"a,b\n", ["a", "c"], {1: ""}, encoding="utf-8", delimiter=",")


@pytest.mark.parametrize(
    ("row", "values", "after"),
    [
        ('{"a": 1, "b":  2 , "c": 3}\n', {"b": 5}, '{"a": 1, "b":  5 , "c": 3}\n'),
        (' { "a" : "x" } \r\n', {"a": "髙"}, ' { "a" : "髙" } \r\n'),
        ('{"a": 1, "a": 2}', {"a": 3}, '{"a": 3, "a": 3}'),
        ('{"a": {"b": 1}, "b": 0.12345678901234567890}', {"a": None}, '{"a": null, "b": 0.12345678901234567890}'),
        ('{"a": 1}\n', {"b": "x"}, '{"a": 1, "b": "x"}\n'),
        ("{ }\n", {"b": True, "c": 1.5}, '{ "b": true, "c": 1.5}\n'),
        ('{"\\u0061": 1}', {"a": 2}, '{"\\u0061": 2}'),
        ('{"a": 1}', {}, '{"a": 1}'),
    ],
)
def test_members_are_replaced_and_the_rest_keeps_its_bytes(row: str, values: dict[str, JsonValue], after: str) -> None:
    assert with_members(row.encode(), values, encoding="utf-8").decode() == after


@given(
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5) | st.booleans(), max_size=6),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5) | st.none(), max_size=3),
    st.booleans(),
)
def test_any_object_says_the_new_values_and_else_what_it_said(
    row: dict[str, JsonValue], values: dict[str, JsonValue], ascii_only: bool
) -> None:
    text = json.dumps(row, ensure_ascii=ascii_only)
    assert json.loads(with_members(text.encode("utf-8"), values, encoding="utf-8")) == row | values


def test_a_letter_that_the_file_has_not_is_escaped() -> None:
    assert with_members(b'{"a": 1}', {"a": "ø\U0001f600"}, encoding="cp932") == b'{"a": "\\u00f8\\ud83d\\ude00"}'


@pytest.mark.parametrize(
    ("row", "new", "after"),
    [
        ("a,b,c\r\n", {1: "x"}, "a,x,c\r\n"),
        ('a,"b",c\n', {1: 'say "x"'}, 'a,"say ""x""",c\n'),
        ("a,b,c\n", {0: "x,y", 2: 'x"y'}, '"x,y",b,"x""y"\n'),
        ("a,b\n", {1: "x\ny"}, 'a,"x\ny"\n'),
        ("a,,c\n", {1: "x"}, "a,x,c\n"),
        ("alone\n", {0: "x"}, "x\n"),
    ],
)
def test_cells_are_replaced_and_the_rest_keeps_its_bytes(row: str, new: dict[int, str], after: str) -> None:
    (cells,) = csv.reader(io.StringIO(row, newline="\n"), strict=True)
    assert with_cells(row.encode(), cells, new, encoding="utf-8", delimiter=",").decode() == after
