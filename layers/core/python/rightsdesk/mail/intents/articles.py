"""Articles of the law that a sentence names, and the right that each gives.

With the name of the law beside it an article counts; alone it counts little, and least in a list of many: those are
quoted from a policy or a form letter.
"""

import re
from typing import NamedTuple

from rightsdesk.domain.intents import IntentType

_GDPR = re.compile(
    r"\b(?:uk[ -]?)?gdpr\b|ds-?gvo|\brgpd\b|\bavg\b|\brodo\b|\bγκπδ\b|2016/679|dataskyddsforordning|databeskyttelses"
    r"|tietosuoja-?asetu|adatvedelmi rendelet|data protection (?:act|regulation)|datenschutz-?grundverordnung"
    r"|protection des donnees|protezione dei dati|proteccion de datos|protecao de dados|gegevensbescherming"
    r"|ochrane osobnich udaju|ochronie danych|zastiti podataka|protectia datelor|γενικ\w+ κανονισμ"
)
_APPI = re.compile(
    r"\bappi\b|個人情報保護法|個情法|個人情報の保護に関する法律|act on the protection of personal information"
)
_HEAD = re.compile(
    r"\b(?:art(?:icle|icles|icolo|icoli|ikel|ikeln|iculo|iculos|igo|igos|ykul\w*|icolul\w*|t|s)?|clanak|clank\w*"
    r"|cl|cikk\w*|artikla\w*|αρθρ\w*|αρ|§)\.?\s{0,3}(?=\d)"
)
_TAIL = re.compile(r"[\d\s,.()&/a-z–-]{1,60}")
_NUMBER = re.compile(
    r"(?<![\d(])(\d{1,2})(?!\d)\s{0,2}(?:(?:\(|abs\.?|paragraph|par\.?|lid|odst\.?|ust\.?|st\.?)\s{0,2}(\d))?"
)
_JAPANESE = re.compile(r"(?:法)?第?(\d{1,3})条(?:の\d+)?(?:第?(\d{1,2})項)?")
_KANJI_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
_KANJI = re.compile(r"(?<=第)[一二三四五六七八九]?十[一二三四五六七八九]?(?=条)|(?<=第)[一二三四五六七八九](?=項)")

_NAMED, _BARE, _LISTED = 1.0, 0.45, 0.3
_MANY = 3
_SURE, _HALF, _WEAK = 0.62, 0.5, 0.3

_OF_GDPR: dict[int, tuple[IntentType, float]] = {
    13: (IntentType.INFORMATION, _HALF),
    14: (IntentType.INFORMATION, _HALF),
    15: (IntentType.ACCESS, _SURE),
    16: (IntentType.RECTIFICATION, _SURE),
    17: (IntentType.ERASURE, _HALF),
    18: (IntentType.RESTRICTION, _SURE),
    20: (IntentType.PORTABILITY, _SURE),
    21: (IntentType.OBJECTION, _SURE),
    22: (IntentType.AUTOMATED_DECISION, _SURE),
    77: (IntentType.COMPLAINT, _WEAK),
}
_OF_APPI: dict[tuple[int, int | None], tuple[IntentType, float]] = {
    (32, 2): (IntentType.PURPOSE_NOTICE, _SURE),
    (33, 5): (IntentType.PROVISION_RECORDS, _SURE),
    (33, None): (IntentType.ACCESS, _SURE),
    (34, None): (IntentType.RECTIFICATION, _SURE),
    (35, 3): (IntentType.STOP_PROVISION, _SURE),
    (35, None): (IntentType.RESTRICTION, _WEAK),  # stop of use or erasure: the article does not say which
}


class Article(NamedTuple):
    """An article that was named: the right it gives, how much it counts, and how it is called."""

    intent: IntentType
    weight: float
    name: str


def articles_in(sentence: str, *, mail_names_gdpr: bool, mail_names_appi: bool) -> list[Article]:
    """What a folded sentence names, each right once."""
    found: dict[IntentType, Article] = {}
    law = 1.0 if mail_names_gdpr else _BARE
    numbers = _gdpr_numbers(sentence)
    many = len({number for number, _ in numbers}) >= _MANY
    for number, part in [] if mail_names_appi and not mail_names_gdpr else numbers:
        right = (IntentType.CONSENT_WITHDRAWAL, _HALF) if (number, part) == (7, "3") else _OF_GDPR.get(number)
        if right:
            weight = right[1] * (_LISTED if many else law)
            paragraph = f"({part})" if right[0] is IntentType.CONSENT_WITHDRAWAL else ""
            found.setdefault(right[0], Article(right[0], weight, f"Art. {number}{paragraph} GDPR"))
    for match in _JAPANESE.finditer(_KANJI.sub(_in_digits, sentence)):
        number, clause = int(match[1]), int(match[2]) if match[2] else None
        if mail_names_gdpr and not mail_names_appi:
            named = _OF_GDPR.get(number)
            name, factor = f"Art. {number} GDPR", _NAMED
        else:
            named = _OF_APPI.get((number, clause)) or _OF_APPI.get((number, None))
            name = f"Art. {number}{f'({clause})' if clause else ''} APPI"
            factor = _NAMED if mail_names_appi else _BARE
        if named:
            found.setdefault(named[0], Article(named[0], named[1] * factor, name))
    if mail_names_appi and not mail_names_gdpr:
        for number, part in numbers:
            named = _OF_APPI.get((number, int(part) if part else None)) or _OF_APPI.get((number, None))
            if named:
                name = f"Art. {number}{f'({part})' if part else ''} APPI"
                found.setdefault(named[0], Article(named[0], named[1] * (_LISTED if many else _NAMED), name))
    return list(found.values())


def names_gdpr(text: str) -> bool:
    """Whether a folded text names the GDPR, in whatever language."""
    return bool(_GDPR.search(text))


def names_appi(text: str) -> bool:
    """Whether a folded text names Japan's Act on the Protection of Personal Information."""
    return bool(_APPI.search(text))


def _gdpr_numbers(sentence: str) -> list[tuple[int, str]]:
    """(article, paragraph or "") in their order; a range from 15 to 22 names all between."""
    found: list[tuple[int, str]] = []
    for head in _HEAD.finditer(sentence):
        tail = _TAIL.match(sentence, head.end())
        if not tail:
            continue
        listed = re.split(r"[a-z]{4,}", tail[0])[0]
        found += [(int(number[1]), number[2] or "") for number in _NUMBER.finditer(listed)]
        if bounds := re.search(r"(\d{1,2})\s{0,2}(?:-|–|to|bis|a|al|do|till)\s{0,2}(\d{1,2})", listed):
            found += [(number, "") for number in range(int(bounds[1]), min(int(bounds[2]), 22) + 1)]
    return found


def _in_digits(match: re.Match[str]) -> str:
    tens, ten, ones = match[0].partition("十")
    if not ten:
        return match[0].translate(_KANJI_DIGITS)
    return str(int(tens.translate(_KANJI_DIGITS) or 1) * 10 + int(ones.translate(_KANJI_DIGITS) or 0))
