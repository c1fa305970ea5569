"""Two months more: once, told in time, with the reasons of the case, and told before the date moves (abuse case 75)."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rightsdesk.domain.clock import Extension, ExtensionReason
from rightsdesk.domain.errors import (
    AlreadyExtendedError,
    CaseClosedError,
    ConflictError,
    ExtensionTooLateError,
    InvalidInputError,
    MailRejectedError,
    NoExtensionInThisLawError,
    NotAllowedError,
    ServiceUnavailableError,
    VersionMovedOnError,
)
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest, RequestType, Treatment
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.law.rules import RULES
from rightsdesk.ports.letters import CLAIM_LASTS
from tests.support.desk import APPROVER, HANDLER, JANE, Desk
from tests.support.fakes import How, PlainPress, ProcessDiedError

TOKYO = ZoneInfo("Asia/Tokyo")
EXPLANATION = "Your letters of nineteen years lie in four archives on tape."


def reviewed(**changes: object) -> tuple[Desk, PrivacyRequest]:
    """Received on 3 September 2026 from Ireland: due, and an extension told, by 5 October, a Monday."""
    desk = Desk()
    return desk, desk.awaiting_review(**changes)


def another(desk: Desk, **changes: object) -> None:
    """A further request, verified; a mailbox gets a code only once in a while."""
    desk.clock.advance(timedelta(hours=1))
    desk.verified(**changes)


def letters(desk: Desk) -> int:
    return desk.mails().count("extended")


def last_second(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=TOKYO).astimezone(UTC)


def test_the_person_is_told_and_the_date_moves() -> None:
    desk, case = reviewed()
    extended = desk.extend(case)
    now = desk.now(case)
    assert extended == now
    assert now.extension == Extension(reason=ExtensionReason.COMPLEXITY, explanation=EXPLANATION, told_at=desk.clock())
    assert (str(case.due.due_on), str(now.due.due_on)) == ("2026-10-05", "2026-12-03")  # three months from receipt
    assert now.due.extended
    assert now.due.refusal_notice_due_on == case.due.refusal_notice_due_on
    assert now.due.target_on > case.due.target_on
    assert now.status is Status.AWAITING_REVIEW
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("extended", HANDLER.actor)
    assert event.details == {
        "reason": "complexity",
        "told_at": desk.clock().isoformat(),
        "from": "2026-10-05",
        "to": "2026-12-03",
        "rules": list(dict.fromkeys(["GDPR-12-3", *now.due.rules])),
        "rule_versions": [RULES[rule].version for rule in dict.fromkeys(["GDPR-12-3", *now.due.rules])],
        "laws": ["gdpr", "appi"],
        "country": "IE",
        "types": ["access", "portability"],
    }


def test_the_letter_says_the_reasons_both_dates_and_what_was_done() -> None:
    desk, case = reviewed()
    another(desk)
    desk.extend(case, f"  {EXPLANATION}\n", reason=ExtensionReason.NUMBER_OF_REQUESTS)
    assert isinstance(desk.press, PlainPress)
    printed = desk.press.printed[-1]
    assert (printed.letter, printed.to) == (Letter.EXTENDED, JANE)
    values = printed.values
    assert values["reason"] == Phrase(name="extension.number_of_requests")
    assert values["explanation"] == EXPLANATION
    assert (str(values["old_due_on"]), str(values["due_on"])) == ("2026-10-05", "2026-12-03")
    assert values["done_so_far"] == Phrase(name="progress.awaiting_review")
    assert case.reference in values["link"]
    assert values["remedies"]


def test_a75_the_letter_is_out_before_the_date_moves() -> None:
    desk, case = reviewed()
    start = len(desk.faults.calls)
    desk.extend(case)
    calls = desk.faults.calls[start:]
    assert calls.index("mailer.send") < calls.index("cases.letter_sent") < calls.index("cases.save")


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)], ids=["last second", "a second later"])
def test_a75_the_last_second_of_the_first_month_is_in_time(late: timedelta) -> None:
    desk, case = reviewed()
    assert case.due.extension_notice_due_on is not None
    desk.clock.now = last_second(case.due.extension_notice_due_on) + late
    if late:
        with pytest.raises(ExtensionTooLateError):
            desk.extend(case)
        assert letters(desk) == 0
        assert desk.now(case) == case
    else:
        desk.extend(case)
        assert letters(desk) == 1
        assert desk.now(case).due.extended


def test_a75_a_suspension_gives_no_more_time_for_the_notice() -> None:
    desk = Desk()
    case = desk.ask(desk.collecting())
    desk.clock.advance(timedelta(days=20))
    desk.answer_question(case)
    case = desk.now(case)
    assert case.due.due_on > date(2026, 10, 20)
    assert case.due.extension_notice_due_on == date(2026, 10, 5)
    desk.clock.now = last_second(date(2026, 10, 5)) + timedelta(seconds=1)
    with pytest.raises(ExtensionTooLateError):
        desk.extend(case)


def test_a75_once_and_never_again() -> None:
    desk, case = reviewed()
    case = desk.extend(case)
    for words in (EXPLANATION, "The voices of other people have to be taken out of your calls."):
        with pytest.raises(AlreadyExtendedError):
            desk.extend(case, words)
    assert letters(desk) == 1
    assert desk.now(case) == case


def test_the_appi_alone_knows_no_extension() -> None:
    desk, case = reviewed(country="JP", language="ja")
    with pytest.raises(NoExtensionInThisLawError):
        desk.extend(case)
    assert letters(desk) == 0


def test_where_neither_law_holds_the_promise_is_extended_as_a_promise() -> None:
    desk, case = reviewed(country="US")
    desk.extend(case)
    rules = desk.table.events[case.request_id][-1].details["rules"]
    assert isinstance(rules, list)
    assert rules[0] == "POLICY-PROMISE"


def test_who_sent_one_request_is_not_told_of_several() -> None:
    desk, case = reviewed()
    for _ in range(2):
        with pytest.raises(InvalidInputError) as caught:
            desk.extend(case, reason=ExtensionReason.NUMBER_OF_REQUESTS)
        assert [(each.field, each.reason) for each in caught.value.problems] == [("reason", "no_other_request")]
        desk.submit()  # anybody may have typed the address: it is nobody's request
    another(desk, email="tom@example.net")
    with pytest.raises(InvalidInputError):
        desk.extend(case, reason=ExtensionReason.NUMBER_OF_REQUESTS)
    assert letters(desk) == 0
    another(desk)
    assert desk.extend(case, reason=ExtensionReason.NUMBER_OF_REQUESTS).extension


def test_a_request_of_last_year_makes_this_one_no_harder() -> None:
    desk = Desk()
    desk.verified(types=(RequestType.ACCESS,))
    desk.clock.advance(timedelta(days=366))
    case = desk.awaiting_review()
    with pytest.raises(InvalidInputError):
        desk.extend(case, reason=ExtensionReason.NUMBER_OF_REQUESTS)


@pytest.mark.parametrize(
    ("explanation", "reason"),
    [("We have a high volume of requests.", "general_load"), (" ", "missing"), ("x" * 2001, "too_long")],
)
def test_a75_without_reasons_of_the_case_nothing_moves(explanation: str, reason: str) -> None:
    desk, case = reviewed()
    with pytest.raises(InvalidInputError) as error:
        desk.extend(case, explanation)
    assert [(problem.field, problem.reason) for problem in error.value.problems] == [("explanation", reason)]
    assert letters(desk) == 0
    assert desk.now(case) == case


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_it_takes_somebody_who_works_on_cases(role: Role) -> None:
    desk, case = reviewed()
    with pytest.raises(NotAllowedError):
        desk.extend(case, staff=StaffMember(user_id="sub-other", roles=frozenset({role})))
    assert letters(desk) == 0


def test_a79_a_case_that_has_changed_since_is_not_extended() -> None:
    desk, case = reviewed()
    with pytest.raises(VersionMovedOnError):
        desk.extend(case, version=case.version - 1)
    assert letters(desk) == 0


def test_only_a_verified_person_with_an_open_unanswered_case_is_told() -> None:
    desk = Desk()
    unverified = desk.submit()
    assert unverified.assurance is Assurance.NONE
    with pytest.raises(ConflictError):
        desk.extend(unverified)

    desk, case = reviewed()
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        desk.extend(desk.now(case))

    desk = Desk()
    with pytest.raises(ConflictError):
        desk.extend(desk.answered(Treatment.WITHHOLD))
    assert letters(desk) == 0


def test_who_could_not_be_told_has_no_extension() -> None:
    desk, case = reviewed()
    desk.mailer.rejects.add(JANE)
    with pytest.raises(MailRejectedError):
        desk.extend(case)
    assert desk.now(case) == case
    desk.mailer.rejects.clear()
    desk.extend(case)
    assert letters(desk) == 1


def test_a_step_of_the_workflow_meanwhile_does_not_undo_what_was_told() -> None:
    desk = Desk()
    case = desk.collected()

    def built() -> None:
        desk.build(case)
        desk.ask_release(case)

    desk.faults.before("mailer.send", built)
    extended = desk.extend(case)
    assert (extended.status, extended.due.extended) == (Status.AWAITING_REVIEW, True)
    assert Counter(desk.history(case))["extended"] == 1


def test_a_withdrawal_meanwhile_stands() -> None:
    desk, case = reviewed()
    desk.faults.before("cases.save", lambda: desk.withdraw(case))
    with pytest.raises(CaseClosedError):
        desk.extend(case)
    assert desk.now(case).extension is None


def test_a75_two_at_once_extend_it_once() -> None:
    desk, case = reviewed()
    desk.faults.before("cases.save", lambda: desk.extend(case, staff=APPROVER))
    with pytest.raises(AlreadyExtendedError):
        desk.extend(case)
    assert letters(desk) == 1
    assert Counter(desk.history(case))["extended"] == 1


# A death between the letter and the case


def died_after_sending() -> tuple[Desk, PrivacyRequest, datetime]:
    desk, case = reviewed()
    told_at = desk.clock()
    start = len(desk.faults.calls)
    desk.faults.fail(start + calls_of_an_extension().index("cases.save"), How.DIES_BEFORE)
    with pytest.raises(ProcessDiedError):
        desk.extend(case)
    assert letters(desk) == 1
    assert desk.now(case) == case  # the date has not moved
    return desk, case, told_at


def calls_of_an_extension() -> list[str]:
    desk, case = reviewed()
    start = len(desk.faults.calls)
    desk.extend(case)
    return desk.faults.calls[start:]


def test_a75_what_was_told_in_time_is_in_time_when_it_is_saved_later() -> None:
    desk, case, told_at = died_after_sending()
    desk.clock.now = last_second(date(2026, 10, 5)) + timedelta(days=1)
    desk.extend(case)
    now = desk.now(case)
    assert now.extension is not None
    assert now.extension.told_at == told_at
    assert now.due.due_on == date(2026, 12, 3)
    assert letters(desk) == 1


def test_a75_other_words_are_another_letter_and_have_to_be_in_time_themselves() -> None:
    desk, case, _ = died_after_sending()
    desk.clock.now = last_second(date(2026, 10, 5)) + timedelta(days=1)
    with pytest.raises(ExtensionTooLateError):
        desk.extend(case, "The voices of other people have to be taken out of your calls.")
    assert desk.now(case).extension is None


@pytest.mark.parametrize("how", How, ids=lambda how: how.value)
def test_a43_a80_an_extension_that_died_anywhere_ends_alike_when_it_is_tried_again(how: How) -> None:
    calls = calls_of_an_extension()
    for position, call in enumerate(calls):
        desk, case = reviewed()
        desk.faults.fail(len(desk.faults.calls) + position, how)
        try:
            desk.extend(case)
        except (ServiceUnavailableError, ProcessDiedError):
            desk.clock.advance(CLAIM_LASTS + timedelta(seconds=1))
            if desk.now(case).extension is None:
                desk.extend(case)
        where = f"{call} ({position})"
        now = desk.now(case)
        assert now.due.due_on == date(2026, 12, 3), where
        assert Counter(desk.history(case))["extended"] == 1, where
        unknown = call in {"mailer.send", "cases.letter_sent"}  # out, and nothing could say so: better twice than never
        assert letters(desk) == 1 or (unknown and letters(desk) == 2), where
