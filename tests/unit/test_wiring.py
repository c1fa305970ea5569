"""The address of our own pages, in letters and redirects (abuse case 31)."""

from typing import Any

import pytest

from rightsdesk.wiring import CallerLinks, fixed_links

HOST = "a1b2c3.execute-api.eu-west-1.amazonaws.com"


def event(
    path: str = "/en/start", *, called: str | None = None, stage: str = "live", host: str = HOST
) -> dict[str, Any]:
    return {
        "path": path,
        "headers": {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"},
        "multiValueHeaders": {"Host": ["evil.example"]},
        "requestContext": {"domainName": host, "path": called or f"/{stage}{path}", "stage": stage},
    }


@pytest.mark.parametrize(
    ("given", "base"),
    [
        (event(), f"https://{HOST}/live"),
        (event("/"), f"https://{HOST}/live"),
        (event("/", called="/live"), f"https://{HOST}/live"),
        (event(host="127.0.0.1:3000", called="/en/start"), "http://127.0.0.1:3000"),
        (event(host="localhost:3000", called="/en/start"), "http://localhost:3000"),
        (event(called="/livestock/en"), f"https://{HOST}"),
        (event("/en/a b", called="/live/en/a%20b"), f"https://{HOST}/live"),  # what is encoded does not creep in
        (event("/en/x", called="/live//evil.example/en/%78"), f"https://{HOST}/live"),
    ],
)
def test_a31_the_address_is_the_gateways_and_no_headers(given: dict[str, Any], base: str) -> None:
    links = CallerLinks("")
    assert links.base_url_of(given) == base
    links.answer(given)
    assert links().start("en") == f"{base}/en"


def test_a31_a_configured_address_is_above_everything() -> None:
    links = CallerLinks("https://privacy.shop.example/")
    links.answer(event())
    assert links().start("ja") == "https://privacy.shop.example/ja"


def test_each_call_has_its_own_address() -> None:
    links = CallerLinks("")
    links.answer(event(host="one.example"))
    links.answer(event(host="two.example"))
    assert links().origin == "https://two.example/live"


def test_a_task_has_the_address_of_its_environment() -> None:
    assert fixed_links("https://privacy.shop.example/live/")().start("en") == "https://privacy.shop.example/live/en"
