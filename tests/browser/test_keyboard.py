"""With a keyboard alone, with large letters, with one's own colours, on paper."""

from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from rightsdesk.domain.clock import QuestionKind
from rightsdesk.domain.views import QuestionView
from tests.browser.conftest import Site
from tests.support.site_tour import ADDRESS

pytestmark = pytest.mark.browser

_FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"
_OUTLINE = (
    "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth"
)


@pytest.fixture
def page(browser: Browser, site: Site) -> Page:  # with JavaScript, to ask where the focus is
    page = browser.new_context(viewport={"width": 1000, "height": 700}).new_page()
    site.watch(page)
    return page


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is there; every stop on the way can be seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(_OUTLINE) == "solid3px", page.evaluate("document.activeElement.outerHTML.slice(0, 99)")
        if page.evaluate(_FOCUSED) == name:
            return
    raise AssertionError(f"{name} can't be reached")


def test_a_request_is_made_without_a_mouse(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en")
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED) == "Skip to the main content"
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    tab_to(page, "Start now")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/en/your-request")
    tab_to(page, "types")
    page.keyboard.press("Space")
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/en/where-you-live")
    tab_to(page, "country")
    page.keyboard.type("Germ")
    page.keyboard.press("Enter")  # closes the list where it opened one
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/en/your-region")
    tab_to(page, "region")
    page.keyboard.type("Berl")
    page.keyboard.press("Enter")
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/en/your-details")
    tab_to(page, "name")
    page.keyboard.type("Aiko Tanaka")
    tab_to(page, "email")
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/en/check-your-answers")
    tab_to(page, "Send my request")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/en/sent")
    submission = site.fake.only_case().submission
    assert (submission.country, submission.region) == ("DE", "DE-BE")


def test_a_right_is_chosen_with_the_arrows(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en/your-request")
    tab_to(page, "types")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#types-rectification")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/en/what-exactly")


def test_a_question_is_answered_without_a_mouse(page: Page, site: Site) -> None:
    open_with_question(page, site)
    tab_to(page, "answer")
    page.keyboard.type("The one in Shibuya.")
    tab_to(page, "Send my answer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("We have your answer")
    assert site.fake.only_case().answers == ["The one in Shibuya."]


def open_with_question(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en/your-request")
    page.locator("#types").check()
    for fill in (lambda: page.select_option("select", "JP"), lambda: page.fill("#name", "Aiko"), lambda: None):
        page.get_by_role("button").click()
        if page.url.endswith("your-details"):
            page.fill("#email", ADDRESS)
        fill()
    page.get_by_role("button").click()
    case = site.fake.only_case()
    case.question = QuestionView(kind=QuestionKind.CLARIFICATION, text="Which address?", asked_on=date(2026, 9, 4))
    page.goto(f"{site.url}/en/requests/{case.reference}")
    page.fill("#code", site.fake.last_code(ADDRESS))
    page.get_by_role("button").first.click()
    expect(page.locator("#answer")).to_be_visible()


def test_the_focus_goes_to_what_is_wrong_and_from_there_to_the_field(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en/your-details")
    page.get_by_role("button").click()
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("role", "alert")
    expect(focused).to_contain_text("There is a problem")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#name")).to_be_focused()


def test_a_code_can_be_pasted_and_filled_in_by_the_browser(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en/requests/RD-28T5-CY4G-M")
    code = page.locator("#code")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(code).to_have_attribute("inputmode", "numeric")
    code.focus()
    page.keyboard.insert_text(" 1234 - 5678 \t")  # as from the clipboard
    page.keyboard.press("Enter")
    expect(page.locator(".problems")).to_contain_text("This code does not work")  # it was read, and it is wrong


def test_letters_of_twice_the_size_and_wide_spacing_fit(page: Page, site: Site) -> None:
    spacing = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", _metrics(320))
    for path in ("en", "ja", "en/your-request", "ja/your-request", "ja/your-details", "en/where-you-live"):
        page.goto(f"{site.url}/{path}")
        page.evaluate(
            "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }",
            f"html {{ font-size: 200% }} {spacing}",
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 320 * 2, path
        clipped = page.evaluate(
            "[...document.querySelectorAll('a, button, label, h1, p')].filter(e => e.checkVisibility() &&"
            " getComputedStyle(e).overflow === 'hidden' && e.scrollHeight > e.clientHeight + 2"
            " && !e.matches('.hidden')).map(e => e.textContent)"
        )
        assert clipped == []


def test_own_colours_keep_what_colour_says(browser: Browser, site: Site) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{site.url}/en/your-request")
    button = page.get_by_role("button")
    assert button.evaluate("e => getComputedStyle(e).borderTopWidth") == "2px"
    assert button.evaluate("e => getComputedStyle(e).borderTopColor != getComputedStyle(e).backgroundColor")
    page.locator("#types").check()
    assert page.locator(".choice").first.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    button.focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(_OUTLINE) == "solid3px"
    context.close()


def test_nothing_moves_for_who_wants_it_so(browser: Browser, site: Site) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site.url}/en/your-request")
    moving = "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    assert page.evaluate(moving) == 0
    context.close()


def test_the_reference_can_be_kept_on_paper(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en/your-request")
    page.locator("#types").check()
    page.get_by_role("button").click()
    page.select_option("select", "JP")
    page.get_by_role("button").click()
    page.fill("#name", "Aiko")
    page.fill("#email", ADDRESS)
    page.get_by_role("button").click()
    page.get_by_role("button").click()
    page.emulate_media(media="print")
    expect(page.get_by_text(site.fake.only_case().reference)).to_be_visible()
    expect(page.get_by_text("What happens next")).to_be_visible()
    expect(page.get_by_role("link", name="日本語")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)  # of those that can be seen


def _metrics(width: int) -> dict[str, object]:
    return {"width": width * 2, "height": 900, "deviceScaleFactor": 1, "mobile": False}
