"""Every way into the door for staff, in every role (abuse cases 52, 96): who may not is told so before a case is read.

The samples are about a request that is not there: whoever may do what they ask finds nothing, all others are refused.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.domain.staff import PERMISSIONS, Action, Role
from tests.support.stack import PlayedStack

SAMPLES = Path(__file__).parents[2] / "events"
# Sample -> what a member of staff has to be allowed, and what they are answered then.
WAYS: dict[str, tuple[Action, int]] = {
    "list": (Action.READ, 200),
    "view": (Action.READ, 404),
    "timeline": (Action.TIMELINE, 404),
    "letters": (Action.READ, 404),
    "decisions": (Action.READ, 404),
    "evidence": (Action.EVIDENCE, 404),
    "preview": (Action.INSPECT, 404),
    "held": (Action.INSPECT, 404),
    "letter-preview": (Action.INSPECT, 404),
    "assignment": (Action.ASSIGN, 404),
    "retry": (Action.RETRY, 404),
    "transfer-retry": (Action.RETRY, 404),
    "extension": (Action.EXTEND, 404),
    "question": (Action.ASK, 404),
    "contact": (Action.REACH, 404),
    "withholding": (Action.DECIDE, 404),
    "release": (Action.RELEASE, 404),
    "completion": (Action.COMPLETE, 404),
    "refusal": (Action.PROPOSE, 404),
    "confirmation": (Action.REFUSE, 404),
    "residence": (Action.RESIDE, 404),
    "messages": (Action.READ, 404),
    "mails": (Action.READ, 200),
    "mail": (Action.READ, 404),
    "mail_request": (Action.TRIAGE, 404),
    "mail_attachment": (Action.TRIAGE, 404),
    "mail_clarification": (Action.TRIAGE, 404),
    "mail_dismissal": (Action.TRIAGE, 404),
    "mail_purge": (Action.TRIAGE, 404),
    "mail_file": (Action.TRIAGE, 404),
    "mail_raw": (Action.TRIAGE, 404),
    "erasure": (Action.READ, 404),
    "erasure-approval": (Action.PROPOSE, 404),
    "message": (Action.ASK, 404),
    "recipients": (Action.READ, 404),
    "recipient_note": (Action.DECIDE, 404),
    "recipient_again": (Action.DECIDE, 404),
    "recipient_rest": (Action.COMPLETE, 404),
    "review": (Action.DECIDE, 404),
    "review-facts": (Action.INSPECT, 404),
    "mandate": (Action.DECIDE, 404),
    "special": (Action.DECIDE, 404),
    "special-decision": (Action.CLEAR, 404),
    "thaw": (Action.CLEAR, 404),
    "hold": (Action.PROPOSE, 404),
    "restriction-lift": (Action.LIFT, 404),
    "hold-lift": (Action.LIFT, 404),
    "corrections": (Action.DECIDE, 404),
    "correction-approval": (Action.COMPLETE, 404),
    "retention": (Action.READ, 200),
    "retention-lift": (Action.LIFT, 404),
    "register": (Action.REGISTER, 200),
    "report": (Action.REGISTER, 200),
}
DECISIONS = {Action.RELEASE, Action.REFUSE, Action.COMPLETE, Action.LIFT, Action.CLEAR}


def asked(name: str, groups: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((SAMPLES / f"staff_api-{name}.json").read_text("utf-8"))
    event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = groups
    return event


def test_every_way_in_and_every_action_is_in_the_matrix() -> None:
    samples = {path.stem.removeprefix("staff_api-") for path in SAMPLES.glob("staff_api-*.json")}
    assert samples - {"openapi"} == set(WAYS)
    assert {action for action, _ in WAYS.values()} == set(Action)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", WAYS)
def test_a52_a96_a_role_opens_what_it_may_and_nothing_else(stack: PlayedStack, name: str, role: Role) -> None:
    action, status = WAYS[name]
    outcome = stack.local.invoke("StaffApiFunction", asked(name, role))
    assert not outcome.failed, outcome.value
    body = json.loads(outcome.value["body"])
    if action in PERMISSIONS[role]:
        assert outcome.value["statusCode"] == status, body
    else:
        expected = "approver_needed" if action in DECISIONS else "not_allowed"
        assert (outcome.value["statusCode"], body["code"]) == (403, expected)
