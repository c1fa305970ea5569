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


def test_consents_of_before_are_brought_in_once_and_reopen_nothing(
    stack: PlayedStack, said: Run, tmp_path: Path
) -> None:
    kept, stopped, left = (stack.new_member().email for _ in range(3))
    agree(stack, stopped)
    rows = [
        "subject,purpose,state,at,text_version,collected",
        f"email:{kept},newsletter,given,2024-03-01T09:00:00+09:00,2024-02,signup_page",
        f"email:{stopped},newsletter,given,2024-03-01T09:00:00+09:00,2024-02,signup_page",
        f"email:{left},newsletter,given,2024-03-01T09:00:00+09:00,2024-02,signup_page",
        f"email:{left},newsletter,withdrawn,2025-01-01T09:00:00+09:00,,",
        "email:canary,newsletter,given,2024-03-01T09:00:00+09:00,,",
        "email:canary@example.jp,newsletter,given,yesterday,,",
    ]
    (tmp_path / "old.csv").write_text("\n".join(rows), "utf-8")
    checked = json.loads(said("import", "old.csv", "--check", "--json", status=1))
    assert (checked["lines"], checked["right"]) == (6, 4)
    assert not stack.may("email", kept, "newsletter")["allowed"]

    shown = said("import", "old.csv", status=1)
    assert "line 6: subject: not_an_address" in shown
    assert "line 7: at: invalid" in shown
    assert "6 lines: 2 entered, 0 on record before, 2 stopped or refused by the person, 2 refused here" in shown
    assert not [value for value in (kept, stopped, left, "canary", "yesterday") if value in shown]
    again = json.loads(said("import", "old.csv", "--json", status=1))
    assert (again["entered"], again["on_record"], again["stopped"]) == (0, 2, 2)

    answers = [stack.may("email", email, "newsletter") for email in (kept, stopped, left)]
    assert [each["allowed"] for each in answers] == [True, False, False]
    assert [each["reason"] for each in answers] == ["consent", "withdrawn", "withdrawn"]
    document = json.loads(said("--email", kept, "--json"))
    (record,) = document["records"]
    assert document["unbroken"]
    assert record["pii_processing"]["privacy_notice"] == {"version": "2024-02", "sha256": None}
    (event,) = record["events"]
    assert (event["event_time"], event["event_type"]) == ("2024-03-01T00:00:00+00:00", "imported")
    assert event["proof"].startswith("import:old.csv:2:")
    assert "in its earlier records" in said("--email", kept)
    assert "No such file" in said("import", "none.csv", status=2)


def test_what_is_no_address_is_said(said: Run) -> None:
    assert "not_an_address" in said("--email", "nobody", status=1)
