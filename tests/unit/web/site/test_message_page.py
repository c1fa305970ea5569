"""The thread of messages on the page of a request: write, read, and take up again what is answered."""

import re
import unicodedata
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import Agent, AgentRole
from tests.support.site_client import SiteClient

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "{{7*7}} {% raw %} ${jndi:ldap://x} %s %(name)s {0} {text}",
    "</textarea></blockquote></li></ol><h1>Your request was refused</h1>",
    "javascript:alert(1) https://evil.example",
    "&lt;b&gt;",
]
HOSTILE = '<script>alert(1)</script> & "quotes"'


@pytest.fixture
def client() -> SiteClient:
    return SiteClient()


def opened(client: SiteClient, language: str = "en") -> str:
    reference = client.make_request(language)
    client.open_request(reference, language)
    return f"/{language}/requests/{reference}"


def write(client: SiteClient, path: str, text: str) -> str:
    return client.follow(client.fill(path, {"message": text}, at=f"{path}/message")).body


@pytest.mark.parametrize(("language", "you"), [("en", "You"), ("ja", "お客様")])
def test_what_is_written_stands_on_the_page_with_who_wrote_it(client: SiteClient, language: str, you: str) -> None:
    path = opened(client, language)
    assert '<ol class="messages">' not in client.get(path).body
    body = write(client, path, HOSTILE)
    assert HOSTILE not in body
    assert "&lt;script&gt;" in body
    client.fake.say(path.rpartition("/")[2], "We look into it.", by="staff")
    words = client.get(path).words
    assert words.index(you) < words.index("We look into it.")
    assert ("Kumo Furniture" if language == "en" else "雲家具") in words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("You", "First message", "Where is it?", "Kumo Furniture", "Our answer", "In Kyoto.")),
        ("ja", ("お客様", "最初のご連絡", "Where is it?", "雲家具", "回答", "In Kyoto.")),
    ],
)
def test_the_thread_reads_from_the_question_to_the_answer(
    client: SiteClient, language: str, said: tuple[str, ...]
) -> None:
    path = opened(client, language)
    client.fake.say(path.rpartition("/")[2], "Where is it?", kind="request")
    client.fake.say(path.rpartition("/")[2], "In Kyoto.", by="staff", kind="answer")
    words = client.get(path).words.partition({"en": "Messages", "ja": "メッセージ"}[language])[2]
    places = [words.index(each) for each in said]
    assert places == sorted(places)


@pytest.mark.parametrize(("language", "said"), [("en", "We no longer hold these words."), ("ja", "本文は削除済み")])
def test_words_that_are_gone_are_said_to_be(client: SiteClient, language: str, said: str) -> None:
    path = opened(client, language)
    client.fake.say(path.rpartition("/")[2], None, kind="request")
    page = client.get(path)
    assert said in page.words
    assert "None" not in page.words
    assert "<blockquote" not in page.body


def test_who_asks_for_another_is_named_and_not_called_you(client: SiteClient) -> None:
    path = opened(client)
    case = client.fake.only_case()
    agent = Agent(role=AgentRole.PROXY, name="Robin Clarke", email="robin@law.example", mandate="By letter.")
    case.submission = case.submission.model_copy(update={"agent": agent})
    client.fake.say(case.reference, "Her street is wrong.", by="agent", kind="request")
    thread = client.get(path).body.partition('<ol class="messages">')[2].partition("</ol>")[0]
    assert "Robin Clarke" in thread
    assert "You" not in thread


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_what_does_not_fit_is_kept_and_explained(client: SiteClient, text: str) -> None:
    path = opened(client)
    answer = client.fill(path, {"message": text}, at=f"{path}/message")
    assert answer.status == 400
    assert 'href="#message"' in answer.body
    assert unescape(answer.body).count(f">{text.strip()}</textarea>") == 1
    assert client.fake.only_case().messages == []


def test_a_full_thread_says_so(client: SiteClient) -> None:
    path = opened(client)
    client.fake.most_messages = 0
    answer = client.fill(path, {"message": "One more"}, at=f"{path}/message")
    assert answer.status == 400
    assert "as many messages as it can take" in answer.words


