import json
from typing import Any

import pytest

from rightsdesk.domain.errors import (
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    NothingAskedError,
    ServiceUnavailableError,
)
from rightsdesk.domain.request import Door, RequestType, Submission
from tests.unit.web.api.desks import REFERENCE, SESSION
from tests.unit.web.api.gateway import ask, event, public_door

NOT_MINE = event("public_api-not-mine")["pathParameters"]["token"]
TOKEN = event("public_api-view")["headers"]["Authorization"].removeprefix("Bearer ")
AUTHENTICATED = ("authenticate", (TOKEN, REFERENCE))
VIEW_FIELDS = {
    "reference", "types", "status", "outcome", "received_at", "due_on", "language", "evidence_needed", "steps",
    "package", "can_withdraw", "use", "conservative_due_on", "clock", "suspended_since", "extension", "question",
    "erasure", "transfer", "recipients", "messages", "can_write", "reopen_until", "follows", "followed_by",
    "merged_into", "agent",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "status", "calls", "fields"),
    [
        ("verification", 200, [("verify", (REFERENCE, "1234-5678"))], {"status", "due_on"}),
        ("access-code", 202, [("send_code", (REFERENCE,))], set()),
        ("session", 200, [("open_session", (REFERENCE, "1234-5678"))], {"token", "expires_at"}),
        ("view", 200, [AUTHENTICATED, ("view", (SESSION,))], VIEW_FIELDS),
        (
            "evidence",
            202,
            [AUTHENTICATED, ("submit_evidence", (SESSION, "SO-2026-000123", "150-0001"))],
            set(),
        ),
        (
            "answer",
            202,
            [AUTHENTICATED, ("answer_question", (SESSION, "The orders of October 2026, please."))],
            set(),
        ),
        (
            "agent",
            200,
            [AUTHENTICATED, ("agree_agent", (SESSION, True))],
            VIEW_FIELDS,
        ),
        (
            "message",
            202,
            [AUTHENTICATED, ("write_message", (SESSION, "I have found the letter. It is of 3 October.", Door.API))],
            {"reference", "number"},
        ),
        (
            "download",
            200,
            [AUTHENTICATED, ("download", (SESSION, 1))],
            {"url", "expires_at", "sha256", "bytes", "name"},
        ),
        ("erasure-confirmation", 200, [AUTHENTICATED, ("confirm_erasure", (SESSION,))], VIEW_FIELDS),
        ("withdraw", 200, [AUTHENTICATED, ("withdraw", (SESSION,))], VIEW_FIELDS),
        ("not-mine", 202, [("disown", (NOT_MINE,))], set()),
    ],
)
def test_each_way_in_asks_the_desk_and_gives_its_answer(name: str, status: int, calls: Any, fields: set[str]) -> None:
    door, log = public_door()
    answer = ask(door, event(f"public_api-{name}"))
    assert (answer.status, log.calls, set(answer.body)) == (status, calls, fields)
    assert answer.headers["Content-Type"] == "application/json"
    assert log.faults == []


def test_a_submission_reaches_the_desk_as_from_every_other_door() -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-submit"))
    assert answer.status == 202
    assert answer.body == {"reference": REFERENCE, "received_at": "2026-11-23T10:00:00Z", "status": "received"}
    submission = Submission(
        types=(RequestType.ACCESS, RequestType.PORTABILITY),
        email="hanako.sato@example.jp",
        name="佐藤 花子",
        country="JP",
        language="ja",
        order_number="SO-2026-000123",
        details="注文とメールマガジンについて知りたいです。",
        door=Door.API,
    )
    assert log.calls == [("submit", (submission, "5f2c1d8e-6a53-4b0e-9a7d-0c1b2a394857"))]


@pytest.mark.parametrize(
    ("given", "types"),
    [
        ("access", ["access"]),
        (["portability"], ["portability"]),
        (["portability", "access"], ["portability", "access"]),
        *((kind.value, [kind.value]) for kind in RequestType),
    ],
)
def test_type_is_one_right_or_a_list_of_them(given: Any, types: list[str]) -> None:
    door, log = public_door()
    assert ask(door, submit(type=given)).status == 202
    assert [str(t) for t in log.calls[0][1][0].types] == types


