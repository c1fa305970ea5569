"""Where a person can turn (GDPR 12(4), 77, 79; APPI 36, 39)."""

import pytest

from rightsdesk.domain.letters import Phrase
from rightsdesk.law.countries import EEA
from rightsdesk.law.remedies import remedies

CONTACT = "privacy@shop.example"


@pytest.mark.parametrize("country", sorted(EEA))
def test_a82_in_the_eea_an_authority_is_named_with_its_page(country: str) -> None:
    phrase = remedies(["gdpr"], country, contact=CONTACT)
    assert phrase.name == "remedies.gdpr"
    assert phrase.values["authority"]
    assert phrase.values["web"].startswith(("https://", "http://"))


def test_part_of_a_member_state_has_its_authority() -> None:
    assert remedies(["gdpr"], "RE", contact=CONTACT) == remedies(["gdpr"], "FR", contact=CONTACT)


@pytest.mark.parametrize("country", ["JP", "US", "GB", "CH"])
def test_where_the_gdpr_holds_for_the_merchant_alone_no_foreign_authority_is_named(country: str) -> None:
    assert remedies(["gdpr"], country, contact=CONTACT).name == "remedies.gdpr_elsewhere"


def test_in_japan_the_desk_and_the_line_of_the_commission() -> None:
    phrase = remedies(["appi"], "JP", contact=CONTACT)
    assert phrase.name == "remedies.appi"
    assert phrase.values["contact"] == CONTACT
    assert phrase.values["phone"] == "03-6457-9849"


def test_both_laws_are_both_said_in_their_order() -> None:
    phrase = remedies(["gdpr", "appi"], "IE", contact=CONTACT)
    assert phrase.name == "remedies.both"
    assert [part.name for part in phrase.values.values() if isinstance(part, Phrase)] == [
        "remedies.gdpr",
        "remedies.appi",
    ]


def test_without_a_law_of_ours_the_merchant_answers() -> None:
    assert remedies(["promise"], "US", contact=CONTACT) == Phrase(name="remedies.promise", values={"contact": CONTACT})
