"""Whom a request concerns besides the merchant: those who had what was changed, and nobody else (GDPR 19)."""

# serves: E-03, E-04, E-05, E-06, E-09, E-10, P-04, P-10, T-2

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.correction import CorrectedCollection, Correction, Rectification
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.erasure_state import ErasedCollection, ErasureCertificate, ErasureState
from rightsdesk.domain.request import Aim, PrivacyRequest, Refusal, RequestType
from rightsdesk.domain.use_stop import UseStop
from rightsdesk.law.decisions import decide_fields
from rightsdesk.law.permission_terms import terms_of
from rightsdesk.law.stopping import stops_of
from rightsdesk.law.telling_recipients import Telling, to_be_told, to_be_told_meanwhile
from tests.support.cases import new_case

NOW = datetime(2026, 9, 7, 3, 0, tzinfo=UTC)


@cache
def shop() -> DataMap:
    return read_data_map(Path(__file__).parents[3] / "layers/merchant/datamap.yaml")


def case(kind: RequestType, **changes: Any) -> PrivacyRequest:
    return new_case()[0].model_copy(update={"types": (kind,), **changes})


def stopping(kind: RequestType, aim: Aim | None = None, **changes: Any) -> PrivacyRequest:
    asked = case(kind, aim=aim, **changes)
    return asked.model_copy(update={"use": UseStop(stops=stops_of(asked, terms_of(shop()), at=NOW), stopped_at=NOW)})


def told(asked: PrivacyRequest) -> Telling:
    decisions = decide_fields(asked.types, shop(), asked.due.laws)
    telling = to_be_told(asked, shop(), decisions)
    assert telling is not None
    return telling


def test_a_correction_is_told_to_who_had_a_field_that_was_written() -> None:
    written = CorrectedCollection(rows=1, before="a", after="b", fields=("name", "postcode"))
    state = Rectification(corrections=(), stated_by="s", done={"shop/addresses": written}, corrected_at=NOW)
    telling = told(case(RequestType.RECTIFICATION, rectification=state))
    assert telling.action == "correct"
    assert telling.fields == {"carrier": ("shop/addresses.name", "shop/addresses.postcode")}
    assert telling.purposes == {}


def test_of_a_correction_by_hand_those_are_told_who_had_what_was_stated() -> None:
    stated = Correction(field="shop/members.email", old="a@b.example", new="c@d.example")
    state = Rectification(corrections=(stated,), stated_by="s")
    telling = told(case(RequestType.RECTIFICATION, rectification=state, done="We did it by hand."))
    assert set(telling.fields) == {"commerce_platform", "mail_service"}
    assert told(case(RequestType.RECTIFICATION, done="We did it by hand.")).fields == {}


def erased(*parts: ErasedCollection, **changes: Any) -> PrivacyRequest:
    certificate = ErasureCertificate(
        plan_sha256="0" * 64, rounds=1, datamap_version="1", began_at=NOW, certified_at=NOW, collections=parts
    )
    return case(RequestType.ERASURE, erasure=ErasureState(certificate=certificate), **changes)


def part(path: str, **done: int) -> ErasedCollection:
    return ErasedCollection(collection=path, **({"deleted": 0, "anonymised": 0, "kept": 0} | done), searched_at=NOW)


def test_of_records_that_went_whole_everybody_is_told_who_had_anything_of_them() -> None:
    telling = told(erased(part("files/support_messages", deleted=3)))
    assert telling.action == "erase"
    assert set(telling.fields) == {"help_desk"}
    assert "files/support_messages.body" in telling.fields["help_desk"]


def test_of_records_of_which_a_part_went_only_that_part_is_told() -> None:
    telling = told(erased(part("orders/orders", anonymised=2)))
    assert "orders/orders.ship_address" in telling.fields["carrier"]
    assert "orders/orders.total" not in telling.fields["payment_gateway"], "the books keep it"
    kept = told(erased(part("orders/orders", anonymised=2), kept={"orders/orders.ship_address": "gdpr_17_3_e"}))
    assert "orders/orders.ship_address" not in kept.fields["carrier"]


def test_of_records_that_stay_nobody_is_told() -> None:
    assert told(erased(part("orders/orders", kept=4))).fields == {}
    assert told(erased()).fields == {}


