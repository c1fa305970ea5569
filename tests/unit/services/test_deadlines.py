"""Reminders, and the daily sweep (abuse cases 43, 80)."""

from datetime import datetime, time, timedelta

import pytest

from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.request import PrivacyRequest
from tests.support.desk import HANDLER, Desk
from tests.support.fakes import How, PlainPress

HOURS = timedelta(hours=1)


def at_nine(desk: Desk, case: PrivacyRequest, days: int) -> None:
    """To nine o'clock of the merchant's morning, `days` after the target."""
    day = case.due.target_on + timedelta(days=days)
    desk.clock.now = datetime.combine(day, time(9), desk.merchant.timezone).astimezone(desk.clock.now.tzinfo)


def warnings(desk: Desk) -> list[str]:
    press = desk.press
    assert isinstance(press, PlainPress)
    return [
        phrase.name.removeprefix("warning.")
        for printed in press.printed
        if isinstance(phrase := printed.values.get("warning"), Phrase)
    ]


# Looking at a date


def test_before_a_date_there_is_nothing_to_say() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    watch = desk.look(case)
    assert not watch.closed
    assert watch.wake_at.date() == case.due.target_on - timedelta(days=7)
    assert desk.now(case) == case


def test_each_date_is_told_once_and_is_on_record() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    for days in (-7, -3, -1, 0):
        at_nine(desk, case, days)
        wake_at = desk.look(case).wake_at
        assert wake_at > desk.clock()
        desk.look(case)
    assert warnings(desk) == ["target_in_7_days", "target_in_3_days", "target_in_1_day", "target"]
    assert desk.now(case).reminders == ("target_in_7_days", "target_in_3_days", "target_in_1_day", "target")
    assert desk.history(case).count("staff_reminded") == 4


def test_one_who_was_away_is_told_the_gravest_and_all_are_on_record() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    at_nine(desk, case, (case.due.due_on - case.due.target_on).days + 2)
    desk.look(case)
    assert warnings(desk) == ["overdue"]
    assert len(desk.now(case).reminders) == 7


def test_what_has_stopped_is_said_with_it() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.staff.assign(HANDLER, case.reference, "sub-1")
    desk.fail(case)
    at_nine(desk, case, 0)
    desk.look(case)
    press = desk.press
    assert isinstance(press, PlainPress)
    values = press.printed[-1].values
    assert (values["failure"], values["assignee"]) == ("BuildExport: KeyError", "sub-1")
    assert values["status"].name == "status.collecting"


def test_the_clock_stops_when_the_answer_is_out() -> None:
    desk = Desk()
    case = desk.answered()
    at_nine(desk, case, 30)
    assert desk.look(case).closed
    assert warnings(desk) == []


def test_the_clock_stops_when_the_case_is_closed() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.withdraw(case)
    assert desk.look(case).closed


# Sweeping


def test_what_runs_is_left_alone() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    at_nine(desk, case, -8)
    swept = desk.sweep()
    assert (swept.looked_at, swept.restarted) == (1, 0)
    assert desk.now(case) == case


def test_what_waits_for_a_person_and_is_not_due_is_not_even_read() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.clock.advance(2 * HOURS)
    desk.workflow.running.clear()
    before = len(desk.faults.calls)
    assert desk.sweep().looked_at == 0
    assert desk.faults.calls[before:] == ["cases.open_ids_due_by"]
    assert desk.now(case) == case


def test_a_case_of_this_minute_is_still_being_taken_up() -> None:
    desk = Desk()
    desk.submit()
    desk.workflow.running.clear()
    assert desk.sweep().looked_at == 0


def test_a_dead_request_is_started_again() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.workflow.running.discard(("privacy_request", case.request_id, 1))
    desk.clock.advance(2 * HOURS)
    assert desk.sweep().restarted == 1
    assert desk.workflow.started[-1] == (case.request_id, 2, "verification")
    assert desk.now(case).attempt == 2
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.details) == ("workflow_restarted", {"by": "sweep", "watch": False, "request": True})
    assert desk.sweep().restarted == 0  # it runs now


def test_a_dead_watch_is_started_again_once_it_has_missed_something() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.workflow.running.discard(("deadline_watch", case.request_id, 1))
    at_nine(desk, case, -7)
    assert desk.sweep().restarted == 0  # it may be just waking
    desk.clock.advance(2 * HOURS)
    assert desk.sweep().restarted == 1
    assert desk.workflow.watches[-1] == (case.request_id, 2, desk.clock())
    assert desk.now(case).attempt == 1


def test_what_failed_waits_for_staff() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.fail(case)
    desk.workflow.running.clear()
    desk.clock.advance(2 * HOURS)
    assert desk.sweep().restarted == 0


def test_an_answered_case_whose_workflow_died_is_still_closed_in_the_end() -> None:
    desk = Desk()
    case = desk.answered()
    desk.workflow.running.clear()
    at_nine(desk, case, -8)
    desk.clock.now = max(desk.clock.now, case.received_at + 2 * HOURS)
    assert desk.sweep().restarted == 1
    assert desk.workflow.started[-1][2] == "verification"
    assert len(desk.workflow.watches) == 1  # its clock has stopped: there is nothing to watch


@pytest.mark.parametrize("point", ["verified", "released"])
def test_a_workflow_that_was_never_told_is_told(point: str) -> None:
    """The door saved what the person, or staff, did, and died."""
    desk = Desk()
    if point == "verified":
        case = desk.verified()
        token, output = "verification-1", dict[str, object]()
    else:
        case = desk.awaiting_review()
        desk.release(case)
        token, output = "release-1", {"decision": "release", "rebuild": False}
    del desk.workflow.answers[token]
    desk.clock.advance(2 * HOURS)
    assert desk.sweep().restarted == 0
    assert desk.workflow.answers[token] == output


def test_one_case_in_the_way_does_not_keep_the_sweep_from_the_others() -> None:
    desk = Desk()
    cases = [desk.submit(email=f"p{number}@example.net") for number in range(4)]
    desk.workflow.running.clear()
    desk.clock.advance(2 * HOURS)
    start = len(desk.faults.calls)
    desk.faults.fail(start + 1, How.UNAVAILABLE)  # reading the first
    with pytest.raises(ServiceUnavailableError, match="1 cases"):
        desk.sweep()
    assert [case.attempt for case in map(desk.now, cases)] == [1, 2, 2, 2]
    assert desk.sweep().restarted == 1


def test_a_case_that_moves_while_it_is_swept_is_alive() -> None:
    desk = Desk()
    case = desk.submit()
    desk.workflow.running.clear()
    desk.clock.advance(2 * HOURS)
    desk.faults.before("cases.save", lambda: desk.send_verification(case))
    assert desk.sweep().restarted == 0
    assert desk.now(case).attempt == 1


def test_a_watch_that_wakes_a_moment_too_early_does_not_spin() -> None:
    """The clocks of two machines differ: it sleeps for a minute, and not for nothing."""
    desk = Desk()
    case = desk.awaiting_review()
    at_nine(desk, case, -7)
    desk.clock.advance(-timedelta(milliseconds=200))
    watch = desk.look(case)
    assert warnings(desk) == []
    assert watch.wake_at - desk.clock() == timedelta(minutes=1)
