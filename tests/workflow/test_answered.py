"""The main job, all the way: asked, proven, collected, released, fetched, closed."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

from rightsdesk.domain.audit import verify_chain
from tests.support.package import Package
from tests.support.stack import PlayedStack

WHOLE_WAY = [
    "received",
    "verification_started",
    "mailbox_confirmed",
    "plan_decided",
    "export_built",
    "review_requested",
    "released",
    "answered",
    "downloaded",
    "closed",
]


def test_access_and_portability_in_english_from_the_form_to_the_closed_case(stack: PlayedStack) -> None:
    maria = stack.new_member(country="DE", orders=3, addresses=1)
    case = stack.submit(maria, type=["access", "portability"])
    assert stack.staff_view(case)["status"] == "awaiting_verification"

    verified = stack.verify(case).expect(200)
    due_on = _a_month_later(stack.stored(case).due.received_on)
    assert verified == {"status": "verified", "due_on": due_on.isoformat()}
    assert due_on.strftime("%-d %B %Y") in stack.mails(maria.email)[0].text.replace("\N{NO-BREAK SPACE}", " ")

    view = stack.staff_view(case)
    assert (view["status"], view["laws"]) == ("awaiting_review", ["gdpr", "appi"])
    assert {source["source"]: source["status"] for source in view["sources"]} == dict.fromkeys(
        ("shop", "orders", "files", "analytics"), "done"
    )
    assert view["held"] == []
    stack.release(case)

    package = Package(stack.download(case))
    assert package.verified().ok, package.verified().problems
    assert package.manifest["reference"] == case.reference
    assert [order["order_id"] for order in package.records("orders")] == [
        f"K{maria.number:06d}-{number:04d}" for number in (1, 2, 3)
    ]
    assert package.records("members")[0]["email"] == maria.email
    assert package.has_portable_part()
    assert not package.says("hanako@example.jp")
    session = stack.session(case)
    assert [step["at"] is not None for step in stack.look(case, session)["steps"]] == [True] * 4

    request_id, export = stack.stored(case).request_id, stack.stored(case).export
    assert export is not None
    stack.client("s3").create_multipart_upload(Bucket=stack.local.ref("ExportBucket"), Key=f"{export.prefix}9")
    stack.advance(days=14, hours=1)

    assert stack.remnants(export.prefix, f"work/{request_id}/") == []
    assert stack.happened(case) == WHOLE_WAY
    closed = stack.stored(case)
    assert (closed.status, closed.outcome) == ("closed", "fulfilled")
    assert stack.execution(case).status == "SUCCEEDED"
    assert stack.execution(case, "DeadlineWatch").status == "SUCCEEDED"
    archived = stack.evidence(case)
    assert [event.type for event in archived] == WHOLE_WAY
    assert verify_chain(archived, expected_head=(closed.event_sequence, closed.event_hash)) is None
    assert [mail.subject.split(" ")[0:2] for mail in stack.mails_about(case)] == [
        ["Your", "code"],
        ["The", "answer"],
        ["Your", "code"],
        ["Your", "answer"],
        ["Request", case.reference],
    ]


def test_access_and_portability_in_japanese_under_the_appi(stack: PlayedStack) -> None:
    hanako = stack.new_member(country="JP", orders=1)
    case = stack.submit(hanako, type=["access", "portability"])
    stack.verify(case).expect(200)

    due = stack.stored(case).due
    today = stack.now.astimezone(ZoneInfo("Asia/Tokyo")).date()
    assert (due.laws, due.received_on) == (("appi",), today)
    assert due.target_on == due.due_on == _working_day_before(today + timedelta(days=14))
    code_mail = stack.mails(hanako.email)[0]
    assert case.reference in code_mail.subject
    assert f"{due.due_on.year}年{due.due_on.month}月{due.due_on.day}日" in code_mail.text
    assert f"{stack.local.url}/ja/requests/{case.reference}" in code_mail.text

    stack.release(case)
    answer = stack.mails_about(case)[-1].text
    assert "03-6457-9849" in answer  # the Commission's telephone
    assert "裁判" in answer or "訴え" in answer
    package = Package(stack.download(case))
    assert package.verified().ok
    assert package.manifest["language"] == "ja"
    stack.advance(days=14, hours=1)
    assert stack.happened(case) == WHOLE_WAY
    assert "終了" in stack.mails_about(case)[-1].subject or "完了" in stack.mails_about(case)[-1].subject


def test_access_alone_holds_no_portable_part_and_portability_alone_is_answered_too(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    access = stack.to_answer(member)
    assert not Package(stack.download(access)).has_portable_part()

    stack.advance(minutes=11)  # between two mails to one address that nobody asked for
    portability = stack.to_answer(member, type="portability")
    package = Package(stack.download(portability))
    assert package.verified().ok
    assert package.manifest["types"] == ["portability"]
    assert package.json("portability/customer.json")
    assert b"orderNumber" in package.files["portability/orders.jsonl"]


def test_the_same_request_twice_is_answered_twice_alike_and_linked_inside(stack: PlayedStack) -> None:
    """a24: a duplicate is told nothing of the first; whoever handles them sees both under one subject."""
    member = stack.new_member()
    first, second = (stack.post_request(member.email).expect(202) for _ in range(2))
    stack.local.settle()
    assert first.keys() == second.keys()
    assert (first["status"], second["status"]) == ("received", "received")
    assert first["reference"] != second["reference"]
    ids = [stack.cases.find(reference).request_id for reference in (first["reference"], second["reference"])]
    assert set(stack.cases.of_subject(stack.cases.find(first["reference"]).subject_key)) == set(ids)


def _a_month_later(day: date) -> date:
    """Regulation 1182/71 by another hand: the same day of the next month, rolled over weekends and holidays."""
    due = day + relativedelta(months=1)
    while due.weekday() >= 5 or due in holidays.country_holidays("DE", years=due.year):
        due += timedelta(days=1)
    return due


def _working_day_before(day: date) -> date:
    while day.weekday() >= 5 or day in holidays.country_holidays("JP", years=day.year):
        day -= timedelta(days=1)
    return day
