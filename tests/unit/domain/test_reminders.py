"""When staff are reminded."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.reminders import next_reminder_at, reminders_now, reminders_until, warning_of
from rightsdesk.domain.request import DueDates

TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = st.sampled_from([TOKYO, ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")])


def dates(target_on: date = date(2026, 9, 24), due_on: date = date(2026, 10, 5)) -> DueDates:
    return DueDates(
        laws=("gdpr",),
        received_on=date(2026, 9, 3),
        nominal_on=due_on,
        due_on=due_on,
        conservative_due_on=due_on,
        refusal_notice_due_on=due_on,
        target_on=target_on,
        due_at=datetime.combine(due_on, time(23, 59, 59), UTC),
        rules=(),
    )


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2026, 9, 16), []),
        (date(2026, 9, 17), ["target_in_7_days"]),
        (date(2026, 9, 21), ["target_in_7_days", "target_in_3_days"]),
        (date(2026, 9, 23), ["target_in_7_days", "target_in_3_days", "target_in_1_day"]),
        (date(2026, 9, 24), ["target_in_7_days", "target_in_3_days", "target_in_1_day", "target"]),
        (date(2026, 10, 5), ["target_in_7_days", "target_in_3_days", "target_in_1_day", "target", "due"]),
    ],
)
def test_the_days_before_and_on_the_dates(day: date, names: list[str]) -> None:
    assert reminders_until(dates(), day) == names


def test_after_the_due_date_there_is_one_each_day() -> None:
    later = reminders_until(dates(), date(2026, 10, 8))[5:]
    assert later == ["overdue_2026-10-06", "overdue_2026-10-07", "overdue_2026-10-08"]
    assert {warning_of(name) for name in later} == {"overdue"}


def test_where_two_fall_on_a_day_the_gravest_is_said() -> None:
    same = dates(target_on=date(2026, 9, 24), due_on=date(2026, 9, 24))
    assert reminders_until(same, date(2026, 9, 24))[-2:] == ["target", "due"]


def test_a_reminder_has_its_own_warning_until_it_is_overdue() -> None:
    for name in reminders_until(dates(), date(2026, 10, 5)):
        assert warning_of(name) == name


def test_it_is_said_at_nine_in_the_morning_of_the_merchant() -> None:
    before = datetime(2026, 9, 17, 8, 59, 59, tzinfo=TOKYO)
    assert reminders_now(dates(), now=before, zone=TOKYO, sent=()) == []
    assert next_reminder_at(dates(), now=before, zone=TOKYO) == datetime(2026, 9, 17, 9, tzinfo=TOKYO)
    on_time = datetime(2026, 9, 17, 9, tzinfo=TOKYO)
    assert reminders_now(dates(), now=on_time, zone=TOKYO, sent=()) == ["target_in_7_days"]
    assert next_reminder_at(dates(), now=on_time, zone=TOKYO) == datetime(2026, 9, 21, 9, tzinfo=TOKYO)


def test_what_was_sent_is_not_sent_again_and_what_was_missed_is() -> None:
    now = datetime(2026, 9, 24, 12, tzinfo=TOKYO)
    assert reminders_now(dates(), now=now, zone=TOKYO, sent=("target_in_7_days", "target_in_1_day")) == [
        "target_in_3_days",
        "target",
    ]


@given(
    minutes=st.integers(0, 61 * 24 * 60),
    zone=ZONES,
    gap=st.integers(0, 40),
)
def test_the_next_is_ahead_and_nothing_comes_before_it(minutes: int, zone: ZoneInfo, gap: int) -> None:
    now = datetime(2026, 9, 3, tzinfo=UTC) + timedelta(minutes=minutes)
    due = dates(due_on=date(2026, 9, 24) + timedelta(days=gap))
    known = reminders_now(due, now=now, zone=zone, sent=())
    following = next_reminder_at(due, now=now, zone=zone)
    assert following > now
    assert reminders_now(due, now=following - timedelta(seconds=1), zone=zone, sent=known) == []
    assert reminders_now(due, now=following, zone=zone, sent=known) != []
    assert following.astimezone(zone).time() == time(9)


@given(zone=ZONES, days=st.integers(0, 90))
def test_one_who_wakes_each_time_sends_each_once(zone: ZoneInfo, days: int) -> None:
    due = dates()
    now = datetime(2026, 9, 3, tzinfo=UTC)
    end = now + timedelta(days=days)
    sent: list[str] = []
    while now <= end:
        sent += reminders_now(due, now=now, zone=zone, sent=sent)
        now = next_reminder_at(due, now=now, zone=zone)
    assert len(sent) == len(set(sent))
    assert sent == reminders_now(due, now=end, zone=zone, sent=())
