"""Rows as schema.org nodes (JSON-LD), by the terms that the data map gives its fields.

A portable field without a term is not lost: it becomes an `additionalProperty` with its label. An amount becomes a
`MonetaryAmount`. What schema.org puts on the product or the offer of an order line goes there.
"""

# serves: E-07

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.fields import DataField
from rightsdesk.domain.records import Record

Node = dict[str, Any]

CONTEXT = "https://schema.org"
_EMPTY: tuple[object, ...] = (None, "", [], {})
_ORDER_ITEM_TERMS = frozenset({"orderItemNumber", "orderItemStatus", "orderQuantity", "orderDelivery"})


class NodeMaker:
    """Makes a node of each row of one collection, from the given fields."""

    def __init__(self, collection: Collection, fields: Mapping[str, DataField]) -> None:
        self._type = collection.schema_org or "Thing"
        path = collection.path
        own = [(name, field) for name, field in fields.items() if field.schema_org]
        self._terms = [(name, field) for name, field in own if not _is_of_product(self._type, field)]
        self._product = [(name, field) for name, field in own if _is_of_product(self._type, field)]
        self._others = [(name, f"{path}/{name}", field) for name, field in fields.items() if not field.schema_org]

    def node(self, row: Record) -> Node:
        """The row as a node, without `@context`. Empty values are left out."""
        result: Node = {"@type": self._type}
        for name, field in self._terms:
            if (value := row.get(name)) not in _EMPTY:
                result[field.schema_org or name] = _amount(field, value)
        product: Node = {}
        for name, field in self._product:
            if (value := row.get(name)) not in _EMPTY:
                product |= _on_product(field, value)
        if product:
            result["orderedItem"] = {"@type": "Product", **product}
        others = [
            {"@type": "PropertyValue", "propertyID": known_as, "name": field.label.en, "value": _amount(field, value)}
            for name, known_as, field in self._others
            if (value := row.get(name)) not in _EMPTY
        ]
        if others:
            result["additionalProperty"] = others
        return result


def merge(into: Node, other: Node) -> None:
    """Adds what `other` says of the same thing: a term with two different values becomes a list of both."""
    for term, value in other.items():
        if term == "additionalProperty" and term in into:
            into[term] += [entry for entry in value if entry not in into[term]]
        elif term not in into:
            into[term] = value
        elif into[term] != value:
            known = into[term] if isinstance(into[term], list) else [into[term]]
            into[term] = known if value in known else [*known, value]


def _is_of_product(kind: str, field: DataField) -> bool:
    return kind == "OrderItem" and field.schema_org not in _ORDER_ITEM_TERMS


def _on_product(field: DataField, value: JsonValue) -> Node:
    """What the product of an order line says: its price is an offer."""
    if field.schema_org != "price":
        return {field.schema_org or "name": _amount(field, value)}
    offer: Node = {"@type": "Offer", "price": value}
    return {"offers": offer | ({"priceCurrency": field.currency} if field.currency else {})}


def _amount(field: DataField, value: JsonValue) -> Any:
    if field.currency and isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"@type": "MonetaryAmount", "value": value, "currency": field.currency}
    return value
