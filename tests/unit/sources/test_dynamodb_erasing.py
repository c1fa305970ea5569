"""What the eraser says to DynamoDB, and what it makes of the answers: a client that is scripted, no network."""

import copy
import re
from collections.abc import Iterator
from typing import Any, cast

import orjson
import pytest
from botocore.exceptions import ClientError

from rightsdesk.domain.datamap import TableCollection
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.sources.dynamodb_erasing import DynamoEraser
from tests.unit.domain import maps

DELETE = RowChange(fate=RowFate.DELETE)
KEEP = RowChange(fate=RowFate.KEEP)


class Table:
    """A client with one table. `reasons`: for each transaction to come, the codes by row; none is a success."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.meta = self
        self.events = self
        self.items = list(items)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.reasons: list[dict[str, str]] = []

    def register_first(self, *_: Any, **__: Any) -> None:
        """The quick parser: there is nothing to parse."""

    def describe_table(self, **request: Any) -> dict[str, Any]:
        self.calls.append(("describe_table", request))
        return {"Table": {"KeySchema": [{"AttributeName": "pk"}, {"AttributeName": "sk"}]}}

    def query(self, **request: Any) -> dict[str, Any]:
        self.calls.append(("query", request))
        return {"Items": copy.deepcopy(self.items)}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - the SDK's name
        self.calls.append(("batch_get_item", RequestItems))
        wanted = [key["pk"]["S"] for key in RequestItems["things"]["Keys"]]
        return {"Responses": {"things": [copy.deepcopy(i) for i in self.items if i["pk"]["S"] in wanted]}}

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        self.calls.append(("transact_write_items", {"items": TransactItems}))
        if not self.reasons:
            return
        codes = self.reasons.pop(0)
        reasons = [{"Code": codes.get(self._named(item), "None")} for item in TransactItems]
        raise ClientError(
            cast("Any", {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}),
            "TransactWriteItems",
        )

    @staticmethod
    def _named(item: dict[str, Any]) -> str:
        (action,) = item.values()
        return str(action["Key"]["pk"]["S"])

    @property
    def transactions(self) -> list[list[str]]:
        """The rows of each transaction that was tried."""
        return [[self._named(i) for i in request["items"]] for name, request in self.calls if name.startswith("trans")]

    @property
    def actions(self) -> list[dict[str, Any]]:
        return [i for name, request in self.calls if name.startswith("trans") for i in request["items"]]


def row(name: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": name}, "sk": {"S": "ORDER#1"}, "member_id": {"S": "M1"}, **more}


def things(**more: Any) -> TableCollection:
    """`shop/things`, found by the key of an index that holds whole rows."""
    collection = TableCollection.model_validate(maps.table("member_id", **more))
    collection._source, collection._name = "shop", "things"
    return collection


def reduce(*names: str) -> RowChange:
    return RowChange(fate=RowFate.REDUCE, remove=names)


def find(table: Table, change: RowChange = DELETE, **more: Any) -> list[RowFound]:
    return list(DynamoEraser(cast("Any", table)).find(things(**more), "member_id", ["M1"], lambda _: change))


def carry_out(table: Table, rows: list[RowFound], pauses: list[float] | None = None, **more: Any) -> list[RowDone]:
    eraser = DynamoEraser(cast("Any", table), sleep=(pauses if pauses is not None else []).append)
    return list(eraser.carry_out(things(**more), rows))


def digest_of(**attributes: Any) -> str:
    (found,) = find(Table(row("a", **attributes)))
    return found.before


def test_a_row_is_named_by_its_key_and_a_digest_of_all_of_it() -> None:
    first, second = find(Table(row("b", text={"S": "jane@example.jp"}), row("a")))
    assert first.place == '{"pk":{"S":"b"},"sk":{"S":"ORDER#1"}}'
    assert first.collection == "shop/things"
    assert len(first.before) == 64
    assert first.before != second.before
    assert "jane" not in first.model_dump_json()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"S": "1"}),
        ({"S": "AA=="}, {"B": "AA=="}),
        ({"SS": ["1"]}, {"NS": ["1"]}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"NULL": True}, {"BOOL": True}),
        ({"M": {"a": {"N": "1"}}}, {"M": {"a": {"S": "1"}}}),
        ({"N": "0.12345678901234567890123456789012345678"}, {"N": "0.12345678901234567890123456789012345679"}),
    ],
)
def test_what_differs_has_another_digest(one: Any, other: Any) -> None:
    assert digest_of(text=one) != digest_of(text=other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"M": {"s": {"NS": ["1", "2"]}, "t": {"S": ""}}}, {"M": {"t": {"S": ""}, "s": {"NS": ["2", "1"]}}}),
        ({"L": [{"B": b"\x00\xff"}]}, {"L": [{"B": "AP8="}]}),
        ({"BS": [b"\xff", b"\x00"]}, {"BS": ["AA==", "/w=="]}),
    ],
)
def test_what_is_the_same_has_the_same_digest_whoever_parsed_it(one: Any, other: Any) -> None:
    assert digest_of(text=one) == digest_of(text=other)


def test_the_rule_is_asked_with_the_plain_record_and_kept_rows_are_given_too() -> None:
    seen: list[Record] = []

    def rule(record: Record) -> RowChange:
        seen.append(record)
        return KEEP if record["total"] == 12800 else reduce("text")

    table = Table(row("a", total={"N": "12800"}), row("b", total={"N": "7"}, text={"S": "x"}))
    kept, reduced = DynamoEraser(cast("Any", table)).find(things(), "member_id", ["M1"], rule)
    assert (kept.change, kept.expected) == (KEEP, None)
    assert (reduced.change, reduced.expected) == (reduce("text"), find(Table(row("b", total={"N": "7"})))[0].before)
    assert seen[0] == {"pk": "a", "sk": "ORDER#1", "member_id": "M1", "total": 12800}


def test_kept_rows_are_neither_read_nor_written() -> None:
    table = Table(row("a"))
    rows = find(table, KEEP)
    table.calls.clear()
    assert carry_out(table, rows) == []
    assert table.calls == []


def test_the_key_is_the_table_s_where_the_map_does_not_name_it_and_it_is_asked_once() -> None:
    table = Table(row("a"), row("b"))
    eraser = DynamoEraser(cast("Any", table))
    by_key = things(keys=[], find_by=[{"identifier": "member_id", "key": "pk", "template": "{value}"}])
    places = [found.place for _ in range(2) for found in eraser.find(by_key, "member_id", ["a"], lambda _: KEEP)]
    assert places == ['{"pk":{"S":"a"},"sk":{"S":"ORDER#1"}}'] * 2
    assert [name for name, _ in table.calls] == ["describe_table", "query", "query"]


def test_a_way_that_is_only_there_to_check_finds_nothing_to_erase() -> None:
    ways = [
        {"identifier": "member_id", "index": "by_member_id", "key": "member_id"},
        {"identifier": "order_id", "key": "pk", "only_to_check": True},
    ]
    table = Table(row("a"))
    assert list(DynamoEraser(cast("Any", table)).find(things(find_by=ways), "order_id", ["a"], lambda _: DELETE)) == []
    assert table.calls == []


def test_a_row_that_was_found_twice_is_given_once() -> None:
    eraser = DynamoEraser(cast("Any", Table(row("a"))))
    assert len(list(eraser.find(things(), "member_id", ["M1", "M1"], lambda _: DELETE))) == 1


def test_a_wrong_key_in_the_map_hides_no_row() -> None:
    """`keys` names a part of the key: two rows seem to be one, and both are told, so that DynamoDB refuses them."""
    table = Table(row("a", text={"S": "1"}), row("a", text={"S": "2"}))
    found = find(table, keys=["pk"], find_by=[{"identifier": "member_id", "key": "member_id"}])
    assert len(found) == 2


def test_a_part_of_the_key_can_t_be_removed() -> None:
    table = Table(row("a"))
    with pytest.raises(SourceBrokenError, match="things: sk is in its key and can't be removed"):
        find(table, reduce("text", "sk"))
    (found,) = find(table)
    with pytest.raises(SourceBrokenError, match="things: pk is in its key and can't be removed"):
        carry_out(table, [found.model_copy(update={"change": reduce("pk")})])
    assert table.transactions == []


def test_a_row_of_another_collection_is_refused() -> None:
    table = Table(row("a"))
    (found,) = find(table)
    with pytest.raises(SourceBrokenError, match=r"shop/things: a row of shop/members"):
        carry_out(table, [found.model_copy(update={"collection": "shop/members"})])
    assert table.transactions == []


def test_what_is_reduced_names_exactly_what_goes_and_all_that_must_be_as_it_was() -> None:
    table = Table(row("a", photo={"M": {"raw": {"B": "AP8="}}}, note={"S": "x"}))
    carry_out(table, find(table, reduce("photo", "photo", "gone_already")))
    (action,) = table.actions
    update = action["Update"]
    assert (update["TableName"], update["Key"]) == ("things", {"pk": {"S": "a"}, "sk": {"S": "ORDER#1"}})
    assert in_words(update, "UpdateExpression") == "REMOVE photo"
    assert in_words(update, "ConditionExpression").split(" AND ") == [
        "pk = {'S': 'a'}",
        "photo = {'M': {'raw': {'B': b'\\x00\\xff'}}}",
        "member_id = {'S': 'M1'}",
        "note = {'S': 'x'}",
        "attribute_not_exists(gone_already)",
        "attribute_not_exists(text)",
    ]
    assert update["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def in_words(action: dict[str, Any], expression: str) -> str:
    """With the names and values that the short ones stand for."""
    stands_for = action["ExpressionAttributeNames"] | action["ExpressionAttributeValues"]
    return re.sub(r"[#:]\d+", lambda short: str(stands_for[short[0]]), str(action[expression]))


def test_nothing_left_to_remove_is_no_write() -> None:
    table = Table(row("a"))
    (done,) = carry_out(table, find(table, reduce("text")))
    assert done.state is RowState.WAS_DONE
    assert table.transactions == []


@pytest.mark.parametrize("change", [DELETE, reduce("a399", "a398"), reduce(*(f"a{n}" for n in range(149)))])
def test_a_condition_ends_where_dynamodb_ends_and_begins_with_what_goes(change: RowChange) -> None:
    table = Table(row("a", **{f"a{n}": {"N": str(n)} for n in range(400)}))
    carry_out(table, find(table, change, technical=["x" * 200]))
    ((action,),) = (item.values() for item in table.actions)
    said = action["ConditionExpression"].split(" AND ")
    assert len(said) == 150
    assert len(action["ConditionExpression"]) <= 4096
    named = [action["ExpressionAttributeNames"][comparison.split(" = ")[0]] for comparison in said]
    assert named[: len(change.remove) + 1] == ["pk", *change.remove]
    assert set(action["ExpressionAttributeValues"]) == {comparison.split(" = ")[1] for comparison in said}


def test_what_does_not_fit_is_not_named_either() -> None:
    """DynamoDB refuses names that no expression uses."""
    table = Table(row("a"))
    carry_out(table, find(table, technical=[f"t{n}" for n in range(400)]))
    ((action,),) = (item.values() for item in table.actions)
    assert len(action["ConditionExpression"]) <= 4096
    assert all(
        f"{short})" in action["ConditionExpression"] or f"{short} =" in action["ConditionExpression"]
        for short in action["ExpressionAttributeNames"]
    )


def test_more_than_one_expression_can_name_is_refused_and_not_done_in_part() -> None:
    names = [f"a{n}" for n in range(900)]
    table = Table(row("a", **{name: {"N": "1"} for name in names}))
    with pytest.raises(SourceBrokenError, match="things: 900 attributes are too many to write in a row"):
        carry_out(table, find(table, reduce(*names)))
    many = names[:500]
    carry_out(table, find(table, reduce(*many)))
    ((action,),) = (item.values() for item in table.actions)
    removed = [action["ExpressionAttributeNames"][n] for n in action["UpdateExpression"][len("REMOVE ") :].split(", ")]
    assert removed == many


def test_a_transaction_holds_what_dynamodb_takes_by_size() -> None:
    table = Table(*(row(f"r{n}", text={"S": "x" * 390_000}) for n in range(12)))
    assert len(carry_out(table, find(table))) == 12
    assert [len(rows) for rows in table.transactions] == [5, 5, 2]


def test_a_row_that_is_named_twice_is_written_once() -> None:
    table = Table(row("a"))
    rows = find(table)
    assert [done.state for done in carry_out(table, rows + rows)] == [RowState.DONE]
    assert table.transactions == [["a"]]


def test_who_stands_in_the_way_is_left_out_and_who_is_busy_waits() -> None:
    table = Table(*(row(name) for name in "abcd"))
    rows = find(table)
    table.reasons = [
        {"b": "ConditionalCheckFailed", "c": "TransactionConflict"},
        {"d": "ThrottlingError"},
    ]
    pauses: list[float] = []
    done = carry_out(table, rows, pauses)
    assert table.transactions == [["a", "b", "c", "d"], ["a", "d"], ["a"], ["c", "d"]]
    states = {orjson.loads(one.place)["pk"]["S"]: one.state for one in done}
    assert states == {"a": "done", "b": "was_done", "c": "done", "d": "done"}
    assert len(pauses) == 1, "the others did not wait"


def test_a_row_that_stays_busy_ends_in_an_error_after_the_others_are_done() -> None:
    table = Table(row("a"), row("b"))
    rows = find(table)
    pauses: list[float] = []

    def b_is_busy(TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        table.reasons = [{"b": "TransactionConflict"}] if "b" in map(table._named, TransactItems) else []
        Table.transact_write_items(table, TransactItems)

    table.transact_write_items = b_is_busy  # type: ignore[method-assign]
    stream = DynamoEraser(cast("Any", table), sleep=pauses.append).carry_out(things(), rows)
    assert next(stream).state is RowState.DONE
    with pytest.raises(SourceUnavailableError, match="things: rows were busy"):
        next(stream)
    assert pauses == sorted(pauses)
    assert len(pauses) == 6


@pytest.mark.parametrize("code", ["ItemCollectionSizeLimitExceeded", "ValidationError", "AccessDenied"])
def test_what_no_trying_again_mends_is_told(code: str) -> None:
    table = Table(row("a"))
    rows = find(table)
    table.reasons = [{"a": code}]
    with pytest.raises(SourceBrokenError, match=f"things: {code}"):
        carry_out(table, rows)


def test_a_cancelled_transaction_without_a_reason_does_not_go_round_for_ever() -> None:
    table = Table(row("a"))
    rows = find(table)
    table.reasons = [{}]
    with pytest.raises(SourceUnavailableError, match="things: a transaction was cancelled without a reason"):
        carry_out(table, rows)


@pytest.mark.parametrize(
    ("code", "error"),
    [("ProvisionedThroughputExceededException", SourceUnavailableError), ("AccessDeniedException", SourceBrokenError)],
)
def test_a_transaction_that_is_refused_as_a_whole(code: str, error: type[Exception]) -> None:
    table = Table(row("a"))
    rows = find(table)

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "jane"}}, "TransactWriteItems")

    table.transact_write_items = refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(error, match=f"things: {code}"):
        carry_out(table, rows)


def test_what_a_busy_service_leaves_out_of_a_batch_is_asked_for_again() -> None:
    table = Table(*(row(f"r{n}") for n in range(10)))
    rows = find(table)
    whole = table.batch_get_item
    pauses: list[float] = []

    def busy(RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        assert RequestItems["things"]["ConsistentRead"] is True
        keys = RequestItems["things"]["Keys"]
        answer = whole({"things": {"Keys": keys[:3]}})
        return {**answer, "UnprocessedKeys": {"things": {"Keys": keys[3:]}} if keys[3:] else {}}

    table.batch_get_item = busy  # type: ignore[method-assign]
    assert len(carry_out(table, rows, pauses)) == 10
    assert pauses == sorted(pauses)
    assert len(pauses) == 3

    never = cast("Any", lambda **request: {"UnprocessedKeys": request["RequestItems"]})
    table.batch_get_item = never  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailableError, match="things: a batch was not answered in full"):
        carry_out(table, rows)


def test_no_more_than_a_hundred_rows_are_taken_at_a_time() -> None:
    """A member with 40,000 rows does not make the memory grow."""
    table = Table(*(row(f"r{n}") for n in range(250)))
    taken = 0

    def rows() -> Iterator[RowFound]:
        nonlocal taken
        for one in find(table):
            taken += 1
            yield one

    stream = DynamoEraser(cast("Any", table)).carry_out(things(), rows())
    next(stream)
    assert taken == 100
    assert len(list(stream)) == 249

    table.calls.clear()
    hits = DynamoEraser(cast("Any", table)).find(things(), "member_id", ["M1"], lambda _: DELETE)
    next(hits)
    assert [len(request["things"]["Keys"]) for name, request in table.calls if name == "batch_get_item"] == [100]
    assert len(list(hits)) == 249
