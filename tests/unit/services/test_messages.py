"""The thread of a request: nothing is lost, nothing is said twice, and no other request sees a word of it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import (
    CaseClosedError,
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    ServiceUnavailableError,
    ThreadFullError,
    VersionMovedOnError,
)
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.mail_item import NewRequests
from rightsdesk.domain.messages import LONGEST_MESSAGE, MOST_MESSAGES, Message, message_of_staff, words_of_person
from rightsdesk.domain.request import Language, PrivacyRequest, RequestType
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.domain.views import RequestView
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.services.take_message import MOST_MESSAGES as MOST_BY_MAIL
from rightsdesk.services.view_request import view_request
from tests.support.desk import APPROVER, HANDLER, JANE, MERCHANT, Desk, merchant
from tests.support.fakes import How, PlainPress, ProcessDiedError
from tests.support.mail_room import MailRoom, mail

AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))
QUESTION = {"types": (RequestType.QUESTION,), "details": "Whom do you give my address to?"}


def view(desk: Desk, case: PrivacyRequest) -> RequestView:
    return view_request(
        desk.session(case),
        cases=desk.cases,
        messages=desk.messages,
        merchant=desk.merchant,
        data_map=lambda: desk.data_map,
        recipients=lambda: desk.data_map.recipients,
        clock=desk.clock,
    )


def answered_question(desk: Desk) -> PrivacyRequest:
    case = desk.to_be_carried_out(**QUESTION)
    desk.complete(case, "We give it to the carrier alone.")
    desk.answer(case)
    desk.close(case)
    return desk.now(case)


def test_what_both_write_stands_in_order_and_the_history_has_no_word_of_it() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.write(case, "  I have\r\nfound the letter.  ")
    case = desk.write_back(desk.now(case), "Thank you, we look for it.")
    desk.write(case, "It is of 3 October.")
    seen = view(desk, case).messages
    assert [(each.number, each.by, each.text) for each in seen] == [
        (1, "person", "I have\nfound the letter."),
        (2, "staff", "Thank you, we look for it."),
        (3, "person", "It is of 3 October."),
    ]
    assert "sub-handler" not in view(desk, case).model_dump_json()
    written = [event for event in desk.table.events[case.request_id] if event.type == "message_written"]
    stored = desk.messages.of(case.request_id)
    assert [event.details["sha256"] for event in written] == [each.sha256 for each in stored]
    assert "letter" not in str([event.details for event in written])
    assert desk.now(case).reply_awaited
    assert desk.history(case)[-3:] == ["message_written"] * 3


def spoken(desk: Desk, case: PrivacyRequest) -> list[tuple[str, int | None, str, str | None]]:
    return [(each.kind, each.number, each.by, each.text) for each in view(desk, case).messages]


def test_a_question_reads_as_a_conversation_from_what_was_asked_to_the_answer() -> None:
    desk = Desk()
    case = desk.to_be_carried_out(**QUESTION)
    asked_at = case.received_at
    desk.clock.advance(timedelta(hours=1))
    case = desk.write_back(desk.now(case), "Which shop do you mean?")
    desk.clock.advance(timedelta(hours=1))
    desk.write(case, "The one in Kyoto.")
    desk.clock.advance(timedelta(hours=1))
    desk.complete(desk.now(case), "We give it to the carrier alone.")
    before = [
        ("request", None, "person", "Whom do you give my address to?"),
        ("message", 1, "staff", "Which shop do you mean?"),
        ("message", 2, "person", "The one in Kyoto."),
    ]
    assert spoken(desk, case) == before, "until the letter is out, nothing is answered"
    desk.answer(case)
    desk.close(case)
    assert spoken(desk, case) == [*before, ("answer", None, "staff", "We give it to the carrier alone.")]
    seen = view(desk, case).messages
    assert (seen[0].at, seen[-1].at) == (asked_at, desk.now(case).answered_at)
    assert "sub-" not in view(desk, case).model_dump_json()


def test_what_takes_up_an_answered_question_again_says_its_words_once() -> None:
    desk = Desk()
    case = answered_question(desk)
    desk.write(case, "And who is the carrier?")
    again = desk.cases.find(desk.now(case).followed_by or "")
    assert spoken(desk, again) == [("message", 1, "person", "And who is the carrier?")]


def test_a_question_in_a_mail_stands_as_we_hold_it() -> None:
    room = MailRoom()
    item = room.deliver(mail("Whom do you give my address to?"), asks=("question",))
    case = room.cases.find(item.requests[0])
    assert spoken(room, case) == [("request", None, "person", "Whom do you give my address to?")]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [({}, True), ({"email": "tom@example.com"}, False), ({"details": "She means the old address."}, False)],
)
def test_what_staff_wrote_down_or_another_has_sent_is_not_shown_as_the_person_s_own(
    typed: dict[str, str], shown: bool
) -> None:
    room = MailRoom()
    item = room.deliver(mail("My street is wrong."))
    asked = NewRequests.model_validate({"types": ["rectification"], "country": "DE", "language": "en"} | typed)
    view = room.triage.make_requests(HANDLER, item.mail_id, item.version, asked)
    case = room.cases.find(view.requests[0])
    assert case.details is not None
    assert spoken(room, case) == ([("request", None, "person", "My street is wrong.")] if shown else [])


@pytest.mark.parametrize("gone", ["details", "done"])
def test_words_that_are_gone_leave_their_place(gone: str) -> None:
    desk = Desk()
    case = answered_question(desk)
    desk.table.cases[case.request_id] = case.model_copy(update={gone: None}).model_dump_json()
    by_kind = {each.kind: each.text for each in view(desk, case).messages}
    assert by_kind == {"request": QUESTION["details"], "answer": "We give it to the carrier alone."} | {
        {"details": "request", "done": "answer"}[gone]: None
    }


def test_of_a_right_there_is_what_was_written_and_never_what_was_done() -> None:
    desk = Desk()
    plain = desk.to_be_carried_out(types=(RequestType.STOP_PROVISION,), details=None, email="tom@example.com")
    case = desk.to_be_carried_out(types=(RequestType.RECTIFICATION,), details="My street is wrong.")
    desk.complete(case, "We corrected the street.")
    desk.answer(case)
    assert spoken(desk, case) == [("request", None, "person", "My street is wrong.")]
    assert spoken(desk, plain) == []


def test_who_asks_for_another_is_not_taken_for_them() -> None:
    desk = Desk()
    agent = {"role": "proxy", "name": "Robin Clarke", "email": "robin@law.example", "mandate": "A power of attorney."}
    case = desk.to_be_carried_out(types=(RequestType.RECTIFICATION,), details="Her street is wrong.", agent=agent)
    assert spoken(desk, case) == [("request", None, "agent", "Her street is wrong.")]


def test_a52_no_other_request_shows_a_word_of_it() -> None:
    desk = Desk()
    mine = desk.verified()
    others = desk.verified(email="tom@example.com", name="Tom")
    desk.write(mine, "About my letters.")
    assert view(desk, others).messages == ()
    assert desk.messages.of(others.request_id) == []
    assert [each.text for each in view(desk, mine).messages] == ["About my letters."]


def test_a27_the_same_message_sent_twice_is_one() -> None:
    desk = Desk()
    case = desk.verified()
    for _ in range(3):
        desk.write(case, "My address is wrong.")
    assert [message.text for message in desk.messages.of(case.request_id)] == ["My address is wrong."]
    desk.write_back(desk.now(case))
    desk.write(case, "My address is wrong.")
    assert [message.by for message in desk.messages.of(case.request_id)] == ["person", "staff", "person"]


def test_a27_two_at_the_same_moment_are_one_as_well() -> None:
    desk = Desk()
    case = desk.verified()
    desk.faults.before("messages.add", lambda: desk.write(case, "My address is wrong."))
    desk.write(case, "My address is wrong.")
    assert len(desk.messages.of(case.request_id)) == 1


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "マイナンバーは1234-5678-9018です"])
def test_a73_a_number_that_nobody_should_send_is_not_kept(number: str) -> None:
    desk = Desk()
    case = desk.verified()
    with pytest.raises(InvalidInputError) as refused:
        desk.write(case, f"Here it is: {number}")
    assert str(refused.value) == "message: sensitive_number"
    assert desk.messages.of(case.request_id) == []


def test_staff_are_called_once_until_they_have_answered() -> None:
    desk = Desk()
    case = desk.verified()
    for text in ("One.", "Two.", "Three."):
        desk.write(case, text)
    assert desk.mails().count("staff_message") == 1
    desk.write_back(desk.now(case))
    desk.write(case, "Four.")
    assert desk.mails().count("staff_message") == 2


def test_staff_are_called_to_a_mail_and_to_a_message_on_the_page_of_the_same_request() -> None:
    room = MailRoom()
    case = room.verified()
    room.write(case, "On the page.")
    room.write_back(room.now(case))
    room.deliver(mail("By mail."), recipients=(room.reply_to(case),))
    assert room.now(case).reply_awaited
    assert [printed.letter for printed in room.press.printed].count(Letter.STAFF_MESSAGE) == 2


def test_while_mail_is_down_a_message_is_taken_once_and_stands_on_the_work_list() -> None:
    trial, desk = Desk(), Desk()
    case, other = desk.verified(), trial.verified()
    before = len(trial.faults.calls)
    trial.write(other, "One.")
    place = next(n for n, call in enumerate(trial.faults.calls[before:]) if call.startswith("mailer"))
    desk.faults.fail(before + place, How.UNAVAILABLE)
    desk.write(case, "One.")
    assert (len(desk.messages.of(case.request_id)), desk.mails().count("staff_message")) == (1, 0)
    assert desk.now(case).reply_awaited


@pytest.mark.parametrize(("kind", "in_the_mail"), [(RequestType.ACCESS, False), (RequestType.QUESTION, True)])
def test_only_of_a_question_the_mail_holds_the_words(kind: RequestType, in_the_mail: bool) -> None:
    press = PlainPress()
    desk = Desk(press=press)
    case = desk.collecting(types=(kind,), details="Which?")
    desk.write_back(case, "Which of the two shops do you mean?")
    (said,) = [printed.values for printed in press.printed if printed.letter is Letter.MESSAGE_WAITING]
    assert said["message"] == ("Which of the two shops do you mean?" if in_the_mail else None)


def test_where_the_mail_failed_the_same_words_send_it_and_are_no_second_message() -> None:
    desk = Desk()
    case = desk.verified()
    mailed = len(desk.mails())
    at = len(desk.faults.calls)
    with pytest.raises(ServiceUnavailableError):
        _with_fault_at_mailer(desk, case, at)
    assert (len(desk.messages.of(case.request_id)), len(desk.mails())) == (1, mailed)
    desk.write_back(desk.now(case))
    desk.write_back(desk.now(case))
    assert (len(desk.messages.of(case.request_id)), desk.mails()[mailed:]) == (1, ["message_waiting"])


def _with_fault_at_mailer(desk: Desk, case: PrivacyRequest, at: int) -> None:
    """Of the calls from `at` on, the one to the mailer fails."""
    trial = Desk()
    other = trial.verified()
    before = len(trial.faults.calls)
    trial.write_back(other)
    place = next(n for n, call in enumerate(trial.faults.calls[before:]) if call.startswith("mailer"))
    desk.faults.fail(at + place, How.UNAVAILABLE)
    desk.write_back(case)


def test_who_may_write_and_when() -> None:
    desk = Desk()
    unverified = desk.submit()
    desk.send_verification(unverified)
    unverified = desk.now(unverified)
    with pytest.raises(ConflictError):
        desk.write(unverified)
    with pytest.raises(ConflictError):
        desk.write_back(unverified)
    case = desk.verified(email="tom@example.com")
    with pytest.raises(NotAllowedError):
        desk.write_back(case, staff=AUDITOR)
    with pytest.raises(VersionMovedOnError):
        desk.write_back(case, version=case.version - 1)
    desk.write_back(case, staff=APPROVER)
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        desk.write(case)
    with pytest.raises(CaseClosedError):
        desk.write_back(desk.now(case), "Anything more to say?")


def test_a_thread_has_an_end() -> None:
    desk = Desk()
    case = desk.verified()
    for number in range(MOST_MESSAGES["person"]):
        desk.write(case, f"Message {number}")
    assert not view(desk, case).can_write
    with pytest.raises(ThreadFullError):
        desk.write(case, "One more")
    desk.write_back(desk.now(case))  # ours are counted apart


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "missing"), (" \n\u2800 ", "missing"), ("x" * (LONGEST_MESSAGE + 1), "too_long"), ("a\x00b", "invalid")],
)
def test_what_is_no_message(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        words_of_person(text)
    assert [(each.field, each.reason) for each in refused.value.problems] == [("message", reason)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("-", "too_short"),
        ("x" * 2001, "too_long"),
        ("Please send us a copy of your passport.", "identity_document"),
        ("パスポートの写しをお送りください。", "identity_document"),
    ],
)
def test_what_staff_can_not_write(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        message_of_staff(text)
    assert [(each.field, each.reason) for each in refused.value.problems] == [("text", reason)]


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_digest_tells_texts_apart(one: str, two: str) -> None:
    def digest(text: str) -> str:
        return Message(number=1, by="person", at=Desk().clock(), text=text, salt="0" * 32).sha256

    assert (digest(one) == digest(two)) is (one == two)


def test_an_answered_question_is_taken_up_again_under_a_reference_of_its_own() -> None:
    desk = Desk()
    answered = answered_question(desk)
    assert view(desk, answered).reopen_until == desk.clock() + timedelta(days=14)
    desk.clock.advance(timedelta(days=13))
    taken = desk.write(answered, "And who is the carrier?")
    again = desk.cases.find(taken.reference)
    assert (again.follows, desk.now(answered).followed_by) == (answered.reference, again.reference)
    assert (again.status, again.assurance) == (Status.VERIFIED, Assurance.MAILBOX)
    assert again.due.received_on > answered.due.received_on
    assert desk.now(answered).outcome is Outcome.FULFILLED  # what is answered stays answered
    assert view(desk, answered).reopen_until is None
    desk.write(answered, "The one in Tokyo, I mean.")  # from the old page: the same request
    assert [each.text for each in desk.messages.of(again.request_id)] == [
        "And who is the carrier?",
        "The one in Tokyo, I mean.",
    ]
    desk.send_verification(again)
    assert desk.mails()[-1] == "message_received"


def test_not_after_fourteen_days_and_not_of_a_right() -> None:
    desk = Desk()
    answered = answered_question(desk)
    desk.clock.advance(timedelta(days=14))
    assert view(desk, answered).reopen_until is None
    with pytest.raises(CaseClosedError):
        desk.write(answered, "And who is the carrier?")
    right = Desk()
    case = right.to_be_carried_out()
    right.complete(case, kept={})
    right.answer(case)
    right.close(case)
    with pytest.raises(CaseClosedError):
        right.write(case)


def test_a_process_that_dies_on_the_way_leaves_nothing_half_said() -> None:
    """Whatever call dies, the person sends it again, and it stands there: once or twice, and in one request."""
    trial = Desk()
    question = answered_question(trial)
    before = len(trial.faults.calls)
    trial.write(question, "And who is the carrier?")
    calls = len(trial.faults.calls) - before
    assert calls > 5
    for at in range(calls):
        desk = Desk()
        answered = answered_question(desk)
        desk.faults.fail(len(desk.faults.calls) + at, How.DIES_AFTER)
        with pytest.raises(ProcessDiedError):
            desk.write(answered, "And who is the carrier?")
        taken = desk.write(answered, "And who is the carrier?")
        again = desk.cases.find(taken.reference)
        assert {each.text for each in desk.messages.of(again.request_id)} == {"And who is the carrier?"}
        assert desk.now(answered).followed_by == taken.reference
        assert len(desk.table.cases) == 2


# Machines and markup


def test_a57_an_answer_of_a_machine_to_a_message_of_staff_is_no_message() -> None:
    room = MailRoom()
    case = room.verified()
    room.write_back(room.now(case))
    before = room.now(case), len(room.mailer.outbox)
    room.deliver(
        mail("I am away until Monday."), automatic=("auto_submitted",), recipients=(room.reply_to(case),), sender=""
    )
    assert (room.now(case), len(room.mailer.outbox)) == before
    assert [each.by for each in room.messages.of(case.request_id)] == ["staff"]


def test_a58_a_machine_that_answers_each_mail_of_a_thread_gets_none_back_and_the_thread_ends() -> None:
    """It says nowhere that it is a machine."""
    room = MailRoom()
    case = room.verified()
    room.write_back(room.now(case))
    mailed = [mail.to for mail in room.mailer.outbox].count(JANE)
    for number in range(130):
        room.deliver(mail(f"We have got your mail. Ticket {number}."), recipients=(room.reply_to(case),))
        room.clock.advance(timedelta(minutes=1))
    assert [mail.to for mail in room.mailer.outbox].count(JANE) == mailed
    assert room.now(case).thread.count("person") == MOST_MESSAGES["person"]
    assert room.mails().count("staff_message") <= MOST_BY_MAIL
    assert room.now(case).is_open


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    "nasty",
    [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        '"><a href="https://evil.example">Open your request</a>',
        "{{7*7}} {% raw %} ${jndi:ldap://x} %s %(name)s {0} {message}",
        "One\r\nBcc: all@example.com\r\n\r\nTwo\u2028Three",
    ],
)
def test_a47_a48_a56_what_staff_write_is_text_in_the_mail_and_nothing_of_it_in_a_header(
    nasty: str, language: Language
) -> None:
    press = PlainPress()
    desk = Desk(press=press)
    case = desk.collecting(**QUESTION)
    desk.write_back(case, nasty)
    values = press.printed[-1].values
    mail = MerchantLetters(MERCHANT, merchant()).print(Letter.MESSAGE_WAITING, language, values, to=JANE)
    (kept,) = [each.text for each in desk.messages.of(case.request_id)]
    flat = " ".join(kept.split())
    assert flat in " ".join(mail.text.split())
    assert flat in " ".join(unescape(mail.html).replace("</p>", " ").replace("<p>", " ").replace("<br>", " ").split())
    assert not re.search(r"<script|<img|<a href=.https://evil|49", mail.html)
    assert "Bcc" not in mail.subject
    assert len(mail.subject.splitlines()) == 1
