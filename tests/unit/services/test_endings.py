"""How a case ends: withdrawn, closed, or failed and started again (abuse cases 38, 75-77, 82, 93)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rightsdesk.domain.clock import Breach
from rightsdesk.domain.errors import CaseClosedError, ConflictError, MailRejectedError, MovedOnError
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, PrivacyRequest, Treatment
from rightsdesk.ports.people import HeldOrder
from tests.support.desk import HANDLER, JANE, Desk
from tests.support.fakes import How, PlainPress

# Withdrawing


POINTS = {
    "received": Desk.submit,
    "verified": Desk.verified,
    "collecting": Desk.collecting,
    "collected": Desk.collected,
    "waiting for review": Desk.awaiting_review,
}


@pytest.mark.parametrize("point", POINTS)
def test_a77_withdrawn_at_any_point_the_case_closes_at_once_and_is_cleaned_up(point: str) -> None:
    desk = Desk()
    case = POINTS[point](desk)
    desk.withdraw(case)
    now = desk.now(case)
    assert (now.status, now.outcome, now.closed_at, now.purged) == (
        Status.CLOSED,
        Outcome.WITHDRAWN,
        desk.clock(),
        False,
    )
    assert desk.workflow.stopped == [(case.request_id, 1)]
    assert desk.workflow.started[-1] == (case.request_id, 2, "withdrawal")
    desk.close(case, Outcome.WITHDRAWN)
    assert desk.bucket.objects == {}
    assert desk.table.tokens == {}
    assert desk.table.codes == {}
    assert desk.now(case).purged
    assert desk.mails()[-1] == "withdrawn"
    assert desk.history(case)[-2:] == ["withdrawn", "purged"]


def test_every_letter_names_the_day_of_receipt_as_the_merchant_has_it() -> None:
    """The law may count from the day before: it was still yesterday where the person lives."""
    desk = Desk()
    desk.clock.now = datetime(2026, 3, 12, 16, 57, tzinfo=UTC)
    case = desk.verified(country="IE")
    desk.withdraw(case)
    desk.close(case, Outcome.WITHDRAWN)
    days = [printed.values["received_on"] for printed in desk.press.printed if "received_on" in printed.values]
    assert len(days) == 2
    assert set(days) == {date(2026, 3, 13)}
    assert case.due.received_on == date(2026, 3, 12)


def test_a77_withdrawn_while_facts_are_asked_for() -> None:
    desk = Desk()
    desk.add_account(JANE, "M-000002", mailbox_changed_at=desk.clock())
    case = desk.verified()
    desk.decide(case)
    desk.withdraw(case)
    assert not desk.now(case).evidence_needed


def test_a_request_is_withdrawn_once() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        desk.withdraw(case)
    assert desk.history(case).count("withdrawn") == 1


def test_what_is_answered_can_not_be_withdrawn() -> None:
    desk = Desk()
    case = desk.answered()
    with pytest.raises(ConflictError):
        desk.withdraw(case)


def test_a77_a_workflow_that_takes_a_step_meanwhile_does_not_save_itself() -> None:
    desk = Desk()
    case = desk.verified()
    desk.faults.before("cases.save", lambda: desk.decide(case))
    desk.withdraw(case)
    assert desk.now(case).outcome is Outcome.WITHDRAWN


@pytest.mark.parametrize("call", ["workflow.start", "workflow.stop"])
def test_a77_a_clean_up_that_could_not_be_started_is_started_by_the_sweep(call: str) -> None:
    desk = Desk()
    case = desk.collected()
    desk.withdraw(case)
    position = desk.faults.calls.index(call)
    desk = Desk()
    case = desk.collected()
    desk.workflow.running.clear()
    desk.faults.fail(position, How.UNAVAILABLE)
    desk.withdraw(case)  # the person is not told of our trouble
    desk.clock.advance(timedelta(hours=2))
    desk.workflow.running.clear()
    assert desk.sweep().restarted == 1
    assert desk.workflow.started[-1] == (case.request_id, desk.now(case).attempt, "withdrawal")


# Closing


def unverified(desk: Desk) -> PrivacyRequest:
    case = desk.submit()
    desk.send_verification(case)
    return desk.now(case)


def test_never_confirmed_the_case_ends_with_a_letter_that_says_so() -> None:
    desk = Desk()
    case = unverified(desk)
    desk.close(case, Outcome.UNVERIFIED)
    now = desk.now(case)
    assert (now.outcome, now.answered_at) == (Outcome.UNVERIFIED, None)
    assert desk.mails() == ["verification_code", "unverified"]


def test_a38_a_flood_of_requests_ends_in_as_many_letters_as_there_were_codes() -> None:
    desk = Desk()
    cases = [desk.submit() for _ in range(100)]
    for number, case in enumerate(cases):
        desk.send_verification(case, f"verification-{number}")
    desk.clock.advance(timedelta(days=14))
    for case in cases:
        desk.close(case, Outcome.UNVERIFIED)
    assert desk.mails() == ["verification_code", "unverified"]
    assert {desk.now(case).status for case in cases} == {Status.CLOSED}


@pytest.mark.parametrize(
    ("outcome", "reach"),
    [
        (Outcome.UNVERIFIED, Desk.verified),
        (Outcome.NOT_IDENTIFIED, Desk.collecting),
        (Outcome.REFUSED, Desk.awaiting_review),
        (Outcome.FULFILLED, Desk.awaiting_review),
        (Outcome.PARTIALLY_FULFILLED, Desk.awaiting_review),
        (Outcome.WITHDRAWN, Desk.awaiting_review),
        (Outcome.HANDED_OVER, Desk.awaiting_review),
    ],
)
def test_a_case_does_not_end_in_a_way_that_does_not_hold(outcome: Outcome, reach: object) -> None:
    desk = Desk()
    assert callable(reach)
    case = reach(desk)
    before, objects = desk.mails(), dict(desk.bucket.objects)
    with pytest.raises(MovedOnError):
        desk.close(case, outcome)
    assert desk.now(case) == case
    assert desk.mails() == before
    assert desk.bucket.objects == objects  # nothing was purged


@pytest.mark.parametrize(
    ("held", "outcome"),
    [
        (Treatment.GIVE, Outcome.FULFILLED),
        (Treatment.REDACT, Outcome.PARTIALLY_FULFILLED),
        (Treatment.WITHHOLD, Outcome.PARTIALLY_FULFILLED),
    ],
)
def test_an_answer_that_left_something_out_is_a_partial_one(held: Treatment, outcome: Outcome) -> None:
    desk = Desk()
    case = desk.answered(held)
    desk.close(case)
    now = desk.now(case)
    assert now.outcome is outcome
    assert now.answered_at == case.answered_at
    assert desk.table.kept_until[case.request_id] == desk.clock() + KEPT_AFTER_CLOSING


def test_a82_a_refusal_says_ground_reason_and_where_to_turn_and_is_the_answer() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.refuse(case)
    desk.close(case, Outcome.REFUSED)
    press = desk.press
    assert isinstance(press, PlainPress)
    values = press.printed[-1].values
    assert values["ground"].name == "ground.gdpr_15_4"
    assert values["reason"] == "The tenth this week."
    assert values["remedies"].name == "remedies.both"
    assert desk.now(case).answered_at == desk.clock()
    assert desk.bucket.objects == {}


def test_not_identified_is_an_answer_too() -> None:
    desk = Desk()
    desk.directory.guests.add("tom@example.net")
    desk.directory.orders["K-1"] = HeldOrder(order_number="K-1", postcode="1", owners={})
    case = desk.verified(email="tom@example.net")
    desk.decide(case)
    desk.close(case, Outcome.NOT_IDENTIFIED)
    now = desk.now(case)
    assert (now.outcome, now.answered_at, now.evidence_needed) == (Outcome.NOT_IDENTIFIED, desk.clock(), False)


def test_who_can_not_be_told_apart_is_not_identified_and_told_what_would_help() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.refuse(case, "gdpr_11_2", "No order has this spelling of the name.")
    assert desk.workflow.answers["release-1"]["decision"] == "refuse"
    desk.clock.advance(timedelta(days=31))
    desk.close(case, Outcome.REFUSED)
    now = desk.now(case)
    assert (now.outcome, now.answered_at, now.breaches) == (Outcome.NOT_IDENTIFIED, desk.clock(), ())
    assert desk.mails()[-1] == "not_identified"
    assert isinstance(desk.press, PlainPress)
    values = desk.press.printed[-1].values
    assert values.keys() >= {"link", "remedies", "received_on"}
    assert "spelling" not in repr(values)  # which of the facts was wrong is not told
    assert desk.table.events[case.request_id][-1].details["outcome"] == "not_identified"


def test_told_after_the_due_date_that_is_a_breach() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.refuse(case, "gdpr_11_2", "No order has this spelling of the name.")
    desk.clock.advance(timedelta(days=40))
    desk.close(case, Outcome.REFUSED)
    assert desk.now(case).breaches == (Breach.LATE_ANSWER,)


def test_a_refusal_that_can_not_be_delivered_stays_open_for_staff() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.refuse(case)
    desk.mailer.rejects.add(JANE)
    with pytest.raises(MailRejectedError):
        desk.close(case, Outcome.REFUSED)
    assert desk.now(case).is_open
    assert desk.now(case).answered_at is None


def test_news_that_can_not_be_delivered_keeps_no_case_open() -> None:
    desk = Desk()
    case = unverified(desk)
    desk.mailer.rejects.add(JANE)
    desk.close(case, Outcome.UNVERIFIED)
    assert desk.now(case).outcome is Outcome.UNVERIFIED


def test_a_case_that_is_closed_keeps_its_outcome_whatever_the_workflow_says() -> None:
    """A clean-up that failed is started again by its one name."""
    desk = Desk()
    case = desk.answered(Treatment.GIVE)
    desk.close(case)
    desk.close(case, Outcome.WITHDRAWN)
    assert desk.now(case).outcome is Outcome.FULFILLED
    assert "withdrawn" not in desk.mails()


def test_a_withdrawn_case_ends_as_withdrawn_although_its_workflow_got_to_the_end() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.withdraw(case)
    desk.close(case, Outcome.FULFILLED)
    assert desk.now(case).outcome is Outcome.WITHDRAWN
    assert desk.mails()[-1] == "withdrawn"


def test_what_could_not_be_purged_stays_visible_as_open() -> None:
    desk = Desk()
    case = desk.answered()
    desk.faults.before("exports.purge", lambda: desk.faults.fail(len(desk.faults.calls), How.UNAVAILABLE))
    with pytest.raises(Exception, match=r"exports\.purge"):
        desk.close(case)
    assert desk.now(case).is_open
    assert "closed" not in desk.mails()


# Failing


def test_a_failure_is_on_the_case_and_staff_are_told_once_for_each_attempt() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.fail_source(case, "shop")
    desk.fail(case)
    failure = desk.now(case).failure
    assert failure is not None
    assert (failure.state, failure.error) == ("BuildExport", "KeyError")
    press = desk.press
    assert isinstance(press, PlainPress)
    assert press.printed[-1].values["sources"] == ["shop"]
    desk.fail(case)
    assert desk.mails().count("staff_failure") == 1
    desk.staff.retry(HANDLER, case.reference)
    desk.fail(case)
    assert desk.mails().count("staff_failure") == 2
    assert desk.history(case)[-3:] == ["workflow_failed", "workflow_restarted", "workflow_failed"]
    assert desk.history(case).count("workflow_failed") == 2


def test_a_clean_up_that_failed_can_be_started_again() -> None:
    desk = Desk()
    case = desk.collected()
    desk.withdraw(case)
    desk.fail(case, "CloseRequest", "RuntimeError")
    assert [item.failed for item in desk.staff.list_open(HANDLER, 10, None).items] == [True]
    desk.staff.retry(HANDLER, case.reference)
    assert desk.workflow.started[-1] == (case.request_id, 3, "withdrawal")
    desk.close(case, Outcome.WITHDRAWN)
    assert desk.staff.list_open(HANDLER, 10, None).items == ()
