"""A mail comes in: what is made of it by itself, and that nothing is lost whatever fails."""

import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.incoming_mail import Attachment, Envelope, IncomingMail, MailAddress, MailFlag, Returned, Verdict
from rightsdesk.domain.letters import DeliveryState, Letter
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.mail_item import MailStatus
from rightsdesk.domain.mail_threads import letter_id, thread_id
from rightsdesk.domain.request import Aim, Door, RequestType
from rightsdesk.services.take_message import MOST_MESSAGES
from tests.support.desk import HANDLER, JANE
from tests.support.fakes import How, ProcessDiedError
from tests.support.mail_room import MailRoom, mail, without

CODE_LETTER = Letter.VERIFICATION_CODE


def staff_letters(room: MailRoom) -> list[str]:
    return [printed.letter for printed in room.press.printed if printed.to == "privacy-desk@shop.example"]


# To a request


def test_one_clear_intent_becomes_a_request_as_by_the_form() -> None:
    room = MailRoom()
    item = room.deliver(mail("A copy of my data, please."), asks=("access",))
    assert item.status is MailStatus.REQUESTED
    case = room.cases.find(item.requests[0])
    assert (case.types, case.door, case.email, case.name) == ((RequestType.ACCESS,), Door.EMAIL, JANE, "Jane Murphy")
    assert case.details == "A copy of my data, please."
    assert case.messages == (item.mail_id,)
    assert case.country_assumed
    assert case.status is Status.RECEIVED
    assert room.happened(item) == ["mail_received", "request_created"]
    room.send_verification(case)
    assert [printed.letter for printed in room.press.printed] == [CODE_LETTER]


@pytest.mark.parametrize(
    ("asks", "about", "aim", "said"),
    [
        ("consent_withdrawal", ("newsletter",), Aim(purposes=("newsletter",)), "asked.newsletter"),
        ("consent_withdrawal", (), None, "asked.all_consents"),
        ("objection", ("marketing", "newsletter"), Aim(objects_to="marketing"), "asked.no_marketing"),
        ("objection", ("marketing", "profiling"), None, "asked.no_use"),
        ("objection", (), None, "asked.no_use"),
        ("access", ("newsletter",), None, "type.access"),
    ],
)
def test_a_mail_stops_no_more_than_it_speaks_of_and_the_code_says_how_much(
    asks: str, about: tuple[str, ...], aim: Aim | None, said: str
) -> None:
    room = MailRoom()
    item = room.deliver(mail("No more of this, please."), asks=(asks,), about=about)
    case = room.cases.find(item.requests[0])
    assert case.aim == aim
    room.send_verification(case)
    assert [right.name for right in room.press.printed[-1].values["rights"]] == [said]


def test_the_clock_runs_from_when_the_mail_service_had_it() -> None:
    room = MailRoom()
    received_at = room.clock() - timedelta(days=3)
    item = room.deliver(mail(), asks=("access",), received_at=received_at)
    case = room.cases.find(item.requests[0])
    assert case.received_at == item.received_at == received_at
    assert case.due.received_on == item.due.received_on


def test_what_waits_for_staff_has_its_dates_too() -> None:
    room = MailRoom()
    item = room.deliver(mail("Ich möchte etwas.", sender="hans@example.com"), language="de")
    assert (item.status, item.country) == (MailStatus.TRIAGE, "DE")
    assert item.due.laws == ("gdpr", "appi")
    assert item.is_open
    assert staff_letters(room) == [Letter.STAFF_MAIL]


@pytest.mark.parametrize("name", ["", "tom@example.com", "  "])
def test_a03_without_a_name_the_address_stands_for_it(name: str) -> None:
    room = MailRoom()
    item = room.deliver(mail(name=name), asks=("access",))
    assert room.cases.find(item.requests[0]).name == JANE.partition("@")[0]


def test_a_long_text_is_cut_for_the_request_and_whole_in_the_mail() -> None:
    room = MailRoom()
    item = room.deliver(mail("word " * 1000), asks=("access",))
    assert len(room.cases.find(item.requests[0]).details or "") <= 600
    assert len(room.files.content(item.mail_id).text) == 5000


# Nothing by itself


