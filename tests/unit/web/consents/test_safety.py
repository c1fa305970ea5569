"""What must not work on the pages about consents: oracles, floods, tricks with bodies, paths, languages and markup."""

import base64
import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.permission import Stop, StopKind
from rightsdesk.ports.permissions import change_standings
from tests.support.consents import HANA, ORIGIN, ConsentRoom
from tests.support.desk import JANE, Desk
from tests.support.site_client import FORM, Received, rest_event

CHANGING = ("permissions.save", "budget.spend", "mailer.send")
ADDRESSES = ("known@example.jp", "strng@example.jp", "gone1@example.jp", "takes@example.jp")  # of one length
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "{{7*7}} {% raw %} ${jndi:ldap://x} %s %(name)s {0} {name}",
    "</blockquote></title><b>",
]


def changes(room: ConsentRoom) -> int:
    return sum(call in CHANGING for call in room.faults.calls)


def places(room: ConsentRoom) -> tuple[str, str, str]:
    """Where a form can be sent to: each changes something if it is taken."""
    room.offer_newsletter(HANA)
    return "/en/newsletter", f"/en/consent/{room.token()}", f"/u/{room.list_token()}"


def seen(answer: Received, address: str) -> tuple[Any, ...]:
    return answer.status, answer.headers, answer.body.replace(address, "ADDRESS"), len(answer.body)


# Oracles and floods


def asked_by(room: ConsentRoom) -> None:
    """Of the four addresses one has the newsletter, one is a stranger's, one was erased, and one takes no mail."""
    room.sign_up(ADDRESSES[0])
    erased = Stop(id="c:erased", kind=StopKind.ERASED, rule="GDPR-17-1-b", since=room.now)
    change_standings(room.permissions, [room.digest(ADDRESSES[2])], lambda standing: standing.with_stop(erased))
    room.mailer.rejects.add(ADDRESSES[3])
    room.advance(days=2)


def test_a21_the_page_says_neither_who_is_known_nor_which_mailbox_takes_mail_and_is_as_long() -> None:
    room = ConsentRoom()
    asked_by(room)
    answers = [seen(room.post("/en/newsletter", {"email": who}), who) for who in ADDRESSES]
    assert answers == answers[:1] * 4
    assert answers[0][0] == 200
    assert room.reports == []


def test_a23_asked_again_at_once_the_page_is_the_same_and_nobody_gets_a_second_mail() -> None:
    room = ConsentRoom()
    asked_by(room)
    before = len(room.mailer.outbox)
    first = [seen(room.post("/en/newsletter", {"email": who}), who) for who in ADDRESSES]
    mailed = len(room.mailer.outbox)
    room.advance(minutes=9)
    assert [seen(room.post("/en/newsletter", {"email": who}), who) for who in ADDRESSES] == first
    assert (mailed - before, len(room.mailer.outbox) - mailed) == (3, 0)


def test_a38_one_mailbox_in_many_spellings_has_one_share() -> None:
    room = ConsentRoom()
    spellings = (HANA, "HANA@EXAMPLE.JP", " hana@example.jp ", "ｈａｎａ@ｅｘａｍｐｌｅ.jp", "Hana@Example.jp")
    for spelling in spellings * 10:
        assert room.post("/en/newsletter", {"email": spelling}).status == 200
        room.advance(minutes=11)
    assert len(room.mailer.outbox) == 3


