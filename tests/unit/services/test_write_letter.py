"""A letter is sent once, in the reader's language, to the address that was typed (abuse cases 1, 80)."""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.errors import MailRejectedError, MerchantFileError, ServiceUnavailableError
from rightsdesk.domain.letters import Letter, OutgoingMail, letter_sha256
from rightsdesk.domain.request import Door, Language, PrivacyRequest
from rightsdesk.ports.letters import CLAIM_LASTS
from rightsdesk.services.write_letter import LetterDesk
from tests.support.desk import JANE, Desk
from tests.support.fakes import How, PlainPress, ProcessDiedError


def a_case(**changes: str) -> tuple[Desk, PrivacyRequest]:
    desk = Desk()
    return desk, desk.submit(**changes)


def test_a80_each_letter_recipient_and_version_is_sent_once() -> None:
    desk, case = a_case()
    assert desk.letters.to_subject(case, Letter.CLOSED, {}) is True
    assert desk.letters.to_subject(case, Letter.CLOSED, {}) is False
    assert desk.letters.to_subject(case, Letter.CLOSED, {}, version=2) is True
    assert desk.letters.to_subject(case, Letter.WITHDRAWN, {}) is True
    assert desk.letters.to_staff(case, Letter.CLOSED, {}) is True
    assert desk.mails() == ["closed", "closed", "withdrawn", "closed"]


def test_a80_of_many_at_once_one_sends() -> None:
    desk, case = a_case()
    start, results = threading.Barrier(20), []

    def send() -> None:
        start.wait()
        try:
            results.append(str(desk.letters.to_subject(case, Letter.CLOSED, {})))
        except ServiceUnavailableError:
            results.append("being sent")

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(results)["True"] == 1
    assert desk.mails() == ["closed"]


def test_the_reader_is_written_to_in_their_language_and_at_the_address_they_typed() -> None:
    desk, case = a_case(language="ja", email="Jane@Bücher.example")
    desk.letters.to_subject(case, Letter.CLOSED, {"a": 1})
    press = desk.press
    assert isinstance(press, PlainPress)
    printed = press.printed[-1]
    assert (printed.language, printed.to, printed.values) == ("ja", "Jane@xn--bcher-kva.example", {"a": 1})


@pytest.mark.parametrize("how", [How.UNAVAILABLE, How.ANSWER_LOST])
def test_a_letter_that_was_not_sent_may_be_sent_again_at_once(how: How) -> None:
    desk, case = a_case()
    desk.faults.fail(len(desk.faults.calls) + 1, how)  # claim, and then
    with pytest.raises(ServiceUnavailableError):
        desk.letters.to_subject(case, Letter.CLOSED, {})
    assert desk.letters.to_subject(case, Letter.CLOSED, {}) is True


def test_a_mailbox_that_takes_no_mail_may_be_tried_again() -> None:
    desk, case = a_case()
    desk.mailer.rejects.add(JANE)
    with pytest.raises(MailRejectedError):
        desk.letters.to_subject(case, Letter.CLOSED, {})
    (record,) = desk.cases.letters(case.request_id)
    assert (record.state.value, record.sent_at) == ("failed", None)  # for staff to see
    desk.mailer.rejects.clear()
    assert desk.letters.to_subject(case, Letter.CLOSED, {}) is True
    (record,) = desk.cases.letters(case.request_id)
    assert (record.state.value, record.sent_at) == ("sent", desk.clock())


def test_a_mail_carries_the_ids_of_its_letter_and_nothing_of_the_person() -> None:
    desk, case = a_case(name="Jane Canary")
    desk.letters.to_subject(case, Letter.CLOSED, {}, version=3)
    desk.letters.to_staff(case, Letter.STAFF_RELEASE, {}, to="anna@shop.example")
    to_jane, to_anna = (mail.tags for mail in desk.mailer.outbox)
    assert to_jane == {
        "request": case.request_id,
        "letter": "closed",
        "recipient": case.subject_key,
        "version": "3",
    }
    for tags in (to_jane, to_anna):
        assert all(re.fullmatch("[A-Za-z0-9_-]{1,256}", text) for pair in tags.items() for text in pair)
        assert not re.search("jane|canary|anna", str(tags), re.IGNORECASE)


def test_a_letter_is_on_record_by_a_digest_whose_salt_is_in_the_mail_alone() -> None:
    desk, case = a_case(name="Jane Canary")
    desk.letters.to_subject(case, Letter.CLOSED, {})
    desk.letters.to_subject(case, Letter.CLOSED, {}, version=2)
    salts = [mail.salt or "" for mail in desk.mailer.outbox]
    assert all(re.fullmatch("[0-9a-f]{32}", salt) for salt in salts)
    assert salts[0] != salts[1]
    records = desk.cases.letters(case.request_id)
    assert [record.sha256 for record in records] == [
        letter_sha256(salt, mail.subject, mail.text) for salt, mail in zip(salts, desk.mailer.outbox, strict=True)
    ]
    assert not [salt for salt in salts if salt in repr(vars(desk.table))]


def test_a_salt_can_be_given_as_other_randomness_is() -> None:
    desk, case = a_case()
    letters = LetterDesk(
        cases=desk.cases, press=desk.press, mailer=desk.mailer, clock=desk.clock, salt=lambda: "0f" * 16
    )
    letters.to_subject(case, Letter.CLOSED, {})
    assert desk.mailer.outbox[-1].salt == "0f" * 16


