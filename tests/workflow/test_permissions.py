"""The register through its doors: what a person stops is no to whoever asks, from the moment of the code on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.stack import PlayedStack, together

MARKETING = ("newsletter", "catalogue", "promotion")
Person = Any


def of_member(stack: PlayedStack, member: Person, *purposes: str) -> list[bool]:
    return [stack.may("member_id", member.member_id, purpose)["allowed"] for purpose in purposes]


def requested(stack: PlayedStack, member: Person, kind: str, **changes: Any) -> Any:
    """A verified request: its code was entered, and nothing else was done."""
    case = stack.submit(member, type=kind, details="Because of my situation.", **changes)
    stack.verify(case).expect(200)
    return case


def profile(stack: PlayedStack, member: Person) -> dict[str, Any]:
    key = {"pk": {"S": f"MEMBER#{member.member_id}"}, "sk": {"S": "PROFILE"}}
    return dict(stack.client("dynamodb").get_item(TableName=stack.shop("MembersTable"), Key=key)["Item"])


def test_what_only_a_consent_held_goes_whole_with_it(stack: PlayedStack) -> None:
    member = stack.new_member(orders=0)
    case = requested(stack, member, "consent_withdrawal", aim={"purposes": ["surveys"]})
    assert stack.staff_view(case)["status"] == "closed" or stack.stored(case).answered_at, "nothing of theirs was there"
    assert stack.may("member_id", member.member_id, "surveys")["reason"] == "withdrawn"


def test_an_objection_to_advertising_is_no_at_once_and_without_end(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    before = of_member(stack, member, *MARKETING, "service_notices")
    assert before == [False, True, True, True]
    case = requested(stack, member, "objection", aim={"objects_to": "marketing"})
    assert of_member(stack, member, *MARKETING, "service_notices") == [False, False, False, True]
    answer = stack.may("email", member.email.upper(), "promotion")
    assert (answer["reason"], answer["rule"]) == ("objected", "GDPR-21-3")
    assert answer["since"] is not None
    held = profile(stack, member)
    assert {"gender", "segment"} <= set(held)
    plan = stack.plan(case)
    assert (plan["delete"], plan["anonymise"] >= 1) == (0, True), "what only advertising needed goes, and no row whole"
    stack.approve(case, by="handler").expect(200)
    stack.approve(case, by="approver").expect(200)
    after = profile(stack, member)
    assert set(held) - set(after) >= {"gender", "segment"}
    assert {name: held[name] for name in after} == after
    stored = stack.stored(case)
    assert stored.answered_at is not None
    (mail,) = [mail for mail in stack.mails_about(case) if "no more advertising" in mail.text]
    assert "Customer group (our conclusion)" in mail.text
    assert stack.may("email", member.email, "service_notices")["allowed"] is True, "nobody was erased"
    stack.advance(days=30)
    assert stack.stored(case).outcome == "fulfilled"
    assert of_member(stack, member, *MARKETING) == [False, False, False]


def test_a_consent_is_taken_back_without_anybody_of_staff(stack: PlayedStack) -> None:
    member = stack.new_member(orders=0)
    case = requested(stack, member, "consent_withdrawal", aim={"purposes": ["newsletter"]})
    answer = stack.may("member_id", member.member_id, "newsletter", "mail_service")
    assert (answer["allowed"], answer["reason"], answer["rule"]) == (False, "withdrawn", "GDPR-7-3")
    assert "use_stopped" in stack.happened(case)
    assert stack.stored(case).answered_at is not None
    (mail,) = [mail for mail in stack.mails_about(case) if "newsletters" in mail.text]
    assert "stays lawful" in mail.text


def test_a_restriction_is_only_lifted_after_a_letter_and_on_its_day(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = requested(stack, member, "restriction", aim={"ground": "accuracy"})
    assert of_member(stack, member, "service", "promotion", "verification") == [False, False, True]
    desk = "kanri@enokida-support.example"  # who answers customers only stores them, before anybody has decided
    before = stack.notices(case)["help_desk"]
    assert (before["action"], before["meanwhile"]) == ("restrict", True)
    (asked,) = [mail for mail in stack.mails(desk) if before["reference"] in mail.subject]
    assert "until we write to you again" in asked.text or "改めてお知らせするまで" in asked.text
    version = stack.staff_view(case)["version"]
    done = {"version": version, "done": "Your data are on hold.", "kept": {}}
    stack.decide(case, "completion", done).expect(200)
    assert of_member(stack, member, "service") == [False]
    after = stack.notices(case)["help_desk"]
    assert (after["reference"], after["meanwhile"], after["sendings"]) == (before["reference"], False, 1), "it stands"
    version = stack.staff_view(case)["version"]
    lift = {"version": version, "reason": "Your address was checked, and it is right."}
    stack.decide(case, "restriction-lift", lift, by="handler").expect(403)
    stack.decide(case, "restriction-lift", lift).expect(200)
    (letter,) = [mail for mail in stack.mails_about(case) if "will soon go on" in mail.subject]
    assert "Your address was checked" in letter.text
    assert [before["reference"] in mail.subject for mail in stack.mails(desk)].count(True) == 2, "and hears of its end"
    assert of_member(stack, member, "service") == [False]
    stack.advance(days=8)
    assert of_member(stack, member, "service") == [True]
    stack.decide(case, "restriction-lift", lift | {"version": stack.staff_view(case)["version"]}).expect(409)


def test_another_objection_is_stopped_until_it_is_refused_and_the_person_was_told(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = requested(stack, member, "objection", aim={"objects_to": "other"})
    assert of_member(stack, member, "fraud_prevention", "promotion") == [False, True]
    view = stack.staff_view(case)
    refusal = {"version": view["version"], "ground": "gdpr_21_1", "reason": "Card fraud can't be seen without it."}
    stack.decide(case, "refusal", refusal).expect(200)
    subjects = [mail.subject for mail in stack.mails_about(case)]
    lifted = next(at for at, subject in enumerate(subjects) if "will soon go on" in subject)
    assert lifted < len(subjects) - 1, "before the refusal"
    assert of_member(stack, member, "fraud_prevention") == [False]
    stack.advance(days=8)
    assert of_member(stack, member, "fraud_prevention") == [True]


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("en", "Three orders on invoice were not paid, and a fourth one is open."),
        ("ja", "後払いのご注文3件が未払いとなっており、現在も1件のお支払いが済んでいないためです。"),
    ],
)
def test_an_objection_is_weighed_by_purposes_each_whole_and_with_reasons(
    stack: PlayedStack, language: str, reason: str
) -> None:
    """GDPR 21(1): the grounds compel for one processing; 12(4): the person reads them."""
    member = stack.new_member(orders=1)
    case = requested(stack, member, "objection", aim={"objects_to": "other"}, language=language)
    listed = stack.call("GET", f"/staff/requests/{case.reference}/decisions", staff="handler").expect(200)
    of_fraud = [each["field"] for each in listed["decisions"] if "fraud_prevention" in each["purposes"]]
    assert of_fraud == ["shop/members.fraud_score", "orders/orders.fraud_check"]

    def complete(fields: list[str], **more: Any) -> Any:
        done = {
            "en": "We weighed each use against your reasons.",
            "ja": "利用ごとに、お客様のご事情と比べて判断しました。",
        }[language]
        kept = {"version": stack.staff_view(case)["version"], "done": done, "kept": dict.fromkeys(fields, "gdpr_21_1")}
        return stack.decide(case, "completion", kept | more)

    def problems(answer: Any) -> list[tuple[str, str]]:
        assert answer.status == 400
        return [(each["field"], each["reason"]) for each in answer.body["errors"]]

    in_part = complete(of_fraud[:1], reasons={"fraud_prevention": reason})
    assert problems(in_part) == [(f"kept.{of_fraud[1]}", "whole_purpose")]
    assert problems(complete(of_fraud)) == [("reasons.fraud_prevention", "missing")]
    after = complete(of_fraud, reasons={"fraud_prevention": reason}).expect(200)
    assert after["reasons"] == {"fraud_prevention": reason}
    letter = next(mail.text for mail in reversed(stack.mails_about(case)) if reason in mail.text)
    line = next(line for line in letter.splitlines() if reason in line)
    for words in {"en": ("Fraud score", "GDPR 21(1)"), "ja": ("不正利用スコア", "GDPR第21条第1項")}[language]:
        assert words in line
    stack.advance(days=9)
    assert of_member(stack, member, "fraud_prevention", "platform") == [True, False]


def test_a_stop_of_provision_hands_nothing_on_but_the_parcel(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1, country="JP")
    requested(stack, member, "stop_provision", country="JP", language="ja")

    def handed(purpose: str, recipient: str) -> bool:
        return bool(stack.may("member_id", member.member_id, purpose, recipient)["allowed"])

    assert handed("service", "carrier")
    assert not handed("fraud_prevention", "payment_gateway")


def test_who_was_erased_is_left_alone_and_who_never_was_here_is_as_everybody(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.to_approval(member)
    stack.erase(case)
    assert stack.may("email", member.email, "service_notices")["reason"] == "erased"
    assert stack.may("email", "nobody.ever@example.jp", "service_notices")["allowed"] is True


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        ("subject=email:canary@example.jp", "purpose", "missing"),
        ("purpose=newsletter", "subject", "missing"),
        ("subject=canary&purpose=newsletter", "subject", "wrong_format"),
        ("subject=email:canary&purpose=newsletter", "subject", "not_an_address"),
        ("subject=fingerprint:canary&purpose=newsletter", "subject", "unknown_kind"),
        ("subject=email:canary@example.jp&purpose=newsletter&as=admin", "as", "unknown_field"),
    ],
)
def test_a_wrong_question_is_told_which_part_is_wrong(stack: PlayedStack, query: str, field: str, reason: str) -> None:
    problem = stack.call_signed("GET", f"/api/permissions?{query}").expect(400)
    assert {"field": field, "reason": reason} in problem["errors"]
    assert "canary" not in str(problem)


@pytest.mark.parametrize("recipient", [None, "mail_service", "a_stranger"])
def test_what_is_on_no_list_is_no(stack: PlayedStack, recipient: str | None) -> None:
    answer = stack.may("member_id", "M-000001", "horoscopes", recipient)
    assert (answer["allowed"], answer["reason"], answer["since"]) == (False, "unknown_purpose", None)
    answer = stack.may("member_id", "M-000001", "service", "a_stranger")
    assert (answer["allowed"], answer["reason"]) == (False, "unknown_recipient")


def test_nobody_asks_unsigned(stack: PlayedStack) -> None:
    path = "/api/permissions?subject=member_id:M-000001&purpose=service"
    stack.call("GET", path).expect(404)
    stack.call_signed("GET", path, secret="guessed").expect(403)


def test_asked_while_it_changes_it_is_one_or_the_other_and_never_goes_back(stack: PlayedStack) -> None:
    member = stack.new_member(orders=0)
    case = stack.submit(member, type="objection", aim={"objects_to": "marketing"})
    seen: dict[str, list[bool]] = {"member_id": [], "email": []}

    def ask(kind: str, value: str) -> Callable[[], None]:
        def run() -> None:
            for _ in range(25):
                seen[kind].append(stack.may(kind, value, "promotion")["allowed"])

        return run

    results = together(
        lambda: stack.verify(case).expect(200), ask("member_id", member.member_id), ask("email", member.email)
    )
    assert not [each for each in results if isinstance(each, Exception)]
    for answers in seen.values():
        assert answers == sorted(answers, reverse=True), "once it is no, it stays no"
    assert of_member(stack, member, "promotion") == [False]


def test_the_person_and_staff_see_what_is_stopped(stack: PlayedStack) -> None:
    member = stack.new_member(orders=0)
    case = requested(stack, member, "objection", aim={"objects_to": "other"})
    view = stack.staff_view(case)
    (stop,) = view["use"]["stops"]
    assert (stop["kind"], stop["purposes"], stop["provisional"]) == ("objected", ["fraud_prevention", "platform"], True)
    shown = stack.look(case)
    assert shown["use"]["provisional"] is True
