"""Which language a mail is in, by its letters and its small words; and which word lists are worth looking into."""

import re
from collections import Counter

from rightsdesk.mail.intents.folding import folded
from rightsdesk.mail.intents.words import languages, word_table

UNKNOWN = "und"
_LONGEST_SAMPLE = 6_000  # characters
_MOST_LISTS = 6
_WORD = re.compile(r"[^\W\d_]+")
_LATIN_LETTERS = {  # letters that few languages have, before they are folded
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "sv": "å",
    "da": "øæ",
    "cs": "ěřů",
    "pl": "łąęśżźń",
    "ro": "șțşţă",
    "hr": "đ",
    "hu": "őű",
    "fr": "œêèç",
}
_LETTER_COUNTS = 0.5
_VOCABULARY_COUNTS = 0.4
_MOST_LETTERS = 6
_ALL_SMALL_WORDS = 24  # a mail of fewer words may be of any language


def language_weights(text: str) -> dict[str, float]:
    """How much speaks for each language. Only those with something."""
    sample = text[:_LONGEST_SAMPLE]
    weights = _by_script(sample)
    tokens = Counter(_WORD.findall(folded(sample)))
    latin = {language: word_table(language) for language in languages() if language not in ("ja", "el")}
    for token, count in tokens.items():
        having = [language for language, table in latin.items() if token in table.function]
        for language in having:
            weights[language] = weights.get(language, 0) + min(count, 5) / len(having)
        if not having:
            knowing = [language for language, table in latin.items() if len(token) > 3 and token in table.exact]
            for language in knowing:
                weights[language] = weights.get(language, 0) + _VOCABULARY_COUNTS / len(knowing)
    small = sample.casefold()
    for language, letters in _LATIN_LETTERS.items():
        if many := sum(small.count(letter) for letter in letters):
            weights[language] = weights.get(language, 0) + _LETTER_COUNTS * min(many, _MOST_LETTERS)
    return weights


def language_of(text: str) -> str:
    """ISO 639-1 of most of the text; `und` where nothing can be told."""
    weights = language_weights(text)
    best = max(sorted(weights), key=lambda language: weights[language], default=UNKNOWN)
    return best if weights.get(best, 0) >= _VOCABULARY_COUNTS / 2 else UNKNOWN


def plausible_languages(text: str) -> tuple[str, ...]:
    """The lists to look into, best first: English always, all of them where the mail is too short to tell."""
    weights = {language: weight for language, weight in language_weights(text).items() if language in languages()}
    ranked = sorted(weights, key=lambda language: (-weights[language], language))
    if "ja" not in weights and len(_WORD.findall(text[:_LONGEST_SAMPLE])) <= _ALL_SMALL_WORDS:
        return tuple(dict.fromkeys([*ranked, "en", *(each for each in languages() if each not in ("ja", "el"))]))
    most = weights[ranked[0]] if ranked else 0
    near = [language for language in ranked if weights[language] >= min(most / 10, 2.0)]
    scripts = [language for language in ("ja", "el") if language in weights]
    return tuple(dict.fromkeys([*near[:_MOST_LISTS], *scripts, "en"]))


def _by_script(sample: str) -> dict[str, float]:
    """Languages with letters of their own. A word's worth of a script counts like a small word."""
    counts = Counter(_script(character) for character in sample if character.isalpha())
    weights = {}
    if counts["kana"]:
        weights["ja"] = (counts["kana"] + counts["han"]) / 2
    elif counts["han"]:
        weights["zh"] = counts["han"] / 2
    for script, language in (("hangul", "ko"), ("greek", "el"), ("arabic", "ar"), ("hebrew", "he"), ("thai", "th")):
        if counts[script]:
            weights[language] = counts[script] / 5
    if counts["cyrillic"]:
        small = sample.casefold()
        slavic = {"ru": "ыэё", "uk": "іїєґ", "sr": "ђјљњћџ", "bg": "ъщ"}
        most = max(slavic, key=lambda language: sum(small.count(letter) for letter in slavic[language]))
        weights[most] = counts["cyrillic"] / 5
    return weights


def _script(character: str) -> str:
    point = ord(character)
    for name, first, last in (
        ("latin", 0x41, 0x24F),
        ("greek", 0x370, 0x3FF),
        ("greek", 0x1F00, 0x1FFF),
        ("cyrillic", 0x400, 0x52F),
        ("hebrew", 0x590, 0x5FF),
        ("arabic", 0x600, 0x6FF),
        ("thai", 0xE00, 0xE7F),
        ("kana", 0x3040, 0x30FF),
        ("kana", 0xFF66, 0xFF9F),
        ("han", 0x3400, 0x9FFF),
        ("hangul", 0xAC00, 0xD7A3),
    ):
        if first <= point <= last:
            return name
    return "other"
