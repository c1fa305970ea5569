"""Collecting a source: whole or not at all, started again where it stopped, and never without what it depends on."""

import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.domain.collecting import CollectionResult, SourceResult
from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.errors import NotFoundError, SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.ports.sources import StoredObject
from rightsdesk.services.collect_data import collect_data
from tests.unit.domain import maps
from tests.unit.domain.maps import LABEL, field

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECRET = {"disclose": "never", "ground": "security", "reason": LABEL}


class Store:
    """RecordStore in memory: an object appears whole or not at all."""

    def __init__(self) -> None:
        self.objects: dict[str, list[Record]] = {}

    def write(self, request_id: str, name: str, records: Iterable[Record]) -> StoredObject:
        rows = list(records)
        self.objects[name] = rows
        return StoredObject(key=f"work/{request_id}/{name}", rows=len(rows), bytes=len(rows), sha256="00")

    def read(self, request_id: str, name: str) -> Iterator[Record]:
        if name not in self.objects:
            raise NotFoundError(name)
        return iter(self.objects[name])

    def exists(self, request_id: str, name: str) -> bool:
        return name in self.objects

    def delete(self, request_id: str, name: str) -> None:
        self.objects.pop(name, None)


class Reader:
    """SourceReader over records in memory, by collection and value. `fails` is raised in the middle of a collection."""

    def __init__(self, **records: dict[str, list[Record]]) -> None:
        self.records = records
        self.fails: dict[str, Exception] = {}
        self.read_collections: list[str] = []

    def read(self, collection: Collection, identifier: str, values: Iterable[str]) -> Iterator[Record]:
        self.read_collections.append(collection.name)
        for value in values:
            yield from self.records.get(collection.name, {}).get(value, ())
            if collection.name in self.fails:
                raise self.fails[collection.name]


class Desk:
    """What calls the service: it keeps what was done, as the case does."""

    def __init__(self, raw: dict[str, Any], reader: Reader) -> None:
        self.data_map: DataMap = maps.data_map(raw)
        self.reader = reader
        self.store = Store()
        self.done: dict[str, CollectionResult] = {}

    def collect(self, source: str, **verified: list[str]) -> SourceResult:
        with SpooledValues() as found:
            return collect_data(
                "r1",
                source,
                data_map=self.data_map,
                verified=verified,
                reader=self.reader,
                store=self.store,
                found=found,
                done=dict(self.done),
                save=lambda name, result: self.done.update({name: result}),
                clock=lambda: NOW,
            )


def a_shop() -> tuple[dict[str, Any], Reader]:
    raw = maps.a_shop()
    members = raw["sources"]["shop"]["collections"]["members"]
    members["fields"] |= {"password_hash": field(**SECRET), "friend": field(about="other_person")}
    reader = Reader(
        members={"a@x": [{"pk": "M1", "sk": "", "member_id": "M1", "password_hash": "$", "friend": "Aoi", "odd": 1}]},
        orders={"M1": [{"pk": "1", "sk": "", "order_id": o, "text": "!"} for o in ("K1", "K2")]},
        lines={"K1": [{"text": "chair"}], "K2": [{"text": "lamp"}, {"text": "rug"}]},
        letters={"M1": [{"text": "hello"}]},
    )
    return raw, reader


def test_all_that_a_verified_address_leads_to() -> None:
    desk = Desk(*a_shop())
    result = desk.collect("shop", email=["a@x"])
    assert desk.store.objects == {
        "shop/members": [{"member_id": "M1", "friend": "Aoi"}],
        "shop/orders": [{"order_id": "K1", "text": "!"}, {"order_id": "K2", "text": "!"}],
        "shop/lines": [{"text": "chair"}, {"text": "lamp"}, {"text": "rug"}],
    }
    assert list(result.collections) == ["members", "orders", "lines"]
    assert result.collections["members"] == CollectionResult(
        rows=1, flagged=1, bytes=1, sha256="00", as_of=NOW, unmapped={"odd": 1}, withheld={"password_hash": 1}
    )
    assert desk.done == result.collections
    assert desk.collect("files", email=["a@x"]).collections["letters"].rows == 1


