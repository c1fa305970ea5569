"""What is decided about each field when the plan is made: kept with the case, and sealed in its history."""

import hashlib
import json

import pytest

from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import (
    ANSWERED_BY_PACKAGE,
    SAID_TO_US,
    PrivacyRequest,
    RequestType,
    Treatment,
    Withholding,
)
from rightsdesk.law.decisions import decide_fields
from rightsdesk.law.rules import RULES
from rightsdesk.services.withhold_fields import withhold_fields
from tests.support.desk import HANDLER, Desk, shop_map
from tests.support.fakes import How

LETTER, GIFT = "files/letters.text", "shop/orders.gift_name"


def kept(desk: Desk, case: PrivacyRequest) -> list[FieldDecision]:
    return desk.cases.decisions(case.request_id)


def test_the_history_tells_by_which_rules_and_on_which_facts_it_was_decided() -> None:
    desk = Desk()
    case = desk.collecting(types=(RequestType.ACCESS,))
    decided = kept(desk, case)
    assert decided == list(decide_fields((RequestType.ACCESS,), desk.data_map, ("gdpr", "appi")))
    event = desk.table.events[case.request_id][-1]
    content = json.dumps(
        [each.model_dump(mode="json") for each in decided], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert (event.type, event.actor) == ("plan_decided", "system")
    assert event.details == {
        "give": 5,
        "withhold": 1,
        "delete": 0,
        "anonymise": 0,
        "keep": 0,
        "correct": 0,
        "to_judge": 1,
        "weighed": [],
        "rules": ["GDPR-15", "GDPR-15-4"],
        "rule_versions": [RULES["GDPR-15"].version, RULES["GDPR-15-4"].version],
        "decisions_sha256": hashlib.sha256(content.encode()).hexdigest(),
        "laws": ["gdpr", "appi"],
        "country": "IE",
        "types": ["access"],
        "assurance": 1,
        "datamap_version": "1",
        "sources": ["shop", "files"],
    }


@pytest.mark.parametrize("kind", sorted(set(RequestType) - ANSWERED_BY_PACKAGE - SAID_TO_US))
def test_what_staff_carry_out_is_decided_too_and_the_workflow_is_told(kind: RequestType) -> None:
    desk = Desk()
    case = desk.collecting(types=(kind,))
    assert {each.type for each in kept(desk, case)} == {kind}
    answer = desk.workflow.answers["decision-1"]
    assert (answer["decided"], answer["by_hand"]) == (True, True)


@pytest.mark.parametrize("call", ["cases.put_decisions", "cases.save"])
@pytest.mark.parametrize("how", [How.UNAVAILABLE, How.ANSWER_LOST])
def test_where_it_fails_the_task_started_again_decides_the_same(call: str, how: How) -> None:
    smooth = Desk()
    expected = kept(smooth, smooth.collecting())
    position = max(at for at, name in enumerate(smooth.faults.calls) if name == call)
    desk = Desk()
    case = desk.verified()
    desk.faults.fail(position, how)
    with pytest.raises(ServiceUnavailableError):
        desk.decide(case)
    # A plan that is on record never lacks its decisions.
    assert kept(desk, case) == expected or desk.now(case).status is Status.VERIFIED
    desk.decide(case, "decision-2")
    assert kept(desk, case) == expected
    assert desk.history(case).count("plan_decided") == 1


def test_a_map_that_changed_is_decided_anew_but_what_staff_decided_stays() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    held = {LETTER: Withholding(ground="gdpr_15_4", reason="It names a neighbour.")}
    case = withhold_fields(HANDLER, case, case.version, held, cases=desk.cases, clock=desk.clock)
    desk.data_map = shop_map(version="2")
    desk.decide(case, "decision-2")
    assert desk.now(case).withheld.keys() == {LETTER}
    of_staff = [each for each in kept(desk, case) if each.by == "staff:sub-handler"]
    assert [(each.field, each.action) for each in of_staff] == [(LETTER, FieldAction.WITHHOLD)] * 2
    assert desk.table.events[case.request_id][-1].details["withhold"] == 4


@pytest.mark.parametrize(
    ("treatment", "action", "rule"),
    [
        (Treatment.WITHHOLD, FieldAction.WITHHOLD, "GDPR-15-4"),
        (Treatment.REDACT, FieldAction.WITHHOLD, "GDPR-15-4"),
        (Treatment.GIVE, FieldAction.GIVE, "GDPR-15"),
    ],
)
def test_what_was_weighed_at_the_release_is_decided_by_who_released(
    treatment: Treatment, action: FieldAction, rule: str
) -> None:
    desk = Desk()
    case = desk.awaiting_review(types=(RequestType.ACCESS,))
    before = [each for each in kept(desk, case) if each.field != GIFT]
    desk.release(case, treatment)
    (gift,) = [each for each in kept(desk, case) if each.field == GIFT]
    assert (gift.action, gift.rule, gift.judgement, gift.by) == (action, rule, "GDPR-15-4", "staff:sub-approver")
    assert [each for each in kept(desk, case) if each.field != GIFT] == before


def test_a_release_stands_where_the_decisions_could_not_be_brought_up_to_date() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.faults.fail(len(desk.faults.calls) + 5, How.UNAVAILABLE)  # sources, decisions, save, parked, succeed, and then
    desk.release(case)
    assert desk.faults.happened
    assert desk.now(case).status is Status.EXECUTING
    assert desk.workflow.answers["release-1"]["decision"] == "release"
