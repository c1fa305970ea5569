"""The search follows verified identifiers and nothing else, finds all that they lead to, and ends."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain import traversal
from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.records import Record
from tests.unit.domain import maps

KINDS = ("email", "member_id", "order_id", "device_id")


class Found:
    """FoundValues in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, list[str]] = defaultdict(list)

    def add(self, kind: str, value: str) -> bool:
        new = value not in self.kept[kind]
        if new:
            self.kept[kind].append(value)
        return new

    def count(self, kind: str) -> int:
        return len(self.kept[kind])

    def values(self, kind: str, start: int, end: int) -> Iterator[str]:
        return iter(self.kept[kind][start:end])


class Shelves:
    """Records by collection, looked up as a source would, and a note of every value that was asked for."""

    def __init__(self, records: dict[str, list[Record]]) -> None:
        self.records = records
        self.asked: set[tuple[str, str]] = set()

    def look_up(self, collection: Collection, kind: str, values: Iterator[str]) -> Iterator[Record]:
        for value in values:
            self.asked.add((kind, value))
            yield from (record for record in self.records[collection.name] if record.get(f"key_{kind}") == value)


def search(data_map: DataMap, verified: dict[str, str], shelves: Shelves) -> dict[str, list[Record]]:
    """The whole search, as the service does it, over sources and circles."""
    found = Found()
    for kind, value in verified.items():
        found.add(kind, value)
    collected: dict[str, list[Record]] = {}
    for wave in traversal.waves(data_map, data_map.verifiable):
        for step in wave:
            for group in traversal.in_search_order(data_map, step.name):
                if len(group) > 1:
                    traversal.close_circle(group, found=found, look_up=shelves.look_up)
                for collection in group:
                    collected[collection.name] = list(traversal.walk(collection, found=found, look_up=shelves.look_up))
    return collected


def test_sources_come_in_waves_and_collections_in_the_order_of_need() -> None:
    data_map = maps.data_map(maps.a_shop())
    assert [[step.name for step in wave] for wave in traversal.waves(data_map, ["email"])] == [["shop"], ["files"]]
    order = traversal.in_search_order(data_map, "shop")
    assert [[one.name for one in group] for group in order] == [["members"], ["orders"], ["lines"]]


def test_only_what_can_be_reached_is_in_the_plan() -> None:
    data_map = maps.data_map(maps.a_shop())
    assert [one.name for one in traversal.reachable(data_map, ["order_id"])] == ["lines"]
    assert traversal.waves(data_map, ["order_id"]) == ((traversal.SourceStep(name="shop", columnar=False),),)
    assert traversal.waves(data_map, []) == ()


def test_parquet_asks_for_the_larger_function() -> None:
    raw = maps.a_shop()
    raw["sources"]["log"] = maps.source("s3", visits=maps.rows("member_id", format="parquet"))
    steps = {step.name: step.columnar for wave in traversal.waves(maps.data_map(raw), ["email"]) for step in wave}
    assert steps == {"shop": False, "files": False, "log": True}


def test_a_record_on_two_ways_is_given_once() -> None:
    raw = maps.written(
        "email",
        "member_id",
        shop=maps.source(
            "dynamodb",
            members=maps.table("email", gives={"member_id": "member_id"}, identity=True),
            orders=maps.table("email", "member_id"),
        ),
    )
    order: Record = {"pk": "1", "sk": "1", "key_email": "a@x", "key_member_id": "M1", "text": "both"}
    other: Record = {"pk": "1", "sk": "2", "key_member_id": "M1", "text": "one"}
    member: Record = {"pk": "m", "sk": "m", "key_email": "a@x", "member_id": "M1"}
    shelves = Shelves({"members": [member], "orders": [order, other]})
    assert search(maps.data_map(raw), {"email": "a@x"}, shelves)["orders"] == [order, other]


