"""Whole journeys over the shipped state machines, with one call anywhere that fails, or one process that dies there.

Whatever it is, the request comes to its end within a day of the undisturbed one: no case hangs, nobody waits in vain
for an answer, and no letter is sent twice but where nothing could know that it was out (abuse cases 43, 80, 81).
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from rightsdesk.domain.errors import SourceUnavailableError
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import Treatment
from tests.support.desk import HANDLER, JANE, JANES_MEMBER_ID
from tests.support.fakes import How
from tests.support.play import Play
from tests.unit.services.test_crashes import may_be_told_twice

FACTS = ("K-1", "D02 X285")


def with_a_new_mailbox(**wishes: object) -> Play:
    """The longest way: facts are asked for, staff give everything, the package is built twice."""
    play = Play(held=Treatment.GIVE, evidence=FACTS)
    play.add_account(JANE, JANES_MEMBER_ID, mailbox_changed_at=play.clock() - timedelta(days=2))
    return play


def never_identified() -> Play:
    play = Play()
    play.directory.accounts.clear()
    play.directory.guests.add(JANE)
    return play


ENDS: dict[str, tuple[Callable[[], Play], Outcome, int, list[str]]] = {
    "answered": (Play, Outcome.PARTIALLY_FULFILLED, 15, ["staff_release", "partly_refused", "downloaded", "closed"]),
    "answered in full": (
        with_a_new_mailbox,
        Outcome.FULFILLED,
        15,
        ["evidence_needed", "staff_release", "answer_ready", "downloaded", "closed"],
    ),
    "refused": (lambda: Play(held=None), Outcome.REFUSED, 1, ["staff_release", "refused"]),
    "withdrawn": (lambda: Play(withdraws=True), Outcome.WITHDRAWN, 1, ["staff_release", "withdrawn"]),
    "never confirmed": (lambda: Play(confirms=False), Outcome.UNVERIFIED, 14, ["verification_reminder", "unverified"]),
    "never identified": (
        never_identified,
        Outcome.NOT_IDENTIFIED,
        15,
        ["evidence_needed", "verification_reminder", "progress", "not_identified"],
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_every_journey_comes_to_its_end_and_leaves_nothing_behind(name: str) -> None:
    make, outcome, days, letters = ENDS[name]
    play = make()
    assert play.until_all_is_done() == days
    (case,) = play.all_cases()
    assert case.outcome is outcome
    assert [mail for mail in play.mails() if mail != "staff_deadline"] == ["verification_code", *letters]
    assert play.history(case)[0] == "received"
    assert_nothing_is_left(play)


def assert_nothing_is_left(play: Play) -> None:
    assert play.bucket.objects == {}
    assert play.table.tokens == {}
    assert play.table.codes == {}
    assert play.table.evidence == {}
    play.pass_time(timedelta(days=40))  # a watch sleeps until its next date, and finds the case closed
    play.pass_time(timedelta(days=1))  # a death at the very last look is tried again
    assert "RUNNING" not in {execution.status for execution in play.running.executions.values()}
    assert set(play.table.kept_until) == set(play.table.cases)


# To die after a call is mostly to die before the next, and an error is the milder half of a death: samples will do.
@pytest.mark.parametrize(
    ("how", "first", "step"),
    [
        (How.DIES_BEFORE, 0, 1),
        (How.DIES_AFTER, 1, 4),
        (How.UNAVAILABLE, 0, 4),
        (How.ANSWER_LOST, 2, 4),
    ],
    ids=lambda value: str(value.value) if isinstance(value, How) else "",
)
def test_a43_one_call_that_fails_anywhere_delays_a_journey_by_a_day_at_most(how: How, first: int, step: int) -> None:
    undisturbed = with_a_new_mailbox()
    days = undisturbed.until_all_is_done()
    calls, letters = undisturbed.faults.calls, Counter(undisturbed.mails())
    for position in range(first, len(calls), step):
        play = with_a_new_mailbox()
        play.faults.fail(position, how)
        where = f"{calls[position]} ({position} of {len(calls)})"
        assert play.until_all_is_done() <= days + 1, where
        (case,) = play.all_cases()
        assert case.outcome is Outcome.FULFILLED, where
        assert play.history(case).count("answered") == 1, where
        assert_nothing_is_left(play)
        told = Counter(play.mails())
        # A second code is what the person asked for; a failure, what staff had to see.
        unexpected = told - letters - Counter(verification_code=99, staff_failure=99)
        assert not unexpected or may_be_told_twice(calls[position], how), (where, unexpected)
        assert told["answer_ready"] >= 1, where
        assert told["closed"] >= 1, where


@pytest.mark.parametrize("name", ["refused", "withdrawn", "never confirmed", "never identified"])
def test_a43_a_death_delays_no_other_end_either(name: str) -> None:
    make, outcome, days, letters = ENDS[name]
    undisturbed = make()
    undisturbed.until_all_is_done()
    for position in range(0, len(undisturbed.faults.calls), 2):
        play = make()
        play.faults.fail(position, How.DIES_AFTER if position % 4 else How.DIES_BEFORE)
        where = f"{undisturbed.faults.calls[position]} ({position})"
        assert play.until_all_is_done() <= days + 2, where
        (case,) = play.all_cases()
        assert case.outcome is outcome, where
        assert letters[-1] in play.mails(), where
        assert_nothing_is_left(play)


def test_a81_a_source_that_is_down_for_days_is_shown_started_again_and_then_answered() -> None:
    play = Play()
    play.reader.broken = SourceUnavailableError("down")
    play.day()
    (case,) = play.all_cases()
    assert case.status is Status.COLLECTING
    assert case.failure is not None
    assert (case.failure.state, case.failure.error) == ("BuildExport", "IncompleteCollectionError")
    assert case.export is None
    play.reader.broken = None
    play.until_all_is_done()
    (case,) = play.all_cases()
    assert case.outcome is Outcome.PARTIALLY_FULFILLED
    assert "staff_failure" in play.mails()
    assert case.handled_by == (HANDLER.user_id,)  # who therefore could not release it


def test_a_code_entered_in_the_last_moment_holds_although_the_workflow_was_about_to_give_up() -> None:
    """The door saved and died before it told the workflow, and the sweep never came: the timeout finds it out."""
    play = Play(confirms=False)
    case = play.submit()
    play.pass_time(timedelta(days=13, hours=23, minutes=55))
    play.ask_code(case)
    play.faults.fail(len(play.faults.calls) + 5, How.UNAVAILABLE)  # find, try, consume, save, parked: and then
    play.verify(case)
    assert play.faults.calls[-1] == "workflow.succeed"
    play.pass_time(timedelta(minutes=10))
    assert play.visited(case)[-1] == "RequestRelease"
    assert "unverified" not in play.mails()


def test_facts_entered_in_the_last_moment_are_compared_although_the_time_is_over() -> None:
    play = with_a_new_mailbox()
    play.evidence = None
    play.day()
    (case,) = play.all_cases()
    assert case.evidence_asked_at
    play.pass_time(case.evidence_asked_at + timedelta(days=14, seconds=-5) - play.clock())
    play.faults.fail(len(play.faults.calls) + 5, How.UNAVAILABLE)  # get, count, leave, save, parked: and then
    with pytest.raises(Exception, match=r"workflow\.succeed"):
        play.enter_evidence(case, *FACTS)
    play.pass_time(timedelta(minutes=10))
    assert play.now(case).status is Status.AWAITING_REVIEW
    assert "not_identified" not in play.mails()


def test_tries_at_the_facts_do_not_prolong_the_time_for_them() -> None:
    play = with_a_new_mailbox()
    play.evidence = ("K-9", "1")
    days = play.until_all_is_done()
    (case,) = play.all_cases()
    assert case.evidence_asked_at
    assert case.closed_at
    assert timedelta(days=14) <= case.closed_at - case.evidence_asked_at < timedelta(days=14, minutes=10)
    assert days == 14
    assert case.outcome is Outcome.NOT_IDENTIFIED


def test_a_request_whose_workflow_never_started_is_taken_up_by_the_sweep() -> None:
    play = Play(confirms=False)
    play.faults.fail(1, How.UNAVAILABLE)  # workflow.start
    play.submit()
    assert play.running.executions == {}
    play.pass_time(timedelta(hours=2))
    assert play.sweep().restarted == 1
    play.pass_time(timedelta(minutes=1))
    assert play.mails() == ["verification_code"]
