"""The fate of a row, from the decisions on its fields: the sample shop, a table, and properties."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.erasing import RowFate
from rightsdesk.domain.erasure_rule import erasure_rule
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import RequestType
from rightsdesk.law.decisions import decide_fields

SHIPPED = Path(__file__).parents[3] / "layers/merchant/datamap.yaml"
ACTIONS = st.sampled_from([FieldAction.DELETE, FieldAction.ANONYMISE, FieldAction.KEEP])


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return DataMap.model_validate(yaml.safe_load(SHIPPED.read_text("utf-8")))


def decided(data_map: DataMap, **changed: FieldAction) -> list[FieldDecision]:
    """The decisions of an erasure under both laws; `changed`: field of the addresses -> what is done instead."""
    decisions = decide_fields((RequestType.ERASURE,), data_map, ("gdpr", "appi"))
    return [
        each.model_copy(update={"action": changed[name]})
        if (name := each.field.removeprefix("shop/addresses.")) in changed
        else each
        for each in decisions
    ]


def fate(data_map: DataMap, path: str, record: dict[str, Any]) -> RowFate:
    return erasure_rule(data_map.collection(path), decided(data_map))(record).fate


def test_an_account_goes_and_what_a_law_keeps_stays(data_map: DataMap) -> None:
    assert fate(data_map, "shop/members", {"pk": "1", "member_id": "M-1", "email": "a@b.example"}) is RowFate.DELETE
    assert fate(data_map, "orders/orders", {"pk": "1", "order_id": "K-1", "total": 5}) is RowFate.KEEP
    assert fate(data_map, "files/surveys", {"member_id": "M-1", "answer": "Yes"}) is RowFate.DELETE


@pytest.mark.parametrize(
    ("record", "expected", "removed"),
    [
        ({"city": "Kyoto", "street": "1-2", "postcode": "604-0000"}, RowFate.REDUCE, ("street",)),
        ({"city": "Kyoto", "street": "", "postcode": None}, RowFate.KEEP, ()),
        ({"street": "1-2"}, RowFate.DELETE, ()),  # what would have to stay says nothing
        ({"city": "", "street": "1-2"}, RowFate.DELETE, ()),
        ({"city": "Kyoto", "street": "1-2", "unmapped": "x"}, RowFate.REDUCE, ("street",)),
        ({}, RowFate.DELETE, ()),
    ],
)
def test_a_row_of_which_a_part_stays_loses_the_rest(
    data_map: DataMap, record: dict[str, Any], expected: RowFate, removed: tuple[str, ...]
) -> None:
    decisions = decided(data_map, city=FieldAction.KEEP, postcode=FieldAction.KEEP)
    change = erasure_rule(data_map.collection("shop/addresses"), decisions)(record)
    assert (change.fate, tuple(name for name in change.remove if name == "street")) == (expected, removed)


def test_a_row_is_never_judged_by_half_a_plan(data_map: DataMap) -> None:
    with pytest.raises(ValueError, match="shop/members: nothing is decided about analytics_id"):
        erasure_rule(data_map.collection("shop/members"), ())
    access = [each.model_copy(update={"type": "access"}) for each in decided(data_map)]
    with pytest.raises(ValueError, match="nothing is decided"):
        erasure_rule(data_map.collection("shop/members"), access)


@given(st.data())
def test_what_stays_is_never_taken_and_what_goes_never_left(data_map: DataMap, data: st.DataObject) -> None:
    collection = data_map.collection("shop/addresses")
    actions = {name: data.draw(ACTIONS) for name in collection.fields}
    record: Record = {name: data.draw(st.sampled_from(["", None, "x", 0])) for name in collection.fields}
    change = erasure_rule(collection, decided(data_map, **actions))(record)
    stays = {name for name, action in actions.items() if action is FieldAction.KEEP and record[name] not in ("", None)}
    assert (change.fate is RowFate.DELETE) == (not stays)
    assert not stays.intersection(change.remove)
    if stays:
        says = {name for name in collection.fields if record[name] not in ("", None)}
        assert set(change.remove) == says - {name for name, action in actions.items() if action is FieldAction.KEEP}
        assert (change.fate is RowFate.REDUCE) == bool(change.remove)
