"""Staff hold fields back before an answer is released (abuse cases 51, 79, 96), and read what was decided."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from rightsdesk.domain.decision_views import DecisionsView, DecisionView
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.errors import (
    InvalidInputError,
    NotAllowedError,
    NotAwaitingReviewError,
    SecondPersonNeededError,
    ServiceUnavailableError,
    VersionMovedOnError,
)
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.request import PrivacyRequest, RequestType, Withholding
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.view_decisions import view_decisions
from rightsdesk.services.withhold_fields import withhold_fields
from tests.support.desk import APPROVER, HANDLER, Desk
from tests.support.fakes import How, PlainPress

TEXT, LETTER = "shop/members.text", "files/letters.text"
WHY = "It names a neighbour who complained."
GIVEN, HELD = FieldAction.GIVE, FieldAction.WITHHOLD


def withhold(
    desk: Desk,
    case: PrivacyRequest,
    fields: Mapping[str, str],
    *,
    staff: StaffMember = HANDLER,
    version: int | None = None,
    reason: str = WHY,
) -> PrivacyRequest:
    why = {path: Withholding(ground=ground, reason=reason) for path, ground in fields.items()}
    return withhold_fields(staff, case, version or case.version, why, cases=desk.cases, clock=desk.clock)


def view(desk: Desk, case: PrivacyRequest, staff: StaffMember = HANDLER) -> DecisionsView:
    return view_decisions(staff, desk.now(case), cases=desk.cases, data_map=lambda: desk.data_map)


def of_field(desk: Desk, case: PrivacyRequest, field: str) -> list[FieldDecision]:
    return [each for each in desk.cases.decisions(case.request_id) if each.field == field]


def shown(desk: Desk, case: PrivacyRequest, field: str) -> DecisionView:
    return next(each for each in view(desk, case).decisions if each.field == field)


def content(desk: Desk, case: PrivacyRequest) -> tuple[str, list[dict[str, Any]]]:
    """All of the package as one text, and what it says is withheld."""
    export = desk.now(case).export
    assert export is not None
    with zipfile.ZipFile(io.BytesIO(desk.bucket.objects[export.parts[0].key])) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith("/withheld.json")]
        return (
            "".join(opened.read(each).decode() for each in opened.namelist()),
            json.loads(opened.read(name))["withheld"],
        )


def test_a_field_held_back_is_not_in_the_package_that_is_released() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    assert "Dear shop" in content(desk, case)[0]
    case = withhold(desk, case, {LETTER: "gdpr_15_4"})
    assert case.withheld == {LETTER: Withholding(ground="gdpr_15_4", reason=WHY)}
    desk.release(case)
    assert desk.workflow.answers["release-1"] == {"decision": "release", "rebuild": True}
    desk.build(case, final=True)
    text, entries = content(desk, case)
    assert "Dear shop" not in text
    (entry,) = [each for each in entries if each["what"] == "field"]
    assert (entry["collection"], entry["field"], entry["ground"]) == ("letters", "text", "gdpr_15_4")
    assert all(words.startswith(WHY) for words in entry["reason"].values())
    assert WHY in text
    desk.answer(case)  # and it may leave
    assert isinstance(desk.press, PlainPress)
    lines = desk.press.printed[-1].values["withheld"]
    assert WHY in [each.values.get("reason") for each in lines if isinstance(each, Phrase)]


@pytest.mark.parametrize(("reason", "problem"), [(" ", "missing"), ("no", "too_short"), ("word " * 61, "too_long")])
def test_nothing_is_held_back_without_words_for_it(reason: str, problem: str) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(InvalidInputError) as refused:
        withhold(desk, case, {TEXT: "gdpr_15_4"}, reason=reason)
    assert [(each.field, each.reason) for each in refused.value.problems] == [(f"withheld.{TEXT}.reason", problem)]
    assert desk.now(case) == case


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" It names\n a neighbour ", "It names a neighbour."),
        ("It names a neighbour!", "It names a neighbour!"),
        ("隣の方のお名前があります", "隣の方のお名前があります。"),
    ],
)
def test_a_reason_is_a_closed_sentence(typed: str, kept: str) -> None:
    desk = Desk()
    case = withhold(desk, desk.awaiting_review(), {TEXT: "gdpr_15_4"}, reason=typed)
    assert case.withheld[TEXT].reason == kept


def test_what_was_held_back_is_decided_by_a_person_and_on_record() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    before = of_field(desk, case, TEXT)
    assert {(each.type, each.action, each.by) for each in before} == {
        ("access", GIVEN, "policy"),
        ("portability", GIVEN, "policy"),
    }
    case = withhold(desk, case, {TEXT: "gdpr_15_4"})
    assert [(each.type, each.action, each.rule, each.by) for each in of_field(desk, case, TEXT)] == [
        ("access", HELD, "GDPR-15-4", "staff:sub-handler"),
        ("portability", HELD, "GDPR-20-4", "staff:sub-handler"),
    ]
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor) == ("withheld", "staff:sub-handler")
    assert (event.details["fields"], event.details["grounds"]) == ([TEXT], ["gdpr_15_4"])
    assert event.details["withhold"] == 2 + 2  # the field, and the name of who got a gift, under both rights
    assert (shown(desk, case, TEXT).ground, shown(desk, case, TEXT).by) == ("gdpr_15_4", "staff:sub-handler")
    # Whoever looked at it and thought the same changes nothing of who decided.
    case = withhold(desk, case, {TEXT: "gdpr_15_4", LETTER: "gdpr_15_4"}, staff=APPROVER)
    assert [each.by for each in of_field(desk, case, TEXT)] == ["staff:sub-handler"] * 2
    assert [each.by for each in of_field(desk, case, LETTER)] == ["staff:sub-approver"] * 2
    # What is no longer held back is as it was.
    case = withhold(desk, case, {})
    assert of_field(desk, case, TEXT) == before
    assert case.withheld == {}
    desk.release(case.model_copy(update={"handled_by": ()}))
    assert desk.workflow.answers["release-1"] == {"decision": "release", "rebuild": False}


def test_who_decides_what_stays_back_does_not_release_it_alone() -> None:
    desk = Desk()
    case = withhold(desk, desk.awaiting_review(), {TEXT: "gdpr_15_4"}, staff=APPROVER)
    with pytest.raises(SecondPersonNeededError):
        desk.release(case)


@pytest.mark.parametrize(
    ("country", "types", "ground"),
    [
        ("IE", ("access",), "appi_33_2_ii"),  # the Act would do, but the stricter law does not know it
        ("IE", ("access",), "gdpr_12_5"),  # against a request, not a field
        ("IE", ("access",), "gdpr_20_4"),
        ("IE", ("portability",), "gdpr_15_4"),
        ("JP", ("access",), "gdpr_15_4"),
        ("US", ("access",), "appi_33_2_i"),
        ("JP", ("access",), "because"),
    ],
)
def test_a_ground_that_the_laws_of_the_case_do_not_know_is_none(
    country: str, types: tuple[str, ...], ground: str
) -> None:
    desk = Desk()
    case = desk.awaiting_review(country=country, types=tuple(RequestType(each) for each in types))
    with pytest.raises(InvalidInputError) as refused:
        withhold(desk, case, {LETTER: ground})
    assert [(each.field, each.reason) for each in refused.value.problems] == [
        (f"withheld.{LETTER}", "unknown_for_this_law")
    ]
    assert ground not in view(desk, case).grounds
    assert desk.now(case) == case


@pytest.mark.parametrize(
    ("country", "types", "ground", "rule"),
    [
        ("IE", ("access",), "gdpr_15_4", "GDPR-15-4"),
        ("IE", ("portability",), "gdpr_20_4", "GDPR-20-4"),
        ("JP", ("access",), "appi_33_2_ii", "APPI-33-2-ii"),
        ("JP", ("portability",), "gdpr_20_4", "POLICY-PROMISED-RIGHTS"),
        ("US", ("access",), "gdpr_15_4", "POLICY-PROMISED-RIGHTS"),
    ],
)
def test_a_ground_of_the_case_gives_the_rule(country: str, types: tuple[str, ...], ground: str, rule: str) -> None:
    desk = Desk()
    case = desk.awaiting_review(country=country, types=tuple(RequestType(each) for each in types))
    assert ground in view(desk, case).grounds
    withhold(desk, case, {LETTER: ground})
    assert [each.rule for each in of_field(desk, case, LETTER)] == [rule]


@pytest.mark.parametrize("field", ["shop/orders.gift_name", "shop/orders.nothing", "nowhere/at_all.x", "text"])
def test_a51_only_what_would_be_given_can_be_held_back(field: str) -> None:
    """Rows about others are decided at the release; what is no field of the map is nothing."""
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(InvalidInputError) as refused:
        withhold(desk, case, {TEXT: "gdpr_15_4", field: "gdpr_15_4"})
    assert [(each.field, each.reason) for each in refused.value.problems] == [(f"withheld.{field}", "not_given")]
    assert desk.now(case) == case


def test_a79_a_decision_on_an_older_view_is_refused() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    now = withhold(desk, case, {TEXT: "gdpr_15_4"})
    with pytest.raises(VersionMovedOnError):
        withhold(desk, now, {LETTER: "gdpr_15_4"}, version=case.version)


def test_fields_are_held_back_while_an_answer_is_reviewed_and_at_no_other_time() -> None:
    desk = Desk()
    collected = desk.collected()
    with pytest.raises(NotAwaitingReviewError):
        withhold(desk, collected, {TEXT: "gdpr_15_4"})
    desk.build(collected)
    desk.ask_release(collected)
    desk.release(desk.now(collected))
    with pytest.raises(NotAwaitingReviewError):
        withhold(desk, desk.now(collected), {TEXT: "gdpr_15_4"})


@pytest.mark.parametrize("role", Role)
def test_a96_handlers_and_approvers_decide_and_everybody_reads(role: Role) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    staff = StaffMember(user_id="sub-1", roles=frozenset({role}))
    assert view(desk, case, staff).decisions
    if role in (Role.HANDLER, Role.APPROVER):
        withhold(desk, case, {TEXT: "gdpr_15_4"}, staff=staff)
    else:
        with pytest.raises(NotAllowedError):
            withhold(desk, case, {TEXT: "gdpr_15_4"}, staff=staff)


def test_the_same_call_again_completes_what_a_crash_left() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.faults.fail(len(desk.faults.calls) + 2, How.UNAVAILABLE)  # decisions, save, and then
    with pytest.raises(ServiceUnavailableError):
        withhold(desk, case, {TEXT: "gdpr_15_4"})
    case = withhold(desk, desk.now(case), {TEXT: "gdpr_15_4"})
    assert [each.action for each in of_field(desk, case, TEXT)] == [HELD, HELD]


def test_staff_read_the_rule_in_plain_words_and_what_they_have_to_weigh() -> None:
    desk = Desk()
    case = desk.awaiting_review(types=(RequestType.ACCESS,))
    gift = shown(desk, case, "shop/orders.gift_name")
    assert (gift.action, gift.rule, gift.judgement) == (HELD, "GDPR-15-4", "GDPR-15-4")
    assert gift.label is not None
    assert gift.label.ja == "ラベル"
    assert gift.text.en == "A copy must not harm the rights and freedoms of others."
    assert gift.question is not None
    assert gift.evidence is not None
    assert gift.question.en.startswith("Would giving this harm")
    assert "Article 15(4)" in gift.source
    seen = view(desk, case)
    assert (seen.counts[GIVEN], seen.counts[HELD], seen.to_judge) == (5, 1, 1)
    assert (seen.version, seen.reference) == (case.version, case.reference)


def test_a_case_that_staff_carry_out_has_its_decisions_too() -> None:
    desk = Desk()
    case = desk.to_be_carried_out()
    seen = view(desk, case)
    assert seen.counts[FieldAction.KEEP] == len(seen.decisions) > 0
    assert seen.grounds == ("gdpr_21_1",)  # on which a field may stay
    with pytest.raises(InvalidInputError):
        withhold(desk, case, {TEXT: "gdpr_15_4"})


def test_before_the_plan_there_is_nothing_to_read() -> None:
    desk = Desk()
    assert view(desk, desk.verified()).decisions == ()
