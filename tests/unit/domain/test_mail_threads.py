from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.mail_threads import (
    TOKEN_LIVES,
    letter_id,
    new_token,
    read_message_id,
    read_token,
    reply_address,
    thread_id,
    token_holds,
    token_in_address,
)
from rightsdesk.domain.reference import new_reference

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
REFERENCE = "RD-28T5-CY4G-M"
TODAY = date(2026, 11, 28)
MAILBOX = "privacy@shop.example"


def made(**changes: object) -> str:
    given_values = {"request_id": "a" * 32, "reference": REFERENCE, "on": TODAY} | changes
    return new_token(KEY, **given_values)  # type: ignore[arg-type]


def holds(token: str, *, key: bytes = KEY, request_id: str = "a" * 32, today: date = TODAY, **purpose: str) -> bool:
    read = read_token(token)
    return read is not None and token_holds(read, key, request_id=request_id, today=today, **purpose)


def test_a_token_is_read_back_and_holds() -> None:
    read = read_token(made())
    assert read is not None
    assert (read.reference, read.issued_on) == (REFERENCE, TODAY)
    assert holds(made())


def test_a63_a_token_that_was_folded_to_capitals_or_small_letters_holds() -> None:
    assert holds(made().upper())
    assert holds(made().lower())


@pytest.mark.parametrize("place", range(30))
def test_a63_a_token_that_was_tampered_with_does_not_hold(place: int) -> None:
    token = made()
    changed = token[:place] + ("2" if token[place] != "2" else "3") + token[place + 1 :]
    assert not holds(changed)


@pytest.mark.parametrize(
    "text",
    ["", "x", "1" * 29, "1" * 31, "u" * 30, made() + "=", "1" * 30, "１" * 30, "\x00" * 30, made()[:-1] + "é"],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert read_token(text) is None or not holds(text)


def test_a63_a_token_of_another_purpose_request_or_key_does_not_hold() -> None:
    assert not holds(made(purpose="unsubscribe"))
    assert not holds(made(), request_id="b" * 32)
    assert not holds(made(), key=OTHER_KEY)
    assert not holds("2" + made()[1:])  # another key id


def test_a63_a_token_ends() -> None:
    assert holds(made(), today=TODAY + TOKEN_LIVES)
    assert not holds(made(), today=TODAY + TOKEN_LIVES + timedelta(days=1))


@given(st.binary(min_size=1, max_size=64), st.text(alphabet="0123456789abcdef", min_size=32, max_size=32))
def test_every_token_holds_for_its_own_request_only(key: bytes, request_id: str) -> None:
    token = new_token(key, request_id=request_id, reference=new_reference(), on=TODAY)
    read = read_token(token)
    assert read is not None
    assert token_holds(read, key, request_id=request_id, today=TODAY)
    assert not token_holds(read, key + b"x", request_id=request_id, today=TODAY)


@given(st.text(max_size=80))
def test_whatever_comes_nothing_raises(text: str) -> None:
    read_token(text)
    read_message_id(text, "shop.example")
    token_in_address(text, MAILBOX)


def test_the_address_for_replies_fits_into_a_local_part() -> None:
    address = reply_address(MAILBOX, made())
    assert len(address.partition("@")[0]) <= 64
    assert token_in_address(address, MAILBOX) == read_token(made())
    assert token_in_address(address.upper(), MAILBOX) == read_token(made())


@pytest.mark.parametrize(
    "address", ["privacy@shop.example", "other+x@shop.example", "privacy+x@elsewhere.example", "", "@"]
)
def test_another_address_has_no_token(address: str) -> None:
    assert token_in_address(address, MAILBOX) is None


def test_a65_message_ids_of_ours_say_which_letter_and_others_say_nothing() -> None:
    named = read_message_id(letter_id(made(), "verification_code", 3, "shop.example"), "shop.example")
    assert named is not None
    assert (named.letter, named.version, named.token) == ("verification_code", 3, read_token(made()))
    thread = read_message_id(thread_id(made(), "shop.example").upper(), "shop.example")
    assert thread is not None
    assert thread.letter is None
    assert read_message_id(thread_id(made(), "evil.example"), "shop.example") is None
    assert read_message_id("<abc@shop.example>", "shop.example") is None
