"""What another controller did not take is sent once more where staff want it, and the person hears that it arrived."""

from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.errors import (
    CaseClosedError,
    FrozenError,
    GoneError,
    NotAllowedError,
    NotAnsweredError,
    NothingFailedError,
    NothingToSendError,
    PeerUnavailableError,
    RightsdeskError,
    ServiceUnavailableError,
    VersionMovedOnError,
)
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import Language, PrivacyRequest
from rightsdesk.domain.safeguard_state import Freeze
from rightsdesk.domain.shown_case import next_step
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.domain.transfer import MOST_ATTEMPTS, Transfer, TransferStatus
from rightsdesk.mail.letters import MerchantLetters
from tests.support.desk import APPROVER, HANDLER, JANE, MERCHANT, Desk
from tests.support.play import Play
from tests.unit.services.test_transfer_package import (
    AIM,
    HOST,
    Receiver,
    approved,
    looked_at_by_person,
    played_to_answer,
    state,
)

AUDITOR = StaffMember(user_id="sub-9", roles=frozenset({Role.AUDITOR}))


def failed(*then: int | Exception) -> tuple[Desk, PrivacyRequest, Receiver]:
    """A case whose answer has said that the receiver did not take it; `then` is what the receiver answers from now."""
    desk, case = played_to_answer("failed")
    desk.outbound = receiver = Receiver(*then)
    return desk, case, receiver


def test_it_goes_to_the_same_address_on_the_same_approval_and_brings_a_receipt_of_its_own() -> None:
    desk, case, receiver = failed(201)
    before = state(desk, case)
    desk.retry_transfer(case)
    waiting = state(desk, case)
    assert (waiting.status, waiting.approved_by, waiting.host) == (
        TransferStatus.APPROVED,
        APPROVER.user_id,
        before.host,
    )
    desk.clock.now += timedelta(minutes=1)
    desk.transfer(case)
    ((outgoing, _),) = receiver.calls
    after = state(desk, case)
    assert outgoing.url == AIM.send_to
    assert outgoing.headers["X-Request-Id"] == before.delivery_id
    assert (after.status, after.sha256, after.answered, after.failed) == (TransferStatus.SENT, before.sha256, 201, None)
    assert after.receipt is not None
    assert desk.now(case).export is not None
    assert desk.history(case)[-3:] == ["transfer_restarted", "transfer_begun", "transferred"]
    timeline = desk.cases.timeline(case.request_id)
    assert timeline[-3].actor == HANDLER.actor
    assert timeline[-3].details == {"after": "404"}
    now = desk.now(case)
    assert verify_chain(timeline, expected_head=(now.event_sequence, now.event_hash)) is None


def test_each_call_is_signed_anew() -> None:
    desk = Desk()
    case, receiver = approved(desk, 404, 201)
    desk.transfer(case)
    desk.answer(case)
    desk.clock.now += timedelta(days=1)
    desk.retry_transfer(desk.now(case))
    desk.transfer(case)
    first, second = (outgoing.headers for outgoing, _ in receiver.calls)
    assert first["Signature-Input"] != second["Signature-Input"]
    assert first["Signature"] != second["Signature"]
    assert first["Content-Digest"] == second["Content-Digest"]


def test_asked_twice_it_is_sent_once() -> None:
    desk, case, receiver = failed(201)
    desk.retry_transfer(case)
    with pytest.raises(VersionMovedOnError):
        desk.retry_transfer(desk.now(case), case.version)
    with pytest.raises(NothingFailedError):
        desk.retry_transfer(desk.now(case))
    desk.transfer(case)
    desk.transfer(case)
    with pytest.raises(NothingFailedError):
        desk.retry_transfer(desk.now(case))
    assert len(receiver.calls) == 1


def test_it_is_tried_as_often_as_the_first_time_and_again_after_that() -> None:
    desk, case, receiver = failed(PeerUnavailableError("no answer"))
    for _ in range(2):
        desk.retry_transfer(desk.now(case))
        for _ in range(MOST_ATTEMPTS - 1):
            with pytest.raises(PeerUnavailableError):
                desk.transfer(case)
        desk.transfer(case)
        assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "no_answer")
    assert len(receiver.calls) == 2 * MOST_ATTEMPTS


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("closed", CaseClosedError),
        ("frozen", FrozenError),
        ("over", GoneError),
        ("unsendable", NothingToSendError),
        ("never_failed", NothingFailedError),
        ("nobody_named", NothingFailedError),
        ("unanswered", NotAnsweredError),
    ],
)
def test_it_is_refused_where_it_can_not_be_sent(name: str, refused: type[RightsdeskError]) -> None:
    desk, case, receiver = failed(201)
    assert case.export is not None
    changes: dict[str, dict[str, Any]] = {
        "frozen": {"frozen": Freeze(at=desk.clock())},
        "unsendable": {"export": case.export.model_copy(update={"transfer": None})},
        "never_failed": {"transfer": Transfer(host=HOST, status=TransferStatus.SENT)},
        "nobody_named": {"transfer": None},
        "unanswered": {"export": case.export.model_copy(update={"expires_at": None})},
    }
    if name == "closed":
        desk.clock.now += timedelta(days=40)
        desk.close(case)
    elif name == "over":
        desk.clock.now += timedelta(days=40)
    else:
        after, event = case.changed("noted", at=desk.clock(), actor="system", **changes[name])
        desk.cases.save(case, after, event)
    before = desk.now(case)
    with pytest.raises(refused):
        desk.retry_transfer(before)
    assert desk.now(case) == before
    assert receiver.calls == []
    view = desk.staff.view(HANDLER, case.reference)
    assert view.transfer is None or not view.transfer.may_retry


