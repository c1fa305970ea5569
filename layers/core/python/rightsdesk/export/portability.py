"""`portability/`: what GDPR 20 lets a person carry to somebody else, in words that other systems know (schema.org).

Only what the person provided or what was observed, on consent or contract. Complete by itself: `customer.json` and
`orders.jsonl` for the collections that schema.org has a type for, `data/` for all others, a JSON Schema for each.
"""

# serves: E-07

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.fields import DataField, FieldType
from rightsdesk.domain.records import identifier_text
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.encoding import encode_document, encode_value
from rightsdesk.export.json_ld import CONTEXT, Node, NodeMaker, merge
from rightsdesk.export.layout import CUSTOMER, ORDERS, RECORDS
from rightsdesk.export.order_lines import Keyed, join_lines
from rightsdesk.export.package import PackageContext
from rightsdesk.export.parts import Frame, PartsWriter

_Link = tuple[Disclosure, str, str]  # the orders that lines belong to, the field of the order, the field of the line
_NO_KEY = "\x00"  # begins what stands for the key of a row that has none
_JSON_TYPES: dict[FieldType, list[str]] = {
    FieldType.INTEGER: ["integer", "string"],  # a number beyond 64 bits is given as text, digit by digit
    FieldType.NUMBER: ["number", "string"],
    FieldType.BOOLEAN: ["boolean"],
    FieldType.DATE: ["string"],
    FieldType.TIMESTAMP: ["string"],
    FieldType.EPOCH_SECONDS: ["string"],
    FieldType.EPOCH_MILLISECONDS: ["string"],
    FieldType.TEXT: ["string"],
    FieldType.OBJECT: ["object"],
    FieldType.LIST: ["array"],
}


def write_portability(
    context: PackageContext, disclosures: Sequence[Disclosure], stems: Mapping[str, str], *, parts: PartsWriter
) -> tuple[str, ...]:
    """Writes the folder; answers the paths of its data files, in the order in which a reader wants them."""
    portable = [each for each in disclosures if each.portable and each.given.status == "ok"]

    def of_type(kind: str) -> list[Disclosure]:
        return [disclosure for disclosure in portable if disclosure.collection.schema_org == kind]

    people, addresses, orders = of_type("Person"), of_type("PostalAddress"), of_type("Order")
    links = {lines.collection.path: link for lines in of_type("OrderItem") if (link := _link(lines, orders))}
    lines = [disclosure for disclosure in of_type("OrderItem") if disclosure.collection.path in links]
    paths = list(_write_customer(people, addresses, parts)) if people or addresses else []
    if orders:
        paths += _write_orders(context, orders, lines, links, parts)
    for disclosure in portable:
        if disclosure not in (*people, *addresses, *orders, *lines):
            paths += _write_records(context, disclosure, stems[disclosure.collection.path], parts)
    return tuple(paths)


@cache
def bundled_schema(name: str) -> bytes:
    """`customer` or `order`: the JSON Schema (2020-12) as it is bundled, with its version in `$id`."""
    return (files("rightsdesk.export") / "schemas" / f"{name}.schema.json").read_bytes()


