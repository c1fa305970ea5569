"""The pages of a package, opened from a disk: axe finds nothing, nothing is too wide, nothing is fetched."""

import zipfile
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.unit.export.package_of_a_shop import build, save

pytestmark = pytest.mark.browser

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_PAGES = ("index.html", "index.ja.html", "answer/letter.en.html", "answer/letter.ja.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked package."""
    target = tmp_path_factory.mktemp("package")
    summary, kept = build()
    with zipfile.ZipFile(save(kept, summary, target)) as archive:
        archive.extractall(target)
    return target / summary.parts[0].name.removesuffix(".zip")


@pytest.mark.parametrize(
    ("name", "scheme"),
    [*((name, "light") for name in _PAGES), ("index.html", "dark"), ("answer/letter.ja.html", "dark")],
)
def test_a_page_opens_from_a_disk_and_everybody_can_read_it(
    browser: Browser, folder: Path, name: str, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: requested.append(request.url))
    page.goto((folder / name).as_uri())
    assert requested == [(folder / name).as_uri()]
    assert complaints == [], "the policy of the page blocks something that the page has"
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "the style sheet is not let in"
    found: dict[str, Any] = Axe().run(page, options={"runOnly": _RULES}).response
    assert [f"{v['id']}: {[node['target'] for node in v['nodes']]}" for v in found["violations"]] == []
    for width in (320, 390, 768):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_a87_the_policy_stops_a_script_that_got_in(browser: Browser, folder: Path, tmp_path: Path) -> None:
    content = (folder / "index.html").read_text("utf-8")
    attack = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\"><style>h1{color:red}</style>"
    (tmp_path / "index.html").write_text(content.replace("</main>", f"{attack}</main>"), "utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.wait_for_timeout(100)
    assert page.title() == "Your data at Kumo Furniture"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") != "rgb(255, 0, 0)"
    context.close()


def test_a_person_finds_the_way_through_the_package(browser: Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("link", name="Our letter to you").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Answer to your request RD-7K3M-9QXD-W"
    page.get_by_role("link", name="To your data").click()
    page.get_by_role("link", name="日本語").click()
    assert page.locator("html").get_attribute("lang") == "ja"
    assert page.get_by_text("hanako@mail.example").is_visible()
    page.get_by_role("link", name="withheld.json").click()
    assert "password_hash" in page.content()
    context.close()
