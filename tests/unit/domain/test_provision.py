"""The ledger of provision: how long a record stays, under what it stands, and who is named in it."""

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.provision import in_order, kept_until, record_id
from rightsdesk.domain.provision_gate import principal
from tests.unit.export.package_of_a_shop import provision

MOMENTS = st.integers(1_577_836_800, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(MOMENTS)
def test_a_record_stays_for_three_years_and_hardly_longer(at: datetime) -> None:
    left = kept_until(at) - (at + relativedelta(years=3))
    assert timedelta(0) <= left <= timedelta(days=2)


def test_from_a_day_that_does_not_come_again_it_stays_to_the_next() -> None:
    assert kept_until(datetime(2028, 2, 29, 12, tzinfo=UTC)) == datetime(2031, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("arn:aws:iam::1:user/shop", "arn:aws:iam::1:user/shop"),
        ("arn:aws:sts::1:assumed-role/exporter/hanako@example.jp", "arn:aws:sts::1:assumed-role/exporter"),
        ("arn:aws:sts::1:assumed-role/exporter", "arn:aws:sts::1:assumed-role/exporter"),
    ],
)
def test_who_asked_is_a_role_and_no_session(arn: str, told: str) -> None:
    assert principal(arn) == told


def test_an_address_is_the_same_however_it_is_written_and_another_under_another_key() -> None:
    written = [("email", "Hanako@EXAMPLE.jp"), ("email", "hanako@example.jp"), ("member_id", "M-1")]
    assert len(identifier_digests(b"k", written)) == 2
    assert not set(identifier_digests(b"k", written)) & set(identifier_digests(b"other", written))


def test_the_same_call_about_the_same_person_is_the_same_record() -> None:
    one = record_id("call", ["a", "b"], ("carrier", "delivery"))
    assert one == record_id("call", ["b", "a"], ("carrier", "delivery"))
    assert len({one, record_id("call", ["a"], ("carrier",)), record_id("other", ["a", "b"], ("carrier",))}) == 3


def test_records_come_once_and_the_oldest_first() -> None:
    old, new = provision(record_id="1", at=datetime(2026, 1, 1, tzinfo=UTC)), provision(record_id="0")
    assert in_order([new, old, new]) == (old, new)
