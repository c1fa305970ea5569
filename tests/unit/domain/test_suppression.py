"""A person who was erased is recognised by a digest, however the address is written, and by nothing else."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.identifier_digest import identifier_digest
from rightsdesk.domain.suppression import Suppression, suppressions

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
_kinds = st.sampled_from(["email", "member_id", "linked_account"])


def test_an_address_is_the_same_however_it_is_written() -> None:
    spellings = ("Jane@Example.com", " jane@example.com", "ｊａｎｅ＠example.com", "jane@EXAMPLE.com")
    assert {identifier_digest(KEY, "email", text) for text in spellings} == {
        identifier_digest(KEY, "email", "jane@example.com")
    }
    assert identifier_digest(KEY, "email", "jane+kumo@example.com") != identifier_digest(KEY, "email", spellings[0])


@given(st.from_regex(r"[a-z0-9._+-]{1,12}@[a-z0-9.-]{1,12}", fullmatch=True) | st.emails().map(str.lower))
@settings(deadline=None)  # the machine may be busy
def test_the_digest_is_that_of_the_canonical_address(typed: str) -> None:
    canonical = canonical_address(typed) or typed
    assert identifier_digest(KEY, "email", typed) == hmac.new(KEY, f"email|{canonical}".encode(), sha256).hexdigest()


def test_what_is_no_address_is_taken_as_it_stands() -> None:
    assert identifier_digest(KEY, "email", "Jane") != identifier_digest(KEY, "email", "jane")


def test_member_numbers_are_compared_letter_by_letter() -> None:
    assert identifier_digest(KEY, "member_id", "m-1") != identifier_digest(KEY, "member_id", "M-1")


@given(st.tuples(_kinds, st.text(max_size=20)), st.tuples(_kinds, st.text(max_size=20)))
@settings(deadline=None)  # the machine may be busy
def test_another_kind_another_value_or_another_key_is_another_digest(
    one: tuple[str, str], two: tuple[str, str]
) -> None:
    if one[0] == two[0] == "email":
        return  # addresses have spellings
    assert (identifier_digest(KEY, *one) == identifier_digest(KEY, *two)) == (one == two)
    assert identifier_digest(KEY, *one) != identifier_digest(OTHER_KEY, *one)


def test_entries_name_each_identifier_once_and_hold_no_value() -> None:
    values = [("email", "jane@example.com"), ("email", "Jane@example.com"), ("member_id", "M-000002")]
    entries = suppressions(values, key=KEY, request_id="r" * 32, reference="RD-7K3M-9QXD-W", at=NOW)
    assert [entry.kind for entry in entries] == ["email", "member_id"]
    written = "".join(entry.model_dump_json() for entry in entries)
    assert "jane" not in written.lower()
    assert "M-000002" not in written
    assert entries[1] == Suppression(
        kind="member_id",
        digest=identifier_digest(KEY, "member_id", "M-000002"),
        erased_at=NOW,
        request_id="r" * 32,
        reference="RD-7K3M-9QXD-W",
    )
