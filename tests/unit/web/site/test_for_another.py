"""The pages for whoever asks for somebody else, and for the person whom it is about."""

import pytest

from rightsdesk.domain.request import Agent, AgentRole
from rightsdesk.web.answers import Answers
from tests.support.site_client import SiteClient

WHO = {"agent_name": "Robin Clarke", "agent_email": "robin@law.example", "mandate": "A power of attorney."}
DETAILS = {"name": "Aiko Tanaka", "email": "aiko@example.jp", "order_number": "", "details": ""}


def asked(client: SiteClient, role: str = "proxy", language: str = "en") -> str:
    """A request for somebody else, sent. Its reference."""
    client.fill(f"/{language}/for-whom", {"asks_for": role})
    client.fill(f"/{language}/who-you-are", WHO)
    return client.make_request(language)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("role", AgentRole)
def test_somebody_asks_for_another_and_it_is_what_was_answered(role: AgentRole, language: str) -> None:
    client = SiteClient()
    assert f'href="/{language}/for-whom"' in client.get(f"/{language}").body
    asked(client, role, language)
    submission = client.fake.only_case().submission
    assert submission.agent == Agent(
        role=role, name="Robin Clarke", email="robin@law.example", mandate="A power of attorney."
    )
    assert (submission.name, submission.email) == ("Aiko Tanaka", "aiko@example.jp")


def test_each_page_leads_to_the_next() -> None:
    client = SiteClient()
    assert client.fill("/en/for-whom", {"asks_for": "proxy"}).headers["Location"] == "/en/who-you-are"
    assert client.fill("/en/who-you-are", WHO).headers["Location"] == "/en/your-request"
    page = client.answer_all()
    assert "Robin Clarke" in page.words
    assert "you may act for this person" in page.words
    assert "it is about your own data" not in page.words
    assert "enters the code" in client.follow(client.fill("/en/check-your-answers")).words


def test_who_says_nothing_asks_for_themselves_and_can_change_it() -> None:
    client = SiteClient()
    page = client.answer_all()
    assert "Who asks For myself Change" in page.words
    client.fill("/en/for-whom", {"asks_for": "heir"})
    assert client.get("/en/check-your-answers").headers["Location"] == "/en/who-you-are"
    page = client.follow(client.fill("/en/for-whom", {"asks_for": "myself"}))
    assert "Check your answers" in page.title
    client.fill("/en/check-your-answers")
    assert client.fake.only_case().submission.agent is None


@pytest.mark.parametrize(
    ("page", "fields", "wrong"),
    [
        ("for-whom", {}, ["asks_for"]),
        ("for-whom", {"asks_for": "friend"}, ["asks_for"]),
        ("who-you-are", {}, ["agent_name", "agent_email", "mandate"]),
        ("who-you-are", WHO | {"agent_name": "http://evil.example"}, ["agent_name"]),
        ("who-you-are", WHO | {"agent_email": "robin@"}, ["agent_email"]),
        ("who-you-are", WHO | {"mandate": "x" * 201}, ["mandate"]),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_does_not_fit_is_said_at_the_field(
    language: str, page: str, fields: dict[str, str], wrong: list[str]
) -> None:
    client = SiteClient()
    client.fill("/en/for-whom", {"asks_for": "proxy"})
    answer = client.fill(f"/{language}/{page}", fields)
    assert answer.status == 400
    for field in wrong:
        assert f'id="{field}-problem"' in answer.body
    assert answer.body.count('-problem">') >= len(wrong)


def test_less_can_be_said_of_the_request_where_more_is_said_of_who_asks() -> None:
    client = SiteClient()
    client.fill("/en/for-whom", {"asks_for": "proxy"})
    client.fill("/en/who-you-are", WHO)
    answer = client.fill("/en/your-details", DETAILS | {"details": "x" * 301})
    assert "must be 300 characters or fewer" in answer.words
    assert Answers(asks_for="proxy", details="x" * 301).kept().details == ""
    assert Answers(asks_for="myself", details="x" * 301).kept().details == "x" * 301


def test_the_person_reads_who_asks_and_says_whether_they_get_a_copy() -> None:
    client = SiteClient()
    reference = asked(client)
    page = client.open_request(reference)
    assert "Robin Clarke made this request as your lawyer or proxy." in page.words
    assert "Our answer goes to you alone." in page.words
    request = f"/en/requests/{reference}"
    page = client.follow(client.fill(request, {"gets_answers": "yes"}, at=f"{request}/agent"))
    assert "a copy of our letter to them" in page.words
    assert client.fake.only_case().agent_gets_answers
    page = client.follow(client.fill(request, {"gets_answers": "no"}, at=f"{request}/agent"))
    assert "Our answer goes to you alone." in page.words
    assert client.fill(request, {"gets_answers": "perhaps"}, at=f"{request}/agent").status == 400


def test_once_it_is_answered_nothing_is_left_to_say() -> None:
    client = SiteClient()
    reference = asked(client)
    client.open_request(reference)
    client.fake.answer(reference)
    request = f"/en/requests/{reference}"
    page = client.follow(client.fill(request, {"gets_answers": "yes"}, at=f"{request}/agent"))
    assert "Send them a copy, too" not in page.words
    assert not client.fake.only_case().agent_gets_answers
