"""The command line without a stack."""

import json
import os
from pathlib import Path

import pytest

from local import cli
from local.commands.clock import duration
from local.control import LONGEST_STEP
from local.running import NoStackError, RunningStack

OURS = ("clock", "mail", "outbox", "token", "trigger", "up")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_help_names_every_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    for name, summary in cli.command_summaries().items():
        assert summary, name
        assert f"{name} " in text
    assert set(OURS) <= set(cli.command_summaries())


@pytest.mark.parametrize("name", [*OURS, "mail activate", "mail suppressed"])
def test_each_command_has_help_with_an_example_and_exit_codes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert "example:" in text
    assert "rightsdesk" in text
    assert "exit status:" in text
    assert "--json" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["clock", "tomorrow"],
        ["clock", "P"],
        ["trigger"],
        ["trigger", "no-such-event"],
        ["token", "--who"],
        ["mail"],
        ["mail", "no-such-file.eml"],
        ["mail", "activate", "--now"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["clock", "+30d"], ["outbox"], ["token"], ["mail", "activate", "--local"], ["mail", "suppressed"]],
)
def test_without_a_stack_it_is_3(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 3
    assert "rightsdesk up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "iso"),
    [("+30d", "P30D"), ("12h", "PT12H"), ("+90m", "PT90M"), ("+10s", "PT10S"), ("+2w", "P2W"), ("P1DT2H", "P1DT2H")],
)
def test_steps_of_the_clock(text: str, iso: str) -> None:
    assert duration(text) == iso


def test_the_help_of_the_clock_says_how_far_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["clock", "--help"]) == 0
    assert f"two years ({LONGEST_STEP.days} days)" in capsys.readouterr().out


def test_a_running_stack_is_found_by_its_file_and_forgotten(tmp_path: Path) -> None:
    stack = RunningStack(pid=os.getpid(), url="http://127.0.0.1:1")
    stack.save()
    assert json.loads((tmp_path / ".rightsdesk" / "stack.json").read_text()) == {"pid": os.getpid(), "url": stack.url}
    assert RunningStack.find() == stack
    RunningStack.forget()
    assert not (tmp_path / ".rightsdesk").exists()
    with pytest.raises(NoStackError):
        RunningStack.find()


@pytest.mark.parametrize("content", ['{"pid": 999999999, "url": "http://127.0.0.1:1"}', "{", '{"pid": 1}'])
def test_a_file_that_a_dead_stack_left_is_no_stack(tmp_path: Path, content: str) -> None:
    (tmp_path / ".rightsdesk").mkdir()
    (tmp_path / ".rightsdesk" / "stack.json").write_text(content)
    with pytest.raises(NoStackError):
        RunningStack.find()


def test_a_stack_that_does_not_answer_is_3(capsys: pytest.CaptureFixture[str]) -> None:
    RunningStack(pid=os.getpid(), url="http://127.0.0.1:1").save()
    assert cli.main(["clock"]) == 3
    assert "does not answer" in capsys.readouterr().err
