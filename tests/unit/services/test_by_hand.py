"""What is not answered with a package: staff carry it out, say what they did, and the person is told."""

import pytest

from rightsdesk.domain.errors import (
    AnsweredByPackageError,
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotAwaitingReviewError,
    SecondPersonNeededError,
    VersionMovedOnError,
)
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import ANSWERED_BY_PACKAGE, PrivacyRequest, RequestType
from rightsdesk.domain.staff import StaffMember
from rightsdesk.services.complete_request import complete_request
from tests.support.desk import APPROVER, HANDLER, JANE, Desk
from tests.support.fakes import PlainPress
from tests.support.play import Play

BY_HAND = sorted(set(RequestType) - ANSWERED_BY_PACKAGE - {RequestType.ERASURE})
NO_CHOICE = {RequestType.CONSENT_WITHDRAWAL}  # of a map without a field that only a consent holds
LETTERS = {
    RequestType.RECTIFICATION: Letter.RECTIFICATION_ANSWER,
    RequestType.RESTRICTION: Letter.RESTRICTION_ANSWER,
    RequestType.OBJECTION: Letter.OBJECTION_ANSWER,
    RequestType.AUTOMATED_DECISION: Letter.REVIEW_ANSWER,
    RequestType.QUESTION: Letter.MESSAGE_ANSWER,
    RequestType.COMPLAINT: Letter.MESSAGE_ANSWER,
}


@pytest.mark.parametrize("kind", BY_HAND)
def test_each_right_is_carried_out_by_staff_and_answered_once(kind: RequestType) -> None:
    play = Play(types=(kind,))
    play.until_all_is_done()
    (case,) = play.all_cases()
    assert case.status is Status.CLOSED
    assert case.outcome in (Outcome.FULFILLED, Outcome.PARTIALLY_FULFILLED)
    by_staff = [] if kind in NO_CHOICE else ["staff_release"]
    assert play.mails() == ["verification_code", *by_staff, LETTERS.get(kind, Letter.GENERAL_ANSWER)]
    assert play.bucket.objects == {}  # nothing was collected for it
    visited = play.visited(case)
    assert [name for name in visited if name in ("RequestRelease", "SendAnswer", "CloseFulfilled", "Closed")] == [
        *(["RequestRelease"] if by_staff else []),
        *("SendAnswer", "CloseFulfilled", "Closed"),
    ]
    assert {"plan_decided", *(["review_requested"] if by_staff else []), "carried_out", "answered", "closed"} <= set(
        play.history(case)
    )


def test_the_letter_says_what_staff_did_in_their_words() -> None:
    press = PlainPress()
    desk = Desk(press=press)
    case = desk.to_be_carried_out()
    desk.complete(case, "  Your account gets no more offers.  ", kept={})
    desk.answer(case)
    desk.close(case)
    (said,) = [printed.values for printed in press.printed if printed.letter is Letter.OBJECTION_ANSWER]
    assert said["done"] == "Your account gets no more offers."
    assert desk.now(case).outcome is Outcome.FULFILLED


def test_who_may_say_so_and_when() -> None:
    desk = Desk()
    case = desk.to_be_carried_out()

    def complete(
        staff: StaffMember = APPROVER,
        version: int | None = None,
        done: str = "Your account is closed.",
        of: PrivacyRequest | None = None,
    ) -> None:
        complete_request(
            staff,
            of or case,
            version or case.version,
            done,
            cases=desk.cases,
            tokens=desk.tokens,
            workflow=desk.workflow,
            data_map=lambda: desk.data_map,
            clock=desk.clock,
            four_eyes=True,
        )

    with pytest.raises(NotAllowedError):
        complete(staff=HANDLER)
    with pytest.raises(VersionMovedOnError):
        complete(version=case.version - 1)
    for done, reason in (("", "missing"), (" \n ", "missing"), ("x" * 4001, "too_long")):
        with pytest.raises(InvalidInputError, match=reason):
            complete(done=done)
    mine = case.model_copy(update={"handled_by": (APPROVER.user_id,)})
    with pytest.raises(SecondPersonNeededError):
        complete(of=mine)
    complete()
    with pytest.raises(NotAwaitingReviewError):
        complete(of=desk.now(case))
    package = Desk().awaiting_review()
    with pytest.raises(AnsweredByPackageError):
        complete(of=package, version=package.version)


def test_nothing_is_answered_that_was_not_carried_out() -> None:
    desk = Desk()
    case = desk.to_be_carried_out()
    with pytest.raises(ConflictError):
        desk.answer(case)
    assert desk.now(case).answered_at is None


def test_a_right_of_its_own_is_asked_for_alone() -> None:
    desk = Desk()
    for types in ((RequestType.ACCESS, RequestType.ERASURE), (RequestType.ERASURE, RequestType.OBJECTION)):
        with pytest.raises(ValueError, match="apart"):
            desk.submission(types=types, email=JANE)


def test_it_is_on_record_by_which_rules_in_which_version() -> None:
    desk = Desk()
    case = desk.to_be_carried_out()
    desk.complete(case, kept={})
    event = desk.table.events[case.request_id][-1]
    assert event.details["laws"] == ["gdpr", "appi"]
    assert event.details["rule_versions"]


@pytest.mark.parametrize("done", ["-", "no", "Done."])
def test_what_was_done_is_said_in_words(done: str) -> None:
    desk = Desk()
    case = desk.to_be_carried_out()
    with pytest.raises(InvalidInputError) as refused:
        desk.complete(case, done)
    assert [(each.field, each.reason) for each in refused.value.problems] == [("done", "too_short")]
