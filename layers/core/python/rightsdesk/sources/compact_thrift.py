"""Thrift's compact protocol, as far as the footer of Parquet needs it: any struct is read and written back the same.

Fields are known by number only, so that what a newer writer puts there is kept.
"""

from typing import Any, NamedTuple

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
_MOST_DEPTH = 40


class Field(NamedTuple):
    """A value and how it is written: a number, bytes, a struct, or a list."""

    kind: int
    value: Any


class Elements(NamedTuple):
    """A list or a set: all its values are of one kind."""

    kind: int
    values: list[Any]


Struct = dict[int, Field]


class DamagedError(ValueError):
    """These bytes are no struct."""


def read_struct(data: bytes | memoryview, at: int = 0) -> tuple[Struct, int]:
    """The struct that begins there, and where it ends."""
    reader = _Reader(data, at)
    try:
        return reader.struct(0), reader.at
    except IndexError as error:
        raise DamagedError("it ends too early") from error


def written(struct: Struct) -> bytes:
    out = bytearray()
    _write_struct(out, struct)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes | memoryview, at: int) -> None:
        self._data = memoryview(data)
        self.at = at

    def struct(self, depth: int) -> Struct:
        if depth > _MOST_DEPTH:
            raise DamagedError("it is nested too deeply")
        fields: Struct = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._signed()
            if number in fields:
                raise DamagedError("a field stands twice")
            fields[number] = Field(kind, self._value(kind, depth))
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        match kind:
            case 1 | 2:
                return kind == TRUE
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._signed()
            case 7:
                return self._bytes(8)
            case 8:
                return self._bytes(self._unsigned())
            case 9 | 10:
                return self._elements(depth)
            case 12:
                return self.struct(depth + 1)
        raise DamagedError(f"a value of kind {kind}")

    def _elements(self, depth: int) -> Elements:
        head = self._byte()
        count, kind = head >> 4, head & 15
        if count == 15:
            count = self._unsigned()
        if count > len(self._data):
            raise DamagedError("a list is longer than all there is")
        if kind in (TRUE, FALSE):  # in a list a byte each, written as it was
            return Elements(kind, [self._byte() for _ in range(count)])
        return Elements(kind, [self._value(kind, depth + 1) for _ in range(count)])

    def _byte(self) -> int:
        value = self._data[self.at]
        self.at += 1
        return value

    def _bytes(self, length: int) -> bytes:
        start, self.at = self.at, self.at + length
        if self.at > len(self._data):
            raise DamagedError("it ends too early")
        return bytes(self._data[start : self.at])

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise DamagedError("a number of more than 64 bits")

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)


def _write_struct(out: bytearray, struct: Struct) -> None:
    last = 0
    for number, (kind, value) in sorted(struct.items()):
        step = number - last
        if kind in (TRUE, FALSE):
            kind = TRUE if value else FALSE
        if 0 < step < 16:
            out.append(step << 4 | kind)
        else:
            out.append(kind)
            _write_signed(out, number)
        last = number
        if kind not in (TRUE, FALSE):
            _write_value(out, kind, value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:
    match kind:
        case 3:
            out.append(value)
        case 4 | 5 | 6:
            _write_signed(out, value)
        case 7:
            out += value
        case 8:
            _write_unsigned(out, len(value))
            out += value
        case 9 | 10:
            _write_elements(out, value)
        case 12:
            _write_struct(out, value)


def _write_elements(out: bytearray, elements: Elements) -> None:
    kind, values = elements
    if len(values) < 15:
        out.append(len(values) << 4 | kind)
    else:
        out.append(15 << 4 | kind)
        _write_unsigned(out, len(values))
    for value in values:
        _write_value(out, BYTE if kind in (TRUE, FALSE) else kind, value)


def _write_unsigned(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def _write_signed(out: bytearray, value: int) -> None:
    _write_unsigned(out, (value << 1) ^ (value >> 63))
