"""By when a question and a complaint are answered: working days of both places, and no period of any law."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SAID_TO_US, RequestType
from rightsdesk.law.calendars import is_working_day
from rightsdesk.law.case_dates import deadlines_of, due_dates
from rightsdesk.law.countries import EEA, state_of
from rightsdesk.law.promised_days import promised_days
from tests.support.desk import merchant

T = RequestType
TOKYO = ZoneInfo("Asia/Tokyo")


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("kind", "country", "received_on", "due_on"),
    [
        (T.QUESTION, "JP", "2026-10-01", "2026-10-08"),  # a Thursday: five working days
        (T.QUESTION, "JP", "2026-10-08", "2026-10-16"),  # 12 October is a holiday in Japan
        (T.QUESTION, "US", "2026-10-08", "2026-10-16"),  # elsewhere our own days of rest count alone
        (T.QUESTION, "DE", "2026-04-30", "2026-05-13"),  # Golden Week here, 1 May there
        (T.COMPLAINT, "JP", "2026-10-01", "2026-10-16"),
        (T.COMPLAINT, "DE", "2026-09-28", "2026-10-13"),  # 12 October here; 3 October is a Saturday
        (T.QUESTION, "RE", "2026-07-13", "2026-07-22"),  # 14 July on Réunion, 20 July in Japan
    ],
)
def test_working_days_of_both_places(kind: T, country: str, received_on: str, due_on: str) -> None:
    due = due_dates(noon(received_on), country, merchant=merchant(), types=(kind,))
    assert due.due_on == due.target_on == due.nominal_on == date.fromisoformat(due_on)
    assert due.extended_due_on is due.extension_notice_due_on is due.progress_notice_due_on is None


def test_the_laws_of_the_case_stay_known_and_only_what_they_say_is_cited() -> None:
    complaint = due_dates(noon("2026-10-01"), "DE", merchant=merchant(), types=(T.COMPLAINT,))
    assert complaint.laws == ("gdpr", "appi")
    assert complaint.rules == ("GDPR-3", "APPI-16-2", "APPI-40", "POLICY-COMPLAINT")
    assert due_dates(noon("2026-10-01"), "US", merchant=merchant(), types=(T.COMPLAINT,)).rules == (
        "POLICY-PROMISE",
        "POLICY-COMPLAINT",
    )
    assert due_dates(noon("2026-10-01"), "JP", merchant=merchant(), types=(T.QUESTION,)).rules == (
        "APPI-16-2",
        "POLICY-QUESTION",
    )


@given(
    st.sampled_from(sorted(SAID_TO_US)),
    st.sampled_from(sorted({*EEA, "JP", "US", "RE"})),
    st.dates(date(2026, 1, 1), date(2028, 12, 1)),
    st.integers(1, 20),
)
def test_the_merchant_says_how_many_days(kind: T, country: str, received_on: date, days: int) -> None:
    profile = merchant().model_copy(update={"question_working_days": days, "complaint_working_days": days})
    due = deadlines_of(noon(received_on.isoformat()), country, merchant=profile, types=(kind,))
    home = state_of(country)
    places = ("JP", home) if home in EEA else ("JP",)
    passed = (due.received_on + timedelta(days=n) for n in range(1, (due.due_on - due.received_on).days + 1))
    assert sum(is_working_day(day, *places) for day in passed) == days
    assert is_working_day(due.due_on, *places)


@pytest.mark.parametrize("kind", sorted(set(RequestType) - SAID_TO_US))
def test_a_right_has_the_period_of_its_law(kind: T) -> None:
    profile: MerchantProfile = merchant()
    assert promised_days((kind,), profile) is None
    received = noon("2026-10-01")
    assert due_dates(received, "DE", merchant=profile, types=(kind,)) == due_dates(received, "DE", merchant=profile)
