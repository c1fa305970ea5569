"""The gate for provision: no by default, and yes on the grounds of T-1 alone (APPI 27, 28)."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.fields import Label
from rightsdesk.domain.permission import Consent, Reason, Standing, Stop, StopKind
from rightsdesk.domain.provision import ProvisionGround
from rightsdesk.domain.provision_gate import (
    BY_CONSENT,
    BY_LAW,
    ProvisionQuestion,
    ProvisionReason,
    ProvisionTerms,
    ProvisionVerdict,
)
from rightsdesk.domain.recipients import Recipient
from rightsdesk.law.provision import may_provide, may_provide_statistics, may_receive
from rightsdesk.law.provision_terms import provision_terms_of
from rightsdesk.law.rules import RULES
from tests.unit.export.package_of_a_shop import datamap

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
GIVEN = datetime(2026, 5, 1, tzinfo=UTC)
G, R = ProvisionGround, ProvisionReason


@cache
def shop() -> DataMap:
    """The shipped map, with a partner for marketing, to whom fields go for offers; the carrier works for itself."""
    partner = Recipient(label=Label(en="Partner", ja="提携先"), role="third_party", country="JP")
    abroad = Recipient(label=Label(en="Abroad", ja="海外"), role="processor", country="US")
    shipped = datamap()
    given = shipped.model_dump(by_alias=True, mode="json")
    given["recipients"] |= {
        "partner": partner.model_dump(mode="json"),
        "abroad": abroad.model_dump(mode="json"),
    }
    given["recipients"]["carrier"]["role"] = "third_party"
    fields = given["sources"]["shop"]["collections"]["members"]["fields"]
    fields["email"]["purposes"] += ["promotion"]
    fields["email"]["recipients"] += ["partner", "abroad"]
    return DataMap.model_validate(given)


@cache
def terms() -> ProvisionTerms:
    return provision_terms_of(shop())


def asked(**changes: Any) -> ProvisionQuestion:
    values: dict[str, Any] = {
        "recipient": "mail_service",
        "purpose": "service",
        "ground": "service_necessity",
        "items": ("contact",),
        "asked_by": "arn:aws:iam::1:role/shop",
    }
    return ProvisionQuestion(**(values | changes))


def standing(*stops: Stop, consents: dict[str, tuple[str, ...]] | None = None) -> Standing:
    given = {
        purpose: Consent(record_id=f"c-{purpose}", given_at=GIVEN, recipients=recipients)
        for purpose, recipients in (consents or {}).items()
    }
    return Standing(digest="0" * 64, stops=stops, consents=given, version=1)


def stopped(kind: StopKind, **changes: Any) -> Stop:
    return Stop(**({"id": f"r:{kind}", "kind": kind, "rule": "APPI-35-3", "since": GIVEN} | changes))


def verdict(*standings: Standing | None, **changes: Any) -> ProvisionVerdict:
    return may_provide(asked(**changes), standings or (None,), terms(), at=NOW)


AGREED = standing(consents={"promotion": ("partner",), "service": ("carrier",)})
TO_CARRIER = {"recipient": "carrier", "items": ("delivery",)}
TO_MAILER = {"purpose": "newsletter", "ground": "consent", "items": ("shop/members.email",)}
OFFERS = {"recipient": "partner", "purpose": "promotion", "items": ("shop/members.email",)}


@pytest.mark.parametrize(
    ("question", "has", "reason"),
    [
        ({}, None, R.GROUND),
        ({"items": ("shop/members.email", "contact")}, None, R.GROUND),
        # closed lists
        ({"ground": "because"}, None, R.UNKNOWN_GROUND),
        ({"ground": "statistics"}, None, R.UNKNOWN_GROUND),
        ({"recipient": "neighbour"}, None, R.UNKNOWN_RECIPIENT),
        ({"recipient": "neighbour", "ground": "law"}, None, R.UNKNOWN_RECIPIENT),
        ({"purpose": "curiosity"}, None, R.UNKNOWN_PURPOSE),
        ({"items": ("shoe_size",)}, None, R.UNKNOWN_ITEM),
        ({"items": ("shoe_size",), "ground": "state_organ"}, None, R.UNKNOWN_ITEM),
        ({"items": ("payment",)}, None, R.NOT_FOR_THIS_RECIPIENT),
        ({"purpose": "fraud_prevention"}, None, R.NOT_FOR_THIS_RECIPIENT),
        # a third party needs a consent that names it
        (TO_CARRIER, None, R.NOT_A_CONSIGNEE),
        (TO_CARRIER, AGREED, R.NOT_A_CONSIGNEE),
        (TO_CARRIER | {"ground": "consent"}, None, R.NO_CONSENT),
        (TO_CARRIER | {"ground": "consent"}, standing(consents={"service": ()}), R.NO_CONSENT),
        (TO_CARRIER | {"ground": "consent"}, AGREED, R.GROUND),
        # a processor sends the newsletter: it gets the address, with a consent, and nothing else
        (TO_MAILER, None, R.NO_CONSENT),
        (TO_MAILER, standing(consents={"surveys": ()}), R.NO_CONSENT),
        (TO_MAILER, standing(consents={"newsletter": ()}), R.GROUND),
        (TO_MAILER | {"ground": "service_necessity"}, None, R.NO_CONSENT),
        (TO_MAILER | {"ground": "service_necessity"}, standing(consents={"newsletter": ()}), R.GROUND),
        (TO_MAILER, standing(stopped(StopKind.UNSUBSCRIBED, purposes=("newsletter",))), R.UNSUBSCRIBED),
        (
            TO_MAILER | {"items": ("shop/members.phone",)},
            standing(consents={"newsletter": ()}),
            R.NOT_FOR_THIS_RECIPIENT,
        ),
        # marketing with a consent, and for marketing alone
        (OFFERS | {"ground": "marketing_partner"}, None, R.NO_CONSENT),
        (OFFERS | {"ground": "marketing_partner"}, AGREED, R.GROUND),
        (OFFERS | {"ground": "own_advertising"}, AGREED, R.GROUND),
        (TO_CARRIER | {"ground": "marketing_partner"}, AGREED, R.NOT_MARKETING),
        # abroad without a safeguard
        ({"recipient": "abroad", "items": ("shop/members.email",)}, None, R.NO_SAFEGUARD),
        ({"recipient": "abroad", "items": ("shop/members.email",), "ground": "law"}, None, R.GROUND),
        # what the person stopped
        ({}, standing(stopped(StopKind.RESTRICTED)), R.RESTRICTED),
        ({}, standing(stopped(StopKind.ERASED)), R.ERASED),
        (OFFERS | {"ground": "consent"}, standing(stopped(StopKind.OBJECTED, purposes=("promotion",))), R.OBJECTED),
        (
            TO_CARRIER | {"ground": "consent"},
            standing(stopped(StopKind.PROVISION_STOPPED, recipients=("carrier",)), consents={"service": ("carrier",)}),
            R.PROVISION_STOPPED,
        ),
        # the exceptions of 27(1)
        *(({"ground": ground, "items": ("payment",)}, None, R.GROUND) for ground in sorted(BY_LAW)),
        *(({"ground": ground}, standing(stopped(StopKind.RESTRICTED)), R.GROUND) for ground in sorted(BY_LAW)),
    ],
)
def test_what_is_asked_and_what_is_said(
    question: dict[str, Any], has: Standing | None, reason: ProvisionReason
) -> None:
    said = verdict(has, **question)
    assert said.reason == reason
    assert said.allowed is (reason is R.GROUND)
    assert said.rule in RULES


def test_a_yes_on_a_consent_says_since_when() -> None:
    assert verdict(AGREED, **OFFERS, ground="consent").since == GIVEN
    assert verdict(None).since is None
    assert verdict(standing(stopped(StopKind.RESTRICTED))).since == GIVEN


def test_of_several_identifiers_any_stop_bars_and_any_consent_will_do() -> None:
    question = TO_CARRIER | {"ground": "consent"}
    assert verdict(None, AGREED, **question).allowed
    assert verdict(AGREED, standing(stopped(StopKind.RESTRICTED)), **question).reason == R.RESTRICTED


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ((10,), R.GROUND),
        ((10, 4000, 11), R.GROUND),
        ((9,), R.CELL_TOO_SMALL),
        ((4000, 0), R.CELL_TOO_SMALL),
        ((), R.CELL_TOO_SMALL),
    ],
)
def test_statistics_leave_above_the_minimum_alone(cells: tuple[int, ...], reason: ProvisionReason) -> None:
    said = may_provide_statistics(asked(ground="statistics"), cells, terms(), minimum=10)
    assert (said.reason, said.allowed) == (reason, reason is R.GROUND)
    assert may_provide_statistics(asked(recipient="x"), cells, terms(), minimum=10).reason == R.UNKNOWN_RECIPIENT


def test_what_others_offer_has_to_come_from_the_register() -> None:
    offered = {"recipient": "payment_gateway", "purpose": "fraud_prevention", "items": ("payment",)}
    assert may_receive(asked(**offered, ground="consent"), terms()).allowed
    assert may_receive(asked(**offered, ground="found_it"), terms()).reason == R.UNKNOWN_GROUND
    assert may_receive(asked(ground="consent", recipient="stranger"), terms()).reason == R.UNKNOWN_RECIPIENT


def test_every_word_of_the_register_of_permissions_can_be_told() -> None:
    yes = {Reason.CONSENT, Reason.BASIS}
    assert {reason.value for reason in Reason if reason not in yes} <= {reason.value for reason in R}


@pytest.mark.parametrize(
    ("told", "allowed"), [(None, False), (NOW - timedelta(days=29), False), (NOW - timedelta(days=30), True)]
)
def test_p12_nothing_goes_for_a_new_purpose_before_the_person_was_told_in_time(
    told: datetime | None, allowed: bool
) -> None:
    known = terms()
    new = known.permissions.purposes["service"].model_copy(update={"notice_days": 30})
    permissions = known.permissions.model_copy(update={"purposes": {**known.permissions.purposes, "service": new}})
    person = standing().model_copy(update={"notices": {"service": told} if told else {}})
    said = may_provide(asked(), [person], known.model_copy(update={"permissions": permissions}), at=NOW)
    assert (said.allowed, said.reason) == (allowed, R.GROUND if allowed else R.NOT_TOLD)


CODES = st.sampled_from(
    [*(ground.value for ground in G), *terms().parties, *terms().permissions.purposes, *sorted(terms().items)[:40], "x"]
)
STANDINGS = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            lambda kinds, consents: standing(*map(stopped, kinds), consents=dict(consents)),
            st.sets(st.sampled_from(StopKind), max_size=2),
            st.lists(
                st.tuples(
                    st.sampled_from(sorted(terms().permissions.purposes)),
                    st.lists(st.sampled_from(sorted(terms().parties)), max_size=2).map(tuple),
                ),
                max_size=3,
            ),
        ),
    ),
    min_size=1,
    max_size=3,
)


@given(recipient=CODES, purpose=CODES, ground=CODES, items=st.lists(CODES, max_size=3).map(tuple), standings=STANDINGS)
def test_nothing_goes_without_a_ground_that_holds(
    recipient: str, purpose: str, ground: str, items: tuple[str, ...], standings: list[Standing | None]
) -> None:
    said = may_provide(
        asked(recipient=recipient, purpose=purpose, ground=ground, items=items), standings, terms(), at=NOW
    )
    assert said.rule in RULES
    if not said.allowed:
        return
    held = [each for each in standings if each is not None]
    assert recipient in terms().parties
    assert purpose in terms().permissions.purposes
    assert set(items) <= terms().items
    if G(ground) in BY_LAW:
        return
    assert not [stop for each in held for stop in each.stops if stop.holds(NOW) and stop.is_about(purpose, recipient)]
    assert set(items) <= terms().described[recipient][purpose]
    if G(ground) in BY_CONSENT:
        consents = [each.consents[purpose] for each in held if purpose in each.consents]
        assert consents
        third = recipient in terms().permissions.third_parties
        assert not third or any(recipient in consent.recipients for consent in consents)
    else:
        assert terms().parties[recipient].role in ("processor", "joint_user")
