from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from rightsdesk.domain.records import exact_number, identifier_text, identifier_texts, plain


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
@settings(deadline=None)  # the machine may be busy
def test_a_number_is_never_changed(value: Decimal) -> None:
    written = exact_number(value)
    assert Decimal(repr(written) if isinstance(written, float) else written) == value


@given(st.integers(-(10**38), 10**38) | st.decimals(min_value=-(10**20), max_value=10**20, places=6))
@settings(deadline=None)  # the machine may be busy
def test_a_number_survives_the_result_file(value: Decimal | int) -> None:
    written = exact_number(value)
    assert orjson.loads(orjson.dumps(written)) == written


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("12800"), 12800),
        (Decimal("-3E+2"), -300),
        (Decimal("19.90"), 19.9),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (2**64, "18446744073709551616"),
    ],
)
def test_whole_is_int_and_exact_is_float_and_the_rest_is_digits(value: Decimal | int, expected: object) -> None:
    assert exact_number(value) == expected
    assert type(exact_number(value)) is type(expected)


def test_every_kind_of_value_has_one_form_in_json() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    value = {
        "seen": datetime(2026, 3, 1, 9, 0),  # noqa: DTZ001 - this is what a file without offsets gives
        "sent": datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        "born": date(1984, 5, 17),
        "photo": b"\x00\xff",
        "tags": {"b", "a"},
        "sizes": {Decimal(10), Decimal(9)},
        "nested": [{"weight": Decimal("1.5")}, None, True],
        "nothing": float("nan"),
    }
    assert plain(value, zone=tokyo) == {
        "seen": "2026-03-01T09:00:00+09:00",
        "sent": "2026-03-01T09:00:00+00:00",
        "born": "1984-05-17",
        "photo": "AP8=",
        "tags": ["a", "b"],
        "sizes": [9, 10],
        "nested": [{"weight": 1.5}, None, True],
        "nothing": "nan",
    }


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        plain(object())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("M-1", "M-1"),
        (1042, "1042"),
        (1042.0, "1042"),
        ("", None),
        (None, None),
        (True, None),
        ([1], None),
        (1.5, None),
    ],
)
def test_only_texts_and_whole_numbers_identify(value: object, expected: str | None) -> None:
    assert identifier_text(value) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "parts", "expected"),
    [
        ("M-1", (), ["M-1"]),
        (7, (), ["7"]),
        (None, (), []),
        (["a", "", 7, None, True], (), ["a", "7"]),
        ([{"id": "a"}], (), []),
        ([{"provider": "line", "id": 7}, {"provider": "line"}, "x"], ("provider", "id"), ["line:7", "x"]),
        ({"provider": "line", "id": "U1"}, ("id", "provider"), ["U1:line"]),
    ],
)
def test_the_identifiers_of_a_list_are_those_of_its_members(
    value: JsonValue, parts: tuple[str, ...], expected: list[str]
) -> None:
    assert list(identifier_texts(value, parts)) == expected
