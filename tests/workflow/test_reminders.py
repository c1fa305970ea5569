"""Staff do nothing: they are reminded before the target, on it, on the due date, and every day after it, each once."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.stack import Case, PlayedStack

TOKYO = ZoneInfo("Asia/Tokyo")
EARLY = {"target_in_7_days": 7, "target_in_3_days": 3, "target_in_1_day": 1, "target": 0}


def _reminders(stack: PlayedStack, case: Case) -> list[tuple[str, date]]:
    """(name, the day in the merchant's zone on which it was sent), in order."""
    return [
        (name, datetime.fromisoformat(event["at"]).astimezone(TOKYO).date())
        for event in stack.timeline(case)
        if event["type"] == "staff_reminded"
        for name in event["details"]["reminders"]
    ]


@pytest.fixture(scope="module")
def neglected(stack: PlayedStack) -> dict[str, Case]:
    """Cases of both laws, left alone until two days after the later due date."""
    cases = {
        "gdpr": stack.to_review(stack.new_member(country="DE")),
        "appi": stack.to_review(stack.new_member(country="JP")),
        "unverified": stack.submit(stack.new_member(country="DE")),
    }
    stack.decide(cases["gdpr"], "assignment", {"assignee": "somebody"}, by="handler").expect(200)
    left = stack.stored(cases["gdpr"]).due.due_on - stack.now.astimezone(TOKYO).date()
    stack.advance(days=left.days + 3)
    return cases


@pytest.mark.parametrize("law", ["gdpr", "appi"])
def test_each_reminder_comes_once_and_on_its_day(stack: PlayedStack, neglected: dict[str, Case], law: str) -> None:
    case = neglected[law]
    due = stack.stored(case).due
    sent = _reminders(stack, case)
    expected = [(name, due.target_on - timedelta(days=days)) for name, days in EARLY.items()]
    expected.append(("due", due.due_on))
    today = stack.now.astimezone(TOKYO).date()
    overdue = due.due_on + timedelta(days=1)
    while overdue < today:
        expected.append((f"overdue_{overdue.isoformat()}", overdue))
        overdue += timedelta(days=1)
    assert [entry for entry in sent if entry[1] < today] == expected
    assert len(expected) > 5


def test_they_come_at_nine_in_the_merchants_morning_and_say_how_the_case_stands(
    stack: PlayedStack, neglected: dict[str, Case]
) -> None:
    case = neglected["gdpr"]
    mails = stack.staff_mails(case)
    warnings = [mail for mail in mails if "release" not in mail.subject]
    late = [(mail.subject, mail.sent_at) for mail in warnings if mail.sent_at.astimezone(TOKYO).hour != 9]
    assert late == [], (stack.happened(case), stack.local.executions("DeadlineWatch"))
    assert "Assigned to: somebody" in warnings[0].text
    assert "waiting for release" in warnings[0].text
    days = [mail.sent_at.astimezone(TOKYO).date() for mail in warnings]
    assert len(days) == len(set(days))  # one mail a day, whatever falls together
    assert "overdue" in warnings[-1].subject


def test_staff_see_at_the_top_what_is_due_first(stack: PlayedStack, neglected: dict[str, Case]) -> None:
    items = stack.call("GET", "/staff/requests", staff="handler").expect(200)["items"]
    targets = [entry["target_on"] for entry in items]
    assert targets == sorted(targets)
    assert next(entry for entry in items if entry["reference"] == neglected["gdpr"].reference)["days_left"] < 0


def test_the_person_hears_nothing_of_it(stack: PlayedStack, neglected: dict[str, Case]) -> None:
    assert len(stack.mails_about(neglected["gdpr"])) == 1


def test_what_is_over_is_not_reminded_of(stack: PlayedStack, neglected: dict[str, Case]) -> None:
    case = neglected["unverified"]
    closed = stack.stored(case)
    assert closed.closed_at is not None
    closed_on = closed.closed_at.astimezone(TOKYO).date()
    assert all(day <= closed_on for _, day in _reminders(stack, case))
    assert stack.execution(case, "DeadlineWatch").status == "SUCCEEDED"


def test_an_answer_even_a_late_one_ends_the_reminders(stack: PlayedStack, neglected: dict[str, Case]) -> None:
    case = neglected["appi"]
    stack.release(case)
    sent = _reminders(stack, case)
    stack.advance(days=3)
    assert _reminders(stack, case) == sent
    assert stack.execution(case, "DeadlineWatch").status == "SUCCEEDED"