def test_a38_sign_ups_of_a_stranger_use_up_no_code_of_the_person() -> None:
    desk = Desk()
    room = ConsentRoom(now=desk.clock())
    room.budget = desk.budget  # as in the table, where both are counted
    for _ in range(5):
        assert room.post("/en/newsletter", {"email": JANE}).status == 200
        room.advance(minutes=11)
    assert len(room.mailer.outbox) == 3
    desk.send_verification(desk.submit())
    assert desk.mails() == ["verification_code"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a38_the_mail_repeats_nothing_that_a_stranger_typed(language: str) -> None:
    room = ConsentRoom()
    assert room.post(f"/{language}/newsletter", {"email": "call-0900-now.you-won@example.jp"}).status == 200
    mail = room.mail()
    for typed in ("0900", "you-won"):
        assert typed not in f"{mail.subject}\n{mail.text}\n{mail.html}"


# Bodies


@pytest.mark.parametrize("place", [0, 1, 2], ids=["newsletter", "answer", "list"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("email", 400),
        ("&&&", 400),
        ("email=a%00", 400),
        ("email=%ED%A0%80", 400),  # half of a surrogate pair
        ("email=%FF%FE", 400),
        ("email=\ud800", 400),
        ("email=ö", 400),
        ("email=a@example.jp&email=b@example.jp", 400),
        ("answer=yes&answer=no", 400),
        ("answer=yes&purpose=surveys", 400),  # a51
        ("email=a@example.jp&state=given", 400),
        ("List-Unsubscribe=One-Click&List-Unsubscribe=One-Click", 400),
        ('{"answer": "yes"}', 400),
        ("&".join(f"f{number}=x" for number in range(1_000)), 400),
        ("&".join(f"f{number}=x" for number in range(100_000)), 413),
        ("email=" + "x" * 10_000_000, 413),
        ("answer=" + "%F0%9F%90%88" * 6_000, 413),
    ],
)
def test_a42_a51_a_body_that_no_form_of_ours_sends_does_nothing(place: int, body: str, status: int) -> None:
    room = ConsentRoom()
    path = places(room)[place]
    before = changes(room)
    answer = room.post(path, body)
    if place == 0 and body == "":
        assert "Enter your e-mail address" in answer.words  # an empty form is one that nobody filled in
    assert answer.status == status
    assert (changes(room), room.reports) == (before, [])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["email", "answer"]), st.text(max_size=40)))
def test_a42_any_text_is_an_answer_or_said_not_to_fit(fields: dict[str, str]) -> None:
    clean = {name: value.encode("utf-8", "ignore").decode() for name, value in fields.items()}
    room = ConsentRoom()
    for path in places(room):
        assert room.post(path, clean).status in (200, 400)
    assert room.reports == []


@pytest.mark.parametrize("place", [0, 1], ids=["newsletter", "answer"])
@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "text/plain", "multipart/form-data; boundary=x", f"{FORM}; charset=utf-7", f"{FORM}x"],
)
def test_a46_another_kind_of_body_is_refused(place: int, content_type: str) -> None:
    room = ConsentRoom()
    path = places(room)[place]
    before = changes(room)
    body = ("email=x%40example.jp", "answer=yes")[place]
    assert room.post(path, body, Content_Type=content_type).status == 415
    assert changes(room) == before
    assert room.post(path, body).status == 200


@pytest.mark.parametrize(
    ("place", "form"), [(0, "email=x%40example.jp"), (1, "answer=yes"), (2, "List-Unsubscribe=One-Click")]
)
def test_a46_encoded_bodies(place: int, form: str) -> None:
    room = ConsentRoom()
    path = places(room)[place]

    def send(body: str, *, encoded: bool, **headers: str) -> int:
        given_headers = {"Origin": ORIGIN, "Content-Type": FORM} | headers
        event = rest_event("POST", path, headers=given_headers, body=body)
        return room.send(event | {"isBase64Encoded": encoded}).status

    before = changes(room)
    bomb = base64.b64encode(gzip.compress(b"email=" + b"x" * 10_000_000)).decode()
    assert send(bomb, encoded=True, **{"Content-Encoding": "gzip"}) == 415
    assert send(bomb, encoded=True) == 400
    assert send(form, encoded=True) == 400
    assert send("ö", encoded=True) == 400
    assert changes(room) == before
    assert send(base64.b64encode(form.encode()).decode(), encoded=True) == 200
    assert (changes(room) > before, room.reports) == (True, [])


@pytest.mark.parametrize(
    "event",
    [
        {"version": "2.0", "rawPath": "/en/newsletter", "requestContext": {"http": {"method": "GET", "path": "/en"}}},
        {"Records": []},
        {"httpMethod": "GET", "path": "/en/newsletter"},
        {},
    ],
)
def test_a46_an_event_of_another_kind_is_refused(event: dict[str, Any]) -> None:
    assert ConsentRoom().send(event).status == 400


# Markup and letters


