"""The page by which a mailbox says that it did not make a request (abuse cases 15, 26)."""

import pytest

from rightsdesk.domain.lifecycle import Outcome
from tests.support.site_client import SiteClient


def link(client: SiteClient, language: str = "en") -> str:
    return f"/{language}/not-mine/{client.fake.only_case().request_id}"


@pytest.mark.parametrize(("language", "said"), [("en", "has been stopped"), ("ja", "手続きを止めました")])
def test_a_look_changes_nothing_and_a_button_stops_it(language: str, said: str) -> None:
    client = SiteClient()
    reference = client.make_request()
    path = link(client, language)
    page = client.get(path)
    assert reference in page.words
    assert not client.fake.only_case().disowned
    assert "aiko" not in page.body.lower()  # who reads the link knows the address, and nobody else should
    page = client.follow(client.fill(path))
    assert said in page.words
    assert client.fake.only_case().disowned
    assert "<form" not in page.body.partition("<main")[2]


@pytest.mark.parametrize("disowned", [False, True])
@pytest.mark.parametrize(
    ("language", "said"), [("en", "nobody but you can agree again"), ("ja", "改めて同意できるのはご本人だけ")]
)
def test_of_a_consent_that_was_taken_back_it_says_that_only_the_person_gives_it_again(
    language: str, said: str, disowned: bool
) -> None:
    client = SiteClient()
    client.make_request()
    assert said not in client.get(link(client, language)).words
    case = client.fake.only_case()
    case.disowned = disowned
    sign_up = f'href="/{language}/newsletter"'
    for case.stopped, linked in (("newsletter", True), ("surveys", False)):
        page = client.get(link(client, language))
        assert said in page.words
        assert (sign_up in page.body.partition("<main")[2].partition("</main")[0]) is linked


def test_it_needs_no_session_and_opens_none() -> None:
    client = SiteClient()
    client.make_request()
    path = link(client)
    stranger = SiteClient(fake=client.fake)
    assert stranger.get(path).status == 200
    stranger.fill(path)
    assert client.fake.only_case().disowned


def test_without_our_own_form_nothing_is_stopped() -> None:
    client = SiteClient()
    client.make_request()
    assert client.post(link(client), "csrf=wrong").status == 403
    assert not client.fake.only_case().disowned


def test_a_link_that_is_not_ours_is_not_found() -> None:
    assert SiteClient().get(f"/en/not-mine/{'0' * 64}").status == 404


def test_of_one_that_is_over_it_says_whom_to_write_to() -> None:
    client = SiteClient()
    client.make_request()
    client.fake.only_case().outcome = Outcome.WITHDRAWN
    page = client.get(link(client))
    assert "This request is over" in page.words
    assert "<form" not in page.body.partition("<main")[2]
