"""The OpenAPI 3.1 document of a door, made from the operations that it serves and their models.

Imported when a document is asked for: making JSON Schema is slow, and a cold start does not need it.
"""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

import rightsdesk
from rightsdesk.domain.errors import (
    InvalidInputError,
    NotAllowedError,
    NotAuthenticatedError,
    RetryableError,
    TooManyAttemptsError,
)
from rightsdesk.web.api_models import Body, Query, examples_of
from rightsdesk.web.json_door import Operation
from rightsdesk.web.problems import MEDIA_TYPE, PayloadTooLargeError, Problem, UnsupportedMediaTypeError, status_of

_SCHEMES = {
    "session": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of POST /api/requests/{reference}/session: for one request, for 15 minutes.",
    },
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An id token of the staff pool, in a group: handler, approver, auditor or admin.",
    },
    "sigv4": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "description": "AWS Signature Version 4 for the service execute-api, by a principal that may do "
        "execute-api:Invoke on this method. Without a signature the gateway answers 404, as if there was no such path.",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
}
_HEADERS = {
    "Idempotency-Key": {
        "description": "The same key and body again give the first answer again, and no second request. Use a UUID.",
        "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{16,128}$"},
    },
}
_PATH = {
    "reference": {
        "description": "As in the letters. Case, spaces and hyphens do not matter.",
        "schema": {"type": "string", "maxLength": 64},
        "example": "RD-28T5-CY4G-M",
    },
    "token": {
        "description": "What stands after `not-mine/` in the link below each letter about a request. It lasts as long "
        "as the request.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "example": "0f1e2d3c4b5a69788796a5b4c3d2e1f0a7c1d94e52b86f03e8d5719b2c6a4f30",
    },
    "id": {
        "description": "The id of a mail, as the list gives it.",
        "schema": {"type": "string"},
        "example": "5d41402abc4b2a76b9719d911017c592",
    },
    "number": {
        "description": "Which attachment of the mail, from 1.",
        "schema": {"type": "string"},
        "example": "1",
    },
    "recipient": {
        "description": "The name of a recipient in the register, as the list of a case gives it.",
        "schema": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 60},
        "example": "carrier",
    },
    "entry": {
        "description": "The id of an entry of what is kept, as the list gives it.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
        "example": "4f0c2b7d9e81a6350c7d2e4b18f0a95d3c6e7b21",
    },
    "month": {
        "description": "Of receipt.",
        "schema": {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
        "example": "2026-10",
    },
}
_MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The fields named do not fit",
    HTTPStatus.UNAUTHORIZED: "No valid token",
    HTTPStatus.FORBIDDEN: "Not for this role (`approver_needed` for a decision), or `second_person_needed`; "
    "or not signed by a principal that may call",
    HTTPStatus.NOT_FOUND: "Unknown, or not yours: one answer for both",
    HTTPStatus.CONFLICT: "Not as the case stands; `code` says why: `version_moved_on`, `not_awaiting_review`, ...",
    HTTPStatus.GONE: "It is over; `code` says why",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than 64 kB",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not application/json in UTF-8",
    HTTPStatus.TOO_MANY_REQUESTS: "Too often; `Retry-After` says when to come back",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of ours; `request_id` is for quoting",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something of ours is down; `Retry-After` says when to come back",
}
_ANSWER_HEADERS = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate", {"type": "string"}),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", {"type": "integer", "minimum": 1}),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After", {"type": "integer", "minimum": 1}),
}


def describe(operations: Sequence[Operation], *, title: str, server: str) -> dict[str, Any]:
    """The document. `server` is what stands before the paths: the gateway's stage, or `/`."""
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": rightsdesk.__version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "responses": {_name(status): _refusal(status) for status in sorted(_all_refusals(operations))},
            "securitySchemes": {o.scheme: _SCHEMES[o.scheme] for o in operations if o.scheme},
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[type[BaseModel], Any], dict[str, Any]]:
    """A reference for each model, and the definitions that they lead to."""
    modes: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    for operation in operations:
        modes[operation.answers] = "serialization"
        if issubclass(operation.takes, Body):
            modes[operation.takes] = "validation"
    made, document = models_json_schema(list(modes.items()), ref_template="#/components/schemas/{model}")
    return {model: schema for (model, _), schema in made.items()}, document["$defs"]  # type: ignore[misc]


def _described(operation: Operation, schemas: dict[type[BaseModel], Any]) -> dict[str, Any]:
    answer = {"schema": schemas[operation.answers]}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {
            str(int(operation.status)): {
                "description": HTTPStatus(operation.status).phrase,
                "content": {"application/json": answer}
                | {form: {"schema": {"type": "string"}} for form in operation.forms},
            }
        }
        | {str(int(s)): {"$ref": f"#/components/responses/{_name(s)}"} for s in sorted(_refusals(operation))},
    }
    if issubclass(operation.takes, Body):
        content: dict[str, Any] = {"schema": schemas[operation.takes]}
        examples = examples_of(operation.takes)
        if examples:
            content["example"] = examples[0]
        needed = any(field.is_required() for field in operation.takes.model_fields.values())
        described["requestBody"] = {"required": needed, "content": {"application/json": content}}
    if operation.scheme:
        described["security"] = [{operation.scheme: []}]
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True} | _PATH[name]
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    parameters += [{"name": name, "in": "header"} | _HEADERS[name] for name in operation.headers]
    if issubclass(operation.takes, Query):
        schema = operation.takes.model_json_schema()
        required = schema.get("required", [])
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": field}
            for name, field in schema["properties"].items()
        ]
    return parameters


def _refusals(operation: Operation) -> set[HTTPStatus]:
    """What a call can be answered with when it fails: as declared, and what follows from the rest."""
    errors: list[type[Exception]] = [*operation.refuses, Exception, RetryableError, TooManyAttemptsError]
    if issubclass(operation.takes, (Body, Query)):
        errors.append(InvalidInputError)
    if issubclass(operation.takes, Body):
        errors += [UnsupportedMediaTypeError, PayloadTooLargeError]
    if operation.scheme in ("session", "staff"):
        errors.append(NotAuthenticatedError)
    if operation.scheme in ("staff", "sigv4"):
        errors.append(NotAllowedError)
    return {status_of(error) for error in errors}


def _all_refusals(operations: Iterable[Operation]) -> set[HTTPStatus]:
    return {status for operation in operations for status in _refusals(operation)}


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": _MEANINGS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _ANSWER_HEADERS:
        name, schema = _ANSWER_HEADERS[status]
        response["headers"] = {name: {"schema": schema}}
    return response


def _name(status: HTTPStatus) -> str:
    return status.phrase.replace(" ", "")
