"""What a record's own value means where a rule asks for a day or a number, whatever form the source gives it in."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from rightsdesk.domain.field_values import reading_of
from rightsdesk.domain.fields import FieldType
from rightsdesk.domain.records import Record

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Collection

DAYS = frozenset({FieldType.DATE, FieldType.TIMESTAMP, FieldType.EPOCH_SECONDS, FieldType.EPOCH_MILLISECONDS})
NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER})


def day_reading(collection: "Collection", field: str, zone: tzinfo) -> Callable[[Record], date | None]:
    """Reads the day of a field whose type is one of DAYS, in `zone`; None where it holds none that can be read.

    A day without a time is meant as it is written.
    """
    kind = collection.fields[field].type
    reading = reading_of(kind, ZoneInfo(collection.zone)) if kind in DAYS else None

    def day(record: Record) -> date | None:
        value = record.get(field)
        if reading is None or value in (None, ""):
            return None
        try:
            text = str(reading(value))
            if kind is FieldType.DATE:
                return date.fromisoformat(text)
            return datetime.fromisoformat(text).astimezone(zone).date()
        except (ValueError, OverflowError):
            return None

    return day


def number_of(value: JsonValue) -> Decimal | None:
    """A number, also one written as text; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
