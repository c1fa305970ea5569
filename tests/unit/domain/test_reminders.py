"""The agenda of a case: whom it speaks to, when, and that it says nothing twice."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.audit import GENESIS
from rightsdesk.domain.clock import Extension, ExtensionReason, Question, QuestionKind
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reminders import Appointment, Told, agenda, due_now, is_over, next_look_at
from rightsdesk.domain.request import Door, Failure, PrivacyRequest, RequestType
from rightsdesk.domain.safeguard_state import Freeze
from rightsdesk.law.case_dates import due_dates
from tests.support.desk import merchant

TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = st.sampled_from(["Asia/Tokyo", "Europe/Dublin", "America/New_York", "Pacific/Apia"])
RECEIVED_AT = datetime(2026, 9, 3, 3, tzinfo=UTC)  # noon in Tokyo
DAY = timedelta(days=1)


def a_case(
    *,
    country: str = "DE",
    received_at: datetime = RECEIVED_AT,
    extended: bool = False,
    questions: tuple[Question, ...] = (),
    profile: MerchantProfile | None = None,
    **changes: Any,
) -> PrivacyRequest:
    """Verified, and in review, unless told otherwise."""
    extension = Extension(reason=ExtensionReason.COMPLEXITY, explanation="Many.", told_at=received_at + 9 * DAY)
    extension_told = extension if extended else None
    due = due_dates(received_at, country, merchant=profile or merchant(), questions=questions, extension=extension_told)
    values: dict[str, Any] = {
        "request_id": "0" * 32,
        "reference": "RD-0000-0000-0",
        "types": (RequestType.ACCESS,),
        "status": Status.AWAITING_REVIEW,
        "assurance": Assurance.MAILBOX,
        "code_mailed": True,
        "datamap_version": "1",
        "received_at": received_at,
        "door": Door.WEB,
        "language": "en",
        "country": country,
        "name": "Jane",
        "email_as_typed": "jane@example.com",
        "email": "jane@example.com",
        "subject_key": "k",
        "due": due,
        "questions": questions,
        "extension": extension_told,
        "event_hash": GENESIS,
    }
    return PrivacyRequest(**(values | changes))


def unverified(**changes: Any) -> PrivacyRequest:
    values = {"status": Status.AWAITING_VERIFICATION, "assurance": Assurance.NONE, "datamap_version": None}
    return a_case(**(values | changes))


def at_nine(day: date, zone: ZoneInfo = TOKYO) -> datetime:
    return datetime.combine(day, time(9), zone)


def told(appointments: list[Appointment], *, staff: bool) -> list[tuple[date, Told, str]]:
    return [(each.on, each.told, each.about) for each in appointments if each.told.is_for_staff is staff]


def names(case: PrivacyRequest, now: datetime) -> list[str]:
    return [appointment.name for appointment in due_now(case, now=now, zone=TOKYO)]


# Staff


def test_staff_hear_before_the_target_on_it_on_the_due_date_and_every_day_after() -> None:
    case = a_case()
    target, due = case.due.target_on, case.due.due_on
    assert (target, due) == (date(2026, 9, 17), date(2026, 10, 5))  # the APPI's two weeks, the GDPR's month
    assert told(agenda(case, zone=TOKYO, until=due + 2 * DAY), staff=True) == [
        (date(2026, 9, 10), Told.STAFF_REMINDED, "target_in_7_days"),
        (date(2026, 9, 14), Told.STAFF_REMINDED, "target_in_3_days"),
        (date(2026, 9, 16), Told.STAFF_REMINDED, "target_in_1_day"),
        (date(2026, 9, 17), Told.ESCALATED, "target"),
        (date(2026, 10, 5), Told.ESCALATED, "due"),
        (date(2026, 10, 6), Told.ESCALATED, "overdue"),
        (date(2026, 10, 7), Told.ESCALATED, "overdue"),
    ]


def test_where_target_and_due_date_are_one_day_the_due_date_is_said() -> None:
    case = a_case(country="JP")
    assert case.due.target_on == case.due.due_on
    assert [each.about for each in agenda(case, zone=TOKYO, until=case.due.due_on)][-2:] == ["target", "due"]


def test_nothing_is_said_of_days_before_receipt() -> None:
    """Golden Week: the target is rolled back so far that 7 days before it is close to the day of receipt."""
    short = a_case().due.model_copy(update={"target_on": date(2026, 9, 8)})
    case = a_case(due=short)
    assert [each.about for each in agenda(case, zone=TOKYO, until=date(2026, 9, 8)) if each.told.is_for_staff] == [
        "target_in_3_days",
        "target_in_1_day",
        "target",
    ]


def test_it_is_said_at_nine_in_the_morning_of_the_merchant() -> None:
    case = a_case()
    before = at_nine(date(2026, 9, 10)) - timedelta(seconds=1)
    assert names(case, before) == []
    assert next_look_at(case, now=before, zone=TOKYO) == at_nine(date(2026, 9, 10))
    assert names(case, at_nine(date(2026, 9, 10))) == ["target_in_7_days_2026-09-17"]
    assert next_look_at(case, now=at_nine(date(2026, 9, 10)), zone=TOKYO) == at_nine(date(2026, 9, 14))


def test_what_was_sent_is_not_sent_again_and_what_was_missed_is() -> None:
    case = a_case(reminders=("target_in_7_days_2026-09-17", "progress"))
    assert names(case, at_nine(date(2026, 9, 17))) == [
        "target_in_3_days_2026-09-17",
        "target_in_1_day_2026-09-17",
        "target_2026-09-17",
    ]


def test_a_target_that_moves_is_spoken_of_anew() -> None:
    case = a_case(country="IE")
    sent = tuple(each.name for each in agenda(case, zone=TOKYO, until=case.due.target_on))
    longer = a_case(country="IE", extended=True, reminders=sent)
    assert longer.due.target_on > case.due.due_on
    assert names(longer, at_nine(case.due.target_on + DAY)) == []
    assert next_look_at(longer, now=at_nine(case.due.due_on), zone=TOKYO) == at_nine(longer.due.target_on - 7 * DAY)
    ahead = agenda(longer, zone=TOKYO, until=longer.due.due_on)
    assert not {each.name for each in ahead} & set(sent)
    assert [each.about for each in ahead] == [
        "target_in_7_days",
        "target_in_3_days",
        "target_in_1_day",
        "target",
        "due",
    ]


def test_a_suspension_moves_the_due_date_alone_and_the_target_is_not_said_twice() -> None:
    asked_at = RECEIVED_AT + DAY
    question = Question(
        kind=QuestionKind.IDENTITY, asked_at=asked_at, answered_at=asked_at + 6 * DAY, answer="It is me."
    )
    case, longer = a_case(), a_case(questions=(question,))
    assert longer.due.due_on == date(2026, 10, 9)
    sent = tuple(each.name for each in agenda(case, zone=TOKYO, until=case.due.due_on))
    suspended = longer.model_copy(update={"reminders": sent})
    assert names(suspended, at_nine(longer.due.due_on)) == ["due_2026-10-09"]


def test_a38_staff_hear_nothing_of_what_nobody_confirmed_unless_it_does_not_end_by_itself() -> None:
    case = unverified(reminders=("code",))
    assert names(case, at_nine(date(2026, 9, 17))) == []  # the target, and the day on which it ends
    assert names(case, at_nine(date(2026, 9, 18)))[-1] == "target_2026-09-17"
    failed = case.model_copy(update={"failure": Failure(state="SendVerification", error="KeyError", at=RECEIVED_AT)})
    assert names(failed, at_nine(date(2026, 9, 10))) == ["target_in_7_days_2026-09-17"]
    confirmed = case.model_copy(update={"assurance": Assurance.MAILBOX})
    assert names(confirmed, at_nine(date(2026, 9, 10))) == ["target_in_7_days_2026-09-17"]


# The person


def test_the_person_hears_how_things_stand_the_day_before_the_notice_is_due() -> None:
    case = a_case()
    assert case.due.progress_notice_due_on == date(2026, 9, 17)
    assert told(agenda(case, zone=TOKYO, until=date(2026, 12, 1)), staff=False) == [
        (date(2026, 9, 16), Told.PROGRESS_NOTICED, "progress"),
        (date(2026, 10, 6), Told.LATENESS_NOTICED, "late"),
    ]


@pytest.mark.parametrize(
    "case",
    [
        a_case(country="JP", assurance=Assurance.NONE, status=Status.AWAITING_VERIFICATION, code_mailed=False),
        a_case(extended=True),
        a_case(answered_at=RECEIVED_AT + DAY),
        a_case(status=Status.CLOSED),
        a_case(reminders=("progress",)),
    ],
    ids=["not verified", "extension told", "answered", "closed", "told before"],
)
def test_there_is_no_notice_of_progress(case: PrivacyRequest) -> None:
    now = at_nine(date(2026, 9, 17))
    assert [each for each in due_now(case, now=now, zone=TOKYO) if each.told is Told.PROGRESS_NOTICED] == []


def test_there_is_no_notice_of_progress_where_the_appi_does_not_apply() -> None:
    profile = merchant().model_copy(update={"country": "IE", "zone": "Europe/Dublin"})
    case = a_case(profile=profile)
    assert case.due.laws == ("gdpr",)
    assert told(agenda(case, zone=profile.timezone, until=case.due.due_on), staff=False) == []


@pytest.mark.parametrize("types", [(RequestType.ACCESS,), (RequestType.QUESTION,), (RequestType.COMPLAINT,)])
def test_the_person_hears_once_that_the_answer_is_late_the_day_after_it_was_due(types: tuple[RequestType, ...]) -> None:
    due = due_dates(RECEIVED_AT, "DE", merchant=merchant(), types=types)
    case = a_case(types=types, due=due)
    assert "late" not in names(case, at_nine(due.due_on))
    assert "late" in names(case, at_nine(due.due_on + DAY))
    assert next_look_at(case, now=at_nine(due.due_on), zone=TOKYO) == at_nine(due.due_on + DAY)
    later = due.model_copy(update={"due_on": due.due_on + 9 * DAY})
    told_before = a_case(types=types, due=later, reminders=("late",))
    assert "late" not in names(told_before, at_nine(later.due_on + DAY))


ASKED = Question(kind=QuestionKind.CLARIFICATION, text="Which orders?", asked_at=RECEIVED_AT + DAY)


@pytest.mark.parametrize(
    "case",
    [
        a_case(assurance=Assurance.NONE),
        a_case(answered_at=RECEIVED_AT + DAY),
        a_case(status=Status.CLOSED),
        a_case(frozen=Freeze(at=RECEIVED_AT + DAY)),
        a_case(questions=(ASKED,)),
        a_case(evidence_needed=True, evidence_asked_at=RECEIVED_AT + DAY),
        a_case(erasure=ErasureState(asked_at=RECEIVED_AT + DAY)),
    ],
    ids=["not verified", "answered", "closed", "disowned", "asked", "evidence is waited for", "to be confirmed"],
)
def test_nobody_is_told_that_it_is_late_who_may_not_have_asked_or_is_waited_for(case: PrivacyRequest) -> None:
    assert "late" not in names(case, at_nine(case.due.due_on + DAY))


def test_once_a_question_is_answered_it_is_late_after_the_day_that_holds_then() -> None:
    answered = ASKED.model_copy(update={"answered_at": RECEIVED_AT + 40 * DAY, "answer": "All."})
    case = a_case(questions=(answered,), country="IE")
    assert case.due.due_on > a_case(country="IE").due.due_on
    assert "late" not in names(case, at_nine(case.due.due_on))
    assert "late" in names(case, at_nine(case.due.due_on + DAY))


def test_who_has_not_entered_the_code_is_reminded_on_the_third_day() -> None:
    case = unverified()
    assert next_look_at(case, now=RECEIVED_AT, zone=TOKYO) == at_nine(date(2026, 9, 6))
    assert names(case, at_nine(date(2026, 9, 6))) == ["code"]


@pytest.mark.parametrize(
    "changes",
    [{"code_mailed": False}, {"reminders": ("code",)}, {"assurance": Assurance.MAILBOX}],
    ids=["never told of the request (abuse case 38)", "reminded before", "entered"],
)
def test_a38_nobody_else_is_reminded_of_a_code(changes: dict[str, Any]) -> None:
    assert names(unverified(**changes), at_nine(date(2026, 9, 6))) == []


def test_who_has_not_entered_an_order_is_reminded_three_days_after_being_asked() -> None:
    asked = {"assurance": Assurance.MAILBOX, "evidence_needed": True, "evidence_asked_at": RECEIVED_AT + 5 * DAY}
    case = unverified(**asked)
    assert names(case, at_nine(date(2026, 9, 10))) == ["target_in_7_days_2026-09-17"]
    assert names(case, at_nine(date(2026, 9, 11))) == ["target_in_7_days_2026-09-17", "evidence"]
    assert names(unverified(**asked | {"evidence_needed": False}), at_nine(date(2026, 9, 11))) == [
        "target_in_7_days_2026-09-17"
    ]


ASKED_AT = RECEIVED_AT + 5 * DAY


def an_erasure(**changes: Any) -> PrivacyRequest:
    values: dict[str, Any] = {
        "types": (RequestType.ERASURE,),
        "status": Status.AWAITING_CONFIRMATION,
        "erasure": ErasureState(asked_at=ASKED_AT),
    }
    return a_case(**(values | changes))


def test_who_has_not_confirmed_an_erasure_is_reminded_once_three_days_after_being_asked() -> None:
    case = an_erasure(reminders=("target_in_7_days_2026-09-17",))
    assert names(case, at_nine(date(2026, 9, 10))) == []
    assert next_look_at(case, now=at_nine(date(2026, 9, 10)), zone=TOKYO) == at_nine(date(2026, 9, 11))
    assert told(due_now(case, now=at_nine(date(2026, 9, 11)), zone=TOKYO), staff=False) == [
        (date(2026, 9, 11), Told.CONFIRMATION_REMINDED, "confirmation")
    ]
    reminded = case.model_copy(update={"reminders": (*case.reminders, "confirmation")})
    assert names(reminded, at_nine(date(2026, 9, 12))) == []


def test_who_has_confirmed_an_erasure_is_not_reminded_of_it() -> None:
    said = ErasureState(asked_at=ASKED_AT, confirmed_at=ASKED_AT + DAY, undo_until=ASKED_AT + 4 * DAY)
    assert "confirmation" not in names(an_erasure(erasure=said), at_nine(date(2026, 9, 12)))


def test_before_an_erasure_is_asked_about_the_watch_wakes_often_enough_to_remind_of_it() -> None:
    """Nobody wakes it when the question goes out, long after the plan of the request was decided."""
    case = an_erasure(status=Status.COLLECTING, erasure=ErasureState(), reminders=("progress",))
    now = at_nine(date(2026, 9, 17))
    assert next_look_at(case, now=now, zone=TOKYO) == at_nine(date(2026, 9, 20))


# The whole of it


@st.composite
def cases(draw: st.DrawFn) -> tuple[PrivacyRequest, ZoneInfo]:
    """Any case as it may stand, and the zone of its merchant."""
    received_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 2 * 365 * 24 * 60)))
    profile = merchant().model_copy(update={"zone": draw(ZONES), "country": draw(st.sampled_from(["JP", "IE"]))})
    country = draw(st.sampled_from(["DE", "JP", "US", "NO"]))
    verified = draw(st.booleans())
    asked_at = received_at + timedelta(minutes=draw(st.integers(0, 14 * 24 * 60))) if draw(st.booleans()) else None
    case = a_case(
        country=country,
        received_at=received_at,
        profile=profile,
        extended=draw(st.booleans()) and (country, profile.country) in [("DE", "JP"), ("NO", "IE"), ("US", "IE")],
        status=Status.AWAITING_REVIEW if verified else Status.AWAITING_VERIFICATION,
        assurance=Assurance.MAILBOX if verified else Assurance.NONE,
        code_mailed=draw(st.booleans()),
        evidence_needed=asked_at is not None and draw(st.booleans()),
        evidence_asked_at=asked_at,
        datamap_version=draw(st.sampled_from([None, "1"])) if verified else None,
    )
    return case, profile.timezone


@given(cases(), st.integers(0, 150))
def test_an_agenda_is_in_order_after_receipt_and_names_nothing_twice(
    given_case: tuple[PrivacyRequest, ZoneInfo], days: int
) -> None:
    case, zone = given_case
    until = case.due.received_on + days * DAY
    planned = agenda(case, zone=zone, until=until)
    assert [each.on for each in planned] == sorted(each.on for each in planned)
    assert all(case.due.received_on < each.on <= until for each in planned)
    assert len({each.name for each in planned}) == len(planned)
    assert planned == agenda(case, zone=zone, until=until + 9 * DAY)[: len(planned)]


@given(cases(), st.integers(0, 100 * 24 * 60))
def test_the_next_look_is_ahead_and_nothing_comes_before_it(
    given_case: tuple[PrivacyRequest, ZoneInfo], minutes: int
) -> None:
    case, zone = given_case
    now = case.received_at + timedelta(minutes=minutes)
    known = tuple(each.name for each in due_now(case, now=now, zone=zone))
    ahead = next_look_at(case, now=now, zone=zone)
    assert ahead > now
    assert ahead.astimezone(zone).time() == time(9)
    after = case.model_copy(update={"reminders": known})
    assert due_now(after, now=ahead - timedelta(seconds=1), zone=zone) == []


@given(cases(), st.integers(0, 14 * 24 * 60))
def test_what_is_asked_for_while_the_watch_sleeps_is_reminded_of_on_its_day(
    given_case: tuple[PrivacyRequest, ZoneInfo], minutes: int
) -> None:
    """Nobody wakes the watch then, so it wakes often enough as long as something may be asked for."""
    case, zone = given_case
    case = case.model_copy(update={"evidence_asked_at": None, "evidence_needed": False, "datamap_version": None})
    asked_at = case.received_at + timedelta(minutes=minutes)
    now = case.received_at
    while (wakes_at := next_look_at(case, now=now, zone=zone)) <= asked_at:
        now = wakes_at
    asked = case.model_copy(update={"evidence_asked_at": asked_at, "evidence_needed": True})
    (reminder,) = (
        each for each in agenda(asked, zone=zone, until=asked_at.date() + 9 * DAY) if each.name == "evidence"
    )
    assert wakes_at <= at_nine(reminder.on, zone)


@given(cases(), st.integers(0, 150))
def test_one_who_wakes_each_time_says_each_thing_once_and_on_its_day(
    given_case: tuple[PrivacyRequest, ZoneInfo], days: int
) -> None:
    case, zone = given_case
    now, end = case.received_at, case.received_at + days * DAY
    sent: list[tuple[date, Appointment]] = []
    while now <= end:
        due = due_now(case, now=now, zone=zone)
        sent += [(now.astimezone(zone).date(), each) for each in due]
        case = case.model_copy(update={"reminders": (*case.reminders, *(each.name for each in due))})
        now = next_look_at(case, now=now, zone=zone)
    assert len(set(case.reminders)) == len(case.reminders)
    # Staff hear later of what nobody confirmed: all at once, should it not have ended by then.
    waits_until = (
        case.began_at.astimezone(zone).date() + 15 * DAY if case.assurance is Assurance.NONE else case.due.received_on
    )
    assert all(on == (max(each.on, waits_until) if each.told.is_for_staff else each.on) for on, each in sent)
    assert due_now(case, now=end, zone=zone) == []


@given(cases(), st.booleans())
def test_an_agenda_ends_with_the_answer_and_with_the_case(
    given_case: tuple[PrivacyRequest, ZoneInfo], answered: bool
) -> None:
    case, zone = given_case
    end = {"answered_at": case.received_at} if answered else {"status": Status.CLOSED}
    over = case.model_copy(update=end)
    assert is_over(over)
    assert agenda(over, zone=zone, until=case.due.due_on + 99 * DAY) == []
    assert due_now(over, now=case.due.due_at + 99 * DAY, zone=zone) == []
