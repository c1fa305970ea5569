"""Tokens of lists and questions: for one thing and one address, in any case of letters, and nobody can make one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.list_headers import unsubscribe_headers
from rightsdesk.domain.list_tokens import (
    ListToken,
    list_token,
    question_token,
    read_list_token,
    read_question_token,
    token_id,
)

KEY, OTHER = b"one key", b"another key"
DIGEST = "ab" * 32
AT = datetime(2026, 11, 29, 9, 0, 17, tzinfo=UTC)
PURPOSES = st.from_regex(r"[a-z][a-z0-9_]{0,59}", fullmatch=True)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)


def of_newsletter() -> str:
    return list_token(KEY, ListToken(digest=DIGEST, purpose="newsletter"))


@given(digest=DIGESTS, purpose=PURPOSES)
def test_a37_a_token_is_of_one_list_and_one_address_and_is_read_in_any_case(digest: str, purpose: str) -> None:
    made = ListToken(digest=digest, purpose=purpose)
    token = list_token(KEY, made)
    assert token == token.lower()
    assert (
        read_list_token(KEY, token)
        == read_list_token(KEY, token.upper())
        == read_list_token(KEY, token.title())
        == made
    )
    assert list_token(KEY, made) == token, "the same in every mail"
    assert read_list_token(OTHER, token) is None


@given(position=st.integers(0, 92), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a37_a_token_with_another_letter_is_none_of_ours(position: int, letter: str) -> None:
    token = of_newsletter()
    changed = token[:position] + letter + token[position + 1 :]
    read = read_list_token(KEY, changed)
    # The last letter has bits that stand for nothing.
    assert changed == token or read is None or (position == len(token) - 1 and read.purpose == "newsletter")


@given(text=st.text(max_size=300))
@example("")
@example("a" * 10_000)
@example("=" * 16)
@example("é" * 40)
def test_a37_whatever_is_typed_is_read_as_nothing(text: str) -> None:
    assert read_list_token(KEY, text) is None
    assert read_question_token(KEY, text) is None


@given(digest=DIGESTS, seconds=st.integers(0, 10**9), channel=st.sampled_from(["newsletter_page", "campaign"]))
def test_a_question_says_who_was_asked_what_and_when(digest: str, seconds: int, channel: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    made = question_token(KEY, digest=digest, asked_at=at, channel=ConsentChannel(channel), text_sha256="cd" * 32)
    for token in (made, made.upper()):
        read = read_question_token(KEY, token)
        assert read is not None
        assert (read.digest, read.asked_at, read.channel, read.text) == (digest, at, channel, b"\xcd" * 8)
    assert read_question_token(OTHER, made) is None


def test_no_token_is_good_for_another_thing() -> None:
    question = question_token(
        KEY, digest=DIGEST, asked_at=AT, channel=ConsentChannel.NEWSLETTER_PAGE, text_sha256="cd" * 32
    )
    later = question_token(
        KEY,
        digest=DIGEST,
        asked_at=AT + timedelta(seconds=1),
        channel=ConsentChannel.NEWSLETTER_PAGE,
        text_sha256="cd" * 32,
    )
    assert read_list_token(KEY, question) is None
    assert read_question_token(KEY, of_newsletter()) is None
    assert token_id(question) == token_id(question.upper()) != token_id(later)


@pytest.mark.parametrize("length", [90, 91, 92])
def test_a_token_that_was_cut_off_is_none_of_ours(length: int) -> None:
    assert read_list_token(KEY, of_newsletter()[:length]) is None


def test_a_mail_says_in_its_head_how_it_is_stopped_with_one_click() -> None:
    assert unsubscribe_headers("https://privacy.shop.example/u/abc") == {
        "List-Unsubscribe": "<https://privacy.shop.example/u/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