@pytest.mark.parametrize("verdict", ["spam", "virus", "dmarc"])
def test_a02_a_doubtful_sender_is_never_answered(verdict: str) -> None:
    room = MailRoom()
    item = room.deliver(mail(), asks=("access",), verdicts=without(verdict, Verdict.FAIL))
    assert item.status is MailStatus.TRIAGE
    assert not room.table.cases
    assert JANE not in {printed.to for printed in room.press.printed}


def test_a62_spam_waits_in_the_list_with_its_clock_and_calls_nobody() -> None:
    room = MailRoom()
    item = room.deliver(mail(), asks=("access",), verdicts=without("spam", Verdict.FAIL))
    assert (item.is_open, item.held_for) == (True, ("spam",))
    assert item.intents[0].type == "access"
    assert not room.press.printed


def test_a57_an_automatic_answer_is_kept_and_not_answered() -> None:
    room = MailRoom()
    item = room.deliver(mail("I am away."), automatic=("auto_submitted",))
    assert item.status is MailStatus.KEPT
    assert not room.press.printed


def test_a38_an_address_is_answered_once_a_day_and_three_times_a_month() -> None:
    room = MailRoom()
    made = []
    for _ in range(60):
        made.append(room.deliver(mail(), asks=("access",)).status)
        room.clock.now += timedelta(hours=12)
    assert made.count(MailStatus.REQUESTED) == 3
    assert made[0] is MailStatus.REQUESTED
    assert set(made) == {MailStatus.REQUESTED, MailStatus.TRIAGE}


def test_a58_the_breaker_holds_for_all() -> None:
    room = MailRoom()
    room.limits.per_hour = 5
    items = [room.deliver(mail(sender=f"jane{n}@example.com"), asks=("access",)) for n in range(8)]
    assert [item.held_for for item in items if item.is_open] == [("breaker",)] * 3


# Twice


def test_a70_a_delivery_is_taken_once() -> None:
    room = MailRoom()
    envelope = room.post(mail(), asks=("access",))
    for _ in range(3):
        room.intake.take(envelope)
    assert len(room.table.cases) == 1
    assert room.happened(room.item(envelope)) == ["mail_received", "request_created"]


def test_a70_the_same_mail_in_another_delivery_is_kept_and_linked() -> None:
    room = MailRoom()
    same = mail(message_id="<1@example.com>")
    first = room.deliver(same, asks=("access",))
    second = room.deliver(same, asks=("access",))
    assert (second.status, second.same_as) == (MailStatus.KEPT, first.mail_id)
    assert len(room.table.cases) == 1


def test_a70_another_body_under_a_message_id_that_came_before_is_not_lost() -> None:
    room = MailRoom()
    first = room.deliver(mail("One.", message_id="<1@example.com>"), asks=("access",))
    second = room.deliver(mail("Two.", message_id="<1@example.com>"), asks=("erasure",))
    assert (second.status, second.same_as) == (MailStatus.TRIAGE, first.mail_id)
    assert second.held_for == ("message_id_used_before",)
    assert room.files.content(second.mail_id).text == "Two."


def test_nobody_can_take_anothers_message_id_away() -> None:
    room = MailRoom()
    room.deliver(mail("Mine.", sender="mallory@example.com", message_id="<1@example.com>"))
    item = room.deliver(mail(message_id="<1@example.com>"), asks=("access",))
    assert item.status is MailStatus.REQUESTED


# What breaks


def test_a_reader_that_breaks_its_promise_loses_nothing() -> None:
    room = MailRoom()
    envelope = room.envelope()
    room.files.raws[envelope.key or ""] = b"the reader does not know this"  # KeyError inside
    room.intake.take(envelope)
    item = room.item(envelope)
    assert (item.status, item.flags, item.raw_key) == (MailStatus.TRIAGE, (MailFlag.UNREADABLE,), envelope.key)


def test_a43_what_fails_again_and_again_is_shown_to_staff_with_what_is_known() -> None:
    room = MailRoom()
    envelope = room.post(mail(), asks=("access",))
    room.intake.take(envelope, attempt=4)
    item = room.item(envelope)
    assert (item.status, item.held_for) == (MailStatus.TRIAGE, ("failed",))
    assert item.intents[0].type == "access"
    assert room.files.content(item.mail_id).text == "Please send me a copy of my data."
    assert not room.table.cases