@pytest.mark.parametrize("nasty", NASTY)
def test_a47_a48_what_is_typed_stays_text(nasty: str) -> None:
    room = ConsentRoom()
    for page in (
        room.post("/en/newsletter", {"email": nasty}),
        room.post("/en/newsletter", {"email": f"{nasty}@example.jp"}),
        room.get(f"/u/{nasty.replace('/', '')}"),
        room.get(f"/en/consent/{nasty.replace('/', '')}"),
        room.get(f"/u/{room.list_token()}?lang={nasty}"),
    ):
        assert "<script" not in page.body
        assert "<img src=x" not in page.body
        assert not [name for name in page.attributes if name.startswith("on")]
        assert "</blockquote></title>" not in page.body
        assert "49" not in page.words
    assert room.reports == []


@pytest.mark.parametrize("local", ["花子", "אבג", "zoë", "𠮷野"])
def test_a49_an_address_is_shown_apart_in_its_own_direction(local: str) -> None:
    room = ConsentRoom()
    page = room.post("/en/newsletter", {"email": f"{local}@example.jp"})
    assert page.status == 200
    assert f'<bdi class="typed">{local}@example.jp</bdi>' in page.body


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u2066", "\x1b[2J", "\u2028"])
def test_a49_an_address_with_letters_that_nobody_sees_is_none(hidden: str) -> None:
    room = ConsentRoom()
    assert room.post("/en/newsletter", {"email": f"ha{hidden}na@example.jp"}).status == 400
    assert changes(room) == 0


# Paths, methods and languages


@pytest.mark.parametrize(
    "path",
    [
        "//newsletter",
        "/en//newsletter",
        "/en/../u/{list}",
        "/en/%2e%2e/u/{list}",
        "/EN/newsletter",
        "/fr/newsletter",
        "/fr/consent/{question}",
        "/en/Newsletter",
        "/en/newsletter.",
        "/en/newsletter;x=1",
        "/en/newsletter/{question}",
        "/en/consent",
        "/en/consent/{question}/yes",
        "/en/consent/{list}",
        "/U/{list}",
        "/u/{list}/x",
        "/u/{question}",
        "/live/u/{list}",
        "en/newsletter",
    ],
)
def test_a53_paths_are_taken_as_they_are_and_a_token_is_for_one_of_them(path: str) -> None:
    room = ConsentRoom()
    _, question, stop = (each.rpartition("/")[2] for each in places(room))
    before = changes(room)
    address = path.format(list=stop, question=question)
    assert room.get(address).status == 404
    for body in ("answer=yes", "email=x%40example.jp", "List-Unsubscribe=One-Click"):
        assert room.post(address, body).status in (400, 404)
    assert (changes(room), room.reports) == (before, [])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POSTX"])
def test_a53_another_method_does_nothing_and_no_header_overrides_one(method: str) -> None:
    room = ConsentRoom()
    paths = places(room)
    before = changes(room)
    bodies = ("email=x%40example.jp", "answer=yes", "List-Unsubscribe=One-Click")
    for path, body in zip(paths, bodies, strict=True):
        headers = {"Origin": ORIGIN, "Content-Type": FORM}
        assert room.send(rest_event(method, path, headers=headers, body=body)).status in (404, 405)
        overriding = headers | {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}
        room.send(rest_event("GET", path, headers=overriding, body=body))
    assert changes(room) == before


@pytest.mark.parametrize("lang", ["../../x", "ja/../en", "JA", "ja%00", "xx", "", "__proto__"])
def test_a55_no_other_language_is_spoken_than_ours(lang: str) -> None:
    room = ConsentRoom()
    japanese = {"Accept-Language": "ja"}
    pages = [room.get(f"/u/{room.list_token()}?lang={lang}", **japanese)]
    pages += [room.get(f"/{lang}/{page}", **japanese) for page in ("newsletter", "consent/x")]
    assert pages[0].status == 200
    for page in pages:
        assert page.headers["Content-Language"] == "ja"
        assert '<html lang="ja"' in page.body
        assert not lang or f"/{lang}/" not in page.body
    assert (changes(room), room.reports) == (0, [])


@pytest.mark.parametrize("asked", ["ja;q=NaN", "ja;q=inf, xx", "ja;q=-1", "../../x", "ja" * 5_000, ","])
def test_a55_what_a_browser_says_wrongly_counts_for_nothing(asked: str) -> None:
    room = ConsentRoom()
    for path in (f"/u/{room.list_token()}", "/xx/newsletter"):
        assert room.get(path, **{"Accept-Language": asked}).headers["Content-Language"] == "en"
    assert room.reports == []
