"""What one law says about one request: a set of dates with the steps that led to them."""

from dataclasses import dataclass
from datetime import date

from rightsdesk.law.explanation import Step


@dataclass(frozen=True, slots=True)
class LegalDates:
    """The dates of one law; `Deadlines` of `periods.py` explains each. None: this law has no such step."""

    nominal_on: date
    due_on: date
    conservative_due_on: date
    refusal_notice_due_on: date
    target_on: date
    steps: tuple[Step, ...]
    extended_due_on: date | None = None
    extension_notice_due_on: date | None = None
    progress_notice_due_on: date | None = None
    suspended_days: int = 0
