"""Several requests of one person: what is linked, what is merged, and what never is (abuse cases 14, 24, 44, 78)."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.clock import ExtensionReason
from rightsdesk.domain.errors import AccessGoesFirstError, AskedBeforeError, InvalidInputError, RightsdeskError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.register import register_row
from rightsdesk.domain.report import make_report
from rightsdesk.domain.request import Aim, Door, PrivacyRequest, RequestType
from tests.support.desk import APPROVER, HANDLER, JANES_MEMBER_ID, Desk
from tests.support.play import Play

OTHER_MAILBOX = "jane.murphy@example.org"


def later(desk: Desk, **changes: Any) -> PrivacyRequest:
    """Another request, verified, a day after the last one."""
    desk.clock.advance(timedelta(days=1))
    return desk.verified(**changes)


def merged(desk: Desk, case: PrivacyRequest) -> PrivacyRequest:
    with pytest.raises(AskedBeforeError):
        desk.decide(case)
    desk.close(case, Outcome.MERGED)
    return desk.now(case)


@pytest.mark.parametrize("change", [{"country": "US"}, {"country": "FR"}, {"language": "ja"}])
def test_nobody_loses_a_law_or_a_language_by_a_merge(change: dict[str, str]) -> None:
    desk = Desk()
    desk.awaiting_review(country="IE")
    second = later(desk, **({"country": "IE"} | change))
    desk.decide(second)
    assert desk.now(second).merged_into is None


def test_a_second_request_for_the_same_is_merged_and_its_letter_names_the_first() -> None:
    desk = Desk()
    first = desk.awaiting_review()
    second = merged(desk, later(desk))
    assert (second.status, second.outcome, second.merged_into) == (Status.CLOSED, Outcome.MERGED, first.reference)
    assert (second.refusal, second.answered_at, second.breaches) == (None, None, ())
    assert desk.history(second) == ["received", "verification_started", "mailbox_confirmed", "merged", "closed"]
    assert desk.now(first) == first  # to the version: nothing of it moved, its dates least of all
    assert desk.mails()[-1] == "merged"
    told = desk.press.printed[-1].values
    assert (told["first_reference"], told["due_on"]) == (first.reference, first.due.due_on)
    assert told["link"] == desk.links.request(first)


def test_a_merged_request_is_neither_refused_nor_answered_nor_late_in_register_and_report() -> None:
    desk = Desk()
    first = desk.awaiting_review()
    second = merged(desk, later(desk))
    row = register_row(second, desk.cases.letters(second.request_id))
    assert (row.outcome, row.merged_into, row.grounds) == ("merged", first.reference, ())
    desk.clock.advance(timedelta(days=300))
    report = make_report("2026-11", [second], zone=desk.merchant.timezone, now=desk.clock())
    assert (report.refused, report.answered, report.overdue, report.open) == (0, 0, 0, 0)
    assert report.by_outcome == {"merged": 1}


def test_a_task_that_is_run_again_merges_once() -> None:
    desk = Desk()
    desk.awaiting_review()
    case = later(desk)
    for _ in range(3):
        with pytest.raises(AskedBeforeError):
            desk.decide(case)
    assert desk.history(case).count("merged") == 1


def unverified(desk: Desk) -> None:
    desk.send_verification(desk.submit())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(unverified, {}, id="the first was never verified"),
        pytest.param(lambda desk: desk.answered(), {}, id="the first is answered"),
        pytest.param(lambda desk: desk.withdraw(desk.collecting()), {}, id="the first is over"),
        pytest.param(lambda desk: desk.awaiting_review(), {"types": (RequestType.ACCESS,)}, id="another right"),
        pytest.param(lambda desk: desk.awaiting_review(), {"types": (RequestType.ERASURE,)}, id="quite another right"),
        pytest.param(lambda desk: desk.awaiting_review(), {"details": "All of 2019"}, id="other words"),
        pytest.param(lambda desk: desk.awaiting_review(), {"order_number": "K-1"}, id="an order to look for"),
        pytest.param(
            lambda desk: desk.collecting(types=(RequestType.OBJECTION,), details="x", aim=Aim(objects_to="marketing")),
            {"types": (RequestType.OBJECTION,), "details": "x", "aim": Aim(objects_to="other")},
            id="another aim",
        ),
    ],
)
def test_nothing_else_is_merged(first: Any, second: dict[str, Any]) -> None:
    desk = Desk()
    first(desk)
    case = later(desk, **second)
    desk.decide(case)
    assert desk.now(case).status is Status.COLLECTING


def test_spaces_and_case_of_what_was_written_are_no_other_words() -> None:
    desk = Desk()
    desk.collecting(details="All  of it,\nplease")
    merged(desk, later(desk, details="all of it, please"))


def test_who_asked_first_and_verified_later_is_not_swallowed_and_keeps_the_earlier_dates() -> None:
    desk = Desk()
    early = desk.submit()
    desk.send_verification(early)
    desk.clock.advance(timedelta(days=2))
    desk.collecting()
    desk.clock.advance(timedelta(minutes=11))
    desk.ask_code(early)
    desk.verify(desk.now(early))
    desk.decide(desk.now(early))
    assert desk.now(early).status is Status.COLLECTING
    assert desk.now(early).due == early.due


def test_a_request_from_another_mailbox_of_the_member_is_linked_and_never_merged() -> None:
    """The answer to the first goes to the first mailbox, which who reads the second may have lost."""
    desk = Desk()
    first = desk.awaiting_review()
    desk.add_account(OTHER_MAILBOX, JANES_MEMBER_ID)
    second = later(desk, email=OTHER_MAILBOX)
    desk.decide(second)
    assert desk.now(second).status is Status.COLLECTING
    for one, other in ((first, second), (second, first)):
        (linked,) = desk.staff.view(HANDLER, one.reference).other_requests
        assert (linked.reference, linked.same_mailbox) == (other.reference, False)


LOOK_ALIKES = (
    "jane+shop@example.com",
    "ja.ne@example.com",
    "j\u0430ne@example.com",  # Cyrillic
    "jane@examp1e.com",
    "jane@ex\u0430mple.com",
    "jane@xn--exmple-4nf.com",  # the same as IDNA
    "jane@example.com.evil.example",
    "jane@example.co",
)


@pytest.mark.parametrize("look_alike", LOOK_ALIKES)
def test_a01_who_looks_like_somebody_is_linked_to_nobody_and_joins_and_holds_up_nothing(look_alike: str) -> None:
    desk = Desk()
    first = desk.awaiting_review()
    second = later(desk, email=look_alike)
    with suppress(RightsdeskError):  # nobody is known by it; what becomes of that is not asked here
        desk.decide(second)
    desk.submit(email=look_alike)
    second = desk.now(second)
    assert second.assurance is Assurance.MAILBOX
    assert (second.merged_into, second.outcome) == (None, None)
    assert not set(second.person_keys) & set(desk.now(first).person_keys)
    for case, unverified_too in ((first, 0), (second, 1)):
        seen = desk.staff.view(HANDLER, case.reference)
        assert (seen.other_requests, seen.unverified_requests) == ((), unverified_too)
    with pytest.raises(InvalidInputError):
        desk.extend(desk.now(first), reason=ExtensionReason.NUMBER_OF_REQUESTS)


@pytest.mark.parametrize("spelling", ["JANE@EXAMPLE.COM", " jane@example.com", "ｊａｎｅ@example.com"])
def test_a01_another_spelling_of_one_mailbox_is_that_mailbox(spelling: str) -> None:
    desk = Desk()
    first = desk.awaiting_review()
    assert merged(desk, later(desk, email=spelling)).merged_into == first.reference


def test_a01_a_look_alike_that_nobody_verified_holds_up_no_erasure() -> None:
    desk = Desk()
    erasure = desk.confirmed()
    for look_alike in LOOK_ALIKES:
        later(desk, email=look_alike)  # each asks for access, verified in the mailbox of its own
    desk.approve(desk.now(erasure), {})
    assert desk.staff.view(APPROVER, erasure.reference).next_step != "answer_access_request_first"


def test_a24_a44_staff_see_the_others_that_were_verified_and_how_many_were_not() -> None:
    desk = Desk()
    first = desk.awaiting_review()
    objection = later(desk, types=(RequestType.OBJECTION,), aim=Aim(objects_to="marketing"))
    for _ in range(3):
        desk.submit()
    desk.verified(email="tom@example.net")
    seen = desk.staff.view(HANDLER, first.reference)
    assert [(other.reference, other.types, other.status) for other in seen.other_requests] == [
        (objection.reference, (RequestType.OBJECTION,), Status.VERIFIED)
    ]
    assert seen.unverified_requests == 3
    assert desk.now(first).refusal is None  # a number of requests refuses nothing


def test_the_view_of_an_unverified_request_links_it_to_nobody() -> None:
    desk = Desk()
    desk.awaiting_review()
    stranger = desk.submit()
    seen = desk.staff.view(HANDLER, stranger.reference)
    assert (seen.other_requests, seen.unverified_requests) == ((), 0)


def test_unverified_requests_are_no_several_requests_of_a_person() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    for _ in range(3):
        desk.submit()
    with pytest.raises(InvalidInputError) as caught:
        desk.extend(case, reason=ExtensionReason.NUMBER_OF_REQUESTS)
    assert caught.value.problems[0].reason == "no_other_request"


def test_a78_access_from_another_mailbox_of_the_member_goes_before_the_erasure() -> None:
    desk = Desk()
    desk.add_account(OTHER_MAILBOX, JANES_MEMBER_ID)
    access = desk.collecting(email=OTHER_MAILBOX)
    erasure = desk.confirmed()
    with pytest.raises(AccessGoesFirstError) as caught:
        desk.approve(erasure, {})
    assert caught.value.args == (access.reference,)
    assert desk.staff.view(APPROVER, erasure.reference).next_step == "answer_access_request_first"


def test_fifty_unverified_requests_neither_hold_up_nor_change_the_persons_own() -> None:
    """The attacker asks for all that could stand in the way of an erasure; nobody ever enters a code."""
    play = Play(types=(RequestType.ERASURE,))
    own = play.submit(types=(RequestType.ERASURE,))
    play.pass_time(timedelta(minutes=1))
    play.verify(own)
    types = ((RequestType.ACCESS,), (RequestType.ERASURE,), (RequestType.RESTRICTION,))
    for number in range(50):
        play.submit(types=types[number % 3], details="Now.")
    play.pass_time(timedelta(minutes=1))
    assert play.mails().count("verification_code") <= 3
    play.until_all_is_done()
    assert play.now(own).outcome in (Outcome.FULFILLED, Outcome.PARTIALLY_FULFILLED)
    assert play.now(own).due == own.due
    others = [case for case in play.all_cases() if case.request_id != own.request_id]
    assert {case.outcome for case in others} == {Outcome.UNVERIFIED}
    assert {case.assurance for case in others} == {Assurance.NONE}
    assert play.mails().count("unverified") <= 3  # who was never told of a request is not told of its end


def test_linking_reads_no_unverified_request() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    for _ in range(50):
        desk.submit()
    before = len(desk.faults.calls)
    desk.staff.view(HANDLER, case.reference)
    assert desk.faults.calls[before:].count("cases.get") == 0


def test_who_writes_from_the_own_mailbox_gets_a_code_however_many_strangers_used_the_form() -> None:
    desk = Desk()
    for _ in range(50):
        desk.send_verification(desk.submit())
    assert desk.mails().count("verification_code") <= 3
    own = desk.submit(door=Door.EMAIL, types=(RequestType.ERASURE,))
    desk.send_verification(own)
    desk.verify(own)
    desk.decide(desk.now(own))
    assert desk.now(own).status is Status.COLLECTING
