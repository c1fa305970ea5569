"""Erasing in DynamoDB as moto plays it: types that stay, deaths at every call, what others do meanwhile."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from rightsdesk.domain.datamap import TableCollection
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record
from rightsdesk.sources.dynamodb_erasing import DynamoEraser
from tests.support.fakes import ProcessDiedError
from tests.unit.domain import maps

REGION = "eu-central-1"
DELETE = RowChange(fate=RowFate.DELETE)
KEEP = RowChange(fate=RowFate.KEEP)
BY_INDEX: dict[str, Any] = {"index": "whole", "key": "member_id"}
BY_KEYS: dict[str, Any] = {"index": "keys", "key": "member_id", "fetch": True}
BY_PARTITION: dict[str, Any] = {"key": "pk"}
EVERY_TYPE: dict[str, Any] = {
    "text": {"S": "表"},
    "empty": {"S": ""},
    "exact": {"N": "0.12345678901234567890123456789012345678"},
    "huge": {"N": "12345678901234567890123456789012345678"},
    "one": {"N": "1"},
    "photo": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "list": {"L": [{"N": "1"}, {"S": "1"}, {"B": b"\x01"}, {"M": {}}]},
    "map": {"M": {"inner": {"M": {"n": {"N": "1.5"}, "s": {"SS": ["b", "a"]}}}}},
    "tags": {"SS": ["b", "a"]},
    "sizes": {"NS": ["10", "9"]},
    "blobs": {"BS": [b"b", b"a"]},
}
Item = dict[str, Any]
Rule = Callable[[Record], RowChange]


class Table:
    """A table of orders with two indexes; a count of the calls to it, and of the rows that were written."""

    def __init__(self, member: str = "S") -> None:
        client: Any = boto3.client("dynamodb", region_name=REGION)
        self.client = client
        self.calls: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self.before: dict[str, Callable[[], object]] = {}  # somebody acts just before the next call of this name, once
        self.dies: tuple[str, int] | None = None  # before or after the call with this number, from 0
        client.create_table(
            TableName="things",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema("pk", "sk"),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in (("pk", "S"), ("sk", "S"), ("member_id", member))
            ],
            GlobalSecondaryIndexes=[
                {"IndexName": "whole", "KeySchema": _schema("member_id"), "Projection": {"ProjectionType": "ALL"}},
                {"IndexName": "keys", "KeySchema": _schema("member_id"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
            ],
        )
        self.others: Any = boto3.client("dynamodb", region_name=REGION)  # who else works with the table
        client.meta.events.register("before-call.dynamodb", self._begins)
        client.meta.events.register("after-call.dynamodb", self._ended)
        client.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", self._asked)
        self._actions: list[Item] = []

    def _asked(self, params: Any, **_: Any) -> None:
        self._actions = params["TransactItems"]

    def _begins(self, model: Any, **_: Any) -> None:
        self.before.pop(model.name, lambda: None)()
        if self.dies == ("before", self.calls.total()):
            raise ProcessDiedError
        self.calls[model.name] += 1

    def _ended(self, model: Any, http_response: Any, **_: Any) -> None:
        if model.name == "TransactWriteItems" and http_response.status_code == 200:
            self.written.update(str(next(iter(action.values()))["Key"]) for action in self._actions)
        if self.dies == ("after", self.calls.total() - 1):
            raise ProcessDiedError

    def put(self, *items: Item) -> None:
        for item in items:
            self.others.put_item(TableName="things", Item=item)

    def set(self, pk: str, name: str, typed: Item | None) -> None:
        """Somebody else changes one attribute, or takes it away."""
        self.others.update_item(
            TableName="things",
            Key=key(pk),
            UpdateExpression="SET #a = :a" if typed else "REMOVE #a",
            ExpressionAttributeNames={"#a": name},
            **({"ExpressionAttributeValues": {":a": typed}} if typed else {}),
        )

    def delete(self, pk: str) -> None:
        self.others.delete_item(TableName="things", Key=key(pk))

    @property
    def items(self) -> dict[str, Item]:
        """All that is there, as it is there; sets as sets."""
        pages = self.others.get_paginator("scan").paginate(TableName="things")
        return {item["pk"]["S"]: as_sets(item) for page in pages for item in page["Items"]}

    def find(self, *values: str, rule: Rule = lambda _: DELETE, **way: Any) -> list[RowFound]:
        eraser = DynamoEraser(self.client, sleep=lambda _: None)
        return list(eraser.find(things(**(way or BY_INDEX)), "member_id", values or ["M1"], rule))

    def carry_out(self, rows: list[RowFound], **way: Any) -> list[RowDone]:
        eraser = DynamoEraser(self.client, sleep=lambda _: None)
        return list(eraser.carry_out(things(**(way or BY_INDEX)), rows))

    def remains(self, *values: str, rule: Rule = lambda _: DELETE, **way: Any) -> int:
        eraser = DynamoEraser(self.client, sleep=lambda _: None)
        return eraser.remains(things(**(way or BY_INDEX)), "member_id", values or ["M1"], rule)


def _schema(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def things(**way: Any) -> TableCollection:
    raw = maps.table("member_id", find_by=[{"identifier": "member_id"} | way], technical=["pk", "sk", "hold"])
    collection = TableCollection.model_validate(raw)
    collection._source, collection._name = "shop", "things"
    return collection


def key(pk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": "ORDER"}}


def row(pk: str, member: str = "M1", **more: Item) -> Item:
    return {**key(pk), "member_id": {"S": member}, **more}


def as_sets(item: Item) -> Item:
    """Sets have no order; everything else has."""

    def of(typed: Any) -> Any:
        ((kind, value),) = typed.items()
        match kind:
            case "SS" | "NS" | "BS":
                return {kind: frozenset(value)}
            case "L":
                return {kind: [of(member) for member in value]}
            case "M":
                return {kind: {name: of(member) for name, member in value.items()}}
        return typed

    return {name: of(typed) for name, typed in item.items()}


def reduce(*names: str) -> RowChange:
    return RowChange(fate=RowFate.REDUCE, remove=names)


def states(done: list[RowDone]) -> dict[str, RowState]:
    return {one.place.split('"')[5]: one.state for one in done}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Table()


@pytest.mark.parametrize("way", [BY_INDEX, BY_KEYS, BY_PARTITION])
def test_rows_are_found_then_deleted_and_the_search_finds_none(table: Table, way: dict[str, Any]) -> None:
    table.put(row("M1", text={"S": "x"}), row("M2", "M2", text={"S": "y"}))
    rows = table.find("M1", **way)
    assert table.items.keys() == {"M1", "M2"}, "finding writes nothing"
    assert table.remains("M1", **way) == 1
    (done,) = table.carry_out(rows, **way)
    assert (done.place, done.state, done.after) == (rows[0].place, RowState.DONE, None)
    assert table.items.keys() == {"M2"}
    assert table.remains("M1", **way) == 0
    assert "Scan" not in table.calls


@pytest.mark.parametrize("gone", [("text",), ("map", "exact", "blobs"), tuple(EVERY_TYPE)])
def test_what_is_not_removed_keeps_its_type_bit_for_bit(table: Table, gone: tuple[str, ...]) -> None:
    """The trap of numbers that turn into texts when an item is written back."""
    table.put(row("a", **EVERY_TYPE), row("b", "M2", **EVERY_TYPE))
    rows = table.find(rule=lambda _: reduce(*gone))
    (done,) = table.carry_out(rows)
    kept = {name: typed for name, typed in EVERY_TYPE.items() if name not in gone}
    assert table.items == {"a": as_sets(row("a", **kept)), "b": as_sets(row("b", "M2", **EVERY_TYPE))}
    assert (done.state, done.after) == (RowState.DONE, rows[0].expected)
    assert done.after == table.find()[0].before


def test_attributes_that_the_map_does_not_know_are_not_touched(table: Table) -> None:
    table.put(row("a", text={"S": "x"}, nobody_s={"N": "1"}))
    table.carry_out(table.find(rule=lambda _: reduce("text")))
    assert table.items == {"a": row("a", nobody_s={"N": "1"})}


def test_each_row_has_its_own_fate_and_those_that_are_kept_are_told(table: Table) -> None:
    fates = {"a": DELETE, "b": reduce("text"), "c": KEEP}
    table.put(*(row(name, text={"S": name}) for name in fates))
    rows = table.find(rule=lambda record: fates[str(record["pk"])])
    assert {found.place.split('"')[5]: found.change for found in rows} == fates
    assert states(table.carry_out(rows)) == {"a": RowState.DONE, "b": RowState.DONE}
    assert table.items == {"b": row("b"), "c": row("c", text={"S": "c"})}
    assert table.remains(rule=lambda record: fates[str(record["pk"])]) == 0, "c is kept, b has nothing left"
    assert table.remains(rule=lambda _: reduce("text")) == 1


def test_a_hundred_and_ten_rows_are_few_calls(table: Table) -> None:
    """The trap of one update a row, which takes 110."""
    table.put(*(row(f"r{n:03d}", text={"S": "x"}) for n in range(110)))
    table.calls.clear()
    done = table.carry_out(table.find(**BY_KEYS), **BY_KEYS)
    assert Counter(one.state for one in done) == {RowState.DONE: 110}
    assert table.remains(**BY_KEYS) == 0
    assert table.calls == {"Query": 2, "BatchGetItem": 4, "TransactWriteItems": 2}
    assert table.calls.total() <= 30


def test_every_page_is_read(table: Table) -> None:
    table.put(*({**row(f"r{n:02d}"), "text": {"S": "x" * 100_000}} for n in range(25)))
    table.calls.clear()
    rows = table.find()
    assert table.calls["Query"] >= 3
    assert len(table.carry_out(rows)) == 25
    assert table.items == {}


def test_a_key_that_is_a_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        table = Table(member="N")
        table.put(*({**key(str(n)), "member_id": {"N": str(n)}} for n in (1042, 7)))
        rows = table.find("1042", "M-1042", "NaN", **BY_INDEX, key_type="number")
        assert states(table.carry_out(rows)) == {"1042": RowState.DONE}
        assert table.items.keys() == {"7"}


def test_a_map_that_does_not_name_the_key_does_not_matter(table: Table) -> None:
    table.put(row("M1"))
    raw = maps.table("member_id", keys=[], find_by=[{"identifier": "member_id", "key": "pk"}])
    eraser = DynamoEraser(table.client)
    collection = TableCollection.model_validate(raw)
    rows = list(eraser.find(collection, "member_id", ["M1"], lambda _: DELETE))
    assert states(list(eraser.carry_out(collection, rows))) == {"M1": RowState.DONE}
    assert table.calls["DescribeTable"] == 1
    assert table.items == {}


def test_a_key_that_is_not_the_whole_key_of_the_table_is_told_and_nothing_is_written(table: Table) -> None:
    table.put(row("M1"))
    collection = TableCollection.model_validate(
        maps.table("member_id", keys=["pk"], find_by=[{"identifier": "member_id", "key": "pk"}])
    )
    eraser = DynamoEraser(table.client)
    rows = list(eraser.find(collection, "member_id", ["M1"], lambda _: DELETE))
    with pytest.raises(SourceBrokenError, match="things: ValidationException"):
        list(eraser.carry_out(collection, rows))
    assert table.items.keys() == {"M1"}


def test_an_index_that_lags_is_not_believed(table: Table) -> None:
    table.put(row("moved", "M2"), row("here", text={"S": "new"}))
    stale = [row("gone"), row("moved", "M1"), row("here", text={"S": "old"})]
    table.client.query = lambda **_: {"Items": [dict(item) for item in stale]}
    rows = table.find()
    assert [found.place.split('"')[5] for found in rows] == ["here"]
    assert states(table.carry_out(rows)) == {"here": RowState.DONE}
    assert table.items.keys() == {"moved"}, "another person's by now"


BY_OTHERS: dict[str, tuple[Callable[[Table], object], RowState, RowState]] = {
    "changed": (lambda table: table.set("b", "text", {"S": "new"}), RowState.CHANGED, RowState.CHANGED),
    "of another type": (lambda table: table.set("b", "count", {"S": "1"}), RowState.CHANGED, RowState.CHANGED),
    "a set grew": (lambda table: table.set("b", "tags", {"SS": ["a", "b", "c"]}), RowState.CHANGED, RowState.CHANGED),
    "deep inside": (
        lambda table: table.set("b", "map", {"M": {"x": {"L": [{"N": "2"}]}}}),
        RowState.CHANGED,
        RowState.CHANGED,
    ),
    "taken away": (lambda table: table.set("b", "count", None), RowState.CHANGED, RowState.CHANGED),
    "added": (lambda table: table.set("b", "hold", {"BOOL": True}), RowState.CHANGED, RowState.CHANGED),
    "deleted": (lambda table: table.delete("b"), RowState.WAS_DONE, RowState.GONE),
    "reduced": (lambda table: table.set("b", "text", None), RowState.CHANGED, RowState.WAS_DONE),
}


@pytest.mark.parametrize("call", ["BatchGetItem", "TransactWriteItems"])
@pytest.mark.parametrize("fate", [RowFate.DELETE, RowFate.REDUCE])
@pytest.mark.parametrize("name", BY_OTHERS)
def test_what_others_do_meanwhile_is_met_and_never_lost(table: Table, name: str, fate: RowFate, call: str) -> None:
    """Between finding and carrying out, and in the moment between the read and the write."""
    act, if_deleted, if_reduced = BY_OTHERS[name]
    more: Item = {"tags": {"SS": ["a", "b"]}, "map": {"M": {"x": {"L": [{"N": "1"}]}}}, "count": {"N": "1"}}
    table.put(*(row(pk, text={"S": "x"}, **more) for pk in "abc"))
    change = RowChange(fate=fate, remove=("text",) if fate is RowFate.REDUCE else ())
    rows = table.find(rule=lambda _: change)
    theirs: list[Item | None] = []

    def somebody_acts() -> None:
        act(table)
        theirs.append(table.items.get("b"))

    table.before[call] = somebody_acts
    done = table.carry_out(rows)
    expected = if_deleted if fate is RowFate.DELETE else if_reduced
    assert states(done) == {"a": RowState.DONE, "b": expected, "c": RowState.DONE}
    assert theirs == [table.items.get("b")], "as somebody left it"
    (after,) = (one.after for one in done if one.place == rows[1].place)
    assert after == next((found.before for found in table.find() if found.place == rows[1].place), None)


def test_carried_out_again_everything_was_done(table: Table) -> None:
    fates = {"a": DELETE, "b": reduce("text", "gone")}
    table.put(*(row(name, text={"S": name}) for name in fates))
    rows = table.find(rule=lambda record: fates[str(record["pk"])])
    first = table.carry_out(rows)
    table.calls.clear()
    again = table.carry_out(rows)
    assert states(again) == {"a": RowState.WAS_DONE, "b": RowState.WAS_DONE}
    assert {one.place: one.after for one in again} == {one.place: one.after for one in first}
    assert set(table.calls) == {"BatchGetItem"}


def by_number(number: int) -> RowChange:
    return KEEP if number % 22 == 0 else (DELETE, reduce("text"))[number % 2]


def by_total(record: Record) -> RowChange:
    return by_number(int(str(record["total"])))


CALLS = 9  # Query and two BatchGetItem to find; twice BatchGetItem and TransactWriteItems; Query and BatchGetItem


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(CALLS + 1))
def test_a_death_at_any_call_leaves_nothing_out_and_does_nothing_twice(table: Table, when: str, at: int) -> None:
    table.put(*(row(f"r{n:03d}", text={"S": "x"}, total={"N": str(n)}) for n in range(110)), row("other", "M2"))
    manifest: list[RowFound] = []
    table.calls.clear()
    table.dies = (when, at)
    try:
        done = _erase(table, manifest)
        assert at == CALLS, "there is no such call"
    except ProcessDiedError:
        table.dies = None
        done = _erase(table, manifest)
    assert len(manifest) == 110
    assert len(done) == len({one.place for one in done}) == 105
    assert {one.state for one in done} <= {RowState.DONE, RowState.WAS_DONE}
    assert set(table.written.values()) == {1}, "nothing twice"
    assert len(table.written) == len(done), "nothing lost"
    left = {"other": row("other", "M2")}
    for n in range(110):
        if by_number(n) is not DELETE:
            text: Item = {"text": {"S": "x"}} if by_number(n) is KEEP else {}
            left[f"r{n:03d}"] = row(f"r{n:03d}", total={"N": str(n)}, **text)
    assert table.items == left


def _erase(table: Table, manifest: list[RowFound]) -> list[RowDone]:
    """As a task does: the manifest is there as a whole, or not yet."""
    if not manifest:
        manifest[:] = table.find(rule=by_total)
    done = table.carry_out(manifest)
    assert table.remains(rule=by_total) == 0
    return done


_texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
_numbers = st.integers(-(10**37), 10**37).map(str) | st.decimals(-9, 9, places=3).map(str)
_scalars = (
    st.builds(lambda value: {"S": value}, _texts)
    | st.builds(lambda value: {"N": value}, _numbers)
    | st.builds(lambda value: {"B": value}, st.binary(min_size=1, max_size=4))
    | st.builds(lambda value: {"BOOL": value}, st.booleans())
    | st.just({"NULL": True})
    | st.builds(lambda value: {"SS": sorted(value)}, st.sets(st.text("abc", min_size=1), min_size=1, max_size=3))
    | st.builds(lambda value: {"NS": sorted(map(str, value))}, st.sets(st.integers(-9, 9), min_size=1, max_size=3))
    | st.builds(lambda value: {"BS": sorted(value)}, st.sets(st.binary(min_size=1, max_size=2), min_size=1, max_size=3))
)
_typed: st.SearchStrategy[Item] = st.recursive(
    _scalars,
    lambda inner: (
        st.builds(lambda value: {"L": value}, st.lists(inner, max_size=3))
        | st.builds(lambda value: {"M": value}, st.dictionaries(st.text("abc", min_size=1), inner, max_size=3))
    ),
    max_leaves=5,
)
_names = ("text", "size", "a.b", "名前")
_fates = st.just(DELETE) | st.just(KEEP) | st.sets(st.sampled_from(_names)).map(lambda names: reduce(*sorted(names)))
_rows = st.lists(
    st.tuples(st.sampled_from(("M1", "M2", "M3")), st.dictionaries(st.sampled_from(_names), _typed), _fates), max_size=8
)


def test_what_is_left_is_what_there_was_less_what_was_to_go(table: Table) -> None:
    """A1 = A0 - B0, over any small table: other people's rows and all that is kept are as they were."""

    @given(_rows, st.sampled_from((BY_INDEX, BY_KEYS)), st.sets(st.sampled_from(("M1", "M2")), min_size=1))
    @settings(max_examples=40, deadline=None)  # the machine may be busy
    def holds(drawn: list[tuple[str, Item, RowChange]], way: dict[str, Any], people: set[str]) -> None:
        for pk in table.items:
            table.delete(pk)
        there = {f"r{n}": row(f"r{n}", member, **more) for n, (member, more, _) in enumerate(drawn)}
        fates = {f"r{n}": change for n, (_, _, change) in enumerate(drawn)}
        table.put(*there.values())
        before = table.items

        def rule(record: Record) -> RowChange:
            return fates[str(record["pk"])]

        rows = table.find(*people, rule=rule, **way)
        done = table.carry_out(rows, **way)

        hit = {pk: fates[pk] for pk, item in there.items() if item["member_id"]["S"] in people}
        expected = {
            pk: {name: typed for name, typed in item.items() if pk not in hit or name not in hit[pk].remove}
            for pk, item in before.items()
            if pk not in hit or hit[pk].fate is not RowFate.DELETE
        }
        assert table.items == expected
        assert len(rows) == len(hit)
        assert len(done) == sum(change.fate is not RowFate.KEEP for change in hit.values())
        assert table.remains(*people, rule=rule, **way) == 0

    holds()
