"""Who somebody is, and what is searched for them (abuse cases 5, 6, 7, 13, 20, 82)."""

from datetime import timedelta

import pytest

from rightsdesk.domain.errors import (
    CaseClosedError,
    ConflictError,
    InvalidInputError,
    NotIdentifiedError,
    TooManyAttemptsError,
)
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.law.rules import RULES
from rightsdesk.ports.people import HeldOrder
from tests.support.desk import JANE, JANES_MEMBER_ID, Desk, shop_map
from tests.support.fakes import PlainPress

TOM = "tom@example.net"
LOOK_AGAIN = {"decided": False, "by_hand": False, "waves": []}
PLAN = {
    "decided": True,
    "by_hand": False,
    "erases": False,
    "corrects": False,
    "reviews": False,
    "sends": False,
    "stops": False,
    "sources": ["shop", "files"],
    "waves": [[{"name": "shop", "columnar": False}], [{"name": "files", "columnar": False}]],
}


def told(desk: Desk, wait: str = "decision-1") -> dict[str, object] | None:
    answer = desk.workflow.answers.get(wait)
    return answer and {name: value for name, value in answer.items() if name != "wait_seconds"}


def in_doubt(days: int = 2) -> tuple[Desk, PrivacyRequest]:
    """The mailbox of Jane's account was changed lately; she is asked for an order."""
    desk = Desk()
    desk.add_account(JANE, JANES_MEMBER_ID, mailbox_changed_at=desk.clock() - timedelta(days=days))
    case = desk.verified()
    desk.decide(case)
    return desk, desk.now(case)


def entered(desk: Desk, case: PrivacyRequest, order_number: str, postcode: str) -> PrivacyRequest:
    desk.enter_evidence(case, order_number, postcode)
    desk.decide(case, "decision-2")
    return desk.now(case)


def test_the_mailbox_of_a_settled_account_is_enough() -> None:
    desk = Desk()
    case = desk.collecting()
    assert told(desk) == PLAN
    assert case.assurance is Assurance.MAILBOX
    assert case.identifiers == {"email": (JANE,), "member_id": (JANES_MEMBER_ID,)}
    assert case.datamap_version == "1"
    assert desk.mails() == ["verification_code"]
    assert desk.history(case)[-1] == "plan_decided"


def test_a07_a_mailbox_changed_two_days_ago_is_not_enough() -> None:
    desk, case = in_doubt()
    assert told(desk) is None
    assert (case.status, case.evidence_needed) == (Status.AWAITING_VERIFICATION, True)
    assert case.identifiers == {"email": (JANE,)}  # nothing of the account is a key yet
    press = desk.press
    assert isinstance(press, PlainPress)
    assert press.printed[-1].values["doubt"].name == "doubt.mailbox_changed"
    assert desk.mails()[-1] == "evidence_needed"


def test_a13_after_thirty_days_it_is() -> None:
    desk, case = in_doubt(days=30)
    assert told(desk) == PLAN
    assert not case.evidence_needed


@pytest.mark.parametrize("typed", [("K-1", "D02 X285"), ("Ｋ-1 ", "d02x285"), ("k ー 1", "Ｄ０２　Ｘ２８５")])
def test_right_facts_are_enough_however_they_are_typed(typed: tuple[str, str]) -> None:
    desk, case = in_doubt()
    case = entered(desk, case, *typed)
    assert case.status is Status.COLLECTING
    assert case.assurance is Assurance.FACTS
    assert not case.evidence_needed
    assert told(desk) == LOOK_AGAIN  # the wait ended, to look again
    assert told(desk, "decision-2") == PLAN
    assert desk.table.evidence == {}
    asked = next(event for event in desk.table.events[case.request_id] if event.type == "evidence_asked")
    assert asked.details == {
        "doubt": "mailbox_changed",
        "rules": ["GDPR-12-6"],
        "rule_versions": [RULES["GDPR-12-6"].version],
        "laws": ["gdpr", "appi"],
        "country": "IE",
        "types": ["access", "portability"],
    }
    assert desk.history(case)[-5:] == [
        "evidence_asked",
        "question_answered",
        "facts_confirmed",
        "identity_confirmed",
        "plan_decided",
    ]


