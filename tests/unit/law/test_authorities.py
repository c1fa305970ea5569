"""Each refusal names an authority: there is one for every state of the EEA and for Japan, and it can be reached."""

import re

import pytest

from rightsdesk.law.authorities import authority_for
from rightsdesk.law.countries import EEA, PART_OF


@pytest.mark.parametrize("country", sorted(EEA))
def test_a82_every_state_of_the_eea_has_an_authority_with_name_and_link(country: str) -> None:
    authority = authority_for(country)

    assert authority is not None
    assert authority.country == country
    assert authority.land is None
    assert len(authority.name) > 5
    assert re.fullmatch(r"https?://[^\s/]+(/\S*)?", authority.web)
    assert re.fullmatch(r"\+\d[\d ]+", authority.phone)
    assert authority.address


def test_japan_has_the_telephone_line_of_the_commission() -> None:
    authority = authority_for("JP")

    assert authority is not None
    assert "個人情報保護委員会" in authority.name
    assert authority.phone == "03-6457-9849"
    assert authority.phone_hours is not None
    assert "9:30-17:30" in authority.phone_hours
    assert authority.email is None


@pytest.mark.parametrize(
    ("land", "slug"),
    [
        ("BW", "debawueldb"),
        ("BY", "debaylda"),  # the one for companies, not the one for public bodies
        ("DE-BY", "debaylda"),
        ("BE", "deberlbdi"),
        ("HB", "debrelfdi"),
        ("HE", "dehessbdi"),
        ("HH", "dehmbbfdi"),
        ("MV", "demvldi"),
        ("NI", "dendslfd"),
        ("NW", "denrwldi"),
        ("RP", "derlpbdi"),
        ("SL", "desaarudz"),
        ("SN", "desaechsdsb"),
        ("ST", "desalbd"),
        ("SH", "deshuld"),
        ("TH", "detlfdi"),
        ("BB", "debfdi"),  # not in the directory: the federal authority passes a complaint on
        ("XX", "debfdi"),
        (None, "debfdi"),
    ],
)
def test_germany_by_land_where_known_else_federal(land: str | None, slug: str) -> None:
    authority = authority_for("DE", land)

    assert authority is not None
    assert authority.slug == slug


@pytest.mark.parametrize("place", sorted(PART_OF))
def test_a_part_of_a_state_has_the_authority_of_the_state(place: str) -> None:
    assert authority_for(place) == authority_for(PART_OF[place])


@pytest.mark.parametrize("country", ["US", "BR", "AQ"])
def test_elsewhere_there_is_none(country: str) -> None:
    assert authority_for(country) is None


def test_a_land_of_another_country_changes_nothing() -> None:
    assert authority_for("AT", "BY") == authority_for("AT")
