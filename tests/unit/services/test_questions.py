"""Questions to the person: they stop the clock, an answer starts it again, and the month never (abuse case 76)."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from rightsdesk.domain.clock import Question, QuestionKind
from rightsdesk.domain.errors import (
    CaseClosedError,
    ConflictError,
    InvalidInputError,
    MailRejectedError,
    NotAllowedError,
    NothingAskedError,
    QuestionOpenError,
    ServiceUnavailableError,
    VersionMovedOnError,
)
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import SUBJECT, PrivacyRequest, Treatment
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.law.case_dates import clock_state
from rightsdesk.law.rules import RULES
from rightsdesk.ports.letters import CLAIM_LASTS
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, Desk
from tests.support.fakes import How, PlainPress, ProcessDiedError

DUE = date(2026, 10, 5)  # received on 3 September 2026 from Ireland; 3 October is a Saturday
CLARIFICATION, IDENTITY = QuestionKind.CLARIFICATION, QuestionKind.IDENTITY


def collecting(**changes: object) -> tuple[Desk, PrivacyRequest]:
    desk = Desk()
    return desk, desk.collecting(**changes)


def asked(text: str = "Which orders do you mean?") -> tuple[Desk, PrivacyRequest]:
    desk, case = collecting()
    return desk, desk.ask(case, text)


def in_doubt(**changes: object) -> tuple[Desk, PrivacyRequest]:
    """The mailbox of the account was changed lately; an order number and its postcode are asked for."""
    desk = Desk()
    desk.add_account(JANE, JANES_MEMBER_ID, mailbox_changed_at=desk.clock() - timedelta(days=2))
    case = desk.verified(**changes)
    desk.decide(case, "decision-0")
    return desk, desk.now(case)


def state(desk: Desk, case: PrivacyRequest) -> str:
    return clock_state(desk.now(case), merchant=desk.merchant, now=desk.clock())


def questions(desk: Desk) -> int:
    return sum(name in {"identity_question", "clarification_question"} for name in desk.mails())


# Asking


@pytest.mark.parametrize(
    ("kind", "letter"), [(CLARIFICATION, "clarification_question"), (IDENTITY, "identity_question")]
)
def test_a_question_is_mailed_and_the_clock_stands_still(kind: QuestionKind, letter: str) -> None:
    desk, case = collecting()
    assert state(desk, case) == "running"
    text = "In which month did you open your account?"
    now = desk.ask(case, f" {text} ", kind=kind)
    assert now == desk.now(case)
    assert now.questions == (Question(kind=kind, asked_at=desk.clock(), text=text),)
    assert desk.mails()[-1] == letter
    assert state(desk, case) == "suspended"
    assert now.due.due_on == now.due.conservative_due_on == DUE  # the answer moves it, not the question
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("question_asked", HANDLER.actor)
    rules = list(dict.fromkeys([*["GDPR-12-6"][: kind == "identity"], *now.due.rules]))
    assert "EDPB-159" in rules
    assert event.details == {
        "kind": str(kind),
        "asked_at": desk.clock().isoformat(),
        "to": DUE.isoformat(),
        "rules": rules,
        "rule_versions": [RULES[rule].version for rule in rules],
        "laws": ["gdpr", "appi"],
        "country": "IE",
        "types": ["access", "portability"],
    }


def test_the_letter_says_what_is_asked_and_by_when_it_is_answered() -> None:
    desk, case = asked()
    assert isinstance(desk.press, PlainPress)
    printed = desk.press.printed[-1]
    assert printed.to == JANE
    assert printed.values["question"] == "Which orders do you mean?"
    assert printed.values["suspends"] is True
    assert printed.values["asked_on"] == date(2026, 9, 3)
    assert printed.values["due_on"] == DUE
    assert printed.values["conservative_due_on"] is None  # the same day is not told twice
    assert case.reference in printed.values["link"]


def test_the_letter_is_out_before_the_question_is_on_record() -> None:
    desk, case = collecting()
    start = len(desk.faults.calls)
    desk.ask(case)
    calls = desk.faults.calls[start:]
    assert calls.index("mailer.send") < calls.index("cases.letter_sent") < calls.index("cases.save")


def test_one_question_at_a_time() -> None:
    desk, case = asked()
    with pytest.raises(QuestionOpenError):
        desk.ask(case, "And which letters?")
    desk.answer_question(case)
    desk.ask(desk.now(case), "And which letters?")
    assert len(desk.now(case).questions) == 2
    assert questions(desk) == 2


def test_the_same_may_be_asked_again_after_an_answer_that_says_nothing() -> None:
    desk, case = asked()
    desk.answer_question(case, "Yes.")
    desk.ask(desk.now(case), "Which orders do you mean?")
    assert questions(desk) == 2


def test_a05_nobody_is_asked_for_a_passport() -> None:
    desk, case = collecting()
    with pytest.raises(InvalidInputError) as error:
        desk.ask(case, "Please send a copy of your passport.", kind=IDENTITY)
    assert [(problem.field, problem.reason) for problem in error.value.problems] == [("text", "identity_document")]
    assert questions(desk) == 0
    assert desk.now(case) == case


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_it_takes_somebody_who_works_on_cases(role: Role) -> None:
    desk, case = collecting()
    with pytest.raises(NotAllowedError):
        desk.ask(case, staff=StaffMember(user_id="sub-other", roles=frozenset({role})))
    assert questions(desk) == 0


def test_a79_a_case_that_has_changed_since_is_not_asked_about() -> None:
    desk, case = collecting()
    with pytest.raises(VersionMovedOnError):
        desk.ask(case, version=case.version - 1)
    assert questions(desk) == 0


def test_only_a_verified_person_with_an_open_case_is_asked() -> None:
    desk = Desk()
    with pytest.raises(ConflictError):
        desk.ask(desk.submit())
    desk, case = collecting()
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        desk.ask(desk.now(case))
    desk = Desk()
    with pytest.raises(ConflictError):
        desk.ask(desk.answered(Treatment.WITHHOLD))
    assert questions(desk) == 0


def test_who_could_not_be_asked_was_not_asked() -> None:
    desk, case = collecting()
    desk.mailer.rejects.add(JANE)
    with pytest.raises(MailRejectedError):
        desk.ask(case)
    assert desk.now(case) == case


def test_two_at_once_ask_one_question() -> None:
    desk, case = collecting()
    desk.faults.before("cases.save", lambda: desk.ask(case, staff=APPROVER))
    with pytest.raises(QuestionOpenError):
        desk.ask(case)
    assert questions(desk) == 1
    assert len(desk.now(case).questions) == 1


def test_a_step_of_the_workflow_meanwhile_does_not_undo_what_was_asked() -> None:
    desk = Desk()
    case = desk.collected()

    def built() -> None:
        desk.build(case)
        desk.ask_release(case)

    desk.faults.before("mailer.send", built)
    now = desk.ask(case)
    assert now.status is Status.AWAITING_REVIEW
    assert now.open_question is not None


# Answering


def test_a76_ten_days_of_waiting_are_added_and_the_month_goes_on() -> None:
    desk, case = asked()
    desk.clock.advance(timedelta(days=10))
    desk.answer_question(case, " The orders of 2024. ")
    now = desk.now(case)
    question = now.questions[0]
    assert (question.answered_at, question.answer) == (desk.clock(), "The orders of 2024.")
    assert now.due.suspended_days == 10
    assert now.due.due_on == date(2026, 10, 13)  # 3 October and ten days; never a month from the answer
    assert now.due.conservative_due_on == now.due.refusal_notice_due_on == DUE
    assert now.due.target_on == case.due.target_on
    assert state(desk, case) == "running"
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("question_answered", SUBJECT)
    assert event.details == {
        "kind": "clarification",
        "suspended_days": 10,
        "to": "2026-10-13",
        "rules": list(now.due.rules),
        "rule_versions": [RULES[rule].version for rule in now.due.rules],
        "laws": ["gdpr", "appi"],
        "country": "IE",
        "types": ["access", "portability"],
    }
    assert "EDPB-159" in now.due.rules


def test_a76_a_question_that_came_too_late_adds_nothing() -> None:
    desk, case = collecting()
    desk.clock.advance(timedelta(days=6))  # Wednesday: three working days after receipt was Tuesday
    desk.ask(case)
    assert state(desk, case) == "running"
    assert isinstance(desk.press, PlainPress)
    assert desk.press.printed[-1].values["suspends"] is False  # and nobody is told that it were otherwise
    desk.clock.advance(timedelta(days=10))
    desk.answer_question(case)
    assert desk.now(case).due.suspended_days == 0
    assert desk.now(case).due.due_on == DUE


def test_a76_under_the_appi_no_question_stops_the_clock() -> None:
    desk, case = collecting(country="JP", language="ja")
    desk.ask(case)
    assert state(desk, case) == "running"
    desk.clock.advance(timedelta(days=5))
    desk.answer_question(case)
    assert desk.now(case).due == case.due


def test_staff_are_told_that_an_answer_came_and_not_what_it_says() -> None:
    desk, case = asked()
    desk.clock.advance(timedelta(days=10))
    desk.answer_question(case, "My sister ordered them.")
    assert isinstance(desk.press, PlainPress)
    printed = desk.press.printed[-1]
    assert (str(printed.letter), printed.to) == ("staff_answered", "privacy-desk@shop.example")
    assert printed.values["question"] == "Which orders do you mean?"
    assert printed.values["answered_on"] == date(2026, 9, 13)
    assert printed.values["due_on"] == date(2026, 10, 13)
    assert "sister" not in str(printed.values)
    assert not any("sister" in str(event.details) for event in desk.table.events[case.request_id])


def test_an_answer_stands_also_where_the_mailbox_of_staff_takes_no_mail() -> None:
    desk, case = asked()
    desk.mailer.rejects.add("privacy-desk@shop.example")
    desk.answer_question(case)
    assert desk.now(case).open_question is None


def test_an_answer_is_given_once() -> None:
    desk, case = asked()
    desk.answer_question(case, "The orders of 2024.")
    now = desk.now(case)
    desk.answer_question(case, "The orders of 2024.")  # sent twice
    with pytest.raises(NothingAskedError):
        desk.answer_question(case, "No: those of 2025.")
    assert desk.now(case) == now
    assert desk.mails().count("staff_answered") == 1


def test_what_nobody_asked_is_not_taken() -> None:
    desk, case = collecting()
    with pytest.raises(NothingAskedError):
        desk.answer_question(case)
    desk, case = in_doubt()
    with pytest.raises(NothingAskedError):  # facts go another way: they are compared, and never kept
        desk.answer_question(case, "K-1, D02 X285")
    assert desk.now(case) == case


def test_an_answer_has_to_say_something() -> None:
    desk, case = asked()
    for text in (" ", "x" * 2001):
        with pytest.raises(InvalidInputError):
            desk.answer_question(case, text)
    assert desk.now(case) == case


def test_a_step_of_the_workflow_meanwhile_does_not_undo_an_answer() -> None:
    desk = Desk()
    case = desk.ask(desk.collected())
    desk.faults.before("cases.save", lambda: desk.build(case))
    desk.answer_question(case)
    assert desk.now(case).open_question is None
    assert desk.now(case).export is not None


def test_extension_and_suspension_go_together() -> None:
    desk, case = asked()
    desk.clock.advance(timedelta(days=10))
    desk.answer_question(case)
    extended = desk.extend(desk.now(case))
    assert extended.due.due_on == date(2026, 12, 14)  # 3 December and ten days, a Sunday
    assert extended.due.suspended_days == 10
    desk, case = asked()
    desk.extend(case)
    desk.clock.advance(timedelta(days=10))
    desk.answer_question(case)
    assert desk.now(case).due == extended.due  # in whatever order


# A question that nobody answers


def test_an_open_question_never_blocks_the_answer() -> None:
    desk = Desk()
    case = desk.ask(desk.awaiting_review())
    desk.release(case)
    desk.answer(case)
    now = desk.now(case)
    assert now.answered_at is not None
    assert now.due.due_on == DUE
    assert now.open_question is None  # nobody waits for it any more
    with pytest.raises(NothingAskedError):
        desk.answer_question(case)
    assert state(desk, case) == "stopped"


def test_an_open_question_ends_with_the_case() -> None:
    desk, case = asked()
    desk.withdraw(case)
    desk.close(case, Outcome.WITHDRAWN)
    assert desk.now(case).open_question is None
    with pytest.raises(CaseClosedError):
        desk.answer_question(case)


def test_a76_who_never_answers_does_not_stop_the_clock_for_ever() -> None:
    desk, case = asked()
    desk.clock.now = case.due.due_at + timedelta(seconds=1)
    assert state(desk, case) == "overdue"


# Our own question, for facts


def test_a76_asking_for_facts_suspends_the_clock_until_they_come() -> None:
    desk, case = in_doubt()
    assert case.questions == (Question(kind=IDENTITY, asked_at=desk.clock()),)
    assert state(desk, case) == "suspended"
    desk.clock.advance(timedelta(days=5))
    desk.enter_evidence(case)
    now = desk.now(case)
    assert (now.open_question, now.questions[0].answered_at) == (None, desk.clock())
    assert now.questions[0].answer is None
    assert (now.due.suspended_days, str(now.due.due_on)) == (5, "2026-10-08")
    assert now.due.conservative_due_on == DUE
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("question_answered", SUBJECT)


@pytest.mark.parametrize(("country", "suspends"), [("IE", True), ("JP", False), ("US", True)])
def test_a76_who_is_asked_for_facts_reads_of_a_suspension_only_where_there_is_one(country: str, suspends: bool) -> None:
    desk, case = in_doubt(country=country)
    assert isinstance(desk.press, PlainPress)
    assert desk.press.printed[-1].values["promised"] is (country == "US")
    assert desk.press.printed[-1].values["suspends"] is suspends
    assert state(desk, case) == ("suspended" if suspends else "running")


def test_the_first_facts_end_it_right_or_wrong() -> None:
    desk, case = in_doubt()
    desk.clock.advance(timedelta(days=2))
    desk.enter_evidence(case, "K-9", "1")
    desk.decide(case, "decision-1")
    desk.clock.advance(timedelta(days=2))
    desk.enter_evidence(case)
    desk.decide(case, "decision-2")
    now = desk.now(case)
    assert now.status is Status.COLLECTING
    assert now.due.suspended_days == 2
    assert Counter(desk.history(case))["question_answered"] == 1


def test_a_mailbox_that_has_settled_meanwhile_ends_it_too() -> None:
    desk, case = in_doubt()
    desk.clock.advance(timedelta(days=28))  # a new execution looks again: 30 days are over
    desk.decide(case, "decision-1")
    now = desk.now(case)
    assert now.status is Status.COLLECTING
    assert now.open_question is None
    assert now.due.suspended_days == 28


# Deaths between two calls


PREPARED: dict[str, Callable[[], tuple[Desk, PrivacyRequest]]] = {
    "ask": collecting,
    "answer": asked,
    "evidence": in_doubt,
}
ACTS: dict[str, Callable[[Desk, PrivacyRequest], object]] = {
    "ask": Desk.ask,
    "answer": Desk.answer_question,
    "evidence": Desk.enter_evidence,
}
LETTERS = {"ask": "clarification_question", "answer": "staff_answered", "evidence": "evidence_needed"}
EVENTS = {"ask": "question_asked", "answer": "question_answered", "evidence": "question_answered"}


def calls_of(act: str) -> list[str]:
    desk, case = PREPARED[act]()
    start = len(desk.faults.calls)
    ACTS[act](desk, case)
    return desk.faults.calls[start:]


@pytest.mark.parametrize("how", How, ids=lambda how: how.value)
@pytest.mark.parametrize("act", ACTS)
def test_a43_a80_what_died_anywhere_ends_alike_when_it_is_tried_again(act: str, how: How) -> None:
    for position, call in enumerate(calls_of(act)):
        desk, case = PREPARED[act]()
        asked_at = desk.clock()
        desk.faults.fail(len(desk.faults.calls) + position, how)
        try:
            ACTS[act](desk, case)
        except (ServiceUnavailableError, ProcessDiedError):
            desk.clock.advance(CLAIM_LASTS + timedelta(seconds=1))
            if act != "ask" or desk.now(case).open_question is None:
                ACTS[act](desk, case)
        where = f"{call} ({position})"
        now = desk.now(case)
        assert Counter(desk.history(case))[EVENTS[act]] == 1, where
        assert (now.open_question is not None) == (act == "ask"), where
        unknown = call in {"mailer.send", "cases.letter_sent"}  # out, and nothing could say so: better twice than never
        sent = desk.mails().count(LETTERS[act])
        assert sent == 1 or (unknown and sent == 2), where
        if call == "cases.save" and act == "ask":
            assert now.questions[0].asked_at == asked_at, where  # when it was asked, and not when it was saved


def test_a_question_that_was_asked_and_not_saved_counts_from_the_day_it_was_asked() -> None:
    desk, case = collecting()
    asked_on = desk.clock()
    desk.faults.fail(len(desk.faults.calls) + calls_of("ask").index("cases.save"), How.DIES_BEFORE)
    with pytest.raises(ProcessDiedError):
        desk.ask(case)
    desk.clock.advance(timedelta(days=9))
    desk.ask(case)
    assert questions(desk) == 1
    desk.clock.advance(timedelta(days=1))
    desk.answer_question(case)
    now = desk.now(case)
    assert now.questions[0].asked_at == asked_on
    assert now.due.suspended_days == 10
