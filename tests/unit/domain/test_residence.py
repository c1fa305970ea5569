import pytest

from rightsdesk.domain.residence import assumed_country


@pytest.mark.parametrize(
    ("address", "language", "country"),
    [
        ("a@example.de", "en", "DE"),
        ("a@docomo.ne.jp", "en", "JP"),
        ("a@gmail.com", "ja", "JP"),
        ("a@gmail.com", "sv", "SE"),
        ("a@gmail.com", "en", "IE"),
        ("a@gmail.com", "und", "IE"),
        ("a@example.co.uk", "en", "IE"),
        ("a@example.us", "fr", "FR"),
        ("a@example.eu", "pl", "PL"),
        ("", "und", "IE"),
    ],
)
def test_where_a_sender_is_taken_to_live(address: str, language: str, country: str) -> None:
    assert assumed_country(address, language, otherwise="IE") == country
