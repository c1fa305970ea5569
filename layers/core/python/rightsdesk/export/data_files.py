"""The copy itself: each collection as JSON (exact, with its fields explained) and as CSV (for a spreadsheet)."""

# serves: E-02

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pydantic import JsonValue

from rightsdesk.domain.fields import DataField
from rightsdesk.domain.records import Record
from rightsdesk.export.csv_safety import csv_header, csv_row
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.encoding import encode_value
from rightsdesk.export.package import PackageLimits
from rightsdesk.export.parts import Frame, PartsWriter


@dataclass(frozen=True)
class WrittenData:
    """The files of one collection and its first rows, for the start page."""

    json: tuple[str, ...]
    csv: tuple[str, ...]
    sample: tuple[Record, ...]


def write_data(disclosure: Disclosure, stem: str, *, parts: PartsWriter, limits: PackageLimits) -> WrittenData:
    """Writes `data/<stem>.json` and `.csv` in one pass each, so that memory does not grow with the rows."""
    sample: list[Record] = []

    def json_rows() -> Iterator[bytes]:
        rows = disclosure.rows()
        for row in islice(rows, limits.shown_rows):
            sample.append(row)
            yield encode_value(row)
        yield from map(encode_value, rows)

    def csv_rows() -> Iterator[bytes]:
        names = tuple(disclosure.fields)
        return (csv_row(list(map(row.get, names))) for row in disclosure.rows())

    json_files = parts.stream(f"data/{stem}.json", json_rows(), frame=lambda number: _json_frame(disclosure, number))
    header = Frame(head=csv_header(disclosure.fields))
    csv_files = parts.stream(f"data/{stem}.csv", csv_rows(), frame=lambda _: header, max_rows=limits.csv_rows)
    return WrittenData(json_files, csv_files, tuple(sample))


def describe_field(name: str, field: DataField) -> dict[str, JsonValue]:
    """What a reader of a file needs to know of a field."""
    return {
        "name": name,
        "label": field.label.model_dump(),
        "category": field.category.value,
        "purposes": list(field.purposes),
        "basis": field.basis.value,
        "origin": field.origin.value,
        "portable": field.portable,
        **({"currency": field.currency} if field.currency else {}),
    }


def _json_frame(disclosure: Disclosure, number: int) -> Frame:
    collection = disclosure.collection
    head = {
        "source": collection.source,
        "collection": collection.name,
        "label": collection.label.model_dump(),
        "note": collection.note.model_dump() if collection.note else None,
        "as_of": disclosure.given.as_of.isoformat(),
        "file": number,
        "fields": [describe_field(name, field) for name, field in disclosure.fields.items()],
    }
    opened = encode_value(head)[:-1] + b',\n"records":[\n'
    return Frame(head=opened, separator=b",\n", tail=lambda rows: b'\n],\n"rows":%d}\n' % rows)