@pytest.mark.parametrize(("order_number", "postcode"), [("K-1", "D02 X286"), ("K-9", "D02 X285"), ("x", "y")])
def test_a05_wrong_facts_are_not_and_nobody_is_told_which(order_number: str, postcode: str) -> None:
    desk, case = in_doubt()
    case = entered(desk, case, order_number, postcode)
    assert case.status is Status.AWAITING_VERIFICATION
    assert case.assurance is Assurance.MAILBOX
    assert told(desk, "decision-2") is None
    assert desk.table.evidence == {}  # gone, right or wrong
    assert desk.mails() == ["verification_code", "evidence_needed"]
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.details) == ("facts_not_confirmed", {})


def test_a05_an_order_of_somebody_else_proves_nothing() -> None:
    desk, case = in_doubt()
    desk.directory.orders["K-77"] = HeldOrder(
        order_number="K-77", postcode="150-0001", owners={"member_id": ("M-000077",)}
    )
    case = entered(desk, case, "K-77", "150-0001")
    assert case.assurance is Assurance.MAILBOX
    assert "M-000077" not in str(case.identifiers)


def test_a06_right_answers_from_a_wrong_mailbox_open_nothing() -> None:
    """Tom knows Jane's order and postcode: they stand on the parcel that he took in for her."""
    desk = Desk()
    desk.directory.guests.add(TOM)
    case = desk.verified(email=TOM)
    desk.decide(case)
    case = entered(desk, case, "K-1", "D02 X285")
    assert case.status is Status.AWAITING_VERIFICATION
    assert case.identifiers == {"email": (TOM,)}
    desk.clock.advance(timedelta(days=14))
    with pytest.raises(NotIdentifiedError):
        desk.decide(case, "decision-3")


def test_a_guest_is_known_by_an_order_of_their_own() -> None:
    desk = Desk()
    desk.directory.guests.add(TOM)
    desk.directory.orders["G-1"] = HeldOrder(order_number="G-1", postcode="1", owners={"email": (TOM,)})
    case = desk.verified(email=TOM)
    desk.decide(case)
    assert desk.now(case).evidence_needed
    case = entered(desk, case, "G-1", "1")
    assert case.status is Status.COLLECTING
    assert case.identifiers == {"email": (TOM,)}


def test_a_mailbox_that_leads_to_nothing_is_answered_that_nothing_is_held() -> None:
    desk = Desk()
    case = desk.collecting(email="nobody@example.org")
    assert case.status is Status.COLLECTING
    assert case.identifiers == {"email": ("nobody@example.org",)}
    assert desk.mails() == ["verification_code"]


def test_a05_tries_count_against_the_order_from_whatever_request() -> None:
    """Five strangers a day may guess at an order; the sixth try is not even compared, and the owner's neither."""
    desk = Desk()
    desk.add_account(JANE, JANES_MEMBER_ID, mailbox_changed_at=desk.clock())
    for number in range(5):
        stranger = f"s{number}@example.net"
        desk.directory.guests.add(stranger)
        case = desk.verified(email=stranger)
        desk.decide(case, f"a-{number}")
        desk.enter_evidence(case, ("K-1", "k 1", "Ｋ－１", "K1", "k-1")[number], "wrong")
        desk.decide(case, f"b-{number}")
    case = desk.verified()
    desk.decide(case, "a-jane")
    case = entered(desk, case, "K-1", "D02 X285")
    assert case.assurance is Assurance.MAILBOX
    desk.clock.advance(timedelta(days=1))
    desk.enter_evidence(case, "K-1", "D02 X285")
    desk.decide(case, "decision-3")
    assert desk.now(case).assurance is Assurance.FACTS


def test_a05_tries_count_against_the_request_as_well() -> None:
    desk, case = in_doubt()
    for number in range(5):
        desk.enter_evidence(case, f"X-{number}", "1")
        desk.decide(case, f"decision-{number + 2}")
    with pytest.raises(TooManyAttemptsError) as refused:
        desk.enter_evidence(case, "K-1", "D02 X285")
    assert refused.value.retry_at.date() == (desk.clock() + timedelta(days=1)).date()
    assert desk.table.evidence == {}


def test_facts_entered_while_others_are_compared_are_compared_next() -> None:
    desk, case = in_doubt()
    desk.enter_evidence(case, "K-9", "1")
    desk.faults.before("directory.order", lambda: desk.enter_evidence(case, "K-1", "D02 X285"))
    desk.decide(case, "decision-2")
    assert told(desk, "decision-2") == LOOK_AGAIN  # the workflow comes back at once
    desk.decide(case, "decision-3")
    assert desk.now(case).assurance is Assurance.FACTS


