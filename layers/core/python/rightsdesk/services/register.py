"""The register of requests, and the report on a month: for the auditor, and to get better (mission B-1)."""

# serves: B-1, B-4, C-1

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.oversight import oversights
from rightsdesk.domain.register import RegisterRow, register_row
from rightsdesk.domain.report import Report, make_report
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # read for the report
    from rightsdesk.domain.recipients import Recipient

MOST_MONTHS = 12
MOST_ROWS = 1_000  # what one call can read and answer in its time; ask for fewer months
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class Register:
    """Work grows with the months that are asked for. Months are of receipt, in UTC."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        merchant: MerchantProfile,
        recipients: "Callable[[], Mapping[str, Recipient]]",
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._recipients = recipients
        self._merchant = merchant
        self._clock = clock

    def rows(self, staff: StaffMember, first: str, last: str) -> tuple[RegisterRow, ...]:
        """The rows of the months `first` to `last` (`2026-10`), oldest first.

        Raises InvalidInputError on `from` or `to`, also for what is too much for one call.
        """
        staff.require(Action.REGISTER)
        rows: list[RegisterRow] = []
        for month in _months(first, last):
            for case in self._cases.received_in(month):
                if len(rows) == MOST_ROWS:
                    raise InvalidInputError.of("to", "too_many_rows")
                rows.append(register_row(case, self._cases.letters(case.request_id)))
        return tuple(rows)

    def report(self, staff: StaffMember, month: str) -> Report:
        """The measures of one month. Raises InvalidInputError on `month`."""
        staff.require(Action.REGISTER)
        if not _MONTH.fullmatch(month):
            raise InvalidInputError.of("month", "wrong_format")
        cases, now = self._cases.received_in(month), self._clock()
        overdue = oversights(self._recipients(), now.astimezone(self._merchant.timezone).date())
        return make_report(month, cases, overdue, zone=self._merchant.timezone, now=now)


def _months(first: str, last: str) -> list[str]:
    for field, month in (("from", first), ("to", last)):
        if not _MONTH.fullmatch(month):
            raise InvalidInputError.of(field, "wrong_format")
    start, end = (date.fromisoformat(f"{month}-01") for month in (first, last))
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    if count < 1:
        raise InvalidInputError.of("to", "before_from")
    if count > MOST_MONTHS:
        raise InvalidInputError.of("to", "too_many_months")
    numbers = range(start.year * 12 + start.month - 1, start.year * 12 + start.month - 1 + count)
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]