def record_schema(stem: str, collection: Collection, fields: Mapping[str, DataField], version: str) -> dict[str, Any]:
    """A JSON Schema for the rows of a collection that is given in the merchant's own words."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:rightsdesk:schema:{stem}:{version}",
        "title": collection.label.en,
        "type": "object",
        "properties": {name: _property_schema(field) for name, field in fields.items()},
        "additionalProperties": False,
    }


def _write_customer(
    people: Sequence[Disclosure], addresses: Sequence[Disclosure], parts: PartsWriter
) -> tuple[str, ...]:
    person: Node = {"@context": CONTEXT, "@type": "Person"}
    for disclosure in people:
        maker = NodeMaker(disclosure.collection, disclosure.portable)
        for row in disclosure.portable_rows():
            merge(person, maker.node(row))
    rows = (
        encode_value(maker.node(row))
        for disclosure in addresses
        for maker in [NodeMaker(disclosure.collection, disclosure.portable)]
        for row in disclosure.portable_rows()
    )
    frame = Frame(encode_value(person)[:-1] + b',"address":[\n', b",\n", lambda _rows: b"\n]}\n")
    schema = _write_schema(parts, "customer", bundled_schema("customer"))
    return parts.stream(CUSTOMER, rows, frame=lambda _: frame, schema=schema)


def _write_orders(
    context: PackageContext,
    orders: Sequence[Disclosure],
    lines: Sequence[Disclosure],
    links: Mapping[str, _Link],
    parts: PartsWriter,
) -> tuple[str, ...]:
    seller = {"@type": "Organization", "name": context.controller.name.en}

    def rows() -> Iterator[bytes]:
        for disclosure in orders:
            own = {item: links[item.collection.path] for item in lines if links[item.collection.path][0] is disclosure}
            key_field = next((key_field for _, key_field, _ in own.values()), None)
            numbered = all(line_key in item.portable for item, (_, _, line_key) in own.items())
            keyed_lines = (
                pair for item, (_, _, line_key) in own.items() for pair in _keyed(item, line_key, without=line_key)
            )
            for key, order, items in join_lines(_keyed(disclosure, key_field), keyed_lines):
                found = {"@context": CONTEXT, "@id": _order_id(context, key), "@type": "Order"}
                if order is not None:
                    found |= order
                elif numbered and not key.startswith(_NO_KEY):
                    found["orderNumber"] = key
                yield encode_value(found | {"seller": seller} | ({"orderedItem": items} if items else {})) + b"\n"

    schema = _write_schema(parts, "order", bundled_schema("order"))
    return parts.stream(ORDERS, rows(), frame=lambda _: Frame(), schema=schema)


def _write_records(context: PackageContext, disclosure: Disclosure, stem: str, parts: PartsWriter) -> tuple[str, ...]:
    fields = disclosure.portable
    content = record_schema(stem, disclosure.collection, fields, context.datamap.version)
    schema = _write_schema(parts, stem, encode_document(content))
    rows = (encode_value(row) + b"\n" for row in disclosure.portable_rows())
    return parts.stream(f"{RECORDS}{stem}.jsonl", rows, frame=lambda _: Frame(), schema=schema)


def _write_schema(parts: PartsWriter, name: str, content: bytes) -> str:
    path = f"portability/schema/{name}.schema.json"
    parts.document(path, content)
    return path


def _link(lines: Disclosure, orders: Sequence[Disclosure]) -> _Link | None:
    """How lines name their order: by the identifier of the order that leads to them, in a field of that meaning."""
    for order in orders:
        for key_field, identifier in order.collection.identifying.items():
            if identifier in lines.collection.searched_by:
                by_meaning = [name for name, kind in lines.collection.identifying.items() if kind == identifier]
                if own := next(iter(by_meaning), key_field if key_field in lines.collection.fields else None):
                    return order, key_field, own
    return None


def _keyed(disclosure: Disclosure, key_field: str | None, *, without: str | None = None) -> Iterator[Keyed]:
    """Each row as a node, with the value of its key field; a row without one gets a number that no other has.

    Lines leave out the number of their order (`without`): the order that they are in says it.
    """
    fields = {name: field for name, field in disclosure.portable.items() if name != without}
    maker, path = NodeMaker(disclosure.collection, fields), disclosure.collection.path
    for number, row in enumerate(disclosure.portable_rows(*([key_field] if key_field else [])), start=1):
        key = identifier_text(row.get(key_field)) if key_field else None
        yield key or f"{_NO_KEY}{path}#{number}", maker.node(row)


def _order_id(context: PackageContext, key: str) -> str:
    """A name for an order inside this package, the same for all its pieces; it says nothing outside."""
    return f"urn:rightsdesk:order:{hashlib.sha256(f'{context.reference} {key}'.encode()).hexdigest()[:24]}"


def _property_schema(field: DataField) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": field.label.en}
    if field.type is not None:
        schema["type"] = [*_JSON_TYPES[field.type], "null"]
    return schema
