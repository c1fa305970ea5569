"""The function that calls controllers back, as the stream calls it."""

import json

from tests.infrastructure.deployed_template import ROOT
from tests.support.stack import played_stack


def test_of_a_case_that_nobody_handed_on_no_controller_hears() -> None:
    with played_stack(parameters={"UseOpenDsr": "true"}) as stack:
        case = stack.to_review(stack.new_member(orders=1), type="access")
        sample = (ROOT / "events/call_back-stream.json").read_text(encoding="utf-8")
        event = json.loads(sample)
        event["Records"][0]["dynamodb"]["Keys"]["pk"] = {"S": f"REQ#{stack.stored(case).request_id}"}
        before = stack.stored(case)
        outcome = stack.local.invoke("CallBackFunction", event)
        assert (outcome.failed, outcome.value) == (False, None)
        assert stack.stored(case) == before
