"""Records as JSON: exact numbers, whatever their length, and no crash on half a character."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.export.encoding import encode_document, encode_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_written_reads_back_the_same(value: object) -> None:
    assert json.loads(encode_value(value)) == value
    assert json.loads(encode_document(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_keeps_its_digits(value: Decimal) -> None:
    read = json.loads(encode_value({"amount": value}), parse_float=Decimal, parse_int=Decimal)
    assert read["amount"] == value


def test_numbers_beyond_64_bits_and_lone_surrogates_go_through() -> None:
    assert encode_value({"n": 10**37, "d": Decimal("0.1000"), "s": "a\ud800b"}) == (
        b'{"n":1%b,"d":0.1000,"s":"a?b"}' % (b"0" * 37)
    )


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), object(), {1, 2}])
def test_what_json_does_not_know_is_an_error(value: object) -> None:
    with pytest.raises(TypeError):
        encode_value({"x": value})
