"""Items become records, and a page taken apart quickly gives the very same ones as the SDK's parser."""

from decimal import Decimal
from typing import Any, cast

import boto3
import orjson
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.sources import dynamodb_items
from rightsdesk.sources.dynamodb_items import fast_pages, offer_fast_pages, record_of, sendable

ITEM: dict[str, Any] = {
    "text": {"S": "表"},
    "whole": {"N": "42"},
    "negative": {"N": "-7"},
    "exact": {"N": "19.9"},
    "long": {"N": "0.12345678901234567890123456789012345678"},
    "huge": {"N": "123456789012345678901234567890"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "photo": {"B": b"\x00\xff"},
    "map": {"M": {"inner": {"L": [{"N": "1"}, {"S": "a"}, {"M": {}}]}}},
    "tags": {"SS": ["b", "a"]},
    "sizes": {"NS": ["10", "9"]},
    "blobs": {"BS": [b"b", b"a"]},
}
RECORD = {
    "text": "表",
    "whole": 42,
    "negative": -7,
    "exact": 19.9,
    "long": "0.12345678901234567890123456789012345678",
    "huge": "123456789012345678901234567890",
    "yes": True,
    "nothing": None,
    "photo": "AP8=",
    "map": {"inner": [1, "a", {}]},
    "tags": ["a", "b"],
    "sizes": [9, 10],
    "blobs": ["YQ==", "Yg=="],
}


def test_every_type_has_its_form() -> None:
    assert record_of(ITEM) == RECORD


def test_a_type_that_is_not_known_is_an_error() -> None:
    with pytest.raises(TypeError):
        record_of({"a": {"X": 1}})


class Wire:
    """A DynamoDB client whose answers are given: the real parser, no network."""

    def __init__(self) -> None:
        self.client = boto3.client(
            "dynamodb",
            region_name="eu-central-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.body = b""
        self.status = 200
        self.client.meta.events.register("before-send.dynamodb", cast("Any", self._answer))

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        response: Any = AWSResponse(request.url, self.status, cast("Any", {"content-type": "application/json"}), None)
        response._content = self.body
        return cast("AWSResponse", response)

    def query(self) -> dict[str, Any]:
        return dict(self.client.query(TableName="t", KeyConditionExpression="a = :a"))


@pytest.fixture(scope="module")
def wire() -> Wire:
    wire = Wire()
    offer_fast_pages(wire.client)
    return wire


def as_sent(value: Any) -> Any:
    """An item as it is on the wire: binary is base64."""
    import base64

    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: as_sent(member) for name, member in value.items()}
    return [as_sent(member) for member in value] if isinstance(value, (list, set)) else value


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20)
    | st.binary(max_size=8)
    | st.sets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=3), min_size=1, max_size=3)
    | st.sets(st.integers(-9, 9).map(Decimal), min_size=1, max_size=3)
    | st.sets(st.binary(min_size=1, max_size=3), min_size=1, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.text("abcdef", min_size=1), _values, max_size=4), max_size=3))
@settings(deadline=None)  # the machine may be busy
def test_both_parsers_give_equal_records(wire: Wire, items: list[dict[str, Any]]) -> None:
    serializer = TypeSerializer()
    typed = [{name: serializer.serialize(value) for name, value in item.items()} for item in items]
    wire.status, wire.body = 200, orjson.dumps(as_sent({"Items": typed, "Count": len(items)}))
    slowly = wire.query()
    with fast_pages():
        quickly = wire.query()
    assert [record_of(item) for item in quickly["Items"]] == [record_of(item) for item in slowly["Items"]]
    assert quickly["Count"] == slowly["Count"]


def test_the_quick_way_is_taken_and_only_inside(wire: Wire) -> None:
    wire.status, wire.body = 200, orjson.dumps(as_sent({"Items": [{"photo": {"B": b"\x00"}}]}))
    with fast_pages():
        assert wire.query()["Items"][0]["photo"]["B"] == "AA==", "taken apart as plain JSON"
    assert wire.query()["Items"][0]["photo"]["B"] == b"\x00", "others who share the client feel nothing"


def test_errors_are_left_to_the_sdk(wire: Wire) -> None:
    wire.status, wire.body = 400, b'{"__type": "x#ResourceNotFoundException", "message": "no"}'
    with fast_pages(), pytest.raises(wire.client.exceptions.ResourceNotFoundException):
        wire.query()


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff"])
def test_a_page_that_is_not_as_expected_is_left_to_the_sdk(body: bytes) -> None:
    response: dict[str, Any] = {"status_code": 200, "body": body}
    customized: dict[str, Any] = {}
    with fast_pages():
        dynamodb_items._take_apart(response, customized)
    assert (response["body"], customized) == (body, {})


def test_a_key_that_was_read_can_be_sent_again() -> None:
    assert sendable({"pk": {"B": "AP8="}, "sk": {"N": "1"}}) == {"pk": {"B": b"\x00\xff"}, "sk": {"N": "1"}}
    assert sendable({"pk": {"B": b"\x00"}}) == {"pk": {"B": b"\x00"}}
