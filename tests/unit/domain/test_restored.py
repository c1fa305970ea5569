"""Whose a restored row is: by what the shop assigned, else by what the person brings and when it happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.datamap import DataMap, fill
from rightsdesk.domain.records import Record
from rightsdesk.domain.restored import ErasedPeople, Identifier, carried_by, value_from
from rightsdesk.domain.suppression import Suppression
from tests.unit.domain import maps

ERASED = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
EMAIL, OTHER_EMAIL = Identifier("email", "jane@example.com"), Identifier("email", "jane.old@example.com")
MEMBER, NEW_MEMBER = Identifier("member_id", "M-1"), Identifier("member_id", "M-9")


def shop(**orders: Any) -> DataMap:
    raw = maps.written(
        "email",
        "member_id",
        "order_id",
        shop=maps.source(
            "dynamodb",
            members=maps.table("email", gives={"email": "email", "member_id": "member_id"}, identity=True),
            orders=maps.table("email", "member_id", gives={"order_id": "order_id"}, **orders),
            lines=maps.table("order_id"),
        ),
        files=maps.source("s3", letters=maps.objects("letters/{member_id}.jsonl")),
    )
    for kind in ("email", "member_id"):
        raw["identifiers"][kind]["suppressed"] = True
    collections = raw["sources"]["shop"]["collections"]
    collections["members"]["fields"]["member_id"]["origin"] = "assigned"
    collections["orders"]["fields"]["ordered_at"] = maps.field(type="timestamp", origin="observed")
    return maps.data_map(raw)


def digest(kind: str, value: str) -> str:
    return f"{kind}={value}"


def erased(*identifiers: Identifier, case: str = "c1", at: datetime = ERASED) -> list[Suppression]:
    return [
        Suppression(kind=one.kind, digest=digest(*one), erased_at=at, request_id=case, reference="RD")
        for one in identifiers
    ]


def order(**values: str) -> Record:
    return {"pk": "1", "sk": "1", **values}


@pytest.mark.parametrize(
    ("record", "whose"),
    [
        (order(member_id="M-1"), "c1"),
        (order(member_id="M-2"), None),
        (order(member_id="M-1", ordered_at="2027-01-01T00:00:00+00:00"), "c1"),  # never given again
        (order(member_id="M-9", email="jane@example.com"), None),  # a new account
        (order(email="jane@example.com"), "c1"),
        (order(email="jane@example.com", ordered_at="2026-11-29T11:59:59+00:00"), "c1"),
        (order(email="jane@example.com", ordered_at="2026-11-29T12:00:01+00:00"), None),
        (order(email="jane@example.com", ordered_at="2026-11-29T20:30:00+09:00"), "c1"),
        (order(email="jane@example.com", ordered_at="not a time"), "c1"),
        (order(email="somebody@example.com"), None),
        (order(), None),
    ],
)
def test_whose_a_row_is(record: Record, whose: str | None) -> None:
    people = ErasedPeople(shop(), erased(EMAIL, MEMBER), digest=digest)
    assert people.whose(shop().collection("shop/orders"), record) == whose


def test_an_order_number_of_theirs_leads_to_its_lines_and_another_does_not() -> None:
    people, data_map = ErasedPeople(shop(), erased(EMAIL), digest=digest), shop()
    orders, lines = data_map.collection("shop/orders"), data_map.collection("shop/lines")
    people.follow(orders, order(email="jane@example.com", order_id="O-1"), "c1")
    assert people.whose(lines, order(order_id="O-1")) == "c1"
    assert people.whose(lines, order(order_id="O-2")) is None


def test_of_an_object_its_name_says_whose_the_rows_are() -> None:
    people, data_map = ErasedPeople(shop(), erased(MEMBER), digest=digest), shop()
    letters = data_map.collection("files/letters")
    assert people.whose(letters, {"text": "hello"}, reached_by=MEMBER) == "c1"
    assert people.whose(letters, {"text": "hello"}, reached_by=NEW_MEMBER) is None


def test_a_row_with_a_number_of_theirs_is_theirs_with_all_that_it_says() -> None:
    people = ErasedPeople(shop(), erased(EMAIL, MEMBER), digest=digest)
    people.recognise([OTHER_EMAIL, MEMBER])
    people.recognise([EMAIL, NEW_MEMBER])
    assert people.values("email") == [OTHER_EMAIL.value, EMAIL.value]
    assert people.values("member_id") == [MEMBER.value], "nothing leads from the new account"
    members = shop().collection("shop/members")
    assert people.whose(members, {"email": OTHER_EMAIL.value, "member_id": "M-1"}) == "c1"
    assert people.whose(members, {"email": EMAIL.value, "member_id": "M-9"}) is None


def test_of_two_erasures_the_account_tells_which_case_decides() -> None:
    later = ERASED + timedelta(days=1)
    entries = [*erased(EMAIL, NEW_MEMBER, case="c2", at=later), *erased(EMAIL, MEMBER)]
    people, members = ErasedPeople(shop(), entries, digest=digest), shop().collection("shop/members")
    assert people.whose(members, {"email": EMAIL.value, "member_id": "M-1"}) == "c1"
    assert people.whose(members, {"email": EMAIL.value, "member_id": "M-9"}) == "c2"
    assert people.whose(shop().collection("shop/orders"), order(email=EMAIL.value)) == "c2"


def test_a_row_carries_what_stands_in_its_keys() -> None:
    way = {
        "identifier": "member_id",
        "key": "pk",
        "template": "MEMBER#{value}",
        "sort_key": "sk",
        "sort_prefix": "ORDER",
    }
    orders = shop(find_by=[way]).collection("shop/orders")
    assert set(carried_by(orders, {"pk": "MEMBER#M-1", "sk": "ORDER#1", "order_id": "O-1"})) == {
        MEMBER,
        Identifier("order_id", "O-1"),
    }
    assert list(carried_by(orders, {"pk": "MEMBER#M-1", "sk": "PROFILE"})) == []
    assert list(carried_by(orders, {"pk": "ORDER#M-1", "sk": "ORDER#1"})) == []


_parts = st.text("ab#/.${}", max_size=5).filter(lambda text: "{" not in text and "}" not in text)


@given(_parts, _parts, st.text(min_size=1, max_size=10))
@settings(deadline=None)  # the machine may be busy
def test_what_was_filled_in_is_read_out(before: str, after: str, value: str) -> None:
    template = f"{before.rstrip('$')}{{value}}{after}"  # `${value}` would be a resource
    assert value_from(template, fill(template, value)) == value


def test_what_was_filled_into_another_template_is_not() -> None:
    assert value_from("MEMBER#{value}", "ORDER#1") is None
    assert value_from("MEMBER#{value}", "MEMBER#") is None
    assert value_from("support/{member_id}.jsonl.gz", "support/M-1.jsonl") is None
