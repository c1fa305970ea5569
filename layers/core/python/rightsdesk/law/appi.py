"""The clock of the APPI: "without delay" (32 to 35), and a subject who may sue after two weeks (39).

The Act names no number of days and no extension. The target is ours: 14 days after arrival, the day of arrival not
counted, rolled back to a working day in Japan; who cannot answer by then sends a progress notice before it.
"""

from datetime import date, timedelta

from rightsdesk.law.calendars import roll_back
from rightsdesk.law.countries import JAPAN
from rightsdesk.law.dates import LegalDates
from rightsdesk.law.explanation import StepCode, step

TARGET_DAYS = 14


def appi_dates(received_on: date) -> LegalDates:
    """The dates for a request that arrived on `received_on`; due date and target are the same day."""
    nominal_on = received_on + timedelta(days=TARGET_DAYS)
    target_on = roll_back(nominal_on, JAPAN)
    steps = [
        step(StepCode.WITHOUT_DELAY, "APPI-32-35"),
        step(StepCode.TWO_WEEKS, "APPI-39", days=TARGET_DAYS, received_on=received_on, nominal_on=nominal_on),
    ]
    if target_on != nominal_on:
        steps.append(
            step(
                StepCode.ROLLED_BACK,
                "POLICY-APPI-TARGET",
                nominal_on=nominal_on,
                target_on=target_on,
                country=JAPAN,
            )
        )
    steps.append(step(StepCode.PROGRESS_NOTICE, "POLICY-APPI-TARGET", notice_due_on=target_on))
    return LegalDates(
        nominal_on=nominal_on,
        due_on=target_on,
        conservative_due_on=target_on,
        refusal_notice_due_on=target_on,
        progress_notice_due_on=target_on,
        target_on=target_on,
        steps=tuple(steps),
    )
