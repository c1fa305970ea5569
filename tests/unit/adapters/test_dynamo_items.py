"""Our conversion of items is boto3's, for the types that our tables hold."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.adapters.dynamo_items import from_item, to_item
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
items = st.dictionaries(st.text(min_size=1), values, max_size=6)


@given(items)
def test_items_are_those_of_the_sdk(item: dict[str, Any]) -> None:
    serialize = TypeSerializer().serialize
    assert to_item(item) == {name: serialize(value) for name, value in item.items() if value is not None}


@given(items)
def test_what_was_written_is_read(item: dict[str, Any]) -> None:
    assert from_item(to_item(item)) == {name: value for name, value in item.items() if value is not None}


@given(st.decimals(-(10**12), 10**12, places=3))
def test_whole_numbers_are_int(number: Decimal) -> None:
    read = from_item({"n": {"N": str(number)}})["n"]
    assert read == float(number)
    assert isinstance(read, int) == (number == number.to_integral_value())


def test_names_and_levels_are_written_as_their_values() -> None:
    assert to_item({"status": Status.RECEIVED, "assurance": Assurance.MAILBOX, "types": ("access",)}) == {
        "status": {"S": "received"},
        "assurance": {"N": "1"},
        "types": {"L": [{"S": "access"}]},
    }


@pytest.mark.parametrize("value", [0.5, b"bytes", {"a"}, object()])
def test_what_no_item_of_ours_holds_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_item({"nested": [value]})


def test_a_type_that_no_item_of_ours_has_is_refused() -> None:
    with pytest.raises(TypeError):
        from_item({"set": {"SS": ["a"]}})
