"""DynamoDB as moto plays it: every page, every index, every kind of key, and never a Scan."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from rightsdesk.domain.datamap import TableCollection
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.sources.dynamodb import DynamoReader
from tests.unit.domain import maps

REGION = "eu-central-1"


class Table:
    """A table of orders, with two indexes, and a count of the calls to it."""

    def __init__(self, sort: str = "S", member: str = "S") -> None:
        client: Any = boto3.client("dynamodb", region_name=REGION)
        self.client = client
        self.calls: Counter[str] = Counter()
        client.create_table(
            TableName="things",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema("pk", "sk"),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in (("pk", "S"), ("sk", sort), ("member_id", member))
            ],
            GlobalSecondaryIndexes=[
                {"IndexName": "whole", "KeySchema": _schema("member_id"), "Projection": {"ProjectionType": "ALL"}},
                {"IndexName": "keys", "KeySchema": _schema("member_id"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
            ],
        )
        self.client.meta.events.register("before-call.dynamodb", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self.calls[model.name] += 1

    def put(self, *items: dict[str, Any]) -> None:
        table = boto3.resource("dynamodb", region_name=REGION).Table("things")
        with table.batch_writer() as batch:
            for item in items:
                batch.put_item(Item=item)

    def read(self, *values: str, sleep: Any = None, **way: Any) -> list[Record]:
        collection = TableCollection.model_validate(
            maps.table("member_id", find_by=[{"identifier": "member_id"} | way])
        )
        reader = DynamoReader(self.client, sleep=sleep or (lambda _: None))
        return list(reader.read(collection, "member_id", values))


def _schema(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def table(aws: None) -> Table:
    return Table()


BY_MEMBER = {"key": "pk", "template": "MEMBER#{value}", "sort_key": "sk", "sort_prefix": "ORDER#"}


def test_every_page_of_a_partition_is_read(table: Table) -> None:
    """The trap of reading one page only: a page ends at 1 MB."""
    table.put(*({"pk": "MEMBER#1", "sk": f"ORDER#{n:03d}", "text": "x" * 100_000} for n in range(25)))
    found = table.read("1", **BY_MEMBER)
    assert [record["sk"] for record in found] == [f"ORDER#{n:03d}" for n in range(25)]
    assert table.calls["Query"] >= 3
    assert set(table.calls) == {"Query"}, "never a Scan"


def test_only_the_sort_keys_that_are_meant(table: Table) -> None:
    table.put(
        {"pk": "MEMBER#1", "sk": "PROFILE", "text": "no"},
        {"pk": "MEMBER#1", "sk": "ORDER#1", "text": "yes"},
        {"pk": "MEMBER#10", "sk": "ORDER#1", "text": "somebody else"},
    )
    assert [record["text"] for record in table.read("1", **BY_MEMBER)] == ["yes"]


def test_an_index_gives_whole_records(table: Table) -> None:
    table.put(*({"pk": f"ORDER#{n}", "sk": "ORDER", "member_id": f"M{n % 2}", "text": f"t{n}"} for n in range(6)))
    found = table.read("M1", index="whole", key="member_id")
    assert {record["text"] for record in found} == {"t1", "t3", "t5"}


def test_an_index_of_keys_is_followed_by_batches(table: Table) -> None:
    table.put(*({"pk": f"ORDER#{n}", "sk": "ORDER", "member_id": "M1", "text": f"t{n}"} for n in range(230)))
    found = table.read("M1", index="keys", key="member_id", fetch=True)
    assert {record["text"] for record in found} == {f"t{n}" for n in range(230)}
    assert table.calls["BatchGetItem"] == 3, "a hundred keys each, and not one each"
    bare = table.read("M1", index="keys", key="member_id")
    assert "text" not in bare[0], "what `fetch` is for"


def test_what_a_busy_service_leaves_out_of_a_batch_is_asked_for_again(table: Table) -> None:
    table.put(*({"pk": f"ORDER#{n}", "sk": "ORDER", "member_id": "M1", "text": f"t{n}"} for n in range(10)))
    whole = table.client.batch_get_item
    pauses: list[float] = []

    def busy(RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - the SDK's name
        keys = RequestItems["things"]["Keys"]
        answer = whole(RequestItems={"things": {"Keys": keys[:3]}})
        return {**answer, "UnprocessedKeys": {"things": {"Keys": keys[3:]}} if keys[3:] else {}}

    table.client.batch_get_item = busy
    found = table.read("M1", index="keys", key="member_id", fetch=True, sleep=pauses.append)
    assert len(found) == 10
    assert pauses == sorted(pauses)
    assert len(pauses) == 3

    table.client.batch_get_item = lambda **request: {"UnprocessedKeys": request["RequestItems"]}
    with pytest.raises(SourceUnavailableError, match="things: a batch was not answered in full"):
        table.read("M1", index="keys", key="member_id", fetch=True)


def test_a_key_that_is_a_number_is_found(aws: None) -> None:
    """The trap of an export that is empty, and marked complete, because 1042 is not "1042"."""
    table = Table(sort="N", member="N")
    table.put(
        {"pk": "a", "sk": 1, "member_id": 1042, "text": "yes"}, {"pk": "b", "sk": 1, "member_id": 7, "text": "no"}
    )
    found = table.read("1042", "M-1042", "１０４２", "NaN", index="whole", key="member_id", key_type="number")
    assert found == [{"pk": "a", "sk": 1, "member_id": 1042, "text": "yes"}]


def test_the_wrong_type_of_key_is_never_an_empty_answer(table: Table) -> None:
    """DynamoDB refuses it; moto would answer that there is nothing, so the refusal is played here."""

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": "type mismatch"}}, "Query")

    table.client.query = refuse
    with pytest.raises(SourceBrokenError, match="things: ValidationException"):
        table.read("1042", index="whole", key="member_id")


def test_many_values_and_those_without_records(table: Table) -> None:
    table.put(*({"pk": f"MEMBER#{n}", "sk": "ORDER#1", "text": n} for n in range(0, 40, 2)))
    found = table.read(*map(str, range(40)), **BY_MEMBER)
    assert [record["text"] for record in found] == list(range(0, 40, 2))


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ({"key": "pk", "index": "nowhere"}, "(ResourceNotFound|Validation)Exception"),  # moto says the first
        ({"key": "nothing"}, "ValidationException"),
    ],
)
def test_a_way_that_the_table_does_not_have_is_told(table: Table, way: dict[str, Any], code: str) -> None:
    with pytest.raises(SourceBrokenError, match=f"things: {code}"):
        table.read("1", **way)


def test_a_table_that_is_not_there_is_told(aws: None) -> None:
    table = Table()
    table.client.delete_table(TableName="things")
    with pytest.raises(SourceBrokenError, match="things: ResourceNotFoundException"):
        table.read("1", **BY_MEMBER)


def test_keys_that_are_not_the_table_s_are_told(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "member_id": "M1"})
    collection = TableCollection.model_validate(
        maps.table(
            "member_id",
            keys=["order_id"],
            find_by=[{"identifier": "member_id", "index": "keys", "key": "member_id", "fetch": True}],
        )
    )
    with pytest.raises(SourceBrokenError, match="order_id is not in its key"):
        list(DynamoReader(table.client).read(collection, "member_id", ["M1"]))
