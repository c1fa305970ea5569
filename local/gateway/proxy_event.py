"""Between HTTP and Lambda: the proxy event of a REST API (format 1.0), and the answer that a function gives."""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from typing import Any, Final

from werkzeug.datastructures import Headers, MultiDict
from werkzeug.wrappers import Response

from local.account import ACCOUNT
from local.gateway.routes import Match

_TEXT: Final = ("text/", "application/json", "application/xml", "application/javascript", "application/problem+json")
_FORM: Final = "application/x-www-form-urlencoded"


def proxy_event(
    match: Match,
    *,
    method: str,
    raw_path: str,
    headers: Headers,
    query: "MultiDict[str, str]",
    body: bytes,
    stage: str,
    request_id: str,
    source_ip: str,
    scheme: str,
    caller: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The event of one request. The path is as it came, without the stage, as with a domain of one's own.

    `caller` is what the authorizer of the route adds to the context: claims, or an identity.
    """
    forwarded = Headers(headers)
    host = headers.get("Host", "")
    forwarded["X-Forwarded-For"] = source_ip  # what a client claims goes
    forwarded["X-Forwarded-Proto"] = scheme
    forwarded["X-Forwarded-Port"] = host.rpartition(":")[2] or "80"
    now = time.time()
    text, encoded = _body(headers, body)
    context: dict[str, Any] = {
        "accountId": ACCOUNT,
        "apiId": match.route.api,
        "domainName": host,
        "domainPrefix": host.split(".")[0].split(":")[0],
        "httpMethod": method,
        "identity": {"sourceIp": source_ip, "userAgent": headers.get("User-Agent"), **caller.get("identity", {})},
        "path": raw_path,
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "extendedRequestId": request_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": "local",
        "resourcePath": match.route.path,
        "stage": stage,
    }
    if "authorizer" in caller:
        context["authorizer"] = caller["authorizer"]
    return {
        "resource": match.route.path,
        "path": raw_path,
        "httpMethod": method,
        "headers": dict(forwarded.items()),
        "multiValueHeaders": {name: forwarded.getlist(name) for name, _ in forwarded.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.lists()} or None,
        "multiValueQueryStringParameters": dict(query.lists()) or None,
        "pathParameters": dict(match.parameters) or None,
        "stageVariables": None,
        "requestContext": context,
        "body": text,
        "isBase64Encoded": encoded,
    }


def _body(headers: Headers, body: bytes) -> tuple[str | None, bool]:
    if not body:
        return None, False
    media_type = (headers.get("Content-Type") or "application/json").lower()
    if media_type.startswith((*_TEXT, _FORM)):
        try:
            return body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode("ascii"), True


class MalformedAnswerError(Exception):
    """The function did not answer as a proxy integration must."""


def http_answer(payload: bytes) -> Response:
    """The function's answer as HTTP. Raises MalformedAnswerError."""
    try:
        answer = json.loads(payload)
        response = Response(_content(answer), int(answer["statusCode"]))
        response.headers.remove("Content-Type")
        for name, value in (answer.get("headers") or {}).items():
            response.headers[name] = _header(value)
        for name, values in (answer.get("multiValueHeaders") or {}).items():
            response.headers.remove(name)
            for value in values:
                response.headers.add(name, _header(value))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedAnswerError("Malformed Lambda proxy response") from error
    response.headers.setdefault("Content-Type", "application/json")
    return response


def _content(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError("the body of an answer is text")
    if answer.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise ValueError("not base64") from error
    return body.encode("utf-8")


def _header(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise TypeError("the value of a header is text")
    return str(value)
