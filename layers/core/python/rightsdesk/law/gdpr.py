"""The month of GDPR 12(3), counted as Regulation 1182/71 counts.

    nominal(n)     receipt + n months, on the last day of a month that is too short; n = 1, or 3 once extended,
                   always from receipt and never from the first due date
    due            roll forward(nominal(n) + suspended days): the days first, then the roll, once
    conservative   roll forward(nominal(n)): what holds if an authority does not accept the suspension
    target         roll back(nominal(n)) over the holidays of both places, then 5 working days earlier

The same arithmetic serves the promise that a merchant makes where no law here applies; only the rules it cites differ.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from rightsdesk.law.calendars import roll_back, roll_forward, working_days_before
from rightsdesk.law.dates import LegalDates
from rightsdesk.law.explanation import Step, StepCode, step
from rightsdesk.law.suspension import Suspension, suspended_days

EXTENSION_MONTHS = 2
TARGET_WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class Period:
    """The length of the first period and the rules that set it and the notice of a refusal."""

    months: int
    rule: str
    refusal_rule: str


MONTH_OF_THE_GDPR = Period(months=1, rule="GDPR-12-3", refusal_rule="GDPR-12-4")


def nominal(received_on: date, months: int) -> date:
    """The same date `months` later, or the last day of that month where it has no such date."""
    return received_on + relativedelta(months=months)


def gdpr_dates(
    received_on: date,
    *,
    state: str,
    controller_country: str,
    extended: bool = False,
    suspensions: tuple[Suspension, ...] = (),
    as_of: date | None = None,
    period: Period = MONTH_OF_THE_GDPR,
) -> LegalDates:
    """The dates for a request received on `received_on`, with the holidays of `state`; `as_of`: see `suspension.py`."""
    first_on = nominal(received_on, period.months)
    longest_on = nominal(received_on, period.months + EXTENSION_MONTHS)
    nominal_on = longest_on if extended else first_on
    suspended, questions = suspended_days(received_on, suspensions, state=state, as_of=as_of)
    ends_on = nominal_on + timedelta(days=suspended)

    due_on = roll_forward(ends_on, state)
    extended_due_on = roll_forward(longest_on + timedelta(days=suspended), state)
    notice_due_on = roll_forward(first_on, state)
    last_day_here_and_there = roll_back(nominal_on, state, controller_country)
    target_on = working_days_before(last_day_here_and_there, TARGET_WORKING_DAYS, state, controller_country)

    steps = _months(received_on, nominal_on, period, extended=extended)
    steps += questions
    if suspended:
        steps.append(step(StepCode.SUSPENDED, "EDPB-159", days=suspended, nominal_on=nominal_on, ends_on=ends_on))
    if due_on != ends_on:
        steps.append(step(StepCode.ROLLED_FORWARD, "R1182-3-4", ends_on=ends_on, due_on=due_on, country=state))
        steps.append(step(StepCode.HOLIDAYS_OF, "R1182-2", country=state))
    if not extended:
        steps.append(
            step(StepCode.EXTENSION_POSSIBLE, period.rule, extended_due_on=extended_due_on, notice_due_on=notice_due_on)
        )
    steps.append(step(StepCode.REFUSAL_NOTICE, period.refusal_rule, notice_due_on=notice_due_on))
    steps.append(
        step(
            StepCode.TARGET,
            "POLICY-TARGET",
            working_days=TARGET_WORKING_DAYS,
            nominal_on=nominal_on,
            target_on=target_on,
            countries=" ".join(dict.fromkeys((state, controller_country))),
        )
    )
    return LegalDates(
        nominal_on=nominal_on,
        due_on=due_on,
        conservative_due_on=roll_forward(nominal_on, state),
        extended_due_on=extended_due_on,
        extension_notice_due_on=notice_due_on,
        refusal_notice_due_on=notice_due_on,
        target_on=target_on,
        suspended_days=suspended,
        steps=tuple(steps),
    )


def _months(received_on: date, nominal_on: date, period: Period, *, extended: bool) -> list[Step]:
    """The steps from receipt to the nominal day."""
    months = period.months + (EXTENSION_MONTHS if extended else 0)
    steps = [
        step(StepCode.RECEIPT_NOT_COUNTED, "R1182-3-1", received_on=received_on),
        step(StepCode.MONTHS, period.rule, months=months, received_on=received_on, nominal_on=nominal_on),
    ]
    if extended:
        steps.append(step(StepCode.EXTENDED_FROM_RECEIPT, "EDPB-162", received_on=received_on, nominal_on=nominal_on))
    if nominal_on.day != received_on.day:
        steps.append(step(StepCode.LAST_DAY_OF_MONTH, "R1182-3-2-c", day=received_on.day, nominal_on=nominal_on))
    return steps
