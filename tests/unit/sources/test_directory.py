"""The shop's own word on who is who (abuse cases 1, 5, 6, 7)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.identity import Assurance, required_assurance
from rightsdesk.domain.records import Record
from rightsdesk.sources.directory import DataMapDirectory
from tests.support.fakes import FakeReader, Faults
from tests.unit.domain import maps

JANE = "jane@example.com"
Rows = Mapping[tuple[str, str, str], list[Record]]


def shop(**orders: Any) -> DataMap:
    """Accounts with the time of their mailbox, and orders of members and of guests."""
    members = maps.table("email", gives={"member_id": "member_id"}, identity=True)
    members["fields"] |= {"email_changed_at": maps.field(role="mailbox_changed_at", type="timestamp")}
    order = {
        "fields": {
            "order_id": maps.field(identifies="order_id", role="order_number"),
            "postcode": maps.field(role="postcode"),
        },
        "find_by": [
            {"identifier": "email", "index": "by_guest", "key": "guest_email"},
            {"identifier": "member_id", "index": "by_member", "key": "member_id"},
            {"identifier": "order_id", "key": "pk", "template": "ORDER#{value}", "only_to_check": True},
        ],
        "technical": ["pk", "sk", "member_id", "guest_email"],
    }
    return maps.data_map(
        maps.written(
            "email",
            "member_id",
            "order_id",
            shop=maps.source("dynamodb", members=members, orders=maps.table("member_id") | order | orders),
        )
    )


def directory(rows: Rows, data_map: DataMap | None = None) -> tuple[DataMapDirectory, FakeReader]:
    reader = FakeReader(Faults(), rows)
    return DataMapDirectory(data_map or shop(), lambda source: reader), reader


def account(**changes: Any) -> Rows:
    return {("shop/members", "email", JANE): [{"pk": "1", "sk": "P", "member_id": "M-1", **changes}]}


def test_an_account_is_found_by_its_mailbox() -> None:
    found = directory(account(email_changed_at="2026-09-01T00:00:00+09:00"))[0].account_of(JANE)
    assert found is not None
    assert found.identifiers == {"member_id": ("M-1",)}
    assert found.mailbox_changed_at == datetime(2026, 8, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize("address", ["jane+tag@example.com", "Jane@example.com", "j\u0430ne@example.com", ""])
def test_a01_by_its_mailbox_exactly(address: str) -> None:
    assert directory(account())[0].account_of(address) is None


def test_an_address_that_two_accounts_share_is_nobodys_and_not_clear() -> None:
    shared, _ = directory({("shop/members", "email", JANE): [{"member_id": "M-1"}, {"member_id": "M-2"}]})
    assert shared.account_of(JANE) is None
    assert shared.knows(JANE)


@pytest.mark.parametrize("value", [None, ""])
def test_a07_a_mailbox_that_never_changed(value: object) -> None:
    found = directory(account(email_changed_at=value))[0].account_of(JANE)
    assert found is not None
    assert found.mailbox_changed_at is None


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", 1788220800, "0", [], {"at": 1}])
def test_a07_a_time_that_can_not_be_read_is_too_new(value: object) -> None:
    found = directory(account(email_changed_at=value))[0].account_of(JANE)
    assert found is not None
    needed = required_assurance(
        is_account_mailbox=True,
        mailbox_changed_at=found.mailbox_changed_at,
        anything_else=False,
        now=datetime(2026, 9, 3, tzinfo=UTC),
    )
    assert needed is Assurance.FACTS


def test_a07_a_time_without_a_zone_is_utc() -> None:
    found = directory(account(email_changed_at="2026-09-01 12:00:00"))[0].account_of(JANE)
    assert found is not None
    assert found.mailbox_changed_at == datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_an_order_says_whose_it_is() -> None:
    found, _ = directory(
        {
            ("shop/orders", "order_id", "K-1"): [{"order_id": "K-1", "postcode": "150-0001", "member_id": "M-1"}],
            ("shop/orders", "order_id", "G-1"): [{"order_id": "G-1", "postcode": 1500001, "guest_email": JANE}],
        }
    )
    of_a_member, of_a_guest = found.order("K-1"), found.order("G-1")
    assert of_a_member is not None
    assert (of_a_member.order_number, of_a_member.postcode) == ("K-1", "150-0001")
    assert of_a_member.owners == {"member_id": ("M-1",)}
    assert of_a_guest is not None
    assert (of_a_guest.postcode, of_a_guest.owners) == ("1500001", {"email": (JANE,)})
    assert found.order("K-2") is None


@pytest.mark.parametrize("row", [{"order_id": "K-1"}, {"postcode": "1"}, {"order_id": "K-1", "postcode": None}])
def test_a05_an_order_without_both_facts_proves_nothing(row: Record) -> None:
    assert directory({("shop/orders", "order_id", "K-1"): [row]})[0].order("K-1") is None


def test_a_guest_is_known_by_their_orders_and_a_stranger_by_nothing() -> None:
    found, _ = directory({("shop/orders", "email", "tom@example.net"): [{"order_id": "G-1"}]})
    assert found.knows("tom@example.net")
    assert not found.knows("nobody@example.org")


def test_a_shop_that_checks_no_orders_has_none() -> None:
    without = maps.data_map(maps.a_shop())
    assert directory({}, without)[0].order("K-1") is None


@pytest.mark.parametrize("error", [SourceUnavailableError("down"), SourceBrokenError("broken")])
@pytest.mark.parametrize("ask", ["account_of", "order", "knows"])
def test_a81_a_source_that_is_down_is_an_error_and_not_nobody(ask: str, error: Exception) -> None:
    found, reader = directory(account())
    reader.broken = error
    with pytest.raises(type(error)):
        getattr(found, ask)(JANE)
