"""A letter that lost something that the law wants in it is never sent, whichever letter and whichever thing (82)."""

import re
import shutil
from pathlib import Path

import pytest

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.requirements import OURS, PHRASE_RULES, REQUIREMENTS, Reader, missing_in_phrase
from rightsdesk.mail.samples import sample_values
from tests.support.desk import MERCHANT, merchant

# What law.md 4 asks of each letter, in our words for it.
LAW = {
    Letter.VERIFICATION_CODE: "reference received_on code code_minutes due_on due_rule",
    Letter.EVIDENCE_NEEDED: "doubt other_way suspended",
    Letter.IDENTITY_QUESTION: "question other_way suspended answer_kept",
    Letter.NOT_IDENTIFIED: "new_request remedies",
    Letter.EXTENDED: "due_on reason explanation done_so_far remedies",
    Letter.ANSWER_READY: "contents rights files withheld window_ends_on portability",
    Letter.PARTLY_REFUSED: "withheld granted remedies",
    Letter.RECTIFICATION_ANSWER: "done carried_out_on recipients dispute",
    Letter.ERASURE_ANSWER: "deleted anonymised kept backups suppression recipients account",
    Letter.NOTHING_TO_ERASE: "carried_out_on link remedies contact",
    Letter.ERASURE_CONFIRMATION: "losses deleted anonymised kept undo closes_on link",
    Letter.ERASURE_CONFIRMED: "undo_until link contact",
    Letter.UNCONFIRMED: "link contact remedies",
    Letter.RESTRICTION_ANSWER: "restricted told_before",
    Letter.RESTRICTION_LIFTING: "lifted_on reason",
    Letter.OBJECTION_ANSWER: "done carried_out_on marketing",
    Letter.REFUSED: "ground reason granted remedies contact",
    Letter.RECIPIENT_NOTICE: "our_reference identifiers action basis asked_on link",
    Letter.PROGRESS: "status target_on link remedies",
    Letter.LATE: "due_on status link remedies",
    Letter.CLOSED: "link contact",
    Letter.KEPT_DATA_ERASED: "erased erased_on kept backups contact",
    Letter.WITHDRAWN: "link contact",
    Letter.DOWNLOADED: "contact",
}
EVERYTHING = [
    (letter, name)
    for letter, rules in REQUIREMENTS.items()
    for name in sorted((rules.required | rules.optional | rules.sentences.keys()) - {"officer", "representative"})
]


def test_every_letter_has_its_requirements() -> None:
    assert set(REQUIREMENTS) == set(Letter)


@pytest.mark.parametrize("letter", LAW)
def test_a82_what_the_law_wants_is_required(letter: Letter) -> None:
    rules = REQUIREMENTS[letter]
    assert rules.required | rules.optional | rules.sentences.keys() >= set(LAW[letter].split())


def test_a_name_is_only_for_who_has_shown_that_the_mailbox_is_theirs() -> None:
    for letter, rules in REQUIREMENTS.items():
        assert ("name" in rules.variables) <= (rules.reader is Reader.PERSON), letter
        if rules.reader is not Reader.STAFF:
            assert not rules.variables & {"assignee", "proposed_by", "role"}, letter


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    merchants = tmp_path_factory.mktemp("merchant")
    shutil.copytree(MERCHANT / "letters", merchants / "letters")
    return merchants


@pytest.mark.parametrize(("letter", "name"), EVERYTHING, ids=lambda value: str(value))
def test_a82_a_template_that_dropped_an_element_is_not_printed(folder: Path, letter: Letter, name: str) -> None:
    language: Language = "ja" if len(name) % 2 else "en"
    path = folder / "letters" / language / f"{letter}.txt"
    whole = path.read_text("utf-8")
    listed = re.sub(rf"{{% for (\w+) in {name} %}}.*?{{% endfor %}}\n", "", whole, flags=re.DOTALL)
    path.write_text(re.sub(rf"{{{{ {name} }}}}", "", listed), "utf-8")
    assert path.read_text("utf-8") != whole
    values = sample_values(letter, language)
    try:
        with pytest.raises(MerchantFileError, match=rf"letters/{language}/{letter}\.txt: .*{{{{ {name} }}}}"):
            MerchantLetters(folder, merchant()).print(letter, language, values, to="jane@example.com")
    finally:
        path.write_text(whole, "utf-8")


@pytest.mark.parametrize(("letter", "name"), EVERYTHING, ids=lambda value: str(value))
def test_a82_a_letter_that_was_not_given_an_element_is_not_printed(letter: Letter, name: str) -> None:
    rules = REQUIREMENTS[letter]
    if name not in rules.required - OURS:
        return  # of the merchant, or may be unset
    values = {known: value for known, value in sample_values(letter, "en").items() if known != name}
    with pytest.raises(MerchantFileError, match=rf"letters/en/{letter}\.txt: .*{name}"):
        MerchantLetters(MERCHANT, merchant()).print(letter, "en", values, to="jane@example.com")


def test_a_phrase_says_what_it_must_in_any_case_of_letters() -> None:
    assert missing_in_phrase("remedies.gdpr", "COMPLAIN to {authority}, {web}, or go to Court.", "en") == []
    assert missing_in_phrase("remedies.gdpr", "Complain to {authority} or go to court.", "en") == ["{web}"]
    assert missing_in_phrase("remedies.gdpr", "監督機関（{authority}、{web}）に苦情を申し立てられます。", "ja") == [
        "裁判所"
    ]
    assert missing_in_phrase("nobody", "", "en") == []
    assert {"remedies.gdpr", "remedies.gdpr_elsewhere", "remedies.appi"} <= PHRASE_RULES.keys()


@pytest.mark.parametrize(
    ("name", "en", "ja"),
    [
        ("remedies.appi_no_claim", "complaint desk", "苦情"),
        ("law.contents", "kinds", "利用目的"),
        ("law.rights", "restrict", "異議"),
        ("law.once", "once", "3か月"),
        ("law.told_before", "before", "前に"),
        ("law.marketing", "object", "異議"),
    ],
)
def test_a82_what_the_law_wants_said_cannot_be_emptied(name: str, en: str, ja: str) -> None:
    for language, thanks, word in (("en", "Thanks.", en), ("ja", "ありがとうございます。", ja)):
        missing = missing_in_phrase(name, thanks, language)
        assert any(either in word for each in missing for either in each.split("|"))
        assert len(missing) == len(PHRASE_RULES[name].places) + len(PHRASE_RULES[name].words(language))


@pytest.mark.parametrize("said", ["The purposes,", "What it is for,"])
def test_an_element_may_be_said_in_either_of_two_ways(said: str) -> None:
    rest = "the kinds of data, who may receive them, how long they are kept, where from, machines, countries."
    assert missing_in_phrase("law.contents", f"{said} {rest}", "en") == []
    assert missing_in_phrase("law.contents", rest, "en") == ["purpose|for"]
