"""The tables of the GDPR's month, row by row: Regulation 1182/71 as the calendars of real years show it."""

from datetime import date, timedelta

import pytest

from rightsdesk.law.applicability import Law
from rightsdesk.law.deadlines import Deadlines
from rightsdesk.law.gdpr import nominal
from rightsdesk.law.periods import compute_deadlines
from rightsdesk.law.suspension import Suspension, SuspensionReason


def gdpr(received: str, country: str, *, extended: bool = False, suspensions: tuple[Suspension, ...] = ()) -> Deadlines:
    return compute_deadlines(
        date.fromisoformat(received), country, laws=[Law.GDPR], extended=extended, suspensions=suspensions
    )


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "country", "due", "extended_due"),
    [
        pytest.param("2025-01-31", "DE", "2025-02-28", "2025-04-30", id="clamped"),
        pytest.param("2026-01-31", "DE", "2026-03-02", "2026-04-30", id="28 Feb is a Saturday"),
        pytest.param("2026-02-28", "DE", "2026-03-30", "2026-05-28", id="same date, not last day"),
        pytest.param("2026-03-05", "FR", "2026-04-07", "2026-06-05", id="Easter Sunday and Monday"),
        pytest.param("2026-08-31", "IE", "2026-09-30", "2026-11-30", id="EDPB example 33"),
        pytest.param("2026-10-30", "AT", "2026-11-30", "2027-02-01", id="30 Jan 2027 is a Saturday"),
        pytest.param("2025-11-25", "DE", "2025-12-29", "2026-02-25", id="Christmas and weekend"),
        pytest.param("2026-02-06", "NO", "2026-03-06", "2026-05-06", id="30 days would be late"),
    ],
)
def test_a74_due_and_extended_due(received: str, country: str, due: str, extended_due: str) -> None:
    before, after = gdpr(received, country), gdpr(received, country, extended=True)

    assert before.due_on == before.conservative_due_on == day(due)
    assert before.extended_due_on == after.extended_due_on == after.due_on == day(extended_due)
    assert before.extension_notice_due_on == after.extension_notice_due_on == day(due)
    assert before.refusal_notice_due_on == after.refusal_notice_due_on == day(due)


@pytest.mark.parametrize(
    ("asked", "answered", "due", "days"),
    [("2026-03-09", "2026-03-20", "2026-04-16", 11), ("2026-03-30", "2026-04-10", "2026-04-07", 0)],
    ids=["in time", "too late"],
)
def test_a76_suspension_counts_only_when_asked_in_time(asked: str, answered: str, due: str, days: int) -> None:
    deadlines = gdpr("2026-03-05", "FR", suspensions=(Suspension(asked_on=day(asked), answered_on=day(answered)),))

    assert deadlines.conservative_due_on == day("2026-04-07")
    assert deadlines.due_on == day(due)
    assert deadlines.suspended_days == days


def test_a76_ten_days_of_identity_are_ten_days_and_of_anything_else_none() -> None:
    asked, answered = day("2026-06-02"), day("2026-06-12")

    due = {
        reason: gdpr(
            "2026-06-01",
            "IE",
            suspensions=(Suspension(asked_on=asked, answered_on=answered, reason=reason),),
        ).due_on
        for reason in SuspensionReason
    }

    nominal_day = day("2026-07-01")
    assert due[SuspensionReason.IDENTITY] == due[SuspensionReason.CLARIFICATION]
    assert due[SuspensionReason.IDENTITY] == day("2026-07-13")  # 11 July is a Saturday
    assert due[SuspensionReason.IDENTITY] - nominal_day >= timedelta(days=10)
    assert due[SuspensionReason.OTHER] == nominal_day


def test_third_working_day_is_in_time_and_fourth_is_not() -> None:
    # received on Maundy Thursday 2026: Friday, Monday are holidays in Germany, so 7, 8, 9 April are the three days
    third, fourth = (
        gdpr("2026-04-02", "DE", suspensions=(Suspension(asked_on=day(asked), answered_on=day("2026-04-20")),))
        for asked in ("2026-04-09", "2026-04-10")
    )

    assert (third.suspended_days, fourth.suspended_days) == (11, 0)
    assert fourth.due_on == fourth.conservative_due_on