def test_a_template_that_is_wrong_keeps_no_claim() -> None:
    class BrokenPress:
        def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
            raise MerchantFileError("closed.txt")

    desk = Desk(press=BrokenPress())
    case = desk.submit()
    with pytest.raises(MerchantFileError):
        desk.letters.to_subject(case, Letter.CLOSED, {})
    assert desk.table.letters == {}


def test_the_claim_of_a_process_that_died_ends_by_itself() -> None:
    desk, case = a_case()
    desk.faults.fail(len(desk.faults.calls) + 1, How.DIES_BEFORE)
    with pytest.raises(ProcessDiedError):
        desk.letters.to_subject(case, Letter.CLOSED, {})
    desk.clock.advance(CLAIM_LASTS - timedelta(seconds=1))
    with pytest.raises(ServiceUnavailableError):  # it may still be at it
        desk.letters.to_subject(case, Letter.CLOSED, {})
    desk.clock.advance(timedelta(seconds=1))
    assert desk.letters.to_subject(case, Letter.CLOSED, {}) is True


def test_a_letter_that_is_out_is_out_although_it_could_not_be_noted() -> None:
    desk, case = a_case()
    desk.faults.fail(len(desk.faults.calls) + 2, How.UNAVAILABLE)
    assert desk.letters.to_subject(case, Letter.CLOSED, {}) is True
    assert desk.mails() == ["closed"]


def test_what_it_says_may_be_made_by_the_one_who_sends_it_alone() -> None:
    desk, case = a_case()
    made = []

    def values() -> dict[str, int]:
        made.append(1)
        return {"number": len(made)}

    assert desk.letters.to_subject(case, Letter.CLOSED, values)
    assert not desk.letters.to_subject(case, Letter.CLOSED, values)
    assert made == [1]


def test_where_there_is_nothing_to_say_nothing_is_sent_and_nothing_claimed() -> None:
    desk, case = a_case()
    assert desk.letters.to_subject(case, Letter.CLOSED, lambda: None) is False
    assert desk.mails() == []
    assert desk.table.letters == {}


TOKEN = "102m628t5cy4gmabcdefghjkmnpqrs"
REPLIES = {Letter.VERIFICATION_CODE, Letter.CONFIRMED, Letter.CODE_REFUSED}


def test_a_letter_to_the_person_carries_the_thread_of_the_case_and_one_to_staff_never() -> None:
    desk, case = a_case()
    before_there_was_mail = case.model_copy(update={"reply_token": None})
    desk.letters.to_subject(before_there_was_mail, Letter.CLOSED, {})
    desk.letters.to_subject(case.model_copy(update={"reply_token": TOKEN}), Letter.CLOSED, {}, version=2)
    desk.letters.to_staff(case, Letter.STAFF_RELEASE, {})
    desk.letters.to_staff(case, Letter.STAFF_RELEASE, {}, to="anna@shop.example")
    assert [mail.thread for mail in desk.mailer.outbox] == [None, TOKEN, None, None]
    assert not any(mail.may_be_answered for mail in desk.mailer.outbox)


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize("letter", [*sorted(REPLIES), Letter.ACCESS_CODE, Letter.EXTENDED, Letter.MAIL_QUESTION])
def test_a_letter_says_whether_it_answers_a_mail_by_itself(door: Door, letter: Letter) -> None:
    desk, case = a_case()
    desk.letters.to_subject(case.model_copy(update={"door": door}), letter, {})
    answers = door is Door.EMAIL and letter in REPLIES
    assert desk.mailer.outbox[-1].auto == ("auto-replied" if answers else "auto-generated")


def test_the_sender_of_a_mail_is_asked_once_in_their_language_and_at_their_address() -> None:
    desk = Desk()
    how: dict[str, Any] = {"to": "Hana@Bücher.example", "recipient_key": "h" * 64, "language": "ja"}
    assert desk.letters.to_sender("m" * 32, Letter.MAIL_QUESTION, {"a": 1}, **how) is True
    assert desk.letters.to_sender("m" * 32, Letter.MAIL_QUESTION, {"a": 1}, **how) is False
    assert desk.letters.to_sender("m" * 32, Letter.MAIL_QUESTION, {"a": 1}, version=2, **how) is True
    assert desk.letters.to_sender("n" * 32, Letter.MAIL_QUESTION, {"a": 1}, **how) is True
    press = desk.press
    assert isinstance(press, PlainPress)
    printed = press.printed[-1]
    assert (printed.language, printed.to, printed.values) == ("ja", "Hana@xn--bcher-kva.example", {"a": 1})
    mail = desk.mailer.outbox[0]
    assert (mail.thread, mail.may_be_answered, mail.auto) == (None, True, "auto-generated")
    assert mail.tags == {"request": "m" * 32, "letter": "mail_question", "recipient": "h" * 64, "version": "1"}
    (first, second) = desk.cases.letters("m" * 32)
    assert {first.state.value, second.state.value} == {"sent"}


def test_staff_are_told_of_a_mail_once() -> None:
    desk = Desk()
    assert desk.letters.to_staff_about_mail("m" * 32, Letter.STAFF_MAIL, {}) is True
    assert desk.letters.to_staff_about_mail("m" * 32, Letter.STAFF_MAIL, {}) is False
    assert desk.letters.to_staff_about_mail("m" * 32, Letter.STAFF_MAIL_WAITING, {}, version=7) is True
    press = desk.press
    assert isinstance(press, PlainPress)
    assert press.printed[0].to == desk.mailer.outbox[0].to
    assert [(mail.thread, mail.may_be_answered) for mail in desk.mailer.outbox] == [(None, False), (None, False)]
    assert {record.recipient_key for record in desk.cases.letters("m" * 32)} == {"staff"}
