"""Working days and the nation-wide holidays of the 30 EEA states and Japan.

The days come from the library `holidays`, written once into `data/national_holidays.json`: importing the library takes
half a second and 30 MB, and a new version of it must not move a legal date before somebody has read the difference.
`holiday_table.py` makes the file, a test compares it with the pinned library, years outside it ask the library itself.
"""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("data") / "national_holidays.json"
_ONE_DAY = timedelta(days=1)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table


@cache
def holidays_of(country: str, year: int) -> frozenset[date]:
    """The nation-wide public holidays of one year, substitute and observed days included.

    Raises ValueError for a country or a year that neither the table nor the library knows.
    """
    days = _table()["days"].get(country, {}).get(str(year))
    if days is None:
        from rightsdesk.law.holiday_table import holidays_from_library

        return holidays_from_library(country, year)
    return frozenset(date.fromisoformat(f"{year}-{day}") for day in days.split())


@cache
def weekend_of(country: str) -> frozenset[int]:
    """The weekly days of rest as `date.weekday()` numbers; Saturday and Sunday (5, 6) in all EEA states and Japan."""
    days = _table()["weekend"].get(country)
    if days is None:
        from rightsdesk.law.holiday_table import weekend_from_library

        return weekend_from_library(country)
    return frozenset(map(int, days.split()))


def is_working_day(day: date, *countries: str) -> bool:
    """Whether `day` is neither weekend nor holiday in any of the countries."""
    return not any(
        day.weekday() in weekend_of(country) or day in holidays_of(country, day.year) for country in countries
    )


def roll_forward(day: date, *countries: str) -> date:
    """`day` itself or the first day after it that is a working day in all the countries."""
    while not is_working_day(day, *countries):
        day += _ONE_DAY
    return day


def roll_back(day: date, *countries: str) -> date:
    """`day` itself or the last day before it that is a working day in all the countries."""
    while not is_working_day(day, *countries):
        day -= _ONE_DAY
    return day


def working_days_after(day: date, count: int, *countries: str) -> date:
    """The `count`-th working day after `day`, which is not counted itself."""
    for _ in range(count):
        day = roll_forward(day + _ONE_DAY, *countries)
    return day


def working_days_before(day: date, count: int, *countries: str) -> date:
    """The `count`-th working day before `day`, which is not counted itself."""
    for _ in range(count):
        day = roll_back(day - _ONE_DAY, *countries)
    return day
