"""From what happened to a case to its dates (law.md 1; abuse cases 74 to 76)."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.clock import Extension, ExtensionReason, Question, QuestionKind
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import DueDates
from rightsdesk.law.case_dates import deadlines_of, due_dates
from rightsdesk.law.countries import EEA, ZONES

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = time(12)  # in Tokyo; the same day everywhere in Europe
MERCHANT = MerchantProfile.model_validate(
    yaml.safe_load((Path(__file__).parents[3] / "layers/merchant/merchant.yaml").read_text("utf-8"))
)

moments = st.datetimes(datetime(2024, 1, 2), datetime(2035, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
countries = st.sampled_from(sorted(EEA))
kinds = st.sampled_from(QuestionKind)


def noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), NOON, TOKYO).astimezone(UTC)


def question(asked: str, answered: str | None = None, kind: QuestionKind = QuestionKind.IDENTITY) -> Question:
    return Question(kind=kind, asked_at=noon(asked), answered_at=noon(answered) if answered else None)


def extension(at: datetime) -> Extension:
    return Extension(reason=ExtensionReason.COMPLEXITY, explanation="Four archives on tape.", told_at=at)


def dates(
    received: str, country: str, *questions: Question, extended: bool = False, merchant: MerchantProfile = MERCHANT
) -> DueDates:
    received_at = noon(received)
    return due_dates(
        received_at,
        country,
        merchant=merchant,
        questions=questions,
        extension=extension(received_at) if extended else None,
    )


@pytest.mark.parametrize(
    ("received", "country", "due", "extended_due"),
    [
        ("2025-01-31", "DE", "2025-02-28", "2025-04-30"),
        ("2026-01-31", "DE", "2026-03-02", "2026-04-30"),
        ("2026-02-28", "DE", "2026-03-30", "2026-05-28"),
        ("2026-03-05", "FR", "2026-04-07", "2026-06-05"),
        ("2026-08-31", "IE", "2026-09-30", "2026-11-30"),
        ("2026-10-30", "AT", "2026-11-30", "2027-02-01"),
        ("2025-11-25", "DE", "2025-12-29", "2026-02-25"),
        ("2026-02-06", "NO", "2026-03-06", "2026-05-06"),
    ],
)
def test_a75_an_extended_case_counts_three_months_from_receipt(
    received: str, country: str, due: str, extended_due: str
) -> None:
    plain, extended = dates(received, country), dates(received, country, extended=True)
    assert (str(plain.due_on), str(plain.extended_due_on), plain.extended) == (due, extended_due, False)
    assert (str(extended.due_on), extended.extended) == (extended_due, True)
    assert str(extended.extension_notice_due_on) == str(extended.refusal_notice_due_on) == due


@pytest.mark.parametrize("kind", QuestionKind)
@pytest.mark.parametrize(
    ("asked", "answered", "due", "days"),
    [
        pytest.param("2026-03-09", "2026-03-20", "2026-04-16", 11, id="in time"),
        pytest.param("2026-03-30", "2026-04-10", "2026-04-07", 0, id="too late"),
        pytest.param("2026-03-09", None, "2026-04-07", 0, id="still open: the earlier date is safe"),
        pytest.param("2026-03-09", "2026-03-09", "2026-04-07", 0, id="answered at once"),
    ],
)
def test_a76_a_question_asked_in_time_adds_the_days_it_took(
    kind: QuestionKind, asked: str, answered: str | None, due: str, days: int
) -> None:
    case = dates("2026-03-05", "FR", question(asked, answered, kind))
    assert (str(case.due_on), case.suspended_days) == (due, days)
    assert str(case.conservative_due_on) == str(case.refusal_notice_due_on) == "2026-04-07"
    assert str(case.extension_notice_due_on) == "2026-04-07"  # never moved by a question


@pytest.mark.parametrize("hour", range(24))
def test_a76_ten_days_are_ten_days_at_any_hour(hour: int) -> None:
    """An hour later it is past midnight in Tokyo, or in Dublin, and never in both: that makes no eleventh day."""
    asked_at = datetime(2026, 9, 4, hour, 30, tzinfo=UTC)
    for answered_at in (asked_at + timedelta(days=10), asked_at + timedelta(days=10, hours=1)):
        waited = Question(kind=QuestionKind.IDENTITY, asked_at=asked_at, answered_at=answered_at)
        case = due_dates(noon("2026-09-03"), "IE", merchant=MERCHANT, questions=[waited])
        assert case.suspended_days == 10


def test_questions_one_after_the_other_add_up() -> None:
    case = dates("2026-03-05", "FR", question("2026-03-09", "2026-03-10"), question("2026-03-10", "2026-03-20"))
    assert (str(case.due_on), case.suspended_days) == ("2026-04-16", 11)


def test_extension_and_suspension_add_up() -> None:
    case = dates("2026-03-05", "FR", question("2026-03-09", "2026-03-20"), extended=True)
    assert (str(case.due_on), str(case.conservative_due_on)) == ("2026-06-16", "2026-06-05")


def test_the_appi_alone_knows_neither() -> None:
    asked = dates("2026-04-20", "JP", question("2026-04-21", "2026-04-30"))
    assert (str(asked.due_on), asked.suspended_days, asked.extension_notice_due_on) == ("2026-05-01", 0, None)
    with pytest.raises(ValueError, match="no extension"):
        dates("2026-04-20", "JP", extended=True)


def test_a74_of_two_local_dates_of_receipt_the_earlier_due_date_holds() -> None:
    case = due_dates(datetime(2026, 2, 27, 16, tzinfo=UTC), "FR", merchant=MERCHANT)
    assert (str(case.received_on), str(case.due_on)) == ("2026-02-27", "2026-03-27")


@st.composite
def asked(draw: st.DrawFn, received_at: datetime) -> list[Question]:
    """One after the other, as staff may ask; the last may be open."""
    questions, at = [], received_at
    for last in range(draw(st.integers(0, 3)), -1, -1):
        asked_at = at + timedelta(minutes=draw(st.integers(0, 8_000)))
        at = asked_at + timedelta(minutes=draw(st.integers(0, 60_000)))
        still_open = last == 0 and draw(st.booleans())
        questions.append(Question(kind=draw(kinds), asked_at=asked_at, answered_at=None if still_open else at))
    return questions


@settings(deadline=None, max_examples=300)
@given(received_at=moments, country=countries, extended=st.booleans(), data=st.data())
def test_a76_no_question_starts_the_month_again(
    received_at: datetime, country: str, extended: bool, data: st.DataObject
) -> None:
    questions = data.draw(asked(received_at))
    told = extension(received_at) if extended else None
    plain = due_dates(received_at, country, merchant=MERCHANT, extension=told)
    case = due_dates(received_at, country, merchant=MERCHANT, questions=questions, extension=told)

    assert case.received_on == plain.received_on
    assert case.nominal_on == plain.nominal_on
    assert case.conservative_due_on == plain.due_on <= case.due_on
    # The days from question to answer are added, no more; then a roll: Christmas and a weekend at the longest.
    waited = sum((each.answered_at - each.asked_at for each in questions if each.answered_at), timedelta())
    assert case.suspended_days <= waited / timedelta(days=1) + len(questions)
    assert timedelta(0) <= case.due_on - (case.nominal_on + timedelta(days=case.suspended_days)) <= timedelta(days=6)
    for untouched in ("refusal_notice_due_on", "extension_notice_due_on", "progress_notice_due_on", "target_on"):
        assert getattr(case, untouched) == getattr(plain, untouched)


@settings(deadline=None, max_examples=300)
@given(received_at=moments, country=countries, data=st.data())
def test_a75_an_extension_is_never_before_the_first_date(
    received_at: datetime, country: str, data: st.DataObject
) -> None:
    questions = data.draw(asked(received_at))
    first = due_dates(received_at, country, merchant=MERCHANT, questions=questions)
    longer = due_dates(received_at, country, merchant=MERCHANT, questions=questions, extension=extension(received_at))

    assert longer.due_on == first.extended_due_on
    assert longer.due_on > first.due_on
    assert longer.due_at > first.due_at
    assert longer.target_on >= first.target_on
    assert longer.refusal_notice_due_on == first.refusal_notice_due_on


@settings(deadline=None, max_examples=200)
@given(received_at=moments, country=countries, minutes=st.integers(0, 4_000), waited=st.integers(0, 60_000), kind=kinds)
def test_no_zone_gives_more_days_than_any_other(
    received_at: datetime, country: str, minutes: int, waited: int, kind: QuestionKind
) -> None:
    asked_at = received_at + timedelta(minutes=minutes)
    answered_at = asked_at + timedelta(minutes=waited)
    one = Question(kind=kind, asked_at=asked_at, answered_at=answered_at)
    case = deadlines_of(received_at, country, merchant=MERCHANT, questions=[one])

    for zone in map(ZoneInfo, ("Asia/Tokyo", *ZONES[country])):
        days = answered_at.astimezone(zone).date() - asked_at.astimezone(zone).date()
        assert case.suspended_days <= days.days
