"""What a new value is in a column of Parquet, whose type says what it can hold.

A value is held exactly or not at all: nothing is rounded, cut off, or moved to another hour. Text in a column of
numbers is read as the data map reads it, a number in a column of text is written out; the type of a column never
changes.
"""

# serves: E-03

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import cast
from zoneinfo import ZoneInfo

import pyarrow as pa
from pydantic import JsonValue

from rightsdesk.domain.field_values import reading_of
from rightsdesk.domain.fields import FieldType
from rightsdesk.sources.row_changes import as_cell

_TOO_FINE = re.compile(r"[.,][0-9]{6}[0-9]*[1-9]")  # beyond microseconds, which Python drops without a word

_Reading = Callable[[JsonValue, pa.DataType, ZoneInfo], object]


def takes_values(kind: pa.DataType) -> bool:
    """Whether a column of this type can be given a new value at all: not where one cell holds many, or bytes."""
    return _reading_for(kind) is not None


def cell_of(value: JsonValue, kind: pa.DataType, zone: ZoneInfo) -> pa.Scalar:
    """The value in the type of a column. `zone`: of times without an offset.

    Raises ValueError, which says nothing of the value, where the type can't hold it.
    """
    if value is None:
        return pa.scalar(None, kind)
    read = _reading_for(kind)
    try:
        if read is None:
            raise ValueError("no type for one value")
        wanted = read(value, kind, zone)
        cell = pa.scalar(float(wanted) if isinstance(wanted, Decimal) and pa.types.is_floating(kind) else wanted, kind)
        is_held = _is_held(wanted, cell.as_py())
    except (ValueError, ArithmeticError, pa.ArrowException):  # whose text may hold the value
        is_held = False
    if not is_held:
        raise ValueError(f"it does not fit a column of type {kind}")
    return cell


def _is_held(wanted: object, held: object) -> bool:
    if isinstance(wanted, Decimal) and isinstance(held, float):
        return Decimal(repr(held)) == wanted or _is_to_the_last_digit(held, wanted)
    if isinstance(held, datetime) and held.tzinfo is not None:
        held = held.astimezone(UTC)  # in an hour that comes twice, times of two zones are never equal
    return held == wanted


def _is_to_the_last_digit(held: float, wanted: Decimal) -> bool:
    """Behind the point a short float is never quite what was written, and near enough: 0.1 is 0.10000000149011612."""
    last = cast("int", wanted.normalize().as_tuple().exponent)
    return last < 0 and math.isfinite(held) and abs(Fraction(held) - Fraction(wanted)) * 2 <= Fraction(10) ** last


def _reading_for(kind: pa.DataType) -> _Reading | None:
    return next((read for is_kind, read in _READINGS if is_kind(kind)), None)


def _text(value: JsonValue, _kind: pa.DataType, _zone: ZoneInfo) -> str:
    if isinstance(value, (list, dict)):
        raise ValueError("not one value")
    return as_cell(value)


def _as_the_map_reads(value: JsonValue, kind: FieldType, zone: ZoneInfo) -> JsonValue:
    read = reading_of(kind, zone)
    return read(value) if read else value


def _boolean(value: JsonValue, _kind: pa.DataType, zone: ZoneInfo) -> bool:
    return bool(_as_the_map_reads(value, FieldType.BOOLEAN, zone))


def _number(value: JsonValue, _kind: pa.DataType, zone: ZoneInfo) -> Decimal:
    return Decimal(str(_as_the_map_reads(value, FieldType.NUMBER, zone)))


def _integer(value: JsonValue, _kind: pa.DataType, zone: ZoneInfo) -> int:
    return int(str(_as_the_map_reads(value, FieldType.INTEGER, zone)))


def _date(value: JsonValue, _kind: pa.DataType, zone: ZoneInfo) -> date:
    return date.fromisoformat(str(_as_the_map_reads(value, FieldType.DATE, zone)))


def _time(value: JsonValue, _kind: pa.DataType, _zone: ZoneInfo) -> time:
    found = time.fromisoformat(_fine_enough(value))
    if found.tzinfo is not None:
        raise ValueError("a time of day has no zone")
    return found


def _moment(value: JsonValue, kind: pa.DataType, zone: ZoneInfo) -> datetime:
    """With its offset where the column has one; else as a clock in `zone` shows it, which shows some hours twice."""
    given = datetime.fromisoformat(_fine_enough(value).replace("/", "-"))
    moment = (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    if given.tzinfo and kind.tz is not None:
        return moment
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    if given.tzinfo is None and local != given:
        raise ValueError("an hour that was left out")
    if kind.tz is not None:
        return moment
    if local.replace(tzinfo=zone).astimezone(UTC) != moment:
        raise ValueError("the second of two hours that are called the same")
    return local


def _fine_enough(value: JsonValue) -> str:
    if not isinstance(value, str) or _TOO_FINE.search(value):
        raise ValueError("not a time")
    return value.strip()


_READINGS: tuple[tuple[Callable[[pa.DataType], bool], _Reading], ...] = (
    (pa.types.is_string, _text),
    (pa.types.is_large_string, _text),
    (pa.types.is_boolean, _boolean),
    (pa.types.is_integer, _integer),
    (pa.types.is_floating, _number),
    (pa.types.is_decimal, _number),
    (pa.types.is_date, _date),
    (pa.types.is_time, _time),
    (pa.types.is_timestamp, _moment),
)
