"""The form that mail programs post to stop a list (RFC 8058, 3.1): one field, in either encoding of forms."""

# serves: E-09, P-03

import base64
import binascii
from collections.abc import Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from rightsdesk.domain.list_headers import ONE_CLICK
from rightsdesk.web.forms import PageRefusedError, read_fields

_MULTIPART = "multipart/form-data"
_MOST_BYTES = 4 * 1024


def require_one_click(event: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Raises PageRefusedError for any other form: nothing is stopped that was not asked for in these words."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    fields = _multipart_fields(event, headers) if kind == _MULTIPART else read_fields(dict(event), dict(headers))
    if fields != [ONE_CLICK]:
        raise PageRefusedError(400, "malformed")


def _multipart_fields(event: Mapping[str, Any], headers: Mapping[str, str]) -> list[tuple[str, str]]:
    body = event.get("body") or ""
    if len(body) > 2 * _MOST_BYTES:
        raise PageRefusedError(413, "too_large")
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        header = f"Content-Type: {headers['content-type']}\r\n\r\n".encode("ascii")
        message = BytesParser(EmailMessage, policy=HTTP).parsebytes(header + raw)
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise PageRefusedError(400, "malformed") from error
    parts = message.get_payload()
    if not isinstance(parts, list):
        raise PageRefusedError(400, "malformed")
    return [_field(part) for part in parts if isinstance(part, EmailMessage)]


def _field(part: EmailMessage) -> tuple[str, str]:
    content = part.get_payload(decode=True)
    name = part.get_param("name", header="content-disposition")
    if not isinstance(content, bytes) or not isinstance(name, str):
        raise PageRefusedError(400, "malformed")
    return name, content.decode("ascii", errors="replace").strip()
