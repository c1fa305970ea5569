"""Until when a law makes the merchant keep a record: counted from the event that the law names, record by record.

Japanese tax law counts from the day on which the return for a business year is due, two months after its end
(Corporation Tax Act 74(1)); books are kept for seven years from the day after it (its Ordinance 59(1)). So two orders
of one business year are kept until the same day, whichever was first.
"""

# serves: E-15

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

_MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class BusinessYear:
    """`last_month` is the month in which it ends (3: on 31 March); a return is due `return_months` after its end."""

    last_month: int
    return_months: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.last_month <= _MONTHS_IN_A_YEAR or not 0 <= self.return_months <= _MONTHS_IN_A_YEAR:
            raise ValueError("a month is 1 to 12, and a return is due within a year")

    def end_after(self, day: date) -> date:
        """The last day of the business year that `day` lies in."""
        year = day.year if day.month <= self.last_month else day.year + 1
        return _last_day(year, self.last_month)

    def return_due_after(self, day: date) -> date:
        """When the return for the year of `day` is due: the last day of that month."""
        end = self.end_after(day)
        due = end.replace(day=1) + relativedelta(months=self.return_months)
        return _last_day(due.year, due.month)


def kept_until(event_on: date, *, months: int, from_the_return: bool, business_year: BusinessYear) -> date:
    """The last day on which the record is kept; it goes on the day after.

    `event_on` is what the period starts from: the day itself, or, with `from_the_return`, a day of the business year
    whose return it starts from. A period in months ends on the same date, clamped to the end of a shorter month.
    """
    start = business_year.return_due_after(event_on) if from_the_return else event_on
    end = start + relativedelta(months=months)
    is_last_day = start == _last_day(start.year, start.month)
    return _last_day(end.year, end.month) if from_the_return and is_last_day else end


def _last_day(year: int, month: int) -> date:
    following = date(year + month // _MONTHS_IN_A_YEAR, month % _MONTHS_IN_A_YEAR + 1, 1)
    return following - timedelta(days=1)