def test_days_that_two_questions_share_count_once() -> None:
    deadlines = gdpr(
        "2026-06-01",
        "IE",
        suspensions=(
            Suspension(asked_on=day("2026-06-02"), answered_on=day("2026-06-12")),
            Suspension(
                asked_on=day("2026-06-03"), answered_on=day("2026-06-15"), reason=SuspensionReason.CLARIFICATION
            ),
        ),
    )

    assert deadlines.suspended_days == 13  # 2 June to 15 June


def test_open_question_counts_to_today_and_without_today_not_at_all() -> None:
    question = Suspension(asked_on=day("2026-06-02"))

    def due(as_of: str | None) -> date:
        return compute_deadlines(
            day("2026-06-01"), "IE", laws=[Law.GDPR], suspensions=[question], as_of=day(as_of) if as_of else None
        ).due_on

    assert due(None) == day("2026-07-01")
    assert due("2026-06-02") == day("2026-07-01")
    assert due("2026-06-10") == day("2026-07-09")


def test_days_come_before_the_roll_and_the_roll_comes_once() -> None:
    # 5 April 2026 (Easter) + 1 day is Easter Monday: rolled to the 7th, not to the 8th
    deadlines = gdpr(
        "2026-03-05", "FR", suspensions=(Suspension(asked_on=day("2026-03-06"), answered_on=day("2026-03-07")),)
    )

    assert deadlines.due_on == day("2026-04-07")


def test_suspension_moves_neither_notice_nor_target() -> None:
    suspension = Suspension(asked_on=day("2026-03-09"), answered_on=day("2026-03-20"))
    plain, suspended = gdpr("2026-03-05", "FR"), gdpr("2026-03-05", "FR", suspensions=(suspension,))

    assert suspended.extension_notice_due_on == plain.extension_notice_due_on
    assert suspended.refusal_notice_due_on == plain.refusal_notice_due_on
    assert suspended.target_on == plain.target_on


@pytest.mark.parametrize(
    ("received", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-01-29", 1, "2028-02-29"),
        ("2028-02-29", 1, "2028-03-29"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-08-30", 1, "2026-09-30"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_a74_months_with_no_such_date(received: str, months: int, expected: str) -> None:
    assert nominal(day(received), months) == day(expected)


def test_extension_is_counted_from_receipt_and_not_from_the_first_due_date() -> None:
    # from the first due date, 2 March, two months would be 2 May; from receipt it is 30 April
    assert gdpr("2026-01-31", "DE", extended=True).due_on == day("2026-04-30")


@pytest.mark.parametrize(
    ("country", "due"),
    [("DE", "2026-12-28"), ("BG", "2026-12-29"), ("ES", "2026-12-28"), ("CZ", "2026-12-28")],
)
def test_a74_christmas_2026_in_four_countries(country: str, due: str) -> None:
    """24 December is a holiday in Bulgaria and Czechia, 26 December not in Spain; Bulgaria makes up on the 28th."""
    assert gdpr("2026-11-25", country).due_on == day(due)


@pytest.mark.parametrize(
    ("country", "due"), [("DE", "2026-12-24"), ("BG", "2026-12-29"), ("ES", "2026-12-24"), ("CZ", "2026-12-28")]
)
def test_a74_christmas_eve_is_a_working_day_in_some_countries(country: str, due: str) -> None:
    assert gdpr("2026-11-24", country).due_on == day(due)


def test_holidays_of_japan_never_move_the_due_date() -> None:
    # 4 and 5 May 2026 are holidays in Japan, 3 May a Sunday
    assert gdpr("2026-04-04", "DE").due_on == day("2026-05-04")
    assert gdpr("2026-04-05", "DE").due_on == day("2026-05-05")


def test_target_keeps_clear_of_the_holidays_of_both_places() -> None:
    # 6 May back over Golden Week (JP) and 1 May (DE): 30, 28, 27, 24 and 23 April; the 29th is a holiday in Japan
    deadlines = gdpr("2026-04-05", "DE")

    assert deadlines.nominal_on == day("2026-05-05")
    assert deadlines.target_on == day("2026-04-22")


def test_a_question_before_receipt_is_refused() -> None:
    with pytest.raises(ValueError, match="before the request"):
        gdpr("2026-03-05", "FR", suspensions=(Suspension(asked_on=day("2026-03-04")),))


def test_an_answer_before_its_question_is_refused() -> None:
    with pytest.raises(ValueError, match="before the question"):
        Suspension(asked_on=day("2026-03-04"), answered_on=day("2026-03-03"))