def test_a_request_that_was_made_before_taking_failed_stands() -> None:
    room = MailRoom()
    envelope = room.post(mail(), asks=("access",))
    at = room_calls_until_created(envelope, room)
    assert at
    room.intake.take(envelope, attempt=4)
    item = room.item(envelope)
    assert (item.status, len(item.requests)) == (MailStatus.REQUESTED, 1)


def room_calls_until_created(envelope: Envelope, room: MailRoom) -> bool:
    """The process dies right after the case was written."""

    def die() -> None:
        raise ProcessDiedError("workflow.start")

    room.faults.before("workflow.start", die)
    with pytest.raises(ProcessDiedError):
        room.intake.take(envelope)
    return len(room.table.cases) == 1


def test_what_was_given_up_unread_is_read_when_it_is_delivered_again() -> None:
    room = MailRoom()
    envelope = room.post(mail("A copy, please."), asks=("access",))
    room.faults.fail(room_position(room, "files.raw", envelope), How.UNAVAILABLE)
    room.intake.take(envelope, attempt=4)
    item = room.item(envelope)
    assert MailFlag.UNREADABLE in item.flags
    room.intake.take(envelope, attempt=1)
    again = room.item(envelope)
    assert (again.status, again.intents[0].type, again.flags) == (MailStatus.TRIAGE, "access", ())
    assert again.held_for[0] == "failed"
    assert room.files.content(item.mail_id).text == "A copy, please."
    assert room.happened(again)[-1] == "mail_read_again"
    assert not room.table.cases


def room_position(room: MailRoom, call: str, envelope: Envelope) -> int:
    """The position of the first call of this name when the mail is taken."""
    other = MailRoom()
    other.intake.take(other.post(mail("A copy, please.", message_id="<other@example.com>"), asks=("access",)))
    return len(room.faults.calls) + other.faults.calls.index(call)


def test_a_mail_that_is_not_there_is_shown_to_staff() -> None:
    room = MailRoom()
    envelope = room.envelope(key=None)
    room.intake.take(envelope)
    assert room.item(envelope).status is MailStatus.TRIAGE


def _calls_of_taking(**how: Any) -> int:
    room = MailRoom()
    room.intake.take(room.post(mail(files=(_file(),)), **how))
    return len(room.faults.calls)


def _file() -> Attachment:
    return Attachment(name="letter.pdf", media_type="application/pdf", content=b"%PDF")


@pytest.mark.parametrize("how", list(How))
@pytest.mark.parametrize("asks", [("access",), ()])
def test_a_death_at_any_call_loses_nothing_and_does_nothing_twice(asks: tuple[str, ...], how: How) -> None:
    for at in range(_calls_of_taking(asks=asks)):
        room = MailRoom()
        envelope = room.post(mail(files=(_file(),)), asks=asks)
        room.faults.fail(at, how)
        for attempt in (1, 2, 3):
            try:
                room.intake.take(envelope, attempt=attempt)
            except (ServiceUnavailableError, ProcessDiedError):
                room.clock.now += timedelta(minutes=6)  # a claim of a letter that nobody holds any more ends
                continue
            break
        item = room.item(envelope)
        assert item.status is (MailStatus.REQUESTED if asks else MailStatus.TRIAGE), (at, how)
        assert len(room.table.cases) == len(asks), (at, how)
        assert room.happened(item)[0] == "mail_received"
        content = room.files.content(item.mail_id)
        assert [room.files.objects[each.key] for each in content.files] == [b"%PDF"], (at, how)


# Threads


def test_the_code_in_a_reply_verifies_and_is_confirmed() -> None:
    room = MailRoom()
    case = room.by_mail()
    reply = room.deliver(mail(room.code()), recipients=(room.reply_to(case),))
    assert (reply.status, reply.attached_to) == (MailStatus.ATTACHED, case.reference)
    now = room.now(case)
    assert (now.assurance, now.status) == (Assurance.MAILBOX, Status.VERIFIED)
    assert "verification-1" in room.workflow.answers
    assert [printed.letter for printed in room.press.printed][-1] == Letter.CONFIRMED
    assert "message_received" in room.history(case)


