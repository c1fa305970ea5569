"""What moves the clock of a case: a question that stops it, an extension that lengthens it (GDPR 12(3), 12(6)).

Both are facts about a case. Which dates follow is the law's to say: `law/case_dates.py`.
"""

# serves: E-00, B-4

from datetime import datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:  # a request is made of what stands here
    from rightsdesk.domain.request import DueDates

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


def with_answer(questions: tuple[Question, ...], *, at: datetime, answer: str | None = None) -> tuple[Question, ...]:
    """The questions once the open one is answered. `answer` is None where what came is compared, and not kept."""
    return tuple(
        question.model_copy(update={"answered_at": at, "answer": answer}) if question.answered_at is None else question
        for question in questions
    )


def breaches_of(due: "DueDates", *, at: datetime, refused: bool, zone: ZoneInfo) -> tuple[Breach, ...]:
    """What is broken by an answer that goes out at `at` (aware): empty where all is in time.

    `refused`: wholly or in part; it is then to be told within the first month, whatever moved the due date since
    (GDPR 12(4)). `zone` is the merchant's. The last second of a day is in time.
    """
    moment = at.replace(microsecond=0)
    late_refusal = refused and moment > _end_of_refusal_day(due, zone)
    late_answer = moment > due.due_at
    return (Breach.LATE_REFUSAL,) * late_refusal + (Breach.LATE_ANSWER,) * late_answer


def _end_of_refusal_day(due: "DueDates", zone: ZoneInfo) -> datetime:
    """Where the day ends first, as with `due_at`: that moment shows how far the person's zone is ahead of `zone`."""
    last_second = time(23, 59, 59)
    ahead = datetime.combine(due.due_on, last_second, zone) - due.due_at
    return datetime.combine(due.refusal_notice_due_on, last_second, zone) - ahead
