"""Staff weigh what is left to judge as they carry a request out; letter, record and register follow that."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.clock import Breach
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.errors import (
    ErasedByPlanError,
    InvalidInputError,
    NotAwaitingReviewError,
    ServiceUnavailableError,
)
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.register import grounds_of
from rightsdesk.domain.request import Aim, PrivacyRequest, RequestType
from rightsdesk.services.view_decisions import view_decisions
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, Desk
from tests.support.evidence import AUDITOR
from tests.support.fakes import How, PlainPress, ProcessDiedError
from tests.support.play import Play
from tests.support.weighing import FRAUD, INVOICE, NOTES, OFFERS, PLAIN, SCORE, weighing_map

ERASURE, OBJECTION = RequestType.ERASURE, RequestType.OBJECTION
BY_STAFF = APPROVER.actor
SCORE_FOR_FRAUD = {
    "purpose": Label(en="To prevent fraud", ja="不正防止"),
    "data": [Label(en="Account: Fraud score", ja="アカウント：不正利用スコア")],
}


def waiting(kind: RequestType = OBJECTION, **changes: Any) -> tuple[Desk, PrivacyRequest]:
    """An objection is to everything but advertising, unless a test says more: then nothing has to go by it."""
    desk = Desk(data_map=weighing_map(), press=PlainPress())
    if kind is OBJECTION:
        changes = {"aim": Aim(objects_to="other")} | changes
    to_staff = desk.confirmed if kind is ERASURE else desk.to_be_carried_out
    return desk, to_staff(types=(kind,), **changes)


def weigh(
    desk: Desk, case: PrivacyRequest, kept: Mapping[str, str] | None, reasons: Mapping[str, str] | None = None
) -> None:
    """An erasure is weighed by who approves its plan first; all else by who says that it is done."""
    if case.erasure is not None:
        desk.approve(case, kept, reasons, staff=APPROVER)
    else:
        desk.complete(case, kept=kept, reasons=reasons)


def decided(desk: Desk, case: PrivacyRequest) -> dict[str, FieldDecision]:
    return {each.field: each for each in desk.cases.decisions(case.request_id)}


def said(desk: Desk) -> Mapping[str, Any]:
    answers = (Letter.ERASURE_ANSWER, Letter.OBJECTION_ANSWER, Letter.GENERAL_ANSWER)
    (values,) = [printed.values for printed in desk.press.printed if printed.letter in answers]
    return values


def problems_of(desk: Desk, case: PrivacyRequest, kept: Mapping[str, str] | None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as refused:
        weigh(desk, case, kept)
    assert desk.now(case) == case
    return [(problem.field, problem.reason) for problem in refused.value.problems]


# What has to be said


@pytest.mark.parametrize("kind", [ERASURE, OBJECTION])
@pytest.mark.parametrize("country", ["IE", "JP", "US"])
def test_what_is_to_be_weighed_is_weighed(kind: RequestType, country: str) -> None:
    desk, case = waiting(kind, country=country)
    assert problems_of(desk, case, None) == [("kept", "missing")]
    weigh(desk, case, {})
    assert {field for field, each in decided(desk, case).items() if each.by == BY_STAFF} == {SCORE, NOTES}


@pytest.mark.parametrize("kind", [RequestType.RECTIFICATION, RequestType.RESTRICTION, RequestType.AUTOMATED_DECISION])
def test_where_all_of_it_wants_a_person_to_carry_it_out_is_the_judgement(kind: RequestType) -> None:
    desk, case = waiting(kind)
    assert desk.staff.view(APPROVER, case.reference).to_judge > 0
    desk.complete(case)
    assert desk.staff.view(APPROVER, case.reference).to_judge == 0
    assert {each.by for each in decided(desk, case).values() if each.judgement} == {BY_STAFF}


@pytest.mark.parametrize(
    ("kind", "kept", "problem"),
    [
        (ERASURE, {"shop/members.gone": "gdpr_17_3_e"}, ("kept.shop/members.gone", "unknown")),
        (ERASURE, {INVOICE: "gdpr_17_3_e"}, (f"kept.{INVOICE}", "not_planned")),
        (ERASURE, {SCORE: "gdpr_21_1"}, (f"kept.{SCORE}", "unknown_for_this_law")),
        (ERASURE, {SCORE: "because"}, (f"kept.{SCORE}", "unknown_for_this_law")),
        (ERASURE, {SCORE: "gdpr_12_5"}, (f"kept.{SCORE}", "unknown_for_this_law")),  # against a request, not a field
        (ERASURE, {SCORE: "not_the_subject"}, (f"kept.{SCORE}", "unknown_for_this_law")),
        (OBJECTION, {OFFERS: "gdpr_21_1"}, (f"kept.{OFFERS}", "not_planned")),
        (OBJECTION, {PLAIN: "gdpr_21_1"}, (f"kept.{PLAIN}", "not_planned")),
        (RequestType.RESTRICTION, {SCORE: "gdpr_18_1"}, (f"kept.{SCORE}", "not_planned")),
    ],
)
def test_a51_only_what_was_to_go_stays_and_on_a_ground_of_the_case(
    kind: RequestType, kept: dict[str, str], problem: tuple[str, str]
) -> None:
    desk, case = waiting(kind)
    assert problems_of(desk, case, kept) == [problem]


def test_a51_no_ground_keeps_what_only_advertising_held() -> None:
    """GDPR 21(3): it goes by a plan, whose approval can't leave it."""
    desk = Desk(data_map=weighing_map(), press=PlainPress())
    case = desk.planned(types=(OBJECTION,))
    desk.ask_release(case)
    assert problems_of(desk, desk.now(case), {OFFERS: "gdpr_21_1"}) == [(f"kept.{OFFERS}", "unknown_for_this_law")]
    with pytest.raises(ErasedByPlanError):
        desk.complete(desk.now(case), kept={})


