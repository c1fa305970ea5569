"""The routes of a REST API, read from its OpenAPI body, and how a path finds one.

As at API Gateway, a path is matched as it came: `%2e%2e` and `//` are not normalised, HEAD is a method like any other,
and one slash at the end makes no difference. Of several routes that fit, the one with the most specific path counts,
and then only its own methods.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.deployment import Api
from local.template import TemplateError

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "x-amazon-apigateway-any-method"})


@dataclass(frozen=True)
class Route:
    api: str  # its id
    path: str  # /api/requests/{reference}
    method: str  # GET, or ANY
    function: str  # name
    authorizer: str | None
    validate_body: bool
    validate_parameters: bool
    body_required: bool
    schemas: Mapping[str, Any]  # media type -> JSON schema
    required_parameters: tuple[tuple[str, str], ...]  # (query | header, name)


@dataclass(frozen=True)
class Match:
    route: Route
    parameters: Mapping[str, str]  # as they stand in the path, still percent-encoded


class Router:
    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            self._by_path.setdefault(route.path, {})[route.method] = route
        # Literal segments go before parameters, and both before a greedy one.
        self._paths = sorted(self._by_path, key=lambda path: [_rank(part) for part in _segments(path)])

    def match(self, method: str, raw_path: str) -> Match | None:
        segments = _segments(raw_path)
        for path in self._paths:
            parameters = _fit(_segments(path), segments)
            if parameters is not None:
                methods = self._by_path[path]
                route = methods.get(method) or methods.get("ANY")
                return Match(route, parameters) if route else None
        return None


def _segments(path: str) -> list[str]:
    parts = path.split("/")[1:]
    return parts[:-1] if parts and parts[-1] == "" else parts


def _rank(part: str) -> int:
    if not part.startswith("{"):
        return 0
    return 2 if part.endswith("+}") else 1


def _fit(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for position, part in enumerate(pattern):
        if part.endswith("+}"):
            rest = segments[position:]
            return {**parameters, part[1:-2]: "/".join(rest)} if rest else None
        if position >= len(segments):
            return None
        if part.startswith("{"):
            if not segments[position]:
                return None
            parameters[part[1:-1]] = segments[position]
        elif part != segments[position]:
            return None
    return parameters if len(pattern) == len(segments) else None


def routes_of(api: Api, api_id: str) -> list[Route]:
    """Every route of `api`. Raises TemplateError for an integration other than a Lambda proxy."""
    return [
        _route(api, api_id, path, method, operation)
        for path, operations in api.body.get("paths", {}).items()
        for method, operation in operations.items()
        if method in _METHODS
    ]


def _route(api: Api, api_id: str, path: str, method: str, operation: Mapping[str, Any]) -> Route:
    integration = operation.get("x-amazon-apigateway-integration", {})
    function = re.search(r":function:([^/:]+)", str(integration.get("uri", "")))
    if integration.get("type") != "aws_proxy" or function is None:
        raise TemplateError(f"{api.logical_id} {method.upper()} {path}: only Lambda proxy integrations are served here")
    validator = _validator(api, operation)
    return Route(
        api=api_id,
        path=path,
        method="ANY" if method == "x-amazon-apigateway-any-method" else method.upper(),
        function=function.group(1),
        authorizer=_authorizer(api, operation),
        validate_body=validator.get("validateRequestBody", False),
        validate_parameters=validator.get("validateRequestParameters", False),
        body_required=operation.get("requestBody", {}).get("required", False),
        schemas=_schemas(api, operation),
        required_parameters=tuple(
            (parameter["in"], parameter["name"])
            for parameter in operation.get("parameters", [])
            if parameter.get("required") and parameter["in"] in ("query", "header")
        ),
    )


def _validator(api: Api, operation: Mapping[str, Any]) -> Mapping[str, bool]:
    name = operation.get("x-amazon-apigateway-request-validator", api.body.get("x-amazon-apigateway-request-validator"))
    validators: Mapping[str, Mapping[str, bool]] = api.body.get("x-amazon-apigateway-request-validators", {})
    return validators[name] if name else {}


def _authorizer(api: Api, operation: Mapping[str, Any]) -> str | None:
    security = operation.get("security", api.body.get("security")) or []
    names = [name for requirement in security for name in requirement if name != "NONE"]
    if len(names) > 1:
        raise TemplateError(f"{api.logical_id}: one authorizer for a method, not {', '.join(names)}")
    return names[0] if names else None


def _schemas(api: Api, operation: Mapping[str, Any]) -> dict[str, Any]:
    """Schemas with the API's own models beside them, so that references find them (OpenAPI 3 and 2)."""
    models = {
        "components": {"schemas": api.body.get("components", {}).get("schemas", {})},
        "definitions": api.body.get("definitions", {}),
    }
    content = operation.get("requestBody", {}).get("content", {})
    schemas = {media_type: entry["schema"] for media_type, entry in content.items()}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "body":
            schemas["application/json"] = parameter["schema"]
    return {media_type: {**models, **schema} for media_type, schema in schemas.items()}
