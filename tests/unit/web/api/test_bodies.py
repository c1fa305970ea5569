"""What comes in instead of a JSON body (abuse cases 33, 42, 46): refused, never a fault of ours."""

import base64
import gzip
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.web.incoming import MAX_BODY
from rightsdesk.web.strict_json import MAX_DEPTH, read_object
from tests.unit.web.api.gateway import ask, event, public_door, staff_door


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "APPLICATION/JSON", "application/json;charset=utf-8", 'application/json; charset="UTF-8"'],
)
def test_json_in_utf8_is_taken(content_type: str) -> None:
    door, _ = public_door()
    assert ask(door, event("public_api-session", headers={"Content-Type": content_type})).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; profile=x",
        "application/json, text/plain",
        "application/jsonp",
        "application/problem+json",
        "application/json\r\nX: y",
    ],
)
def test_a33_a46_another_content_type_is_415(content_type: str | None) -> None:
    door, log = public_door()
    for name in ("submit", "verification", "access-code", "session"):
        answer = ask(door, event(f"public_api-{name}", headers={"Content-Type": content_type}))
        assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type")
    assert log.calls == []


@pytest.mark.parametrize("body", [None, ""])
def test_a_call_without_a_body_needs_no_content_type(body: str | None) -> None:
    door, log = public_door()
    bare = {"body": body, "headers": {"Content-Type": None}}
    assert ask(door, event("public_api-access-code", **bare)).status == 202
    assert ask(door, event("public_api-download", **bare)).status == 200
    assert [name for name, _ in log.calls] == ["send_code", "authenticate", "download"]
    missing = ask(door, event("public_api-session", **bare))
    assert (missing.status, missing.body["errors"]) == (400, [{"field": "code", "reason": "missing"}])


def test_a46_two_content_types_are_none() -> None:
    door, _ = public_door()
    asked = event("public_api-session")
    asked["multiValueHeaders"]["Content-Type"].append("text/plain")
    assert ask(door, asked).status == 415


def test_a46_a_gzip_bomb_is_not_unpacked() -> None:
    door, _ = public_door()
    bomb = base64.b64encode(gzip.compress(b" " * 10_000_000)).decode()
    asked = event("public_api-session", body=bomb, isBase64Encoded=True, headers={"Content-Encoding": "gzip"})
    assert ask(door, asked).status == 415
    without_saying_so = event("public_api-session", body=bomb, isBase64Encoded=True)
    assert ask(door, without_saying_so).body["errors"] == [{"field": "body", "reason": "not_utf8"}]


def test_base64_is_read_where_the_gateway_says_so() -> None:
    door, log = public_door()
    body = base64.b64encode('{"code": "１２３４－５６７８"}'.encode()).decode()
    assert ask(door, event("public_api-session", body=body, isBase64Encoded=True)).status == 200
    assert log.calls[0][1][1] == "１２３４－５６７８"


@pytest.mark.parametrize(
    ("body", "encoded", "reason"),
    [
        ('{"code": "1"}', True, "not_base64"),
        ("eyJj b2RlIjogIjEifQ==", True, "not_base64"),
        ("é", True, "not_base64"),
        (base64.b64encode(b'{"code": "1"}').decode(), False, "not_json"),
        (base64.b64encode(b'{"code": "\xff"}').decode(), True, "not_utf8"),
        (base64.b64encode('{"code": "1"}'.encode("utf-16")).decode(), True, "not_utf8"),
        ('{"code": "\ud800"}', False, "not_utf8"),
        ('{"code": "\\ud800"}', False, "forbidden_character"),
        ('{"code": "\\udfff\\ud800"}', False, "forbidden_character"),
        ('{"\\ud800": "1"}', False, "forbidden_character"),
        ('{"code": "1\\u0000"}', False, "forbidden_character"),
        ('{"code\\u0000": "1"}', False, "forbidden_character"),
        ('{"code": "1\x00"}', False, "not_json"),
        ('{"code": NaN}', False, "not_a_number"),
        ('{"code": Infinity}', False, "not_a_number"),
        ('{"code": -Infinity}', False, "not_a_number"),
        ('{"code": 1e999}', False, "not_a_number"),
        ('{"code": ' + "9" * 5000 + "}", False, "not_json"),
        ('{"code": "1"} {"code": "2"}', False, "not_json"),
        ('\ufeff{"code": "1"}', False, "not_json"),
        ("{'code': '1'}", False, "not_json"),
        ('{"code": "1",}', False, "not_json"),
        ('{"code": "1"', False, "not_json"),
        ("[]", False, "not_an_object"),
        ('"code"', False, "not_an_object"),
        ("null", False, "not_an_object"),
        ("12345678", False, "not_an_object"),
        ('{"a": ' * 21 + "1" + "}" * 21, False, "too_deep"),
        ("[" * 30_000 + "]" * 30_000, False, "too_deep"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, False, "too_deep"),
    ],
)
def test_a42_a46_what_two_readers_could_take_differently_is_400(body: str, encoded: bool, reason: str) -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-session", body=body, isBase64Encoded=encoded))
    assert (answer.status, answer.body["errors"]) == (400, [{"field": "body", "reason": reason}])
    assert log.calls == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"code": "1", "code": "2"}', "code"),
        ('{"code": "1", "\\u0063ode": "2"}', "code"),
        ('{"a": [{"b": 1, "b": 1}]}', "b"),
        ('{"<b>": 1, "<b>": 1}', "*"),
    ],
)
def test_a42_a_field_that_stands_twice_is_named(body: str, field: str) -> None:
    door, _ = public_door()
    answer = ask(door, event("public_api-session", body=body))
    assert answer.body["errors"] == [{"field": field, "reason": "duplicate"}]