def test_a_purpose_that_is_gone_on_with_has_reasons_on_file_and_codes_alone_in_the_history() -> None:
    desk, case = waiting()
    assert problems_of(desk, case, {SCORE: "gdpr_21_1"}) == [("reasons.fraud", "missing")]
    desk.complete(case, kept={SCORE: "gdpr_21_1"}, reasons={"fraud": " Three orders on invoice\nwere not paid "})
    assert desk.now(case).reasons == FRAUD
    (event,) = [each for each in desk.table.events[case.request_id] if each.type == "carried_out"]
    assert (event.details["fields"], event.details["purposes"]) == ([SCORE], ["fraud"])
    assert "invoice" not in event.model_dump_json()
    by_role = {who: desk.staff.view(who, case.reference).reasons for who in (APPROVER, AUDITOR)}
    assert by_role == {APPROVER: FRAUD, AUDITOR: {"fraud": None}}


@pytest.mark.parametrize(
    ("country", "kind", "ground", "rule"),
    [
        ("IE", ERASURE, "gdpr_17_3_e", "GDPR-17-3-e"),
        ("IE", ERASURE, "gdpr_17_1", "GDPR-17-1"),
        ("IE", OBJECTION, "gdpr_21_1", "GDPR-21-1"),
        ("JP", ERASURE, "appi_35_alternative", "APPI-35-2"),
        ("JP", ERASURE, "appi_35_lawful", "APPI-35"),
        ("JP", OBJECTION, "gdpr_21_1", "POLICY-PROMISED-RIGHTS"),
        ("US", ERASURE, "gdpr_17_3_e", "POLICY-PROMISED-RIGHTS"),
    ],
)
def test_a_ground_of_the_case_gives_the_rule(country: str, kind: RequestType, ground: str, rule: str) -> None:
    desk, case = waiting(kind, country=country)
    grounds = view_decisions(APPROVER, case, cases=desk.cases, data_map=lambda: desk.data_map).grounds
    assert ground in grounds
    weigh(desk, case, {SCORE: ground}, FRAUD if kind is OBJECTION else None)
    left = decided(desk, case)[SCORE]
    assert (left.action, left.rule, left.by) == (FieldAction.KEEP, rule, BY_STAFF)


# What follows


