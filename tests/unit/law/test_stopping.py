"""What a request stops at once, and what it stops until somebody has decided: by right, law, and what was named."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.permission import Standing, Terms, permitted
from rightsdesk.domain.request import Aim, RequestType
from rightsdesk.law.permission_terms import terms_of
from rightsdesk.law.rules import RULES
from rightsdesk.law.stopping import stops_of
from tests.support.cases import new_case
from tests.unit.export.package_of_a_shop import datamap

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
LAWS = [("gdpr",), ("appi",), ("gdpr", "appi"), ("promise",)]
TERMS: Terms = terms_of(datamap())


def made(kind: RequestType, laws: tuple[str, ...] = ("gdpr", "appi"), **aim: Any) -> Standing:
    """What is on record of somebody who asked for this, and for nothing before."""
    case, _ = new_case(types=(kind,))
    case = case.model_copy(
        update={"due": case.due.model_copy(update={"laws": laws}), "aim": Aim(**aim) if aim else None}
    )
    standing = Standing(digest="d" * 64)
    for stop in stops_of(case, TERMS, at=AT):
        standing = standing.with_stop(stop)
    return standing


def allowed(standing: Standing) -> set[str]:
    return {purpose for purpose in TERMS.purposes if permitted(standing, TERMS, at=AT, purpose=purpose).allowed}


def rules(standing: Standing) -> list[tuple[str, bool]]:
    return [(stop.rule, stop.provisional) for stop in standing.stops]


BEFORE = {"verification", "service", "service_notices", "catalogue", "promotion", "fraud_prevention", "platform"}


def test_before_anything_was_asked_what_needs_no_consent_is_allowed() -> None:
    assert allowed(Standing(digest="d")) == BEFORE


@pytest.mark.parametrize(
    ("kind", "aim", "stopped", "expected"),
    [
        ("objection", {"objects_to": "marketing"}, {"catalogue", "promotion"}, [("GDPR-21-3", False)]),
        ("objection", {"objects_to": "other"}, {"fraud_prevention", "platform"}, [("GDPR-18-1", True)]),
        ("objection", {"purposes": ("catalogue",)}, {"catalogue"}, [("GDPR-21-3", False)]),
        ("objection", {"purposes": ("platform",)}, {"platform"}, [("GDPR-18-1", True)]),
        (
            *("objection", {}),
            {"catalogue", "promotion", "fraud_prevention", "platform"},
            [("GDPR-21-3", False), ("GDPR-18-1", True)],
        ),
        ("restriction", {"ground": "accuracy"}, BEFORE - {"verification"}, [("GDPR-18-1", True)]),
        ("restriction", {"purposes": ("promotion",)}, {"promotion"}, [("GDPR-18-1", True)]),
        ("rectification", {"meanwhile": True}, BEFORE - {"verification"}, [("GDPR-18-1", True)]),
        ("rectification", {}, set(), []),
        ("consent_withdrawal", {}, set(), [("GDPR-7-3", False)]),
        ("stop_provision", {}, set(), [("APPI-35-3", True)]),
        ("access", {}, set(), []),
        ("erasure", {}, set(), []),
    ],
)
def test_what_is_stopped_when_it_is_verified(
    kind: str, aim: dict[str, Any], stopped: set[str], expected: list[tuple[str, bool]]
) -> None:
    standing = made(RequestType(kind), **aim)
    assert BEFORE - allowed(standing) == stopped
    assert rules(standing) == expected


def test_a_withdrawal_reaches_what_was_named_and_else_every_consent() -> None:
    (everything,) = made(RequestType.CONSENT_WITHDRAWAL).stops
    assert set(everything.purposes) == {"newsletter", "surveys"}
    (one,) = made(RequestType.CONSENT_WITHDRAWAL, purposes=("surveys", "service")).stops
    assert one.purposes == ("surveys",), "service is no consent: there is nothing to withdraw"


def test_a_stop_of_provision_lets_the_parcel_come_unless_the_courier_is_named() -> None:
    def handed(standing: Standing, purpose: str, recipient: str) -> bool:
        return permitted(standing, TERMS, at=AT, purpose=purpose, recipient=recipient).allowed

    everybody = made(RequestType.STOP_PROVISION)
    assert handed(everybody, "service", "carrier")
    assert not handed(everybody, "fraud_prevention", "payment_gateway")
    assert handed(everybody, "service", "commerce_platform"), "a processor is no third party"
    assert not handed(made(RequestType.STOP_PROVISION, recipients=("carrier",)), "service", "carrier")


@pytest.mark.parametrize(
    ("kind", "laws", "rule"),
    [
        ("restriction", ("appi",), "APPI-35-1"),
        ("restriction", ("gdpr", "appi"), "GDPR-18-1"),
        ("objection", ("appi",), "POLICY-PROMISED-RIGHTS"),
        ("consent_withdrawal", ("promise",), "POLICY-PROMISED-RIGHTS"),
        ("stop_provision", ("gdpr",), "POLICY-PROMISED-RIGHTS"),
        ("stop_provision", ("gdpr", "appi"), "APPI-35-3"),
    ],
)
def test_the_rule_is_of_a_law_that_holds_for_the_case(kind: str, laws: tuple[str, ...], rule: str) -> None:
    assert {stop.rule for stop in made(RequestType(kind), laws).stops} == {rule}


named = st.lists(st.sampled_from([*TERMS.purposes, "unknown"]), max_size=4, unique=True)


@given(st.sampled_from(RequestType), st.sampled_from(LAWS), named)
def test_no_request_allows_what_was_not_allowed_before(
    kind: RequestType, laws: tuple[str, ...], purposes: list[str]
) -> None:
    standing = made(kind, laws, purposes=tuple(purposes))
    assert allowed(standing) <= BEFORE
    assert all(stop.rule in RULES for stop in standing.stops)


@given(st.sampled_from(LAWS), st.lists(st.sampled_from(["newsletter", "catalogue", "promotion"]), max_size=3))
def test_marketing_that_is_objected_to_is_never_provisional(laws: tuple[str, ...], purposes: list[str]) -> None:
    standing = made(RequestType.OBJECTION, laws, objects_to="marketing", purposes=tuple(purposes))
    assert standing.stops
    assert not any(stop.provisional for stop in standing.stops)
