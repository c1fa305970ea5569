"""The table of holidays: equal to the pinned library, right where we know better than any library, cheap to read."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rightsdesk.law import holiday_table
from rightsdesk.law.calendars import (
    holidays_of,
    is_working_day,
    roll_back,
    roll_forward,
    weekend_of,
    working_days_after,
    working_days_before,
)
from rightsdesk.law.countries import EEA

TABLE = Path(holiday_table.__file__).with_name("data") / "national_holidays.json"


def day(text: str) -> date:
    return date.fromisoformat(text)


def dates(year: int, listed: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{each}") for each in listed.split()}


def test_table_is_what_the_pinned_library_says() -> None:
    """A new version of the library fails here; `holiday_table.py` says how to make the file again."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))

    assert table == holiday_table.build_table()


def test_table_holds_all_countries_from_2025_to_2028_and_beyond() -> None:
    table = json.loads(TABLE.read_text(encoding="utf-8"))

    assert set(table["days"]) == set(table["weekend"]) == EEA | {"JP"}
    for country, years in table["days"].items():
        assert {str(year) for year in range(2025, 2029)} <= set(years), country


@pytest.mark.parametrize("country", holiday_table.COUNTRIES)
def test_weekend_is_saturday_and_sunday(country: str) -> None:
    assert weekend_of(country) == {5, 6}


@pytest.mark.parametrize(
    ("country", "listed"),
    [
        ("DE", "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"),
        ("FR", "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"),
        ("AT", "01-01 01-06 04-06 05-01 05-14 05-25 06-04 08-15 10-26 11-01 12-08 12-25 12-26"),
        ("IE", "01-01 02-02 03-17 04-06 05-04 06-01 08-03 10-26 12-25 12-26"),
        ("LI", "01-01 01-06 02-02 03-19 04-05 04-06 05-01 05-14 05-24 05-25 06-04 08-15 09-08 11-01 12-08 12-25 12-26"),
        (
            "JP",
            "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 "
            "07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
        ),
    ],
)
def test_holidays_of_2026_that_we_know_by_heart(country: str, listed: str) -> None:
    assert holidays_of(country, 2026) == dates(2026, listed)


@pytest.mark.parametrize(
    ("country", "regional"),
    [
        ("DE", "2026-11-01"),  # All Saints: five Länder
        ("DE", "2026-10-31"),  # Reformation: nine Länder
        ("FR", "2026-12-26"),  # Alsace and Moselle
        ("ES", "2026-04-02"),  # Maundy Thursday: most communities, not all
        ("LI", "2026-12-24"),  # banks only
        ("SE", "2026-12-24"),  # customary
    ],
)
def test_a_holiday_of_a_region_or_of_banks_is_a_working_day(country: str, regional: str) -> None:
    assert day(regional) not in holidays_of(country, 2026)


def test_rolling() -> None:
    assert roll_forward(day("2026-04-03"), "DE") == day("2026-04-07")
    assert roll_back(day("2026-04-06"), "DE") == day("2026-04-02")
    assert roll_forward(day("2026-04-02"), "DE") == roll_back(day("2026-04-02"), "DE") == day("2026-04-02")
    assert roll_forward(day("2026-12-31"), "SI", "JP") == day("2026-12-31")
    assert roll_forward(day("2027-01-01"), "SI") == day("2027-01-04")


def test_working_days_here_and_there() -> None:
    assert working_days_after(day("2026-04-30"), 1, "DE") == day("2026-05-04")
    assert working_days_after(day("2026-04-30"), 1, "DE", "JP") == day("2026-05-07")
    assert working_days_before(day("2026-05-07"), 1, "DE", "JP") == day("2026-04-30")
    assert working_days_after(day("2026-04-30"), 0, "DE") == day("2026-04-30")


def test_a_year_outside_the_table_comes_from_the_library() -> None:
    assert day("2036-12-25") in holidays_of("DE", 2036)
    assert not is_working_day(day("2036-12-25"), "DE")


def test_a_country_outside_the_table_comes_from_the_library() -> None:
    assert day("2026-07-01") in holidays_of("CA", 2026)
    assert weekend_of("AE") == {5, 6}


def test_an_unknown_country_is_an_error_and_not_a_year_without_holidays() -> None:
    with pytest.raises(ValueError, match="no calendar"):
        holidays_of("XX", 2026)


def test_a_computation_does_not_import_the_library() -> None:
    """Importing `holidays` costs half a second and 30 MB: more than everything else at the start of a function."""
    program = (
        "import sys, datetime\n"
        "from rightsdesk.law.periods import compute_deadlines\n"
        "for country in ('DE', 'FR', 'JP', 'US'): compute_deadlines(datetime.date(2026, 1, 31), country)\n"
        "sys.exit('holidays' in sys.modules)\n"
    )
    root = Path(holiday_table.__file__).parents[2]

    assert subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(root)}, check=False).returncode == 0
