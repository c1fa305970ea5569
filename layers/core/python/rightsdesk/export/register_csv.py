"""The register of requests as CSV: for a spreadsheet, which must take no cell for a formula (abuse case 98)."""

# serves: B-1

import csv
import io
from collections.abc import Iterable

from pydantic import BaseModel

from rightsdesk.domain.register import RegisterRow
from rightsdesk.export.csv_safety import BYTE_ORDER_MARK, neutralise


def register_csv(rows: Iterable[RegisterRow]) -> str:
    """With a header and a byte-order mark, lines end in CR LF; a list is one cell, its parts apart by a space."""
    made = io.StringIO(newline="")
    made.write(BYTE_ORDER_MARK.decode())
    writer = csv.writer(made, quoting=csv.QUOTE_ALL)
    writer.writerow(RegisterRow.model_fields)
    for row in rows:
        writer.writerow(neutralise(_cell(getattr(row, name))) for name in RegisterRow.model_fields)
    return made.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(_cell(part) for part in value)
    if isinstance(value, BaseModel):
        return "/".join(_cell(part) for part in value.__dict__.values())
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
