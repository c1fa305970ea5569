"""Codes: how they are mailed, and how they are taken (abuse cases 1, 18, 20, 22, 23, 27-29, 38, 52)."""

import threading
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from rightsdesk.domain.errors import ConflictError, InvalidInputError, NotAuthenticatedError, NotFoundError
from rightsdesk.domain.identity import Assurance, CodePurpose
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.session import seal_session
from tests.support.desk import HANDLER, JANE, Desk
from tests.support.fakes import How

MINUTE = timedelta(minutes=1)
UNKNOWN_REFERENCE = "RD-28T5-CY4G-M"


def waiting(**changes: str) -> tuple[Desk, PrivacyRequest]:
    """A request whose code is in the mailbox."""
    desk = Desk()
    case = desk.submit(**changes)
    desk.send_verification(case)
    return desk, desk.now(case)


def wrong(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def refusal(desk: Desk, reference: str, code: str) -> str:
    """What the door is told: that must be the same for whatever is wrong."""
    with pytest.raises(InvalidInputError) as refused:
        desk.code_desk.verify_request(reference, code)
    (problem,) = refused.value.problems
    return f"{refused.value} {problem.field} {problem.reason}"


# Taking a code


def test_a_right_code_verifies_the_mailbox_and_lets_the_workflow_go_on() -> None:
    desk, case = waiting()
    verified = desk.verify(case)
    now = desk.now(case)
    assert (verified.status, verified.due_on) == (Status.VERIFIED, case.due.due_on)
    assert (now.assurance, now.identifiers) == (Assurance.MAILBOX, {"email": (JANE,)})
    assert desk.workflow.answers == {"verification-1": {}}
    assert desk.history(case)[-1] == "mailbox_confirmed"


def test_a20_wrong_expired_used_locked_and_unknown_are_one_answer() -> None:
    answers = set()
    desk, case = waiting()
    code = desk.code()
    answers.add(refusal(desk, case.reference, wrong(code)))
    answers.add(refusal(desk, case.reference, ""))
    answers.add(refusal(desk, case.reference, "x" * 10_000))
    answers.add(refusal(desk, UNKNOWN_REFERENCE, code))
    answers.add(refusal(desk, "not a reference", code))
    desk.clock.advance(10 * MINUTE)
    answers.add(refusal(desk, case.reference, code))  # expired
    desk, case = waiting()
    desk.verify(case)
    answers.add(refusal(desk, case.reference, desk.code()))  # used
    desk, case = waiting()
    for _ in range(5):
        answers.add(refusal(desk, case.reference, wrong(desk.code())))
    answers.add(refusal(desk, case.reference, desk.code()))  # right, and locked
    desk, case = waiting()
    desk.withdraw(case)
    answers.add(refusal(desk, case.reference, desk.code()))  # closed
    assert len(answers) == 1


def test_a18_a_guessed_reference_costs_what_a_wrong_code_costs() -> None:
    def calls(reference: str) -> Counter[str]:
        desk, case = waiting()
        before = len(desk.faults.calls)
        refusal(desk, reference or case.reference, wrong(desk.code()))
        return Counter(desk.faults.calls[before:])

    assert calls("") == calls(UNKNOWN_REFERENCE)


def test_a_code_lives_ten_minutes() -> None:
    desk, case = waiting()
    desk.clock.advance(10 * MINUTE - timedelta(seconds=1))
    desk.verify(case)


def test_a27_of_fifty_right_codes_at_once_exactly_one_counts() -> None:
    desk, case = waiting()
    code = desk.code()
    start, results = threading.Barrier(50), []

    def post() -> None:
        start.wait()
        try:
            desk.verify(case, code)
            results.append("in")
        except (InvalidInputError, ConflictError):
            results.append("out")

    threads = [threading.Thread(target=post) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(results) == {"in": 1, "out": 49}
    assert desk.history(case).count("mailbox_confirmed") == 1


def test_a27_five_wrong_codes_at_once_count_five() -> None:
    desk, case = waiting()
    start = threading.Barrier(5)

    def post() -> None:
        start.wait()
        refusal(desk, case.reference, wrong(desk.code()))

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.table.codes[case.request_id]["code_tries"] == 5
    refusal(desk, case.reference, desk.code())  # the right one comes too late


def test_a28_a_code_is_for_its_own_request_alone() -> None:
    desk, case = waiting()
    other = desk.submit(email="tom@example.net")
    desk.send_verification(other, "verification-2")
    codes = {mail.to: mail.text for mail in desk.mailer.outbox}
    refusal(desk, case.reference, codes["tom@example.net"])
    refusal(desk, other.reference, codes[JANE])
    desk.verify(case, codes[JANE])


def test_a28_a_code_is_for_its_own_purpose_alone() -> None:
    desk, case = waiting()
    desk.verify(case)
    desk.ask_code(case)
    refusal(desk, case.reference, desk.code())  # an access code verifies nothing
    desk.code_desk.open_session(case.reference, desk.code())  # and is not used up by that


def test_a28_a_new_code_ends_the_one_before() -> None:
    desk, case = waiting()
    first = desk.code()
    desk.clock.advance(10 * MINUTE - timedelta(seconds=1))
    desk.ask_code(case)  # too soon for a mailbox that proved nothing
    assert desk.code() == first
    desk.clock.advance(timedelta(seconds=1))
    desk.ask_code(case)
    assert desk.code() != first
    refusal(desk, case.reference, first)
    desk.verify(case)


def test_a29_after_ten_tries_a_day_the_request_is_locked_and_its_owner_hears_of_it_once() -> None:
    desk, case = waiting()
    for _ in range(2):
        for _ in range(5):
            refusal(desk, case.reference, wrong(desk.code()))
        desk.clock.advance(10 * MINUTE)
        desk.ask_code(case)
    assert desk.mails().count("locked") == 1
    refusal(desk, case.reference, desk.code())  # a new code does not reset the day's count
    refusal(desk, case.reference, wrong(desk.code()))
    assert desk.mails().count("locked") == 1
    desk.clock.advance(timedelta(days=1))
    desk.ask_code(case)
    desk.verify(case)  # and the next day it is open again


def test_a29_who_is_locked_out_can_make_a_new_request() -> None:
    desk, case = waiting()
    for _ in range(5):
        refusal(desk, case.reference, wrong(desk.code()))
    desk.clock.advance(10 * MINUTE)
    again = desk.submit()
    desk.send_verification(again, "verification-2")
    desk.verify(again)
    assert desk.now(again).status is Status.VERIFIED


def test_a29_a_mailbox_that_was_never_told_of_a_request_is_not_told_of_a_lock() -> None:
    desk, _ = waiting()
    silent = desk.submit()
    desk.send_verification(silent, "verification-2")
    assert not desk.now(silent).code_mailed
    for _ in range(20):
        refusal(desk, silent.reference, "12345678")
    assert desk.mails() == ["verification_code"]


def test_an_old_first_code_does_not_set_back_a_case_that_has_gone_on() -> None:
    """It was asked for just before the mailbox was confirmed with the one before."""
    desk, case = waiting()
    desk.verify(case)
    desk.clock.advance(2 * MINUTE)
    desk.sender.send(case, CodePurpose.VERIFICATION)  # a door that read the case before it was verified
    desk.decide(case)
    before = desk.now(case)
    assert desk.verify(case).status is Status.COLLECTING
    assert desk.now(case) == before


def test_a_member_of_staff_who_changes_the_case_meanwhile_costs_the_person_nothing() -> None:
    desk, case = waiting()
    desk.faults.before("cases.save", lambda: desk.staff.assign(HANDLER, case.reference, "sub-1"))
    desk.verify(case)
    assert desk.history(case)[-2:] == ["assigned", "mailbox_confirmed"]


# Sessions


def test_the_first_code_verifies_and_opens_a_session_in_one() -> None:
    desk, case = waiting()
    sealed = desk.code_desk.open_session(case.reference, desk.code())
    assert desk.now(case).status is Status.VERIFIED
    assert desk.code_desk.authenticate(sealed.token, case.reference).request_id == case.request_id


def test_a22_a52_a_session_opens_its_own_request_and_no_other() -> None:
    desk, case = waiting()
    other = desk.submit(email="tom@example.net")
    sealed = desk.code_desk.open_session(case.reference, desk.code())
    answers = set()
    for reference in (other.reference, UNKNOWN_REFERENCE, "nonsense", ""):
        with pytest.raises(NotFoundError) as refused:
            desk.code_desk.authenticate(sealed.token, reference)
        answers.add(str(refused.value))
    foreign = seal_session(desk.keys.key("session"), "f" * 32, now=desk.clock())  # of a request that is gone
    with pytest.raises(NotFoundError) as refused:
        desk.code_desk.authenticate(foreign.token, case.reference)
    assert {*answers, str(refused.value)} == {"no such request"}


def test_a32_a_session_ends_after_15_minutes() -> None:
    desk, case = waiting()
    sealed = desk.code_desk.open_session(case.reference, desk.code())
    desk.clock.advance(15 * MINUTE)
    with pytest.raises(NotAuthenticatedError):
        desk.code_desk.authenticate(sealed.token, case.reference)


def test_a_closed_request_can_still_be_looked_at() -> None:
    desk, case = waiting()
    desk.verify(case)
    desk.withdraw(case)
    desk.ask_code(case)
    desk.code_desk.open_session(case.reference, desk.code())
    assert desk.now(case).status is Status.CLOSED


# Mailing a code


def test_a01_a_code_goes_to_the_typed_address_and_to_no_other() -> None:
    for typed in ("Jane@EXAMPLE.com", "jane+tag@example.com", "j\u0430ne@example.com", "jane@bücher.example"):
        desk, case = waiting(email=typed)
        (mail,) = desk.mailer.outbox
        local, _, domain = mail.to.partition("@")
        assert local == typed.partition("@")[0]
        assert domain.isascii()
        assert desk.now(case).email_as_typed == typed


def test_a23_asking_for_a_code_says_nothing() -> None:
    desk, case = waiting()
    for _ in range(3):
        desk.ask_code(case)  # too soon
    desk.ask_code(UNKNOWN_REFERENCE)
    desk.ask_code("nonsense")
    assert desk.mails() == ["verification_code"]


def test_a23_a_mailbox_that_takes_no_mail_is_not_told_from_one_that_does() -> None:
    desk = Desk()
    desk.mailer.rejects.add(JANE)
    case = desk.submit()
    desk.send_verification(case)
    desk.clock.advance(10 * MINUTE)
    desk.ask_code(case)
    assert desk.now(case).status is Status.AWAITING_VERIFICATION
    assert desk.mails() == []


def test_a38_a_flood_of_requests_for_one_address_is_three_mails_a_day() -> None:
    desk = Desk()
    cases = [desk.submit() for _ in range(200)]
    for number, case in enumerate(cases):
        desk.send_verification(case, f"verification-{number}")
        desk.ask_code(case)
        desk.clock.advance(timedelta(seconds=30))
    assert desk.mails() == ["verification_code"] * 3  # in 100 minutes
    moments = sorted(at for sent in desk.budget.sent.values() for at in sent.values())
    assert all(later - earlier >= 10 * MINUTE for earlier, later in pairwise(moments))
    assert {desk.now(case).status for case in cases} == {Status.AWAITING_VERIFICATION}
    assert sum(desk.now(case).code_mailed for case in cases) <= 3
    desk.clock.advance(timedelta(days=1))
    desk.ask_code(cases[-1])
    assert len(desk.mails()) == 4


def test_a38_another_address_has_its_own_budget() -> None:
    desk, _ = waiting()
    case = desk.submit(email="tom@example.net")
    desk.send_verification(case, "verification-2")
    assert [mail.to for mail in desk.mailer.outbox] == [JANE, "tom@example.net"]


def test_a38_one_who_is_verified_gets_ten_codes_a_day_and_one_a_minute() -> None:
    desk, case = waiting()
    desk.verify(case)
    desk.ask_code(case)  # at once: the first was used
    for _ in range(3):
        desk.ask_code(case)
    assert desk.mails() == ["verification_code", "access_code"]
    for _ in range(30):
        desk.clock.advance(MINUTE)
        desk.ask_code(case)
    assert len(desk.mails()) == 10


def test_a_closed_request_that_was_never_verified_gets_no_code() -> None:
    desk, case = waiting()
    desk.withdraw(case)
    desk.clock.advance(timedelta(days=1))
    desk.ask_code(case)
    assert desk.mails() == ["verification_code"]


# The task


def test_started_again_after_it_was_verified_the_task_passes() -> None:
    desk, case = waiting()
    desk.verify(case)
    desk.send_verification(case, "verification-2")
    assert desk.workflow.answers["verification-2"] == {}
    assert desk.mails() == ["verification_code"]


def test_started_again_before_it_was_verified_the_newest_execution_is_told() -> None:
    desk, case = waiting()
    desk.send_verification(case, "verification-2")
    desk.verify(case)
    assert "verification-2" in desk.workflow.answers
    assert desk.mails() == ["verification_code"]


def test_a43_delivered_twice_the_task_leaves_the_code_alone_that_is_in_the_mailbox() -> None:
    desk, case = waiting()
    desk.clock.advance(2 * MINUTE)
    desk.send_verification(case)
    assert desk.mails() == ["verification_code"]
    desk.verify(case)


def test_a_code_that_could_not_be_mailed_is_mailed_by_the_next_try() -> None:
    desk = Desk()
    case = desk.submit()
    position = len(desk.faults.calls) + [*_calls_of_the_task()].index("mailer.send")
    desk.faults.fail(position, How.UNAVAILABLE)
    with pytest.raises(Exception, match=r"mailer\.send"):
        desk.send_verification(case)
    desk.send_verification(case)
    assert desk.mails() == ["verification_code"]
    desk.verify(case)  # and it is the live one


def _calls_of_the_task() -> list[str]:
    desk = Desk()
    case = desk.submit()
    before = len(desk.faults.calls)
    desk.send_verification(case)
    return desk.faults.calls[before:]
