"""The words of the package in both languages, and how dates, amounts and counts are written in each.

The words lie in `texts/<language>.json`. A key that one language lacks fails a test, and fails here.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from babel import Locale
from babel.dates import format_date, get_timezone_name
from babel.numbers import format_currency, format_decimal

from rightsdesk.domain.fields import Label
from rightsdesk.domain.request import Language

_DATE_PATTERNS = {"en": "d MMMM y", "ja": "y年M月d日"}
_CURRENCY = re.compile(r"[A-Z]{3}")


@cache
def texts(language: Language) -> Mapping[str, Any]:
    """All texts of a language: key -> text, or for counts {"one": ..., "other": ...}."""
    texts_of: dict[str, Any] = orjson.loads((files("rightsdesk.export") / "texts" / f"{language}.json").read_bytes())
    return texts_of


def text(language: Language, key: str, /, **values: object) -> str:
    """One text with its {values}. Raises KeyError for an unknown key and for a value that is not given."""
    found: str = texts(language)[key]
    return found.format_map(values) if values else found


def count(language: Language, key: str, n: int) -> str:
    """A text that counts: `1 record`, `1,204 records`."""
    form = "one" if n == 1 else "other"
    found: str = texts(language)[key][form]
    return found.format(n=number(language, n))


def number(language: Language, n: int) -> str:
    return str(format_decimal(n, locale=language))


def words(language: Language, label: Label) -> str:
    return label.ja if language == "ja" else label.en


def listed(language: Language, parts: Iterable[str]) -> str:
    """`Account, Orders`; each part once."""
    return ("、" if language == "ja" else ", ").join(dict.fromkeys(parts))


def in_a_row(language: Language, sentences: Iterable[str]) -> str:
    """Sentences one after the other."""
    return ("" if language == "ja" else " ").join(sentences)


def pair(language: Language, name: str, value: str) -> str:
    """`Orders: 12 records`."""
    return f"{name}{'：' if language == 'ja' else ': '}{value}"


def bracketed(language: Language, words: str) -> str:
    """` (words)`, `（words）`: what follows a word without a space between."""
    return f"（{words}）" if language == "ja" else f" ({words})"


def day(language: Language, value: date) -> str:
    """`3 October 2026`, `2026年10月3日`."""
    return str(format_date(value, _DATE_PATTERNS[language], locale=language))


def day_in(language: Language, value: date, zone: str) -> str:
    """`3 October 2026 (Japan Time)`, `2026年10月3日（日本時間）`."""
    return day(language, value) + bracketed(language, zone_name(language, zone))


def local_day(value: datetime, zone: str) -> date:
    """The day on which a moment falls in the given zone."""
    return value.astimezone(ZoneInfo(zone)).date()


def moment(language: Language, value: datetime, zone: str) -> str:
    """Day and minute in the given zone: `3 October 2026, 14:05`."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(language, local.date())}{' ' if language == 'ja' else ', '}{local:%H:%M}"


def zone_name(language: Language, zone: str) -> str:
    """`Japan Time`, `日本時間`."""
    return "UTC" if zone.endswith("UTC") else str(get_timezone_name(ZoneInfo(zone), locale=language))


def amount(language: Language, value: float, currency: str) -> str:
    """`¥12,800`; a currency that is no code of three letters is shown as it is."""
    if not _CURRENCY.fullmatch(currency):
        return f"{value} {currency}"
    return str(format_currency(value, currency, locale=language))


def country(language: Language, code: str) -> str:
    """The name of a country by its two letters; the letters where the name is unknown."""
    return str(Locale.parse(language).territories.get(code, code))
