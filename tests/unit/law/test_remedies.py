"""Where a person can turn (GDPR 12(4), 77, 79; APPI 36, 39)."""

import pytest

from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.request import RequestType as Type
from rightsdesk.law.countries import EEA
from rightsdesk.law.remedies import remedies

CONTACT = "privacy@shop.example"


@pytest.mark.parametrize("country", sorted(EEA))
def test_a82_in_the_eea_an_authority_is_named_with_its_page(country: str) -> None:
    phrase = remedies(["gdpr"], country, types=[Type.ACCESS], contact=CONTACT)
    assert phrase.name == "remedies.gdpr"
    assert phrase.values["authority"]
    assert phrase.values["web"].startswith(("https://", "http://"))


def test_part_of_a_member_state_has_its_authority() -> None:
    assert remedies(["gdpr"], "RE", types=[Type.ACCESS], contact=CONTACT) == remedies(
        ["gdpr"], "FR", types=[Type.ACCESS], contact=CONTACT
    )


@pytest.mark.parametrize("country", ["JP", "US", "GB", "CH"])
def test_where_the_gdpr_holds_for_the_merchant_alone_no_foreign_authority_is_named(country: str) -> None:
    assert remedies(["gdpr"], country, types=[Type.ACCESS], contact=CONTACT).name == "remedies.gdpr_elsewhere"


def test_in_japan_the_desk_and_the_line_of_the_commission() -> None:
    phrase = remedies(["appi"], "JP", types=[Type.ACCESS], contact=CONTACT)
    assert phrase.name == "remedies.appi"
    assert phrase.values["contact"] == CONTACT
    assert phrase.values["phone"] == "03-6457-9849"


def test_both_laws_are_both_said_in_their_order() -> None:
    phrase = remedies(["gdpr", "appi"], "IE", types=[Type.ACCESS], contact=CONTACT)
    assert phrase.name == "remedies.both"
    assert [part.name for part in phrase.values.values() if isinstance(part, Phrase)] == [
        "remedies.gdpr",
        "remedies.appi",
    ]


def test_without_a_law_of_ours_the_merchant_answers() -> None:
    assert remedies(["promise"], "US", types=[Type.ACCESS], contact=CONTACT) == Phrase(
        name="remedies.promise", values={"contact": CONTACT}
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Type.ACCESS, "remedies.appi"),  # 33(1)
        (Type.PROVISION_RECORDS, "remedies.appi"),  # 33(5)
        (Type.RECTIFICATION, "remedies.appi"),  # 34(1)
        (Type.ERASURE, "remedies.appi"),  # 35(1), (5)
        (Type.RESTRICTION, "remedies.appi"),  # 35(1), (5)
        (Type.STOP_PROVISION, "remedies.appi"),  # 35(3), (5)
        # a duty (32), or a right that the Act does not know
        (Type.INFORMATION, "remedies.appi_no_claim"),
        (Type.PURPOSE_NOTICE, "remedies.appi_no_claim"),
        (Type.PORTABILITY, "remedies.appi_no_claim"),
        (Type.OBJECTION, "remedies.appi_no_claim"),
        (Type.CONSENT_WITHDRAWAL, "remedies.appi_no_claim"),
        (Type.AUTOMATED_DECISION, "remedies.appi_no_claim"),
    ],
)
def test_a_court_in_japan_is_named_for_what_article_39_covers(kind: Type, name: str) -> None:
    assert remedies(["appi"], "JP", types=[kind], contact=CONTACT).name == name
    assert remedies(["gdpr", "appi"], "IE", types=[kind], contact=CONTACT).values["second"].name == name
    assert remedies(["appi"], "JP", types=[kind, Type.ACCESS], contact=CONTACT).name == "remedies.appi"
    for law, country in (("gdpr", "IE"), ("promise", "US")):  # theirs does not depend on the right
        expected = remedies([law], country, types=[Type.ACCESS], contact=CONTACT)
        assert remedies([law], country, types=[kind], contact=CONTACT) == expected
