"""What moves the clock of a case: a question that stops it, an extension that lengthens it (GDPR 12(3), 12(6)).

Both are facts about a case. Which dates follow is the law's to say: `law/case_dates.py`.
"""

# serves: E-00, B-4

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

ClockState = Literal["running", "suspended", "extended", "overdue", "stopped"]


class QuestionKind(StrEnum):
    """What the person is asked for. Both stop the clock, if asked in time (EDPB 01/2022, 159; recital 63)."""

    IDENTITY = "identity"
    CLARIFICATION = "clarification"


class Question(BaseModel):
    """One question to the person, and what came back. `text` is what staff wrote; None: our own question for facts."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: QuestionKind
    asked_at: datetime
    text: str | None = None
    answered_at: datetime | None = None
    answer: str | None = None  # in the person's words; facts are compared and gone, and never stand here


class ExtensionReason(StrEnum):
    """The two that the law knows (GDPR 12(3)); that the office has much to do is none (EDPB 01/2022, 162-164)."""

    COMPLEXITY = "complexity"
    NUMBER_OF_REQUESTS = "number_of_requests"


class Extension(BaseModel):
    """The one extension of a case, told to the person at `told_at`, before the date moved."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    reason: ExtensionReason
    explanation: str  # the reasons of this case, as the letter gives them
    told_at: datetime


class Breach(StrEnum):
    """A promise of the law that was not kept. A flag stays on the case, whatever comes after."""

    LATE_REFUSAL = "late_refusal"  # told after the first month (GDPR 12(4))
    LATE_ANSWER = "late_answer"  # told after the due date (GDPR 12(3))


def open_question(questions: tuple[Question, ...]) -> Question | None:
    """The one that waits for an answer: there is never more than one."""
    return next((question for question in questions if question.answered_at is None), None)