def test_a27_a_wrong_code_by_mail_counts_like_one_on_the_page() -> None:
    room = MailRoom()
    case = room.by_mail()
    right = room.code()
    wrong = "0000-0000" if right != "0000-0000" else "0000-0001"
    for _ in range(5):
        room.deliver(mail(wrong), recipients=(room.reply_to(case),))
    room.deliver(mail(right), recipients=(room.reply_to(case),))
    assert room.now(case).assurance is Assurance.NONE
    refused = [printed for printed in room.press.printed if printed.letter is Letter.CODE_REFUSED]
    assert len(refused) == 2  # with the code itself three answers in a thread, whoever writes


def test_a_code_from_another_address_changes_nothing() -> None:
    room = MailRoom()
    case = room.by_mail()
    item = room.deliver(mail(room.code(), sender="tom@example.com"), recipients=(room.reply_to(case),))
    assert (item.status, item.held_for[0]) == (MailStatus.TRIAGE, "thread_other_address")
    assert item.suggestions == (case.reference,)
    assert room.now(case).assurance is Assurance.NONE


def test_a02_a_code_under_a_forged_sender_changes_nothing() -> None:
    room = MailRoom()
    case = room.by_mail()
    item = room.deliver(mail(room.code()), recipients=(room.reply_to(case),), verdicts=without("dmarc", Verdict.FAIL))
    assert item.status is MailStatus.TRIAGE
    assert room.now(case).assurance is Assurance.NONE


@pytest.mark.parametrize("by", ["references", "thread"])
def test_a_reply_is_known_by_the_ids_that_it_answers(by: str) -> None:
    room = MailRoom()
    case = room.by_mail()
    assert case.reply_token
    named = (
        thread_id(case.reply_token, "shop.example")
        if by == "thread"
        else letter_id(case.reply_token, "verification_code", 1, "shop.example")
    )
    item = room.deliver(mail(room.code(), references=("<ses@eu-west-1.amazonses.com>", named)))
    assert item.attached_to == case.reference
    assert room.now(case).assurance is Assurance.MAILBOX


def test_a65_an_id_forged_to_another_request_is_a_suggestion() -> None:
    room = MailRoom()
    mine = room.by_mail()
    other = room.submit(email="tom@example.com")
    assert mine.reply_token
    forged = mine.reply_token[:5] + other.reference.replace("-", "")[2:].lower() + mine.reply_token[14:]
    item = room.deliver(mail("Hello", sender="tom@example.com", references=(thread_id(forged, "shop.example"),)))
    assert (item.status, item.held_for[0]) == (MailStatus.TRIAGE, "thread_unproven")


def test_a64_a_reference_in_the_subject_attaches_nothing() -> None:
    room = MailRoom()
    case = room.by_mail()
    item = room.deliver(mail(subject=f"Re: [{case.reference}]", sender="tom@example.com"))
    assert (item.status, item.attached_to) == (MailStatus.TRIAGE, None)
    assert item.suggestions == (case.reference,)


def test_a64_a_closed_request_is_not_opened_again() -> None:
    room = MailRoom()
    case = room.by_mail()
    room.withdraw(case)
    item = room.deliver(mail("And one thing more."), recipients=(room.reply_to(case),))
    assert (item.status, item.held_for[0]) == (MailStatus.TRIAGE, "thread_closed")
    assert room.now(case).status is Status.CLOSED
    assert JANE not in {printed.to for printed in room.press.printed[1:]}


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("I mean my orders, paid with card 4111 1111 1111 1111", "CARD_NUMBER"),
        ("wwFMA", "ENCRYPTED"),
        ("Your ticket #5 was opened.\n\nWe ask:\nWhich of your\naccounts?\n\nThe shop", None),
    ],
)
def test_what_should_not_be_kept_and_a_copy_of_the_question_are_no_answer(text: str, flag: str | None) -> None:
    room = MailRoom()
    case = room.to_be_carried_out()
    room.ask(case, "Which of your accounts?")
    flags = (MailFlag[flag],) if flag else ()
    item = room.deliver(mail(text, flags=flags), recipients=(room.reply_to(case),))
    assert (item.status, item.attached_to) == (MailStatus.TRIAGE, case.reference)
    (question,) = room.now(case).questions
    assert question.answer is None


