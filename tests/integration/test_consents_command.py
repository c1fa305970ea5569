"""`rightsdesk consents`, where a stack runs: what is on record of one address, and that nobody altered it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local.commands import consents
from local.running import RunningStack
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.permission import KEY_PURPOSE
from tests.support.stack import PlayedStack

Run = Callable[..., str]


@pytest.fixture
def said(
    stack: PlayedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=stack.local.url).save()

    def run(*arguments: str, status: int = 0) -> str:
        assert consents.run(arguments) == status
        captured = capsys.readouterr()
        return captured.out or captured.err

    return run


def agree(stack: PlayedStack, email: str) -> None:
    body = {
        "subject": f"email:{email}",
        "purpose": "newsletter",
        "text_version": "2026-09",
        "language": "ja",
        "given_at": stack.now.isoformat(),
        "proof": "signup-1",
    }
    stack.call_signed("POST", "/api/consents", body).expect(200)
    stack.call_signed("POST", "/api/consents/withdrawal", {"subject": f"email:{email}", "purpose": "newsletter"})


def test_what_is_on_record_is_shown_and_a_changed_entry_is_named(stack: PlayedStack, said: Run) -> None:
    email = stack.new_member().email
    assert "Nothing is on record" in said("--email", email)
    agree(stack, email)
    shown = said("--email", email.upper())
    assert "Agreed" in shown
    assert "Taken back" in shown
    assert "The chain is unbroken." in shown
    document = json.loads(said("--email", email, "--json"))
    assert document["unbroken"]
    assert [event["event_state"] for event in document["records"][0]["events"]] == [
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
    ]
    digest = identifier_digest(stack.keys.key(KEY_PURPOSE), EMAIL, email)
    stack.client("dynamodb").update_item(
        TableName=stack.local.ref("PeopleTable"),
        Key={"pk": {"S": f"PERMISSIONS#{digest}"}, "sk": {"S": "CONSENT#000001"}},
        UpdateExpression="SET proof = :forged",
        ExpressionAttributeValues={":forged": {"S": "shop:forged"}},
    )
    assert "broken at 1: was altered" in said("--email", email, status=1)


def test_what_is_no_address_is_said(said: Run) -> None:
    assert "not_an_address" in said("--email", "nobody", status=1)
