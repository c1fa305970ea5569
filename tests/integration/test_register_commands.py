"""`rightsdesk register` and `rightsdesk report`, as an auditor calls them where a stack runs."""

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local.commands import register, report
from local.running import RunningStack
from tests.support.stack import PlayedStack

Run = Callable[..., str]


@pytest.fixture
def said(
    stack: PlayedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=stack.local.url).save()

    def run(command: Callable[[list[str]], int], *arguments: str, status: int = 0) -> str:
        assert command(list(arguments)) == status
        captured = capsys.readouterr()
        return captured.out if status == 0 else captured.err

    return run


def test_a_month_with_an_answer_a_refusal_and_one_that_waits(stack: PlayedStack, said: Run) -> None:
    answered, refused = stack.new_member(), stack.new_member(country="DE")
    first = stack.to_answer(answered)
    second = stack.to_review(refused)
    body = {
        "version": stack.staff_view(second)["version"],
        "ground": "gdpr_15_4",
        "reason": "The file is about another person throughout.",
    }
    stack.decide(second, "refusal", body).expect(200)
    third = stack.to_review(stack.new_member(country="JP"))
    month = stack.now.strftime("%Y-%m")

    rows = list(csv.DictReader(io.StringIO(said(register.run, "--from", month).removeprefix("\ufeff"))))
    assert [row["reference"] for row in rows] == [first.reference, second.reference, third.reference]
    assert rows[1]["grounds"] == "gdpr_15_4"
    assert rows[1]["files"] == ""  # a draft that was refused was never given
    assert len(rows[0]["files"]) == 64
    written = said(register.run, "--from", month, "--to", month, "--json")
    assert [row["outcome"] for row in json.loads(written)["rows"]] == [None, "refused", None]
    for person in (answered, refused):
        assert person.email not in written
        assert person.name not in written

    measures = json.loads(said(report.run, "--month", month, "--json"))
    assert (measures["received"], measures["answered"], measures["open"]) == (3, 2, 1)
    assert measures["refused_by_ground"] == {"gdpr_15_4": 1}
    assert f"Requests received in {month}" in said(report.run, "--month", month)
    assert f"{month}に受け付けた請求" in said(report.run, "--month", month, "--language", "ja")
    plot = said(report.run, "--month", month, "--svg", "--language", "ja")
    assert plot.startswith("<svg")
    assert 'lang="ja"' in plot


def test_what_does_not_fit_is_said_and_not_a_trace(said: Run) -> None:
    assert "too_many_months" in said(register.run, "--from", "2024-01", "--to", "2026-01", status=1)
    with pytest.raises(SystemExit):
        report.run(["--month", "October"])
    assert "https" in said(report.run, "--month", "2026-10", "--api", "http://elsewhere.example", status=1)
