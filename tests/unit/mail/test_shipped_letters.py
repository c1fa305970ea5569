"""The merchant's letters as they are shipped: each in both languages, with the values that services really pass.

A linter, and at the same time the proof that no letter lacks a value: every letter is printed here by playing requests
over the services, in English and in Japanese.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from string import Formatter
from typing import Any

import pytest
import yaml
from jinja2 import meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.reminders import reminders_until, warning_of
from rightsdesk.domain.request import Language, RequestType, Treatment
from rightsdesk.domain.review import REFUSAL_GROUNDS
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.services.write_letter import LetterDesk
from tests.support.desk import JANE, JANES_MEMBER_ID, MERCHANT, ORIGIN, Desk, merchant

LANGUAGES: tuple[Language, ...] = ("en", "ja")
TYPED = {"name": "Canary Wren", "details": "canary details", "order_number": "CANARY-ORDER-1"}
STAFF = {Letter.STAFF_RELEASE, Letter.STAFF_DEADLINE, Letter.STAFF_FAILURE}
UNCONFIRMED = {Letter.VERIFICATION_CODE, Letter.UNVERIFIED, Letter.LOCKED}  # to a mailbox that has proven nothing

# What a letter must hold (law.md 4), as the values that say it.
MUST_HOLD = {
    Letter.VERIFICATION_CODE: {
        "reference",
        "received_on",
        "code",
        "code_minutes",
        "due_on",
        "due_rule",
        "link",
        "zone",
    },
    Letter.ACCESS_CODE: {"reference", "code", "code_minutes", "link"},
    Letter.EVIDENCE_NEEDED: {"doubt", "tries", "asked_on", "closes_on", "link", "contact", "due_on"},
    Letter.ANSWER_READY: {
        "link",
        "files",
        "found",
        "withheld",
        "downloads",
        "window_ends_on",
        "remedies",
        "received_on",
    },
    Letter.LOCKED: {"reference", "opens_at", "zone", "link", "contact"},
    Letter.DOWNLOADED: {"downloaded_at", "downloads_left", "window_ends_on", "contact"},
    Letter.REFUSED: {"ground", "reason", "remedies", "received_on", "contact"},
    Letter.UNVERIFIED: {"received_on", "link", "contact"},
    Letter.NOT_IDENTIFIED: {"received_on", "link", "remedies", "contact"},
    Letter.WITHDRAWN: {"received_on", "link", "contact"},
    Letter.CLOSED: {"link", "contact"},
    Letter.STAFF_RELEASE: {"reference", "types", "held", "target_on", "due_on"},
    Letter.STAFF_DEADLINE: {"reference", "warning", "status", "assignee", "target_on", "due_on", "failure"},
    Letter.STAFF_FAILURE: {"reference", "state", "error", "sources", "target_on", "due_on"},
}


class Recorder(MerchantLetters):
    """The real press, which remembers what it printed."""

    def __init__(self, staff_language: Language) -> None:
        super().__init__(MERCHANT, merchant())
        self.staff_language = staff_language
        self.mails: list[tuple[Letter, Language, OutgoingMail]] = []

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        language = self.staff_language if letter in STAFF else language
        mail = super().print(letter, language, values, to=to)
        self.mails.append((letter, language, mail))
        return mail


def a_desk(press: Recorder) -> Desk:
    """Codes are read from the mail as a person does."""
    desk = Desk(press=press)
    desk.code = lambda: re.findall(r"^(\d{4}-\d{4})$", desk.mailer.outbox[-1].text, re.M)[0]  # type: ignore[method-assign]
    return desk


def play_everything(press: Recorder, language: Language, country: str) -> None:
    """Every letter that there is, in one language."""
    how = {"language": language, "country": country} | TYPED

    desk = a_desk(press)
    desk.reader.rows = {key: rows for key, rows in desk.reader.rows.items() if key[0] != "files/letters"}
    case = desk.submit(**how)
    desk.clock.advance(case.due.due_on + timedelta(days=2) - desk.clock().date())
    desk.look(case)  # overdue, before anything happened
    desk.send_verification(case)
    for _ in range(2):
        for _ in range(5):
            with pytest.raises(InvalidInputError):
                desk.verify(case, "0000-000x")
        desk.clock.advance(timedelta(minutes=10))
        desk.ask_code(case)
    desk.clock.advance(timedelta(days=14))
    desk.close(case, Outcome.UNVERIFIED)

    desk = a_desk(press)
    case = desk.answered(Treatment.REDACT, **how)
    desk.ask_code(case)
    desk.download(case)
    desk.clock.advance(timedelta(days=14))
    desk.close(case)

    desk = a_desk(press)
    case = desk.awaiting_review(**how)
    desk.fail(case)
    desk.look(case)
    desk.refuse(case := desk.now(case), ground="appi_33_2_ii" if country == "JP" else "gdpr_12_5")
    desk.close(case, Outcome.REFUSED)

    desk = a_desk(press)
    desk.directory.accounts.clear()
    desk.directory.guests.add(JANE)
    case = desk.verified(**how)
    desk.decide(case)
    desk.clock.advance(timedelta(days=15))
    desk.close(case, Outcome.NOT_IDENTIFIED)

    desk = a_desk(press)
    desk.add_account(JANE, JANES_MEMBER_ID, mailbox_changed_at=desk.clock())
    case = desk.verified(**how)
    desk.decide(case)
    desk.withdraw(case)
    desk.close(case, Outcome.WITHDRAWN)


@pytest.fixture(scope="module")
def mails() -> list[tuple[Letter, Language, OutgoingMail]]:
    found = []
    for language in LANGUAGES:
        press = Recorder(language)
        for country in ("IE", "JP", "US"):
            play_everything(press, language, country)
        found += press.mails
    return found


def test_every_letter_is_sent_by_a_service_in_every_language(
    mails: list[tuple[Letter, Language, OutgoingMail]],
) -> None:
    assert {(letter, language) for letter, language, _ in mails} == {(le, la) for le in Letter for la in LANGUAGES}


def test_no_letter_shows_what_is_not_set_or_not_filled_in(
    mails: list[tuple[Letter, Language, OutgoingMail]],
) -> None:
    for letter, language, mail in mails:
        for place in (mail.subject, mail.text, mail.html):
            for trace in ("None", "{", "}", "undefined", "Label(", "Phrase(", "datetime", "()", "[]", "  \n"):
                assert trace not in place.replace("[RD-", "RD-"), (letter, language, trace)
        assert mail.subject.strip() == mail.subject != ""
        assert len(mail.subject) <= 80
        assert len(mail.subject.splitlines()) == 1
        assert "\n\n\n" not in mail.text
        assert mail.text.endswith("\n")


def test_the_code_is_in_the_body_and_not_in_the_subject(mails: list[tuple[Letter, Language, OutgoingMail]]) -> None:
    for letter, _, mail in mails:
        holds_code = letter in {Letter.VERIFICATION_CODE, Letter.ACCESS_CODE}
        assert bool(re.search(r"^\d{4}-\d{4}$", mail.text, re.M)) is holds_code
        assert not re.search(r"\d{4}-\d{4}", mail.subject)


def test_a38_nothing_that_was_typed_is_repeated_to_a_mailbox_that_has_proven_nothing(
    mails: list[tuple[Letter, Language, OutgoingMail]],
) -> None:
    for letter, language, mail in mails:
        everything = f"{mail.subject} {mail.text} {mail.html}".lower()
        assert TYPED["details"] not in everything, letter
        assert TYPED["order_number"].lower() not in everything, letter
        assert JANE not in everything, letter
        if letter in UNCONFIRMED | STAFF:
            assert "canary" not in everything, (letter, language)


def test_links_go_to_our_origin_or_to_an_authority(mails: list[tuple[Letter, Language, OutgoingMail]]) -> None:
    for letter, _, mail in mails:
        links = [link.rstrip(".") for link in re.findall(r"https?://[^\s<>\"、。）]+", mail.text)]
        assert sorted(set(links)) == sorted(set(re.findall(r'href="([^"]+)"', mail.html)))
        others = {link for link in links if not link.startswith(f"{ORIGIN}/")}
        assert others <= {"https://www.dataprotection.ie"}
        if letter in UNCONFIRMED:
            assert not others


def test_a82_a_refusal_names_where_to_turn(mails: list[tuple[Letter, Language, OutgoingMail]]) -> None:
    refusals = [(language, mail.text) for letter, language, mail in mails if letter is Letter.REFUSED]
    assert len(refusals) == 6
    assert sum("dataprotection.ie" in text for _, text in refusals) == 2
    assert sum("03-6457-9849" in text for _, text in refusals) >= 2
    for _, text in refusals:
        assert "The tenth this week." in text


HALF_WIDTH = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff][,.!?:;()\[\]]|[(),.!?:;\[\]][\u3040-\u30ff\u4e00-\u9fff]")


def test_japanese_letters_use_japanese_punctuation(mails: list[tuple[Letter, Language, OutgoingMail]]) -> None:
    for letter, language, mail in mails:
        if language == "ja":
            text = mail.subject.partition("] ")[2] or mail.subject
            assert not HALF_WIDTH.search(text), (letter, text)
            assert not HALF_WIDTH.search(mail.text), (letter, HALF_WIDTH.search(mail.text))
            if letter not in STAFF | UNCONFIRMED | {Letter.ACCESS_CODE}:
                assert "Canary Wren 様" in mail.text


def test_the_html_says_what_the_text_says(mails: list[tuple[Letter, Language, OutgoingMail]]) -> None:
    for letter, _, mail in mails:
        body = mail.html.partition("<body")[2].partition(">")[2]
        plain = re.sub(r"<[^>]+>", "", body).replace("&amp;", "&").replace("&#x27;", "'").replace("&quot;", '"')
        assert plain.split() == mail.text.split(), letter


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "We searched all our systems and found no data about you. The package confirms this."),
        ("ja", "すべてのシステムを調べましたが、お客様に関するデータは見つかりませんでした。"),
    ],
)
@pytest.mark.parametrize("found", [True, False])
def test_the_answer_says_whether_anything_was_found(language: Language, sentence: str, found: bool) -> None:
    values = dict.fromkeys(MUST_HOLD[Letter.ANSWER_READY] | {"reference", "name"}, "x")
    mail = MerchantLetters(MERCHANT, merchant()).print(
        Letter.ANSWER_READY, language, {**values, "found": found, "withheld": found}, to="jane@example.com"
    )
    assert (sentence in mail.text) is not found
    assert ("index" in mail.text) is found, "where what was left out is listed"
    assert "withheld.json" not in mail.text


def templates() -> Iterator[tuple[Letter, dict[Language, set[str]]]]:
    environment = ImmutableSandboxedEnvironment()
    for letter in Letter:
        yield (
            letter,
            {
                language: meta.find_undeclared_variables(
                    environment.parse((MERCHANT / "letters" / language / f"{letter}.txt").read_text("utf-8"))
                )
                for language in LANGUAGES
            },
        )


@pytest.mark.parametrize(
    ("letter", "used"), list(templates()), ids=lambda value: str(value) if isinstance(value, Letter) else ""
)
def test_a82_a_letter_holds_what_the_law_asks_in_both_languages(letter: Letter, used: dict[Language, set[str]]) -> None:
    ours = {"merchant", "address", "contact", "zone", "name"}
    assert used["en"] - ours == used["ja"] - ours
    for language in LANGUAGES:
        assert used[language] >= MUST_HOLD[letter] - {"zone"}


def test_there_is_no_letter_that_nobody_sends() -> None:
    for language in LANGUAGES:
        files = {path.stem for path in (MERCHANT / "letters" / language).glob("*.txt")}
        assert files == {str(letter) for letter in Letter}


def phrases(language: Language) -> dict[str, str]:
    text = (MERCHANT / "letters" / language / "phrases.yaml").read_text("utf-8")
    return yaml.safe_load(text)  # type: ignore[no-any-return]


def test_each_phrase_is_there_in_both_languages_and_speaks_of_the_same() -> None:
    en, ja = phrases("en"), phrases("ja")
    assert set(en) == set(ja)
    for name in en:
        places = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in (en[name], ja[name])]
        assert places[0] == places[1], name


def test_there_is_a_phrase_for_everything_that_services_may_say_and_none_besides() -> None:
    due = Desk().submit().due
    needed = {"nobody", "doubt.mailbox_changed", "doubt.not_the_account"}
    needed |= {f"due_rule.{law}" for law in ("gdpr", "appi", "promise")}
    needed |= {f"remedies.{kind}" for kind in ("gdpr", "gdpr_elsewhere", "appi", "both", "promise")}
    needed |= {f"ground.{ground}" for grounds in REFUSAL_GROUNDS.values() for ground in grounds}
    needed |= {f"status.{status}" for status in Status}
    needed |= {f"type.{kind}" for kind in RequestType}
    needed |= {f"warning.{warning_of(name)}" for name in reminders_until(due, due.due_on + timedelta(days=1))}
    assert set(phrases("en")) == needed


def test_staff_get_their_own_language(mails: list[tuple[Letter, Language, OutgoingMail]]) -> None:
    desk = Desk()
    letters = LetterDesk(
        cases=desk.cases,
        press=desk.press,
        mailer=desk.mailer,
        clock=desk.clock,
        staff_mailbox="s@x",
        staff_language="ja",
    )
    case = desk.submit(language="en")
    letters.to_staff(case, Letter.STAFF_FAILURE, {})
    assert desk.press.printed[-1].language == "ja"
    assert desk.press.printed[-1].to == "s@x"
