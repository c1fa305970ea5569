"""The review of an automated decision: only what went into it is read, a person says what came of it, and another lets
the answer go."""

from typing import Any

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decision_review import ReviewResult
from rightsdesk.domain.errors import (
    InvalidInputError,
    NotAllowedError,
    NotAReviewError,
    NotAwaitingReviewError,
    NotReviewedError,
    SecondPersonNeededError,
    VersionMovedOnError,
)
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import Aim, PrivacyRequest, RequestType
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.complete_request import complete_request
from rightsdesk.services.review_decision import view_review
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, Desk, shop_map
from tests.support.fakes import PlainPress
from tests.unit.domain import maps

ADMIN = StaffMember(user_id="sub-admin", roles=frozenset({Role.ADMIN}))
REVIEW = {"types": (RequestType.AUTOMATED_DECISION,), "details": "I paid every order."}
DECLINED = ReviewResult.CHANGED


def decision(**changes: Any) -> dict[str, Any]:
    words = ("label", "decides", "logic", "consequences", "safeguards", "reviewer")
    return dict.fromkeys(words, maps.LABEL) | {"inputs": ["shop/members.score"], "basis": "contract"} | changes


def map_with(**decisions: dict[str, Any]) -> DataMap:
    written = shop_map().model_dump(mode="json", by_alias=True, exclude_none=True)
    score = maps.field(
        category="profile",
        origin="inferred",
        disclose="never",
        ground="crime_prevention",
        reason={"en": "So that nobody learns how to pass.", "ja": "検知を避けられないようにするため。"},
    )
    written["sources"]["shop"]["collections"]["members"]["fields"]["score"] = score
    return maps.data_map(written | {"automated_decisions": decisions})


def a_desk(**options: Any) -> Desk:
    desk = Desk(data_map=map_with(fraud=decision(), letters=decision(inputs=["files/letters.text"])), **options)
    desk.reader.rows["shop/members", "email", JANE][0]["score"] = 87
    return desk


def awaiting(desk: Desk, aim: Aim | None = None) -> PrivacyRequest:
    case = desk.collected(**REVIEW, aim=aim)
    desk.ask_release(case)
    return desk.now(case)


def read(desk: Desk, case: PrivacyRequest, staff: StaffMember = HANDLER) -> Any:
    return view_review(
        staff,
        case,
        cases=desk.cases,
        records=desk.records,
        data_map=lambda: desk.data_map,
        clock=desk.clock,
    )


def test_only_what_went_into_the_decision_is_read_and_what_leads_to_it() -> None:
    desk = a_desk()
    case = awaiting(desk, Aim(decision="fraud", contests=True))
    assert case.sources == ("shop",)  # the file of letters has no part in it
    view = read(desk, case)
    assert (view.named, view.contests, view.view) == ("fraud", True, "I paid every order.")
    assert [each.name for each in view.decisions] == ["fraud"]
    (facts,) = view.facts
    assert (facts.collection, facts.status, [*facts.fields]) == ("shop/members", "done", ["score"])
    assert facts.rows == ({"member_id": JANES_MEMBER_ID, "score": 87},)
    assert view.version == desk.now(case).version
    assert desk.history(case)[-1] == "review_facts_read"
    assert {row for rows in desk.bucket.rows.values() for each in rows for row in each} <= {
        *("member_id", "order_id", "score"),
    }


def test_who_does_not_know_which_gets_all_looked_at() -> None:
    desk = a_desk()
    case = awaiting(desk)
    assert case.sources == ("shop", "files")
    assert [each.name for each in read(desk, case).decisions] == ["fraud", "letters"]


def test_a_map_without_decisions_leads_to_no_search() -> None:
    desk = Desk()
    case = awaiting(desk)
    assert case.sources == ()
    assert read(desk, case).facts == ()


