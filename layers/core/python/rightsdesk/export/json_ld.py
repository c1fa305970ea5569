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


def node(collection: Collection, fields: Mapping[str, DataField], row: Record) -> Node:
    """The row as a node of the collection's type, without `@context`. Empty values are left out."""
    result: Node = {"@type": collection.schema_org or "Thing"}
    others: list[Node] = []
    for name, field in fields.items():
        value = row.get(name)
        if value in _EMPTY:
            continue
        if field.schema_org is None:
            others.append(_property(collection, name, field, value))
        elif collection.schema_org == "OrderItem" and field.schema_org not in _ORDER_ITEM_TERMS:
            _put_on_product(result, field, value)
        else:
            result[field.schema_org] = _amount(field, value)
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


def _property(collection: Collection, name: str, field: DataField, value: JsonValue) -> Node:
    return {
        "@type": "PropertyValue",
        "propertyID": f"{collection.path}/{name}",
        "name": field.label.en,
        "value": _amount(field, value),
    }


def _put_on_product(item: Node, field: DataField, value: JsonValue) -> None:
    product = item.setdefault("orderedItem", {"@type": "Product"})
    if field.schema_org == "price":
        offer: Node = {"@type": "Offer", "price": value}
        product["offers"] = offer | ({"priceCurrency": field.currency} if field.currency else {})
    else:
        product[field.schema_org] = _amount(field, value)


def _amount(field: DataField, value: JsonValue) -> Any:
    if field.currency and isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"@type": "MonetaryAmount", "value": value, "currency": field.currency}
    return value
