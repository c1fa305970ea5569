"""The one cookie: sealed, bounded in time and size."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.web.answers import Answers
from rightsdesk.web.form_session import COOKIE, LIFETIME, Access, FormSession, Notice, Sent, opened, sealed
from tests.support.fake_subject_desk import MovableClock

NOW = MovableClock()()
KEY = b"a key"


def cookie_of(set_cookie: str) -> str:
    return set_cookie.partition(";")[0]


@given(
    name=st.text(max_size=200),
    details=st.text(max_size=600),
    types=st.lists(st.sampled_from(["access", "portability"])),
)
def test_what_is_sealed_comes_back(name: str, details: str, types: list[str]) -> None:
    session = FormSession.new(NOW).answered(name=name, details=details, types=tuple(types))
    assert opened(cookie_of(sealed(session, key=KEY, now=NOW)), key=KEY, now=NOW) == session


def test_it_ends_after_sixty_minutes_and_each_seal_starts_them_anew() -> None:
    cookie = cookie_of(sealed(FormSession.new(NOW), key=KEY, now=NOW + timedelta(minutes=30)))
    assert opened(cookie, key=KEY, now=NOW + timedelta(minutes=89))
    assert opened(cookie, key=KEY, now=NOW + timedelta(minutes=30) + LIFETIME) is None


def test_one_of_another_key_a_changed_and_a_broken_one_are_none() -> None:
    cookie = cookie_of(sealed(FormSession.new(NOW), key=KEY, now=NOW))
    assert opened(cookie, key=b"another", now=NOW) is None
    assert opened(cookie[:-2] + ("aa" if cookie[-2:] != "aa" else "bb"), key=KEY, now=NOW) is None
    for value in ("", "x", "ö", "." * 50, "eyJhIjoxfQ.x"):
        assert opened(f"{COOKIE}={value}", key=KEY, now=NOW) is None


def test_it_is_found_among_others_and_only_by_its_whole_name() -> None:
    cookie = cookie_of(sealed(FormSession.new(NOW), key=KEY, now=NOW))
    assert opened(f"theme=dark; {cookie}; x", key=KEY, now=NOW)
    assert opened(f"x{cookie}", key=KEY, now=NOW) is None
    assert opened("", key=KEY, now=NOW) is None


def test_a32_the_flags_of_the_cookie() -> None:
    name, *flags = sealed(FormSession.new(NOW), key=KEY, now=NOW).split("; ")
    assert name.startswith("__Host-rightsdesk=")
    assert set(flags) == {"Max-Age=3600", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"}


@pytest.mark.parametrize("first", [0x3041, 0x4E00, 0x10000])
def test_the_longest_answers_of_any_script_fit_the_4096_bytes_of_a_cookie(first: int) -> None:
    rng = random.Random(first)

    def text(length: int) -> str:
        return "".join(chr(first + rng.randrange(0x50 if first == 0x3041 else 0x5000)) for _ in range(length))

    session = FormSession.new(NOW).answered(
        types=("access", "portability"),
        country="DE",
        name=text(200),
        email="x" * 64 + "@" + text(62) + ".example",
        order_number=text(64),
        details=text(600),
    )
    session = session.with_(
        access=Access(reference="RD-28T5-CY4G-M", token="x" * 190),
        notice=Notice(reference="RD-28T5-CY4G-M", code="code_sent"),
    )
    assert len(cookie_of(sealed(session, key=KEY, now=NOW))) <= 4096


def test_what_no_field_can_hold_is_not_carried_along() -> None:
    session = FormSession.new(NOW).answered(details="x" * 601, name="y" * 201, types=("nonsense",))
    assert session.answers == Answers(name="y" * 201)


def test_a_new_key_for_the_submission_with_each_change_of_an_answer() -> None:
    first = FormSession.new(NOW).answered(name="A")
    assert first.submission_key != first.answered(name="A").submission_key


def test_tokens_and_notices_belong_to_one_request() -> None:
    session = FormSession.new(NOW).with_(
        access=Access(reference="A", token="t"),
        notice=Notice(reference="A", code="code_sent"),
        sent=Sent(reference="A", email="a@example.jp", received_at=NOW),
    )
    assert (session.token_for("A"), session.token_for("B")) == ("t", None)
    assert (session.notice_for("A"), session.notice_for("B")) == ("code_sent", None)
    assert opened(cookie_of(sealed(session, key=KEY, now=NOW)), key=KEY, now=NOW) == session


@pytest.mark.parametrize("first", [0x3041, 0x4E00, 0x10000])
def test_so_do_those_of_whoever_asks_for_another(first: int) -> None:
    rng = random.Random(first)

    def text(length: int) -> str:
        return "".join(chr(first + rng.randrange(0x50 if first == 0x3041 else 0x5000)) for _ in range(length))

    session = FormSession.new(NOW).answered(
        asks_for="guardian",
        agent_name=text(60),
        agent_email="x" * 64 + "@" + text(62) + ".example",
        mandate=text(200),
        types=("access", "portability"),
        country="DE",
        name=text(200),
        email="x" * 64 + "@" + text(62) + ".example",
        order_number=text(64),
        details=text(300),
    )
    assert session.answers.details
    assert len(cookie_of(sealed(session, key=KEY, now=NOW))) <= 4096
