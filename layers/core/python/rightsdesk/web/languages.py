"""The languages of the pages, and which of them a browser asks for (RFC 9110, 12.5.4; abuse case 55)."""

import re

from rightsdesk.domain.request import Language

LANGUAGE_NAMES: dict[Language, str] = {"en": "English", "ja": "日本語"}  # each in itself
LANGUAGES = tuple(LANGUAGE_NAMES)
DEFAULT: Language = "en"
_MOST_RANGES = 20
_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*")


def known_language(text: str) -> Language | None:
    return next((language for language in LANGUAGES if language == text), None)


def preferred_language(accept_language: str) -> Language:
    """The language with the greatest weight, the first of equals. Malformed ones (`ja;q=NaN`) are passed over."""
    best: Language = DEFAULT
    best_weight = 0.0
    for part in accept_language.split(",", _MOST_RANGES)[:_MOST_RANGES]:
        match = _RANGE.fullmatch(part)
        language = known_language(match[1].lower()) if match else None
        weight = float(match[2] or 1) if match else 0.0
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best
