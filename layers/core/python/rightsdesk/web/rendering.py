"""Templates and how values look in each language: dates, moments with their zone, sizes.

Everything is escaped, and a value that a template names but nobody gave is an error, not a blank.
"""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from rightsdesk.domain.request import Language
from rightsdesk.web.texts import Texts

_FOLDER = Path(__file__).parent / "templates"
_LOCALES: dict[Language, str] = {"en": "en_GB", "ja": "ja_JP"}
_DATES: dict[Language, str] = {"en": "d MMMM yyyy", "ja": "yyyy年M月d日"}
_TIMES: dict[Language, str] = {"en": "HH:mm", "ja": "H:mm"}


@cache
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def typed(text: str) -> Markup:
    """What a person wrote, set apart from our own text: its writing direction and its lines are its own (a49)."""
    return Markup('<bdi class="typed">{}</bdi>').format(escape(text))


class Figures:
    """Values as people of one language write them, in the zone of the merchant."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self._language = language
        self._zone = zone

    def day(self, value: date | datetime) -> str:
        """`3 October 2026`, `2026年10月3日`."""
        from babel.dates import format_date  # here and below: not every page shows a date

        local = value.astimezone(self._zone).date() if isinstance(value, datetime) else value
        return format_date(local, _DATES[self._language], locale=_LOCALES[self._language])

    def moment(self, value: datetime) -> str:
        """`3 October 2026, 14:05`, `2026年10月3日 14:05`."""
        from babel.dates import format_time

        time = format_time(value, _TIMES[self._language], tzinfo=self._zone, locale=_LOCALES[self._language])
        return f"{self.day(value)}{', ' if self._language == 'en' else ' '}{time}"

    def zone(self) -> str:
        """`Japan Time`, `日本時間`."""
        from babel.dates import get_timezone_name

        return get_timezone_name(self._zone, locale=_LOCALES[self._language])

    def number(self, value: int) -> str:
        """`1,240`"""
        from babel.numbers import format_decimal

        return format_decimal(value, locale=_LOCALES[self._language])

    def size(self, count: int) -> str:
        """`3.4 MB`: decimal units, as file managers show them."""
        from babel.numbers import format_decimal

        value, unit = float(count), "bytes"
        for unit in ("bytes", "kB", "MB", "GB"):
            if value < 1000 or unit == "GB":
                break
            value /= 1000
        pattern = "#,##0" if unit == "bytes" else "#,##0.#"
        return f"{format_decimal(value, pattern, locale=_LOCALES[self._language])} {unit}"


def render(template: str, *, texts: Texts, language: Language, zone: ZoneInfo, **values: object) -> str:
    """A template of `templates/`, with the texts as `t` and what else the caller gives."""
    figures = Figures(language, zone)
    return (
        environment().get_template(template).render(t=texts, figures=figures, typed=typed, language=language, **values)
    )
