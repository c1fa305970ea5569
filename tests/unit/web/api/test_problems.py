import re
from datetime import timedelta
from http import HTTPStatus

import pytest

from rightsdesk.domain import errors
from rightsdesk.domain.errors import (
    AccessGoesFirstError,
    CaseClosedError,
    ConflictError,
    GoneError,
    IncompleteCollectionError,
    InvalidInputError,
    MailRejectedError,
    MerchantFileError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    OnHoldError,
    ServiceUnavailableError,
    SourceUnavailableError,
    TooManyAttemptsError,
)
from rightsdesk.web.problems import status_of
from tests.unit.web.api.desks import NOW
from tests.unit.web.api.gateway import CONTEXT, ask, event, public_door, staff_door

SECRET = "hanako.sato@example.jp"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidInputError.of("code", "not_accepted"), 400, "invalid_input"),
        (NotAuthenticatedError(SECRET), 401, "not_authenticated"),
        (NotAllowedError(SECRET), 403, "not_allowed"),
        (NotFoundError(SECRET), 404, "not_found"),
        (ConflictError(SECRET), 409, "conflict"),
        (MailRejectedError(SECRET), 409, "mail_rejected"),
        (CaseClosedError(SECRET), 409, "case_closed"),
        (GoneError("download_window_ended"), 410, "download_window_ended"),
        (GoneError("download_limit_reached"), 410, "download_limit_reached"),
        (TooManyAttemptsError(NOW + timedelta(seconds=90)), 429, "too_many_attempts"),
        (ServiceUnavailableError(SECRET), 503, "service_unavailable"),
        (SourceUnavailableError(SECRET), 503, "source_unavailable"),
        (MerchantFileError(SECRET), 500, "merchant_file"),
        (IncompleteCollectionError(["shop"]), 500, "incomplete_collection"),
        (ValueError(SECRET), 500, "unexpected"),
        (KeyError(SECRET), 500, "unexpected"),
        (RecursionError(SECRET), 500, "unexpected"),
    ],
)
def test_each_error_has_one_status_and_says_nothing_of_what_was_in_it(error: Exception, status: int, code: str) -> None:
    door, log = public_door()
    log.fails["download"] = error
    answer = ask(door, event("public_api-download"))
    assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code)
    assert answer.body["title"] == HTTPStatus(status).phrase
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert SECRET not in str(answer)


@pytest.mark.parametrize(
    ("error", "code", "detail"),
    [
        (AccessGoesFirstError("RD-28T5-CY4G-M"), "access_goes_first", "RD-28T5-CY4G-M"),
        (OnHoldError("open_dispute"), "on_hold", "open_dispute"),
    ],
)
def test_what_bars_an_erasure_is_named(error: Exception, code: str, detail: str) -> None:
    door, log = staff_door()
    log.fails["approve_erasure"] = error
    answer = ask(door, event("staff_api-erasure-approval"))
    assert (answer.status, answer.body["code"], answer.body["detail"]) == (409, code, detail)


def test_a_fault_of_ours_rings_and_gives_a_reference_to_quote() -> None:
    door, log = public_door()
    error = ZeroDivisionError("of hanako@example.jp")
    log.fails["view"] = error
    answer = ask(door, event("public_api-view"))
    assert log.faults == [(error, CONTEXT.aws_request_id)]
    assert answer.body["request_id"] == CONTEXT.aws_request_id


def test_what_a_caller_got_wrong_does_not_ring() -> None:
    door, log = public_door()
    log.fails["view"] = NotFoundError()
    answer = ask(door, event("public_api-view"))
    assert log.faults == []
    assert "request_id" not in answer.body


@pytest.mark.parametrize(("seconds", "header"), [(90, "90"), (0.2, "1"), (1.5, "2"), (0, "1"), (-60, "1")])
def test_too_often_says_when_to_come_back(seconds: float, header: str) -> None:
    door, log = public_door()
    log.fails["send_code"] = TooManyAttemptsError(NOW + timedelta(seconds=seconds))
    assert ask(door, event("public_api-access-code")).headers["Retry-After"] == header


def test_out_of_service_says_when_to_come_back() -> None:
    door, log = public_door()
    log.fails["send_code"] = ServiceUnavailableError()
    answer = ask(door, event("public_api-access-code"))
    assert int(answer.headers["Retry-After"]) > 0
    assert len(log.faults) == 1


def test_the_statuses_are_those_that_the_error_tree_states() -> None:
    stated = dict(re.findall(r"(\w+Error) .* (\d{3})$", str(errors.__doc__), re.MULTILINE))
    assert len(stated) >= 8
    assert {name: int(status_of(getattr(errors, name))) for name in stated} == {
        name: int(status) for name, status in stated.items()
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"version": "2.0", "routeKey": "POST /api/requests", "rawPath": "/api/requests",
         "requestContext": {"http": {"method": "POST", "path": "/api/requests"}}, "isBase64Encoded": False},
        {"httpMethod": "GET", "path": "/", "requestContext": {"elb": {"targetGroupArn": "arn:aws:elb"}}},
        {"httpMethod": None, "path": "/", "requestContext": {}},
        {"httpMethod": "GET", "path": "/"},
        {},
        {"Records": []},
        [],
        None,
    ],
)  # fmt: skip
def test_a46_an_event_of_another_kind_is_a_fault_in_the_wiring_and_rings(asked: object) -> None:
    door, log = public_door()
    answer = ask(door, asked)  # type: ignore[arg-type]
    assert (answer.status, answer.body["code"]) == (500, "unsupported_event")
    assert len(log.faults) == 1


def test_what_breaks_outside_a_route_is_answered_too() -> None:
    door, log = public_door()
    answer = ask(door, event("public_api-view", multiValueHeaders={"accept-encoding": [None]}, headers={}))
    assert answer.status in {401, 500}
    assert all(isinstance(error, Exception) for error, _ in log.faults)
