"""A letter is sent once, in the reader's language, to the address that was typed (abuse cases 1, 80)."""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.errors import MailRejectedError, MerchantFileError, ServiceUnavailableError
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.request import Language, PrivacyRequest
from rightsdesk.ports import CLAIM_LASTS
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