def test_an_auditor_looks_and_does_not_try() -> None:
    desk, case, _ = failed(201)
    with pytest.raises(NotAllowedError):
        desk.retry_transfer(case, staff=AUDITOR)
    shown = desk.staff.view(AUDITOR, case.reference).transfer
    assert shown is not None
    assert (shown.status, shown.failed, shown.may_retry) == (TransferStatus.FAILED, "404", False)


def test_staff_see_that_it_failed_why_and_what_they_can_do() -> None:
    desk, case, _ = failed(201)
    view = desk.staff.view(HANDLER, case.reference)
    assert view.transfer is not None
    assert (view.transfer.status, view.transfer.failed, view.transfer.may_retry) == ("failed", "404", True)
    assert view.next_step == "wait_for_download_or_retry_transfer"
    (line,) = desk.staff.list_open(HANDLER, 10, None).items
    assert (line.transfer_state, line.recipients_left) == ("failed", 0)
    desk.retry_transfer(case)
    assert next_step(desk.now(case), held=False, barred=None) == "wait_for_download"


def test_a_letter_that_came_back_goes_before_it() -> None:
    _, case, _ = failed(201)
    came_back = case.model_copy(update={"undelivered": ("answer_ready",)})
    assert next_step(came_back, held=False, barred=None) == "answer_in_another_way"


def test_what_was_never_called_has_not_gone_out_and_what_was_called_once_has() -> None:
    no_certificate = Transfer(host=HOST, status=TransferStatus.FAILED, attempts=1, failed="certificate")
    assert not no_certificate.again().went_out
    unanswered = Transfer(host=HOST, status=TransferStatus.FAILED, attempts=1, failed="404")
    assert unanswered.again().went_out
    again = unanswered.again().model_copy(update={"status": "failed", "attempts": 1, "failed": "certificate"})
    assert again.went_out
    assert again.again().went_out


# What the person is told


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_further_letter_says_that_it_arrived_after_all(language: Language) -> None:
    desk, case, _ = failed(201)
    desk.retry_transfer(case)
    desk.clock.now += timedelta(hours=1)
    desk.transfer(case)
    printed = len(desk.press.printed)
    ends_at = desk.answer(case).window_ends_at
    desk.answer(case)
    (said,) = desk.press.printed[printed:]
    assert said.letter is Letter.TRANSFERRED
    mail = MerchantLetters(MERCHANT, desk.merchant).print(said.letter, language, said.values, to=JANE)
    assert HOST in mail.text
    assert str(state(desk, case).sha256) in mail.text
    assert "t0ken" not in mail.text
    assert case.export is not None
    assert ends_at == case.export.expires_at  # the person has no less time, and no more


def test_where_it_fails_again_the_person_is_told_nothing_new() -> None:
    desk, case, _ = failed(500)
    desk.retry_transfer(case)
    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(PeerUnavailableError):
            desk.transfer(case)
    desk.transfer(case)
    printed = len(desk.press.printed)
    answered = desk.answer(case)
    assert desk.press.printed[printed:] == []
    assert answered.transfer_failed
    assert timedelta(seconds=answered.seconds_left) == answered.window_ends_at - desk.clock()


def test_an_address_that_takes_no_mail_stops_nothing() -> None:
    desk, case, _ = failed(201)
    desk.retry_transfer(case)
    desk.clock.now += timedelta(hours=1)
    desk.transfer(case)
    desk.mailer.rejects.add(JANE)
    assert not desk.answer(case).transfer_failed
    letters = desk.cases.letters(case.request_id)
    assert [each.state for each in letters if each.letter == Letter.TRANSFERRED] == ["failed"]


def test_the_page_says_that_it_is_tried_again_and_then_what_came_of_it() -> None:
    desk, case, _ = failed(201)

    def shown() -> str | None:
        transfer = looked_at_by_person(desk, case).transfer
        return transfer.state if transfer else None

    assert shown() == "failed"
    desk.retry_transfer(case)
    assert shown() == "retrying"
    desk.transfer(case)
    assert shown() == "sent"