def test_facts_entered_when_nobody_waits_yet_are_found_by_the_one_who_comes() -> None:
    desk, case = in_doubt()
    desk.table.tokens.clear()
    desk.enter_evidence(case)
    desk.decide(case, "decision-2")
    assert told(desk, "decision-2") == PLAN


def test_who_is_asked_is_asked_once_and_told_until_when() -> None:
    desk, case = in_doubt()
    asked_at = case.evidence_asked_at
    desk.clock.advance(timedelta(days=3))
    desk.decide(case, "decision-2")  # a new execution
    assert desk.mails().count("evidence_needed") == 1
    assert desk.now(case).evidence_asked_at == asked_at
    press = desk.press
    assert isinstance(press, PlainPress)
    values = press.printed[-1].values
    assert values["closes_on"] - values["asked_on"] == timedelta(days=14)
    assert values["tries"] == 5


def test_the_time_for_facts_ends_14_days_after_they_were_asked_for() -> None:
    desk, case = in_doubt()
    desk.clock.advance(timedelta(days=10))
    desk.enter_evidence(case, "K-9", "1")
    only_what_is_left = timedelta(days=4)
    waits = timedelta(seconds=desk.workflow.answers["decision-1"]["wait_seconds"])
    assert only_what_is_left < waits < only_what_is_left + timedelta(minutes=10)  # and a little, to look once more
    desk.decide(case, "decision-2")
    desk.clock.advance(timedelta(days=4))
    with pytest.raises(ConflictError):
        desk.enter_evidence(case)
    with pytest.raises(NotIdentifiedError):
        desk.decide(case, "decision-3")


def test_a_mailbox_that_has_settled_in_the_meantime_needs_no_facts() -> None:
    desk, case = in_doubt(days=29)
    desk.clock.advance(timedelta(days=1))
    desk.decide(case, "decision-2")
    assert desk.now(case).status is Status.COLLECTING
    assert not desk.now(case).evidence_needed


def test_started_again_the_task_passes_what_is_decided() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.directory.accounts.clear()  # and nobody is looked up again
    desk.decide(case, "decision-2")
    assert told(desk, "decision-2") == PLAN
    assert desk.now(case) == case


def test_a_map_that_changed_meanwhile_is_searched_as_it_is_now() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.data_map = shop_map(version="2")
    desk.decide(case, "decision-2")
    now = desk.now(case)
    assert (now.status, now.datamap_version) == (Status.COLLECTING, "2")
    assert desk.history(case).count("plan_decided") == 2


def test_a_closed_case_is_not_decided() -> None:
    desk = Desk()
    case = desk.verified()
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        desk.decide(case)
    assert told(desk) is None


# The door for facts


@pytest.mark.parametrize(
    ("order_number", "postcode", "problem"),
    [
        ("", "1", "order_number"),
        (" ", "1", "order_number"),
        ("K-1", "\u3000", "postcode"),
        ("9" * 65, "1", "order_number"),
    ],
)
def test_facts_are_checked_for_form_alone(order_number: str, postcode: str, problem: str) -> None:
    desk, case = in_doubt()
    with pytest.raises(InvalidInputError) as refused:
        desk.enter_evidence(case, order_number, postcode)
    assert [p.field for p in refused.value.problems] == [problem]
    assert desk.table.tries == {}  # and it was no try


def test_facts_that_nobody_asked_for_are_not_taken() -> None:
    desk = Desk()
    for case in (desk.verified(), desk.collecting(email="nobody@example.org")):
        with pytest.raises(ConflictError):
            desk.enter_evidence(case)
    desk, case = in_doubt()
    desk.withdraw(case)
    with pytest.raises(ConflictError):
        desk.enter_evidence(case)
    assert desk.table.evidence == {}


def test_a20_the_door_never_says_whether_they_were_right() -> None:
    for facts in (("K-1", "D02 X285"), ("K-9", "1")):
        desk, case = in_doubt()
        calls = len(desk.faults.calls)
        desk.enter_evidence(case, *facts)
        assert desk.faults.calls[calls:] == [
            "cases.get",
            "codes.count_evidence_try",
            "codes.leave_evidence",
            "cases.save",
            "tokens.parked",
            "workflow.succeed",
        ]
