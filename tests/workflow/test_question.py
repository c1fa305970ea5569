"""Staff ask, the person answers through the door: with everything that is deployed, from letter to letter."""

from datetime import date, timedelta

import pytest

from tests.support.stack import Case, PlayedStack

QUESTION = "Which of your two addresses is wrong?"
ANSWER = "二つ目の住所です。\nThe one in Kōbe."


@pytest.fixture
def asked(stack: PlayedStack) -> Case:
    """A correction, and what staff want to know of it."""
    member = stack.new_member(country="DE")
    case = stack.to_review(member, type="rectification", details="My postcode is wrong.", region="DE-BY")
    version = stack.staff_view(case)["version"]
    body = {"version": version, "kind": "clarification", "text": QUESTION}
    stack.decide(case, "question", body, by="handler").expect(200)
    return case


def answer(stack: PlayedStack, case: Case, text: str, *, session: str | None = None) -> tuple[int, str]:
    sent = stack.call(
        "POST", f"/api/requests/{case.reference}/answer", {"text": text}, bearer=session or stack.session(case)
    )
    stack.local.settle()
    return sent.status, sent.body.get("code", "")


def test_a_question_goes_to_the_person_and_the_answer_to_staff(stack: PlayedStack, asked: Case) -> None:
    seen = stack.look(asked)
    assert seen["question"]["text"] == QUESTION
    assert (seen["clock"], seen["suspended_since"]) == ("suspended", seen["question"]["asked_on"])
    assert seen["due_on"] == seen["conservative_due_on"]
    stack.advance(days=10)
    stack.canaries.add(ANSWER)
    assert answer(stack, asked, ANSWER) == (202, "")
    seen = stack.look(asked)
    assert (seen["question"], seen["clock"], seen["suspended_since"]) == (None, "running", None)
    moved = date.fromisoformat(seen["due_on"]) - date.fromisoformat(seen["conservative_due_on"])
    assert moved >= timedelta(days=5)  # ten days, and either date may have been rolled over a weekend
    stored = stack.stored(asked)
    assert (stored.region, stored.questions[0].answer) == ("DE-BY", ANSWER)
    told = [mail for mail in stack.staff_mails(asked) if QUESTION in mail.text]
    assert len(told) == 1
    assert ANSWER not in told[0].text  # it stands in the case, and not in mailboxes


def test_a27_an_answer_is_given_once_and_to_what_was_asked(stack: PlayedStack, asked: Case) -> None:
    assert answer(stack, asked, "The first.") == (202, "")
    assert answer(stack, asked, "The first.") == (202, "")  # sent again, as a door may
    assert answer(stack, asked, "The second.") == (409, "nothing_asked")
    assert [question.answer for question in stack.stored(asked).questions] == ["The first."]
    assert stack.happened(asked).count("question_answered") == 1


def test_a52_nobody_answers_for_another(stack: PlayedStack, asked: Case) -> None:
    other = stack.to_review(stack.new_member())
    assert answer(stack, asked, "Mine.", session=stack.session(other)) == (404, "not_found")
    assert stack.stored(asked).questions[0].answered_at is None


def test_what_staff_did_by_hand_is_in_the_letter_and_the_view_has_no_package(stack: PlayedStack, asked: Case) -> None:
    assert answer(stack, asked, "The first.") == (202, "")
    version = stack.staff_view(asked)["version"]
    stack.decide(asked, "completion", {"version": version, "done": "We have put your postcode right."}).expect(200)
    seen = stack.look(asked)
    assert seen["package"] is None
    assert seen["steps"][-1]["at"] is not None
    assert any("We have put your postcode right." in mail.text for mail in stack.mails_about(asked, to=asked.email))
