"""The door of the shop: signed calls only, exact answers, and no value of a question in any answer."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.provision_gate import ProvisionAnswer, ProvisionAnswers, ProvisionQuestion, ProvisionReason
from rightsdesk.domain.suppression import KEY_PURPOSE, Suppression, SuppressionAnswer, suppressions
from rightsdesk.services.check_suppression import check_suppression
from tests.support.fakes import FakeKeyring, FakeSuppressions, Faults
from tests.unit.web.api.gateway import Answer, ask, event, shop_door

KINDS = frozenset({"email", "member_id", "linked_account"})
ERASED = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
EMAIL = {"kind": "email", "value": "hanako.sato@example.jp"}
LINE = {"kind": "linked_account", "value": "line:U4af4980629"}
OTHER = {"kind": "email", "value": "other@example.jp"}


def entries(*values: tuple[str, str], at: datetime = ERASED) -> tuple[Suppression, ...]:
    key = FakeKeyring().key(KEY_PURPOSE)
    return suppressions(values, key=key, request_id="r" * 32, reference="RD-7K3M-9QXD-W", at=at)


def asked(*identifiers: Any, kept: Sequence[Suppression] = ()) -> Answer:
    store = FakeSuppressions(Faults())
    store.put(kept)

    def check(given: Sequence[tuple[str, str]]) -> SuppressionAnswer:
        return check_suppression(given, suppressions=store, keys=FakeKeyring(), kinds=KINDS)

    door, _ = shop_door(check)
    return ask(door, event("shop_api-suppressions", body=json.dumps({"identifiers": identifiers})))


def test_who_was_erased_is_recognised_however_the_address_is_written() -> None:
    kept = entries(("email", "Hanako.Sato@EXAMPLE.jp"))
    answer = asked(EMAIL, kept=kept)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.body == {
        "suppressed": True,
        "since": "2026-11-29",
        "identifiers": [{"kind": "email", "suppressed": True, "since": "2026-11-29"}],
    }


def test_each_identifier_is_answered_in_the_order_of_the_question() -> None:
    kept = entries(("linked_account", LINE["value"]))
    answer = asked(OTHER, LINE, EMAIL, kept=kept)
    assert [one["suppressed"] for one in answer.body["identifiers"]] == [False, True, False]
    assert (answer.body["suppressed"], answer.body["since"]) == (True, "2026-11-29")


def test_of_two_erasures_the_last_day_is_told() -> None:
    later = datetime(2027, 3, 1, tzinfo=UTC)
    answer = asked(EMAIL, kept=[*entries(("email", EMAIL["value"]), at=later), *entries(("email", EMAIL["value"]))])
    assert answer.body["since"] == "2027-03-01"


def test_who_was_not_erased_is_not_on_the_list() -> None:
    answer = asked(EMAIL, LINE)
    assert (answer.body["suppressed"], answer.body["since"]) == (False, None)


@pytest.mark.parametrize(
    ("identifiers", "field", "reason"),
    [
        ([EMAIL, {"kind": "fingerprint", "value": "canary-value"}], "identifiers.1.kind", "not_a_choice"),
        ([{"kind": "order_id", "value": "canary-value"}], "identifiers.0.kind", "not_a_choice"),
        ([{"kind": "email", "value": "canary-value"}], "identifiers.0.value", "wrong_format"),
        ([{"kind": "Email", "value": "canary@example.jp"}], "identifiers.0.kind", "wrong_format"),
        ([{"kind": "email"}], "identifiers.0.value", "missing"),
        ([{"kind": "member_id", "value": ""}], "identifiers.0.value", "too_short"),
        ([{"kind": "member_id", "value": 7}], "identifiers.0.value", "wrong_type"),
        ([{"kind": "member_id", "value": "canary" * 60}], "identifiers.0.value", "too_long"),
        ([{**EMAIL, "name": "canary"}], "identifiers.0.name", "unknown_field"),
        ([], "identifiers", "too_short"),
        ([EMAIL] * 11, "identifiers", "too_long"),
    ],
)
def test_what_does_not_fit_is_named_and_its_value_is_not(identifiers: list[Any], field: str, reason: str) -> None:
    answer = asked(*identifiers)
    assert answer.status == 400
    assert {"field": field, "reason": reason} in answer.body["errors"]
    assert "canary" not in answer.text
    assert "hanako" not in answer.text


def test_a_call_whose_signature_nobody_verified_is_refused() -> None:
    sample = event("shop_api-suppressions")
    del sample["requestContext"]["identity"]["userArn"]
    door, _ = shop_door()
    answer = ask(door, sample)
    assert (answer.status, answer.body["code"]) == (403, "not_allowed")


_plain = st.none() | st.booleans() | st.integers() | st.text()
_identifiers = st.lists(st.fixed_dictionaries({"kind": st.sampled_from(sorted(KINDS)) | _plain, "value": _plain}))


@given(_identifiers | st.recursive(_plain, lambda children: st.lists(children) | st.dictionaries(st.text(), children)))
@settings(deadline=None)  # the machine may be busy
def test_whatever_comes_is_answered_and_is_no_fault_of_ours(body: Any) -> None:
    for sent in ({"identifiers": body}, body):
        door, log = shop_door()
        assert ask(door, event("shop_api-suppressions", body=json.dumps(sent))).status in (200, 400)
        assert log.faults == []


def provisions(body: Any, *, name: str = "shop_api-provisions") -> tuple[Answer, list[Any]]:
    """The answer, and what the gate was asked."""
    seen: list[Any] = []

    def gate(question: ProvisionQuestion, subjects: Sequence[Any], cells: Sequence[int] = ()) -> ProvisionAnswers:
        seen.append((question, [list(subject) for subject in subjects], list(cells)))
        yes = ProvisionAnswer(
            allowed=True, reason=ProvisionReason.GROUND, rule="APPI-27-5", record_id=f"{len(subjects):032x}"
        )
        return ProvisionAnswers(allowed=True, answers=(yes,) * (len(subjects) or 1))

    door, _ = shop_door(provide=gate, receive=gate)
    return ask(door, event(name, body=json.dumps(body))), seen


def to_mail_service(**changes: Any) -> dict[str, Any]:
    return {
        "recipient": "mail_service",
        "purpose": "service",
        "ground": "service_necessity",
        "items": ["contact"],
        "subjects": [{"identifiers": [EMAIL]}],
    } | changes


def test_what_is_to_go_to_whom_reaches_the_gate_with_who_asks() -> None:
    answer, seen = provisions(to_mail_service(id="orders-1"))
    assert (answer.status, answer.body["allowed"]) == (200, True)
    assert answer.body["answers"] == [
        {"allowed": True, "reason": "ground", "rule": "APPI-27-5", "since": None, "record_id": f"{1:032x}"}
    ]
    ((question, subjects, cells),) = seen
    assert (question.asked_by, question.call) == ("arn:aws:iam::123456789012:user/shop", "orders-1")
    assert (subjects, cells) == ([[("email", EMAIL["value"])]], [])


def test_statistics_have_cells_in_place_of_people() -> None:
    answer, seen = provisions(to_mail_service(ground="statistics", subjects=[], cells=[12, 40]))
    assert answer.status == 200
    assert seen[0][1:] == ([], [12, 40])


def test_what_is_received_is_asked_on_a_path_of_its_own() -> None:
    answer, seen = provisions(to_mail_service(), name="shop_api-provisions_received")
    assert (answer.status, len(seen)) == (200, 1)
    answer, seen = provisions(to_mail_service(cells=[12]), name="shop_api-provisions_received")
    assert (answer.status, seen) == (400, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "Mail Service"},
        {"ground": ""},
        {"items": []},
        {"items": ["contact"] * 51},
        {"subjects": [{"identifiers": []}]},
        {"subjects": [{"identifiers": [EMAIL] * 5}]},
        {"subjects": [{"identifiers": [EMAIL]}] * 101},
        {"cells": [-1]},
        {"cells": ["12"]},
        {"id": "a b"},
        {"surprise": True},
    ],
)
def test_a_question_that_can_not_be_read_is_refused_by_field_and_never_repeated(changes: dict[str, Any]) -> None:
    answer, seen = provisions(to_mail_service(**changes))
    assert (answer.status, seen) == (400, [])
    assert answer.body["errors"][0]["field"].startswith(next(iter(changes)))
    assert EMAIL["value"] not in answer.text


def test_a_hundred_people_fit_into_one_call() -> None:
    subjects = [
        {"identifiers": [{"kind": "email", "value": f"person.number.{number}@example.jp"}, LINE]}
        for number in range(100)
    ]
    answer, seen = provisions(to_mail_service(subjects=subjects))
    assert (answer.status, len(seen[0][1])) == (200, 100)


@pytest.mark.parametrize("name", ["shop_api-provisions", "shop_api-provisions_received"])
def test_nothing_goes_or_comes_unsigned(name: str) -> None:
    unsigned = event(name)
    unsigned["requestContext"]["identity"].pop("userArn")
    door, _ = shop_door()
    assert ask(door, unsigned).status == 403
