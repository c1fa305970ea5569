"""Erasures on the sample shop: by both laws, in both languages, whole, and with all that goes wrong on the way."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.domain.suppression import KEY_PURPOSE, suppression_digest
from tests.support.shop_contents import Contents, shop_contents
from tests.support.stack import Case, PlayedStack, played_stack, together


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    """Of its own: what is erased here is missing elsewhere."""
    with played_stack() as booted:
        yield booted


def of(contents: Contents, *texts: str) -> Contents:
    """Rows in which one of the texts stands."""
    return type(contents)({row: n for row, n in contents.items() if any(text in row for text in texts)})


def mentions(contents: Contents, *texts: str) -> int:
    return sum(of(contents, *texts).values())


def mails(stack: PlayedStack, case: Case) -> list[str]:
    return [mail.subject for mail in stack.mails_about(case)]


@pytest.mark.parametrize(
    ("email", "name", "country", "language", "member", "visitor"),
    [
        ("hanako@example.jp", "佐藤 花子", "JP", "ja", "M-000001", "A-"),
        ("maria@example.de", "Maria Schneider", "DE", "en", "M-000003", "A-"),
    ],
)
def test_a_person_is_gone_from_every_source_and_everybody_else_is_as_before(
    stack: PlayedStack, email: str, name: str, country: str, language: str, member: str, visitor: str
) -> None:
    before = shop_contents(stack)
    case = stack.to_approval(email, name=name, country=country, language=language)
    plan = stack.plan(case)
    assert shop_contents(stack) == before  # a dry run
    stack.erase(case, {})
    after = shop_contents(stack)

    assert mentions(before, email, member) > 10
    # What stays are orders without their member, and consents, which a law keeps.
    left = of(after, email, member, name)
    assert all("CONSENT#" in row for row in left), left
    gone, come = before - after, after - before
    assert sum(gone.values()) == plan["delete"] + plan["anonymise"]
    assert sum(come.values()) == plan["anonymise"]
    assert not of(come, email, member, name)
    view = stack.staff_view(case)
    assert (view["status"], view["outcome"]) == ("closed", "partially_fulfilled")
    letter = stack.mails_about(case)[-1]
    assert ("2033" if language == "en" else "2033年") in letter.text
    assert ("backup" if language == "en" else "バックアップ") in letter.text.lower()
    for claim in ("everything was deleted", "all your data", "すべて消去", "全て消去"):
        assert claim not in letter.text.lower()


def test_what_is_told_before_is_what_is_done_and_certified(stack: PlayedStack) -> None:
    member = stack.new_member(orders=2)
    case = stack.submit(member, type="erasure")
    stack.verify(case).expect(200)
    told = stack.mails_about(case)[-1].text
    assert "points" in told.lower()
    stack.confirm_erasure(case).expect(200)
    stack.advance(hours=73)
    plan = stack.plan(case)
    stack.erase(case)
    certificate = stack.stored(case).erasure.certificate  # type: ignore[union-attr]
    assert certificate is not None
    assert certificate.plan_sha256 == plan["plan_sha256"]
    assert sum(part.deleted for part in certificate.collections) == plan["delete"]
    assert sum(part.anonymised for part in certificate.collections) == plan["anonymise"]
    assert sum(part.kept for part in certificate.collections) == plan["anonymise"] + plan["keep"]
    events = {event["type"]: event["details"] for event in stack.timeline(case)}
    assert events["erased"]["certificate_sha256"] == certificate.sha256
    assert events["erasure_began"]["plan_sha256"] == plan["plan_sha256"]


def test_the_manifest_goes_with_the_case_and_the_suppression_entry_stays(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.to_approval(member)
    request_id = stack.stored(case).request_id
    assert stack.remnants(f"work/{request_id}/erasure")
    stack.erase(case)
    assert stack.staff_view(case)["status"] == "closed"
    assert not stack.remnants(f"work/{request_id}")
    key = stack.keys.key(KEY_PURPOSE)
    entries = DynamoSuppressions(stack.local.ref("PeopleTable"), stack.client("dynamodb"))
    for kind, value in (("email", member.email), ("member_id", member.member_id)):
        found = entries.find(suppression_digest(key, kind, value))
        assert found is not None
        assert found.reference == case.reference


def test_a14_undone_within_72_hours_nothing_happened(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    before = shop_contents(stack)
    case = stack.submit(member, type="erasure")
    stack.verify(case).expect(200)
    stack.confirm_erasure(case).expect(200)
    stack.advance(hours=71)
    stack.withdraw(case).expect(200)
    stack.advance(days=5)
    assert stack.stored(case).outcome == "withdrawn"
    assert shop_contents(stack) == before


def test_withdrawn_in_the_middle_of_review_wins_and_once_erased_it_is_too_late(stack: PlayedStack) -> None:
    first, second = stack.new_member(orders=1), stack.new_member(orders=1)
    case = stack.to_approval(first)
    stack.approve(case, by="handler", kept={}).expect(200)
    stack.withdraw(case).expect(200)
    assert stack.approve(case, by="approver").status == 409
    assert mentions(shop_contents(stack), first.email)

    case = stack.to_approval(second)
    stack.erase(case)
    assert stack.withdraw(case).status == 409
    assert not mentions(shop_contents(stack), second.email)


def test_without_confirmation_it_ends_after_14_days_with_a_letter(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.submit(member, type="erasure")
    stack.verify(case).expect(200)
    stack.advance(days=15)
    assert stack.stored(case).outcome == "unconfirmed"
    assert mentions(shop_contents(stack), member.email)
    assert len(mails(stack, case)) == len(set(mails(stack, case)))


def test_a78_access_of_the_same_person_goes_first(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.to_approval(member)
    access = stack.to_review(member)
    refused = stack.approve(case, by="handler", kept={})
    assert (refused.status, refused.body["code"]) == (409, "access_goes_first")
    stack.release(access)
    stack.erase(case)
    assert stack.stored(case).erasure.certificate is not None  # type: ignore[union-attr]
    assert len(stack.download(access)) > 1000  # the copy was made before


def test_a78_a_hold_bars_it_and_says_so_until_it_is_lifted(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.to_approval(member)
    version = stack.staff_view(case)["version"]
    stack.decide(case, "hold", {"version": version, "reason": "open_dispute"}, by="handler").expect(200)
    refused = stack.approve(case, by="handler", kept={})
    assert (refused.status, refused.body["code"]) == (409, "on_hold")
    version = stack.staff_view(case)["version"]
    stack.decide(case, "hold-lift", {"version": version, "reason": "open_dispute"}, by="approver").expect(200)
    stack.erase(case)
    assert not mentions(shop_contents(stack), member.email)


class TestDrills:
    def test_a_source_that_is_down_for_a_day_is_shown_and_the_rest_waits_for_it(self, stack: PlayedStack) -> None:
        member = stack.new_member(orders=2)
        case = stack.to_approval(member)
        stack.approve(case, by="handler", kept={}).expect(200)
        with stack.failing("dynamodb", "TransactWriteItems", code="ThrottlingException", on="shop-orders") as failed:
            stack.approve(case, by="approver").expect(200)
            stack.advance(days=1)
            assert len(failed) >= 7
        view = stack.staff_view(case)
        assert view["failed"]
        assert view["failure"]["state"] == "CertifyErasure"
        assert {s["source"]: s["status"] for s in view["sources"]}["orders"] == "failed"
        assert mails(stack, case)[-1] != mails(stack, case)[0]
        assert stack.stored(case).erasure.certificate is None  # type: ignore[union-attr]
        assert "answered" not in stack.happened(case)
        stack.retry(case).expect(200)
        assert stack.stored(case).erasure.certificate is not None  # type: ignore[union-attr]
        happened = stack.happened(case)
        for event in ("erasure_began", "erased", "answered", "erasure_approved"):
            assert happened.count(event) == 1, happened

    def test_throttled_for_a_while_it_goes_on_by_itself(self, stack: PlayedStack) -> None:
        case = stack.to_approval(stack.new_member(orders=2))
        stack.approve(case, by="handler", kept={}).expect(200)
        with stack.failing("dynamodb", "TransactWriteItems", code="ThrottlingException", on="shop-members", times=1):
            stack.approve(case, by="approver").expect(200)
        stack.advance(hours=2)
        assert "workflow_failed" not in stack.happened(case)
        assert stack.stored(case).outcome == "partially_fulfilled"

    def test_half_written_files_are_as_before_or_as_they_should_be(self, stack: PlayedStack) -> None:
        email = "jane@example.com"
        before = shop_contents(stack)
        case = stack.to_approval(email, name="Jane Murphy")
        stack.approve(case, by="handler", kept={}).expect(200)
        with stack.failing("s3", "PutObject", code="SlowDown", on="surveys/", times=2) as failed:
            stack.approve(case, by="approver").expect(200)
        assert failed
        stack.advance(hours=3)
        after = shop_contents(stack)
        assert not of(after, email, "Jane Murphy")
        certificate = stack.stored(case).erasure.certificate  # type: ignore[union-attr]
        assert certificate is not None
        anonymised = sum(part.anonymised for part in certificate.collections)
        assert sum((before - after).values()) == anonymised + sum(part.deleted for part in certificate.collections)
        assert sum((after - before).values()) == anonymised
        assert stack.stored(case).outcome == "partially_fulfilled"

    def test_data_that_changed_after_approval_are_planned_and_approved_again(self, stack: PlayedStack) -> None:
        member = stack.new_member(orders=1)
        case = stack.to_approval(member)
        first = stack.plan(case)
        stack.approve(case, by="handler", kept={}).expect(200)
        stack.client("dynamodb").update_item(
            TableName=stack.shop("MembersTable"),
            Key={"pk": {"S": f"MEMBER#{member.member_id}"}, "sk": {"S": "PROFILE"}},
            UpdateExpression="SET points = :points",
            ExpressionAttributeValues={":points": {"N": "7"}},
        )
        stack.approve(case, by="approver").expect(200)
        view = stack.staff_view(case)
        assert view["status"] == "awaiting_review"
        second = stack.plan(case)
        assert second["plan_sha256"] != first["plan_sha256"]
        assert second["round"] == 2
        assert mentions(shop_contents(stack), member.email)
        stack.erase(case)
        assert not mentions(shop_contents(stack), member.email)

    def test_a_task_delivered_twice_does_nothing_twice(self, stack: PlayedStack) -> None:
        case = stack.to_approval(stack.new_member(orders=2))
        stack.approve(case, by="handler", kept={}).expect(200)
        request_id = stack.stored(case).request_id
        too_early = stack.local.invoke("EraseDataFunction", {"request_id": request_id, "source": "shop"})
        assert too_early.failed
        stack.approve(case, by="approver").expect(200)
        after = shop_contents(stack)
        for function, more in (
            ("EraseDataFunction", {}),
            ("SearchAgainFunction", {}),
            ("PlanErasureFunction", {"step": "plan"}),
        ):
            event: dict[str, Any] = {"request_id": request_id, "source": "orders"} | more
            assert stack.local.invoke(function, event).failed  # the case is closed
        assert shop_contents(stack) == after

    def test_staff_who_act_at_once_do_not_approve_twice(self, stack: PlayedStack) -> None:
        case = stack.to_approval(stack.new_member(orders=1))
        version, sha256 = stack.staff_view(case)["version"], stack.plan(case)["plan_sha256"]
        body = {"version": version, "plan_sha256": sha256, "kept": {}}
        path = f"/staff/requests/{case.reference}/erasure/approval"
        acts = [partial(stack.call, "POST", path, body, staff=by) for by in ("handler", "approver") * 2]
        answers = together(*acts)
        stack.local.settle()
        assert sorted(answer.status for answer in answers)[0] == 200
        assert sum(answer.status == 200 for answer in answers) == 1
        approval = stack.stored(case).erasure.approval  # type: ignore[union-attr]
        assert approval is not None
        assert approval.second_by is None

    @pytest.mark.parametrize("moment", ["planned", "confirmed", "approved", "begun"])
    def test_an_execution_that_is_killed_goes_on_where_it_was(self, stack: PlayedStack, moment: str) -> None:
        member = stack.new_member(orders=1)
        case = stack.submit(member, type="erasure")
        stack.verify(case).expect(200)
        if moment == "planned":
            stack.kill(case)
            stack.advance(days=4)
        stack.confirm_erasure(case).expect(200)
        if moment == "confirmed":
            stack.kill(case)
        stack.advance(days=4)
        stack.approve(case, by="handler", kept={}).expect(200)
        if moment == "approved":
            stack.kill(case)
        if moment == "begun":
            with stack.failing("dynamodb", "TransactWriteItems", code="ThrottlingException", on="shop-orders"):
                stack.approve(case, by="approver").expect(200)
                stack.kill(case)
        else:
            stack.approve(case, by="approver").expect(200)
        stack.advance(days=2)
        happened = stack.happened(case)
        for event in (
            "confirmation_asked",
            "erasure_confirmed",
            "erasure_approved",
            "erasure_began",
            "erased",
            "answered",
        ):
            assert happened.count(event) == 1, happened
        assert len(mails(stack, case)) == len(set(mails(stack, case))), mails(stack, case)
        assert not mentions(shop_contents(stack), member.email)

    def test_what_happened_names_nobody(self, stack: PlayedStack) -> None:
        member = stack.new_member(orders=1)
        case = stack.to_approval(member)
        stack.erase(case)
        told = json.dumps(stack.timeline(case))
        for canary in (member.email, member.name, member.member_id):
            assert canary not in told
