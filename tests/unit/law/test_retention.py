"""Until when a law keeps a record: tables by hand, and properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.law.retention import BusinessYear, kept_until

MARCH = BusinessYear(last_month=3)
DECEMBER = BusinessYear(last_month=12)
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
YEARS = st.builds(BusinessYear, last_month=st.integers(1, 12), return_months=st.integers(0, 6))


@pytest.mark.parametrize(
    ("ordered_on", "year", "until"),
    [
        # ends 31 March, return due 31 May, seven years
        (date(2026, 3, 31), MARCH, date(2033, 5, 31)),
        (date(2026, 4, 1), MARCH, date(2034, 5, 31)),
        (date(2025, 4, 1), MARCH, date(2033, 5, 31)),
        (date(2024, 2, 29), MARCH, date(2031, 5, 31)),
        # ends 31 December, return due on the last day of February
        (date(2026, 6, 1), DECEMBER, date(2034, 2, 28)),
        (date(2020, 6, 1), DECEMBER, date(2028, 2, 29)),
        (date(2026, 12, 31), DECEMBER, date(2034, 2, 28)),
        (date(2027, 1, 1), DECEMBER, date(2035, 2, 28)),
    ],
)
def test_books_are_kept_for_seven_years_from_the_return(ordered_on: date, year: BusinessYear, until: date) -> None:
    assert kept_until(ordered_on, months=84, from_the_return=True, business_year=year) == until


@pytest.mark.parametrize(
    ("event_on", "months", "until"),
    [
        (date(2026, 11, 28), 36, date(2029, 11, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
    ],
)
def test_other_periods_count_from_the_day_itself(event_on: date, months: int, until: date) -> None:
    assert kept_until(event_on, months=months, from_the_return=False, business_year=MARCH) == until


@given(DAYS, YEARS, st.integers(1, 240))
def test_nothing_goes_before_its_time(day: date, year: BusinessYear, months: int) -> None:
    until = kept_until(day, months=months, from_the_return=True, business_year=year)
    assert until >= kept_until(day, months=months, from_the_return=False, business_year=year)
    assert (until + timedelta(days=1)).day == 1  # a return is due on the last day of a month


@given(DAYS, YEARS)
def test_all_days_of_a_business_year_are_kept_until_the_same_day(day: date, year: BusinessYear) -> None:
    end = year.end_after(day)
    assert day <= end < day + timedelta(days=366)
    for other in (day, end):
        assert year.return_due_after(other) == year.return_due_after(end)
    assert year.end_after(end + timedelta(days=1)) > end


@pytest.mark.parametrize("month", [0, 13])
def test_a_month_is_a_month(month: int) -> None:
    with pytest.raises(ValueError, match="1 to 12"):
        BusinessYear(last_month=month)
