"""DynamoDB's items, as they come over the wire, to records; and a faster way to take a page of them apart.

The SDK's parser visits every attribute with its service model and costs more than all the rest of collecting. A page
is plain JSON, so inside `fast_pages()` it is parsed as such, through the SDK's event `before-parse`. That event is not
documented: where it is missing or a page is not as expected, the SDK's own parser does the work, with an equal result.
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

import orjson
from pydantic import JsonValue

from rightsdesk.domain.records import Record, exact_number, sorted_values

_fast: ContextVar[bool] = ContextVar("fast_pages", default=False)
_PAGED = ("Query", "BatchGetItem", "Scan")
_LONG = 19  # digits: fewer fit into 64 bits whatever they are


def record_of(item: Mapping[str, Mapping[str, Any]]) -> Record:
    """`{"total": {"N": "12800"}}` -> `{"total": 12800}`."""
    record: Record = {}
    for name, typed in item.items():  # each has exactly one type, and nearly always it is one of these
        if "S" in typed:
            record[name] = typed["S"]
        elif "N" in typed:
            record[name] = _number(typed["N"])
        else:
            record[name] = _value(*next(iter(typed.items())))
    return record


def _value(kind: str, value: Any) -> JsonValue:
    match kind:
        case "N":
            return _number(value)
        case "S":
            return str(value)
        case "BOOL":
            return bool(value)
        case "NULL":
            return None
        case "M":
            return record_of(value)
        case "L":
            return [_value(*next(iter(member.items()))) for member in value]
        case "SS":
            return sorted_values(value)
        case "NS":
            return sorted_values(map(_number, value))
        case "B":
            return _base64(value)
        case "BS":
            return sorted_values(map(_base64, value))
    raise TypeError(f"DynamoDB type {kind}")


def _number(text: str) -> int | float | str:
    if text.isdigit() and len(text) < _LONG:
        return int(text)
    return exact_number(Decimal(text))


def _base64(value: bytes | str) -> str:
    """The SDK's parser gives bytes; on the wire they are base64 already."""
    return value if isinstance(value, str) else base64.b64encode(value).decode("ascii")


def sendable(key: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A key that was read, fit to be sent: the SDK encodes binary itself."""
    return {
        name: {kind: base64.b64decode(value) if kind == "B" and isinstance(value, str) else value}
        for name, typed in key.items()
        for kind, value in typed.items()
    }


def offer_fast_pages(client: Any) -> None:
    """Prepare a client, once. Nothing changes for it outside `fast_pages()`."""
    for operation in _PAGED:
        client.meta.events.register_first(
            f"before-parse.dynamodb.{operation}", _take_apart, unique_id=f"rightsdesk-fast-pages-{operation}"
        )


@contextmanager
def fast_pages() -> Iterator[None]:
    """Inside, pages of a prepared client are parsed as plain JSON (binary attributes stay base64)."""
    token = _fast.set(True)
    try:
        yield
    finally:
        _fast.reset(token)


def _take_apart(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    if not _fast.get() or response_dict.get("status_code") != 200:
        return
    try:
        page = orjson.loads(response_dict["body"])
    except (KeyError, ValueError):
        return  # the SDK's parser says what is wrong
    if isinstance(page, dict):
        customized_response_dict.update(page)
        response_dict["body"] = b"{}"
