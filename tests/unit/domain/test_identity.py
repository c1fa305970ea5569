"""Codes, facts and levels of assurance (abuse cases 5, 7, 13, 28)."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.identity import (
    Assurance,
    CodePurpose,
    code_digest,
    facts_match,
    folded_fact,
    new_code,
    read_code,
    required_assurance,
    same_digest,
    shown_code,
    spellings,
    subject_key,
)

NOW = datetime(2026, 9, 3, 1, 30, tzinfo=UTC)
KEY = b"a key of thirty-two random bytes"
codes = st.integers(0, 10**8 - 1).map(lambda value: new_code(lambda below: value))


@given(codes)
def test_a_code_reads_back_as_it_is_shown(code: str) -> None:
    assert len(code) == 8
    assert code.isdigit()
    assert read_code(shown_code(code)) == code


def test_codes_cover_all_of_eight_digits() -> None:
    assert new_code(lambda below: below - 1) == "99999999"
    assert new_code(lambda below: 7) == "00000007"
    assert len({new_code() for _ in range(500)}) == 500


@pytest.mark.parametrize(
    "typed",
    [
        "12345678",
        "1234-5678",
        " 1234 5678 ",
        "1234\u22125678",  # the minus sign
        "１２３４－５６７８",  # full width
        "1234ー5678",  # the long-vowel mark, which a Japanese keyboard gives for a hyphen
        "1234\u20135678",
        "1234\u30005678",
        "\u200912345678\n",
        "1-2-3-4-5-6-7-8",
    ],
)
def test_a_code_may_be_typed_or_pasted_in_many_ways(typed: str) -> None:
    assert read_code(typed) == "12345678"


@pytest.mark.parametrize(
    "typed",
    ["", "1234567", "123456789", "1234567a", "1234_5678", "Code: 12345678", "12345678'--", "٠١٢٣٤٥٦٧", "+12345678"],
)
def test_what_is_no_code(typed: str) -> None:
    assert read_code(typed) is None


@given(st.text(max_size=100))
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = read_code(text)
    assert code is None or (len(code) == 8 and code.isascii() and code.isdigit())


def test_a41_a_flood_of_marks_takes_no_time() -> None:
    started = time.process_time()
    assert read_code("1" + "\u0301\u0316" * 200_000) is None
    assert folded_fact("1" + "\u0301\u0316" * 200_000)
    assert time.process_time() - started < 0.2


def test_a28_the_digest_ties_a_code_to_request_and_purpose() -> None:
    one = code_digest(KEY, request_id="a", purpose=CodePurpose.VERIFICATION, code="12345678")
    others = {
        code_digest(KEY, request_id="b", purpose=CodePurpose.VERIFICATION, code="12345678"),
        code_digest(KEY, request_id="a", purpose=CodePurpose.ACCESS, code="12345678"),
        code_digest(KEY, request_id="a", purpose=CodePurpose.VERIFICATION, code="12345679"),
        code_digest(b"another key", request_id="a", purpose=CodePurpose.VERIFICATION, code="12345678"),
    }
    assert len(others | {one}) == 5
    assert same_digest(one, code_digest(KEY, request_id="a", purpose=CodePurpose.VERIFICATION, code="12345678"))
    assert not any(same_digest(one, other) for other in others)
    assert "12345678" not in one


def test_an_address_can_not_be_read_from_its_key() -> None:
    key = subject_key(KEY, "jane@example.com")
    assert key != subject_key(KEY, "jane@example.net")
    assert key != subject_key(b"another", "jane@example.com")
    assert "jane" not in key
    assert len(key) == 64


@pytest.mark.parametrize(
    ("is_account", "changed_ago", "anything_else", "needed"),
    [
        (True, None, False, Assurance.MAILBOX),
        (True, timedelta(days=400), False, Assurance.MAILBOX),
        (True, timedelta(days=30), False, Assurance.MAILBOX),
        (True, timedelta(days=30) - timedelta(seconds=1), False, Assurance.FACTS),
        (True, timedelta(days=2), False, Assurance.FACTS),
        (True, timedelta(0), False, Assurance.FACTS),
        (True, -timedelta(days=9000), False, Assurance.FACTS),  # a date that can't be read counts as later than now
        (False, None, True, Assurance.FACTS),
        (False, None, False, Assurance.MAILBOX),  # it leads to nothing: "we hold nothing" is the answer
    ],
)
def test_a07_a13_what_is_needed_for_access(
    is_account: bool, changed_ago: timedelta | None, anything_else: bool, needed: Assurance
) -> None:
    changed_at = None if changed_ago is None else NOW - changed_ago
    found = required_assurance(
        is_account_mailbox=is_account, mailbox_changed_at=changed_at, anything_else=anything_else, now=NOW
    )
    assert found is needed


@pytest.mark.parametrize("is_account", [True, False])
@pytest.mark.parametrize("anything_else", [True, False])
def test_to_be_left_alone_the_mailbox_is_always_enough(is_account: bool, anything_else: bool) -> None:
    needed = required_assurance(
        is_account_mailbox=is_account, mailbox_changed_at=NOW, anything_else=anything_else, now=NOW, stops=True
    )
    assert needed is Assurance.MAILBOX


@pytest.mark.parametrize(
    ("given_order", "given_postcode"),
    [
        ("K-000001", "150-0001"),
        ("k000001", "1500001"),
        (" Ｋ－０００００１ ", "１５０−０００１"),
        ("K 000 001", "〒150-0001"),
        ("Kー000001", "１５０ー０００１"),  # the long vowel mark, where a Japanese keyboard has the hyphen
    ],
)
def test_facts_match_however_they_are_typed(given_order: str, given_postcode: str) -> None:
    assert facts_match(
        given_order=given_order, given_postcode=given_postcode, held_order="K-000001", held_postcode="150-0001"
    )


@pytest.mark.parametrize("typed", ["K-000001", "k-000001", "Ｋー０００００１", " K - 000001 ", "K\u2212000001"])
def test_an_order_number_is_looked_up_as_a_shop_may_have_written_it(typed: str) -> None:
    assert "K-000001" in spellings(typed)
    assert spellings(typed)[0] == typed  # as it was typed comes first: the shop may write it so
    assert len(spellings(typed)) <= 3


@pytest.mark.parametrize(
    ("given_order", "given_postcode", "held_order", "held_postcode"),
    [
        ("K-1", "150-0002", "K-1", "150-0001"),
        ("K-2", "150-0001", "K-1", "150-0001"),
        ("K-1", "", "K-1", "150-0001"),
        ("", "", "K-1", "150-0001"),
        ("K-1", "-", "K-1", "---"),  # a shop that holds no postcode proves nothing with it
        ("", "150-0001", " ", "150-0001"),
        ("K-1", "150-00010", "K-1", "150-0001"),
        ("150-0001", "K-1", "K-1", "150-0001"),
    ],
)
def test_a05_facts_that_do_not_match(
    given_order: str, given_postcode: str, held_order: str, held_postcode: str
) -> None:
    assert not facts_match(
        given_order=given_order, given_postcode=given_postcode, held_order=held_order, held_postcode=held_postcode
    )


@given(st.text(max_size=20), st.text(max_size=20))
def test_facts_match_themselves_unless_they_say_nothing(order: str, postcode: str) -> None:
    says_something = bool(folded_fact(order) and folded_fact(postcode))
    assert facts_match(given_order=order, given_postcode=postcode, held_order=order, held_postcode=postcode) is (
        says_something
    )
