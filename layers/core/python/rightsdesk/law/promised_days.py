"""When a question or a complaint is answered: no law names a day, so the merchant promises a number of working days.

They are counted over the days of rest of both places, ours and the person's, and the day of receipt is not one of them.
No question to the person stops them and nothing extends them: who needs longer says so in the thread of messages.
"""

# serves: B-6

from dataclasses import dataclass
from datetime import date

from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SAID_TO_US, RequestType
from rightsdesk.law.applicability import Law
from rightsdesk.law.calendars import working_days_after
from rightsdesk.law.countries import EEA, JAPAN, state_of
from rightsdesk.law.dates import LegalDates
from rightsdesk.law.explanation import StepCode, step


@dataclass(frozen=True, slots=True)
class PromisedDays:
    """`days` are working days. `duties`: law -> the rule of it that wants an answer, and names no day."""

    days: int
    rule: str
    duties: tuple[tuple[Law, str], ...] = ()


def promised_days(types: tuple[RequestType, ...], merchant: MerchantProfile) -> PromisedDays | None:
    """What the merchant promises for this; None for a right, for which the law has a period."""
    if not types or not SAID_TO_US.issuperset(types):
        return None
    if RequestType.COMPLAINT in types:
        return PromisedDays(merchant.complaint_working_days, "POLICY-COMPLAINT", ((Law.APPI, "APPI-40"),))
    return PromisedDays(merchant.question_working_days, "POLICY-QUESTION")


def promised_dates(
    received_on: date, promised: PromisedDays, *, country: str, seat: str, laws: tuple[Law, ...]
) -> LegalDates:
    """The dates of what arrived on `received_on` from somebody who lives in `country`; due date and target are one."""
    home = state_of(country)
    places = tuple(dict.fromkeys((seat, home) if home in EEA or home == JAPAN else (seat,)))
    due_on = working_days_after(received_on, promised.days, *places)
    steps = [step(StepCode.PROMPTLY, rule) for law, rule in promised.duties if law in laws]
    steps.append(
        step(
            StepCode.WORKING_DAYS,
            promised.rule,
            working_days=promised.days,
            received_on=received_on,
            due_on=due_on,
            countries=" ".join(places),
        )
    )
    return LegalDates(
        nominal_on=due_on,
        due_on=due_on,
        conservative_due_on=due_on,
        refusal_notice_due_on=due_on,  # nothing of this is refused
        target_on=due_on,
        steps=tuple(steps),
    )
