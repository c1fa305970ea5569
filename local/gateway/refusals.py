"""What the gateway answers by itself: AWS's defaults, changed by the template's GatewayResponses."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from werkzeug.wrappers import Response

# type -> (status, message, the name that AWS gives the error in a header)
_DEFAULTS: Final[Mapping[str, tuple[int, str, str]]] = {
    "ACCESS_DENIED": (403, "User is not authorized to access this resource", "AccessDeniedException"),
    "BAD_REQUEST_BODY": (400, "Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": (400, "Missing required request parameters", "BadRequestException"),
    "DEFAULT_5XX": (502, "Internal server error", "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": (504, "Endpoint request timed out", "InternalServerErrorException"),
    "INVALID_SIGNATURE": (403, "The request signature we calculated does not match", "InvalidSignatureException"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long", "RequestTooLargeException"),
    "THROTTLED": (429, "Too Many Requests", "TooManyRequestsException"),
    "UNAUTHORIZED": (401, "Unauthorized", "UnauthorizedException"),
}
_CONTEXT = re.compile(r"\$context\.([a-zA-Z.]+)")


class Refusal(Exception):  # noqa: N818  # not an error of ours
    """The gateway itself answers; `kind` is one of API Gateway's response types."""

    def __init__(self, kind: str, message: str | None = None) -> None:
        super().__init__(message or _DEFAULTS[kind][1])
        self.kind = kind


class Refusals:
    """`responses` is the API's x-amazon-apigateway-gateway-responses."""

    def __init__(self, responses: Mapping[str, Mapping[str, Any]]) -> None:
        self._responses = responses

    def response(self, refusal: Refusal, *, request_id: str) -> Response:
        status, _, error_type = _DEFAULTS[refusal.kind]
        general = "DEFAULT_5XX" if status >= 500 else "DEFAULT_4XX"
        chosen = self._responses.get(refusal.kind) or self._responses.get(general) or {}
        context = {
            "requestId": request_id,
            "error.message": str(refusal),
            "error.messageString": json.dumps(str(refusal)),
            "error.responseType": refusal.kind,
        }
        template = chosen.get("responseTemplates", {}).get(
            "application/json", '{"message":$context.error.messageString}'
        )
        headers = {
            "Content-Type": "application/json",
            "x-amzn-RequestId": request_id,
            "x-amzn-ErrorType": error_type,
        }
        for name, value in chosen.get("responseParameters", {}).items():
            if name.startswith("gatewayresponse.header."):
                headers[name.removeprefix("gatewayresponse.header.")] = _fill(value.strip("'"), context)
        return Response(_fill(template, context), int(chosen.get("statusCode") or status), headers)


def _fill(text: str, context: Mapping[str, str]) -> str:
    return _CONTEXT.sub(lambda match: context.get(match.group(1), ""), text)
