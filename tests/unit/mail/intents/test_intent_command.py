"""`rightsdesk intent`: one object a file, in order, without a stack."""

import json
from pathlib import Path

import pytest

from local import cli

ACCESS = b"From: a@example.org\r\nSubject: Data\r\n\r\nPlease send me a copy of my personal data.\r\n"
ORDER = b"From: b@example.org\r\nSubject: Parcel\r\nAuto-Submitted: auto-replied\r\n\r\nWhere is my parcel?\r\n"


@pytest.fixture
def mails(tmp_path: Path) -> list[str]:
    files = [tmp_path / "access.eml", tmp_path / "order.eml", tmp_path / "broken.eml"]
    for file, content in zip(files, [ACCESS, ORDER, b"\xff\x00\xfe: \n"], strict=True):
        file.write_bytes(content)
    return [str(file) for file in files]


def test_json_is_one_object_a_file_in_order(mails: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["intent", *mails, "--json"]) == 0
    readings = json.loads(capsys.readouterr().out)
    assert [reading["file"] for reading in readings] == mails
    assert all(
        list(reading) == ["file", "intents", "language", "automated", "reminder", "new_text"] for reading in readings
    )
    access, order, broken = readings
    (intent,) = access["intents"]
    assert intent["type"] == "access"
    assert intent["score"] == round(intent["score"], 2)
    assert "en: send + copy + personal data" in intent["why"]
    assert (access["language"], access["automated"], access["reminder"]) == ("en", False, False)
    assert access["new_text"].strip() == "Please send me a copy of my personal data."
    assert (order["intents"], order["automated"]) == ([], True)
    assert broken["intents"] == []


def test_words_say_the_same(mails: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["intent", *mails]) == 0
    text = capsys.readouterr().out
    assert "access.eml: language en" in text
    assert "access: en: send + copy + personal data" in text
    assert "order.eml: language en, sent by a machine" in text
    assert "asks for nothing that the desk is for" in text


def test_missing_file_is_named(mails: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nowhere.eml")
    assert cli.main(["intent", mails[0], missing, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert missing in captured.err


def test_help_has_an_example_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["intent", "--help"]) == 0
    text = capsys.readouterr().out
    assert "example:" in text
    assert "exit status:" in text
    assert "--json" in text
    assert cli.main(["intent"]) == 2
