"""The gateway as a WSGI application: from a request to the function's answer, or to one of the gateway's own."""

import json
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from werkzeug.wrappers import Request, Response

from local.account import Clients
from local.deployment import Deployment
from local.gateway.authorizer import Authorizer, authorizers_of
from local.gateway.body import BodyTooLargeError, read_body
from local.gateway.proxy_event import MalformedAnswerError, http_answer, proxy_event
from local.gateway.refusals import Refusal, Refusals
from local.gateway.request_check import check_request
from local.gateway.routes import Router, routes_of
from local.gateway.throttle import Throttle
from local.lambdas import Functions, PayloadTooLargeError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY_LIMIT: Final = 10 * 1024 * 1024  # bytes; API Gateway's


class Gateway:
    """Serves the one REST API of the template. `hosts` are the names (with port) that requests may be for."""

    def __init__(
        self,
        deployment: Deployment,
        *,
        functions: Functions,
        clients: Clients,
        aws_endpoint: str,
        hosts: frozenset[str],
    ) -> None:
        self._functions = functions
        self._hosts = hosts
        self._authorizers: dict[str, Authorizer] = {}
        routes = []
        responses: dict[str, Any] = {}
        settings: list[Any] = []
        self._stage = "local"
        for api in deployment.apis:
            api_id = api.logical_id.lower()
            routes += routes_of(api, api_id)
            self._authorizers |= authorizers_of(api, clients=clients, aws_endpoint=aws_endpoint)
            responses |= api.body.get("x-amazon-apigateway-gateway-responses", {})
            if api_id in deployment.stages:
                self._stage, stage_settings = deployment.stages[api_id]
                settings += stage_settings
        self._router = Router(routes)
        self._refusals = Refusals(responses)
        self._throttle = Throttle(settings)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        request_id = str(uuid.uuid4())
        if request.headers.get("Host") not in self._hosts:
            # Not an API of ours: the answer is AWS's, which knows nothing of the template.
            response = Response('{"message":"Forbidden"}', 403, content_type="application/json")
        else:
            try:
                response = self._answer(request, request_id)
            except Refusal as refusal:
                response = self._refusals.response(refusal, request_id=request_id)
        return response(environ, start_response)

    def _answer(self, request: Request, request_id: str) -> Response:
        raw_path = raw_target(request.environ).split("?")[0]
        match = self._router.match(request.method, raw_path)
        if match is None:
            raise Refusal("MISSING_AUTHENTICATION_TOKEN")
        if not self._throttle.admits(match.route, request.method):
            raise Refusal("THROTTLED")
        try:
            body = read_body(request, limit=BODY_LIMIT)
        except BodyTooLargeError as error:
            raise Refusal("REQUEST_TOO_LARGE") from error
        caller = {}
        if match.route.authorizer is not None:
            caller = self._authorizers[match.route.authorizer].context(
                request, target=raw_target(request.environ), body=body
            )
        check_request(match.route, headers=request.headers, query=request.args, body=body)
        event = proxy_event(
            match,
            method=request.method,
            raw_path=raw_path,
            headers=request.headers,
            query=request.args,
            body=body,
            stage=self._stage,
            request_id=request_id,
            source_ip=request.remote_addr or "127.0.0.1",
            scheme=request.scheme,
            caller=caller,
        )
        try:
            outcome = self._functions.invoke(match.route.function, json.dumps(event).encode())
        except PayloadTooLargeError as error:
            raise Refusal("REQUEST_TOO_LARGE") from error
        if outcome.failed:
            raise Refusal("DEFAULT_5XX")
        try:
            response = http_answer(outcome.payload)
        except MalformedAnswerError as error:
            raise Refusal("DEFAULT_5XX") from error
        response.headers["x-amzn-RequestId"] = request_id
        return response


def raw_target(environ: "WSGIEnvironment") -> str:
    """The path and query as they came, where the server passes them on (`server` does); else rebuilt."""
    target = environ.get("RAW_TARGET")
    return target if isinstance(target, str) else str(environ.get("PATH_INFO", "/"))
