"""The fate of a row, from the decisions on its fields: the sample shop, a table, and properties."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.erasing import Kept, RowFate
from rightsdesk.domain.erasure_rule import Rule, erasure_rule
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import RequestType
from rightsdesk.law.decisions import decide_fields
from rightsdesk.law.kept_records import keeping_of

SHIPPED = Path(__file__).parents[3] / "layers/merchant/datamap.yaml"
MERCHANT = SHIPPED.with_name("merchant.yaml")
REQUESTED = date(2026, 11, 29)
HELD = "gdpr_17_3_e"
ACTIONS = st.sampled_from([FieldAction.DELETE, FieldAction.ANONYMISE, FieldAction.KEEP])


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return read_data_map(SHIPPED)


def decided(data_map: DataMap, **changed: FieldAction) -> list[FieldDecision]:
    """The decisions of an erasure under both laws; `changed`: field of the addresses -> what is done instead."""
    decisions = decide_fields((RequestType.ERASURE,), data_map, ("gdpr", "appi"))
    return [
        each.model_copy(update={"action": changed[name]})
        if (name := each.field.removeprefix("shop/addresses.")) in changed
        else each
        for each in decisions
    ]


def rule_for(data_map: DataMap, path: str, decisions: list[FieldDecision], **held: str) -> Rule:
    """`held`: field of this collection -> ground on which staff leave it."""
    merchant = MerchantProfile.model_validate(yaml.safe_load(MERCHANT.read_text("utf-8")))
    grounds = {f"{path}.{name}": ground for name, ground in held.items()}
    decisions = [
        each.model_copy(update={"action": FieldAction.KEEP, "by": "staff:1"}) if each.field in grounds else each
        for each in decisions
    ]
    keeping = keeping_of(data_map, merchant, requested_on=REQUESTED, grounds=grounds)
    return erasure_rule(data_map.collection(path), decisions, keeping)


def fate(data_map: DataMap, path: str, record: dict[str, Any]) -> RowFate:
    return rule_for(data_map, path, decided(data_map))(record).fate


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
    change = rule_for(data_map, "shop/addresses", decisions)(record)
    assert (change.fate, tuple(name for name in change.remove if name == "street")) == (expected, removed)


def test_what_stays_loses_the_number_by_which_its_person_was_found(data_map: DataMap) -> None:
    rule = rule_for(data_map, "orders/orders", decided(data_map))
    order: Record = {"pk": "1", "order_id": "K-1", "member_id": "M-1", "ordered_at": "2026-01-31T00:00:00+00:00"}
    change = rule(order)
    assert (change.fate, change.remove) == (RowFate.REDUCE, ("member_id",))
    assert rule({name: value for name, value in order.items() if name not in change.remove}).fate is RowFate.KEEP


def test_what_is_part_of_the_key_of_its_table_is_no_link(data_map: DataMap) -> None:
    assert data_map.collection("orders/orders").links == ("member_id",)
    assert {path: data_map.collection(path).links for path in ("shop/members", "shop/newsletter_consents")} == {
        "shop/members": (),
        "shop/newsletter_consents": (),
    }
    assert data_map.collection("files/surveys").links == ()


def test_a_row_of_a_file_that_stays_keeps_the_column_by_which_it_is_found(data_map: DataMap) -> None:
    rule = rule_for(data_map, "analytics/site_visits", decided(data_map), page=HELD)
    change = rule({"analytics_id": "v1", "page": "/chairs", "referrer": "https://x.example"})
    assert (change.fate, change.remove) == (RowFate.REDUCE, ("referrer",))
    assert rule({"analytics_id": "v1", "page": None, "referrer": "https://x.example"}).fate is RowFate.DELETE


def test_a_row_is_never_judged_by_half_a_plan(data_map: DataMap) -> None:
    with pytest.raises(ValueError, match="shop/members: nothing is decided about analytics_id"):
        rule_for(data_map, "shop/members", [])
    access = [each.model_copy(update={"type": "access"}) for each in decided(data_map)]
    with pytest.raises(ValueError, match="nothing is decided"):
        rule_for(data_map, "shop/members", access)


@given(st.data())
def test_what_stays_is_never_taken_and_what_goes_never_left(data_map: DataMap, data: st.DataObject) -> None:
    collection = data_map.collection("shop/addresses")
    actions = {name: data.draw(ACTIONS) for name in collection.fields}
    record: Record = {name: data.draw(st.sampled_from(["", None, "x", 0])) for name in collection.fields}
    change = rule_for(data_map, "shop/addresses", decided(data_map, **actions))(record)
    stays = {name for name, action in actions.items() if action is FieldAction.KEEP and record[name] not in ("", None)}
    assert (change.fate is RowFate.DELETE) == (not stays)
    assert not stays.intersection(change.remove)
    if stays:
        says = {name for name in collection.fields if record[name] not in ("", None)}
        assert set(change.remove) == says - {name for name, action in actions.items() if action is FieldAction.KEEP}
        assert (change.fate is RowFate.REDUCE) == bool(change.remove)


@pytest.mark.parametrize(
    ("record", "until"),
    [
        ({"ordered_at": "2026-03-31T12:00:00+00:00"}, date(2033, 5, 31)),
        # already April in Tokyo, where the business year begins with it
        ({"ordered_at": "2026-03-31T20:00:00+00:00"}, date(2034, 5, 31)),
        # no day that can be read: as if on the day of the request
        ({"ordered_at": "in spring"}, date(2034, 5, 31)),
        ({}, date(2034, 5, 31)),
        # the last day is the day of the request
        ({"ordered_at": "2018-12-01T00:00:00+00:00"}, None),
        ({"ordered_at": "2019-12-01T00:00:00+00:00"}, date(2027, 5, 31)),
    ],
)
def test_an_order_stays_for_seven_years_after_the_return(
    data_map: DataMap, record: dict[str, Any], until: date | None
) -> None:
    change = rule_for(data_map, "orders/orders", decided(data_map))({"pk": "1", "order_id": "K-1", **record})
    assert change.kept == (None if until is None else Kept(retention="orders", until=until))
    assert change.fate is (RowFate.DELETE if until is None else RowFate.KEEP)


def test_a_consent_is_kept_from_its_withdrawal_and_one_that_stands_from_the_request(data_map: DataMap) -> None:
    rule = rule_for(data_map, "shop/newsletter_consents", decided(data_map))
    withdrawn = rule({"topic": "newsletter", "withdrawn_at": "2025-01-31T00:00:00+00:00"})
    assert withdrawn.kept == Kept(retention="consent", until=date(2028, 1, 31))
    assert rule({"topic": "newsletter"}).kept == Kept(retention="consent", until=date(2029, 11, 29))


def test_what_staff_hold_has_no_day_and_says_which_law_keeps_it_afterwards(data_map: DataMap) -> None:
    rule = rule_for(data_map, "shop/members", decided(data_map), fraud_score=HELD)
    change = rule({"member_id": "M-1", "fraud_score": 7})
    assert (change.fate, change.remove) == (RowFate.REDUCE, ("member_id",))
    assert change.kept == Kept(retention="fraud", until=None, ground=HELD)
    consents = rule_for(data_map, "shop/newsletter_consents", decided(data_map), topic=HELD)
    kept = consents({"topic": "newsletter", "given_at": "2020-01-01T00:00:00+00:00"}).kept
    then = Kept(retention="consent", until=date(2029, 11, 29))
    assert kept == Kept(retention="consent", until=None, ground=HELD, then=then)


@given(st.dates(date(2000, 1, 1), date(2026, 11, 29)))
def test_nothing_is_kept_past_its_time(data_map: DataMap, day: date) -> None:
    change = rule_for(data_map, "orders/orders", decided(data_map))({"order_id": "K", "ordered_at": f"{day}T12:00:00Z"})
    assert (change.kept is None) == (change.fate is RowFate.DELETE)
    assert change.kept is None or (change.kept.until is not None and change.kept.until >= REQUESTED)
