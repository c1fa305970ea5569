"""Cases over months, on the shipped state machines and a clock that moves: what the law wants, when it wants it.

The dates are fixed and not those of today, so that each falls where the law is difficult.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rightsdesk.domain.clock import Breach, ExtensionReason, QuestionKind
from rightsdesk.domain.errors import AlreadyExtendedError, ExtensionTooLateError
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.law.case_dates import clock_state
from tests.support.desk import JANE
from tests.support.play import Play


def begin(received_at: datetime, **changes: Any) -> tuple[Play, PrivacyRequest]:
    """A request that arrives then, is confirmed at once, and waits for staff, who do nothing yet."""
    play = Play()
    play.clock.now = received_at
    case = play.submit(**changes)
    play.pass_time(timedelta(minutes=1))
    play.verify(case)
    play.pass_time(timedelta(minutes=5))
    assert play.now(case).status is Status.AWAITING_REVIEW
    return play, play.now(case)


def go_to(play: Play, moment: datetime) -> None:
    """Let time pass to a moment; the sweep comes by each night."""
    while play.clock() < moment:
        play.pass_time(min(timedelta(days=1), moment - play.clock()))
        play.sweep()


def told_on(play: Play, case: PrivacyRequest, event_type: str) -> list[date]:
    zone = play.merchant.timezone
    events = play.table.events[case.request_id]
    return [event.at.astimezone(zone).date() for event in events if event.type == event_type]


def at(day: str, hour: int = 3) -> datetime:
    """A moment of a UTC day; 03:00 is noon in Tokyo."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=hour)


def test_a_case_over_three_months_with_a_suspension_and_an_extension() -> None:
    play, case = begin(at("2026-03-05"), country="FR")
    assert case.due.due_on == date(2026, 4, 7)
    first_target = case.due.target_on

    # Asked in time, answered eleven days later: the days are added, and the date without them stays in sight.
    go_to(play, at("2026-03-09"))
    play.ask(play.now(case), kind=QuestionKind.CLARIFICATION)
    assert clock_state(play.now(case), now=play.clock(), merchant=play.merchant) == "suspended"
    assert play.now(case).due.due_on == date(2026, 4, 7)
    go_to(play, at("2026-03-20"))
    play.answer_question(case)
    due = play.now(case).due
    assert (due.due_on, due.conservative_due_on, due.suspended_days) == (date(2026, 4, 16), date(2026, 4, 7), 11)
    assert clock_state(play.now(case), now=play.clock(), merchant=play.merchant) == "running"

    # Extended inside the first month: three months from receipt, and the letter was out before the date moved.
    go_to(play, at("2026-04-06"))
    assert first_target in told_on(play, case, "escalated")
    play.extend(play.now(case), reason=ExtensionReason.COMPLEXITY)
    due = play.now(case).due
    assert due.extended
    assert (due.conservative_due_on, due.due_on) == (date(2026, 6, 5), date(2026, 6, 16))
    assert due.target_on > first_target
    assert play.mails()[-1] == "extended"
    with pytest.raises(AlreadyExtendedError):
        play.extend(play.now(case))

    # The new target is warned of anew; then it is answered, in time, and closes after its window.
    go_to(play, at("2026-06-01"))
    reminded = told_on(play, case, "staff_reminded")
    assert [due.target_on - day for day in reminded[-3:]] == [timedelta(days=n) for n in (7, 3, 1)]
    play.release(play.now(case))
    go_to(play, at("2026-06-20"))
    now = play.now(case)
    assert (now.status, now.outcome) == (Status.CLOSED, Outcome.PARTIALLY_FULFILLED)
    # What staff left out was refused in part, and that was to be told inside the first month.
    assert now.breaches == (Breach.LATE_REFUSAL,)
    assert {"question_asked", "question_answered", "extended", "released", "answered", "closed"} <= set(
        play.history(case)
    )


def test_one_that_comes_on_31_january_is_due_at_the_end_of_february() -> None:
    play, case = begin(at("2026-01-31"), country="DE")
    assert case.due.due_on == date(2026, 3, 2)  # 28 February is a Saturday
    assert case.due.extended_due_on == date(2026, 4, 30)
    last_moment = datetime(2026, 3, 2, 14, 59, 59, tzinfo=UTC)  # the day ends first in Tokyo
    assert case.due.due_at == last_moment
    go_to(play, last_moment)
    assert clock_state(play.now(case), now=play.clock(), merchant=play.merchant) == "running"
    assert told_on(play, case, "escalated")[-1] == date(2026, 3, 2)
    play.extend(play.now(case))  # the last second is in time (abuse case 75)
    assert play.now(case).due.due_on == date(2026, 4, 30)


