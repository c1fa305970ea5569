"""One HTTP request as API Gateway hands it over (REST API, proxy event version 1), read strictly.

Method, path and caller are taken from the gateway alone: override headers and cookies are not looked at
(abuse case 53).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.web.problems import PayloadTooLargeError, UnsupportedMediaTypeError
from rightsdesk.web.strict_json import read_object, shown_name

MAX_BODY = 64 * 1024  # bytes
_JSON = re.compile(r'application/json(\s*;\s*charset=("utf-8"|utf-8))?', re.IGNORECASE)


def is_rest_event(event: Any) -> bool:
    """Whether it is a REST (v1) proxy event: HTTP APIs (v2), load balancers and tests by hand send other shapes."""
    return (
        isinstance(event, Mapping)
        and isinstance(event.get("httpMethod"), str)
        and isinstance(event.get("path"), str)
        and isinstance(event.get("requestContext"), Mapping)
        and "elb" not in event["requestContext"]
    )


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """`path`: what stood in the places of the route (`{reference}`), as typed."""

    event: Mapping[str, Any]
    path: Mapping[str, str]

    @property
    def reference(self) -> str:
        """Empty on a path without one."""
        return self.path.get("reference", "")

    def header(self, name: str) -> list[str]:
        """All values of a header, case of the name aside; empty where it was not sent."""
        many = self.event.get("multiValueHeaders") or {}
        if many:
            return [value for key, values in many.items() if key.lower() == name for value in values]
        return [value for key, value in (self.event.get("headers") or {}).items() if key.lower() == name]

    @property
    def claims(self) -> Mapping[str, Any]:
        """What the authorizer of the gateway found in the token; empty without one."""
        authorizer = self.event["requestContext"].get("authorizer")
        claims = authorizer.get("claims") if isinstance(authorizer, Mapping) else None
        return claims if isinstance(claims, Mapping) else {}

    @property
    def principal(self) -> str | None:
        """The ARN of who signed the call, as the gateway verified it; None where it did not ask for a signature."""
        identity = self.event["requestContext"].get("identity")
        arn = identity.get("userArn") if isinstance(identity, Mapping) else None
        return arn if isinstance(arn, str) and arn else None

    def query(self) -> dict[str, str]:
        """Raises InvalidInputError for a parameter that stands twice."""
        many = self.event.get("multiValueQueryStringParameters") or {}
        for name, values in many.items():
            if len(values) != 1:
                raise InvalidInputError.of(shown_name(name), "duplicate")
        return {name: values[0] for name, values in many.items()} or dict(self.event.get("queryStringParameters") or {})

    def json_body(self) -> dict[str, Any]:
        """The object in the body; `{}` where nothing was sent and nothing said about it.

        Raises UnsupportedMediaTypeError, PayloadTooLargeError, InvalidInputError.
        """
        content_type = self.header("content-type")
        if not content_type and not self.event.get("body"):
            return {}
        if len(content_type) != 1 or not _JSON.fullmatch(content_type[0].strip()) or self.header("content-encoding"):
            raise UnsupportedMediaTypeError
        return read_object(self.raw_body())

    def raw_body(self) -> bytes:
        """The bytes that were sent, at most MAX_BODY. Raises PayloadTooLargeError, InvalidInputError on `body`."""
        text = self.event.get("body") or ""
        if len(text) > MAX_BODY * 4 // 3 + 4:  # before anything is decoded
            raise PayloadTooLargeError
        try:
            encoded = self.event.get("isBase64Encoded") is True
            body = base64.b64decode(text, validate=True) if encoded else text.encode("utf-8")
        except (binascii.Error, ValueError):
            reason = "not_base64" if self.event.get("isBase64Encoded") is True else "not_utf8"
            raise InvalidInputError.of("body", reason) from None
        if len(body) > MAX_BODY:
            raise PayloadTooLargeError
        return body
