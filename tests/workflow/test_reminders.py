"""Sixty days in which staff do nothing: who hears of it when, and everybody of each thing once."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from local.outbox import Mail
from tests.support.stack import Case, PlayedStack

TOKYO = ZoneInfo("Asia/Tokyo")
DESK = "privacy-desk@shop.example"
HANDLER, APPROVER = "handler@shop.example", "approver@shop.example"
EARLY = ((7, "7 days to the target"), (3, "3 days to the target"), (1, "1 day to the target"))
TODAY, DUE, OVERDUE = "The target is today", "The answer is due today", "The answer is overdue"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def neglected(stack: PlayedStack) -> dict[str, Case]:
    """Cases that nobody works on: one that a handler has, one that nobody has, and two that wait for their person.

    The second is answered in the end, too late.
    """
    changed = stack.new_member(country="JP", mailbox_changed_at=stack.now - 2 * DAY)
    cases = {
        "both laws": stack.to_review(stack.new_member(country="DE")),
        "appi": stack.to_review(stack.new_member(country="JP")),
        "not confirmed": stack.submit(stack.new_member(country="DE")),
        "not identified": stack.submit(changed),
    }
    assert cases["appi"].language == "ja"
    stack.verify(cases["not identified"]).expect(200)
    assert stack.stored(cases["not identified"]).evidence_needed
    stack.decide(cases["both laws"], "assignment", {"assignee": _user_id(stack, HANDLER)}, by="handler").expect(200)
    stack.advance(days=24)
    stack.release(cases["appi"])
    stack.advance(days=36)
    return cases


def _user_id(stack: PlayedStack, address: str) -> str:
    user = stack.client("cognito-idp").admin_get_user(UserPoolId=stack.local.ref("StaffPool"), Username=address)
    return str(next(entry["Value"] for entry in user["UserAttributes"] if entry["Name"] == "sub"))


def _day(moment: datetime) -> date:
    return moment.astimezone(TOKYO).date()


def _warning_mails(stack: PlayedStack, case: Case) -> list[Mail]:
    """Those that a date has sent."""
    known = {TODAY, DUE, OVERDUE, *(said for _, said in EARLY)}
    return [mail for mail in stack.staff_mails(case) if _said(mail) in known]


def _said(mail: Mail) -> str:
    return mail.subject.partition("] ")[2]


def _warnings(stack: PlayedStack, case: Case, to: str) -> list[tuple[date, str]]:
    """(day in the merchant's zone, what the subject says)."""
    return [(_day(mail.sent_at), _said(mail)) for mail in _warning_mails(stack, case) if mail.to == to]


def _grave(stack: PlayedStack, case: Case) -> Iterator[tuple[date, str]]:
    """What approvers hear of: target, due date, and every day after it until an answer. One mail a day."""
    due, answered_at = stack.stored(case).due, stack.stored(case).answered_at
    if due.target_on != due.due_on:
        yield due.target_on, TODAY
    yield due.due_on, DUE
    overdue = due.due_on + DAY
    while datetime(overdue.year, overdue.month, overdue.day, 9, tzinfo=TOKYO) <= (answered_at or stack.now):
        yield overdue, OVERDUE
        overdue += DAY


@pytest.mark.parametrize(("name", "reader"), [("both laws", HANDLER), ("appi", DESK)])
def test_who_has_the_case_hears_of_every_date_and_approvers_from_the_target_on(
    stack: PlayedStack, neglected: dict[str, Case], name: str, reader: str
) -> None:
    case = neglected[name]
    due = stack.stored(case).due
    grave = list(_grave(stack, case))
    assert len(grave) > 8
    assert _warnings(stack, case, reader) == [(due.target_on - days * DAY, said) for days, said in EARLY] + grave
    assert _warnings(stack, case, APPROVER) == grave
    for nobody in {DESK, HANDLER, "auditor@shop.example", "admin@shop.example"} - {reader}:
        assert _warnings(stack, case, nobody) == []


def test_each_date_stands_once_in_the_history_with_how_many_approvers_were_told(
    stack: PlayedStack, neglected: dict[str, Case]
) -> None:
    case = neglected["both laws"]
    kept = [
        (event["type"], name, event["details"].get("approvers"))
        for event in stack.timeline(case)
        if event["type"] in ("staff_reminded", "escalated")
        for name in event["details"]["reminders"]
    ]
    target = stack.stored(case).due.target_on.isoformat()
    assert kept[:4] == [
        ("staff_reminded", f"target_in_7_days_{target}", None),
        ("staff_reminded", f"target_in_3_days_{target}", None),
        ("staff_reminded", f"target_in_1_day_{target}", None),
        ("escalated", f"target_{target}", 1),
    ]
    assert len(kept) == len({name for _, name, _ in kept}) == 3 + len(list(_grave(stack, case)))


def test_they_come_at_nine_in_the_merchants_morning_and_say_how_the_case_stands(
    stack: PlayedStack, neglected: dict[str, Case]
) -> None:
    case = neglected["both laws"]
    warnings = _warning_mails(stack, case)
    late = [(mail.subject, mail.sent_at) for mail in warnings if mail.sent_at.astimezone(TOKYO).hour != 9]
    assert late == [], (stack.happened(case), stack.local.executions("DeadlineWatch"))
    assert f"Assigned to: {_user_id(stack, HANDLER)}" in warnings[0].text
    assert "waiting for staff" in warnings[0].text
    assert "because you may approve answers" in next(mail.text for mail in warnings if mail.to == APPROVER)


def _told(stack: PlayedStack, case: Case) -> list[tuple[int, Mail]]:
    """What the person got, with the days since receipt."""
    received_on = _day(stack.stored(case).received_at)
    return [((_day(mail.sent_at) - received_on).days, mail) for mail in stack.mails_about(case)]


@pytest.mark.parametrize(
    ("name", "subject", "says"),
    [
        ("both laws", "How request {reference} stands", "a person is checking it"),
        ("appi", "ご請求の進み具合のお知らせ（受付番号 {reference}）", "担当者が確認しています"),
    ],
)
def test_the_person_hears_once_how_things_stand_before_two_weeks_are_over(
    stack: PlayedStack, neglected: dict[str, Case], name: str, subject: str, says: str
) -> None:
    case = neglected[name]
    notice_due_on = stack.stored(case).due.progress_notice_due_on
    assert notice_due_on is not None
    (notice,) = (mail for _, mail in _told(stack, case) if mail.subject == subject.format(reference=case.reference))
    assert notice.sent_at.astimezone(TOKYO) == datetime.combine(
        notice_due_on - DAY, notice.sent_at.astimezone(TOKYO).time(), TOKYO
    )
    assert notice.sent_at.astimezone(TOKYO).hour == 9
    assert says in notice.text
    assert f"/{case.language}/requests/{case.reference}" in notice.text
    assert stack.happened(case).count("progress_noticed") == 1


@pytest.mark.parametrize(
    ("name", "days", "reminder", "outcome"),
    [
        ("not confirmed", [0, 3, 14], "still waits", "unverified"),
        ("not identified", [0, 0, 3, 13, 14], "お待ち", "not_identified"),
    ],
)
def test_who_has_not_entered_what_was_asked_for_is_reminded_once_and_told_of_the_end(
    stack: PlayedStack, neglected: dict[str, Case], name: str, days: list[int], reminder: str, outcome: str
) -> None:
    case = neglected[name]
    told = _told(stack, case)
    # The notice of progress comes the day before the target, which a holiday may bring forward.
    notice_due_on = stack.stored(case).due.progress_notice_due_on
    assert notice_due_on is not None
    noticed = (notice_due_on - DAY - _day(stack.stored(case).received_at)).days
    assert [day for day, _ in told] == [noticed if day == 13 else day for day in days]
    reminders = [(day, mail) for day, mail in told if reminder in mail.subject]
    assert [day for day, _ in reminders] == [3]
    assert stack.happened(case).count("verification_reminded") == 1
    assert stack.stored(case).outcome == outcome
    assert stack.execution(case, "DeadlineWatch").status == "SUCCEEDED"


def test_a_reminder_repeats_nothing_that_the_requester_typed(stack: PlayedStack, neglected: dict[str, Case]) -> None:
    case = neglected["not confirmed"]
    reminder = next(mail for day, mail in _told(stack, case) if day == 3)
    assert stack.stored(case).name not in reminder.text + reminder.html


@pytest.mark.parametrize(("name", "said"), [("both laws", "is late"), ("appi", "遅れている")])
def test_the_person_hears_once_that_the_answer_is_late_and_where_to_complain(
    stack: PlayedStack, neglected: dict[str, Case], name: str, said: str
) -> None:
    case = neglected[name]
    due = stack.stored(case).due
    received_on = _day(stack.stored(case).received_at)
    late = [(day, mail) for day, mail in _told(stack, case) if said in mail.subject]
    assert [day for day, _ in late] == [(due.due_on - received_on).days + 1]
    mail = late[0][1]
    assert case.reference in mail.text
    assert ("https://" in mail.text.partition("/requests/")[2]) is (name == "both laws")  # the authority of the GDPR
    assert "03-6457-9849" in mail.text
    assert stack.happened(case).count("lateness_noticed") == 1


def test_there_is_nothing_else_that_the_person_hears_of_staff_who_do_nothing(
    stack: PlayedStack, neglected: dict[str, Case]
) -> None:
    assert len(_told(stack, neglected["both laws"])) == 3  # the code, how things stand, and that it is late


def test_a38_staff_hear_nothing_of_a_request_that_nobody_confirmed(
    stack: PlayedStack, neglected: dict[str, Case]
) -> None:
    assert stack.staff_mails(neglected["not confirmed"]) == []
    about_the_other = [mail.to for mail in stack.staff_mails(neglected["not identified"])]
    assert DESK in about_the_other  # its mailbox is confirmed: staff may help to identify its person


def test_staff_see_at_the_top_what_is_due_first(stack: PlayedStack, neglected: dict[str, Case]) -> None:
    items = stack.call("GET", "/staff/requests", staff="handler").expect(200)["items"]
    targets = [entry["target_on"] for entry in items]
    assert targets == sorted(targets)
    assert next(entry for entry in items if entry["reference"] == neglected["both laws"].reference)["days_left"] < 0


def test_an_answer_even_a_late_one_ends_the_reminders(stack: PlayedStack, neglected: dict[str, Case]) -> None:
    case = neglected["appi"]
    answered_at = stack.stored(case).answered_at
    assert answered_at is not None
    assert all(mail.sent_at <= answered_at for mail in stack.staff_mails(case))
    assert stack.execution(case, "DeadlineWatch").status == "SUCCEEDED"