def test_without_a_code_nothing_is_shown_or_taken(client: SiteClient) -> None:
    reference = client.make_request()
    client.fake.say(reference, "Nobody else's business.")
    path = f"/en/requests/{reference}"
    assert "business" not in client.get(path).body
    answer = client.follow(client.fill(path, {"message": "Hello"}, at=f"{path}/message"))
    assert "Hello" not in answer.body
    assert len(client.fake.only_case().messages) == 1


def test_a52_the_code_of_one_request_opens_no_other_thread(client: SiteClient) -> None:
    path = opened(client)
    other = SiteClient()
    other.fake.cases = client.fake.cases
    foreign = other.make_request()
    client.fake.say(foreign, "Not for you.")
    assert "Not for you" not in client.get(f"/en/requests/{foreign}").body
    client.fill(path, {"message": "Hello"}, at=f"/en/requests/{foreign}/message")
    assert len(client.fake.cases[foreign].messages) == 1


def test_an_answered_question_is_taken_up_again_from_its_page(client: SiteClient) -> None:
    path = opened(client)
    case = client.fake.only_case()
    case.outcome = Outcome.FULFILLED
    assert "textarea" not in client.get(path).body
    case.reopen_until = client.fake.clock() + timedelta(days=14)
    assert "Write again" in client.get(path).words
    body = write(client, path, "And who is the carrier?")
    assert case.followed_by is not None
    assert case.followed_by in body
    assert "new reference" in body
    assert "textarea" not in body
    assert [each.text for each in client.fake.cases[case.followed_by].messages] == ["And who is the carrier?"]
    again = client.open_request(case.followed_by, "en")
    assert f'href="/en/requests/{case.reference}"' in again.body, "and there is a way back"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("nasty", NASTY)
def test_a47_a48_whoever_writes_it_stays_text(client: SiteClient, nasty: str, language: str) -> None:
    path = opened(client, language)
    client.fake.say(path.rpartition("/")[2], f"Staff: {nasty}", by="staff")
    write(client, path, nasty)
    pages = [client.get(path)]
    pages.append(client.fill(path, {"message": nasty * 400}, at=f"{path}/message"))  # too long: said at the field
    for page in pages:
        thread = page.body.partition('<ol class="messages">')[2].partition("</ol>")[0]
        assert unescape(thread).count(nasty) == 2
        assert not re.search(r"<(?!/?(li|p|b|span|blockquote|bdi)\b)", thread), thread
        assert not re.search(r"<script|<img src=x|<h1>Your request was|href=\"(https://evil|javascript)", page.body)
        assert not [name for name in page.attributes if name.startswith("on")]
        assert page.body.count("</textarea>") == 1


@pytest.mark.parametrize("text", ["א ב ג", "\u202eevil\u202c", "e\u0301" * 50, "👩‍👩‍👧 髙﨑 ｱｲｺ", "one\r\ntwo"])
def test_a49_a_message_is_kept_as_nfc_and_shown_apart_in_its_own_direction(client: SiteClient, text: str) -> None:
    path = opened(client)
    body = write(client, path, text)
    (kept,) = client.fake.only_case().messages
    visible = text.replace("\u202e", "").replace("\u202c", "")
    assert kept.text == unicodedata.normalize("NFC", visible).replace("\r\n", "\n")
    assert f'<blockquote><bdi class="typed">{kept.text}</bdi></blockquote>' in body


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_a42_a49_any_message_is_taken_or_said_not_to_fit(text: str) -> None:
    client = SiteClient()
    path = opened(client)
    answer = client.fill(path, {"message": text.encode("utf-8", "ignore").decode()}, at=f"{path}/message")
    assert answer.status in (303, 400)
    assert client.get(path).status == 200
    assert client.reports == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("message=Hello&by=staff", 400),
        ("message=Hello&number=1&at=2020-01-01", 400),
        ("message=Hello&message=Again", 400),
        ("message[]=Hello", 400),
        ("message=a%00b", 400),
        ("message=%ED%A0%80", 400),
        ("message=" + "x" * 10_000_000, 413),
    ],
)
def test_a42_a51_nobody_says_who_wrote_it_and_when(client: SiteClient, body: str, status: int) -> None:
    path = opened(client)
    secret = client.get(path).secret
    assert client.post(f"{path}/message", f"csrf={secret}&{body}").status == status
    assert (client.fake.only_case().messages, client.reports) == ([], [])
