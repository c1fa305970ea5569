"""Erasures on the sample shop: by both laws, in both languages, whole, and with all that goes wrong on the way."""

from collections.abc import Iterator

import pytest

from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.domain.identifier_digest import identifier_digest
from rightsdesk.domain.suppression import KEY_PURPOSE
from tests.support.shop_contents import mentions, of, shop_contents
from tests.support.stack import Case, PlayedStack, played_stack


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    """Of its own: what is erased here is missing elsewhere."""
    with played_stack() as booted:
        yield booted


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
    last = max(kept["until"] for part in plan["collections"] for kept in part["kept"] if kept["until"])[:4]
    assert (last if language == "en" else f"{last}年") in letter.text
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
    assert sum(part.kept for part in certificate.collections) == plan["keep"]
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
        found = entries.find(identifier_digest(key, kind, value))
        assert found is not None
        assert found.reference == case.reference
    assert stack.stored(case).erasure.suppressed[:2] == ("email", "member_id")  # type: ignore[union-attr]


def test_who_never_was_a_customer_is_asked_nothing_and_not_kept_away_without_end(stack: PlayedStack) -> None:
    stranger = "stranger@nowhere.example"
    case = stack.submit(stranger, type="erasure")
    stack.verify(case).expect(200)
    stack.confirm_erasure(case).expect(409)
    plan = stack.plan(case)
    assert (plan["nothing_to_erase"], plan["asked_at"], plan["confirmed_at"], plan["undo_until"]) == (True, *[None] * 3)
    stack.erase(case)
    assert stack.stored(case).outcome == "fulfilled"
    answer = stack.mails_about(case)[-1]
    assert "no data about you" in answer.subject
    assert "deleted, and what we keep" not in answer.subject
    key = stack.keys.key(KEY_PURPOSE)
    entries = DynamoSuppressions(stack.local.ref("PeopleTable"), stack.client("dynamodb"))
    assert entries.find(identifier_digest(key, "email", stranger)) is None


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
