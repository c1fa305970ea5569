"""The gateway by HTTP, with real functions behind it."""

import base64
import http.client
import json
import time
from datetime import timedelta
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.integration.local.conftest import House


def test_a_request_reaches_its_function_as_a_proxy_event(house: House) -> None:
    answer = house.http("GET", "/echo/a%2e%2e?x=1&x=2")
    event = answer.json["event"]
    assert answer.status == 200
    assert (event["path"], event["pathParameters"]) == ("/echo/a%2e%2e", {"name": "a%2e%2e"})
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["requestContext"]["stage"] == "live"
    assert f"http://{event['requestContext']['domainName']}" == house.stack.url
    assert answer.json["greeting"] == "good morning"
    assert {"TABLE", "MAIL_FROM", "MERCHANT_PATH"} <= set(answer.json["environment"])


def test_binary_answers_and_several_cookies_arrive(house: House) -> None:
    assert house.http("GET", "/echo/a?want=binary").body == b"\x00\xff"
    cookies = house.http("GET", "/echo/a?want=cookies")
    assert (cookies.status, cookies.headers.get_all("Set-Cookie")) == (204, ["a=1", "b=2"])


@pytest.mark.parametrize("want", ["malformed", "error", "huge"])
def test_what_a_function_gets_wrong_is_502_without_a_word_on_why(house: House, want: str) -> None:
    answer = house.http("GET", f"/echo/a?want={want}")
    assert (answer.status, answer.json) == (502, {"message": "Internal server error"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/nothing"), ("PUT", "/echo/a"), ("HEAD", "/echo/a"), ("GET", "/echo//a")],
)
def test_what_has_no_route_is_403(house: House, method: str, path: str) -> None:
    answer = house.http(method, path)
    assert answer.status == 403
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def raw(house: House, target: str, host: str | None = None) -> tuple[int, bytes]:
    """A request as it is written, by a client that corrects nothing."""
    connection = http.client.HTTPConnection(house.stack.url.removeprefix("http://"))
    connection.putrequest("GET", target, skip_host=True)
    connection.putheader("Host", host or house.stack.url.removeprefix("http://"))
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_paths_are_not_normalised(house: House) -> None:
    assert raw(house, "//echo/a")[0] == 403
    assert raw(house, "/x/../echo/a")[0] == 403
    status, body = raw(house, "/echo/%2e%2e")
    assert (status, json.loads(body)["event"]["path"]) == (200, "/echo/%2e%2e")


@pytest.mark.parametrize("target", ["/echo/a", "/_local/health"])
def test_another_host_is_403(house: House, target: str) -> None:
    status, body = raw(house, target, host="evil.example")
    assert (status, json.loads(body)) == (403, {"message": "Forbidden"})


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"text": "a"}', 200), (b'{"text": 1}', 400), (b"[]", 400), (b"{", 400), (b"", 400)]
)
def test_a_body_that_does_not_fit_its_model_never_reaches_the_function(house: House, body: bytes, status: int) -> None:
    answer = house.http("POST", "/notes", body, Content_Type="application/json")
    assert answer.status == status
    if status == 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["title"] == "No such note"
        assert answer.json["request"] == answer.headers["x-amzn-RequestId"]


def test_more_than_ten_megabytes_are_413(house: House) -> None:
    answer = house.http("POST", "/echo/a", b"x" * (10 * 1024 * 1024 + 1), Content_Type="text/plain")
    assert (answer.status, answer.json) == (413, {"message": "Request Too Long"})


def test_each_method_is_throttled_by_its_own_settings(house: House) -> None:
    assert [house.http("GET", "/rare").status for _ in range(3)] == [200, 200, 429]
    assert house.http("GET", "/echo/a").status == 200


def test_staff_come_in_with_a_token_of_the_pool(house: House) -> None:
    assert house.stack.staff is not None
    token = house.stack.staff.token("handler@shop.example")
    for header in (token.id_token, f"Bearer {token.id_token}"):
        answer = house.http("GET", "/staff", Authorization=header)
        claims = answer.json["event"]["requestContext"]["authorizer"]["claims"]
        assert claims["cognito:groups"] == "handler"
        assert claims["email"] == "handler@shop.example"
        assert claims["token_use"] == "id"
        assert claims["exp"].endswith(" UTC " + time.strftime("%Y"))


def test_several_groups_reach_the_function_in_one_claim(house: House) -> None:
    assert house.stack.staff is not None
    house.stack.staff.add("both@shop.example", groups=("handler", "approver"))
    token = house.stack.staff.token("both@shop.example").id_token
    answer = house.http("GET", "/staff", Authorization=token)
    claims = answer.json["event"]["requestContext"]["authorizer"]["claims"]
    assert sorted(claims["cognito:groups"].split(",")) == ["approver", "handler"]


