"""What holds for every country and every day, against an oracle of dateutil and the library `holidays` itself."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.law.applicability import Law
from rightsdesk.law.calendars import is_working_day, roll_back, roll_forward
from rightsdesk.law.countries import EEA, ZONES
from rightsdesk.law.deadlines import Deadlines
from rightsdesk.law.periods import compute_deadlines
from rightsdesk.law.suspension import Suspension, SuspensionReason

COUNTRIES = sorted(EEA)
FIRST, LAST = date(2024, 1, 1), date(2035, 6, 30)
LIBRARY = {country: holidays.country_holidays(country, years=range(2024, 2036)) for country in [*COUNTRIES, "JP"]}

days = st.dates(FIRST, LAST)
countries = st.sampled_from(COUNTRIES)


@st.composite
def questions(draw: st.DrawFn, received_on: date) -> Suspension:
    asked_on = received_on + timedelta(days=draw(st.integers(0, 12)))
    answered_on = asked_on + timedelta(days=draw(st.integers(0, 40)))
    return Suspension(asked_on=asked_on, answered_on=answered_on, reason=draw(st.sampled_from(SuspensionReason)))


def works(day: date, *places: str) -> bool:
    return day.weekday() < 5 and not any(day in LIBRARY[place] for place in places)


def gdpr(
    received: date | datetime, country: str, *, extended: bool = False, suspensions: tuple[Suspension, ...] = ()
) -> Deadlines:
    return compute_deadlines(received, country, laws=[Law.GDPR], extended=extended, suspensions=suspensions)


@settings(deadline=None, max_examples=400)
@given(received=days, country=countries, extended=st.booleans())
def test_a74_due_date_is_the_oracle_s(received: date, country: str, extended: bool) -> None:
    expected = received + relativedelta(months=3 if extended else 1)
    while not works(expected, country):
        expected += timedelta(days=1)

    deadlines = gdpr(received, country, extended=extended)

    assert deadlines.due_on == deadlines.conservative_due_on == expected


@settings(deadline=None, max_examples=300)
@given(received=days, country=countries, extended=st.booleans())
def test_target_is_the_oracle_s(received: date, country: str, extended: bool) -> None:
    expected = received + relativedelta(months=3 if extended else 1)
    while not works(expected, country, "JP"):
        expected -= timedelta(days=1)
    for _ in range(5):
        expected -= timedelta(days=1)
        while not works(expected, country, "JP"):
            expected -= timedelta(days=1)

    assert gdpr(received, country, extended=extended).target_on == expected


@settings(deadline=None, max_examples=400)
@given(received=days, country=countries, extended=st.booleans(), data=st.data())
def test_order_of_the_dates_of_one_case(received: date, country: str, extended: bool, data: st.DataObject) -> None:
    suspensions = tuple(data.draw(st.lists(questions(received), max_size=3)))
    case = compute_deadlines(received, country, extended=extended, suspensions=suspensions)
    assert case.extended_due_on is not None
    assert case.extension_notice_due_on is not None

    # never before the nominal day, never on a day of rest
    assert case.nominal_on <= case.conservative_due_on <= case.due_on <= case.extended_due_on
    for day in (case.due_on, case.conservative_due_on, case.extended_due_on, case.extension_notice_due_on):
        assert works(day, country)
    # target first, on a day when people work in Japan
    assert received < case.target_on <= case.conservative_due_on
    assert works(case.target_on, "JP")
    # notices: after the first month at the latest, whatever else happens
    first = gdpr(received, country)
    assert case.extension_notice_due_on == case.refusal_notice_due_on == first.due_on
    # a suspension adds its days and no more than a roll
    assert case.suspended_days <= sum(
        (each.answered_on - each.asked_on).days for each in suspensions if each.answered_on is not None
    )
    assert case.nominal_on + timedelta(days=case.suspended_days) <= case.due_on


@settings(deadline=None, max_examples=300)
@given(received=days, country=countries, data=st.data())
def test_extension_and_suspension_never_make_a_date_earlier(received: date, country: str, data: st.DataObject) -> None:
    suspensions = tuple(data.draw(st.lists(questions(received), max_size=3)))
    one_more = (*suspensions, data.draw(questions(received)))
    plain, longer = gdpr(received, country, suspensions=suspensions), gdpr(received, country, suspensions=one_more)
    extended = gdpr(received, country, extended=True, suspensions=suspensions)

    assert longer.due_on >= plain.due_on
    assert longer.conservative_due_on == plain.conservative_due_on
    assert extended.due_on >= plain.due_on
    assert extended.target_on >= plain.target_on


@settings(deadline=None, max_examples=400)
@given(received=days, later=st.integers(1, 40), country=st.sampled_from([*COUNTRIES, "JP", "US"]))
def test_who_asks_later_is_never_due_earlier(received: date, later: int, country: str) -> None:
    """Weakly: 28 to 31 January share one due date, and so do the days that roll to one working day."""
    first = compute_deadlines(received, country)
    second = compute_deadlines(received + timedelta(days=later), country)

    assert first.nominal_on <= second.nominal_on
    assert first.due_on <= second.due_on
    assert first.due_at <= second.due_at
    assert first.conservative_due_on <= second.conservative_due_on
    assert first.target_on <= second.target_on
    assert first.refusal_notice_due_on <= second.refusal_notice_due_on


@settings(deadline=None, max_examples=300)
@given(
    instant=st.datetimes(datetime(2024, 1, 2), datetime(2035, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    country=countries,
)
def test_a74_of_all_local_dates_of_receipt_the_strictest_holds(instant: datetime, country: str) -> None:
    zones = ("Asia/Tokyo", *ZONES[country])
    each = [gdpr(instant.astimezone(ZoneInfo(zone)).date(), country) for zone in zones]

    deadlines = gdpr(instant, country)

    assert deadlines.due_on == min(one.due_on for one in each)
    assert deadlines.target_on == min(one.target_on for one in each)
    assert deadlines.received_on in {one.received_on for one in each}


@settings(deadline=None, max_examples=200)
@given(received=days, country=countries, microseconds=st.integers(0, 86_399_999_999))
def test_a75_on_its_last_day_in_any_zone_nothing_is_too_late_before_the_first_midnight(
    received: date, country: str, microseconds: int
) -> None:
    deadlines = gdpr(received, country)
    in_tokyo = datetime.combine(deadlines.due_on, time(), ZoneInfo("Asia/Tokyo")) + timedelta(microseconds=microseconds)

    assert not deadlines.is_past(deadlines.due_on, in_tokyo)
    assert deadlines.is_past(deadlines.due_on, in_tokyo + timedelta(days=1))


@settings(deadline=None, max_examples=300)
@given(day=days, places=st.lists(st.sampled_from([*COUNTRIES, "JP"]), min_size=1, max_size=3))
def test_rolling_ends_on_the_nearest_working_day(day: date, places: list[str]) -> None:
    forward, back = roll_forward(day, *places), roll_back(day, *places)

    assert back <= day <= forward
    assert works(forward, *places)
    assert works(back, *places)
    between = (back + timedelta(days=n) for n in range(1, (forward - back).days))
    assert not any(is_working_day(each, *places) for each in between)
    assert (back == forward == day) == is_working_day(day, *places)
