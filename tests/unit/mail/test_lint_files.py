"""The files of letters themselves: characters that nobody sees, keys that stand twice, and one fault told once."""

import shutil
from pathlib import Path

import pytest

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.letters import Letter
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.lint import lint_letters
from rightsdesk.mail.lint.check import LANGUAGES, lint_letter
from rightsdesk.mail.lint.phrases import lint_phrases
from rightsdesk.mail.samples import sample_values
from tests.support.desk import MERCHANT, merchant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(MERCHANT / "letters", tmp_path / "letters")
    return tmp_path


def told(folder: Path) -> list[str]:
    """Of the phrases and of one letter: the others have nothing to do with it."""
    letter = lint_letter(folder, merchant(), Letter.CLOSED)
    return sorted({str(finding) for finding in (*lint_phrases(folder / "letters", LANGUAGES), *letter)})


def replaced(folder: Path, file: str, old: str, new: str) -> int:
    """The line where it stands."""
    path = folder / "letters" / file
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")
    return before.count("\n", 0, before.index(old)) + 1


@pytest.mark.parametrize(
    "code", [0x00, 0x09, 0x07, 0x0C, 0x85, 0xAD, 0x200B, 0x200F, 0x202E, 0x2028, 0x2029, 0x2066, 0xFEFF, 0x3164]
)
@pytest.mark.parametrize("place", ["is closed", "Dear"])
def test_a_character_that_nobody_sees_is_refused(folder: Path, code: int, place: str) -> None:
    line = replaced(folder, "en/closed.txt", place, f"{place[:1]}{chr(code)}{place[1:]}")
    assert any(each.startswith(f"en/closed.txt:{line}: U+{code:04X}: can't be seen") for each in told(folder))


@pytest.mark.parametrize("blank", [" ", "　", "\u00a0 "])
def test_a_paragraph_of_blanks_is_refused(folder: Path, blank: str) -> None:
    line = replaced(folder, "ja/closed.txt", "\n{{ merchant }}", f"{blank}\n\n{{{{ merchant }}}}")
    assert told(folder) == [f"ja/closed.txt:{line}: blank: looks like an empty line, and holds spaces"]


def test_line_ends_of_other_systems_are_line_ends(folder: Path) -> None:
    path = folder / "letters" / "en" / "closed.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert told(folder) == []


@pytest.mark.parametrize("file", ["en/closed.txt", "ja/phrases.yaml"])
def test_a_byte_order_mark_is_called_so(folder: Path, file: str) -> None:
    path = folder / "letters" / file
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert told(folder) == [f"{file}:1: file: begins with a byte order mark (BOM): save it as UTF-8 without one"]


def test_a82_no_letter_goes_out_without_its_subject(folder: Path) -> None:
    replaced(folder, "en/closed.txt", "Subject: ", "")
    values = sample_values(Letter.CLOSED, "en")
    press = MerchantLetters(folder, merchant())
    with pytest.raises(MerchantFileError, match="the first line is not the subject"):
        press.print(Letter.CLOSED, "en", values, to="jane@example.com")


def test_a_phrase_that_stands_twice_is_refused(folder: Path) -> None:
    line = replaced(folder, "en/phrases.yaml", "nobody: nobody\n", "nobody: nobody\nnobody: no one\n")
    assert told(folder) == [f"en/phrases.yaml:{line + 1}: nobody: stands here twice, first in line {line}"]


def test_a_phrase_hides_no_character_in_an_escape(folder: Path) -> None:
    line = replaced(folder, "en/phrases.yaml", "nobody: nobody\n", 'nobody: "no\\u202ebody"\n')
    (finding,) = told(folder)
    assert finding.startswith(f"en/phrases.yaml:{line}: nobody: U+202E can't be seen")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("ground.gdpr_15_4: It", "ground.gdpr_15_5: It", "ground.gdpr_15_4: the phrase is missing"),
        (
            "law.told_before: We tell you before the restriction is lifted.",
            "law.told_before: ''",
            "the phrase is empty",
        ),
        ("and you may object to it", "and so on", "law.rights: must hold 'object', and does not"),
        ("law.account: An account", "law.account: An account of {who}", "law.account: speaks of {who}"),
    ],
)
def test_a_phrase_is_blamed_once_and_no_letter_for_it(folder: Path, old: str, new: str, problem: str) -> None:
    replaced(folder, "en/phrases.yaml", old, new)
    findings = [str(finding) for finding in lint_letters(folder, merchant())]
    assert sum(problem in each for each in findings) == 1, findings
    assert all("phrases.yaml:" in each for each in findings), findings
    assert not any("Error" in each for each in findings), findings
