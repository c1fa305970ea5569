"""The time for which the clock of the GDPR stands still: from asking for identity or clarification to the answer."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from rightsdesk.law.calendars import working_days_after
from rightsdesk.law.explanation import Step, StepCode, step

ASKED_WITHIN_WORKING_DAYS = 3


class SuspensionReason(StrEnum):
    """Why the subject was asked something. Only the first two stop the clock (EDPB 01/2022, 159; recital 63)."""

    IDENTITY = "identity"
    CLARIFICATION = "clarification"
    OTHER = "other"


class Suspension(BaseModel):
    """One question to the subject. Dates are local to the controller; `answered_on` is None while none has come."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    asked_on: date
    answered_on: date | None = None
    reason: SuspensionReason = SuspensionReason.IDENTITY

    @model_validator(mode="after")
    def _answered_after_asked(self) -> Self:
        if self.answered_on is not None and self.answered_on < self.asked_on:
            raise ValueError("an answer can't come before the question")
        return self


def suspended_days(
    received_on: date, suspensions: tuple[Suspension, ...], *, state: str, as_of: date | None
) -> tuple[int, tuple[Step, ...]]:
    """The whole days that count, and why each question counts or not.

    Days that two questions share count once. An open question counts up to `as_of`, and not at all without it: then
    the earlier date stands until the answer comes. Raises ValueError for a question before receipt.
    """
    latest = working_days_after(received_on, ASKED_WITHIN_WORKING_DAYS, state)
    days: set[date] = set()
    steps: list[Step] = []
    for suspension in sorted(suspensions, key=lambda each: each.asked_on):
        asked_on = suspension.asked_on
        if asked_on < received_on:
            raise ValueError("a question can't be asked before the request was received")
        if suspension.reason is SuspensionReason.OTHER:
            steps.append(step(StepCode.SUSPENSION_WITHOUT_GROUND, "EDPB-159", asked_on=asked_on))
            continue
        if asked_on > latest:
            steps.append(step(StepCode.SUSPENSION_TOO_LATE, "POLICY-ASKED-IN-TIME", asked_on=asked_on, latest=latest))
            continue
        if suspension.answered_on is None:
            steps.append(step(StepCode.SUSPENSION_OPEN, "EDPB-159", asked_on=asked_on))
        else:
            answered_on = suspension.answered_on
            steps.append(step(StepCode.SUSPENSION_ENDED, "EDPB-159", asked_on=asked_on, answered_on=answered_on))
        until = suspension.answered_on or as_of or asked_on
        days.update(asked_on + timedelta(days=n) for n in range((until - asked_on).days))
    return len(days), tuple(steps)