def test_the_letter_says_result_reasons_and_logic_and_nothing_is_left() -> None:
    press = PlainPress()
    desk = a_desk(press=press)
    case = awaiting(desk, Aim(decision="fraud"))
    case = desk.review(case, "fraud", DECLINED, "Two gifts on one day were counted as misuse.")
    desk.complete(case, "The block of your account is lifted.")
    desk.answer(case)
    desk.close(case)
    (said,) = [printed.values for printed in press.printed if printed.letter is Letter.REVIEW_ANSWER]
    assert said["result"] == Phrase(name="review.changed")
    assert (said["reason"], said["done"]) == (
        "Two gifts on one day were counted as misuse.",
        "The block of your account is lifted.",
    )
    assert said["logic"].model_dump() == maps.LABEL
    assert desk.now(case).outcome is Outcome.FULFILLED
    assert desk.bucket.objects == {}


def test_what_is_kept_of_a_review_comes_back_as_it_was() -> None:
    desk = a_desk()
    case = desk.review(awaiting(desk))  # no decision was found
    kept = case.model_dump(mode="json", exclude_none=True)  # as the table has it
    assert PrivacyRequest.model_validate(kept) == case


def test_two_people_see_to_it_and_the_second_may_not_be_the_first() -> None:
    desk = a_desk()
    case = awaiting(desk)
    with pytest.raises(NotReviewedError):
        _complete(desk, case)
    case = desk.review(case, staff=APPROVER)
    with pytest.raises(SecondPersonNeededError):
        _complete(desk, case)
    alone = a_desk(four_eyes=False)
    other = alone.review(awaiting(alone), staff=APPROVER)
    _complete(alone, other)
    assert alone.now(other).review is not None


def _complete(desk: Desk, case: PrivacyRequest) -> None:
    complete_request(
        APPROVER,
        case,
        case.version,
        "There was nothing to change.",
        cases=desk.cases,
        tokens=desk.tokens,
        workflow=desk.workflow,
        data_map=lambda: desk.data_map,
        clock=desk.clock,
        four_eyes=desk.four_eyes,
    )


@pytest.mark.parametrize(
    ("named", "result", "reasons", "field", "reason"),
    [
        ("credit", ReviewResult.UPHELD, "It was right as it was.", "decision", "not_a_choice"),
        (None, ReviewResult.UPHELD, "It was right as it was.", "decision", "missing"),
        (None, ReviewResult.CHANGED, "It was wrong, and is changed.", "decision", "missing"),
        ("fraud", ReviewResult.UPHELD, "no", "reasons", "too_short"),
        ("fraud", ReviewResult.UPHELD, "", "reasons", "missing"),
    ],
)
def test_what_is_no_review(named: str | None, result: ReviewResult, reasons: str, field: str, reason: str) -> None:
    desk = a_desk()
    case = awaiting(desk)
    with pytest.raises(InvalidInputError) as refused:
        desk.review(case, named, result, reasons)
    assert [(each.field, each.reason) for each in refused.value.problems] == [(field, reason)]
    assert desk.now(case).review is None


def test_who_may_and_of_what() -> None:
    desk = a_desk()
    case = awaiting(desk)
    with pytest.raises(NotAllowedError):
        read(desk, case, ADMIN)
    with pytest.raises(NotAllowedError):
        desk.review(case, staff=ADMIN)
    with pytest.raises(VersionMovedOnError):
        desk.review(case, version=case.version - 1)
    with pytest.raises(NotAwaitingReviewError):
        read(desk, desk.verified(**REVIEW | {"email": "tom@example.com"}))
    other = desk.to_be_carried_out(email="ann@example.com")
    with pytest.raises(NotAReviewError):
        desk.review(other)
    with pytest.raises(NotAReviewError):
        read(desk, other)


def test_the_history_has_the_result_and_the_rule_and_no_reasons() -> None:
    desk = a_desk()
    case = desk.review(awaiting(desk), "fraud", DECLINED, "Two gifts on one day were counted.")
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.details["result"], event.details["decision"]) == ("decision_reviewed", "changed", "fraud")
    assert "GDPR-22-3" in str(event.details)
    assert "gifts" not in str(event.details)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"inputs": ["shop/members.nothing"]}, "inputs"),
        ({"inputs": ["shop/members.text", "shop/members.text"]}, "inputs"),
        ({"recipient": "nobody"}, "recipient"),
    ],
)
def test_a_register_that_names_what_is_not_there_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ValueError, match=rf"automated_decisions.fraud.{where}"):
        map_with(fraud=decision(**changes))
