"""API Gateway's request validators: the body against the model of its media type, and required parameters."""

import json
from collections.abc import Mapping

from jsonschema import Draft4Validator
from werkzeug.datastructures import Headers, MultiDict

from local.gateway.refusals import Refusal
from local.gateway.routes import Route


def check_request(route: Route, *, headers: Headers, query: "MultiDict[str, str]", body: bytes) -> None:
    """Raises Refusal. A body of a media type without a model is let through, as API Gateway does."""
    if route.validate_parameters:
        places: Mapping[str, Mapping[str, str]] = {"header": headers, "query": query}  # type: ignore[dict-item]
        missing = [name for place, name in route.required_parameters if not places[place].get(name)]
        if missing:
            raise Refusal("BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{', '.join(missing)}]")
    if route.validate_body:
        _check_body(route, headers, body)


def _check_body(route: Route, headers: Headers, body: bytes) -> None:
    media_type = (headers.get("Content-Type") or "application/json").split(";")[0].strip().lower()
    schema = route.schemas.get(media_type)
    if schema is None:
        return
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):  # no JSON, or nested without end
        raise Refusal("BAD_REQUEST_BODY") from None
    if not Draft4Validator(schema).is_valid(value):
        raise Refusal("BAD_REQUEST_BODY")