def test_nobody_is_found_and_every_collection_says_so() -> None:
    desk = Desk(*a_shop())
    result = desk.collect("shop", email=["nobody@x"])
    assert {name: one.rows for name, one in result.collections.items()} == {"members": 0, "orders": 0, "lines": 0}
    assert desk.store.objects == {"shop/members": [], "shop/orders": [], "shop/lines": []}


def test_a05_an_identifier_that_was_only_typed_is_no_key() -> None:
    raw, reader = a_shop()
    reader.records["orders"]["M2"] = [{"pk": "9", "sk": "", "order_id": "K9"}]
    desk = Desk(raw, reader)
    desk.collect("shop", email=["a@x"])
    assert {record["order_id"] for record in desk.store.objects["shop/orders"]} == {"K1", "K2"}


@pytest.mark.parametrize("error", [SourceUnavailableError("shop: throttled"), SourceBrokenError("shop: bad row")])
def test_a81_a_source_that_fails_goes_on_where_it_stopped(error: Exception) -> None:
    desk = Desk(*a_shop())
    desk.reader.fails["lines"] = error
    with pytest.raises(type(error)):
        desk.collect("shop", email=["a@x"])
    assert list(desk.done) == ["members", "orders"]
    assert "shop/lines" not in desk.store.objects, "a part of a collection is not kept"

    desk.reader.fails.clear()
    desk.reader.read_collections.clear()
    result = desk.collect("shop", email=["a@x"])
    assert desk.reader.read_collections == ["lines"], "what is done is not read again"
    assert [record["text"] for record in desk.store.objects["shop/lines"]] == ["chair", "lamp", "rug"]
    assert list(result.collections) == ["members", "orders", "lines"]


def test_a_source_that_is_done_is_left_alone() -> None:
    desk = Desk(*a_shop())
    first = desk.collect("shop", email=["a@x"])
    desk.reader.read_collections.clear()
    assert desk.collect("shop", email=["a@x"]) == first
    assert desk.reader.read_collections == []


def test_a81_a_source_whose_identifiers_were_not_collected_is_never_complete() -> None:
    desk = Desk(*a_shop())
    with pytest.raises(SourceBrokenError, match="files waits for shop/members"):
        desk.collect("files", email=["a@x"])
    assert desk.store.objects == {}


def test_collections_that_lead_to_one_another_are_collected_whole() -> None:
    raw = maps.written(
        "email",
        "member_id",
        "device_id",
        shop=maps.source(
            "dynamodb",
            members=maps.table("email", "device_id", gives={"member_id": "member_id"}, identity=True),
            devices=maps.table("member_id", gives={"device_id": "device_id"}),
        ),
    )
    one: Record = {"pk": "M1", "sk": "", "member_id": "M1"}
    two: Record = {"pk": "M2", "sk": "", "member_id": "M2"}
    reader = Reader(
        members={"a@x": [one], "D1": [one, two], "D2": [two]},
        devices={"M1": [{"pk": "1", "sk": "", "device_id": "D1"}], "M2": [{"pk": "2", "sk": "", "device_id": "D2"}]},
    )
    desk = Desk(raw, reader)
    result = desk.collect("shop", email=["a@x"])
    assert {name: one.rows for name, one in result.collections.items()} == {"members": 2, "devices": 2}


def test_a45_a_member_with_many_orders_is_not_held_in_memory() -> None:
    raw, _ = a_shop()

    class Endless(Reader):
        def read(self, collection: Collection, identifier: str, values: Iterable[str]) -> Iterator[Record]:
            for value in values:
                if collection.name == "members":
                    yield {"pk": "M1", "sk": "", "member_id": "M1"}
                elif collection.name == "orders":
                    for number in range(50_000):
                        yield {"pk": str(number), "sk": "", "order_id": f"K{number:030d}"}
                else:
                    yield {"text": value}

    class Counting(Store):
        def write(self, request_id: str, name: str, records: Iterable[Record]) -> StoredObject:
            rows = sum(1 for _ in records)
            return StoredObject(key=name, rows=rows, bytes=rows, sha256="00")

    desk = Desk(raw, Endless())
    desk.store = Counting()
    tracemalloc.start()
    result = desk.collect("shop", email=["a@x"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.collections["lines"].rows == 50_000
    assert peak < 2_000_000
