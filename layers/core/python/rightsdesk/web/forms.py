"""Reading a posted form: a bounded, well-formed, known set of fields, or it is refused (a42, a46, a51).

Where a person's entry does not fit, that is no matter of this module: pages say so at the field.
"""

import base64
import binascii
import unicodedata
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError

from rightsdesk.domain.errors import RightsdeskError

FORM_TYPE = "application/x-www-form-urlencoded"
_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 20


class PageRefusedError(RightsdeskError):
    """An answer with this status and the page `problem.<code>`. It is not about what a person filled in."""

    def __init__(self, status: int, code: str, *, allow: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.allow = allow  # methods, where it is the method that is refused


class Form(BaseModel):
    """The fields of a form, as typed. A tuple takes a field that comes more than once (check boxes)."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


AnyForm = TypeVar("AnyForm", bound=Form)


class NoFields(Form):
    """A form that is one button."""


def read_fields(event: dict[str, Any], headers: dict[str, str]) -> list[tuple[str, str]]:
    """The fields of a REST proxy event's body, in order. `headers` by lower-case name. Raises PageRefusedError."""
    if not _is_form_type(headers.get("content-type", "")) or "content-encoding" in headers:
        raise PageRefusedError(415, "unsupported")
    body = event.get("body") or ""
    if len(body) > 2 * _MOST_BYTES:
        raise PageRefusedError(413, "too_large")
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        if len(raw) > _MOST_BYTES:
            raise PageRefusedError(413, "too_large")
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
        return [(name, _text(value)) for name, value in pairs]
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise PageRefusedError(400, "malformed") from error


def form_of(model: type[AnyForm], fields: list[tuple[str, str]]) -> AnyForm:
    """The fields as the form of a page. A field that it does not have, or has twice, is refused."""
    values: dict[str, Any] = {}
    for name, value in fields:
        described = model.model_fields.get(name)
        if described is not None and described.annotation == tuple[str, ...]:
            values[name] = (*values.get(name, ()), value)
        elif name in values:
            raise PageRefusedError(400, "malformed")
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise PageRefusedError(400, "malformed") from error


def _is_form_type(content_type: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    return kind == FORM_TYPE and all(parameter == "charset=utf-8" for parameter in parameters)


def _text(value: str) -> str:
    """As typed, but NFC, lines ended by a line feed, no tabs and no blank ends. NUL never comes from a person."""
    if "\0" in value:
        raise ValueError("NUL")
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " ")).strip()
