"""The door for machines that speak OpenDSR: what it takes, in which order it looks, and what it says."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    PeerUnavailableError,
    ServiceUnavailableError,
)
from rightsdesk.domain.opendsr import (
    Discovery,
    OpenDsrCallback,
    OpenDsrCancellation,
    OpenDsrReceipt,
    OpenDsrRequest,
    OpenDsrState,
    OpenDsrStatus,
    OpenDsrType,
    SupportedIdentity,
    encoded_content,
)
from rightsdesk.domain.opendsr_identities import IdentityFormat, IdentityType
from rightsdesk.web.opendsr_api import OpenDsrDesk, build_opendsr_api
from tests.unit.web.api.gateway import CONTEXT, event

OURS = "opendsr.shop.example"
ID = "a7551968-d5d6-44b2-9831-815ac9017798"
BY = datetime(2026, 12, 22, 14, 59, 59, tzinfo=UTC)
KEY = "8tZ0lq3vYw6nQm1pRs4uXx7zAb2cDe5f"


@dataclass
class Room:
    """A door with a desk that notes what it is asked. `fails`: what a call raises."""

    fails: dict[str, Exception] = field(default_factory=dict)
    log: list[tuple[Any, ...]] = field(default_factory=list)
    reported: list[Exception] = field(default_factory=list)

    def ask(self, name: str, **changes: Any) -> tuple[int, dict[str, str], Any]:
        answer = self._door().resolve(event(name, **changes), CONTEXT)
        headers = {header: ", ".join(values) for header, values in answer["multiValueHeaders"].items()}
        text = answer["body"]
        self.text = text
        return answer["statusCode"], headers, json.loads(text) if "json" in headers["Content-Type"] else text

    def _note(self, name: str, *asked: Any) -> None:
        self.log.append((name, *asked))
        if name in self.fails:
            raise self.fails[name]

    def _door(self) -> Any:
        def domain() -> str:
            if "domain" in self.fails:
                raise self.fails["domain"]
            return OURS

        def sign(content: bytes) -> bytes:
            self._note("sign", content)
            return b"signed " + content[:10]

        def discovery() -> Discovery:
            self._note("discovery")
            return Discovery(
                api_version="2.0",
                supported_identities=(
                    SupportedIdentity(identity_type=IdentityType.EMAIL, identity_format=IdentityFormat.RAW),
                ),
                supported_subject_request_types=(OpenDsrType.ACCESS,),
                processor_certificate=f"https://{OURS}/v1/certificate",
            )

        def admitted(key: str) -> str:
            self._note("admitted", key)
            if key != KEY:
                raise NotAuthenticatedError
            return "market"

        def take(name: str, request: OpenDsrRequest, content: bytes) -> OpenDsrReceipt:
            self._note("take", name, request, content)
            return OpenDsrReceipt(
                controller_id=name,
                expected_completion_time=BY,
                received_time=BY,
                encoded_request=encoded_content(content),
                subject_request_id=request.subject_request_id,
            )

        def state(name: str, subject_request_id: str) -> OpenDsrState:
            self._note("state", name, subject_request_id)
            return OpenDsrState(
                controller_id=name,
                expected_completion_time=BY,
                subject_request_id=ID,
                request_status=OpenDsrStatus.PENDING,
            )

        def cancel(name: str, subject_request_id: str) -> OpenDsrCancellation:
            self._note("cancel", name, subject_request_id)
            return OpenDsrCancellation(controller_id=name, received_time=BY, subject_request_id=ID)

        def require_known(domain: str | None) -> str:
            self._note("require_known", domain)
            return str(domain)

        def require_signed(domain: str, signature: bytes, content: bytes) -> None:
            self._note("require_signed", domain, signature, content)

        def take_callback(domain: str, callback: OpenDsrCallback) -> None:
            self._note("take_callback", domain, callback)

        desk = OpenDsrDesk(
            domain=domain,
            sign=sign,
            certificate=lambda: "-----BEGIN CERTIFICATE-----\n",
            discovery=discovery,
            admitted=admitted,
            take=take,
            state=state,
            cancel=cancel,
            require_known=require_known,
            require_signed=require_signed,
            take_callback=take_callback,
        )
        return build_opendsr_api(desk, report=lambda error, _: self.reported.append(error))

    @property
    def steps(self) -> list[str]:
        return [str(name) for name, *_ in self.log]


@pytest.fixture
def room() -> Room:
    return Room()


# What controllers ask


def test_a_request_is_taken_and_the_answer_signed_over_its_bytes(room: Room) -> None:
    sent = event("opendsr-request")["body"]
    status, headers, said = room.ask("opendsr-request")
    assert status == 201
    assert base64.b64decode(said["encoded_request"]).decode() == sent
    assert said["subject_request_id"] == ID
    assert said["expected_completion_time"] == "2026-12-22T14:59:59Z"
    assert room.steps == ["admitted", "take", "sign"]
    assert room.log[-1] == ("sign", room.text.encode())
    assert headers["X-OpenDSR-Processor-Domain"] == OURS
    assert base64.b64decode(headers["X-OpenDSR-Signature"]) == b"signed " + room.text.encode()[:10]
    assert headers["Cache-Control"] == "no-store"


def test_a_request_of_opengdpr_is_taken_and_answered_in_its_words(room: Room) -> None:
    status, headers, _ = room.ask("opendsr-legacy_request")
    assert status == 201
    assert room.log[1][2].regulation == "gdpr"
    assert {"X-OpenGDPR-Processor-Domain", "X-OpenGDPR-Signature"} <= headers.keys()
    assert "X-OpenDSR-Signature" not in headers
    path = "/v1/opengdpr_requests"
    assert room.ask("opendsr-legacy_request", path=path, resource=path)[0] == 201
    named = "/opengdpr_requests/{subject_request_id}"
    status, headers, _ = room.ask("opendsr-state", path=f"/opengdpr_requests/{ID}", resource=named)
    assert (status, "X-OpenGDPR-Signature" in headers) == (200, True)


def test_the_regulation_has_to_be_named_where_the_standard_says_so(room: Room) -> None:
    body = event("opendsr-legacy_request")["body"]
    status, _, said = room.ask("opendsr-request", body=body)
    assert status == 400
    assert said == {
        "error": {
            "code": 400,
            "message": "Bad Request",
            "errors": [
                {"domain": "Validation", "reason": "IllegalArgumentException", "message": "regulation: missing"}
            ],
        }
    }


def test_the_state_has_an_alias_and_a_request_can_be_taken_back(room: Room) -> None:
    assert room.ask("opendsr-state")[::2] == (
        200,
        {
            "controller_id": "market",
            "expected_completion_time": "2026-12-22T14:59:59Z",
            "subject_request_id": ID,
            "request_status": "pending",
        },
    )
    alias = {"path": f"/v1/status/{ID}", "resource": "/v1/status/{subject_request_id}"}
    assert room.ask("opendsr-state", **alias)[0] == 200
    assert room.ask("opendsr-cancel")[0] == 202
    assert [entry for entry in room.log if entry[0] in ("state", "cancel")] == [
        ("state", "market", ID),
        ("state", "market", ID),
        ("cancel", "market", ID),
    ]


@pytest.mark.parametrize("name", ["opendsr-request", "opendsr-legacy_request", "opendsr-state", "opendsr-cancel"])
@pytest.mark.parametrize("authorization", [None, "Bearer wrong-key-wrong-key-wrong-key-wrong", f"Basic {KEY}", KEY])
def test_without_its_key_a_controller_is_not_listened_to(name: str, authorization: str | None, room: Room) -> None:
    status, headers, said = room.ask(name, headers={"Authorization": authorization})
    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert said["error"]["errors"][0]["reason"] == "not_authenticated"
    assert set(room.steps) <= {"admitted"}


def test_who_has_no_key_learns_nothing_of_how_a_body_is_read(room: Room) -> None:
    assert room.ask("opendsr-request", headers={"Authorization": None}, body="{")[0] == 401


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInputError.of("subject_identities.0.identity_type", "not_supported"), 400),
        (ConflictError("too late"), 400),
        (NotFoundError("none"), 404),
        (ServiceUnavailableError("table"), 503),
        (RuntimeError("of hanako.sato@example.jp"), 500),
    ],
)
def test_errors_are_in_the_form_of_the_standard_and_name_nobody(error: Exception, status: int, room: Room) -> None:
    room.fails = {"take": error}
    found, headers, said = room.ask("opendsr-request")
    assert (found, said["error"]["code"]) == (status, status)
    assert "hanako" not in room.text
    assert ("Retry-After" in headers) == (status >= 500)
    assert room.reported == ([error] if status >= 500 else [])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"headers": {"Content-Type": "text/plain"}}, 415),
        ({"headers": {"Content-Type": "application/json; charset=utf-7"}}, 415),
        ({"headers": {"Content-Encoding": "gzip"}}, 415),
        ({"body": "x" * 70_000}, 413),
        ({"body": "[]"}, 400),
        ({"body": '{"regulation": "gdpr", "regulation": "ccpa"}'}, 400),
        ({"body": "not base64!", "isBase64Encoded": True}, 400),
        ({"version": "2.0", "httpMethod": None}, 500),
        ({"path": "/v1/nothing"}, 404),
        ({"httpMethod": "PUT"}, 404),
    ],
)
def test_a46_what_is_no_json_of_its_route_is_refused(changes: dict[str, Any], status: int, room: Room) -> None:
    found, _, said = room.ask("opendsr-request", **changes)
    assert (found, said["error"]["code"]) == (status, status)
    assert "take" not in room.steps


def test_discovery_and_certificate_need_no_key(room: Room) -> None:
    status, headers, said = room.ask("opendsr-discovery")
    assert (status, said["api_version"]) == (200, "2.0")
    assert "X-OpenDSR-Signature" not in headers
    status, headers, text = room.ask("opendsr-certificate")
    assert (status, headers["Content-Type"]) == (200, "application/x-pem-file")
    assert text.startswith("-----BEGIN CERTIFICATE-----")


def test_where_nothing_is_taken_over_opendsr_there_is_no_such_door(room: Room) -> None:
    nothing = NotFoundError("no OpenDSR here")
    room.fails = {"domain": nothing, "discovery": nothing, "admitted": nothing}
    for name in ("discovery", "certificate", "request", "state", "cancel"):
        assert room.ask(f"opendsr-{name}")[0] == 404


def test_until_there_is_a_certificate_all_that_is_signed_is_answered_with_503(room: Room) -> None:
    nothing = ServiceUnavailableError("no certificate")
    room.fails = {"domain": nothing, "discovery": nothing, "admitted": nothing}
    for name in ("discovery", "certificate", "request", "state", "cancel"):
        status, headers, said = room.ask(f"opendsr-{name}")
        assert (status, said["error"]["code"], headers["Retry-After"]) == (503, 503, "60")
    assert "take" not in room.steps


def test_who_names_nobody_hears_which_field_is_missing(room: Room) -> None:
    body = json.loads(event("opendsr-request")["body"]) | {"subject_identities": []}
    status, _, said = room.ask("opendsr-request", body=json.dumps(body))
    (problem,) = said["error"]["errors"]
    assert (status, problem["message"]) == (400, "subject_identities: missing")


# Being called back


def test_a_callback_is_looked_at_in_the_order_of_the_standard(room: Room) -> None:
    status, _, said = room.ask("opendsr-callback")
    assert (status, said) == (202, {})
    assert room.steps == ["require_known", "require_signed", "take_callback"]
    body = event("opendsr-callback")["body"].encode()
    assert room.log[0] == ("require_known", "opendsr.processor.example")
    assert room.log[1] == ("require_signed", "opendsr.processor.example", b"signature", body)


@pytest.mark.parametrize(
    ("changes", "fails", "status", "steps"),
    [
        ({}, {"require_known": NotAuthenticatedError()}, 401, ["require_known"]),
        ({"headers": {"X-OpenDSR-Signature": None}}, {}, 400, ["require_known"]),
        ({"headers": {"X-OpenDSR-Signature": "no base64!"}}, {}, 400, ["require_known"]),
        ({}, {"require_signed": NotAuthenticatedError()}, 401, ["require_known", "require_signed"]),
        (
            {"body": "{"},  # not even read
            {"require_signed": InvalidInputError.of("X-OpenDSR-Signature", "wrong")},
            400,
            ["require_known", "require_signed"],
        ),
        ({}, {"require_signed": PeerUnavailableError()}, 503, ["require_known", "require_signed"]),
        ({"body": "{"}, {}, 400, ["require_known", "require_signed"]),
        ({"body": '{"request_status": "completed"}'}, {}, 400, ["require_known", "require_signed"]),
        ({}, {"take_callback": InvalidInputError.of("status_callback_url", "not_ours")}, 400, None),
        ({}, {"take_callback": NotFoundError()}, 404, None),
    ],
)
def test_the_first_check_that_fails_ends_it(
    changes: dict[str, Any], fails: dict[str, Exception], status: int, steps: list[str] | None, room: Room
) -> None:
    room.fails = fails
    assert room.ask("opendsr-callback", **changes)[0] == status
    assert room.steps == (steps or ["require_known", "require_signed", "take_callback"])
    assert room.reported == []


def test_the_headers_of_opengdpr_are_known_as_well_and_never_mixed(room: Room) -> None:
    old = {"X-OpenGDPR-Processor-Domain": "old.example", "X-OpenGDPR-Signature": "b2xk"}
    assert room.ask("opendsr-callback", headers=old)[0] == 202
    assert room.log[1][1:3] == ("opendsr.processor.example", b"signature")  # the newer ones count
    gone = {"X-OpenDSR-Processor-Domain": None, "X-OpenDSR-Signature": None}
    room.log.clear()
    assert room.ask("opendsr-callback", headers=gone | old)[0] == 202
    assert room.log[1][1:3] == ("old.example", b"old")


def test_a_header_that_came_twice_names_nobody(room: Room) -> None:
    sample = event("opendsr-callback")
    twice = sample["multiValueHeaders"] | {"X-OpenDSR-Processor-Domain": ["a.example", "b.example"]}
    room.ask("opendsr-callback", multiValueHeaders=twice)
    assert room.log[0] == ("require_known", None)