def test_a75_one_second_later_it_can_not_be_extended() -> None:
    play, case = begin(at("2026-01-31"), country="DE")
    go_to(play, datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
    with pytest.raises(ExtensionTooLateError):
        play.extend(play.now(case))
    now = play.now(case)
    assert now.extension is None
    assert "extended" not in play.mails()
    assert clock_state(now, now=play.clock(), merchant=play.merchant) == "overdue"


@pytest.mark.parametrize(
    ("country", "due_on"),
    [
        ("DE", date(2025, 12, 29)),  # 25 and 26 December, then a weekend
        ("IE", date(2025, 12, 29)),
        ("BG", date(2025, 12, 29)),
        ("PT", date(2025, 12, 26)),  # the second day of Christmas is no holiday there
    ],
)
def test_one_that_falls_on_christmas_is_due_on_the_next_working_day(country: str, due_on: date) -> None:
    play, case = begin(at("2025-11-25"), country=country)
    assert case.due.nominal_on == date(2025, 12, 25)
    assert case.due.due_on == due_on
    assert case.due.target_on < date(2025, 12, 20)
    go_to(play, at((due_on + timedelta(days=3)).isoformat()))
    escalated = told_on(play, case, "escalated")
    assert escalated == [case.due.target_on, due_on, *(due_on + timedelta(days=n) for n in (1, 2, 3))]


def test_one_in_golden_week_aims_before_it_and_tells_how_things_stand() -> None:
    play, case = begin(at("2026-04-20"), country="JP", language="ja")
    assert case.due.target_on == date(2026, 5, 1)  # 4 May is a holiday, and a weekend comes before
    go_to(play, at("2026-05-06"))
    assert told_on(play, case, "progress_noticed") == [date(2026, 4, 30)]
    assert [mail for mail in play.mails() if not mail.startswith("staff_")] == ["verification_code", "progress", "late"]
    assert told_on(play, case, "escalated")[0] == date(2026, 5, 1)


def test_one_where_staff_do_nothing_is_never_reported_as_complete_and_gets_louder_each_day() -> None:
    play, case = begin(at("2026-09-03"), country="IE")
    go_to(play, at("2026-11-01"))
    now = play.now(case)
    assert (now.status, now.outcome, now.answered_at) == (Status.AWAITING_REVIEW, None, None)
    assert clock_state(now, now=play.clock(), merchant=play.merchant) == "overdue"
    overdue = [day for day in told_on(play, case, "escalated") if day > now.due.due_on]
    assert overdue == [now.due.due_on + timedelta(days=n) for n in range(1, len(overdue) + 1)]
    assert overdue[-1] == date(2026, 11, 1)
    to_the_person = [mail.subject for mail in play.mailer.outbox if mail.to == JANE]
    assert to_the_person == ["verification_code", "progress", "late"]
    assert told_on(play, case, "lateness_noticed") == [now.due.due_on + timedelta(days=1)]
    # When they wake up at last, it is answered, and the breach stays on record.
    play.release(play.now(case))
    play.pass_time(timedelta(hours=1))
    assert Breach.LATE_ANSWER in play.now(case).breaches


def test_one_whose_person_never_confirms_is_reminded_once_and_closed_after_fourteen_days() -> None:
    play = Play()
    play.clock.now = at("2026-10-01")
    case = play.submit()
    go_to(play, at("2026-10-16"))
    assert told_on(play, case, "verification_reminded") == [date(2026, 10, 4)]
    assert [mail for mail in play.mails() if not mail.startswith("staff_")] == [
        "verification_code",
        "verification_reminder",
        "unverified",
    ]
    assert play.now(case).outcome is Outcome.UNVERIFIED
    assert told_on(play, case, "closed") == [date(2026, 10, 15)]


def test_a76_one_whose_person_is_silent_is_asked_again_once_and_its_date_stays() -> None:
    play, case = begin(at("2026-03-05"), country="FR")
    go_to(play, at("2026-03-06"))
    play.ask(play.now(case))
    go_to(play, at("2026-03-30"))
    recalled = [
        event.at.astimezone(play.merchant.timezone).date()
        for event in play.table.events[case.request_id]
        if any(str(name).startswith("question_") for name in event.details.get("reminders", []))  # type: ignore[union-attr]
    ]
    assert recalled == [date(2026, 3, 13)]
    assert play.mails().count("progress") == 2  # and the notice that the APPI wants
    now = play.now(case)
    assert (now.status, now.due.due_on) == (Status.AWAITING_REVIEW, date(2026, 4, 7))
