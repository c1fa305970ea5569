"""The whole journey of a person, in Chromium without JavaScript: from the start to the file that was asked for."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.support.scenes import DeskScene, Scene, StackScene
from tests.support.stack import PlayedStack, stack

pytestmark = pytest.mark.browser
__all__ = ["stack"]  # a fixture

ADDRESS = "aiko@example.jp"
WORDS = {
    "en": {
        "begin": "Start now",
        "copy": "Get a copy of my data",
        "country": "Germany",
        "next": "Continue",
        "name": "Full name",
        "email": "E-mail address",
        "send": "Send my request",
        "sent": "Your request has been sent",
        "enter": "Enter the code",
        "code": "Code",
        "confirm": "Confirm",
        "due": r"\d+ \w+ 20\d\d \(Japan Time\)",
        "follow": "See how your request is going",
        "working": "We are preparing your answer",
        "fetch": "Download your answer",
        "download": "Download",
        "left": r"Downloads left\s*4",
    },
    "ja": {
        "begin": "請求を始める",
        "copy": "個人データの写しを受け取る",
        "country": "ドイツ",
        "next": "次へ進む",
        "name": "お名前",
        "email": "メールアドレス",
        "send": "請求を送信する",
        "sent": "ご請求を送信しました",
        "enter": "コードを入力する",
        "code": "コード",
        "confirm": "確認する",
        "due": r"20\d\d年\d+月\d+日（日本時間）",
        "follow": "ご請求の状況を見る",
        "working": "回答を準備しています",
        "fetch": "回答をダウンロードする",
        "download": "ダウンロード",
        "left": r"残りの回数\s*4",
    },
}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_from_the_start_to_the_file(page: Page, site: Site, tmp_path: Path, language: str) -> None:
    play(page, DeskScene(site.url, site.fake), WORDS[language], language, tmp_path / "answer.zip")
    assert site.complaints == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_from_the_start_to_the_file_with_all_the_system(
    page: Page, site: Site, stack: PlayedStack, tmp_path: Path, language: str
) -> None:
    scene = StackScene(stack)
    scene.route(page)
    play(page, scene, WORDS[language], language, tmp_path / "answer.zip")
    assert site.complaints == []


def play(page: Page, scene: Scene, words: dict[str, str], language: str, file: Path) -> None:
    def press(name: str) -> None:
        page.get_by_role("button", name=name).first.click()

    page.goto(f"{scene.url}/{language}")
    page.get_by_role("link", name=words["begin"]).click()
    page.get_by_label(words["copy"]).check()
    press(words["next"])
    page.get_by_role("combobox").select_option(label=words["country"])
    press(words["next"])
    press(words["next"])  # the Land is nobody's business
    page.get_by_role("textbox", name=words["name"]).fill("Aiko Tanaka")
    page.get_by_role("textbox", name=words["email"]).fill(scene.address)
    press(words["next"])
    press(words["send"])
    expect(page.get_by_role("heading", level=1)).to_have_text(words["sent"])
    expect(page.get_by_text(scene.address)).to_be_visible()
    reference = page.locator(".panel .reference").inner_text()
    page.get_by_role("link", name=words["enter"]).click()
    page.get_by_role("textbox", name=words["code"]).fill(scene.code(reference))
    press(words["confirm"])
    expect(page.locator("main")).to_contain_text(re.compile(words["due"]))
    page.get_by_role("link", name=words["follow"]).click()
    expect(page.get_by_role("heading", name=words["working"])).to_be_visible()
    scene.give_answer(reference)
    page.reload()
    page.get_by_role("link", name=words["fetch"]).click()
    with page.expect_download() as begun:
        press(words["download"])
    begun.value.save_as(file)
    assert scene.is_answer(file.read_bytes())
    page.locator("nav.back a").click()
    expect(page.locator("dl.summary > div").nth(1)).to_have_text(re.compile(words["left"]))


def test_the_language_can_be_changed_anywhere_and_nothing_is_lost(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en/your-details")
    page.fill("#name", "Aiko Tanaka")
    page.fill("#email", "aiko@")
    page.get_by_role("button").click()
    page.get_by_role("link", name="日本語").click()
    expect(page).to_have_title(re.compile("^お客様の情報"))
    assert page.input_value("#name") == "Aiko Tanaka"
    assert page.input_value("#email") == "aiko@"
    page.get_by_role("link", name="English").click()
    expect(page).to_have_title(re.compile("^Your details"))


def test_the_browser_chooses_the_first_language(browser: Browser, site: Site) -> None:
    for locale, language in (("ja-JP", "ja"), ("de-DE", "en")):
        context = browser.new_context(locale=locale)
        shown = context.new_page()
        shown.goto(site.url)
        assert shown.url == f"{site.url}/{language}"
        context.close()


def test_there_is_one_cookie_and_it_is_guarded(page: Page, site: Site) -> None:
    for host in ("localhost", "127.0.0.1"):
        base = site.url.replace("localhost", host)
        page.goto(f"{base}/en")
        assert page.context.cookies() == []  # not before there is a form
        page.goto(f"{base}/en/your-request")
        (cookie,) = page.context.cookies()
        assert (cookie["name"], cookie["path"], cookie["sameSite"]) == ("__Host-rightsdesk", "/", "Lax")
        assert cookie["httpOnly"]
        assert cookie["secure"]
        page.locator("input").nth(1).check()
        page.get_by_role("button").click()
        assert page.url == f"{base}/en/where-you-live"  # the cookie came back, and so did the origin
        page.context.clear_cookies()


def test_a_double_click_makes_one_request(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/en/your-request")
    page.locator("#types").check()
    page.get_by_role("button").click()
    page.select_option("select", "JP")
    page.get_by_role("button").click()
    page.fill("#name", "Aiko")
    page.fill("#email", ADDRESS)
    page.get_by_role("button").click()
    page.get_by_role("button").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request has been sent")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request has been sent")
    page.reload()
    assert len(site.fake.cases) == 1
    assert len(site.fake.mails) == 1


def test_a_page_of_another_origin_cannot_send_our_form(browser: Browser, site: Site) -> None:
    """The cookie goes along between `localhost` ports, as it would from a subdomain: the origin tells them apart."""
    context = browser.new_context()
    shown = context.new_page()
    shown.goto(f"{site.url}/en/your-request")
    secret = shown.locator("input[name=csrf]").input_value()
    form = f"<form method=post action='{site.url}/en/your-request'><input name=csrf value='{secret}'><button>x</button>"
    shown.route("**/foreign", lambda route: route.fulfill(body=form, content_type="text/html"))
    shown.goto("http://evil.localhost/foreign")
    shown.get_by_role("button").click()
    assert "no longer valid" in shown.inner_text("h1")
    context.close()