def test_what_staff_leave_is_on_record_and_in_the_letter_and_the_rest_goes() -> None:
    desk = Play(types=(ERASURE,), kept={SCORE: "gdpr_17_3_e", PLAIN: "gdpr_17_1"}, data_map=weighing_map())
    desk.reader.rows[("shop/members", "email", JANE)][0].update(score=7, notes="Pays late", offers="weekly")
    desk.reader.rows[("shop/orders", "member_id", JANES_MEMBER_ID)][0].update(invoice="F-1", basket="chair")
    desk.until_all_is_done()
    case = desk.only_case()
    outcome = decided(desk, case)
    assert (outcome[SCORE].action, outcome[NOTES].action) == (FieldAction.KEEP, FieldAction.DELETE)
    assert outcome[NOTES].by == outcome[PLAIN].by == f"staff:{HANDLER.user_id}"
    assert outcome[OFFERS].by == "policy"
    (event,) = [each for each in desk.table.events[case.request_id] if each.type == "erasure_weighed"]
    assert event.details["fields"] == [SCORE, PLAIN]
    assert event.details["grounds"] == ["gdpr_17_3_e", "gdpr_17_1"]
    assert (event.details["keep"], event.details["to_judge"]) == (3, 0)
    rules = event.details["rules"]
    assert isinstance(rules, list)
    assert {"GDPR-17-3-e", "GDPR-17-1", "GDPR-17-3-b"} <= set(rules)
    assert len(str(event.details["decisions_sha256"])) == 64
    (member,) = desk.reader.rows[("shop/members", "email", JANE)]
    assert {"score", "text"} <= member.keys()
    assert not {"notes", "offers"} & member.keys()
    values = said(desk)
    named = [label.en for label in values["deleted"]]
    assert "Account: Label, Notes" in named
    assert not [label for label in named if "Fraud score" in label or "Invoice" in label]
    by_law = [line for line in values["kept"] if line.name.startswith("kept.rows")]
    assert [(line.values["what"].en, line.values["law"].en) for line in by_law] == [("Orders", "Tax Act")]
    left = [line for line in values["kept"] if line not in by_law]
    assert [(line.values["what"].ja, line.values["ground"].name) for line in left] == [
        ("アカウント：ラベル", "ground.gdpr_17_1"),
        ("アカウント：不正利用スコア", "ground.gdpr_17_3_e"),
    ]
    assert case.outcome is Outcome.PARTIALLY_FULFILLED
    assert grounds_of(case) == ("gdpr_17_3_e", "gdpr_17_1")
    seen = desk.staff.view(APPROVER, case.reference)
    assert (seen.kept, seen.to_judge) == (case.kept, 0)


def test_an_objection_that_is_followed_is_fulfilled_and_one_that_is_not_is_refused_in_part() -> None:
    for kept, outcome in (({}, Outcome.FULFILLED), ({SCORE: "gdpr_21_1"}, Outcome.PARTIALLY_FULFILLED)):
        desk, case = waiting(OBJECTION)
        desk.complete(case, kept=kept, reasons=FRAUD if kept else {})
        desk.answer(case)
        desk.close(case)
        lines = said(desk).get("kept", [])
        told = [(line.values["what"].values, line.values["reason"], line.values["ground"].name) for line in lines]
        assert told == [(SCORE_FOR_FRAUD, FRAUD["fraud"], "ground.gdpr_21_1")] * len(kept)
        assert desk.now(case).outcome is outcome


@pytest.mark.parametrize(("kept", "late"), [({SCORE: "gdpr_21_1"}, True), ({}, False)])
def test_a_refusal_in_part_after_the_first_month_is_flagged(kept: dict[str, str], late: bool) -> None:
    desk, case = waiting(country="IE")
    desk.extend(case)
    desk.clock.advance(timedelta(days=45))
    case = desk.now(case)
    desk.complete(case, kept=kept, reasons=FRAUD if kept else {})
    desk.answer(case)
    assert (Breach.LATE_REFUSAL in desk.now(case).breaches) is late
    assert Breach.LATE_ANSWER not in desk.now(case).breaches


def test_the_letter_gives_the_day_on_which_it_was_carried_out() -> None:
    desk, case = waiting()
    at = desk.clock()
    desk.complete(case, kept={})
    desk.clock.advance(timedelta(days=3))
    desk.answer(case)
    assert said(desk)["carried_out_on"] == desk.now(case).carried_out_at == at


def test_what_is_carried_out_is_not_planned_anew_for_a_map_that_changed_since() -> None:
    desk, case = waiting()
    desk.complete(case, kept={})
    before = decided(desk, case)
    desk.data_map = desk.data_map.model_copy(update={"version": "2"})
    desk.decide(desk.now(case), "decision-2")
    assert decided(desk, case) == before
    assert desk.history(case).count("plan_decided") == 1


# Crashes