def claims_of(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found


def with_claims(token: str, **changes: Any) -> str:
    """The token with other claims and the old signature."""
    head, _, signature = token.split(".")
    body = json.dumps({**claims_of(token), **changes}).encode()
    return ".".join([head, base64.urlsafe_b64encode(body).decode().rstrip("="), signature])


def test_a_forged_foreign_or_other_token_stays_outside(house: House) -> None:
    assert house.stack.staff is not None
    token = house.stack.staff.token("handler@shop.example").id_token
    cognito = house.stack.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="c")["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="eve")
    cognito.admin_set_user_password(UserPoolId=pool, Username="eve", Password="Evil-1234567", Permanent=True)
    login = cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "eve", "PASSWORD": "Evil-1234567"},
    )["AuthenticationResult"]  # fmt: skip
    unsigned = ".".join([base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("="), token.split(".")[1], ""])
    refused = ["", "nonsense", with_claims(token, **{"cognito:groups": ["admin"]}), unsigned, login["IdToken"]]
    refused.append(login["AccessToken"])
    for bad in refused:
        answer = house.http("GET", "/staff", Authorization=bad)
        assert (answer.status, answer.json) == (401, {"message": "Unauthorized"}), bad
    assert house.http("GET", "/staff").status == 401


def test_a_token_ends(house: House) -> None:
    assert house.stack.staff is not None
    token = house.stack.staff.token("handler@shop.example").id_token
    assert house.http("GET", "/staff", Authorization=token).status == 200
    house.stack.advance(timedelta(hours=2))
    answer = house.http("GET", "/staff", Authorization=token)
    assert (answer.status, answer.json) == (401, {"message": "The incoming token has expired"})


def test_a_link_to_an_object_works_and_names_this_machine(house: House) -> None:
    link = house.http("GET", "/echo/a?want=link").body.decode()
    with urlopen(house.stack.local_url(link), timeout=10) as answer:  # noqa: S310
        assert answer.read() == b"here"
    assert house.stack.local_url("http://127.0.0.1/x?y") == "http://127.0.0.1/x?y"


def signed(house: House, body: bytes, *, guessed: str | None = None, service: str = "execute-api") -> dict[str, str]:
    """The headers of a call to /signed as an SDK makes them. `guessed`: a secret that is not the one."""
    request = AWSRequest("POST", house.stack.url + SIGNED, headers={"Content-Type": "text/plain"}, data=body)
    SigV4Auth(Credentials("local", guessed or "local"), service, "eu-west-1").add_auth(request)
    return {name.replace("-", "_"): value for name, value in request.headers.items()}


SIGNED = "/signed/a%20b?x=2&x=1"


def test_who_signs_with_the_credentials_of_the_account_comes_in_and_is_named(house: House) -> None:
    answer = house.http("POST", SIGNED, b"hello", **signed(house, b"hello"))
    assert answer.status == 200
    identity = answer.json["event"]["requestContext"]["identity"]
    assert (identity["accountId"], identity["userArn"]) == ("123456789012", "arn:aws:iam::123456789012:root")
    assert identity["sourceIp"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"Authorization": ""}, "MissingAuthenticationToken"),
        ({"Authorization": "Bearer abc"}, "MissingAuthenticationToken"),
        ({"X_Amz_Date": "20260101T000000Z"}, "InvalidSignature"),
        ({"Content_Type": "text/html"}, "InvalidSignature"),
    ],
)
def test_a_call_that_is_not_as_it_was_signed_stays_outside(house: House, change: dict[str, str], kind: str) -> None:
    answer = house.http("POST", SIGNED, b"hello", **(signed(house, b"hello") | change))
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, f"{kind}Exception")


def test_another_body_path_secret_or_service_is_not_what_was_signed(house: House) -> None:
    good = signed(house, b"hello")
    refused = [
        house.http("POST", SIGNED, b"other", **good),
        house.http("POST", "/signed/other?x=2&x=1", b"hello", **good),
        house.http("POST", SIGNED, b"hello", **signed(house, b"hello", guessed="secret")),
        house.http("POST", SIGNED, b"hello", **signed(house, b"hello", service="s3")),
        house.http(
            "POST", SIGNED, b"hello", **(good | {"Authorization": good["Authorization"].replace("=local/", "=x/")})
        ),
    ]
    assert {answer.status for answer in refused} == {403}
