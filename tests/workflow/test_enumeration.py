"""Nobody learns from us who is a customer, which references exist, or whose they are (a17, a18, a22, a24, a52)."""

import re
import statistics
import time
from dataclasses import dataclass

import pytest

from rightsdesk.domain.reference import new_reference
from tests.support.stack import Answer, PlayedStack

EACH = 100  # of known and of unknown people
CHANGES = {"date", "x-amzn-requestid"}  # headers that differ between any two answers
REFERENCE = re.compile(r"RD-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")


def _headers(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in CHANGES}


def _neutral(text: str) -> str:
    """Without what is another for each request: reference, code, times."""
    random = r"[0-9]{4}-[0-9]{4}|[0-9-]{10}T[0-9:.]+Z|/not-mine/[a-z0-9]+"
    return re.sub(random, "…", REFERENCE.sub("…", text))


@dataclass(frozen=True)
class Intake:
    email: str
    known: bool
    answer: Answer
    seconds: float


@pytest.fixture(scope="module")
def intakes(stack: PlayedStack) -> list[Intake]:
    """Known and unknown people in turn, as fast as the gateway lets one caller."""
    known = [f"a17-known-{number}@example.com" for number in range(EACH)]
    profiles = [
        {"pk": f"MEMBER#A17-{number}", "sk": "PROFILE", "member_id": f"A17-{number}", "email": email, "name": "A17"}
        for number, email in enumerate(known)
    ]
    stack.put("MembersTable", profiles)
    made = []
    for number in range(EACH):
        for email in (known[number], f"a17-other-{number}@example.com"):
            answer, seconds = _post(stack, email)
            made.append(Intake(email, email in known, answer, seconds))
    stack.local.settle()
    return made


def _post(stack: PlayedStack, email: str) -> tuple[Answer, float]:
    while True:
        started = time.perf_counter()
        answer = stack.post_request(email, name="A17 Canary", country="DE")
        seconds = time.perf_counter() - started
        if answer.status != 429:
            return answer, seconds
        time.sleep(0.2)


def test_a17_known_and_unknown_people_get_the_same_answer(stack: PlayedStack, intakes: list[Intake]) -> None:
    assert len(intakes) == 2 * EACH
    assert {intake.answer.status for intake in intakes} == {202}
    assert len({str(sorted(_headers(intake.answer).items())) for intake in intakes}) == 1
    assert len({_neutral(str(intake.answer.body)) for intake in intakes}) == 1
    assert not any("set-cookie" in intake.answer.headers for intake in intakes)
    medians = {
        known: statistics.median(intake.seconds for intake in intakes if intake.known is known)
        for known in (True, False)
    }
    print(f"median POST: known {medians[True] * 1000:.1f} ms, unknown {medians[False] * 1000:.1f} ms")


def test_a17_and_as_many_mails_that_say_the_same(stack: PlayedStack, intakes: list[Intake]) -> None:
    by_address: dict[str, list[str]] = {intake.email: [] for intake in intakes}
    for mail in stack.local.outbox():
        if mail.to in by_address:
            by_address[mail.to].append(_neutral(mail.subject + mail.text))
    assert {len(mails) for mails in by_address.values()} == {1}
    assert len({mails[0] for mails in by_address.values()}) == 1


def test_a19_references_are_random_and_each_is_another(intakes: list[Intake]) -> None:
    references = [intake.answer.body["reference"] for intake in intakes]
    assert len(set(references)) == len(references)
    assert references != sorted(references)


def test_a24_a_duplicate_gets_the_answer_of_the_first(stack: PlayedStack, intakes: list[Intake]) -> None:
    first = intakes[0]
    again, _ = _post(stack, first.email)
    assert (again.status, _headers(again)) == (202, _headers(first.answer))
    assert _neutral(str(again.body)) == _neutral(str(first.answer.body))
    stack.local.settle()
    assert len(stack.mails(first.email)) == 1  # within ten minutes of the first: no second code


def test_a18_a_guessed_reference_is_answered_like_a_right_one(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    guessed = new_reference()
    paths = ("/access-code", "/verification", "/session")
    for path in paths:
        body = {} if path == "/access-code" else {"code": "0000-0000"}
        real = stack.call("POST", f"/api/requests/{case.reference}{path}", body)
        for other in (guessed, "RD-7K3M-9QXD-1", "nonsense", "RD-7K3M"):
            answer = stack.call("POST", f"/api/requests/{other}{path}", body)
            assert (answer.status, answer.body) == (real.status, real.body), (path, other)
            assert _headers(answer) == _headers(real)
    stack.local.settle()
    before = len(stack.local.outbox())
    stack.call("POST", f"/api/requests/{guessed}/access-code", {})
    assert len(stack.local.outbox()) == before


def test_a18_the_page_of_a_guessed_reference_is_that_of_a_right_one(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    real, guessed = (stack.call("GET", f"/en/requests/{reference}") for reference in (case.reference, new_reference()))
    assert (real.status, guessed.status) == (200, 200)
    assert _page(real) == _page(guessed)
    assert len(_page(real)) > 500
    assert case.email not in real.body


def _page(answer: Answer) -> str:
    """A page without what is another at each view: reference, nonces, form secrets."""
    text = re.sub(r'(nonce|value|content)="[^"]*"|nonce-[\w+/=-]+', "…", str(answer.body))
    return REFERENCE.sub("…", text)


def test_a22_a_stranger_with_a_session_sees_no_difference_between_anothers_and_nobodys(stack: PlayedStack) -> None:
    mine, theirs = stack.to_answer(stack.new_member()), stack.to_answer(stack.new_member(orders=1))
    session = stack.session(mine)
    before = stack.stored(theirs)
    for method, path, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/download", {}),
        ("POST", "/evidence", {"order_number": "K1", "postcode": "1"}),
    ):
        answers = [
            stack.call(method, f"/api/requests/{reference}{path}", body, bearer=session)
            for reference in (theirs.reference, new_reference())
        ]
        assert [answer.status for answer in answers] == [404, 404]
        assert answers[0].body == answers[1].body
        assert _headers(answers[0]) == _headers(answers[1])
    assert stack.stored(theirs) == before  # a52


def test_a52_a_session_is_for_one_case_and_can_not_be_altered(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member())
    path = f"/api/requests/{case.reference}"
    token = stack.session(case)
    altered = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for value in ("", "x", altered, token[: len(token) // 2], token * 2):
        assert stack.call("GET", path, headers={"Authorization": f"Bearer {value}"}).status == 401
    assert stack.call("GET", path, headers={"Authorization": token}).status == 401
    assert stack.call("GET", f"{path}?token={token}").status == 401
    assert stack.call("GET", path, bearer=token).status == 200


def test_a31_links_keep_our_own_address_whatever_the_caller_says(stack: PlayedStack) -> None:
    email = "a31-poisoned@example.com"
    assert stack.post_request(email, headers={"Host": "evil.example"}).status == 403
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Origin": "https://evil.example"}
    answer = stack.post_request(email, headers=forged)
    assert "evil" not in str(answer)
    stack.local.settle()
    for mail in stack.mails(email):
        assert "evil" not in mail.text + mail.html
        assert f"{stack.local.url}/en/requests/{answer.body['reference']}" in mail.text
    page = stack.call("GET", "/en", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil" not in page.body
