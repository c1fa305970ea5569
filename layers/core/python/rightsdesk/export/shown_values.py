"""One value of a record as a person reads it in the start page: escaped, isolated, dates and amounts in words.

Whatever a value holds (markup, a direction override, ten thousand characters), it stays text in its own place (abuse
cases 47, 49). The files beside the page have the values raw.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime

from markupsafe import Markup, escape
from pydantic import JsonValue

from rightsdesk.domain.fields import DataField, FieldType
from rightsdesk.domain.request import Language
from rightsdesk.export.encoding import encode_value
from rightsdesk.export.wording import amount, day, moment, text

EMPTY: tuple[object, ...] = (None, "", [], {})
_LONGEST = 400
_MOST_ITEMS = 12
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})")
_TIMES = (FieldType.TIMESTAMP, FieldType.EPOCH_SECONDS, FieldType.EPOCH_MILLISECONDS)


def shown(value: JsonValue, field: DataField, *, language: Language, zone: str) -> Markup:
    """HTML of the value. Long texts are cut with an ellipsis, deep structures are given as JSON."""
    if isinstance(value, str) and (time := _time(value, field, language, zone)):
        return time
    if field.currency and isinstance(value, (int, float)) and not isinstance(value, bool):
        return escape(amount(language, value, field.currency))
    if isinstance(value, list) and value and all(not isinstance(item, (list, dict)) for item in value):
        return _list(_scalar(item, language) for item in value[: _MOST_ITEMS + 1])
    if isinstance(value, dict) and value and all(not isinstance(item, (list, dict)) for item in value.values()):
        pairs = list(value.items())[: _MOST_ITEMS + 1]
        return _list(Markup("{}: {}").format(_isolated(key), _scalar(item, language)) for key, item in pairs)
    return _scalar(value, language)


def _scalar(value: JsonValue, language: Language) -> Markup:
    if value in EMPTY:
        return Markup('<span class="empty">{}</span>').format(text(language, "data.empty_value"))
    if isinstance(value, bool):
        return escape(text(language, "data.yes" if value else "data.no"))
    if isinstance(value, str):
        return _isolated(value)
    return _isolated(encode_value(value).decode())


def _isolated(value: str) -> Markup:
    cut = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return Markup("<bdi>{}</bdi>").format(cut)


def _list(items: Iterable[Markup]) -> Markup:
    entries = list(items)
    more = Markup("<li>…</li>") if len(entries) > _MOST_ITEMS else Markup("")
    return Markup("<ul>{}{}</ul>").format(
        Markup("").join(Markup("<li>{}</li>").format(item) for item in entries[:_MOST_ITEMS]), more
    )


def _time(value: str, field: DataField, language: Language, zone: str) -> Markup | None:
    """The value as a point in time, where the data map says that it is one and it reads like one."""
    try:
        if field.type in _TIMES and _MOMENT.fullmatch(value):
            words = moment(language, datetime.fromisoformat(value), zone)
        elif field.type in (*_TIMES, FieldType.DATE) and _DATE.fullmatch(value):
            words = day(language, date.fromisoformat(value))
        else:
            return None
    except (ValueError, OverflowError):  # 2026-02-31, or the year 9999 in another zone
        return None
    return Markup('<time datetime="{}">{}</time>').format(value, words)
