"""The newsletter: asked for on a page, confirmed from the mailbox, stopped with one click, and all of it on record."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.errors import GoneError, NotFoundError, WithdrawnSinceError
from rightsdesk.domain.permission import Reason, Stop, StopKind
from rightsdesk.ports.permissions import change_standings
from tests.support.consents import HANA, ConsentRoom
from tests.support.site_client import FORM, HOST, rest_event

CHANGING = ("permissions.save", "budget.spend", "mailer.send")


def changes(room: ConsentRoom) -> int:
    return sum(call in CHANGING for call in room.faults.calls)


@pytest.mark.parametrize(("language", "title"), [("en", "Get our newsletter"), ("ja", "メールマガジンのお申し込み")])
def test_p03_from_the_page_to_a_newsletter_that_may_be_sent(language: str, title: str) -> None:
    room = ConsentRoom()
    page = room.get(f"/{language}/newsletter")
    assert page.title.startswith(title)
    wording = room.texts.root["newsletter"][0].text.of(language)
    assert wording in page.words
    sent = room.post(f"/{language}/newsletter", {"email": "Hana@Example.JP"})
    assert (sent.status, "Hana@Example.JP" in sent.body) == (200, True)
    assert room.standing() is None, "nothing is kept before it is confirmed"
    assert not room.may()
    (mail,) = room.mailer.outbox
    assert wording in " ".join(mail.text.split())
    path = f"/{language}/consent/{room.token()}"
    assert wording in room.get(path).words
    assert not room.may()
    done = room.post(path, {"answer": "yes"})
    assert done.status == 200
    answer = room.ask()
    assert (answer.allowed, answer.reason, answer.since) == (True, Reason.CONSENT, room.now)
    (entry,) = room.ledger()
    assert (entry.channel, entry.text_version, entry.language) == (ConsentChannel.NEWSLETTER_PAGE, "2026-09", language)
    assert entry.text_sha256 == room.texts.root["newsletter"][0].sha256(language)  # type: ignore[arg-type]
    assert entry.proof is not None
    assert entry.proof.startswith("mail:")


def test_p03_confirmed_twice_it_is_one_consent() -> None:
    room = ConsentRoom()
    token = room.sign_up()
    room.advance(hours=1)
    assert room.post(f"/en/consent/{token}", {"answer": "yes"}).status == 200
    assert room.post(f"/en/consent/{token.upper()}", {"answer": "yes"}).status == 200
    assert room.said() == ["given:newsletter"]


def test_a27_fifty_clicks_on_yes_at_once_are_one_consent() -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    path = f"/en/consent/{room.token()}"
    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda _: room.post(path, {"answer": "yes"}).status, range(50)))
    assert 200 in statuses
    assert room.said() == ["given:newsletter"]
    assert room.may()


def test_a17_known_and_unknown_addresses_get_the_same_answer_and_the_same_mail() -> None:
    room = ConsentRoom()
    room.sign_up("known@example.jp")
    change_standings(
        room.permissions,
        [room.digest("gone@example.jp")],
        lambda s: s.with_stop(Stop(id="c:erased", kind=StopKind.ERASED, rule="GDPR-17-1-b", since=room.now)),
    )
    room.advance(days=2)
    answers = []
    for address in ("known@example.jp", "strng@example.jp", "gone@example.jp"):
        before = len(room.mailer.outbox)
        answer = room.post("/en/newsletter", {"email": address})
        mail = room.mailer.outbox[before]
        words = answer.body.replace(address, "ADDRESS")
        answers.append((answer.status, answer.headers, words, re.sub(r"consent/\S+", "", mail.text), mail.subject))
    assert answers[0] == answers[1] == answers[2]


def test_a38_a_stranger_can_fill_nobodys_mailbox() -> None:
    room = ConsentRoom()
    pages = set()
    for _ in range(300):
        pages.add(room.post("/en/newsletter", {"email": HANA}).body)
        room.advance(minutes=4)  # 20 hours in all
    assert len(pages) == 1, "the page never says that no mail went out"
    assert len(room.mailer.outbox) == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Enter your e-mail address"), ("nobody", "in the right form"), ("a@b@c", "in the right form")],
)
def test_what_is_no_address_is_said_at_the_field(typed: str, said: str) -> None:
    room = ConsentRoom()
    page = room.post("/en/newsletter", {"email": typed})
    assert (page.status, said in page.words) == (400, True)
    assert changes(room) == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a26_a_scanner_that_opens_every_link_changes_nothing(method: str) -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    question = room.token()
    room.sign_up("other@example.jp")
    before = changes(room), dict(room.permissions.standings)
    for path in (f"/en/consent/{question}", f"/u/{room.list_token('other@example.jp')}", "/en/newsletter"):
        page = room.get(path, method, Purpose="prefetch")
        assert "Set-Cookie" not in page.headers
        assert page.status == 200
        assert (page.body == "") is (method == "HEAD")
    assert (changes(room), dict(room.permissions.standings)) == before
    assert room.may("other@example.jp")
    room.answers.agree(question)
    assert room.may()


def test_a37_one_post_stops_the_list_with_no_log_in_no_cookie_and_no_check() -> None:
    room = ConsentRoom()
    room.sign_up()
    token = room.list_token()
    shown = room.get(f"/u/{token}")
    assert (shown.status, 'value="One-Click"' in shown.body) == (200, True)
    assert room.may()
    room.advance(days=1)
    done = room.one_click(token)
    assert done.status == 200
    assert not {"Location", "Set-Cookie"} & set(done.headers)
    answer = room.ask()
    assert (answer.allowed, answer.reason, answer.since) == (False, Reason.UNSUBSCRIBED, room.now)
    assert room.said() == ["given:newsletter", "withdrawn:newsletter"]
    given, withdrawn = room.ledger()
    assert (withdrawn.ends, withdrawn.channel) == (given.record_id, ConsentChannel.UNSUBSCRIBE_LINK)


@pytest.mark.parametrize("fold", [str.lower, str.upper, str.title])
def test_a37_a_folded_token_stops_the_same_list_and_replays_change_nothing(fold: Callable[[str], str]) -> None:
    room = ConsentRoom()
    room.sign_up()
    for _ in range(3):
        assert room.one_click(fold(room.list_token())).status == 200
        room.advance(days=1)
    assert room.said() == ["given:newsletter", "withdrawn:newsletter"]


def test_a37_a_token_is_of_one_list_and_one_address() -> None:
    room = ConsentRoom()
    room.sign_up()
    room.one_click(room.list_token("other@example.jp"))
    room.one_click(room.list_token(purpose="surveys"))
    assert room.may()
    assert not room.may("other@example.jp")


def test_a37_strangers_and_the_erased_are_answered_alike() -> None:
    room = ConsentRoom()
    room.sign_up()
    change_standings(
        room.permissions,
        [room.digest("gone@example.jp")],
        lambda s: s.with_stop(Stop(id="c:erased", kind=StopKind.ERASED, rule="GDPR-17-1-b", since=room.now)),
    )
    answers = {
        (page.status, re.sub(r"/u/[a-z2-7]+", "/u/", page.body), tuple(sorted(page.headers.items())))
        for page in (room.one_click(room.list_token(who)) for who in (HANA, "stranger@example.jp", "gone@example.jp"))
    }
    assert len(answers) == 1
    assert room.ask("gone@example.jp").reason is Reason.ERASED


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded", 200),
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded; charset=utf-8", 200),
        (
            '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            200,
        ),
        ("", "application/x-www-form-urlencoded", 400),
        ("List-Unsubscribe=Two-Clicks", "application/x-www-form-urlencoded", 400),
        ("List-Unsubscribe=One-Click&more=1", "application/x-www-form-urlencoded", 400),
        ('{"List-Unsubscribe":"One-Click"}', "application/json", 415),
        ("List-Unsubscribe=One-Click", "text/plain", 415),
        ("--x--", "multipart/form-data; boundary=x", 400),
        ("no parts at all", "multipart/form-data", 400),
        ("x" * 10_000, "multipart/form-data; boundary=x", 413),
    ],
)
def test_a37_only_the_form_of_the_standard_acts(body: str, content_type: str, status: int) -> None:
    room = ConsentRoom()
    room.sign_up()
    assert room.post(f"/u/{room.list_token()}", body, Content_Type=content_type).status == status
    assert room.may() == (status != 200)


@pytest.mark.parametrize("token", ["abc", "a" * 93, "%00", "..%2F..", "a" * 5000])
def test_a37_a_guessed_token_stops_nothing(token: str) -> None:
    room = ConsentRoom()
    for page in (room.get(f"/u/{token}"), room.one_click(token)):
        assert page.status == 404
    assert changes(room) == 0


def test_a_page_to_stop_comes_in_the_language_of_the_browser_or_of_a_choice() -> None:
    room = ConsentRoom()
    path = f"/u/{room.list_token()}"
    japanese = room.get(path, **{"Accept-Language": "ja"})
    assert japanese.headers["Content-Language"] == "ja"
    assert room.get(f"{path}?lang=en", **{"Accept-Language": "ja"}).headers["Content-Language"] == "en"
    assert room.get(f"{path}?lang=../x", **{"Accept-Language": "ja"}).headers["Content-Language"] == "ja"
    assert f'href="{path}?lang=en"' in japanese.body


def test_who_stopped_it_and_asks_again_gets_it_and_the_old_mails_bring_nothing_back() -> None:
    room = ConsentRoom()
    first = room.sign_up()
    room.advance(hours=1)
    room.offer_newsletter(HANA)
    second = room.token()
    room.advance(hours=1)
    room.one_click(room.list_token())
    for old in (first, second):
        with pytest.raises(WithdrawnSinceError):
            room.answers.agree(old)
        assert room.post(f"/en/consent/{old}", {"answer": "yes"}).status == 410
    assert not room.may()
    room.advance(hours=1)
    room.sign_up()
    assert room.may()
    room.one_click(room.list_token())
    assert not room.may()
    assert room.said() == ["given:newsletter", "withdrawn:newsletter"] * 2


def test_a_link_works_for_seven_days_and_only_while_its_words_are_there() -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    token = room.token()
    room.advance(days=6, hours=23)
    assert room.get(f"/en/consent/{token}").status == 200
    room.advance(hours=1)
    with pytest.raises(GoneError):
        room.answers.agree(token)
    assert room.get(f"/en/consent/{token}").status == 410
    room.offer_newsletter(HANA)
    fresh = room.token()
    room.texts = type(room.texts)({"newsletter": room.texts.root["surveys"]})
    with pytest.raises(NotFoundError):
        room.answers.agree(fresh)


def test_a53_only_a_post_does_anything_however_a_method_is_spelt() -> None:
    room = ConsentRoom()
    headers = {"Origin": f"https://{HOST}", "Content-Type": FORM}
    room.send(rest_event("get", "/en/newsletter", headers=headers, body=f"email={HANA}"))
    assert room.mailer.outbox == []


def test_a_question_is_not_asked_in_a_language_in_which_it_can_not_be_answered() -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    for lang in ("fr", "EN", "e%6E"):
        assert room.get(f"/{lang}/consent/{room.token()}").status == 404
        assert room.get(f"/{lang}/newsletter").status == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a33_a_form_from_elsewhere_is_refused(origin: str) -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    token = room.token()
    before = changes(room)
    assert room.post(f"/en/consent/{token}", {"answer": "yes"}, Origin=origin).status == 403
    assert room.post("/en/newsletter", {"email": "x@example.jp"}, Origin=origin).status == 403
    assert changes(room) == before


@pytest.mark.parametrize("answer", ["", "maybe", "no\nyes"])
def test_an_answer_is_yes_or_no(answer: str) -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    assert room.post(f"/en/consent/{room.token()}", {"answer": answer}).status == 400
    assert room.standing() is None


def test_a31_links_and_pages_hold_no_host_of_a_header() -> None:
    room = ConsentRoom()
    assert room.get("/en/newsletter", Host="evil.example").status == 400
    assert room.one_click(room.list_token()).status == 200
    room.offer_newsletter(HANA)
    assert HOST in room.mail().text


def test_no_page_tells_anybody_what_is_in_it() -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    for page in (
        room.get(f"/en/consent/{room.token()}"),
        room.get(f"/u/{room.list_token()}"),
        room.get("/en/newsletter"),
    ):
        assert page.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert 'class="cookie"' not in page.body
        assert HANA not in page.body
