"""Which language a first visit gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.web.languages import preferred_language
from tests.support.site_client import SiteClient


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-GB, ja;q=0.9", "en"),
        ("fr, de;q=0.9", "en"),
        ("fr, ja;q=0.1", "ja"),
        ("ja;q=0, en;q=0.1", "en"),
        ("JA", "ja"),
        ("ja ; q=1.000", "ja"),
        ("en;q=0.5, ja;q=0.5", "en"),
        ("*", "en"),
    ],
)
def test_the_greatest_weight_wins(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language


@pytest.mark.parametrize("accepted", ["ja;q=NaN", "ja;q=inf", "ja;q=-1", "ja;q=2", "ja;q=", "ja;;", "../../ja", "ja\0"])
def test_a55_what_is_malformed_counts_for_nothing(accepted: str) -> None:
    assert preferred_language(accepted) == "en"


@given(st.text())
def test_a55_anything_gives_a_language(accepted: str) -> None:
    assert preferred_language(accepted) in ("en", "ja")


def test_a55_the_root_leads_to_the_preferred_language_and_no_parameter_changes_that() -> None:
    client = SiteClient()
    answer = client.get("/", Accept_Language="ja;q=NaN, ja;q=0.4")
    assert (answer.status, answer.headers["Location"], answer.headers["Vary"]) == (302, "/ja", "Accept-Language")
    assert "Set-Cookie" not in answer.headers
    event = {
        "httpMethod": "GET",
        "path": "/",
        "headers": {},
        "queryStringParameters": {"lang": "../../x", "next": "https://evil.example"},
        "requestContext": {},
        "body": None,
    }
    assert client.send(event).headers["Location"] == "/en"


@pytest.mark.parametrize("path", ["/fr", "/EN", "/en-GB", "/..", "/../en", "/%2e%2e", "/xx/your-request"])
def test_a55_an_unknown_language_is_no_page(path: str) -> None:
    answer = SiteClient().get(path, Accept_Language="ja")
    assert answer.status == 404
    assert 'lang="ja"' in answer.body
