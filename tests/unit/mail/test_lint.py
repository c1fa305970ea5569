"""The linter of letters: silent about those that ship, and precise about everything that a merchant may get wrong."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from rightsdesk.domain.letters import Letter
from rightsdesk.mail.lint import Finding, lint_letters
from rightsdesk.mail.lint.check import LANGUAGES, lint_letter
from rightsdesk.mail.lint.forbidden import forbidden_in_letter, forbidden_in_phrase
from rightsdesk.mail.lint.phrases import lint_phrases, phrases_needed
from rightsdesk.mail.requirements import REQUIREMENTS
from tests.support.desk import MERCHANT, merchant

ROOT = Path(__file__).parents[3]
Change = Callable[[str], str]


def test_the_letters_that_ship_are_right() -> None:
    assert lint_letters(MERCHANT, merchant()) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(MERCHANT / "letters", tmp_path / "letters")
    return tmp_path


def change(folder: Path, file: str, how: Change) -> None:
    path = folder / "letters" / file
    before = path.read_text("utf-8")
    path.write_text(how(before), "utf-8")
    assert path.read_text("utf-8") != before


def found(folder: Path, letter: Letter) -> list[Finding]:
    return sorted(set(lint_letter(folder, merchant(), letter)))


def named(value: object) -> str | None:
    """Test ids of what has a name; the same in every process."""
    return value if isinstance(value, str) else "how"


def without(text: str) -> Change:
    return lambda source: source.replace(text, "")


def instead(old: str, new: str) -> Change:
    return lambda source: source.replace(old, new)


def with_line(line: str) -> Change:
    return lambda source: f"{source}\n{line}\n"


@pytest.mark.parametrize(
    ("file", "how", "element", "problem"),
    [
        # an element is missing
        ("en/refused.txt", without("{{ remedies }}"), "remedies", "must hold"),
        ("ja/refused.txt", without("{{ reason }}"), "reason", "must hold"),
        ("en/extended.txt", without("{{ explanation }}"), "explanation", "must hold"),
        ("en/identity_question.txt", without("{{ suspended }}"), "suspended", "must hold"),
        ("ja/erasure_answer.txt", instead("・{{ part }}", ""), "kept", "must hold"),
        ("en/answer_ready.txt", instead("{% if found %}", "{% if portable %}"), "found", "must say something else"),
        # variables
        ("en/refused.txt", with_line("{{ details }}"), "details", "no such variable"),
        ("en/verification_code.txt", with_line("Dear {{ name }},"), "name", "no such variable"),
        ("en/answer_ready.txt", with_line("{{ found }}"), "found", "never shown"),
        # optional parts leave no trace
        ("en/refused.txt", with_line("Officer: {{ officer }}"), "officer", "may be unset"),
        ("en/erasure_answer.txt", instead("{% if kept %}", "{% if deleted %}"), "kept", "may be unset"),
        # no logic
        ("en/closed.txt", with_line("{{ name|upper }}"), "filter", "knows only"),
        ("en/closed.txt", with_line("{{ name.first }}"), "getattr", "knows only"),
        ("en/closed.txt", with_line("{{ name[0] }}"), "getitem", "knows only"),
        ("en/closed.txt", with_line("{{ name() }}"), "call", "knows only"),
        ("en/closed.txt", with_line("{{ 7*7 }}"), "mul", "knows only"),
        ("en/closed.txt", with_line("{% set x = name %}"), "assign", "knows only"),
        ("en/closed.txt", with_line("{% include 'x' %}"), "include", "knows only"),
        ("en/closed.txt", with_line("{% if name == 'x' %}x{% endif %}"), "if", "knows only"),
        ("en/closed.txt", with_line("{% if name %}"), "template", "Unexpected end"),
        ("en/closed.txt", with_line("{{ name"), "template", ""),
        # the subject
        ("en/closed.txt", instead("Subject: ", ""), "subject", "first line"),
        ("en/closed.txt", instead("is closed\n", "is closed\nfor good\n"), "subject", "one line"),
        ("en/closed.txt", instead("Subject: ", "Subject: Dear {{ name }}, "), "name", "a subject holds only"),
        ("en/access_code.txt", instead("Subject: ", "Subject: {{ code }} "), "code", "a subject holds only"),
        ("en/closed.txt", instead("Subject: ", "Subject: " + "very " * 20), "subject", "characters"),
        # content
        ("ja/closed.txt", instead("{{ name }} 様", "{{ name }} さん"), "name", "様"),
        ("en/closed.txt", with_line('<img src="https://pixel.example/1.gif">'), "<img", "no markup"),
        ("en/closed.txt", with_line("See https://shop.example"), "https://", "never written out"),
        ("en/closed.txt", with_line("Write to help@shop.example"), "help@shop", "never written out"),
        ("en/closed.txt", with_line("Value: None"), "None", "forgotten"),
        ("en/identity_question.txt", with_line("Send a copy of your passport."), "passport", "identity card"),
        ("ja/evidence_needed.txt", with_line("身分証をお送りください。"), "身分証", "identity card"),
        ("en/extended.txt", with_line("We have a high volume of requests."), "high volume", "general load"),
        ("ja/extended.txt", with_line("窓口が混雑しています。"), "混雑", "general load"),
        ("en/erasure_answer.txt", with_line("All your data were deleted."), "All your data", "kept"),
        ("ja/erasure_answer.txt", with_line("すべてのデータを削除しました。"), "すべて", "kept"),
        ("en/verification_code.txt", with_line("You have an account with us."), "account", "proven nothing"),
        ("en/refused.txt", with_line("Otherwise we take legal action."), "legal action", "threatens"),
    ],
    ids=named,
)
def test_a82_what_is_wrong_is_named(folder: Path, file: str, how: Change, element: str, problem: str) -> None:
    change(folder, file, how)
    findings = found(folder, Letter(Path(file).stem))
    assert any(
        each.file == file and element in each.element and problem in each.problem and each.line >= 1
        for each in findings
    ), findings
    assert {each.file for each in findings} == {file}


@pytest.mark.parametrize(
    ("how", "element", "problem"),
    [
        (instead("remedies.gdpr:", "remedies.eu:"), "remedies.gdpr", "missing"),
        (instead("{authority}, {web}", "{web}"), "remedies.gdpr", "{authority}"),
        (instead("You can also go to court.", ""), "remedies.gdpr", "court"),
        (instead("(APPI 39)", ""), "remedies.appi", "39"),
        (instead("law.suspended: From {asked_on}", "law.suspended: From now"), "law.suspended", "asked_on"),
        (with_line("mine: hello"), "mine", "another language has it"),
        (instead("nobody: nobody", "nobody: '{0.__class__}'"), "nobody", "a place is"),
        (instead("nobody: nobody", "nobody: '{who!r}'"), "nobody", "a place is"),
        (instead("nobody: nobody", "nobody: '{'"), "nobody", "a place is"),
        (instead("nobody: nobody", "nobody: ''"), "nobody", "empty"),
        (instead("nobody: nobody", "nobody: '{who}'"), "nobody", "other values"),
        (instead("nobody: nobody", "nobody: see www.evil.example"), "nobody", "never written out"),
        (instead("Your request is complex", "We have a high volume"), "extension.complexity", "general load"),
        (instead("backups: Copies", "backups: All data were deleted. Copies"), "backups", "kept"),
        (lambda _: "[unclosed", "file", "YAML"),
        (lambda _: "- a list", "file", "name: sentence"),
    ],
    ids=named,
)
def test_a_phrase_that_is_wrong_is_named(folder: Path, how: Change, element: str, problem: str) -> None:
    change(folder, "en/phrases.yaml", how)
    told = lint_phrases(folder / "letters", LANGUAGES)
    assert any(each.element == element and problem in each.problem for each in told), told


def test_a_letter_or_a_language_that_is_missing_is_named(folder: Path) -> None:
    (folder / "letters" / "ja" / "refused.txt").unlink()
    (folder / "letters" / "en" / "extra.txt").write_text("Subject: x\n\ny\n", "utf-8")
    (folder / "letters" / "en" / "closed.txt").write_bytes(b"\xff\xfe")
    assert [(each.file, each.element) for each in lint_letters(folder, merchant())] == [
        ("en/closed.txt", "file"),
        ("en/extra.txt", "file"),
        ("ja/refused.txt", "file"),
    ]
    shutil.rmtree(folder / "letters" / "en")
    assert len([each for each in lint_letters(folder, merchant()) if each.file.startswith("en/")]) == len(Letter) + 1


def test_one_language_does_not_tell_more_than_the_other(folder: Path) -> None:
    change(folder, "ja/closed.txt", with_line("{{ zone }}"))
    assert [str(each) for each in found(folder, Letter.CLOSED)] == [
        "en/closed.txt:1: zone: stands in another language only"
    ]


def test_the_line_is_the_line(folder: Path) -> None:
    change(folder, "en/refused.txt", instead("{{ reason }}", "{{ reason }} {{ details }}"))
    (finding,) = found(folder, Letter.REFUSED)
    source = (folder / "letters" / "en" / "refused.txt").read_text("utf-8").splitlines()
    assert "{{ details }}" in source[finding.line - 1]
    assert str(finding) == f"en/refused.txt:{finding.line}: details: this letter has no such variable"


def test_what_a_letter_may_say_is_not_forbidden() -> None:
    assert not list(forbidden_in_letter(Letter.EVIDENCE_NEEDED, "You need not send a copy of an identity document."))
    assert not list(forbidden_in_letter(Letter.ERASURE_ANSWER, "What we deleted, and what we keep"))
    assert not list(forbidden_in_letter(Letter.REFUSED, "None of the grounds for erasure applies."))
    assert list(forbidden_in_phrase("extension.mine", "Our staff is on holiday."))
    assert not list(forbidden_in_letter(Letter.VERIFICATION_CODE, "In order to go on, enter the code."))
    assert not list(forbidden_in_phrase("ground.mine", "Our staff is on holiday."))


def test_each_phrase_that_the_code_names_is_there_and_none_besides() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "layers/core/python/rightsdesk").rglob("*.py"))
    shipped = yaml.safe_load((MERCHANT / "letters" / "en" / "phrases.yaml").read_text("utf-8")).keys()
    assert shipped == phrases_needed()
    assert set(re.findall(r'Phrase\(name="([a-z_.]+)"', code)) <= shipped
    for beginning, known in re.findall(r'Phrase\(name=f"([a-z_.]+)\.\{([^}]*)\}"', code):
        assert any(name.startswith(f"{beginning}.") for name in shipped), (beginning, known)


def test_sentences_are_put_in_by_the_press_and_by_nobody_else() -> None:
    for rules in REQUIREMENTS.values():
        assert all(each.phrase.startswith("law.") for each in rules.sentences.values())
        assert not rules.sentences.keys() & (rules.required | rules.optional | rules.flags)
