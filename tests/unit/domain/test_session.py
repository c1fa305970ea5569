"""The sealed session (abuse cases 32, 52)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import NotAuthenticatedError
from rightsdesk.domain.session import open_sealed_session, seal_session

NOW = datetime(2026, 9, 3, 1, 30, 7, 250_000, tzinfo=UTC)
KEY = b"a key of thirty-two random bytes"
REQUEST = "0123456789abcdef" * 2


def test_a32_a_session_lasts_15_minutes_and_not_a_second_more() -> None:
    sealed = seal_session(KEY, REQUEST, now=NOW)
    assert sealed.expires_at == NOW.replace(microsecond=0) + timedelta(minutes=15)
    last = sealed.expires_at - timedelta(microseconds=1)
    assert open_sealed_session(KEY, sealed.token, now=last).request_id == REQUEST
    with pytest.raises(NotAuthenticatedError):
        open_sealed_session(KEY, sealed.token, now=sealed.expires_at)


def test_a32_each_session_is_new() -> None:
    """Nobody can fix a session in advance: two of the same request at the same moment differ."""
    assert seal_session(KEY, REQUEST, now=NOW).token != seal_session(KEY, REQUEST, now=NOW).token


def test_a32_a_session_is_worth_nothing_under_another_key() -> None:
    with pytest.raises(NotAuthenticatedError):
        open_sealed_session(b"another key", seal_session(KEY, REQUEST, now=NOW).token, now=NOW)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_a32_a_token_that_was_changed_anywhere_is_forged(position: int, other: bytes) -> None:
    text = _opened(seal_session(KEY, REQUEST, now=NOW).token)
    place = position % len(text)
    forged = text[:place] + other + text[place + len(other) :]
    if forged != text:
        with pytest.raises(NotAuthenticatedError):
            open_sealed_session(KEY, base64.urlsafe_b64encode(forged).decode().rstrip("="), now=NOW)


def test_a52_a_session_can_not_be_turned_into_one_of_another_request_or_a_longer_one() -> None:
    text = _opened(seal_session(KEY, REQUEST, now=NOW).token).decode()
    for forged in (
        text.replace(REQUEST, "f" * 32),
        text.replace(".17", ".27", 1),
        text.split(".")[0],
        ".".join("abcd"),
    ):
        with pytest.raises(NotAuthenticatedError):
            open_sealed_session(KEY, base64.urlsafe_b64encode(forged.encode()).decode(), now=NOW)


@given(st.text(max_size=200) | st.from_regex(r"\A[A-Za-z0-9_-]{0,200}\Z"))
def test_any_text_is_refused_alike(token: str) -> None:
    with pytest.raises(NotAuthenticatedError) as refused:
        open_sealed_session(KEY, token, now=NOW)
    assert str(refused.value) == ""


def _opened(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
