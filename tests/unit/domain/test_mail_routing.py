"""Where a mail goes: a table of reasons."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.incoming_mail import MailFlag
from rightsdesk.domain.intents import Intent, IntentReading, IntentType
from rightsdesk.domain.mail_routing import (
    Route,
    Thread,
    Way,
    code_in,
    mentioned_references,
    proposes_withdrawal,
    route,
)
from rightsdesk.domain.request import RequestType


def reading(*asked: tuple[str, float], reminder: bool = False, for_another: bool = False) -> IntentReading:
    intents = tuple(Intent(type=IntentType(kind), score=score) for kind, score in asked)
    return IntentReading(intents=intents, language="en", reminder=reminder, for_another=for_another)


def routed(*asked: tuple[str, float], reminder: bool = False, for_another: bool = False, **changes: Any) -> Route:
    facts: dict[str, Any] = {
        "doubts": (),
        "automatic": (),
        "flags": frozenset(),
        "thread": Thread.NONE,
        "mentions": (),
        "is_repeated": False,
        "is_first_body": True,
        "was_asked": False,
        "withdraws": False,
    }
    return route(reading(*asked, reminder=reminder, for_another=for_another), **(facts | changes))


ACCESS = ("access", 0.9)
ERASURE = ("erasure", 0.9)


def test_one_clear_right_of_a_clean_sender_becomes_a_request() -> None:
    assert routed(ACCESS) == Route(way=Way.REQUEST, types=(RequestType.ACCESS,))
    assert routed(ACCESS, ("portability", 0.7)).types == (RequestType.ACCESS, RequestType.PORTABILITY)
    assert routed(ERASURE, ("access", 0.2)).types == (RequestType.ERASURE,)
    assert routed(("complaint", 0.9)).types == (RequestType.COMPLAINT,)
    assert routed(("question", 0.9), ("access", 0.2)).types == (RequestType.QUESTION,)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ((), "no_clear_intent"),
        ((("access", 0.59),), "no_clear_intent"),
        ((ACCESS, ERASURE), "several_intents"),
        ((ERASURE, ("restriction", 0.4)), "several_intents"),  # an erasure is never chosen from an ambiguous text
        ((ACCESS, ("complaint", 0.8)), "several_intents"),
        ((("complaint", 0.9), ("access", 0.4)), "several_intents"),  # a right is never taken for a complaint alone
        ((("question", 0.9), ("erasure", 0.3)), "several_intents"),
        ((("reminder", 0.9), ACCESS), "reminder"),
    ],
)
def test_what_is_not_clear_is_for_staff(asked: tuple[tuple[str, float], ...], why: str) -> None:
    assert routed(*asked) == Route(way=Way.TRIAGE, why=(why,))


def test_what_is_asked_for_somebody_else_is_no_right_of_the_sender() -> None:
    assert routed(("access", 0.55), for_another=True) == Route(way=Way.TRIAGE, why=("for_somebody_else",))
    assert routed(("access", 0.55), for_another=True, reminder=True).why == ("reminder",)
    assert routed(("question", 0.9), ("access", 0.2), for_another=True).types == (RequestType.QUESTION,)


def test_a_reminder_attaches_nothing_new() -> None:
    assert routed(ACCESS, reminder=True).why == ("reminder",)


@pytest.mark.parametrize("doubt", ["spam", "virus", "unauthenticated", "no_single_sender", "not_scanned_for_spam"])
def test_a02_a_doubtful_mail_is_for_staff_however_clear(doubt: str) -> None:
    assert routed(ACCESS, doubts=(doubt,)) == Route(way=Way.TRIAGE, why=(doubt,))


@pytest.mark.parametrize("reason", ["auto_submitted", "empty_envelope_sender", "report", "own_marker"])
def test_a57_what_a_machine_answers_is_kept(reason: str) -> None:
    assert routed(automatic=(reason,)) == Route(way=Way.KEEP, why=("automatic",))
    assert routed(automatic=(reason,), thread=Thread.OWN).way is Way.KEEP


def test_what_nobody_could_read_is_never_put_away() -> None:
    unread = frozenset({MailFlag.UNREADABLE})
    assert routed(automatic=("empty_envelope_sender",), flags=unread).why[:2] == ("automatic", "unreadable")


def test_a62_a_request_that_a_machine_sends_is_for_staff() -> None:
    assert routed(ACCESS, automatic=("auto_submitted",)).why == ("automatic",)
    assert routed(automatic=("mailing_list",)).why == ("automatic", "no_clear_intent")


@pytest.mark.parametrize("reason", ["ooo_subject", "own_address", "no_reply"])
def test_what_only_looks_like_a_machine_is_looked_at(reason: str) -> None:
    assert routed(automatic=(reason,)).way is Way.TRIAGE


def test_a_message_in_its_thread_belongs_to_the_request_and_staff_see_what_it_asks_for() -> None:
    assert routed(thread=Thread.OWN) == Route(way=Way.CASE)
    assert routed(ERASURE, thread=Thread.OWN) == Route(way=Way.CASE, why=("asks_for_more",))
    assert routed(("question", 0.9), thread=Thread.OWN) == Route(way=Way.CASE)
    assert routed(thread=Thread.OWN, flags=frozenset({MailFlag.CARD_NUMBER})).why == ("sensitive",)
    assert routed(thread=Thread.OWN, withdraws=True).why == ("proposes_withdrawal",)


def test_who_wants_a_request_ended_starts_none() -> None:
    assert routed(ERASURE, withdraws=True) == Route(way=Way.TRIAGE, why=("proposes_withdrawal",))


@pytest.mark.parametrize("thread", [Thread.OTHER_ADDRESS, Thread.CLOSED, Thread.UNPROVEN])
def test_a63_a_thread_that_does_not_hold_is_a_suggestion(thread: Thread) -> None:
    assert routed(ACCESS, thread=thread).why == (f"thread_{thread}",)
    assert routed(thread=Thread.OWN, doubts=("unauthenticated",)).way is Way.TRIAGE


def test_a64_a_reference_is_a_suggestion() -> None:
    assert routed(ACCESS, mentions=("RD-28T5-CY4G-M",)).why == ("names_a_request",)


def test_who_was_asked_is_read_by_who_asked() -> None:
    assert routed(ACCESS, was_asked=True).why == ("answers_our_question",)


def test_a70_the_same_mail_again_is_kept_and_another_under_its_id_is_looked_at() -> None:
    assert routed(ACCESS, is_repeated=True, is_first_body=False) == Route(way=Way.KEEP, why=("same_mail_again",))
    assert routed(ACCESS, is_repeated=True).why == ("message_id_used_before",)
    assert routed(is_repeated=True, is_first_body=False, thread=Thread.OWN).way is Way.CASE  # it may bring the code now


@pytest.mark.parametrize(
    ("flag", "why"),
    [
        (MailFlag.UNREADABLE, "unreadable"),
        (MailFlag.NO_TEXT, "no_text"),
        (MailFlag.ENCRYPTED, "encrypted"),
        (MailFlag.ID_SCAN, "sensitive"),
        (MailFlag.CARD_NUMBER, "sensitive"),
    ],
)
def test_a73_what_a_person_has_to_see_is_not_made_a_request_by_itself(flag: MailFlag, why: str) -> None:
    assert routed(ACCESS, flags=frozenset({flag})).why == (why,)


@given(
    st.lists(st.tuples(st.sampled_from([str(kind) for kind in IntentType]), st.floats(0, 1)), max_size=4),
    st.lists(st.sampled_from(["spam", "virus", "unauthenticated"]), max_size=2).map(tuple),
    st.sampled_from(Thread),
    st.frozensets(st.sampled_from(MailFlag), max_size=3),
)
def test_nothing_is_lost_and_nothing_unclear_is_done(
    asked: list[tuple[str, float]], doubts: tuple[str, ...], thread: Thread, flags: frozenset[MailFlag]
) -> None:
    found = routed(*asked, doubts=doubts, thread=thread, flags=flags)
    assert found.way is not Way.KEEP
    assert found.way is Way.CASE or bool(found.why) == (found.way is Way.TRIAGE)
    assert bool(found.types) == (found.way is Way.REQUEST)
    if RequestType.ERASURE in found.types:
        assert {kind for kind, score in asked if score >= 0.3} == {"erasure"}
    if doubts:
        assert found.way is Way.TRIAGE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1234-5678", "12345678"),
        ("The code is 1234 5678. Thanks", "12345678"),
        ("コードは１２３４－５６７８です", "12345678"),
        ("12345678", "12345678"),
        ("1234 - 5678", "12345678"),
        ("1234  5678", "12345678"),
        ("1 2 3 4 5 6 7 8", "12345678"),
        ("1234.5678", "12345678"),
        ("1234-5678\n1234-5678", "12345678"),
        ("1234-5678\n\nJane\nTel. +44 20 7946 0958", "12345678"),
        ("1234-5678\n\n佐藤花子\n携帯 090 1234 5678", "12345678"),
        ("1234-5678\nOrder no. 20261102", "12345678"),
        ("Hello,\nhere is the code: 1234-5678\nmy order was 20261102\n", "12345678"),
        ("Guten Tag, der Code lautet 1234-5678", "12345678"),
        ("1234-5678 or 8765-4321", None),  # nobody guesses by mail
        ("code 1234-5678\ncode 8765-4321", None),
        ("please call me: 020 7946 0958", None),
        ("call me: 0120-1234-5678", None),
        ("Order no. 20261102", None),
        ("1234-5678-9012-3456", None),
        ("123456789", None),
        ("", None),
        ("order 1234", None),
        ("RD-1234-5678-9", None),
        ("1234-5678 です\n\n山田\n電話番号 8765-4321", "12345678"),
        ("Hi,\n\n1234-5678\n\nJens\nTlf. 12 34 56 78", "12345678"),
        ("Hello,\nhere it is 1234-5678\nJane\n2026-11-29", "12345678"),
        # what has as many digits, and is none
        ("電話番号は3456-7890です。", None),
        ("注文番号 12345678", None),
        ("注文番号12345678の件も含めてください。住所が間違っています。", None),
        ("Tlf. 12 34 56 78", None),
        ("Tél : 26 12 34 56", None),
        ("T: 6123 4567", None),
        ("My postal code is 12345-678", None),
        ("My customer code is 12345678", None),
        ("2026-11-29", None),
        ("29.11.2026", None),
        ("Please help me, I can't find the code\n\nJane\n1990-01-01", None),
        # who says that it is not theirs
        ("I did not ask for this code 1234-5678! Who are you?", None),
        ('You wrote "enter this code: 1234-5678". I did not send any request, stop it!', None),
        ("1234-5678\nI never asked for this.", None),
        ("このコード1234-5678は何ですか？依頼していません。迷惑です。", None),
        ("1234-5678\n請求した覚えはありません。", None),
    ],
)
def test_the_code_in_a_reply(text: str, code: str | None) -> None:
    found = code_in("Re: Your code for request RD-A123-4567-8", text)
    assert (found and found.code) == code


def test_the_code_may_stand_in_the_subject_alone() -> None:
    assert code_in("1234-5678", "") == ("12345678", 0)
    assert code_in("1234-5678", "8765-4321") == ("87654321", 0)
    assert code_in("Tel. 1234-5678", "") is None


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("1234-5678", 0),
        ("The code is 1234-5678", 0),
        ("1234-5678\nThanks, Jane", 10),
        ("1234-5678\n助けてください", 21),
    ],
)
def test_what_is_said_beside_the_code_is_measured(text: str, letters: int) -> None:
    found = code_in("", text)
    assert found is not None
    assert found.other_letters == letters


@pytest.mark.parametrize("text", ["1" * 300_000, "1234-" * 60_000, "1234 " * 60_000, "１" * 300_000, "\n" * 300_000])
def test_a41_the_search_for_a_code_is_bounded(text: str) -> None:
    began = time.process_time()
    code_in(text, text)
    mentioned_references(text, text)
    proposes_withdrawal(text, text)
    assert time.process_time() - began < 2


def test_references_are_found_as_people_write_them() -> None:
    text = "my request rd-28t5-cy4g-m, and RD 28T5 CY4G M again; RD-28T5-CY4G-X is wrong"
    assert mentioned_references("Re: [RD-28T5-CY4G-M]", text) == ("RD-28T5-CY4G-M",)


@pytest.mark.parametrize(
    "text",
    [
        "Please cancel my request.",
        "I would like to withdraw my data request",
        "請求を取り下げます。",
        "開示請求の撤回をお願いします",
        "Ich ziehe meine Anfrage zurück",
        "Je souhaite annuler ma demande",
        "Retiro mi solicitud",
        "Ritiro la mia richiesta",
        "Wycofuję mój wniosek",
        "Retiro o meu pedido",
    ],
)
def test_who_wants_it_ended_is_heard(text: str) -> None:
    assert proposes_withdrawal("Re: your request", text)


@pytest.mark.parametrize(
    "text",
    [
        *("Please withdraw my consent", "Cancel my order", "同意を撤回します", "Thank you"),
        "I withdraw my consent and request that you erase all my personal data.",
        "I cancel my subscription and request a copy.",
        *("Retiro mi consentimiento", "Ritiro il mio consenso", "Wycofuję zgodę", "Cancelo mi pedido de zapatos"),
    ],
)
def test_other_endings_are_other_things(text: str) -> None:
    assert not proposes_withdrawal("", text)