def test_a_message_answers_the_open_question_and_the_clock_goes_on() -> None:
    room = MailRoom()
    case = room.to_be_carried_out()
    room.ask(case, "Which of your accounts?")
    room.clock.now += timedelta(days=2)
    room.deliver(mail("The old one."), recipients=(room.reply_to(case),))
    (question,) = room.now(case).questions
    assert question.answer == "The old one."
    assert staff_letters(room)[-1] == Letter.STAFF_ANSWERED


def test_a_message_is_told_to_staff_and_stands_on_their_list() -> None:
    room = MailRoom()
    case = room.by_mail()
    room.verify(case)
    item = room.deliver(mail("Please cancel my request."), recipients=(room.reply_to(case),))
    assert staff_letters(room) == [Letter.STAFF_MESSAGE, Letter.STAFF_MAIL]
    told = next(printed for printed in room.press.printed if printed.letter is Letter.STAFF_MESSAGE)
    assert told.values["proposes_withdrawal"] is True
    assert (item.status, item.attached_to, item.held_for) == (
        MailStatus.TRIAGE,
        case.reference,
        ("proposes_withdrawal",),
    )
    assert room.now(case).is_open  # it is only proposed


@pytest.mark.parametrize(
    ("text", "asks", "flags", "why"),
    [
        ("That is not what I meant. Delete all my data.", ("erasure",), (), "asks_for_more"),
        ("Your page does not work, please help me.", (), (), "message"),
        ("コードがわかりません。", (), (), "message"),
        ("My card is 4111 1111 1111 1111", (), (MailFlag.CARD_NUMBER,), "sensitive"),
        ("", (), (MailFlag.ENCRYPTED, MailFlag.NO_TEXT), "no_text"),
    ],
)
def test_what_is_written_before_the_code_is_entered_is_not_swallowed(
    text: str, asks: tuple[str, ...], flags: tuple[MailFlag, ...], why: str
) -> None:
    room = MailRoom()
    case = room.by_mail()
    item = room.deliver(mail(text, flags=flags), asks=asks, recipients=(room.reply_to(case),))
    assert (item.status, item.attached_to) == (MailStatus.TRIAGE, case.reference)
    assert why in item.held_for
    assert room.now(case).messages[-1] == item.mail_id
    assert staff_letters(room) == [Letter.STAFF_MAIL]
    assert room.now(case).assurance is Assurance.NONE


@pytest.mark.parametrize("quoted", ["flag", "link"])
def test_our_own_letter_sent_back_proves_nothing(quoted: str) -> None:
    room = MailRoom()
    case = room.by_mail()
    text = f"A ticket has been opened.\n{room.code()}\n"
    if quoted == "link":
        text += f"http://desk.example/en/requests/{case.reference}\n"
    flags = (MailFlag.QUOTED_ONLY,) if quoted == "flag" else ()
    item = room.deliver(mail(text, flags=flags), recipients=(room.reply_to(case),))
    assert room.now(case).assurance is Assurance.NONE
    assert item.status is MailStatus.TRIAGE
    room.verify(case)  # nothing was tried


