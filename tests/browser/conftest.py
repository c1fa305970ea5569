"""Chromium for the tests of this folder, and the pages in front of the desk in memory."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.support.fake_subject_desk import FakeSubjectDesk
from tests.support.site_server import serve_site

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
_PATIENCE = 10_000  # milliseconds


@dataclass
class Site:
    """The pages, what stands behind them, and what the browser had to say about them."""

    url: str
    fake: FakeSubjectDesk
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.set_default_timeout(_PATIENCE)
        page.on("request", lambda request: self.requested.append(request.url))
        page.on(
            "console", lambda message: self.complaints.append(message.text) if _is_complaint(message.text) else None
        )


def _is_complaint(text: str) -> bool:
    """Chromium notes each answer of 400 and above; everything else is a fault of a page."""
    return "the server responded with a status of" not in text


def browser_path() -> str | None:
    named = os.environ.get("RIGHTSDESK_BROWSER")
    if named:
        return named
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return found or (_ON_MACOS if Path(_ON_MACOS).exists() else None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if os.environ.get("RIGHTSDESK_NO_BROWSER") == "1":
        pytest.skip("RIGHTSDESK_NO_BROWSER=1")
    path = browser_path()
    assert path, "no Chromium: tools/install_browser.sh says how to get one"
    chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
    yield chromium
    chromium.close()


@pytest.fixture
def site() -> Iterator[Site]:
    fake = FakeSubjectDesk()
    with serve_site(fake) as url:
        yield Site(url, fake)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A browser as people have it, but without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    shown = context.new_page()
    site.watch(shown)
    yield shown
    context.close()
