"""The codes of countries and of their parts."""

from babel import Locale

from rightsdesk.law.authorities import authority_for
from rightsdesk.law.countries import EEA, JAPAN, PART_OF, REGIONS, WORLD, ZONES

# What the Unicode project names beside the countries of ISO 3166-1: unions, the unknown, parts, what is no more.
NO_COUNTRY = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def test_the_world_is_that_of_unicode_without_what_is_no_country() -> None:
    named = {code for code in map(str, Locale.parse("en").territories) if len(code) == 2 and code.isalpha()}
    assert named - WORLD == named & NO_COUNTRY
    assert named >= WORLD
    assert len(WORLD) == 249 + 1  # ISO 3166-1, and Kosovo


def test_every_country_whose_law_is_carried_is_one() -> None:
    assert EEA | {JAPAN} | set(PART_OF) | set(ZONES) <= WORLD


def test_each_land_that_can_be_chosen_leads_to_its_authority() -> None:
    lands = REGIONS["DE"]
    assert len(lands) == len(set(lands)) == 16
    federal = authority_for("DE")
    assert {land for land in lands if authority_for("DE", land) == federal} == {"DE-BB"}  # not in the directory
    assert all(authority.land in land for land in lands if (authority := authority_for("DE", land)) and authority.land)
