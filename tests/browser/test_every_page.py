"""On each page and in each state: axe finds nothing, nothing is wider than a small screen, targets can be hit."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site
from tests.support.site_tour import tour

pytestmark = pytest.mark.browser

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SMALL = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %: WCAG 1.4.10
_WIDE = {"width": 1280, "height": 900}
_TARGETS = """() => [...document.querySelectorAll('a, button, input, select, textarea')]
    .filter(e => e.checkVisibility() && !e.closest('p, dd, .skip') && e.type !== 'hidden' && !e.matches('.skip'))
    .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
    .filter(([, r]) => r.width < 24 || r.height < 24).map(([html]) => html)"""
_UNNAMED_ERRORS = """() => [...document.querySelectorAll('[aria-invalid=true]')]
    .filter(e => !(e.getAttribute('aria-describedby') || '').split(' ').some(id => document.getElementById(id)
        && id.endsWith('-problem'))).length"""


def _findings(page: Page, axe: Axe, only: list[str]) -> list[str]:
    found: dict[str, Any] = axe.run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response
    return [f"{v['id']}: {[node['target'] for node in v['nodes']]}" for v in found["violations"]]


def _layout(page: Page) -> list[str]:
    page.set_viewport_size(_SMALL)  # type: ignore[arg-type]
    width = page.evaluate("document.documentElement.scrollWidth")
    small = page.evaluate(_TARGETS)
    page.set_viewport_size(_WIDE)  # type: ignore[arg-type]
    return ([f"{width} px wide"] if width > _SMALL["width"] else []) + [f"small target {html}" for html in small]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ja", "light"), ("en", "dark")])
def test_a_tour_of_all_pages(browser: Browser, site: Site, language: str, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(viewport=_WIDE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    site.watch(page)
    rules = _RULES if scheme == "light" else ["color-contrast"]  # the dark differs in nothing but colours
    axe, wrong, stops = Axe(), {}, 0
    for stop in tour(page, site.url, site.fake, language):
        stops += 1
        found = _findings(page, axe, rules) + _layout(page)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1
        if page.evaluate(_UNNAMED_ERRORS):
            found.append("an error that no field names")
        if found:
            wrong[stop] = found
    context.close()
    assert wrong == {}
    assert stops == 86


def test_the_widest_reference_fits(browser: Browser, site: Site) -> None:
    """References are random: letters of the alphabet differ in width."""
    page = browser.new_context(viewport=_WIDE).new_page()  # type: ignore[arg-type]
    site.watch(page)
    assert "sent" in tour(page, site.url, site.fake, "en")  # it stands there as it is looked for
    page.locator(".panel .reference").evaluate("element => { element.textContent = 'RD-WWWW-WWWW-W'; }")
    assert _layout(page) == []
    page.context.close()
    assert site.complaints == []
    own = (site.url, site.fake.download_url)
    assert [url for url in site.requested if not url.startswith(own)] == []  # no third party, ever
