"""Why a date is what it is: steps as codes with parameters, so that every language can say them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rightsdesk.law.rules import RULES


class StepCode(StrEnum):
    """What happened in one step. The parameters of each are named beside it; dates are ISO 8601."""

    LAWS_APPLY = "laws_apply"  # laws (one; a step for each), country, controller_country
    EARLIER_ZONE = "earlier_zone"  # received_on, zone, later_on, later_zone
    RECEIPT_NOT_COUNTED = "receipt_not_counted"  # received_on
    MONTHS = "months"  # months, received_on, nominal_on
    LAST_DAY_OF_MONTH = "last_day_of_month"  # day, nominal_on
    EXTENDED_FROM_RECEIPT = "extended_from_receipt"  # received_on, nominal_on
    SUSPENSION_ENDED = "suspension_ended"  # asked_on, answered_on
    SUSPENDED = "suspended"  # days, nominal_on, ends_on
    SUSPENSION_OPEN = "suspension_open"  # asked_on
    SUSPENSION_TOO_LATE = "suspension_too_late"  # asked_on, latest
    SUSPENSION_WITHOUT_GROUND = "suspension_without_ground"  # asked_on
    ROLLED_FORWARD = "rolled_forward"  # ends_on, due_on, country
    HOLIDAYS_OF = "holidays_of"  # country
    EXTENSION_POSSIBLE = "extension_possible"  # extended_due_on, notice_due_on
    REFUSAL_NOTICE = "refusal_notice"  # notice_due_on
    TARGET = "target"  # working_days, nominal_on, target_on, countries
    WITHOUT_DELAY = "without_delay"  # no parameters
    TWO_WEEKS = "two_weeks"  # days, received_on, nominal_on
    ROLLED_BACK = "rolled_back"  # nominal_on, target_on, country
    PROGRESS_NOTICE = "progress_notice"  # notice_due_on
    STRICTER_TARGET = "stricter_target"  # law, target_on
    EXTENSION_IS_PROGRESS_NOTICE = "extension_is_progress_notice"  # no parameters
    PROMPTLY = "promptly"  # no parameters
    WORKING_DAYS = "working_days"  # working_days, received_on, due_on, countries


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a computation, under one rule of the register."""

    code: StepCode
    rule: str
    parameters: dict[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"no rule {self.rule!r} in the register")


def step(code: StepCode, rule: str, /, **parameters: str | int | date) -> Step:
    """A step whose dates are written as ISO 8601."""
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in parameters.items()}
    return Step(code, rule, plain)
