"""The mailbox says that it did not make a request: everything stops, and only staff let it go on (abuse case 15)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rightsdesk.domain.errors import (
    ApproverNeededError,
    ConflictError,
    FrozenError,
    InvalidInputError,
    NotAuthenticatedError,
    NotAwaitingReviewError,
    NotFoundError,
    VersionMovedOnError,
)
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.staff import StaffMember
from rightsdesk.services.disown_request import disown_request, view_disowning
from rightsdesk.services.thaw_request import thaw_request
from tests.support.correcting import CARRIER, NAME, fill, telling_map
from tests.support.desk import APPROVER, HANDLER, JANE, Desk
from tests.support.play import Play
from tests.unit.services.test_agents import TO_REVIEW, release

REASON = "She called back from the number on file: her husband had clicked it by mistake."


def thaw(desk: Desk, case: PrivacyRequest, staff: StaffMember = APPROVER, reason: str = REASON) -> PrivacyRequest:
    thaw_request(staff, case, case.version, reason, cases=desk.cases, clock=desk.clock)
    return desk.now(case)


@pytest.mark.parametrize("way", TO_REVIEW)
def test_a15_nothing_is_released_or_erased_until_staff_thaw_it(way: str) -> None:
    desk = Desk()
    case = TO_REVIEW[way](desk)
    assert desk.disown(case).state == "frozen"
    case = desk.now(case)
    seen = desk.staff.view(APPROVER, case.reference)
    assert (seen.next_step, seen.waits_for) == ("thaw_or_refuse", ("frozen",))
    assert "staff_disowned" in desk.mails()
    with pytest.raises(FrozenError):
        release(desk, case)
    release(desk, thaw(desk, case))
    assert [event for event in desk.history(case) if event in ("disowned", "thawed")] == ["disowned", "thawed"]


def test_a15_codes_and_sessions_of_before_are_worth_nothing_not_even_after_the_thaw() -> None:
    desk = Desk()
    case = desk.verified()
    desk.clock.advance(timedelta(minutes=2))
    desk.ask_code(case)
    code = desk.code()
    token = desk.code_desk.open_session(case.reference, code).token
    desk.clock.advance(timedelta(minutes=2))
    desk.ask_code(case)
    code = desk.code()
    desk.disown(case)
    for _ in ("frozen", "thawed"):
        with pytest.raises(NotAuthenticatedError):
            desk.code_desk.authenticate(token, case.reference)
        with pytest.raises(InvalidInputError):
            desk.code_desk.open_session(case.reference, code)
        if desk.now(case).is_frozen:
            thaw(desk, desk.now(case))
    desk.clock.advance(timedelta(minutes=2))
    desk.ask_code(case)
    session = desk.code_desk.open_session(case.reference, desk.code())
    assert desk.code_desk.authenticate(session.token, case.reference).request_id == case.request_id


def test_a15_a_frozen_request_mails_no_code() -> None:
    desk = Desk()
    case = desk.verified()
    desk.disown(case)
    desk.clock.advance(timedelta(hours=1))
    before = desk.mails()
    desk.ask_code(case)
    assert desk.mails() == before


def test_a15_one_that_nobody_confirmed_can_be_confirmed_no_more_and_runs_out() -> None:
    desk = Desk()
    case = desk.submit()
    desk.send_verification(case)
    desk.disown(case)
    with pytest.raises(InvalidInputError):
        desk.verify(case)
    desk.clock.advance(timedelta(days=14))
    desk.close(case, Outcome.UNVERIFIED)
    assert desk.now(case).outcome is Outcome.UNVERIFIED


def test_a15_in_the_moment_before_the_first_row_goes_it_does_not_go() -> None:
    desk = Desk()
    case = desk.approved()
    desk.disown(case)
    assert desk.begin_erasure(case) == "plan_again"
    assert not desk.now(case).erasure_began


def test_a14_an_erasure_that_the_mailbox_disowns_can_not_be_confirmed() -> None:
    desk = Desk()
    case = desk.planned()
    desk.disown(case)
    with pytest.raises(FrozenError):
        desk.confirm_erasure(case)


def test_a15_after_the_answer_nothing_can_be_fetched() -> None:
    desk = Desk()
    case = desk.answered()
    desk.disown(case)
    with pytest.raises(FrozenError):
        desk.download(case)
    assert desk.staff.view(HANDLER, case.reference).waits_for == ("frozen",)


def test_between_release_and_letter_it_stops_the_letter() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.release(case)
    desk.disown(case)
    with pytest.raises(FrozenError):
        desk.answer(case)
    assert "partly_refused" not in desk.mails()


def test_said_again_it_is_the_same_and_staff_are_told_once() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    for _ in range(3):
        desk.disown(case)
    assert desk.history(case).count("disowned") == 1
    assert desk.mails().count("staff_disowned") == 1
    thaw(desk, desk.now(case))
    desk.clock.advance(timedelta(minutes=1))
    desk.disown(case)
    assert desk.mails().count("staff_disowned") == 2


def test_of_one_that_is_over_staff_hear_and_nothing_changes() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.withdraw(case)
    before = desk.now(case)
    assert desk.disown(case).state == "over"
    assert desk.now(case) == before
    assert desk.mails()[-1] == "staff_disowned"


def test_a26_to_look_changes_nothing() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    token = f"{case.request_id}{case.disown_secret}"
    assert view_disowning(token.upper(), cases=desk.cases, newsletter=lambda: "newsletter").state == "open"
    assert desk.now(case) == case


@pytest.mark.parametrize("wrong", ["", "x", "0" * 64, "0" * 63, "é" * 64])
def test_a_link_that_is_not_ours_is_no_link(wrong: str) -> None:
    desk = Desk()
    case = desk.submit()
    for token in (wrong, f"{case.request_id}{'0' * 32}", f"{'0' * 32}{case.disown_secret}"):
        with pytest.raises(NotFoundError):
            disown_request(token, cases=desk.cases, letters=desk.letters, newsletter=lambda: None, clock=desk.clock)
    assert desk.now(case).frozen is None


def test_only_an_approver_thaws_it_with_a_reason_and_as_it_was_seen() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(ConflictError):
        thaw(desk, case)
    desk.disown(case)
    seen, case = case.version, desk.now(case)
    with pytest.raises(VersionMovedOnError):
        thaw_request(APPROVER, case, seen, REASON, cases=desk.cases, clock=desk.clock)
    with pytest.raises(ApproverNeededError):
        thaw(desk, case, HANDLER)
    with pytest.raises(InvalidInputError):
        thaw(desk, case, reason="-")
    assert not thaw(desk, case).is_frozen


def test_a_frozen_request_can_be_refused() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.disown(case)
    desk.refuse(desk.now(case), "not_the_subject", "The owner of the mailbox did not make this request.")
    assert desk.now(case).is_refused


def test_nothing_is_merged_into_what_the_mailbox_disowned() -> None:
    desk = Desk()
    desk.disown(desk.awaiting_review())
    desk.clock.advance(timedelta(days=1))
    case = desk.verified()
    desk.decide(case)
    assert desk.now(case).merged_into is None


def test_the_secret_of_the_link_is_in_no_event_and_no_view() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.disown(case)
    secret = case.disown_secret
    assert secret is not None
    events = " ".join(event.model_dump_json() for event in desk.table.events[case.request_id])
    assert secret not in events
    assert secret not in desk.staff.view(APPROVER, case.reference).model_dump_json()
    assert JANE not in events


def test_a_copy_that_the_mailbox_disowned_holds_up_no_erasure() -> None:
    desk = Desk()
    copy = desk.awaiting_review()
    desk.clock.advance(timedelta(days=1))
    erasure = desk.confirmed()
    assert desk.staff.view(APPROVER, erasure.reference).next_step == "answer_access_request_first"
    desk.disown(copy)
    assert desk.staff.view(APPROVER, erasure.reference).next_step == "approve_erasure"


def test_the_mailbox_is_reminded_of_nothing_that_it_disowned() -> None:
    desk = Desk()
    case = desk.submit()
    desk.send_verification(case)
    desk.disown(case)
    desk.clock.advance(timedelta(days=4))
    desk.look(case)
    assert "verification_reminder" not in desk.mails()


NOT_YET: dict[str, Callable[..., PrivacyRequest]] = {
    "verified": Desk.verified,
    "collecting": Desk.collecting,
    "collected": Desk.collected,
}


@pytest.mark.parametrize("way", NOT_YET)
def test_frozen_before_a_decision_is_waited_for_a_refusal_is_not_named(way: str) -> None:
    desk = Desk()
    case = NOT_YET[way](desk)
    desk.disown(case)
    assert desk.staff.view(APPROVER, case.reference).next_step == "thaw"
    with pytest.raises(NotAwaitingReviewError):
        desk.refuse(desk.now(case), "not_the_subject", "The mailbox says that it did not ask.")


def test_a_frozen_question_is_never_refused() -> None:
    desk = Desk()
    case = desk.to_be_carried_out(types=(RequestType.QUESTION,))
    desk.disown(case)
    assert desk.staff.view(APPROVER, case.reference).next_step == "thaw"


def test_frozen_after_the_answer_staff_are_told_what_to_do() -> None:
    desk = Desk()
    case = desk.answered()
    desk.disown(case)
    assert desk.staff.view(APPROVER, case.reference).next_step == "thaw"
    thaw(desk, desk.now(case))
    assert desk.download(desk.now(case)).url


def test_what_the_mailbox_disowns_after_the_answer_reminds_nobody_and_does_not_close() -> None:
    play = Play(types=(RequestType.RECTIFICATION,), corrections=(NAME,), data_map=telling_map())
    play.settle_recipients = lambda case: None  # type: ignore[method-assign]
    fill(play)
    for _ in range(3):
        play.day()
    case = play.only_case()
    assert case.status is Status.AWAITING_RECIPIENTS
    mailed = len([mail for mail in play.mailer.outbox if mail.to == CARRIER])
    assert play.disown(case).state == "frozen"
    play.pass_time(timedelta(days=8))
    assert len([mail for mail in play.mailer.outbox if mail.to == CARRIER]) == mailed
    staff = play.staff_notices()
    with pytest.raises(FrozenError):
        staff.tell_again(HANDLER, case.reference, play.now(case).version, "carrier")
    for notice in play.notices.of(case.request_id):
        play.notice_answers().take(notice.notice_id, NoticeState.DONE)
    play.pass_time(timedelta(days=1))
    assert play.now(case).is_open, "whoever it was that asked, somebody has to say so"
    thaw(play, play.now(case))
    play.sweep()
    play.pass_time(timedelta(minutes=1))
    assert play.now(case).outcome is Outcome.FULFILLED