@pytest.mark.parametrize("keeps", ["link in small parts", "200 characters", "wrapped", "link of a tracker"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_copy_of_our_letter_proves_nothing_however_it_was_changed(keeps: str, language: str) -> None:
    room = MailRoom()
    case = room.by_mail()
    code = room.code()
    shipped = Path(__file__).parents[3] / f"layers/merchant/letters/{language}/verification_code.txt"
    letter = shipped.read_text("utf-8").partition("\n\n")[2]
    text = letter.replace("{{ code }}", code).replace("{{ link }}", f"https://desk.example/requests/{case.reference}")
    link = f"/requests/{case.reference}"
    text = {
        "link in small parts": text.replace(link, f"%2Frequests%2F{case.reference}"),
        "200 characters": text[:240],
        "wrapped": "\n".join(textwrap.wrap(text.replace(link, "/requ ests/"), 40)),
        "link of a tracker": text.replace(f"https://desk.example{link}", "https://click.example/x?y=1"),
    }[keeps]
    assert code in text or keeps == "wrapped"
    room.deliver(mail(f"Ticket 1 opened.\n\n{text}"), recipients=(room.reply_to(case),))
    assert room.now(case).assurance is Assurance.NONE
    room.verify(case)  # nothing was tried


@pytest.mark.parametrize(
    "text",
    [
        "Please hurry, my ex-husband has access to my account and threatens me.\n\nJane Murphy\n29.11.2026",
        "The account belongs to order\n1234 5678\nplease tell me what happens, I am afraid.",
        "I want to complain.\n\nJens\nTlf. 12 34 56 78",
        "早く回答してください。困っています。\n\n電話番号 1234-5678",
        "注文番号12345678の件も含めてください。住所が間違っています。",
    ],
)
@pytest.mark.parametrize("verified", [True, False])
def test_who_writes_digits_beside_a_plea_is_read(text: str, *, verified: bool) -> None:
    room = MailRoom()
    case = room.by_mail()
    if verified:
        room.verify(case)
    item = room.deliver(mail(text), recipients=(room.reply_to(case),))
    assert (item.status, item.attached_to) == (MailStatus.TRIAGE, case.reference)


def test_a_plea_beside_the_code_is_read_and_the_code_is_taken() -> None:
    room = MailRoom()
    case = room.by_mail()
    text = f"{room.code()}\n\nPlease hurry. My former husband reads my account and threatens me and my children."
    item = room.deliver(mail(text), recipients=(room.reply_to(case),))
    assert (item.status, item.attached_to) == (MailStatus.TRIAGE, case.reference)
    assert room.now(case).assurance is Assurance.MAILBOX


def test_the_same_mail_to_the_address_of_its_thread_brings_the_code() -> None:
    room = MailRoom()
    case = room.by_mail()
    same = mail(room.code(), message_id="<1@example.com>")
    room.deliver(same)
    item = room.deliver(same, recipients=(room.reply_to(case),))
    assert item.status is MailStatus.ATTACHED
    assert room.now(case).assurance is Assurance.MAILBOX


def test_a70_another_file_under_the_same_words_is_another_mail() -> None:
    room = MailRoom()
    for content in (b"one", b"two"):
        file = Attachment(name="a.pdf", media_type="application/pdf", content=content)
        item = room.deliver(mail("See the file.", message_id="<1@example.com>", files=(file,)))
        assert item.status is MailStatus.TRIAGE


def test_a_request_takes_its_number_of_messages_and_the_next_is_shown() -> None:
    room = MailRoom()
    case = room.by_mail()
    room.verify(case)
    for _ in range(MOST_MESSAGES - 1):
        room.deliver(mail("One thing more."), recipients=(room.reply_to(case),))
    item = room.deliver(mail("And one."), recipients=(room.reply_to(case),))
    assert (item.status, item.held_for) == (MailStatus.TRIAGE, ("too_many_messages",))
    assert len(room.now(case).messages) == MOST_MESSAGES


def test_a_confirmation_that_could_not_be_sent_is_sent_when_the_mail_comes_again() -> None:
    room = MailRoom()
    case = room.by_mail()
    envelope = room.post(mail(room.code()), recipients=(room.reply_to(case),))

    def fail() -> None:
        raise ServiceUnavailableError("ses")

    room.faults.before("mailer.send", fail)
    with pytest.raises(ServiceUnavailableError):
        room.intake.take(envelope)
    room.intake.take(envelope)
    assert [printed.letter for printed in room.press.printed if printed.to == JANE][-1] == Letter.CONFIRMED
    assert room.item(envelope).status is MailStatus.ATTACHED


def test_what_is_settled_goes_in_its_time_with_all_that_hangs_on_it() -> None:
    room = MailRoom()
    settled = room.deliver(mail(), asks=("access",))
    waiting = room.deliver(mail("Hm."))
    assert room.mail_store.retired == {settled.mail_id: settled.expires_at}
    assert waiting.expires_at is None


def test_forged_mails_do_not_hide_the_one_that_staff_asked_about() -> None:
    room = MailRoom()
    first = room.deliver(mail("Hm."))
    room.triage.ask(HANDLER, first.mail_id, first.version, None)
    for _ in range(30):
        room.deliver(mail("x"), verdicts=without("dmarc", Verdict.FAIL))
    assert room.deliver(mail("A copy."), asks=("access",)).answers == first.mail_id


def test_what_a_person_wrote_since_does_not_hide_that_staff_asked_them() -> None:
    room = MailRoom()
    first = room.deliver(mail("Hm."))
    room.triage.ask(HANDLER, first.mail_id, first.version, None)
    for number in range(7):
        room.deliver(mail(f"And {number}."))
    item = room.deliver(mail("A copy."), asks=("access",))
    assert (item.status, item.answers) == (MailStatus.TRIAGE, first.mail_id)


def test_an_automatic_answer_in_the_thread_is_kept_and_adds_nothing() -> None:
    room = MailRoom()
    case = room.by_mail()
    item = room.deliver(mail("I am away."), automatic=("auto_submitted",), recipients=(room.reply_to(case),))
    assert (item.status, item.attached_to) == (MailStatus.KEPT, case.reference)
    assert item.mail_id not in room.now(case).messages


def test_a58_two_systems_that_answer_each_other_stop_at_three() -> None:
    """The other system answers whatever it gets, with no header to go by, in the thread and beside it."""
    room = MailRoom()
    robot = "robot@example.com"
    room.deliver(mail("Delete my data, ticket 1", sender=robot), asks=("erasure",))
    answered = 0
    for _ in range(40):
        for case_id in list(room.table.cases):
            case = room.cases.get(case_id)
            if case.status is Status.RECEIVED:
                room.send_verification(case, f"wait-{case_id}")
        sent = [printed for printed in room.press.printed if printed.to == robot]
        if len(sent) == answered:
            break
        answered = len(sent)
        case = room.only_case()
        room.deliver(mail("We have got your mail 1111-2222", sender=robot), recipients=(room.reply_to(case),))
        room.deliver(mail("Delete my data, ticket 2", sender=robot), asks=("erasure",))
        room.clock.now += timedelta(minutes=1)
    assert 1 <= answered <= 3  # the code, and two that its own is none
    assert len(room.table.cases) == 1


# What comes back


def test_a72_a_letter_that_came_back_is_marked_and_becomes_a_task() -> None:
    room = MailRoom()
    case = room.to_be_carried_out()
    assert case.reply_token
    room.extend(case)
    letters = {record.letter: record for record in room.cases.letters(case.request_id)}
    returned = Returned(
        permanent=True,
        failed=True,
        message_ids=(letter_id(case.reply_token, "extended", letters["extended"].version, "shop.example"),),
    )
    item = room.deliver(
        mail("It could not be delivered", sender="mailer-daemon@example.com", returned=returned),
        automatic=("empty_envelope_sender", "report"),
        sender="",
    )
    assert (item.status, item.attached_to) == (MailStatus.KEPT, case.reference)
    now = {record.letter: record for record in room.cases.letters(case.request_id)}
    assert now["extended"].state is DeliveryState.BOUNCED
    assert room.now(case).undelivered == ("extended",)


def test_a_notice_of_another_mail_changes_nothing() -> None:
    room = MailRoom()
    returned = Returned(permanent=True, failed=True, message_ids=("<x@shop.example>", "<y@elsewhere.example>"))
    item = room.deliver(mail(sender="mailer-daemon@example.com", returned=returned), automatic=("report",))
    assert item.status is MailStatus.KEPT


# What lies where


def test_a71_attachments_lie_under_names_that_nobody_guesses() -> None:
    room = MailRoom()
    files = tuple(Attachment(name="../../x.exe", media_type="text/html", content=bytes([n])) for n in range(3))
    item = room.deliver(mail(files=files))
    content = room.files.content(item.mail_id)
    keys = [each.key for each in content.files]
    assert len(set(keys)) == 3
    assert all(key.startswith("quarantine/") and len(key) == 43 for key in keys)
    assert item.files == 3


def test_what_a_mail_says_stands_in_no_event() -> None:
    room = MailRoom()
    item = room.deliver(mail("My secret wish", subject="Secret", name="Jane Secret"))
    told = "".join(event.model_dump_json() for event in room.mail_store.events[item.mail_id])
    assert "ecret" not in told
    assert JANE not in told
    assert JANE not in item.model_dump_json()


def test_a04_several_senders_are_for_staff() -> None:
    room = MailRoom()
    both = IncomingMail(
        senders=(MailAddress(address=JANE), MailAddress(address="tom@example.com")),
        text="My data",
        new_text="My data",
        flags=frozenset({MailFlag.SEVERAL_SENDERS}),
    )
    item = room.deliver(both, asks=("access",))
    assert (item.status, item.held_for) == (MailStatus.TRIAGE, ("no_single_sender",))