def test_p04_who_sends_no_more_catalogues_goes_on_to_deliver() -> None:
    telling = told(stopping(RequestType.OBJECTION, Aim(objects_to="marketing", purposes=("catalogue",))))
    assert telling.action == "stop_use"
    assert set(telling.fields) == {"carrier"}
    assert telling.purposes == {"carrier": ("catalogue",)}, "an order is still to be delivered"


def test_a_restriction_is_told_to_everybody_who_has_anything() -> None:
    telling = told(stopping(RequestType.RESTRICTION))
    assert telling.action == "restrict"
    assert set(telling.fields) == set(shop().recipients)


def test_a_purpose_that_goes_on_is_no_news() -> None:
    before = told(stopping(RequestType.OBJECTION, Aim(objects_to="other")))
    assert "payment_gateway" in before.fields
    kept = {"shop/members.fraud_score": "gdpr_21_1", "orders/orders.fraud_check": "gdpr_21_1"}
    reasons = {"fraud_prevention": "Three orders were not paid."}
    after = told(stopping(RequestType.OBJECTION, Aim(objects_to="other"), kept=kept, reasons=reasons))
    assert "payment_gateway" not in after.fields


def test_a_field_that_stays_for_one_purpose_is_news_to_who_had_it_for_another() -> None:
    kept = dict.fromkeys(told(stopping(RequestType.OBJECTION, Aim(objects_to="other"))).fields["payment_gateway"], "x")
    after = told(stopping(RequestType.OBJECTION, Aim(objects_to="other"), kept=kept, reasons={"platform": "It is."}))
    assert after.purposes["payment_gateway"] == ("fraud_prevention",)


def test_a_stop_of_provision_is_told_to_who_is_named() -> None:
    aim = Aim(recipients=("payment_gateway",))
    telling = told(stopping(RequestType.STOP_PROVISION, aim))
    assert set(telling.fields) == {"payment_gateway"}


@pytest.mark.parametrize(
    "kind",
    [
        *(RequestType.ACCESS, RequestType.PORTABILITY, RequestType.INFORMATION, RequestType.PURPOSE_NOTICE),
        *(RequestType.PROVISION_RECORDS, RequestType.AUTOMATED_DECISION),
    ],
)
def test_what_changes_nothing_is_nobody_s_business(kind: RequestType) -> None:
    assert to_be_told(case(kind), shop(), ()) is None


def test_a_refusal_is_told_to_nobody_else() -> None:
    refusal = Refusal(ground="gdpr_16", reason="It is right as it is held.", by="s")
    assert to_be_told(case(RequestType.RECTIFICATION, refusal=refusal), shop(), ()) is None


STOPPED = [
    (RequestType.RESTRICTION, Aim(ground="claims"), "restrict"),
    (RequestType.OBJECTION, Aim(objects_to="other"), "stop_use"),
    (RequestType.OBJECTION, Aim(objects_to="marketing"), "stop_use"),
    (RequestType.OBJECTION, None, "stop_use"),
    (RequestType.CONSENT_WITHDRAWAL, None, "stop_use"),
    (RequestType.STOP_PROVISION, Aim(recipients=("payment_gateway",)), "stop_use"),
]


@pytest.mark.parametrize(("kind", "aim", "action"), STOPPED)
def test_what_is_stopped_at_once_is_told_at_once_and_stands_where_all_is_granted(
    kind: RequestType, aim: Aim | None, action: str
) -> None:
    asked = stopping(kind, aim)
    telling = to_be_told_meanwhile(asked, shop())
    assert telling is not None
    assert telling.action == action
    assert telling == told(asked), "so that nobody is written to twice"


def test_while_a_value_is_looked_into_all_who_have_anything_only_store_it() -> None:
    telling = to_be_told_meanwhile(stopping(RequestType.RECTIFICATION, Aim(meanwhile=True)), shop())
    assert telling is not None
    assert telling.action == "restrict"
    assert set(telling.fields) == set(shop().recipients)


def test_where_nothing_is_stopped_there_is_nothing_to_tell_before_the_decision() -> None:
    assert to_be_told_meanwhile(case(RequestType.RECTIFICATION), shop()) is None
    assert to_be_told_meanwhile(case(RequestType.ERASURE), shop()) is None


def test_of_a_telling_only_a_part_may_be_left() -> None:
    telling = told(stopping(RequestType.RESTRICTION))
    assert telling.only({"carrier", "stranger"}).fields == {"carrier": telling.fields["carrier"]}