# The workflow waits for it


def test_the_task_keeps_its_token_and_passes_where_staff_were_quicker() -> None:
    desk, case, _ = failed(201)
    desk.await_transfer(case, "first")
    assert "first" not in desk.workflow.answers
    desk.retry_transfer(case)
    assert desk.workflow.answers["first"] == {}
    desk.await_transfer(case, "second")
    assert desk.workflow.answers["second"] == {}


def test_of_a_closed_case_nothing_is_waited_for() -> None:
    desk, case, _ = failed(201)
    desk.clock.now += timedelta(days=40)
    desk.close(case)
    with pytest.raises(CaseClosedError):
        desk.await_transfer(case)


def test_where_the_workflow_was_not_told_the_sweep_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, case, _ = failed(201)
    desk.await_transfer(case, "first")

    def away(token: str, output: object) -> None:
        raise ServiceUnavailableError("workflow")

    with monkeypatch.context() as patched:
        patched.setattr(desk.workflow, "succeed", away)
        desk.retry_transfer(case)
    assert "first" not in desk.workflow.answers
    desk.clock.now += timedelta(hours=2)
    desk.sweep()
    assert desk.workflow.answers["first"] == {}


def played_until_answered(*answers: int | Exception) -> tuple[Play, Receiver]:
    play = Play(aim=AIM, send=True)
    play.outbound = receiver = Receiver(*answers)
    while not (play.table.cases and play.only_case().answered_at):
        play.day()
    return play, receiver


def test_the_workflow_sends_it_again_tells_the_person_and_closes_when_it_would_have() -> None:
    play, receiver = played_until_answered(404, 201)
    case = play.only_case()
    assert case.export is not None
    play.retry_transfer(case)
    play.pass_time(timedelta(minutes=5))
    assert state(play, case).status is TransferStatus.SENT
    assert [each.letter for each in play.press.printed].count(Letter.TRANSFERRED) == 1
    play.until_all_is_done()
    visited = play.visited(case)
    assert visited.count("TransferPackage") == 2
    assert visited.index("AwaitTransfer") < visited.index("AwaitDownload")
    assert len(receiver.calls) == 2
    over = play.only_case()
    assert over.outcome in (Outcome.FULFILLED, Outcome.PARTIALLY_FULFILLED)
    assert over.closed_at is not None
    assert timedelta(0) <= over.closed_at - (case.export.expires_at or over.closed_at) < timedelta(hours=1)


def test_where_nobody_tries_again_the_case_ends_with_the_time_to_fetch_it() -> None:
    play, receiver = played_until_answered(404)
    case = play.only_case()
    assert case.export is not None
    play.until_all_is_done()
    over = play.only_case()
    assert "AwaitTransfer" in play.visited(case)
    assert len(receiver.calls) == 1
    assert over.closed_at is not None
    assert timedelta(0) <= over.closed_at - (case.export.expires_at or over.closed_at) < timedelta(hours=1)
    assert over.failure is None


def test_who_asks_in_the_last_second_is_not_passed_over() -> None:
    play, receiver = played_until_answered(404, 201)
    case = play.only_case()
    assert case.export is not None
    assert case.export.expires_at is not None
    play.tokens.parked = lambda request_id, task: None  # type: ignore[method-assign]  # the workflow hears nothing of it
    play.pass_time(case.export.expires_at - play.clock() - timedelta(seconds=1))
    play.retry_transfer(play.only_case())
    play.until_all_is_done()
    assert len(receiver.calls) == 2
    assert state(play, case).status is TransferStatus.SENT


def test_a_mailbox_that_did_not_ask_stops_what_is_sent_once_more_and_the_case_still_ends() -> None:
    play, receiver = played_until_answered(404, 201)
    play.tokens.parked = lambda request_id, task: None  # type: ignore[method-assign]  # it is not sent at once
    play.retry_transfer(play.only_case())
    play.disown(play.only_case())
    play.transfer(play.only_case())
    after = state(play, play.only_case())
    assert (after.status, after.failed) == (TransferStatus.FAILED, "frozen")
    assert len(receiver.calls) == 1, "of before"
    assert play.only_case().failure is None
    with pytest.raises(FrozenError):
        play.retry_transfer(play.only_case())


def test_a_dead_receiver_costs_the_person_no_day_however_often_it_is_tried() -> None:
    play, _ = played_until_answered(PeerUnavailableError("no answer"))
    case = play.only_case()
    for _ in range(3):
        play.retry_transfer(play.only_case())
        play.pass_time(timedelta(days=1))
    assert state(play, case).failed == "no_answer"
    assert play.only_case().answered_at == case.answered_at
    assert play.only_case().export == case.export
    play.until_all_is_done()
    assert play.only_case().failure is None
