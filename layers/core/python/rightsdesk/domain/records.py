"""One record of the merchant's, as JSON: what every source gives and every export takes.

Numbers stay numbers, and exact: a whole one is an `int`, another a `float` whose shortest form has the same digits.
What neither can hold (DynamoDB knows 38 digits) is given as text, digit by digit, and is never rounded. Bytes are
base64, sets are sorted lists, points in time are ISO 8601 with their offset.
"""

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import TypeAlias

from pydantic import JsonValue

Record: TypeAlias = dict[str, JsonValue]

_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1  # what JSON readers in use keep exactly


def exact_number(value: Decimal | int) -> int | float | str:
    """The same number for JSON: 7 -> 7, 7.50 -> 7.5, 0.12345678901234567890 -> "0.12345678901234567890"."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return str(value)
        if value != value.to_integral_value():
            nearest = float(value)
            return nearest if Decimal(repr(nearest)) == value else format(value, "f")
        value = int(value)
    return value if _INT_MIN <= value <= _INT_MAX else str(value)


def plain_bytes(value: bytes | bytearray | memoryview) -> str:
    return base64.b64encode(value).decode("ascii")


def moment(value: datetime, zone: tzinfo = UTC) -> str:
    """ISO 8601 with an offset. A time without one is read in `zone`, which the data map declares."""
    return (value if value.tzinfo else value.replace(tzinfo=zone)).isoformat()


def plain(value: object, *, zone: tzinfo = UTC) -> JsonValue:
    """Any value that a source's library may give, as JSON. Raises TypeError for what has no meaning in JSON."""
    match value:
        case None | bool() | str():
            return value
        case Decimal() | int():
            return exact_number(value)
        case float():
            return value if value - value == 0 else str(value)  # JSON has no infinity and no "not a number"
        case datetime():
            return moment(value, zone)
        case date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return plain_bytes(value)
        case dict():
            return {str(key): plain(item, zone=zone) for key, item in value.items()}
        case set() | frozenset():
            return sorted_values(plain(item, zone=zone) for item in value)
        case list() | tuple():
            return [plain(item, zone=zone) for item in value]
    raise TypeError(f"no JSON for {type(value).__name__}")


def sorted_values(values: Iterable[JsonValue]) -> list[JsonValue]:
    """Numbers by size, then texts by code point: the same set gives the same list every time."""

    def rank(value: JsonValue) -> tuple[bool, float, str]:
        is_number = isinstance(value, (int, float))
        return (not is_number, float(value) if is_number else 0.0, str(value))  # type: ignore[arg-type]

    return sorted(values, key=rank)


def identifier_text(value: JsonValue) -> str | None:
    """A value as an identifier: 1042 and "1042" are the same member. None for what can't be one (empty, a list)."""
    match value:
        case bool():
            return None
        case str():
            return value or None
        case int():
            return str(value)
        case float() if value.is_integer():
            return str(int(value))
    return None


def identifier_texts(value: JsonValue, parts: tuple[str, ...] = ()) -> Iterator[str]:
    """The identifiers in a value; of a list, those of its members. An object is named by `parts`, joined by colons:
    `{"provider": "line", "id": 7}` by provider and id is `line:7`. What lacks a part names nothing."""
    match value:
        case list():
            for member in value:
                yield from identifier_texts(member, parts)
        case dict():
            texts = [text for part in parts if (text := identifier_text(value.get(part))) is not None]
            if texts and len(texts) == len(parts):
                yield ":".join(texts)
        case _:
            if (text := identifier_text(value)) is not None:
                yield text