@pytest.mark.parametrize("how", How, ids=lambda how: how.value)
def test_a43_a80_a_completion_that_died_anywhere_ends_in_the_same_decisions_and_letter(how: How) -> None:
    kept = {SCORE: "gdpr_21_1"}

    def letter_of(desk: Desk) -> dict[str, Any]:
        return {name: value for name, value in said(desk).items() if name not in ("reference", "link")}  # random

    def played(fail_at: int | None) -> tuple[Desk, PrivacyRequest, int]:
        desk, case = waiting()
        before = len(desk.faults.calls)
        if fail_at is not None:
            desk.faults.fail(before + fail_at, how)
        try:
            desk.complete(case, kept=kept, reasons=FRAUD)
        except (ServiceUnavailableError, ProcessDiedError):
            with suppress(NotAwaitingReviewError):  # staff look again and, if need be, do it again
                desk.complete(desk.now(case), kept=kept, reasons=FRAUD)
        calls = len(desk.faults.calls) - before
        desk.answer(case)
        return desk, case, calls

    desk, case, calls = played(None)
    expected, letter = decided(desk, case), letter_of(desk)
    assert calls >= 4
    for position in range(calls):
        desk, case, _ = played(position)
        assert desk.faults.happened
        assert decided(desk, case) == expected, position
        assert letter_of(desk) == letter, position
        assert desk.history(case).count("carried_out") == 1


def test_the_answer_says_what_a_law_keeps_beside_what_staff_keep_on_a_ground() -> None:
    """GDPR 12(4), 17(3)(b) and (e): the rows under the law with their day, and the field with its ground."""
    basket = "shop/orders.basket"
    desk = Play(types=(ERASURE,), data_map=weighing_map(), kept={basket: "gdpr_17_3_e"})
    for row in desk.reader.rows[("shop/orders", "member_id", JANES_MEMBER_ID)]:
        row.update(invoice="I-1", basket="a chair")
    desk.until_all_is_done()
    kept = said(desk)["kept"]
    law = next(line for line in kept if line.name.startswith("kept.rows"))
    assert (law.values["law"].en, law.values["rows"]) == ("Tax Act", 2)
    assert law.values["until"] is not None
    (held,) = [line for line in kept if line.name.startswith("withheld.")]
    assert "Basket" in held.values["what"].en
    assert held.values["ground"].name == "ground.gdpr_17_3_e"
    assert len(kept) == 2


@pytest.mark.parametrize("how", [None, *How], ids=lambda how: how.value if how else "unharmed")
def test_by_an_objection_only_what_advertising_alone_held_goes_and_nobody_is_erased(how: How | None) -> None:
    """GDPR 17(1)(c): two people approve it, and the person need not confirm what they have asked for."""
    desk = Play(types=(OBJECTION,), kept={SCORE: "gdpr_21_1"}, reasons=FRAUD, data_map=weighing_map())
    rows = desk.reader.rows
    rows[("shop/members", "email", JANE)][0].update(score=7, notes="Pays late", offers="weekly")
    rows[("shop/orders", "member_id", JANES_MEMBER_ID)][0].update(invoice="F-1", basket="chair")
    before = {key: [dict(row) for row in found] for key, found in rows.items()}
    if how is not None:
        desk.faults.fail(160, how)
    desk.until_all_is_done()
    assert desk.faults.happened is (how is not None)
    case = desk.only_case()
    (member,) = rows[("shop/members", "email", JANE)]
    (was,) = before[("shop/members", "email", JANE)]
    assert set(was) - set(member) == {"offers"}
    assert rows[("shop/orders", "member_id", JANES_MEMBER_ID)] == before[("shop/orders", "member_id", JANES_MEMBER_ID)]
    assert desk.remembered == {}
    history = desk.history(case)
    assert "confirmation_asked" not in history
    assert history.index("use_stopped") < history.index("erasure_approved") < history.index("erased")
    assert (case.outcome, case.erasure is not None) == (Outcome.PARTIALLY_FULFILLED, True)
    (weighed,) = [each.details for each in desk.table.events[case.request_id] if each.type == "erasure_weighed"]
    assert (weighed["fields"], weighed["purposes"]) == ([SCORE], ["fraud"])
    (line,) = said(desk)["kept"]
    assert line.values["reason"] == FRAUD["fraud"]
    assert case.use is not None
    assert case.use.going_on == ("fraud",)
