"""Whom a case reminds of itself, and the daily sweep (abuse cases 43, 80)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import SYSTEM, PrivacyRequest, RequestType
from rightsdesk.domain.staff import Role
from tests.support.desk import HANDLER, JANE, Desk
from tests.support.fakes import How, PlainPress, Printed

HOURS = timedelta(hours=1)
DESK = "privacy-desk@shop.example"


def nine_on(desk: Desk, day: date) -> datetime:
    """Nine o'clock of the merchant's morning, in UTC."""
    return datetime.combine(day, time(9), desk.merchant.timezone).astimezone(UTC)


def at_nine(desk: Desk, case: PrivacyRequest, days: int) -> None:
    """To nine o'clock of the merchant's morning, `days` after the target."""
    desk.clock.now = nine_on(desk, case.due.target_on + timedelta(days=days))


def warnings(desk: Desk) -> list[str]:
    press = desk.press
    assert isinstance(press, PlainPress)
    return [
        phrase.name.removeprefix("warning.")
        for printed in press.printed
        if isinstance(phrase := printed.values.get("warning"), Phrase)
    ]


def staff_mails(desk: Desk) -> list[tuple[str, str]]:
    """(address, warning) of each, in order."""
    press = desk.press
    assert isinstance(press, PlainPress)
    printed = [letter for letter in press.printed if letter.letter is Letter.STAFF_DEADLINE]
    return [(letter.to, letter.values["warning"].name.removeprefix("warning.")) for letter in printed]


def printed(desk: Desk, letter: Letter) -> list[Printed]:
    press = desk.press
    assert isinstance(press, PlainPress)
    return [each for each in press.printed if each.letter is letter]


def last_event(desk: Desk, case: PrivacyRequest) -> tuple[str, dict[str, Any]]:
    event = desk.table.events[case.request_id][-1]
    return event.type, dict(event.details)


def assigned(desk: Desk, *, to: str = "sub-1") -> PrivacyRequest:
    """A case in review that somebody has whom the pool knows."""
    case = desk.awaiting_review()
    desk.staff_directory.add(to, Role.HANDLER)
    desk.staff.assign(HANDLER, case.reference, to)
    return desk.now(case)


# Staff are told


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
    target = case.due.target_on.isoformat()
    assert [name for name in desk.now(case).reminders if name != "progress"] == [
        f"target_in_7_days_{target}",
        f"target_in_3_days_{target}",
        f"target_in_1_day_{target}",
        f"target_{target}",
    ]
    history = desk.history(case)
    assert (history.count("staff_reminded"), history.count("escalated")) == (3, 1)


def test_one_who_was_away_is_told_the_gravest_and_all_are_on_record() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    at_nine(desk, case, (case.due.due_on - case.due.target_on).days + 2)
    desk.look(case)
    assert warnings(desk) == ["overdue"]
    assert len([name for name in desk.now(case).reminders if name not in ("progress", "late")]) == 7


def test_who_has_the_case_is_told_and_from_the_target_on_every_approver() -> None:
    desk = Desk()
    case = assigned(desk)
    for user in ("boss-b", "boss-a"):
        desk.staff_directory.add(user, Role.APPROVER)
    at_nine(desk, case, -1)
    desk.look(case)
    assert staff_mails(desk) == [("sub-1@shop.example", "target_in_1_day")]
    assert last_event(desk, case)[0] == "staff_reminded"
    at_nine(desk, case, 0)
    desk.look(case)
    assert staff_mails(desk)[1:] == [
        ("sub-1@shop.example", "target"),
        ("boss-a@shop.example", "target"),
        ("boss-b@shop.example", "target"),
    ]
    roles = [letter.values["role"] for letter in printed(desk, Letter.STAFF_DEADLINE)[1:]]
    assert [role.name for role in roles] == ["role.assignee", "role.approver", "role.approver"]
    names = [f"target_{case.due.target_on.isoformat()}"]
    assert last_event(desk, case) == ("escalated", {"reminders": names, "approvers": 2})


def test_an_approver_who_has_the_case_is_told_once() -> None:
    desk = Desk()
    case = assigned(desk, to="boss")
    desk.staff_directory.add("boss", Role.APPROVER)
    desk.staff_directory.add("other", Role.APPROVER)
    at_nine(desk, case, 0)
    desk.look(case)
    assert [to for to, _ in staff_mails(desk)] == ["boss@shop.example", "other@shop.example"]
    assert last_event(desk, case)[1]["approvers"] == 1  # beside the one who has it


@pytest.mark.parametrize("assignee", [None, "sub-who-left"])
def test_where_nobody_is_known_to_have_the_case_the_desk_is_told(assignee: str | None) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    if assignee:
        desk.staff.assign(HANDLER, case.reference, assignee)
    at_nine(desk, case, -7)
    desk.look(case)
    assert staff_mails(desk) == [(DESK, "target_in_7_days")]


def test_where_there_is_no_approver_the_desk_is_told() -> None:
    desk = Desk()
    case = assigned(desk)
    at_nine(desk, case, 0)
    desk.look(case)
    assert [to for to, _ in staff_mails(desk)] == ["sub-1@shop.example", DESK]
    assert last_event(desk, case)[1]["approvers"] == 0


def test_an_address_of_staff_that_takes_no_mail_keeps_nobody_else_from_theirs() -> None:
    desk = Desk()
    case = assigned(desk)
    for user in ("boss-a", "boss-b"):
        desk.staff_directory.add(user, Role.APPROVER)
    desk.mailer.rejects |= {"sub-1@shop.example", "boss-a@shop.example"}
    at_nine(desk, case, 0)
    desk.look(case)
    assert [mail.to for mail in desk.mailer.outbox if mail.subject == "staff_deadline"] == [DESK, "boss-b@shop.example"]
    assert last_event(desk, case)[1]["approvers"] == 1


@pytest.mark.parametrize("days", [-7, 0])
def test_while_the_pool_is_down_the_desk_is_told_once_and_the_others_when_it_is_back(days: int) -> None:
    desk = Desk()
    case = assigned(desk)
    desk.staff_directory.add("boss", Role.APPROVER)
    at_nine(desk, case, days)
    for _ in range(2):
        desk.staff_directory.is_down = True
        with pytest.raises(ServiceUnavailableError):
            desk.look(case)
    assert [to for to, _ in staff_mails(desk)] == [DESK]
    assert desk.now(case).reminders == (("progress",) if days == 0 else ())
    desk.staff_directory.is_down = False
    desk.look(case)
    assert [to for to, _ in staff_mails(desk)][1:] == ["sub-1@shop.example", "boss@shop.example"][: 1 if days else 2]


def test_an_extension_is_only_data_and_the_longer_target_is_spoken_of_anew() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    for days in (-7, -3):
        at_nine(desk, case, days)
        desk.look(case)
    desk.extend(desk.now(case))
    longer = desk.now(case)
    assert longer.due.target_on > case.due.due_on
    at_nine(desk, case, 0)  # of the target as it was: the watch wakes, and finds nothing
    watch = desk.look(case)
    assert len(staff_mails(desk)) == 2
    at_nine(desk, longer, -7)
    assert watch.wake_at == desk.clock()
    desk.look(case)
    assert warnings(desk) == ["target_in_7_days", "target_in_3_days", "target_in_7_days"]
    assert printed(desk, Letter.PROGRESS) == []  # the letter of the extension was the notice of progress


def test_what_has_stopped_is_said_with_it() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.staff.assign(HANDLER, case.reference, "sub-1")
    desk.fail(case)
    at_nine(desk, case, 0)
    desk.look(case)
    values = printed(desk, Letter.STAFF_DEADLINE)[-1].values
    assert (values["failure"], values["assignee"]) == ("BuildExport: KeyError", "sub-1")
    assert values["status"].name == "status.collecting"


# The person is told


def test_the_person_is_told_once_how_things_stand_the_day_before_two_weeks_are_over() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    at_nine(desk, case, -2)
    desk.look(case)
    assert printed(desk, Letter.PROGRESS) == []
    for _ in range(2):
        at_nine(desk, case, -1)
        desk.look(case)
    (letter,) = printed(desk, Letter.PROGRESS)
    assert letter.to == JANE
    assert letter.values["status"].name == "progress.awaiting_review"
    assert letter.values["link"].endswith(f"/en/requests/{case.reference}")
    assert letter.values["remedies"].name == "remedies.both"
    assert "progress_noticed" in desk.history(case)


@pytest.mark.parametrize(
    ("types", "status", "remedies"),
    [
        ((RequestType.ACCESS, RequestType.PORTABILITY), "progress.awaiting_review", "remedies.both"),
        ((RequestType.QUESTION,), None, "remedies.both"),
        ((RequestType.COMPLAINT,), None, "remedies.both"),
    ],
)
def test_the_person_is_told_once_that_the_answer_is_late(
    types: tuple[RequestType, ...], status: str | None, remedies: str
) -> None:
    desk = Desk()
    by_hand = {"types": types, "details": "Whom do you give my address to?"}
    case = desk.awaiting_review() if RequestType.ACCESS in types else desk.to_be_carried_out(**by_hand)
    for days in (0, 1, 1, 2, 30):
        desk.clock.now = nine_on(desk, case.due.due_on + timedelta(days=days))
        desk.look(case)
        assert len(printed(desk, Letter.LATE)) == (1 if days else 0)
    (letter,) = printed(desk, Letter.LATE)
    assert letter.to == JANE
    assert letter.values["due_on"] == case.due.due_on
    assert letter.values["types"] == [Phrase(name=f"type.{kind}") for kind in types]
    assert (letter.values["status"] and letter.values["status"].name) == status
    assert letter.values["remedies"].name == remedies
    assert desk.history(case).count("lateness_noticed") == 1
    assert "escalated" in desk.history(case)[: desk.history(case).index("lateness_noticed")]  # as the letter says


def test_an_address_that_takes_no_mail_is_on_record_as_not_told_that_it_is_late() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.mailer.rejects = {JANE}
    desk.clock.now = nine_on(desk, case.due.due_on + timedelta(days=1))
    desk.look(case)
    events = {event.type: event.details for event in desk.table.events[case.request_id]}
    assert events["lateness_noticed"] == {"reminders": ["late"], "mailed": False}


def test_a_notice_of_progress_says_that_the_person_was_asked_something() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.ask(case)
    at_nine(desk, case, -1)
    desk.look(case)
    assert printed(desk, Letter.PROGRESS)[0].values["status"].name == "progress.awaiting_answer"


@pytest.mark.parametrize(
    ("confirmed", "status", "page"), [(False, "awaiting_confirmation", "/erasure"), (True, "awaiting_undo_time", "")]
)
def test_a_notice_of_progress_knows_whether_an_erasure_waits_for_the_word_or_for_the_time_to_undo_it(
    confirmed: bool, status: str, page: str
) -> None:
    desk = Desk()
    case = desk.planned()
    at_nine(desk, case, -1)
    if confirmed:
        desk.confirm_erasure(case)
    desk.look(case)
    values = printed(desk, Letter.PROGRESS)[0].values
    assert values["status"].name == f"progress.{status}"
    assert values["link"].endswith(f"/en/requests/{case.reference}{page}")


def test_who_has_not_entered_the_code_is_reminded_once_on_the_third_day() -> None:
    desk = Desk()
    case = desk.submit()
    desk.send_verification(case)
    assert desk.look(case).wake_at == nine_on(desk, case.due.received_on + timedelta(days=3))
    for days in (3, 3, 4):
        desk.clock.now = nine_on(desk, case.due.received_on + timedelta(days=days))
        desk.look(case)
    (letter,) = printed(desk, Letter.VERIFICATION_REMINDER)
    assert set(letter.values) == {"reference", "link", "closes_on"}  # nothing that was typed
    assert letter.values["closes_on"] == case.due.received_on + timedelta(days=14)
    assert last_event(desk, case) == ("verification_reminded", {"reminders": ["code"], "mailed": True})


def test_a38_a_mailbox_that_was_never_told_of_a_request_is_not_reminded_of_it() -> None:
    desk = Desk()
    for _ in range(4):
        case = desk.submit()
        desk.send_verification(case, wait=case.request_id)
    assert not desk.now(case).code_mailed
    desk.clock.now = nine_on(desk, case.due.received_on + timedelta(days=3))
    desk.look(case)
    assert printed(desk, Letter.VERIFICATION_REMINDER) == []
    assert desk.now(case).reminders == ()


def test_who_was_asked_for_an_order_is_reminded_once_three_days_later() -> None:
    desk = Desk()
    desk.directory.guests.add("tom@example.net")
    case = desk.submit(email="tom@example.net")
    desk.send_verification(case)
    desk.clock.now = nine_on(desk, case.due.received_on + timedelta(days=3))
    desk.look(case)
    desk.ask_code(case)
    desk.verify(case)
    desk.decide(case)
    asked_on = desk.clock().astimezone(desk.merchant.timezone).date()
    assert desk.look(case).wake_at == nine_on(desk, asked_on + timedelta(days=3))
    for days in (3, 3, 4):
        desk.clock.now = nine_on(desk, asked_on + timedelta(days=days))
        desk.look(case)
    of_code, of_order = printed(desk, Letter.VERIFICATION_REMINDER)
    assert of_order.values["closes_on"] == asked_on + timedelta(days=14)
    assert of_code.values["closes_on"] == case.due.received_on + timedelta(days=14)
    assert [name for name in desk.now(case).reminders if not name.startswith("target")] == ["code", "evidence"]


def test_who_has_not_confirmed_an_erasure_is_reminded_once_three_days_later() -> None:
    desk = Desk()
    case = desk.planned()
    asked_on = desk.clock().astimezone(desk.merchant.timezone).date()
    for days in (3, 3, 4):
        desk.clock.now = nine_on(desk, asked_on + timedelta(days=days))
        desk.look(case)
    (letter,) = printed(desk, Letter.VERIFICATION_REMINDER)
    assert set(letter.values) == {"reference", "link", "closes_on"}
    assert letter.values["link"].endswith(f"/requests/{case.reference}/erasure")
    assert letter.values["closes_on"] == asked_on + timedelta(days=14)
    assert desk.history(case).count("confirmation_reminded") == 1


def test_a_mailbox_of_the_person_that_takes_no_mail_keeps_staff_from_nothing() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.mailer.rejects.add(JANE)
    at_nine(desk, case, -1)
    desk.look(case)
    desk.look(case)
    assert staff_mails(desk) == [(DESK, "target_in_1_day")]
    events = {event.type: event.details for event in desk.table.events[case.request_id]}
    assert events["progress_noticed"] == {"reminders": ["progress"], "mailed": False}


# The end


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


def test_a_dead_watch_that_missed_only_a_notice_of_progress_is_found_the_same_day() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    at_nine(desk, case, -1)
    spoken_of = tuple(f"target_in_{n}_{case.due.target_on.isoformat()}" for n in ("7_days", "3_days", "1_day"))
    after, event = case.changed("staff_reminded", at=desk.clock(), actor=SYSTEM, reminders=spoken_of)
    desk.cases.save(case, after, event)
    desk.workflow.running.discard(("deadline_watch", case.request_id, 1))
    desk.clock.advance(2 * HOURS)
    assert desk.sweep().restarted == 1
    desk.look(case)
    assert len(printed(desk, Letter.PROGRESS)) == 1


@pytest.mark.parametrize("asked_for", ["code", "order"])
def test_a_dead_watch_that_missed_a_reminder_of_what_is_to_be_entered_is_found_the_same_day(asked_for: str) -> None:
    desk = Desk()
    desk.directory.guests.add("tom@example.net")
    case = desk.submit(email="tom@example.net")
    desk.send_verification(case)
    if asked_for == "order":
        desk.verify(case)
        desk.decide(case)
    desk.workflow.running.discard(("deadline_watch", case.request_id, 1))
    desk.clock.now = nine_on(desk, case.due.received_on + timedelta(days=3)) - 10 * HOURS
    assert desk.sweep().restarted == 0  # nothing was missed yet
    desk.clock.advance(12 * HOURS)
    assert desk.sweep().restarted == 1
    desk.look(case)
    assert len(printed(desk, Letter.VERIFICATION_REMINDER)) == 1
    assert desk.sweep().restarted == 0


def test_cases_that_are_closed_cost_the_sweep_nothing() -> None:
    desk = Desk()
    for number in range(20):
        case = desk.collected(email=f"p{number}@example.net")
        desk.withdraw(case)
        desk.close(case, Outcome.WITHDRAWN)
    desk.clock.advance(timedelta(days=30 * 365))
    before = len(desk.faults.calls)
    assert desk.sweep().looked_at == 0
    assert desk.faults.calls[before:] == ["cases.open_ids_due_by"]


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
