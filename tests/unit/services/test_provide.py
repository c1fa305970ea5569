"""Asking the gate: a record before each yes, none for a no, and the person who asks later finds it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.errors import InvalidInputError, ServiceUnavailableError
from rightsdesk.domain.identifier_digest import identifier_digest, identifier_digests
from rightsdesk.domain.permission import KEY_PURPOSE as KEY_OF_PERMISSIONS
from rightsdesk.domain.permission import Consent, Standing, Stop, StopKind
from rightsdesk.domain.provision import KEY_PURPOSE
from rightsdesk.domain.provision_gate import ProvisionQuestion
from rightsdesk.domain.request import RequestType
from rightsdesk.law.provision_terms import provision_terms_of
from rightsdesk.services.provide import ProvisionGate
from tests.support.desk import JANE, JANES_MEMBER_ID, Desk
from tests.support.fake_provisions import FakeProvisionLedger
from tests.support.fake_subject_desk import MovableClock
from tests.support.fakes import FakeKeyring, FakePermissions, Faults, How
from tests.unit.export.package_of_a_shop import datamap
from tests.unit.services.test_answers_without_a_copy import package

KINDS = frozenset({"email", "member_id"})
JANE_BY_MAIL = (("email", JANE),)
TERMS = provision_terms_of(datamap())


class Shop:
    """The gate over fakes."""

    def __init__(self, desk: Desk | None = None) -> None:
        self.faults = desk.faults if desk else Faults()
        self.keys = FakeKeyring()
        self.permissions = FakePermissions(self.faults)
        self.ledger = desk.provisions if desk else FakeProvisionLedger(self.faults)
        self.ledger.standings = self.permissions.standings
        self._calls = iter(range(1_000_000))
        self.gate = ProvisionGate(
            permissions=self.permissions,
            provisions=self.ledger,
            keys=self.keys,
            kinds=KINDS,
            terms=lambda: TERMS,
            minimum_cell_size=lambda: 10,
            new_call=lambda: str(next(self._calls)),
            clock=desk.clock if desk else MovableClock(),
        )

    def standing(self, kind: str, value: str, *, stop: StopKind | None = None, consents: Sequence[str] = ()) -> None:
        digest = identifier_digest(self.keys.key(KEY_OF_PERMISSIONS), kind, value)
        clock = MovableClock()
        stops = (Stop(id="r", kind=stop, rule="GDPR-18-2", since=clock()),) if stop else ()
        given = {p: Consent(record_id="c", given_at=clock(), recipients=("carrier",)) for p in consents}
        self.permissions.standings[digest] = Standing(digest=digest, stops=stops, consents=given, version=1)

    def records(self, kind: str, value: str) -> int:
        return len(self.ledger.of_person(identifier_digests(self.keys.key(KEY_PURPOSE), [(kind, value)])))


def question(**changes: Any) -> ProvisionQuestion:
    values: dict[str, Any] = {
        "recipient": "mail_service",
        "purpose": "service",
        "ground": "service_necessity",
        "items": ("contact",),
        "asked_by": "arn:aws:iam::1:role/shop",
    }
    return ProvisionQuestion(**(values | changes))


def test_each_person_has_an_answer_of_their_own_and_only_a_yes_a_record() -> None:
    shop = Shop()
    shop.standing("email", "stopped@example.com", stop=StopKind.RESTRICTED)
    said = shop.gate.ask(question(), [JANE_BY_MAIL, (("email", "stopped@example.com"),), (("member_id", "M-9"),)])
    assert [(answer.allowed, answer.reason) for answer in said.answers] == [
        (True, "ground"),
        (False, "restricted"),
        (True, "ground"),
    ]
    assert not said.allowed
    assert [bool(answer.record_id) for answer in said.answers] == [True, False, True]
    assert (shop.records("email", JANE), shop.records("email", "stopped@example.com")) == (1, 0)


def test_the_record_says_what_was_asked_and_holds_no_value() -> None:
    shop = Shop()
    shop.standing("member_id", "M-1", consents=["service"])
    asked = question(recipient="carrier", ground="consent", items=("delivery", "shop/members.phone", "delivery"))
    (answer,) = shop.gate.ask(asked, [(("email", JANE), ("member_id", "M-1"))]).answers
    (record,) = shop.ledger.of_person(identifier_digests(shop.keys.key(KEY_PURPOSE), [("member_id", "M-1")]))
    assert (record.record_id, record.party, record.party_name.en[:7]) == (answer.record_id, "carrier", "Tsubame")
    assert (record.items, record.ground, record.rule) == (("delivery", "shop/members.phone"), "consent", "APPI-27-1")
    assert record.consent_since == answer.since is not None
    assert (record.asked_by, record.datamap_version) == ("arn:aws:iam::1:role/shop", datamap().version)
    assert JANE not in record.model_dump_json()
    assert shop.records("email", JANE) == 1


@pytest.mark.parametrize("how", [How.UNAVAILABLE, How.ANSWER_LOST])
def test_no_yes_without_a_record(how: How) -> None:
    shop = Shop()
    shop.faults.fail(1, how)  # after the reading of the register
    with pytest.raises(ServiceUnavailableError):
        shop.gate.ask(question(call="today"), [JANE_BY_MAIL])
    (answer,) = shop.gate.ask(question(call="today"), [JANE_BY_MAIL]).answers
    assert answer.allowed
    assert shop.records("email", JANE) == 1, "the same call again is the same provision"


def test_while_the_register_can_not_be_asked_nothing_goes() -> None:
    shop = Shop()
    shop.faults.fail(0, How.UNAVAILABLE)
    with pytest.raises(ServiceUnavailableError):
        shop.gate.ask(question(), [JANE_BY_MAIL])
    assert shop.records("email", JANE) == 0


def test_calls_without_a_name_are_provisions_of_their_own() -> None:
    shop = Shop()
    for _ in range(2):
        shop.gate.ask(question(), [JANE_BY_MAIL])
    assert shop.records("email", JANE) == 2


def test_statistics_are_recorded_without_a_person() -> None:
    shop = Shop()
    assert not shop.gate.ask(question(ground="statistics"), [], [12, 9]).allowed
    said = shop.gate.ask(question(ground="statistics"), [], [12, 10, 900])
    assert said.allowed
    (record,) = shop.ledger.statistics
    assert (record.cells, record.smallest_cell) == (3, 10)
    assert shop.ledger.entries == {}


@pytest.mark.parametrize(
    ("asked", "subjects", "cells", "problems"),
    [
        ({}, [], [], [("subjects", "missing")]),
        ({}, [JANE_BY_MAIL], [12], [("cells", "for_statistics_only")]),
        ({"ground": "statistics"}, [], [], [("cells", "missing")]),
        ({"ground": "statistics"}, [JANE_BY_MAIL], [12], [("subjects", "not_for_statistics")]),
        ({}, [JANE_BY_MAIL, (("shoe", "1"),)], [], [("subjects.1.identifiers.0.kind", "not_a_choice")]),
        ({}, [(("member_id", "1"), ("email", "jane"))], [], [("subjects.0.identifiers.1.value", "wrong_format")]),
    ],
)
def test_what_is_wrong_is_named_by_place(
    asked: dict[str, Any], subjects: Any, cells: Any, problems: list[tuple[str, str]]
) -> None:
    shop = Shop()
    with pytest.raises(InvalidInputError) as refused:
        shop.gate.ask(question(**asked), subjects, cells)
    assert [(each.field, each.reason) for each in refused.value.problems] == problems
    assert shop.ledger.entries == {}


def test_what_was_provided_and_received_is_in_the_answer_to_the_person_who_asks() -> None:
    desk = Desk()
    shop = Shop(desk)
    shop.gate.ask(question(), [(("member_id", JANES_MEMBER_ID),), (("member_id", "M-000009"),)])
    offered = question(recipient="payment_gateway", purpose="fraud_prevention", ground="consent", items=("payment",))
    assert shop.gate.receive(offered, [JANE_BY_MAIL]).allowed
    assert not shop.gate.receive(question(recipient="stranger"), [JANE_BY_MAIL]).allowed
    case = desk.awaiting_review(types=(RequestType.PROVISION_RECORDS,))
    said = json.loads(package(desk, case)["data/third_party_records.json"])
    assert [entry["party"]["id"] for entry in said["provided"]] == ["mail_service"]
    assert [entry["party"]["id"] for entry in said["received"]] == ["payment_gateway"]


@settings(max_examples=60)
@given(
    grounds=st.lists(st.sampled_from(["service_necessity", "consent", "law", "statistics", "x"]), max_size=6),
    stops=st.booleans(),
)
def test_there_are_as_many_records_as_times_that_it_said_yes(grounds: list[str], stops: bool) -> None:
    shop = Shop()
    if stops:
        shop.standing("email", JANE, stop=StopKind.RESTRICTED)
    yes = 0
    for ground in grounds:
        is_statistics = ground == "statistics"
        said = shop.gate.ask(
            question(ground=ground), [] if is_statistics else [JANE_BY_MAIL], [20] if is_statistics else []
        )
        yes += sum(answer.allowed for answer in said.answers)
    assert shop.records("email", JANE) + len(shop.ledger.statistics) == yes


def test_a_stop_that_comes_between_the_reading_and_the_record_bars_it() -> None:
    shop = Shop()
    shop.faults.before("provisions.record", lambda: shop.standing("email", JANE, stop=StopKind.RESTRICTED))
    (answer,) = shop.gate.ask(question(), [JANE_BY_MAIL]).answers
    assert (answer.allowed, answer.reason, answer.record_id) == (False, "restricted", None)
    assert shop.records("email", JANE) == 0
