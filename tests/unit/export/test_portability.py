"""The portable part: schema.org in JSON-LD, only what GDPR 20 covers, valid by the schemas that are beside it."""

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from rightsdesk.domain.records import Record
from rightsdesk.domain.request import Treatment
from rightsdesk.export.order_lines import join_lines
from tests.unit.export.package_of_a_shop import PACKAGE, build, collected, line


def portable(**options: Any) -> dict[str, bytes]:
    _, kept = build(**options)
    with zipfile.ZipFile(io.BytesIO(kept[1])) as archive:
        prefix = f"{PACKAGE}/portability/"
        return {name.removeprefix(prefix): archive.read(name) for name in archive.namelist() if name.startswith(prefix)}


def orders_of(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(text) for text in files["orders.jsonl"].splitlines()]


def validator(files: dict[str, bytes], name: str) -> Draft202012Validator:
    schema = json.loads(files[f"schema/{name}.schema.json"])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_every_file_is_valid_by_its_schema() -> None:
    files = portable()
    validator(files, "customer").validate(json.loads(files["customer.json"]))
    for order in orders_of(files):
        validator(files, "order").validate(order)
    for name in ("newsletter_consents", "support_messages", "site_visits"):
        rows = files[f"data/{name}.jsonl"].splitlines()
        assert rows
        for row in rows:
            validator(files, name).validate(json.loads(row))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("customer", {"@type": "Organization"}),
        ("customer", {"address": {"@type": "PostalAddress"}}),
        ("customer", {"name": 5}),
        ("customer", {"not a term": 1}),
        ("order", {"@id": "17"}),
        ("order", {"orderedItem": []}),
        ("order", {"seller": "Kumo"}),
        ("order", {"additionalProperty": [{"@type": "PropertyValue", "propertyID": "x", "name": "x", "value": 1}]}),
    ],
)
def test_the_schemas_refuse_what_is_wrong(name: str, change: dict[str, Any]) -> None:
    files = portable()
    right = json.loads(files["customer.json"]) if name == "customer" else orders_of(files)[0]
    with pytest.raises(ValidationError):
        validator(files, name).validate(right | change)


def test_the_person_is_a_schema_org_person() -> None:
    person = json.loads(portable()["customer.json"])
    assert person["@context"] == "https://schema.org"
    assert person["name"] == "佐藤 花子"
    assert person["birthDate"] == "1988-04-02"
    assert person["telephone"] == "+81 90-0000-0042"
    assert [address["postalCode"] for address in person["address"]] == ["0600001"]
    interests = next(entry for entry in person["additionalProperty"] if entry["propertyID"] == "shop/members/interests")
    assert interests["value"] == ["oak", "lamps"]


def test_only_what_is_portable_is_in_it() -> None:
    files = portable(
        inputs=collected(treatments={"orders/orders": Treatment.GIVE, "files/support_messages": Treatment.GIVE})
    )
    everything = b"".join(content for path, content in files.items() if "schema/" not in path).decode()
    for inferred_assigned_or_about_others in ("M-001042", "HYPERLINK", "1204", "delivered", "田中", "榎田", "T-9"):
        assert inferred_assigned_or_about_others not in everything
    for provided_or_observed in ("O-2026-000017", "Oak chair", "Wobbly chair", "おめでとう", "/chairs?page=28"):
        assert provided_or_observed in everything


def test_orders_hold_their_lines() -> None:
    orders = {order["orderNumber"]: order for order in orders_of(portable()) if "orderDate" in order}
    items = orders["O-2026-000017"]["orderedItem"]
    assert [item["orderItemNumber"] for item in items] == [1, 2]
    assert items[0]["orderedItem"]["name"] == "Oak chair"
    assert "O-2026-000017" not in json.dumps(items), "the order says its number once"
    total = next(
        entry for entry in orders["O-2026-000017"]["additionalProperty"] if entry["propertyID"].endswith("/total")
    )
    assert total["value"] == {"@type": "MonetaryAmount", "value": 48200, "currency": "JPY"}


def test_lines_of_an_order_that_is_held_back_keep_together_under_its_number() -> None:
    orders = orders_of(portable())
    (loose,) = [order for order in orders if "orderDate" not in order]
    assert loose["orderNumber"] == "O-2026-000044"
    assert loose["orderedItem"][0]["orderedItem"]["name"] == "Lamp"
    assert len({order["@id"] for order in orders}) == len(orders)


def test_lines_without_a_number_are_not_lost() -> None:
    rows: dict[str, list[Record]] = {
        "orders/orders": [{"order_id": "O-1"}],
        "orders/order_lines": [{"product": "A"}, {"product": "B"}],
    }
    first, *loose = orders_of(portable(inputs=collected(rows)))
    assert "orderedItem" not in first
    assert [order["orderedItem"][0]["orderedItem"]["name"] for order in loose] == ["A", "B"]
    assert not any("orderNumber" in order for order in loose)


def test_lines_without_any_order_are_rows_of_their_own() -> None:
    files = portable(inputs=collected({"orders/order_lines": [{"product": "A"}]}))
    assert "orders.jsonl" not in files
    assert json.loads(files["data/order_lines.jsonl"]) == {"product": "A"}


def test_lines_that_come_late_are_pieces_of_the_same_order() -> None:
    rows: list[Record] = [{"order_id": f"O-2026-{n:06d}"} for n in (1, 2)]
    lines = [line(1, 1, "a", "A", 1), line(2, 1, "b", "B", 1), line(1, 2, "c", "C", 1)]
    orders = orders_of(portable(inputs=collected({"orders/orders": rows, "orders/order_lines": lines})))
    pieces = [order for order in orders if order["@id"] == orders[0]["@id"]]
    assert [item["orderedItem"]["name"] for piece in pieces for item in piece["orderedItem"]] == ["A", "C"]


KEYS = st.sampled_from("abcdef")


@given(
    st.lists(KEYS, unique=True),
    st.lists(st.tuples(KEYS, st.integers().map(lambda n: {"n": n}))),
    st.integers(min_value=1, max_value=5),
)
def test_every_order_and_every_line_comes_out_once(
    keys: list[str], lines: list[tuple[str, dict[str, Any]]], most_waiting: int
) -> None:
    joined = list(join_lines(iter([(key, {"key": key}) for key in keys]), iter(lines), most_waiting=most_waiting))
    assert [order["key"] for _, order, _ in joined if order is not None] == keys
    assert all(order is None or order["key"] == key for key, order, _ in joined)
    out = [(key, item["n"]) for key, _, items in joined for item in items]
    assert sorted(out) == sorted((key, item["n"]) for key, item in lines)


def test_lines_in_the_order_of_their_orders_are_never_loose() -> None:
    keys = [f"{n:04d}" for n in range(1000)]
    lines = [(key, {"n": n}) for key in keys for n in range(3)]
    joined = list(join_lines(iter([(key, {}) for key in keys]), iter(lines), most_waiting=4))
    assert [len(items) for _, order, items in joined if order is not None] == [3] * 1000
    assert all(order is not None for _, order, _ in joined)
