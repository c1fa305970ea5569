"""Consents on the whole system: asked for on a page, on record, sent by, stopped with one click, told in an answer."""

import re
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.package import Package
from tests.support.stack import Answer, PlayedStack, assert_nothing_personal

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


def post_form(stack: PlayedStack, path: str, **fields: str) -> Answer:
    origin = urlsplit(stack.local.url)
    headers = {"Content-Type": FORM, "Origin": f"{origin.scheme}://{origin.netloc}"}
    return stack.call("POST", path, urlencode(fields).encode(), headers=headers)


def link_in(text: str) -> str:
    """The path of the link to confirm, below the address of the stack."""
    found = re.findall(r"https?://[^/\s]+((?:/live)?/(?:en|ja)/consent/[a-z2-7]+)", text)
    return str(found[0])


def sign_up(stack: PlayedStack, email: str, language: str) -> None:
    assert post_form(stack, f"/{language}/newsletter", email=email).status == 200
    stack.local.settle()
    path = link_in(stack.mails(email)[-1].text)
    assert post_form(stack, path, answer="yes").status == 200


@pytest.mark.parametrize("country", ["IE", "JP"])
def test_a_newsletter_from_the_page_to_the_answer_to_access(stack: PlayedStack, country: str) -> None:
    person = stack.new_member(country=country)
    language = person.language
    assert stack.call("GET", f"/{language}/newsletter").status == 200
    assert stack.may("email", person.email, "newsletter")["reason"] == "no_consent"
    sign_up(stack, person.email, language)
    assert stack.may("email", person.email, "newsletter")["allowed"]

    asked = {"purpose": "newsletter", "emails": [person.email]}
    (mailing,) = stack.call_signed("POST", "/api/unsubscribe-links", asked).expect(200)["mailings"]
    path = urlsplit(mailing["link"]).path
    assert mailing["headers"]["List-Unsubscribe"] == f"<{mailing['link']}>"
    for method in ("GET", "HEAD"):
        looked = stack.call(method, path)
        assert (looked.status, "set-cookie" in looked.headers) == (200, False)
    assert stack.may("email", person.email, "newsletter")["allowed"]
    for _ in range(2):
        stopped = stack.call(
            "POST",
            path.upper().replace("/LIVE/U/", "/live/u/").replace("/U/", "/u/"),
            ONE_CLICK,
            headers={"Content-Type": FORM},
        )
        assert (stopped.status, "location" in stopped.headers) == (200, False)
    answer = stack.may("email", person.email, "newsletter")
    assert (answer["allowed"], answer["reason"]) == (False, "unsubscribed")

    accepted = {"subject": f"email:{person.email}", "version": "2026-09", "accepted_at": stack.now.isoformat()}
    assert stack.call_signed("POST", "/api/acceptances", accepted).expect(200)["is_current"]
    case = stack.to_answer(person)
    package = Package(stack.download(case))
    (record,) = package.json("data/consents.json")["records"]
    assert [event["event_state"] for event in record["events"]] == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    assert record["pii_processing"]["language"] == language
    (acceptance,) = package.json("data/acceptances.json")["acceptances"]
    assert acceptance["version"] == "2026-09"
    assert_nothing_personal(stack.log.getvalue(), stack.canaries)


def test_an_unsigned_call_of_the_shop_changes_nothing(stack: PlayedStack) -> None:
    person = stack.new_member()
    body = {
        "subject": f"email:{person.email}",
        "purpose": "newsletter",
        "text_version": "2026-09",
        "language": "en",
        "given_at": stack.now.isoformat(),
        "proof": "signup-1",
    }
    assert stack.call("POST", "/api/consents", body).status == 404
    assert stack.call_signed("POST", "/api/consents", body, secret="wrong").status == 403
    assert not stack.may("email", person.email, "newsletter")["allowed"]
    assert stack.call_signed("POST", "/api/consents", body).expect(200)["allowed"]
    assert stack.may("email", person.email, "newsletter")["allowed"]


def test_n1_a_right_is_used_by_who_never_accepted_anything(stack: PlayedStack) -> None:
    person = stack.new_member()
    query = urlencode({"subject": f"email:{person.email}"})
    accepted = stack.call_signed("GET", f"/api/acceptances?{query}").expect(200)
    assert accepted["version"] is None
    case = stack.to_answer(person)
    assert Package(stack.download(case)).json("data/acceptances.json")["acceptances"] == []
