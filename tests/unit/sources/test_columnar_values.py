"""A new value in the type of a column: held exactly, or refused without a word of it."""

# serves: E-03

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.records import plain
from rightsdesk.sources.columnar_values import cell_of, takes_values

BERLIN = ZoneInfo("Europe/Berlin")  # 2026-03-29 has no 02:30, 2026-10-25 has two


def local(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - a column without a zone


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        (pa.string(), "髙", "髙"),
        (pa.string(), 7, "7"),
        (pa.string(), True, "true"),
        (pa.large_string(), "a", "a"),
        (pa.bool_(), True, True),
        (pa.bool_(), "no", False),
        (pa.int8(), -128, -128),
        (pa.int16(), "7.0", 7),
        (pa.uint64(), 2**64 - 1, 2**64 - 1),
        (pa.float64(), "0.1", 0.1),
        (pa.float64(), 7, 7.0),
        (pa.float32(), "0.1", 0.10000000149011612),
        (pa.float64(), "1e300", 1e300),
        (pa.float64(), "5.960464477539063e-08", 2**-24),
        (pa.decimal128(5, 2), "7.90", Decimal("7.90")),
        (pa.decimal128(5, 2), 7.9, Decimal("7.90")),
        (pa.decimal256(60, 30), "123456789012345678901234567890.25", Decimal("123456789012345678901234567890.25")),
        (pa.date32(), "1980/02/01", date(1980, 2, 1)),
        (pa.date64(), "1980-02-01", date(1980, 2, 1)),
        (pa.time64("us"), "23:59:59.999999", time(23, 59, 59, 999999)),
        (pa.time32("s"), "09:30", time(9, 30)),
        (pa.timestamp("us"), "2026-03-01T12:00:00Z", local(2026, 3, 1, 13)),
        (pa.timestamp("us"), "2026-03-01 12:00", local(2026, 3, 1, 12)),
        (pa.timestamp("ms", "UTC"), "2026-03-01T12:00", datetime(2026, 3, 1, 11, tzinfo=UTC)),
        (pa.timestamp("us"), "2026-10-25T02:30:00+02:00", local(2026, 10, 25, 2, 30)),
        (pa.timestamp("us", "Europe/Berlin"), "2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (pa.timestamp("s", "UTC"), "9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (pa.string(), None, None),
        (pa.list_(pa.int8()), None, None),
    ],
)
def test_what_fits_is_held(kind: pa.DataType, value: Any, held: object) -> None:
    cell = cell_of(value, kind, BERLIN)
    assert cell.type == kind
    found = cell.as_py()
    assert (found.astimezone(UTC) if isinstance(found, datetime) and found.tzinfo else found) == held
    # What is read again is written again as the same: a plan is carried out from what it says.
    again = plain(found, zone=BERLIN)
    assert plain(cell_of(again, kind, BERLIN).as_py(), zone=BERLIN) == again


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.string(), ["secret\ud800", ["secret"]]),
        (pa.bool_(), ["secret", 2]),
        (pa.int8(), [128, -129, "7.5", "secret", True, 2**70]),
        (pa.uint64(), [-1, 2**64]),
        (pa.float64(), ["0.1234567890123456789", "secret", True, "inf"]),
        (pa.float32(), ["16777217", "99999900", "16777217.5", "1e300", "1e-50"]),
        (pa.float16(), [100_000]),
        (pa.decimal128(5, 2), ["7.905", "1000", "secret", True, "nan"]),
        (pa.date32(), ["1980-02-30", "1980-02-01T00:00:00", 19800201]),
        (pa.time32("ms"), ["23:59:59.0001", "24:01", "10:00+01:00"]),
        (pa.timestamp("us"), ["2026-03-29T02:30", "2026-10-25T02:30:00+01:00", "2026-03-01T12:00:00.123456789", 5]),
        (pa.timestamp("s", "UTC"), ["2026-03-01T12:00:00.5Z", "2026-03-29T02:30"]),
        (pa.timestamp("ns"), ["3000-01-01T00:00:00", "1600-01-01T00:00:00"]),
        (pa.timestamp("us"), ["9999-12-31T23:59:59Z", "secret"]),
        (pa.binary(), ["secret"]),
        (pa.list_(pa.string()), ["secret"]),
    ],
)
def test_what_does_not_fit_is_refused_and_not_told(kind: pa.DataType, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ValueError, match=r"^it does not fit a column of type ") as caught:
            cell_of(value, kind, BERLIN)
        assert str(value) not in str(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None, "a log would show it"


@pytest.mark.parametrize(
    ("kind", "takes"),
    [
        (pa.string(), True),
        (pa.timestamp("ns"), True),
        (pa.binary(), False),
        (pa.binary(4), False),
        (pa.null(), False),
        (pa.duration("s"), False),
        (pa.list_(pa.string()), False),
        (pa.struct([("a", pa.string())]), False),
    ],
)
def test_bytes_and_many_values_in_one_are_nobody_s_to_type(kind: pa.DataType, takes: bool) -> None:
    assert takes_values(kind) is takes


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(1, 38), st.integers(0, 10))
def test_a_number_is_never_rounded(number: Decimal, precision: int, scale: int) -> None:
    if abs(number.adjusted()) > 400:
        return
    for kind in (pa.decimal128(precision, min(scale, precision)), pa.int64(), pa.uint8()):
        try:
            cell = cell_of(str(number), kind, BERLIN)
        except ValueError:
            continue
        assert Decimal(cell.as_py()) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_held_as_it_is_read(number: float) -> None:
    assert cell_of(number, pa.float64(), BERLIN).as_py() == number
    assert cell_of(repr(number), pa.float64(), BERLIN).as_py() == number


@given(st.datetimes(min_value=local(1700, 1, 1), max_value=local(2200, 1, 1)))
def test_a_moment_is_the_same_moment_or_refused(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    for kind in (pa.timestamp("us"), pa.timestamp("us", "Asia/Tokyo"), pa.timestamp("ms", "UTC")):
        try:
            found = cell_of(moment.isoformat(), kind, BERLIN).as_py()
        except ValueError:
            continue
        assert datetime.fromisoformat(str(plain(found, zone=BERLIN))) == moment