def test_depth_is_counted_in_containers() -> None:
    def nested(depth: int) -> bytes:
        return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)

    assert read_object(nested(MAX_DEPTH))
    with pytest.raises(InvalidInputError):
        read_object(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize("encoded", [False, True])
def test_a42_more_than_64_kilobytes_are_413(encoded: bool) -> None:
    def body(size: int) -> str:
        raw = b'{"code": "' + b"1" * (size - 12) + b'"}'
        return base64.b64encode(raw).decode() if encoded else raw.decode()

    door, log = public_door()
    at_limit = ask(door, event("public_api-session", body=body(MAX_BODY), isBase64Encoded=encoded))
    assert at_limit.body["errors"] == [{"field": "code", "reason": "too_long"}]
    for size in (MAX_BODY + 1, 10_000_000):
        answer = ask(door, event("public_api-session", body=body(size), isBase64Encoded=encoded))
        assert (answer.status, answer.body["code"]) == (413, "payload_too_large")
    assert log.calls == []


def test_a42_the_limit_is_in_bytes_and_not_in_characters() -> None:
    door, _ = public_door()
    answer = ask(door, event("public_api-session", body='{"code": "' + "あ" * 22_000 + '"}'))
    assert answer.status == 413


@pytest.mark.parametrize(
    "value",
    [
        "a" + "\u0301\u0316" * 10_000,  # combining marks to be sorted: quadratic in NFC
        "@" * 60_000,
        "a@" * 30_000,
        "(" * 60_000,
        "." * 60_000,
        "\\\\" * 15_000,
        "\r\n" * 10_000,
        "１" * 20_000,
    ],
)
def test_a41_no_text_keeps_us_busy(value: str) -> None:
    door, _ = public_door()
    asked = event("public_api-submit")
    sample = json.loads(asked["body"])
    started = time.process_time()
    for field in ("email", "name", "details", "order_number", "country", "type"):
        body = json.dumps(sample | {field: value}, ensure_ascii=False)
        assert ask(door, asked | {"body": body}).status in {400, 413}
    assert time.process_time() - started < 5, "it hangs"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    ["type", "email", "name", "country", "language", "order_number", "details", "code", "part", "postcode", "version",
     "held", "assignee", "ground", "reason", "corrections", "disputed"]
)  # fmt: skip
BODIES = JSON | st.dictionaries(FIELDS | st.text(), JSON, max_size=8)
PUBLIC = (
    "submit",
    "verification",
    "access-code",
    "session",
    "evidence",
    "download",
    "erasure-confirmation",
    "not-mine",
    "withdraw",
)
STAFF = ("assignment", "release", "refusal", "corrections", "erasure-approval", "hold", "retry")


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(PUBLIC), document=BODIES)
def test_a42_no_json_is_a_fault_of_the_public_door(name: str, document: Any) -> None:
    door, log = public_door()
    assert ask(door, event(f"public_api-{name}", body=json.dumps(document))).status < 500
    assert log.faults == []


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(STAFF), document=BODIES)
def test_a42_no_json_is_a_fault_of_the_staff_door(name: str, document: Any) -> None:
    door, log = staff_door()
    assert ask(door, event(f"staff_api-{name}", body=json.dumps(document))).status < 500
    assert log.faults == []


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_a42_no_bytes_are_a_fault_of_ours(raw: bytes) -> None:
    door, log = public_door()
    encoded = base64.b64encode(raw).decode()
    assert ask(door, event("public_api-submit", body=encoded, isBase64Encoded=True)).status < 500
    assert ask(door, event("public_api-submit", body=raw.decode("latin-1"))).status < 500
    assert log.faults == []


@settings(max_examples=100, deadline=None)
@given(
    reference=st.text(max_size=30),
    header=st.text(max_size=40),
    query=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)
def test_a42_no_path_header_or_query_is_a_fault_of_ours(reference: str, header: str, query: dict[str, str]) -> None:
    door, log = public_door()
    headers = {"Authorization": header, "Content-Type": header, "Idempotency-Key": header}
    path = f"/api/requests/{reference}"
    assert ask(door, event("public_api-view", path=path, headers=headers)).status < 500
    assert ask(door, event("public_api-submit", headers=headers)).status < 500
    staff, staff_log = staff_door()
    many = {name: [value] for name, value in query.items()}
    asked = event("staff_api-list", queryStringParameters=query, multiValueQueryStringParameters=many)
    assert ask(staff, asked).status < 500
    assert log.faults == staff_log.faults == []
