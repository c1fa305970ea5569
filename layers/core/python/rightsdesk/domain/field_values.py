"""What a value means where its source says less than the data map: CSV knows text only, tables keep times as numbers.

The value itself is never changed, only how it is written: exact numbers, times in ISO 8601 with their offset.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from rightsdesk.domain.fields import FieldType
from rightsdesk.domain.records import exact_number, moment

Reading = Callable[[JsonValue], JsonValue]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AS_GIVEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}")
_FURTHEST = 400  # digits before or behind the point: more than any source holds. "1e999999999" would fill the memory
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")


def reading_of(kind: FieldType, zone: ZoneInfo) -> Reading | None:
    """How values of this type are read; None where they stay as they are. The reading raises ValueError on a misfit."""
    match kind:
        case FieldType.INTEGER | FieldType.NUMBER:
            return lambda value: _number(value, whole=kind is FieldType.INTEGER)
        case FieldType.BOOLEAN:
            return _boolean
        case FieldType.DATE:
            return _date
        case FieldType.TIMESTAMP:
            return lambda value: _timestamp(value, zone)
        case FieldType.EPOCH_SECONDS:
            return lambda value: _since_epoch(value, Decimal(1))
        case FieldType.EPOCH_MILLISECONDS:
            return lambda value: _since_epoch(value, Decimal(1000))
    return None


def _number(value: JsonValue, *, whole: bool) -> JsonValue:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _decimal(value)
    if whole and number != number.to_integral_value():
        raise ValueError("not whole")
    return value if isinstance(value, float) else exact_number(number)


def _boolean(value: JsonValue) -> JsonValue:
    text = str(value).strip().lower()
    if text not in _YES and text not in _NO:
        raise ValueError("neither true nor false")
    return text in _YES


def _date(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        raise ValueError("not a date")
    return date.fromisoformat(value.strip().replace("/", "-")).isoformat()


def _timestamp(value: JsonValue, zone: ZoneInfo) -> JsonValue:
    if not isinstance(value, str):
        raise ValueError("not a time")
    if _AS_GIVEN.fullmatch(value) or value.endswith(("Z", "+00:00")):
        datetime.fromisoformat(value)
        return value
    return moment(datetime.fromisoformat(value.strip().replace("/", "-")), zone)


def _since_epoch(value: JsonValue, ticks: Decimal) -> JsonValue:
    seconds = _decimal(value) / ticks
    try:
        return moment(_EPOCH + timedelta(microseconds=int(seconds * 1_000_000)))
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def _decimal(value: JsonValue) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("not a number")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number.adjusted()) > _FURTHEST:
        raise ValueError("not a number")
    return number
