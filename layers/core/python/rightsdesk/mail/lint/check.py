"""All letters together: every one in every language, each checked by itself, printed with samples, and compared."""

# serves: B-4

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters, PhraseError
from rightsdesk.mail.lint.characters import BOM, unseen_in_source
from rightsdesk.mail.lint.finding import Finding
from rightsdesk.mail.lint.forbidden import FORGOTTEN, forbidden_in_source
from rightsdesk.mail.lint.phrases import FILE, line_of, lint_phrases
from rightsdesk.mail.lint.template import Uses, lint_template
from rightsdesk.mail.requirements import OURS, REQUIREMENTS, Reader
from rightsdesk.mail.samples import NAME, sample_values

LANGUAGES: tuple[Language, ...] = get_args(Language)
_LONGEST_SUBJECT = 78  # RFC 5322, 2.1.1: what every program shows
_TRACES = re.compile(FORGOTTEN.pattern + r"|\{\{|\}\}|\{%|%\}|\[\]|\(\)|Label\(|Phrase\(|datetime\.")


def lint_letters(merchant_path: Path, merchant: MerchantProfile) -> list[Finding]:
    """Everything that is wrong with the letters in a merchant's folder, by file and line; empty where all is well."""
    folder = merchant_path / "letters"
    findings = {*lint_phrases(folder, LANGUAGES), *_strangers(folder)}
    for letter in Letter:
        findings.update(lint_letter(merchant_path, merchant, letter))
    return sorted(findings)


def lint_letter(merchant_path: Path, merchant: MerchantProfile, letter: Letter) -> Iterator[Finding]:
    """One letter in every language."""
    press = MerchantLetters(merchant_path, merchant)
    uses: dict[Language, Uses] = {}
    for language in LANGUAGES:
        file = f"{language}/{letter}.txt"
        try:
            source = (merchant_path / "letters" / file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            yield Finding(file, 1, "file", f"can't be read: {type(error).__name__}")
            continue
        unseen = list(unseen_in_source(file, source))
        source = source.removeprefix(BOM)
        found, uses[language] = lint_template(file, letter, source)
        found += unseen
        found += forbidden_in_source(file, letter, source)
        found += _address_of_a_person(file, letter, language, source)
        # What is wrong by itself is wrong again when it is printed: once is enough.
        yield from found or _printed(press, merchant_path / "letters", file, letter, language)
    yield from _between(letter, {language: used for language, used in uses.items() if used.names})


def _address_of_a_person(file: str, letter: Letter, language: Language, source: str) -> Iterator[Finding]:
    if language == "ja" and "name" in REQUIREMENTS[letter].required and "{{ name }} 様" not in source:
        yield Finding(file, 1, "name", "a person is addressed as {{ name }} 様")


def _printed(press: MerchantLetters, folder: Path, file: str, letter: Letter, language: Language) -> Iterator[Finding]:
    """The letter with everything set, and with everything unset that may be."""
    rules = REQUIREMENTS[letter]
    full = sample_values(letter, language)
    least = full | dict.fromkeys((rules.optional - OURS) | rules.flags)
    for values in (full, least):
        try:
            mail = press.print(letter, language, values, to="jane@example.com")
        except PhraseError as error:  # no fault of this letter: said of the phrase, and once for all letters
            phrases = f"{language}/{FILE}"
            line = line_of(error.name, (folder / phrases).read_text("utf-8"))
            yield Finding(phrases, line, error.name, error.problem)
            return
        except MerchantFileError as error:
            yield Finding(file, 1, "letter", str(error))
            return
        yield from _finished(file, letter, language, mail)


def _finished(file: str, letter: Letter, language: Language, mail: OutgoingMail) -> Iterator[Finding]:
    if len(mail.subject) > _LONGEST_SUBJECT:
        yield Finding(file, 1, "subject", f"has {len(mail.subject)} characters; {_LONGEST_SUBJECT} are enough")
    for trace in _TRACES.findall(f"{mail.subject}\n{mail.text}"):
        yield Finding(file, 1, repr(trace), "stands in the finished letter")
    if REQUIREMENTS[letter].reader is not Reader.PERSON and NAME[language] in f"{mail.subject}{mail.text}":
        yield Finding(file, 1, "name", "is only for the person, who has shown that the mailbox is theirs")


def _between(letter: Letter, uses: dict[Language, Uses]) -> Iterator[Finding]:
    """One language must not tell more than the other."""
    everything = frozenset[str]().union(*(used.names for used in uses.values()))
    for language, used in uses.items():
        for name in sorted((everything - used.names) & OURS):  # all others are asked for in each language anyway
            yield Finding(f"{language}/{letter}.txt", 1, name, "stands in another language only")


def _strangers(folder: Path) -> Iterator[Finding]:
    known = {f"{letter}.txt" for letter in Letter} | {"phrases.yaml"}
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*")):
            if path.name not in known and not path.name.startswith("."):
                yield Finding(f"{language}/{path.name}", 1, "file", "there is no letter of this name")
