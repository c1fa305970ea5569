"""What must not stand in a letter, whoever writes it: law.md 4, right column."""

# serves: B-4, P-01

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rightsdesk.domain.erasure_claims import ALL_IS_GONE
from rightsdesk.domain.extension_reasons import words_of_load
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.questions import identity_documents
from rightsdesk.mail.lint.addresses import written_out
from rightsdesk.mail.lint.finding import Finding
from rightsdesk.mail.requirements import REQUIREMENTS, Reader

FORGOTTEN = re.compile(r"\bNone\b(?! (?:of|was|were|is|are|has|have|had|can|could|will|would|apply|applies)\b)")
"""A value that was not there; not the English word at the head of a sentence."""

_Find = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class _Forbidden:
    """`find` gives the words. `letters` and `phrases` (by the beginning of their names): where; None: anywhere."""

    find: _Find
    why: str
    letters: frozenset[Letter] | None = None
    phrases: tuple[str, ...] | None = None


def _words(pattern: str, *, but: str = r"(?!)") -> _Find:
    """Finds `pattern` in any case and width; not in what `but` matches, which may be said."""
    words, allowed = re.compile(pattern, re.IGNORECASE), re.compile(but, re.IGNORECASE)

    def find(text: str) -> list[str]:
        normal = unicodedata.normalize("NFKC", text).replace("’", "'")
        return [found[0] for found in words.finditer(allowed.sub(" ", normal))]

    return find


def _load(text: str) -> list[str]:
    """Many requests by one person are a reason (GDPR 12(3)); many by everybody are none."""
    return words_of_load(_OF_ONE_PERSON.sub(" ", text))


def _read_by(*readers: Reader) -> frozenset[Letter]:
    return frozenset(letter for letter, rules in REQUIREMENTS.items() if rules.reader in readers)


_OF_ONE_PERSON = re.compile(
    r"\byou(?: have|'ve)?(?: also)? (?:sent|made|submitted|asked)\b[^.,;:!?]*|お客様から[^。、]*", re.I
)

_FORBIDDEN = (
    _Forbidden(
        written_out,
        "an address is never written out: {{ link }} and {{ contact }} stand by themselves, and a space after a colon",
    ),
    _Forbidden(
        _words(r"</?[a-z!][^>]*>|&[a-z]+;|!\[.*\]\("), "a letter is plain text: no markup, nothing that is loaded"
    ),
    _Forbidden(
        lambda text: re.findall(rf"{FORGOTTEN.pattern}|\bundefined\b|\bTODO\b|\bXXX\b", text),
        "looks like something that was forgotten",
    ),
    _Forbidden(
        identity_documents,
        "a copy of an identity card is never asked for (GDPR 5(1)(c), 12(6))",
        letters=_read_by(Reader.MAILBOX, Reader.PERSON),
    ),
    _Forbidden(
        _load,
        "general load is no reason to take longer (EDPB 01/2022, 162-164)",
        letters=frozenset({Letter.EXTENDED, Letter.PROGRESS, Letter.LATE}),
        phrases=("extension.", "progress.", "law."),
    ),
    _Forbidden(
        _words(ALL_IS_GONE.pattern),
        "not everything is erased where something is kept: let {{ deleted }} and {{ kept }} say it",
        letters=frozenset({Letter.ERASURE_CONFIRMATION, Letter.ERASURE_ANSWER}),
        phrases=("backups", "law.", "kept."),
    ),
    _Forbidden(
        _words(
            r"\b(?:an?|your|our|the) (?:accounts?|orders?|members?(?:hip)?|customers?)\b"
            r"|アカウント|会員|ご注文|お客様番号",
            but=r"\b(?:whether or not|with or without|regardless of whether)\b[^.,;:!?]*"
            r"|(?:アカウント|会員|ご注文)(?:で|が)?(?:ある)?(?:か(?:どうか)?|の有無)[^。、]{0,6}(?:かかわらず|関わらず|問わず)",
        ),
        "a mailbox that has proven nothing is not told what we hold, or whether we hold anything",
        letters=_read_by(Reader.MAILBOX),
        phrases=("law.mailbox_only", "due_rule."),
    ),
    _Forbidden(
        _words(r"\blegal action\b|\bprosecut|\bpenalt|\bviolat\w+ our terms\b|\bwarn you\b|法的措置|警告|罰則"),
        "a letter never threatens",
        letters=_read_by(Reader.MAILBOX, Reader.PERSON, Reader.RECIPIENT),
        phrases=("law.", "doubt.", "progress.", "extension.", "remedies."),
    ),
)


def forbidden_in_letter(letter: Letter, text: str) -> Iterator[tuple[str, str]]:
    """(the words, why they must not stand there) of a paragraph or a line of a template."""
    for each in _FORBIDDEN:
        if each.letters is None or letter in each.letters:
            for words in each.find(text):
                yield words, each.why


def forbidden_in_phrase(name: str, sentence: str) -> Iterator[tuple[str, str]]:
    """The same for a phrase."""
    for each in _FORBIDDEN:
        if each.phrases is None or name.startswith(each.phrases):
            for words in each.find(sentence):
                yield words, each.why


def forbidden_in_source(file: str, letter: Letter, source: str) -> Iterator[Finding]:
    """What a template says that it must not say. Values are not the merchant's to write.

    A sentence may go on in the next line: each paragraph is read as one, and what is found is said of its line.
    """
    number = 1
    for paragraph in re.sub(r"\{%.*?%\}|\{#.*?#\}", "", source).split("\n\n"):
        lines = paragraph.split("\n")
        of_line = {
            words: number + position
            for position, line in reversed([*enumerate(lines)])
            for words in _said(letter, line)
        }
        for words, why in forbidden_in_letter(letter, " ".join(lines)):
            yield Finding(file, of_line.get(words, number), repr(words), why)
        number += len(lines) + 1


def _said(letter: Letter, line: str) -> Iterator[str]:
    return (words for words, _ in forbidden_in_letter(letter, line))
