"""`rightsdesk letters`: right letters pass, wrong ones fail with file and line, and each can be looked at."""

import json
import shutil
from pathlib import Path

import pytest

from local.commands.letters import run
from rightsdesk.domain.letters import Letter

SHIPPED = Path(__file__).parents[3] / "layers" / "merchant"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(SHIPPED / "merchant.yaml", tmp_path)
    shutil.copytree(SHIPPED / "letters", tmp_path / "letters")
    return tmp_path


def test_a82_the_shipped_letters_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint"]) == 0
    assert f"{len(Letter)} letters in each language" in capsys.readouterr().out
    assert run(["lint", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"right": True, "findings": []}


def test_a82_a_wrong_letter_fails_with_file_and_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "letters" / "ja" / "refused.txt"
    path.write_text(path.read_text("utf-8").replace("{{ remedies }}", "{{ everything }}"), "utf-8")
    (folder / "letters" / "en" / "extended.txt").unlink()
    line = path.read_text("utf-8").splitlines().index("{{ everything }}") + 1
    assert run(["lint", "--folder", str(folder)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "letters/en/extended.txt:1: file: can't be read: FileNotFoundError",
        "letters/ja/refused.txt:1: remedies: the letter must hold {{ remedies }}, and does not",
        f"letters/ja/refused.txt:{line}: everything: this letter has no such variable",
    ]
    assert run(["lint", "--folder", str(folder), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["findings"][-1] == {
        "file": "ja/refused.txt",
        "line": line,
        "element": "everything",
        "problem": "this letter has no such variable",
    }


@pytest.mark.parametrize("letter", Letter)
def test_every_letter_can_be_looked_at(letter: Letter, capsys: pytest.CaptureFixture[str]) -> None:
    for language in ("en", "ja"):
        assert run(["preview", letter, "--language", language]) == 0
        subject, _, text = capsys.readouterr().out.partition("\n\n")
        assert subject.startswith("Subject: ")
        assert len(text) > 100
        assert any("\u3040" <= character <= "\u30ff" for character in text) is (language == "ja")


def test_a_preview_shows_html_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", "refused", "--html"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("<!doctype html>")
    assert run(["preview", "refused", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["html"] == page
    assert set(document) == {"subject", "text", "html"}


def test_a82_a_letter_that_would_not_go_out_is_not_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "letters" / "en" / "refused.txt"
    path.write_text(path.read_text("utf-8").replace("{{ reason }}", ""), "utf-8")
    assert run(["preview", "refused", "--folder", str(folder)]) == 1
    assert "letters/en/refused.txt: the letter must hold {{ reason }}" in capsys.readouterr().err


def test_the_list_names_every_letter(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [
        each["letter"] for each in json.loads(_listed(capsys)) if each["variables"]
    ]
    assert {line.split()[0] for line in lines} == {str(letter) for letter in Letter}


def _listed(capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["list", "--json"]) == 0
    return capsys.readouterr().out


def test_a_folder_without_a_merchant_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--folder", str(tmp_path)]) == 1
    assert "merchant.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [[], ["preview", "nothing"], ["preview", "refused", "--language", "fr"]])
def test_wrong_usage_ends_with_two(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as wish:
        run(wrong)
    assert wish.value.code == 2
    capsys.readouterr()
