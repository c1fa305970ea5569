"""What a person loses with their records: the sample shop, conditions by table, and bad values."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.erasure_plan import Loss
from rightsdesk.domain.loss_counter import LossCounter
from rightsdesk.domain.losses import LossCondition
from tests.unit.domain.maps import LABEL, a_shop, data_map, field

TODAY = date(2026, 11, 29)
TOKYO = ZoneInfo("Asia/Tokyo")


def map_with(loss: dict[str, Any], kind: str = "text") -> DataMap:
    raw = a_shop()
    members = raw["sources"]["shop"]["collections"]["members"]
    members["losses"] = [{"label": LABEL, **loss}]
    members["fields"]["value"] = field(type=kind)
    return data_map(raw)


def lost(loss: dict[str, Any], kind: str, *values: Any) -> tuple[int, int | None] | None:
    counter = LossCounter(map_with(loss, kind).collection("shop/members"), TODAY, TOKYO)
    for value in values:
        counter.see({"value": value})
    found = counter.losses()
    assert len(found) <= 1
    return (found[0].count, found[0].amount) if found else None


@pytest.mark.parametrize(
    ("loss", "kind", "values", "expected"),
    [
        (
            {"when": {"field": "value", "one_of": ["open", "paid"]}},
            "text",
            ("open", "sent", "paid", None, 1),
            (2, None),
        ),
        ({"when": {"field": "value", "one_of": ["open"]}}, "text", ("sent", [], {}), None),
        ({"when": {"field": "value", "above": 0}, "sum": "value"}, "integer", (120, 0, "30", -5, "x"), (2, 150)),
        ({"when": {"field": "value", "above": 0}}, "number", (0.5, True, None), (1, None)),
        ({"sum": "value"}, "integer", (1, None, "2"), (3, 3)),
        ({"when": {"field": "value", "not_past": True}}, "date", ("2026-11-29", "2026-11-28", "soon", ""), (1, None)),
        # past in UTC, today in Tokyo
        ({"when": {"field": "value", "not_past": True}}, "timestamp", ("2026-11-28T16:00:00+00:00",), (1, None)),
        ({"when": {"field": "value", "not_past": True}}, "epoch_seconds", (1_790_000_000, 1_600_000_000), None),
    ],
)
def test_what_counts(
    loss: dict[str, Any], kind: str, values: tuple[Any, ...], expected: tuple[int, int | None] | None
) -> None:
    assert lost(loss, kind, *values) == expected


def test_losses_name_their_place_in_the_map() -> None:
    counter = LossCounter(map_with({}).collection("shop/members"), TODAY, TOKYO)
    counter.see({})
    assert counter.losses() == (Loss(collection="shop/members", index=0, count=1),)


@given(st.lists(st.integers(-(10**9), 10**9)))
def test_the_sum_is_that_of_what_counts(values: list[int]) -> None:
    positive = [value for value in values if value > 0]
    found = lost({"when": {"field": "value", "above": 0}, "sum": "value"}, "integer", *values)
    assert found == ((len(positive), sum(positive)) if positive else None)


@pytest.mark.parametrize("said", [{}, {"above": 0, "not_past": True}, {"one_of": ["a"], "above": 1}])
def test_a_condition_says_one_thing(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="one of"):
        LossCondition(field="value", **said)
