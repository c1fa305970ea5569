"""The pages about consents in a browser without JavaScript: axe finds nothing, they fit, and set no cookie."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.test_every_page import _RULES, _WIDE, _findings, _layout
from tests.support.consents import HANA, ConsentRoom
from tests.support.site_server import serve_consents
from tests.support.site_tour import press

pytestmark = pytest.mark.browser


def tour(page: Page, url: str, room: ConsentRoom, language: str) -> Iterator[str]:
    """Every page and state, by name."""
    page.goto(f"{url}/{language}/newsletter")
    yield "newsletter"
    press(page)
    yield "newsletter: no address"
    page.get_by_role("textbox").fill(HANA)
    press(page)
    yield "newsletter: sent"
    page.goto(f"{url}/{language}/consent/{room.token()}")
    yield "confirm"
    assert not room.may()
    press(page)
    yield "confirmed"
    assert room.may()
    stop = f"{url}/u/{room.list_token()}?lang={language}"
    page.goto(stop)
    yield "stop"
    assert room.may()
    room.advance(minutes=1)
    press(page)
    yield "stopped"
    assert not room.may()
    page.goto(f"{url}/{language}/consent/{room.token()}")
    press(page)
    yield "a link of before"
    room.campaign_desk().start("surveys", text_version=None, per_day=1)
    room.run_campaigns()
    asked = f"{url}/{language}/consent/{room.token()}"
    page.goto(asked)
    yield "asked by us"
    page.locator("main form button").last.click()
    yield "refused"
    page.goto(f"{url}/u/nobody")
    yield "no link of ours"


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ja", "light"), ("en", "dark")])
def test_a_tour_of_the_pages_about_consents(browser: Browser, language: str, scheme: Literal["light", "dark"]) -> None:
    room = ConsentRoom()
    room.members.members = [room.member("member1@example.jp", language)]
    rules = _RULES if scheme == "light" else ["color-contrast"]
    axe, wrong, stops = Axe(), {}, 0
    with serve_consents(room) as url:
        locale = "ja-JP" if language == "ja" else "en-GB"
        context = browser.new_context(viewport=_WIDE, color_scheme=scheme, locale=locale)  # type: ignore[arg-type]
        page = context.new_page()
        for stop in tour(page, url, room, language):
            stops += 1
            found = _findings(page, axe, rules) + _layout(page)
            assert page.locator("html").get_attribute("lang") == language
            assert page.locator("h1").count() == 1
            if found:
                wrong[stop] = found
        assert context.cookies() == []
        context.close()
    assert stops == 11
    assert wrong == {}


def test_it_works_without_javascript_and_in_the_other_language(browser: Browser) -> None:
    room = ConsentRoom()
    room.members.members = [room.member("member1@example.jp", "en")]
    with serve_consents(room) as url:
        context = browser.new_context(java_script_enabled=False, viewport=_WIDE, locale="en-GB")  # type: ignore[arg-type]
        page = context.new_page()
        assert len(list(tour(page, url, room, "en"))) == 11
        page.goto(f"{url}/u/{room.list_token()}")
        page.get_by_role("link", name="日本語").click()
        assert page.locator("html").get_attribute("lang") == "ja"
        assert "配信を停止" in page.locator("h1").inner_text()
        context.close()
