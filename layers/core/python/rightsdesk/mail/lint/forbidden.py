"""What must not stand in a letter, whoever writes it: law.md 4, right column."""

# serves: B-4, P-01

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rightsdesk.domain.letters import Letter
from rightsdesk.mail.lint.finding import Finding
from rightsdesk.mail.requirements import REQUIREMENTS, Reader


@dataclass(frozen=True, slots=True)
class _Forbidden:
    """`letters` and `phrases` (by the beginning of their names): where it must not stand. None: anywhere."""

    words: re.Pattern[str]
    why: str
    letters: frozenset[Letter] | None = None
    phrases: tuple[str, ...] | None = None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _read_by(*readers: Reader) -> frozenset[Letter]:
    return frozenset(letter for letter, rules in REQUIREMENTS.items() if rules.reader in readers)


_FORBIDDEN = (
    _Forbidden(
        _words(r"https?://|www\.|\bmailto:|[\w.+-]+@[\w-]+\.\w"),
        "an address is never written out: use {{ link }} and {{ contact }}, which come from the configuration",
    ),
    _Forbidden(
        _words(r"</?[a-z!][^>]*>|&[a-z]+;|!\[.*\]\("), "a letter is plain text: no markup, nothing that is loaded"
    ),
    _Forbidden(
        re.compile(r"\bNone\b(?! of)|\bundefined\b|\bTODO\b|\bXXX\b"), "looks like something that was forgotten"
    ),
    _Forbidden(
        _words(
            r"\b(identity|id|identification)[ -]?cards?\b|\bpassports?\b|\bdriv(er'?s?|ing)[ -]licen[cs]e"
            r"|身分証|パスポート|旅券|運転免許|マイナンバー|在留カード|保険証"
        ),
        "a copy of an identity card is never asked for (GDPR 5(1)(c), 12(6))",
        letters=_read_by(Reader.MAILBOX, Reader.PERSON),
        phrases=("law.", "doubt.", "progress."),
    ),
    _Forbidden(
        _words(
            r"\b(high|large|unusual) (volume|number)s?\b|\bholidays?\b|\bvacations?\b|\bworkload\b|\bbacklog\b"
            r"|\b(busy|overloaded|short-staffed)\b|混雑|混み合|繁忙|多忙|休暇|連休|人手不足"
        ),
        "general load is no reason to take longer (EDPB 01/2022, 162-164)",
        letters=frozenset({Letter.EXTENDED, Letter.PROGRESS}),
        phrases=("extension.", "progress.", "law."),
    ),
    _Forbidden(
        _words(
            r"\b(everything|all (of )?(your|the) data|all data)\b[^.]{0,30}\b(deleted|erased|removed)\b"
            r"|\b(deleted|erased|removed) (everything|all (of )?(your|the) data)\b"
            r"|(すべて|全て|全部|一切)[^。]{0,12}(消去|削除)"
        ),
        "not everything is erased where something is kept: let {{ deleted }} and {{ kept }} say it",
        letters=frozenset({Letter.ERASURE_ANSWER}),
        phrases=("backups", "law.", "kept."),
    ),
    _Forbidden(
        _words(
            r"\b(an?|your|our|the) (accounts?|orders?|members?(hip)?|customers?)\b|アカウント|会員|ご注文|お客様番号"
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


def forbidden_in_letter(letter: Letter, line: str) -> Iterator[tuple[str, str]]:
    """(the words, why they must not stand there) of one line of a template, its tags left out."""
    for each in _FORBIDDEN:
        if each.letters is None or letter in each.letters:
            for found in each.words.finditer(line):
                yield found[0], each.why


def forbidden_in_phrase(name: str, sentence: str) -> Iterator[tuple[str, str]]:
    """The same for a phrase."""
    for each in _FORBIDDEN:
        if each.phrases is None or name.startswith(each.phrases):
            for found in each.words.finditer(sentence):
                yield found[0], each.why


def forbidden_in_source(file: str, letter: Letter, source: str) -> Iterator[Finding]:
    """What a template says that it must not say, line by line. Values are not the merchant's to write."""
    for number, line in enumerate(source.splitlines(), start=1):
        plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", line)
        for words, why in forbidden_in_letter(letter, plain):
            yield Finding(file, number, repr(words), why)