@pytest.mark.parametrize("aim", [{"objects_to": "marketing"}, {"purposes": ["promotion"]}])
def test_against_advertising_nobody_has_to_give_a_reason(aim: dict[str, Any]) -> None:
    """GDPR 21(2)."""
    door, log = public_door()
    assert ask(door, submit(type="objection", details=None, aim=aim)).status == 202
    assert log.calls[-1][1][0].details is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"type": []}, ("type", "too_short")),
        ({"type": ["access", "access"]}, ("type", "invalid")),
        ({"type": ["access", "portability", "access"]}, ("type", "invalid")),
        ({"type": ["access", "erasure"]}, ("type", "ask_apart")),
        ({"type": ["erasure", "rectification"]}, ("type", "ask_apart")),
        ({"type": "rectification", "details": None}, ("details", "missing")),
        ({"type": "restriction", "details": None}, ("details", "missing")),
        ({"type": "objection", "details": None}, ("details", "missing")),
        ({"type": "objection", "details": "\u200b"}, ("details", "too_short")),
        ({"type": "objection", "details": None, "aim": {"objects_to": "other"}}, ("details", "missing")),
        (
            {
                "type": "objection",
                "details": None,
                "aim": {"objects_to": "marketing", "purposes": ["fraud_prevention"]},
            },
            ("details", "missing"),
        ),
        (
            {"type": "objection", "details": None, "aim": {"purposes": ["promotion", "fraud_prevention"]}},
            ("details", "missing"),
        ),
        ({"name": "\u200b\u2060"}, ("name", "too_short")),
        ({"country": "ZZ"}, ("country", "not_a_choice")),
        ({"country": "EU"}, ("country", "not_a_choice")),
        ({"country": "UK"}, ("country", "not_a_choice")),
        ({"region": "DE-BY"}, ("region", "not_a_choice")),
        ({"region": "JP-13"}, ("region", "not_a_choice")),
        ({"country": "DE", "region": "DE-XX"}, ("region", "not_a_choice")),
        ({"country": "DE", "region": "BY"}, ("region", "wrong_format")),
        ({"country": "ZZ", "region": "DE-BY"}, ("country", "not_a_choice")),
        ({"type": "erase"}, ("type.0", "not_a_choice")),
        ({"type": {"access": True}}, ("type", "wrong_type")),
        ({"email": "hanako@"}, ("email", "invalid")),
        ({"email": 5}, ("email", "wrong_type")),
        ({"email": "h" * 300 + "@example.jp"}, ("email", "too_long")),
        ({"name": " "}, ("name", "too_short")),
        ({"name": "Hanako\nBcc: a@example.com"}, ("name", "invalid")),
        ({"name": "Hanako\x1b[2J"}, ("name", "invalid")),
        ({"country": "Japan"}, ("country", "wrong_format")),
        ({"country": "jp"}, ("country", "wrong_format")),
        ({"language": "de"}, ("language", "not_a_choice")),
        ({"details": "x" * 601}, ("details", "too_long")),
        ({"details": "card 4111 1111 1111 1111"}, ("details", "sensitive_number")),
        ({"order_number": ""}, ("order_number", "too_short")),
        (
            {"type": "access", "aim": {"send_to": "https://take.example/in"}},
            ("aim.send_to", "not_for_this_right"),
        ),
        ({"type": "erasure", "aim": {"objects_to": "marketing"}}, ("aim.objects_to", "not_for_this_right")),
    ],
)
def test_a_field_that_does_not_fit_is_named_and_its_value_is_not(changes: Any, problem: tuple[str, str]) -> None:
    door, log = public_door()
    answer = ask(door, submit(**changes))
    assert (answer.status, answer.body["code"]) == (400, "invalid_input")
    assert [(e["field"], e["reason"]) for e in answer.body["errors"]] == [problem]
    assert "@example" not in answer.text
    assert [name for name, _ in log.calls if name != "offered"] == []


@pytest.mark.parametrize("region", ["DE-BW", "DE-BE", "DE-TH", None])
def test_who_lives_in_germany_may_say_in_which_land(region: str | None) -> None:
    door, log = public_door()
    assert ask(door, submit(country="DE", region=region)).status == 202
    assert log.calls[0][1][0].region == region


@pytest.mark.parametrize("country", ["US", "BR", "XK", "RE", "GB"])
def test_every_country_that_there_is_is_taken(country: str) -> None:
    door, log = public_door()
    assert ask(door, submit(country=country)).status == 202
    assert log.calls[0][1][0].country == country


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "too_short"),
        ("\u3000\u200b", "too_short"),
        ("x" * 2001, "too_long"),
        ("a\x07", "invalid"),
        (5, "wrong_type"),
    ],
)
def test_an_answer_is_a_text_of_some_length(text: Any, reason: str) -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-answer", body=json.dumps({"text": text})))
    assert answer.body["errors"] == [{"field": "text", "reason": reason}]
    assert [name for name, _ in log.calls] == ["authenticate"]


