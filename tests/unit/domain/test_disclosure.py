"""What leaves of a record: only what the map describes, in its order; what stays is counted."""

import pytest

from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.disclosure import OTHER_NAMES, Disclosure
from rightsdesk.domain.records import Record
from tests.unit.domain import maps
from tests.unit.domain.maps import LABEL, field

SECRET = {"disclose": "never", "ground": "security", "reason": LABEL}


def members(**fields: dict[str, object]) -> Collection:
    raw = maps.a_shop()
    table = raw["sources"]["shop"]["collections"]["members"]
    table["fields"] |= fields
    return maps.data_map(raw).identity


def test_a92_what_the_map_does_not_describe_stays_and_is_reported() -> None:
    disclosure = Disclosure(members(password_hash=field(**SECRET)))
    records: list[Record] = [
        {"pk": "1", "sk": "1", "text": "a", "member_id": "M1", "password_hash": "$argon2", "risk": 0.9},
        {"pk": "1", "sk": "2", "text": "b", "risk": 0.8, "staff_note": "rude"},
        {"pk": "1", "sk": "3", "text": "c", "password_hash": None},
    ]
    assert list(disclosure.given(records)) == [{"member_id": "M1", "text": "a"}, {"text": "b"}, {"text": "c"}]
    assert disclosure.unmapped == {"risk": 2, "staff_note": 1}
    assert disclosure.withheld == {"password_hash": 1}


def test_a12_rows_about_other_people_are_flagged() -> None:
    disclosure = Disclosure(members(gift_name=field(about="other_person"), cc=field(about="other_person")))
    records: list[Record] = [{"text": "x"}, {"gift_name": "Aoi"}, {"gift_name": "", "cc": []}, {"cc": ["Aoi"]}]
    given = list(disclosure.given(records))
    assert given == records, "staff decide with the row before them"
    assert disclosure.flagged == 2


def test_fields_keep_the_order_of_the_map() -> None:
    given = next(Disclosure(members(zulu=field(), alpha=field())).given([{"alpha": 1, "zulu": 2, "text": 3}]))
    assert list(given) == ["text", "zulu", "alpha"]


def test_names_nobody_knows_don_t_grow_without_end() -> None:
    disclosure = Disclosure(members())
    list(disclosure.given([{f"n{i}": 1} for i in range(1000)]))
    assert len(disclosure.unmapped) == 101
    assert disclosure.unmapped[OTHER_NAMES] == 900


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", "42", 42),
        ("integer", 42, 42),
        ("integer", "42.0", 42),
        ("number", "19.90", 19.9),
        ("number", "0.1234567890123456789", "0.1234567890123456789"),
        ("boolean", "TRUE", True),
        ("boolean", "0", False),
        ("date", "2026/03/01", "2026-03-01"),
        ("timestamp", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ("timestamp", "2026-03-01 09:00:00", "2026-03-01T09:00:00+09:00"),
        ("timestamp", "2026-03-01T09:00:00+01:00", "2026-03-01T09:00:00+01:00"),
        ("epoch_seconds", 1772323200, "2026-03-01T00:00:00+00:00"),
        ("epoch_seconds", "1772323200.25", "2026-03-01T00:00:00.250000+00:00"),
        ("epoch_milliseconds", 1772323200250, "2026-03-01T00:00:00.250000+00:00"),
        ("integer", "", ""),
        ("integer", None, None),
        ("text", "0042", "0042"),
    ],
)
def test_a_declared_type_says_how_a_value_is_written(kind: str, value: object, expected: object) -> None:
    raw = maps.a_shop()
    table = raw["sources"]["shop"]["collections"]["orders"]
    table |= {"zone": "Asia/Tokyo", "fields": {**table["fields"], "value": field(type=kind)}}
    disclosure = Disclosure(maps.data_map(raw).collection("shop/orders"))
    given = next(disclosure.given([{"value": value}]))["value"]  # type: ignore[dict-item]
    assert (given, type(given)) == (expected, type(expected))
    assert disclosure.misfits == {}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "about 5"),
        ("integer", "1.5"),
        ("number", "NaN"),
        ("boolean", "maybe"),
        ("date", "soon"),
        ("date", 20260301),
        ("timestamp", "yesterday"),
        ("timestamp", "tomorrowZ"),
        ("epoch_seconds", "1e30"),
        ("epoch_milliseconds", True),
    ],
)
def test_a_value_of_another_type_is_given_as_it_is_and_counted(kind: str, value: object) -> None:
    disclosure = Disclosure(members(value=field(type=kind)))
    assert list(disclosure.given([{"value": value}])) == [{"value": value}]  # type: ignore[dict-item]
    assert disclosure.misfits == {"value": 1}
