"""Makes `data/national_holidays.json` from the library `holidays`, and asks that library for years outside the file.

After a change of the pinned version, from the root of the repository:

    python -m rightsdesk.law.holiday_table > /tmp/table && cp /tmp/table \
        layers/core/python/rightsdesk/law/data/national_holidays.json

and read the difference: each line is one country and year.

Category `public`, no subdivision: what is a holiday in one Land or canton only, for banks or schools only, or for half
a day, is a working day here. In doubt a day counts as a working day: the due date is then the earlier one.
"""

import json
import sys
from datetime import date
from typing import Any

from rightsdesk.law.countries import EEA, JAPAN

COUNTRIES = (*sorted(EEA), JAPAN)
YEARS = range(2024, 2036)


def _library_calendar(country: str, year: int | None = None) -> Any:
    import holidays  # here and not above: 0.5 s and 30 MB, however few countries are asked for

    try:
        return holidays.country_holidays(country, years=year, categories=("public",))
    except NotImplementedError as error:
        raise ValueError(f"no calendar of holidays for {country!r}") from error


def holidays_from_library(country: str, year: int) -> frozenset[date]:
    """The nation-wide public holidays of one year as the installed library has them.

    Raises ValueError for a year that it does not cover: it would call every weekday a working day.
    """
    calendar = _library_calendar(country, year)
    if not calendar.start_year <= year <= calendar.end_year:
        raise ValueError(f"no calendar of holidays for {country} in {year}")
    return frozenset(calendar)


def weekend_from_library(country: str) -> frozenset[int]:
    """The weekly days of rest as `date.weekday()` numbers."""
    return frozenset(_library_calendar(country).weekend)


def build_table() -> dict[str, Any]:
    """`{source, category, weekend: {country: "5 6"}, days: {country: {year: "01-01 01-06 ..."}}}`."""
    from holidays.version import __version__

    return {
        "source": f"holidays {__version__}",
        "category": "public, nation-wide",
        "weekend": {country: " ".join(map(str, sorted(weekend_from_library(country)))) for country in COUNTRIES},
        "days": {
            country: {
                str(year): " ".join(f"{day:%m-%d}" for day in sorted(holidays_from_library(country, year)))
                for year in YEARS
            }
            for country in COUNTRIES
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(build_table(), indent=1) + "\n")