def test_an_answer_that_nobody_waits_for_is_a_conflict() -> None:
    door, log = public_door()
    log.fails["answer_question"] = NothingAskedError("no question is open")
    answer = ask(door, event("public_api-answer"))
    assert (answer.status, answer.body["code"]) == (409, "nothing_asked")


def test_all_wrong_fields_are_named_at_once() -> None:
    door, _ = public_door()
    answer = ask(door, event("public_api-submit", body="{}"))
    missing = {e["field"] for e in answer.body["errors"] if e["reason"] == "missing"}
    assert missing == {"type", "email", "name", "country", "language"}


@pytest.mark.parametrize("name", ["status", "verified_at", "due_at", "assignee", "door", "types", "request_id"])
def test_a51_a_field_too_many_is_refused_by_name(name: str) -> None:
    door, log = public_door()
    answer = ask(door, submit(**{name: "closed"}))
    assert answer.status == 400
    assert answer.body["errors"] == [{"field": name, "reason": "unknown_field"}]
    assert log.calls == []


@pytest.mark.parametrize("name", ["<script>", "a b", "名前", "x" * 41, "", "a\r\nSet-Cookie: b", "__proto__ "])
def test_a51_a_name_that_is_no_name_is_not_said_back(name: str) -> None:
    door, _ = public_door()
    answer = ask(door, submit(**{name: 1}))
    assert answer.body["errors"] == [{"field": "*", "reason": "unknown_field"}]


def test_a42_a_thousand_wrong_fields_get_a_short_answer() -> None:
    door, _ = public_door()
    answer = ask(door, submit(**{f"f{n}": n for n in range(1000)}))
    assert (answer.status, len(answer.body["errors"])) == (400, 20)


@pytest.mark.parametrize("key", ["short", "with space in the middle", "é" * 20, "x" * 129, ""])
def test_an_idempotency_key_is_long_and_plain(key: str) -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-submit", headers={"Idempotency-Key": key}))
    assert answer.body["errors"] == [{"field": "Idempotency-Key", "reason": "wrong_format"}]
    assert log.calls == []


def test_an_idempotency_key_is_not_needed() -> None:
    door, log = public_door()
    assert ask(door, event("public_api-submit", headers={"Idempotency-Key": None})).status == 202
    assert log.calls[0][1][1] is None


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer  two",
        "Basic dXNlcjpwdw==",
        "token",
        "Bearer a b",
        "Bearer ü",
        "Bearer a,",
    ],
)
@pytest.mark.parametrize("name", ["view", "download", "evidence", "answer", "erasure-confirmation", "withdraw"])
def test_without_one_bearer_token_nothing_is_asked(name: str, authorization: str | None) -> None:
    door, log = public_door()
    answer = ask(door, event(f"public_api-{name}", headers={"Authorization": authorization}))
    assert (answer.status, answer.body["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="rightsdesk"'
    assert log.calls == []


def test_a_token_of_any_length_is_not_tried() -> None:
    door, log = public_door()
    assert ask(door, event("public_api-view", headers={"Authorization": "Bearer " + "a" * 3000})).status == 401
    assert log.calls == []


def test_two_authorization_headers_are_none() -> None:
    door, log = public_door()
    asked = event("public_api-view")
    asked["multiValueHeaders"]["Authorization"].append("Bearer other")
    assert ask(door, asked).status == 401
    assert log.calls == []


def test_who_may_not_is_told_so_before_the_body_is_read() -> None:
    door, log = public_door()
    log.fails["authenticate"] = NotAuthenticatedError()
    assert ask(door, event("public_api-download", body="[", headers={"Content-Type": "text/plain"})).status == 401


def test_a22_a52_unknown_anothers_and_no_route_are_one_answer() -> None:
    answers = []
    for failing in ("authenticate", "view"):
        door, log = public_door()
        log.fails[failing] = NotFoundError(f"{failing}: the case of somebody else")
        answers.append(ask(door, event("public_api-view")))
    door, _ = public_door()
    answers.append(ask(door, event("public_api-view", path="/api/requests/RD-28T5-CY4G-M/letters")))
    assert {(a.status, a.text, tuple(a.headers.items())) for a in answers} == {
        (answers[0].status, answers[0].text, tuple(answers[0].headers.items()))
    }
    assert answers[0].body == {
        "type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found", "errors": [],
    }  # fmt: skip


def test_a15_a_token_that_is_not_ours_is_answered_like_one_that_is() -> None:
    answers = []
    for failure in ({}, {"disown": NotFoundError("no such link")}):
        door, log = public_door()
        log.fails |= failure
        answers.append(ask(door, event("public_api-not-mine")))
        assert log.calls == [("disown", (NOT_MINE,))]
    assert answers[0] == answers[1]


def test_a15_what_could_not_be_stopped_is_not_said_to_be() -> None:
    door, log = public_door()
    log.fails["disown"] = ServiceUnavailableError("the table")
    assert ask(door, event("public_api-not-mine")).status == 503


def test_a20_a_wrong_code_is_a_wrong_field() -> None:
    for name, use in (("verification", "verify"), ("session", "open_session")):
        door, log = public_door()
        log.fails[use] = InvalidInputError.of("code", "not_accepted")
        answer = ask(door, event(f"public_api-{name}"))
        assert answer.status == 400
        assert answer.body["errors"] == [{"field": "code", "reason": "not_accepted"}]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-HTTP-Method": "DELETE"},
        {"X-Method-Override": "DELETE"},
        {"X-Original-URL": "/staff/requests"},
        {"X-Rewrite-URL": "/staff/requests"},
        {"Cookie": "session=abc; __Host-rightsdesk=abc"},
        {"X-Forwarded-Host": "evil.example"},
    ],
)
def test_a53_override_headers_and_cookies_change_nothing(headers: dict[str, str]) -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-view", headers=headers))
    assert answer.status == 200
    assert [name for name, _ in log.calls] == ["authenticate", "view"]


