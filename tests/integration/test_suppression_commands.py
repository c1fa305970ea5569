"""In a running stack: the shop asks by HTTP who was erased, and an operator erases again after a restore."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.cli import main
from local.running import RunningStack
from local.shop.people import Person
from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.suppression import KEY_PURPOSE, suppressions
from rightsdesk.law.decisions import decide_fields
from tests.infrastructure.deployed_template import ROOT
from tests.support.cases import new_case
from tests.support.stack import PlayedStack

Run = Callable[..., str]


@pytest.fixture
def said(
    stack: PlayedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=stack.local.url).save()

    def run(*arguments: str, status: int = 0) -> str:
        assert main(["replay-erasures", *arguments]) == status
        captured = capsys.readouterr()
        return captured.err if status and not captured.out else captured.out

    return run


def erased(stack: PlayedStack, person: Person) -> PrivacyRequest:
    """The case of somebody who was erased, before a backup brought them back."""
    case, event = new_case(types=(RequestType.ERASURE,), email=person.email, subject_key=person.email)
    stack.cases.create(case, event)
    data_map = read_data_map(ROOT / "layers/merchant/datamap.yaml")
    stack.cases.put_decisions(case.request_id, decide_fields(case.types, data_map, ("gdpr",)))
    entries = suppressions(
        [("email", person.email), ("member_id", person.member_id)],
        key=stack.keys.key(KEY_PURPOSE),
        request_id=case.request_id,
        reference=case.reference,
        at=stack.now - timedelta(hours=1),
    )
    DynamoSuppressions(stack.local.ref("PeopleTable"), stack.client("dynamodb")).put(entries)
    return case


def profile(stack: PlayedStack, person: Person) -> Any:
    key = {"pk": {"S": f"MEMBER#{person.member_id}"}, "sk": {"S": "PROFILE"}}
    return stack.client("dynamodb").get_item(TableName=stack.shop("MembersTable"), Key=key).get("Item")


def asked(stack: PlayedStack, email: str, *, secret: str | None = "local") -> tuple[int, Any]:  # noqa: S107
    """The answer to a call as the shop makes it. `secret`: of the credentials that sign it; None: nobody does."""
    body = json.dumps({"identifiers": [{"kind": "email", "value": email}]}).encode()
    url = f"{stack.local.url}/api/suppressions/check"
    signed = AWSRequest("POST", url, headers={"Content-Type": "application/json"}, data=body)
    if secret:
        SigV4Auth(Credentials("local", secret), "execute-api", "eu-west-1").add_auth(signed)
    request = Request(url, data=body, headers=dict(signed.headers.items()), method="POST")  # noqa: S310 - loopback
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_shop_learns_who_was_erased_and_nobody_else_does(stack: PlayedStack) -> None:
    gone, member = stack.new_member(orders=0), stack.new_member()
    erased(stack, gone)
    day = (stack.now - timedelta(hours=1)).date().isoformat()
    status, answer = asked(stack, gone.email.upper())
    assert (status, answer["suppressed"], answer["since"]) == (200, True, day)
    assert asked(stack, member.email)[1]["suppressed"] is False
    status, problem = asked(stack, gone.email, secret=None)
    assert (status, problem["code"]) == (404, "not_found"), "as a path that is not there"
    status, problem = asked(stack, gone.email, secret="guessed")
    assert (status, problem["code"]) == (403, "refused")
    assert gone.email not in json.dumps(problem)


def test_who_was_erased_goes_again_and_the_case_tells_so(stack: PlayedStack, said: Run) -> None:
    gone, member = stack.new_member(orders=1), stack.new_member(orders=1)
    case = erased(stack, gone)
    since = (stack.now - timedelta(days=1)).date().isoformat()
    before = profile(stack, member)
    dry = said("--since", since, "--source", "shop", "--dry-run")
    assert f"would be erased again, of those erased since {since}\n" in dry
    assert f"\n  {case.reference}\n" in dry
    assert profile(stack, gone) is not None
    report = json.loads(said("--since", since, "--json"))
    assert report["clean"]
    assert case.reference in report["people"]
    people = len(report["people"])  # some are of the test before
    assert report["collections"]["shop/members"]["delete"] == people
    assert report["collections"]["orders/orders"]["anonymise"] == 1
    assert (profile(stack, gone), profile(stack, member)) == (None, before)
    assert [event.type for event in stack.cases.timeline(case.request_id)][-2:] == ["restored_found", "erased_again"]
    stack.local.settle()
    assert "0 people erased again" in said("--since", since)


def test_what_can_t_be_done_is_said_in_a_sentence(said: Run, tmp_path: Path) -> None:
    assert "the data map has no source crm: it has shop, orders" in said(
        "--since", "2026-11-20", "--source", "crm", status=1
    )
    assert "a day is written as 2026-11-20" in said("--since", "yesterday", status=2)
    assert "argument --since: that day has not come" in said("--since", "2027-12-01", "--dry-run", status=2)
    RunningStack.forget(tmp_path)
    assert "no stack is running here" in said("--since", "2026-11-20", status=3)
