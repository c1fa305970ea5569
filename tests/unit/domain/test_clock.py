"""Questions and their answers, and which promise a late answer breaks (abuse cases 75, 76)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.clock import Breach, Question, QuestionKind, breaches_of, open_question, with_answer
from rightsdesk.domain.request import DueDates
from rightsdesk.law.countries import ZONES
from rightsdesk.law.deadlines import end_of_day

TOKYO = ZoneInfo("Asia/Tokyo")
DUBLIN = ZoneInfo("Europe/Dublin")
ASKED = datetime(2026, 9, 3, 3, tzinfo=UTC)
REFUSAL_DUE, DUE = date(2026, 10, 5), date(2026, 12, 3)


def dates(*, due_on: date = DUE, zones: tuple[str, ...] = ("Asia/Tokyo", "Europe/Dublin")) -> DueDates:
    """Of a case that was extended: a refusal is due long before the answer."""
    return DueDates(
        laws=("gdpr",),
        received_on=date(2026, 9, 3),
        nominal_on=due_on,
        due_on=due_on,
        conservative_due_on=due_on,
        refusal_notice_due_on=REFUSAL_DUE,
        target_on=due_on,
        due_at=end_of_day(due_on, zones).astimezone(UTC),
        rules=("GDPR-12-3",),
    )


def in_tokyo(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, 999_999, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("at", "refused", "expected"),
    [
        pytest.param(in_tokyo(REFUSAL_DUE, 23, 59, 59), True, (), id="refused in the last second"),
        pytest.param(in_tokyo(REFUSAL_DUE + timedelta(1)), True, (Breach.LATE_REFUSAL,), id="refused too late"),
        pytest.param(in_tokyo(REFUSAL_DUE + timedelta(1)), False, (), id="answered in the time that was extended"),
        pytest.param(in_tokyo(DUE, 23, 59, 59), False, (), id="answered in the last second"),
        pytest.param(in_tokyo(DUE + timedelta(1)), False, (Breach.LATE_ANSWER,), id="answered too late"),
        pytest.param(
            in_tokyo(DUE + timedelta(1)), True, (Breach.LATE_REFUSAL, Breach.LATE_ANSWER), id="refused far too late"
        ),
    ],
)
def test_a75_a_late_answer_breaks_one_promise_and_a_late_refusal_another(
    at: datetime, refused: bool, expected: tuple[Breach, ...]
) -> None:
    assert breaches_of(dates(), at=at.astimezone(UTC), refused=refused, zone=TOKYO) == expected


def test_a75_the_day_of_a_refusal_ends_where_it_ends_first() -> None:
    """A merchant in Dublin, a person in Athens: midnight comes to Athens two hours before."""
    due = dates(zones=("Europe/Dublin", "Europe/Athens"))
    last = datetime(2026, 10, 5, 21, 59, 59, tzinfo=DUBLIN)
    assert breaches_of(due, at=last, refused=True, zone=DUBLIN) == ()
    assert breaches_of(due, at=last + timedelta(seconds=1), refused=True, zone=DUBLIN) == (Breach.LATE_REFUSAL,)


@given(
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    seconds=st.integers(0, 200_000),
    refused=st.booleans(),
    home=st.sampled_from(sorted(ZONES)),
)
def test_what_is_late_stays_late(day: date, seconds: int, refused: bool, home: str) -> None:
    due = dates(due_on=day, zones=("Asia/Tokyo", *ZONES[home]))
    at = datetime(2026, 10, 5, tzinfo=UTC)
    now = set(breaches_of(due, at=at, refused=refused, zone=TOKYO))
    later = set(breaches_of(due, at=at + timedelta(seconds=seconds), refused=refused, zone=TOKYO))
    assert now <= later
    assert refused or Breach.LATE_REFUSAL not in later


def test_an_answer_ends_the_open_question_and_leaves_the_others() -> None:
    first = Question(kind=QuestionKind.IDENTITY, asked_at=ASKED, answered_at=ASKED + timedelta(days=1))
    second = Question(kind=QuestionKind.CLARIFICATION, asked_at=ASKED + timedelta(days=2), text="Which orders?")
    assert open_question((first, second)) == second
    answered_at = ASKED + timedelta(days=5)
    questions = with_answer((first, second), at=answered_at, answer="All of 2024.")
    assert questions[0] == first
    assert (questions[1].answered_at, questions[1].answer) == (answered_at, "All of 2024.")
    assert open_question(questions) is None
    assert with_answer(questions, at=answered_at + timedelta(days=1), answer="No, of 2025.") == questions