def test_a53_a_cookie_is_no_token() -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-view", headers={"Authorization": None, "Cookie": f"token={TOKEN}"}))
    assert answer.status == 401
    assert log.calls == []


@pytest.mark.parametrize(
    "path",
    [
        "//api/requests/RD-28T5-CY4G-M",
        "/api//requests/RD-28T5-CY4G-M",
        "/API/requests/RD-28T5-CY4G-M",
        "/api/requests/RD-28T5-CY4G-M/../../staff",
        "/api/requests/%2e%2e/openapi.json",
        "/api/requests/a/b/c",
        "/staff/requests",
        "/",
        "",
    ],
)
def test_a53_a_path_that_is_not_one_of_ours_asks_the_desk_nothing_but_who_it_is(path: str) -> None:
    door, log = public_door()
    log.fails["authenticate"] = NotFoundError()
    assert ask(door, event("public_api-view", path=path)).status == 404
    assert {name for name, _ in log.calls} <= {"authenticate"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "get ", "DELETE"])
def test_a53_other_methods_are_not_served(method: str) -> None:
    door, log = public_door()
    assert ask(door, event("public_api-submit", httpMethod=method)).status == 404
    assert log.calls == []


@pytest.mark.parametrize("name", ["submit", "view", "openapi", "verification"])
def test_no_answer_is_stored_sniffed_framed_or_read_from_another_origin(name: str) -> None:
    door, _ = public_door()
    answer = ask(door, event(f"public_api-{name}", headers={"Origin": "https://evil.example"}))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not [name for name in answer.headers if name.startswith("Access-Control") or name == "Set-Cookie"]


def test_the_reference_is_passed_as_typed() -> None:
    door, log = public_door()
    ask(door, event("public_api-verification", path="/api/requests/rd 28t5 cy4g m/verification"))
    assert log.calls == [("verify", ("rd 28t5 cy4g m", "1234-5678"))]


@pytest.mark.parametrize("part", [0, -1, 1.0, "1", True, None, 10_001])
def test_a_part_is_a_whole_number_from_one(part: Any) -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-download", body=json.dumps({"part": part})))
    assert [e["field"] for e in answer.body["errors"]] == ["part"]
    assert [name for name, _ in log.calls] == ["authenticate"]


@pytest.mark.parametrize("body", [None, "", "{}", " \n"])
def test_the_first_part_is_meant_where_none_is_named(body: str | None) -> None:
    door, log = public_door()
    assert ask(door, event("public_api-download", body=body)).status == 200
    assert log.calls[-1] == ("download", (SESSION, 1))


def submit(**changes: Any) -> dict[str, Any]:
    sample = event("public_api-submit")
    return sample | {"body": json.dumps(json.loads(sample["body"]) | changes)}