def test_a_collection_that_leads_to_itself_is_followed_to_the_end() -> None:
    raw = maps.written(
        "email",
        "member_id",
        shop=maps.source(
            "dynamodb",
            members=maps.table("email", "member_id", gives={"linked": "member_id"}, identity=True),
        ),
    )
    chain: list[Record] = [{"pk": str(i), "sk": "", "key_member_id": f"M{i}", "linked": f"M{i + 1}"} for i in range(5)]
    chain[0]["key_email"] = "a@x"
    chain[4]["linked"] = "M0"  # and round
    found = search(maps.data_map(raw), {"email": "a@x"}, Shelves({"members": chain}))
    assert found["members"] == chain


# Any map of four collections in one source, whatever leads where, over any records.
_collections = st.fixed_dictionaries(
    {
        name: st.tuples(st.sets(st.sampled_from(KINDS), min_size=1), st.sets(st.sampled_from(KINDS)))
        for name in ("one", "two", "three")
    }
)
_values = st.sampled_from(["a", "b", "c", "d"])
_records = st.dictionaries(
    st.sampled_from([f"key_{kind}" for kind in KINDS] + [f"gives_{kind}" for kind in KINDS]), _values, max_size=5
)
_shelves = st.fixed_dictionaries({name: st.lists(_records, max_size=6) for name in ("members", "one", "two", "three")})


def _any_map(collections: dict[str, tuple[set[str], set[str]]], order: list[str]) -> DataMap | None:
    tables: dict[str, Any] = {
        name: maps.table(*sorted(needs), gives={f"gives_{kind}": kind for kind in sorted(gives)})
        for name, (needs, gives) in collections.items()
    }
    tables["members"] = maps.table(
        "email", gives={f"gives_{kind}": kind for kind in KINDS if kind != "email"}, identity=True
    )
    raw = maps.written(*KINDS, shop=maps.source("dynamodb", **{name: tables[name] for name in order}))
    return maps.data_map(raw)


def _with_keys(shelves: dict[str, list[dict[str, str]]]) -> dict[str, list[Record]]:
    return {
        name: [{**record, "pk": f"{name}{n}", "sk": ""} for n, record in enumerate(records)]
        for name, records in shelves.items()
    }


def _oracle(data_map: DataMap, start: tuple[str, str], shelves: dict[str, list[Record]]) -> set[str]:
    """Primary keys of the records that there is a path to from `start`, found without any order."""
    known, reached = {start}, set[str]()
    while True:
        before = len(known), len(reached)
        for collection in data_map.collections:
            for record in shelves[collection.name]:
                if any(
                    record.get(f"key_{kind}") and (kind, record[f"key_{kind}"]) in known
                    for kind in collection.searched_by
                ):
                    reached.add(str(record["pk"]))
                    known |= {
                        (kind, str(record[name])) for name, kind in collection.identifying.items() if name in record
                    }
        if (len(known), len(reached)) == before:
            return reached


@given(_collections, _shelves, st.permutations(["members", "one", "two", "three"]))
@settings(deadline=None)  # the machine may be busy
def test_the_search_ends_and_finds_what_has_a_path_and_nothing_else(
    collections: dict[str, tuple[set[str], set[str]]], shelves: dict[str, list[dict[str, str]]], order: list[str]
) -> None:
    data_map = _any_map(collections, order)
    assert data_map is not None
    records = _with_keys(shelves)
    shelf = Shelves(records)
    collected = search(data_map, {"email": "a"}, shelf)
    found = [str(record["pk"]) for some in collected.values() for record in some]
    assert sorted(found) == sorted(set(found)), "a record was given twice"
    assert set(found) == _oracle(data_map, ("email", "a"), records), "whatever the order of the map"


@given(_collections, _shelves)
@settings(deadline=None)  # the machine may be busy
def test_a05_no_value_is_looked_up_that_no_path_leads_to(
    collections: dict[str, tuple[set[str], set[str]]], shelves: dict[str, list[dict[str, str]]]
) -> None:
    data_map = _any_map(collections, ["members", "one", "two", "three"])
    assert data_map is not None
    records = _with_keys(shelves)
    shelf = Shelves(records)
    collected = search(data_map, {"email": "a"}, shelf)
    given_away = {("email", "a")} | {
        (kind, str(record[name]))
        for collection in data_map.collections
        for record in collected[collection.name]
        for name, kind in collection.identifying.items()
        if name in record
    }
    assert shelf.asked <= given_away
