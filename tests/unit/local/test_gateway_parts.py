"""The parts of the gateway: routes, throttling, its own answers, proxy events and answers."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers, MultiDict

from local.deployment import Api
from local.gateway.proxy_event import MalformedAnswerError, http_answer, proxy_event
from local.gateway.refusals import Refusal, Refusals
from local.gateway.request_check import check_request
from local.gateway.routes import Match, Route, Router, routes_of
from local.gateway.throttle import Throttle
from local.template import TemplateError


def route(path: str, method: str = "GET", **parts: Any) -> Route:
    defaults: dict[str, Any] = {
        "api": "api", "function": f"{method} {path}", "authorizer": None, "validate_body": False,
        "validate_parameters": False, "body_required": False, "schemas": {}, "required_parameters": (),
    }  # fmt: skip
    return Route(path=path, method=method, **{**defaults, **parts})


ROUTER = Router(
    [
        route("/"),
        route("/{lang}"),
        route("/{lang}/{page}"),
        route("/{lang}/{page}", "POST"),
        route("/static/{file}"),
        route("/api/requests", "POST"),
        route("/api/requests/{reference}"),
        route("/files/{rest+}", "ANY"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "found", "parameters"),
    [
        ("GET", "/", "/", {}),
        ("GET", "/en", "/{lang}", {"lang": "en"}),
        ("GET", "/en/", "/{lang}", {"lang": "en"}),
        ("GET", "/static/a.css", "/static/{file}", {"file": "a.css"}),
        ("POST", "/static/a.css", None, {}),
        ("GET", "/api/requests", None, {}),
        ("POST", "/api/requests", "/api/requests", {}),
        ("GET", "/api/requests/RD-1", "/api/requests/{reference}", {"reference": "RD-1"}),
        ("GET", "/api/requests/%2e%2e", "/api/requests/{reference}", {"reference": "%2e%2e"}),
        ("GET", "/api/requests/a%2Fb", "/api/requests/{reference}", {"reference": "a%2Fb"}),
        ("GET", "/en//x", None, {}),
        ("GET", "//en", None, {}),
        ("GET", "/api/requests/RD-1/x/y", None, {}),
        ("HEAD", "/en", None, {}),
        ("DELETE", "/files/a/b", "/files/{rest+}", {"rest": "a/b"}),
        ("GET", "/files", "/{lang}", {"lang": "files"}),
    ],
)
def test_which_route_a_path_finds(method: str, path: str, found: str | None, parameters: dict[str, str]) -> None:
    match = ROUTER.match(method, path)
    assert (match.route.path if match else None) == found
    assert match is None or match.parameters == parameters


@given(st.text(alphabet="/ab.%{}", max_size=12))
def test_no_path_breaks_the_router(path: str) -> None:
    match = ROUTER.match("GET", "/" + path)
    assert match is None or all(match.parameters.values())


def test_another_integration_than_a_function_raises() -> None:
    api = Api("Api", {"paths": {"/x": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}}})
    with pytest.raises(TemplateError, match="GET /x: only Lambda proxy integrations"):
        routes_of(api, "api")


def test_throttling_is_a_token_bucket_for_each_method() -> None:
    now = [0.0]
    settings = [
        {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 3},
        {"ResourcePath": "/~1api~1requests", "HttpMethod": "POST", "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2},
    ]
    throttle = Throttle(settings, now=lambda: now[0])
    post = route("/api/requests", "POST")
    assert [throttle.admits(post, "POST") for _ in range(3)] == [True, True, False]
    assert [throttle.admits(route("/en"), "GET") for _ in range(4)] == [True, True, True, False]
    now[0] = 1.0
    assert [throttle.admits(post, "POST") for _ in range(2)] == [True, False]
    now[0] = 100.0
    assert [throttle.admits(post, "POST") for _ in range(3)] == [True, True, False]


def test_without_settings_nothing_is_throttled() -> None:
    assert all(Throttle([]).admits(route("/en"), "GET") for _ in range(1000))


def test_the_gateway_s_own_answers_are_the_template_s_where_it_has_some() -> None:
    refusals = Refusals(
        {
            "THROTTLED": {
                "statusCode": "429",
                "responseParameters": {"gatewayresponse.header.Retry-After": "'10'"},
                "responseTemplates": {"application/json": '{"id":"$context.requestId"}'},
            },
            "DEFAULT_4XX": {"responseTemplates": {"application/json": '{"why":$context.error.messageString}'}},
        }
    )
    throttled = refusals.response(Refusal("THROTTLED"), request_id="r-1")
    assert (throttled.status_code, throttled.headers["Retry-After"], throttled.json) == (429, "10", {"id": "r-1"})
    other = refusals.response(Refusal("MISSING_AUTHENTICATION_TOKEN"), request_id="r-1")
    assert (other.status_code, other.json) == (403, {"why": "Missing Authentication Token"})
    broken = refusals.response(Refusal("DEFAULT_5XX"), request_id="r-1")
    assert (broken.status_code, broken.json) == (502, {"message": "Internal server error"})


NOTE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}


@pytest.mark.parametrize(
    ("media_type", "body", "refused"),
    [
        ("application/json", b'{"text": "a"}', False),
        (None, b'{"text": "a"}', False),
        ("application/json; charset=utf-8", b'{"text": 1}', True),
        ("application/json", b"{", True),
        ("application/json", b"", True),
        ("application/json", b"\xff", True),
        ("text/plain", b"anything", False),
    ],
)
def test_a_body_must_fit_its_model(media_type: str | None, body: bytes, refused: bool) -> None:
    checked = route("/n", "POST", validate_body=True, schemas={"application/json": NOTE})
    headers = Headers({"Content-Type": media_type} if media_type else {})
    if refused:
        with pytest.raises(Refusal):
            check_request(checked, headers=headers, query=MultiDict(), body=body)
    else:
        check_request(checked, headers=headers, query=MultiDict(), body=body)


def test_required_parameters_must_be_there() -> None:
    checked = route("/n", validate_parameters=True, required_parameters=(("query", "q"), ("header", "X-A")))
    check_request(checked, headers=Headers({"x-a": "1"}), query=MultiDict([("q", "1")]), body=b"")
    with pytest.raises(Refusal, match=r"\[q, X-A\]"):
        check_request(checked, headers=Headers(), query=MultiDict(), body=b"")


def event(body: bytes = b"", content_type: str | None = None, **headers: str) -> dict[str, Any]:
    given_headers = Headers({"Host": "127.0.0.1:8080", **headers})
    if content_type:
        given_headers["Content-Type"] = content_type
    return proxy_event(
        Match(route("/n/{a}", "POST"), {"a": "%20"}),
        method="POST",
        raw_path="/n/%20",
        headers=given_headers,
        query=MultiDict([("q", "1"), ("q", "2")]),
        body=body,
        stage="live",
        request_id="r-1",
        source_ip="127.0.0.1",
        scheme="http",
        caller={},
    )


def test_a_proxy_event_has_what_functions_read() -> None:
    made = event(b"x", "text/plain", **{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"})
    assert (made["resource"], made["path"], made["httpMethod"]) == ("/n/{a}", "/n/%20", "POST")
    assert made["pathParameters"] == {"a": "%20"}
    assert made["queryStringParameters"] == {"q": "2"}
    assert made["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert made["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert made["headers"]["X-Forwarded-Proto"] == "http"
    context = made["requestContext"]
    assert (context["domainName"], context["stage"], context["path"]) == ("127.0.0.1:8080", "live", "/n/%20")
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert "authorizer" not in context
    json.dumps(made)


@pytest.mark.parametrize(
    ("body", "content_type", "passed"),
    [
        (b"", None, (None, False)),
        ("é".encode(), "application/json", ("é", False)),
        (b"a=1", "application/x-www-form-urlencoded", ("a=1", False)),
        (b"\xff\xfe", "text/plain", (base64.b64encode(b"\xff\xfe").decode(), True)),
        (b"abc", "application/zip", (base64.b64encode(b"abc").decode(), True)),
    ],
)
def test_a_body_that_is_not_text_is_passed_as_base64(
    body: bytes, content_type: str | None, passed: tuple[str | None, bool]
) -> None:
    made = event(body, content_type)
    assert (made["body"], made["isBase64Encoded"]) == passed


def test_a_function_s_answer_becomes_http() -> None:
    answer = {
        "statusCode": "201",
        "headers": {"X-A": 1, "X-B": True},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": base64.b64encode(b"\x00").decode(),
        "isBase64Encoded": True,
    }
    made = http_answer(json.dumps(answer).encode())
    assert (made.status_code, made.data) == (201, b"\x00")
    assert made.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert (made.headers["X-A"], made.headers["X-B"], made.headers["Content-Type"]) == ("1", "true", "application/json")


@pytest.mark.parametrize(
    "answer",
    [
        None, [], "text", {}, {"status": 200}, {"statusCode": "abc"}, {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True}, {"statusCode": 200, "headers": {"a": {"b": 1}}},
    ],
)  # fmt: skip
def test_a_malformed_answer_is_one(answer: Any) -> None:
    with pytest.raises(MalformedAnswerError):
        http_answer(json.dumps(answer).encode())
