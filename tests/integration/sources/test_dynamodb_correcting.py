"""Correcting in DynamoDB as moto plays it: one attribute, of the type it had, and a death at every call."""

# serves: E-03

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from pydantic import JsonValue

from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record
from tests.integration.sources.test_dynamodb_erasing import (
    EVERY_TYPE,
    REGION,
    Item,
    Table,
    _typed,
    as_sets,
    row,
    states,
)
from tests.support.fakes import ProcessDiedError

KEEP = RowChange(fate=RowFate.KEEP)
OLD, NEW = "03-1234-5678", "03-1234-5679"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Table()


def correct(**values: JsonValue) -> RowChange:
    return RowChange(fate=RowFate.CORRECT, set=values)


def new_phone(record: Record) -> RowChange:
    return correct(text=NEW) if record.get("text") == OLD else KEEP


def test_only_the_rows_with_the_old_value_are_written_and_only_that_attribute(table: Table) -> None:
    table.put(
        row("a", **EVERY_TYPE | {"text": {"S": OLD}}), row("b", text={"S": "other"}), row("c", "M2", text={"S": OLD})
    )
    rows = table.find(rule=new_phone)
    assert table.items["a"]["text"] == {"S": OLD}, "finding writes nothing"
    assert states(table.carry_out(rows)) == {"a": RowState.DONE}
    assert table.items == {
        "a": as_sets(row("a", **EVERY_TYPE | {"text": {"S": NEW}})),
        "b": row("b", text={"S": "other"}),
        "c": row("c", "M2", text={"S": OLD}),
    }
    (found,) = (found for found in table.find() if found.place == rows[0].place)
    assert found.before == rows[0].expected
    assert table.remains(rule=new_phone) == 0


@pytest.mark.parametrize(
    ("held", "new", "becomes"),
    [
        ({"S": "5"}, 7, {"S": "7"}),
        ({"S": "yes"}, False, {"S": "false"}),
        ({"N": "5"}, 7, {"N": "7"}),
        ({"N": "5"}, "7.50", {"N": "7.5"}),
        ({"N": "5"}, 7.25, {"N": "7.25"}),
        ({"BOOL": True}, False, {"BOOL": False}),
        ({"NULL": True}, "new", {"S": "new"}),
        (None, "new", {"S": "new"}),
        (None, 7, {"N": "7"}),
        (None, True, {"BOOL": True}),
    ],
)
def test_a_new_value_has_the_type_of_the_old(table: Table, held: Item | None, new: JsonValue, becomes: Item) -> None:
    there: dict[str, Any] = {"text": held} if held else {}
    table.put(row("a", **there))
    rows = table.find(rule=lambda _: correct(text=new))
    assert states(table.carry_out(rows)) == {"a": RowState.DONE}
    assert table.items == {"a": row("a", text=becomes)}


@pytest.mark.parametrize(
    ("held", "new"),
    [
        ({"N": "5"}, "many"),
        ({"N": "5"}, True),
        ({"L": []}, "new"),
        ({"M": {}}, 1),
        ({"SS": ["a"]}, "new"),
        ({"BOOL": True}, "no"),
    ],
)
def test_a_value_of_another_type_is_refused_before_anything_is_written(
    table: Table, held: Item, new: JsonValue
) -> None:
    table.put(row("a", text=held))
    with pytest.raises(SourceBrokenError, match="things: text") as caught:
        table.find(rule=lambda _: correct(text=new))
    assert str(new) not in str(caught.value)
    assert table.items == {"a": as_sets(row("a", text=held))}


def test_a_key_is_refused_and_the_key_of_an_index_is_not(table: Table) -> None:
    table.put(row("a"), row("b", "M2"))
    with pytest.raises(SourceBrokenError, match="sk is in its key"):
        table.find(rule=lambda _: correct(sk="OTHER"))
    rows = table.find(rule=lambda _: correct(member_id="M9"))
    assert states(table.carry_out(rows)) == {"a": RowState.DONE}
    assert [found.place for found in table.find("M9")] == [rows[0].place]
    assert states(table.carry_out(rows)) == {"a": RowState.WAS_DONE}, "told by its place, though no search finds it"


@pytest.mark.parametrize("call", ["BatchGetItem", "TransactWriteItems"])
@pytest.mark.parametrize(
    ("name", "typed", "state"),
    [
        ("text", {"S": "newer"}, RowState.CHANGED),
        ("text", {"S": NEW}, RowState.WAS_DONE),
        ("hold", {"BOOL": True}, RowState.CHANGED),
        ("text", None, RowState.CHANGED),
    ],
)
def test_what_others_write_meanwhile_is_never_overwritten(
    table: Table, call: str, name: str, typed: Item | None, state: RowState
) -> None:
    table.put(*(row(pk, text={"S": OLD}) for pk in "abc"))
    rows = table.find(rule=new_phone)
    table.before[call] = lambda: table.set("b", name, typed)
    assert states(table.carry_out(rows)) == {"a": RowState.DONE, "b": state, "c": RowState.DONE}
    assert table.items["b"].get(name) == typed


def test_what_is_completed_meanwhile_is_left(table: Table) -> None:
    table.put(row("a"))
    rows = table.find(rule=lambda _: correct(text=NEW))
    table.before["TransactWriteItems"] = lambda: table.set("a", "text", {"S": "theirs"})
    assert states(table.carry_out(rows)) == {"a": RowState.CHANGED}
    assert table.items == {"a": row("a", text={"S": "theirs"})}


CALLS = 4  # Query and BatchGetItem to find; BatchGetItem and TransactWriteItems


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(CALLS + 1))
def test_a_death_at_any_call_loses_nothing_and_does_nothing_twice(table: Table, when: str, at: int) -> None:
    table.put(
        *(row(f"r{n}", text={"S": OLD}, total={"N": str(n)}) for n in range(20)), row("other", "M2", text={"S": OLD})
    )
    manifest: list[RowFound] = []

    def run() -> list[RowDone]:
        if not manifest:
            manifest[:] = table.find(rule=new_phone)
        return table.carry_out(manifest)

    table.calls.clear()
    table.dies = (when, at)
    try:
        done = run()
        assert at == CALLS, "there is no such call"
    except ProcessDiedError:
        table.dies = None
        done = run()
    assert {one.state for one in done} <= {RowState.DONE, RowState.WAS_DONE}
    assert len(done) == 20
    assert set(table.written.values()) == {1}
    assert table.items["other"] == row("other", "M2", text={"S": OLD})
    assert all(table.items[f"r{n}"] == row(f"r{n}", text={"S": NEW}, total={"N": str(n)}) for n in range(20))


def test_all_other_attributes_of_any_row_stay_as_they_were(table: Table) -> None:
    @given(st.dictionaries(st.sampled_from(("size", "a.b", "名前")), _typed))
    @settings(max_examples=30, deadline=None)  # the machine may be busy
    def holds(more: dict[str, Any]) -> None:
        table.put(row("a", text={"S": OLD}, **more))
        table.carry_out(table.find(rule=new_phone))
        assert table.items == {"a": as_sets(row("a", text={"S": NEW}, **more))}

    holds()
