"""`rightsdesk plan` in a running stack: it says what a request would then plan, and leaves no trace."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local.cli import main
from local.running import RunningStack
from tests.support.stack import PlayedStack

Run = Callable[..., str]


@pytest.fixture
def said(
    stack: PlayedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=stack.local.url).save()

    def run(*arguments: str, status: int = 0) -> str:
        assert main(["plan", "--type", "erasure", *arguments]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    return run


def kept_of(stack: PlayedStack) -> dict[str, int]:
    """How much there is of ours: rows of the tables, objects of the bucket."""
    tables = ("CasesTable", "PeopleTable", "IdempotencyTable")
    counted = {
        name: stack.client("dynamodb").scan(TableName=stack.local.ref(name), Select="COUNT")["Count"] for name in tables
    }
    objects = stack.client("s3").list_objects_v2(Bucket=stack.local.ref("ExportBucket"))
    return counted | {"objects": objects["KeyCount"]}


def test_it_is_the_plan_that_a_request_then_has_and_nothing_is_left_of_it(stack: PlayedStack, said: Run) -> None:
    member = stack.new_member(orders=2, gifts=1)
    before = kept_of(stack)
    shown = json.loads(said("--email", member.email, "--json"))
    assert kept_of(stack) == before
    assert shown["held"]
    assert shown["delete"] > 0
    case = stack.to_approval(member)
    plan = stack.plan(case)
    for name in ("delete", "anonymise", "keep", "plan_sha256"):
        assert shown[name] == plan[name], name
    assert {part["collection"]: part["delete"] for part in shown["collections"]} == {
        part["collection"]: part["delete"] for part in plan["collections"]
    }


def test_it_says_in_words_what_stays_under_which_law_until_when_and_what_is_lost(stack: PlayedStack, said: Run) -> None:
    member = stack.new_member(orders=2)
    shown = json.loads(said("--email", member.email, "--json"))
    english = said("--email", member.email).splitlines()
    assert shown["anonymise"]
    assert english[0].startswith(
        f"would delete {shown['delete']}, anonymise {shown['anonymise']}, keep {shown['keep']}"
    )
    every = [kept for part in shown["collections"] for kept in part["kept"]]
    assert sum(kept["rows"] for kept in every if kept["whole"]) == shown["keep"]
    assert sum(kept["rows"] for kept in every if not kept["whole"]) == shown["anonymise"]
    assert english[1].startswith(f"of the {shown['anonymise']} a part goes, and the rest stays: ")
    assert "not anonymous" in english[2]
    for line, whole in ((english[0], True), (english[1], False)):
        reasons = {kept["label"]["en"] for kept in every if kept["whole"] is whole}
        assert all(reason in line for reason in reasons)
        assert not any(reason in line for kept in every if (reason := kept["label"]["en"]) not in reasons)
    days = {kept["until"] for kept in every if kept["until"] and not kept["whole"]}
    assert max(days) in english[1]
    assert any("Corporation Tax Act of Japan" in line for line in english)
    assert any(line.strip().startswith("lost with it: Points") for line in english)
    japanese = said("--email", member.email, "--language", "ja").splitlines()
    assert japanese[0].startswith(f"消去 {shown['delete']}件")
    assert any("法人税法" in line for line in japanese)
    assert not any("匿名化" in line for line in japanese)


def test_of_whom_nothing_is_held_that_is_said(stack: PlayedStack, said: Run) -> None:
    assert said("--email", "nobody@example.org") == "nothing is held about this person\n"
    assert said("--email", "nobody@example.org", "--language", "ja") == "この方に関するデータはありません\n"
    assert not json.loads(said("--email", "nobody@example.org", "--json"))["held"]


def test_what_is_no_address_is_refused(stack: PlayedStack, said: Run) -> None:
    assert "no e-mail address" in said("--email", "nobody", status=1)
