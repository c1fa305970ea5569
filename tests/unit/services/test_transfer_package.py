"""A package goes to another controller: once, signed, and told as it was."""

import base64
import hashlib
import io
import re
import zipfile
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from rightsdesk.adapters.outbound_https import HttpsOutbound
from rightsdesk.domain.errors import (
    CaseClosedError,
    ConflictError,
    InvalidInputError,
    OutboundRefusedError,
    PeerUnavailableError,
    ServiceUnavailableError,
)
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.outbound import Answer, Limits, Outgoing
from rightsdesk.domain.request import Aim, Language, PrivacyRequest, Treatment
from rightsdesk.domain.transfer import MOST_ATTEMPTS, Transfer, TransferStatus
from rightsdesk.domain.views import RequestView
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.services import transfer_package as module
from rightsdesk.services.preview_letter import LetterPreviews
from rightsdesk.services.send_answer import send_answer
from rightsdesk.services.view_request import view_request
from tests.support.desk import APPROVER, HANDLER, JANE, MERCHANT, Desk
from tests.support.play import Play
from tests.support.tls_host import Authority, LoopbackNet, TlsHost, answer, read_request

HOST = "take.portable.example"
ADDRESS = f"https://{HOST}/v1/in?token=t0ken"
AIM = Aim(send_to=ADDRESS)
WHY = "The company has not told us how it protects what it takes."


class Receiver:
    """Keeps the port Outbound: it reads what it is sent, and answers as it is told, the last answer again."""

    def __init__(self, *answers: int | Exception) -> None:
        self._answers = list(answers)
        self.calls: list[tuple[Outgoing, bytes]] = []

    def send(self, outgoing: Outgoing) -> Answer:
        assert not isinstance(outgoing.content, bytes)
        self.calls.append((outgoing, outgoing.content.read(outgoing.length or 0)))
        given = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(given, Exception):
            raise given
        return Answer(status=given, body=b"Thank you. Ticket 17." + b"x" * 3_000)


def approved(desk: Desk, *answers: int | Exception, **changes: Any) -> tuple[PrivacyRequest, Receiver]:
    """A case whose package may be sent, and who takes it."""
    receiver = Receiver(*answers)
    desk.outbound = receiver
    case = desk.awaiting_review(aim=AIM, **changes)
    desk.release(case, send=True)
    return desk.now(case), receiver


def state(desk: Desk, case: PrivacyRequest) -> Transfer:
    transfer = desk.now(case).transfer
    assert transfer is not None
    return transfer


def test_the_receiver_gets_one_zip_that_holds_the_portable_part_alone() -> None:
    desk = Desk()
    case, receiver = approved(desk, 201)
    desk.transfer(case)
    ((outgoing, content),) = receiver.calls
    assert (outgoing.method, outgoing.url) == ("POST", ADDRESS)
    assert (outgoing.limits.seconds, outgoing.limits.connect) == (300, 15)
    assert outgoing.headers["Content-Type"] == "application/zip"
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert outgoing.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert re.fullmatch(r"[0-9a-f-]{36}", outgoing.headers["X-Request-Id"])
    assert {"Signature-Input", "Signature"} <= set(outgoing.headers)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        folders = {name.split("/")[1] for name in archive.namelist() if name.count("/") > 1}
    assert folders == {"portability"}
    for own in (case.reference, case.request_id, case.email, case.subject_key):
        assert own not in str(dict(outgoing.headers)) + content.decode("latin-1")


def test_a_receipt_is_kept_beside_the_package_and_its_digest_with_the_case() -> None:
    desk = Desk()
    case, receiver = approved(desk, 201)
    desk.transfer(case)
    said = b"Thank you. Ticket 17." + b"x" * 3_000
    transfer, export = state(desk, case), desk.now(case).export
    assert export is not None
    assert export.transfer is not None
    assert transfer == Transfer(
        host=HOST,
        status=TransferStatus.SENT,
        approved_by=APPROVER.user_id,
        delivery_id=receiver.calls[0][0].headers["X-Request-Id"],
        bytes=export.transfer.bytes,
        sha256=export.transfer.sha256,
        attempts=1,
        sent_at=desk.clock(),
        answered=201,
        receipt=hashlib.sha256(said).hexdigest(),
    )
    kept = desk.bucket.objects[f"{export.prefix}receipt"].decode()
    head, _, beginning = kept.partition("\n\n")
    assert head.splitlines() == ["status: 201", f"at: {desk.clock().isoformat()}", f"sha256: {transfer.receipt}"]
    assert beginning == said[:2_000].decode()
    assert desk.history(case)[-2:] == ["transfer_begun", "transferred"]
    desk.answer(case)
    desk.close(case)
    assert not [key for key in desk.bucket.objects if key.startswith("exports/")]
    assert state(desk, case) == transfer


def test_a88_a_zip_that_was_altered_after_the_approval_is_known_by_the_digest_that_goes_with_it() -> None:
    desk = Desk()
    case, receiver = approved(desk, 201)
    export = desk.now(case).export
    assert export is not None
    assert export.transfer is not None
    approved_bytes = desk.bucket.objects[export.transfer.key]
    desk.bucket.objects[export.transfer.key] = approved_bytes[:-1] + bytes([approved_bytes[-1] ^ 1])
    desk.transfer(case)
    ((outgoing, content),) = receiver.calls
    digest = base64.b64encode(hashlib.sha256(approved_bytes).digest()).decode()
    assert outgoing.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert content != approved_bytes
    assert re.search(r'Signature-Input.*"content-digest"', str(dict(outgoing.headers)))


def test_a90_a_package_of_somebody_else_is_not_sent() -> None:
    desk = Desk()
    case, receiver = approved(desk, 201)
    export = desk.now(case).export
    assert export is not None
    foreign = desk.now(case).model_copy(update={"export": export.model_copy(update={"subject": "0" * 64})})
    desk.table.cases[case.request_id] = foreign.model_dump_json()
    with pytest.raises(ConflictError):
        desk.transfer(case)
    assert receiver.calls == []
    assert desk.history(case)[-1] == "released"


@pytest.mark.parametrize("sent", [True, False])
def test_a93_withdrawn_it_goes_at_once_with_what_the_receiver_answered(sent: bool) -> None:
    desk = Desk()
    case, receiver = approved(desk, 201)
    if sent:
        desk.transfer(case)
    export = desk.now(case).export
    assert export is not None
    assert (f"{export.prefix}receipt" in desk.bucket.objects) is sent
    desk.withdraw(desk.now(case))
    desk.close(case, Outcome.WITHDRAWN)
    assert desk.bucket.objects == {}
    with pytest.raises(CaseClosedError):
        desk.transfer(case)
    assert len(receiver.calls) == sent


@pytest.mark.parametrize("purged", [True, False])
def test_a77_a93_what_the_receiver_answers_after_the_withdrawal_does_not_stay(purged: bool) -> None:
    desk = Desk()
    case, receiver = approved(desk, 201)
    send = receiver.send

    def answer_after_a_withdrawal(outgoing: Outgoing) -> Answer:
        answer = send(outgoing)
        desk.withdraw(desk.now(case))
        if purged:
            desk.close(case, Outcome.WITHDRAWN)
        return answer

    receiver.send = answer_after_a_withdrawal  # type: ignore[method-assign]
    desk.transfer(case)
    assert not [key for key in desk.bucket.objects if key.endswith("receipt")]
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.SENT, None)


# Withdrawn

BEFORE_WITHDRAWAL: dict[str, tuple[int | Exception, ...]] = {
    "on the way": (PeerUnavailableError("no answer"),),
    "failed": (404,),
    "sent": (200,),
    "not begun": (),
    "not called": (OutboundRefusedError("address"),),
}
SAID_OF_WITHDRAWN = {
    ("on the way", "en"): "did not confirm that it arrived",
    ("on the way", "ja"): "受け取りの確認を得られませんでした",
    ("failed", "en"): "did not confirm that it arrived",
    ("failed", "ja"): "受け取りの確認を得られませんでした",
    ("sent", "en"): "confirmed that it arrived",
    ("sent", "ja"): "受け取りの確認がありました",
}


def withdrawn(became: str) -> tuple[Desk, PrivacyRequest]:
    desk = Desk()
    case, _ = approved(desk, *BEFORE_WITHDRAWAL[became])
    with suppress(PeerUnavailableError):
        if became != "not begun":
            desk.transfer(case)
    desk.withdraw(desk.now(case))
    desk.close(case, Outcome.WITHDRAWN)
    return desk, desk.now(case)


@pytest.mark.parametrize(
    ("became", "ends"),
    [
        ("on the way", (TransferStatus.FAILED, "withdrawn")),
        ("failed", (TransferStatus.FAILED, "404")),
        ("sent", (TransferStatus.SENT, None)),
        ("not begun", (TransferStatus.APPROVED, None)),
        ("not called", (TransferStatus.FAILED, "address")),
    ],
)
def test_what_was_on_its_way_when_the_request_was_withdrawn_comes_to_an_end(became: str, ends: tuple[Any, Any]) -> None:
    desk, case = withdrawn(became)
    assert (state(desk, case).status, state(desk, case).failed) == ends
    assert desk.table.events[case.request_id][-1].details.get("transfer_failed") == (
        "withdrawn" if became == "on the way" else None
    )
    seen = desk.staff.view(HANDLER, case.reference).transfer
    assert seen is not None
    assert (seen.status, seen.failed) == ends
    assert (looked_at_by_person(desk, case).transfer is None) is (became == "not begun")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("became", BEFORE_WITHDRAWAL)
def test_the_letter_of_a_withdrawal_says_what_had_gone_to_whom(became: str, language: Language) -> None:
    desk, _ = withdrawn(became)
    printed = desk.press.printed[-1]
    assert printed.letter is Letter.WITHDRAWN
    mail = MerchantLetters(MERCHANT, desk.merchant).print(printed.letter, language, printed.values, to=JANE)
    assert (HOST in mail.text) is (became not in ("not begun", "not called"))
    assert SAID_OF_WITHDRAWN.get((became, language), "") in mail.text
    assert "t0ken" not in mail.text


@pytest.mark.parametrize("withdrawn", [True, False])
def test_what_follows_the_question_mark_is_gone_once_the_case_is_over(withdrawn: bool) -> None:
    desk = Desk()
    if withdrawn:
        case = desk.awaiting_review(aim=AIM)
        desk.withdraw(case)
        desk.close(case, Outcome.WITHDRAWN)
    else:
        case, _ = approved(desk, 201)
        desk.transfer(case)
        desk.answer(case)
        desk.close(case)
    assert desk.now(case).send_to == f"https://{HOST}/v1/in"
    assert "t0ken" not in desk.table.cases[case.request_id]


def test_events_and_logs_name_neither_the_host_nor_the_address(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    case, _ = approved(desk, 404)
    desk.transfer(case)
    events = " ".join(str(event) for event in desk.table.events[case.request_id])
    assert HOST not in events + caplog.text
    assert "t0ken" not in events + caplog.text


def test_a80_run_again_nothing_is_sent_twice() -> None:
    desk = Desk()
    case, receiver = approved(desk, 200)
    for _ in range(3):
        desk.transfer(case)
    assert len(receiver.calls) == 1


def test_a_repetition_has_the_same_id_and_digest_and_a_signature_of_its_own_moment() -> None:
    desk = Desk()
    case, receiver = approved(desk, 503, 200)
    with pytest.raises(PeerUnavailableError):
        desk.transfer(case)
    assert state(desk, case).status is TransferStatus.SENDING
    desk.clock.now += timedelta(minutes=2)
    desk.transfer(case)
    (first, sent), (second, again) = receiver.calls
    assert sent == again
    for name in ("X-Request-Id", "Content-Digest"):
        assert first.headers[name] == second.headers[name]
    assert first.headers["Signature-Input"] != second.headers["Signature-Input"]
    assert (state(desk, case).status, state(desk, case).attempts) == (TransferStatus.SENT, 2)


@pytest.mark.parametrize("answered", [PeerUnavailableError("no answer"), 500, 502, 503, 408, 429])
def test_who_fails_is_tried_again_and_in_the_end_left(answered: int | Exception) -> None:
    desk = Desk()
    case, receiver = approved(desk, answered)
    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(PeerUnavailableError):
            desk.transfer(case)
    desk.transfer(case)
    desk.transfer(case)
    assert len(receiver.calls) == MOST_ATTEMPTS
    code = str(answered) if isinstance(answered, int) else "no_answer"
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, code)
    assert state(desk, case).sent_at is None
    assert desk.history(case)[-1] == "transfer_failed"


@pytest.mark.parametrize("answered", [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 304])
def test_who_refuses_is_not_asked_again(answered: int) -> None:
    desk = Desk()
    case, receiver = approved(desk, answered)
    desk.transfer(case)
    desk.transfer(case)
    assert len(receiver.calls) == 1
    found = state(desk, case)
    assert (found.status, found.failed, found.answered) == (TransferStatus.FAILED, str(answered), answered)


@pytest.mark.parametrize("reason", ["address", "host", "certificate", "redirect", "too_large", "not_http"])
def test_what_may_not_be_called_or_believed_has_failed(reason: str) -> None:
    desk = Desk()
    case, _ = approved(desk, OutboundRefusedError(reason))
    desk.transfer(case)
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, reason)


def test_a_try_that_died_on_the_way_counts() -> None:
    desk = Desk()
    case, receiver = approved(desk, RuntimeError("the process died"))
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            desk.transfer(case)
    desk.transfer(case)
    assert len(receiver.calls) == MOST_ATTEMPTS
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "no_answer")


def test_what_came_of_it_is_noted_though_somebody_changed_the_case_meanwhile() -> None:
    desk = Desk()
    case, receiver = approved(desk, 200)
    send = receiver.send

    def answer_after_a_message(outgoing: Outgoing) -> Answer:
        desk.withdraw(desk.now(case))
        return send(outgoing)

    receiver.send = answer_after_a_message  # type: ignore[method-assign]
    desk.transfer(case)
    assert not desk.now(case).is_open
    assert state(desk, case).status is TransferStatus.SENT


def test_nothing_is_sent_while_the_key_is_away_and_no_try_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    case, receiver = approved(desk, 200)

    def away(content: bytes) -> bytes:
        raise ServiceUnavailableError("signing key")

    with monkeypatch.context() as patched:
        patched.setattr(desk.signer, "sign", away)
        with pytest.raises(ServiceUnavailableError):
            desk.transfer(case)
    assert (receiver.calls, state(desk, case).attempts) == ([], 0)
    desk.transfer(case)
    assert state(desk, case).status is TransferStatus.SENT


@pytest.mark.parametrize("named", [True, False])
def test_what_nobody_approved_is_not_sent(named: bool) -> None:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM if named else None)
    if named:
        desk.release(case, send=False, send_refused=WHY)
    else:
        desk.release(case)
    desk.transfer(desk.now(case))  # nobody can be called here
    assert "transfer_begun" not in desk.history(case)


def test_what_was_not_released_is_not_sent() -> None:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM)
    approval = Transfer(host=HOST, status=TransferStatus.APPROVED, approved_by="sub-1")
    after, event = desk.now(case).changed("noted", at=desk.clock(), actor="system", transfer=approval)
    desk.cases.save(case, after, event)
    with pytest.raises(ConflictError):
        desk.transfer(after)


# The release


@pytest.mark.parametrize(
    ("send", "why", "field"), [(None, None, "send"), (False, None, "send_refused"), (False, "no", "send_refused")]
)
def test_without_a_word_on_the_transfer_nothing_is_released(send: bool | None, why: str | None, field: str) -> None:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM)
    with pytest.raises(InvalidInputError) as refused:
        desk.release(case, send=send, send_refused=why)
    assert refused.value.problems[0].field == field
    assert desk.now(case) == case


def test_staff_see_host_and_path_and_never_the_query() -> None:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM)
    view = desk.staff.view(HANDLER, case.reference)
    assert view.transfer is not None
    assert (view.transfer.host, view.transfer.path, view.transfer.has_query) == (HOST, "/v1/in", True)
    assert (view.transfer.can_be_sent, view.transfer.status) == (True, None)
    assert "t0ken" not in view.model_dump_json()
    desk.release(case, send=True)
    view = desk.staff.view(HANDLER, case.reference)
    assert view.transfer is not None
    assert (view.transfer.status, view.transfer.approved_by) == (TransferStatus.APPROVED, APPROVER.user_id)


def test_a_package_that_is_made_again_has_its_transfer_made_again() -> None:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM)
    desk.release(case, Treatment.GIVE, send=True)
    desk.build(case, final=True)
    desk.outbound = receiver = Receiver(200)
    before, after = case.export, desk.now(case).export
    assert before is not None
    assert after is not None
    assert after.transfer is not None
    assert before.transfer is not None
    assert after.transfer.key.startswith(after.prefix)
    assert before.transfer.key not in desk.bucket.objects
    desk.transfer(case)
    assert hashlib.sha256(receiver.calls[0][1]).hexdigest() == after.transfer.sha256 != before.transfer.sha256


def test_where_nothing_is_portable_staff_can_only_say_why_it_is_not_sent() -> None:
    desk = Desk()
    desk.reader.rows = {}
    case = desk.awaiting_review(aim=AIM)
    assert case.export is not None
    assert case.export.transfer is None
    with pytest.raises(InvalidInputError) as refused:
        desk.release(case, None, send=True)
    assert refused.value.problems[0].reason == "nothing_to_send"
    desk.release(case, None, send=False, send_refused=WHY)
    assert state(desk, case).status is TransferStatus.REFUSED


def test_where_all_of_it_was_held_back_after_the_approval_nothing_is_sent() -> None:
    desk = Desk()
    case, receiver = approved(desk, 200)
    assert case.export is not None
    after, event = case.changed(
        "noted", at=desk.clock(), actor="system", export=case.export.model_copy(update={"transfer": None})
    )
    desk.cases.save(case, after, event)
    desk.transfer(case)
    assert receiver.calls == []
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "nothing_to_send")


# What the person is told

SAID = {
    ("sent", "en"): ("we sent this folder to", "confirmed that it arrived"),
    ("sent", "ja"): ("送信し、先方から受け取りの確認がありました",),
    ("refused", "en"): ("We have not sent it: ", WHY),
    ("refused", "ja"): ("送信しておりません", WHY),
    ("failed", "en"): ("did not confirm that it arrived", "pass it on yourself"),
    ("failed", "ja"): ("受け取りの確認を得られませんでした",),
}


def played_to_answer(became: str, held: Treatment = Treatment.WITHHOLD) -> tuple[Desk, PrivacyRequest]:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM)
    if became == "refused":
        desk.release(case, held, send=False, send_refused=WHY)
    else:
        desk.outbound = Receiver(200 if became == "sent" else 404)
        desk.release(case, held, send=True)
    if held is not Treatment.WITHHOLD:
        desk.build(case, final=True)
    desk.transfer(case)
    desk.answer(case)
    return desk, desk.now(case)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("held", [Treatment.WITHHOLD, Treatment.GIVE])
@pytest.mark.parametrize("became", ["sent", "refused", "failed"])
def test_the_letter_says_what_became_of_it(became: str, held: Treatment, language: Language) -> None:
    desk, case = played_to_answer(became, held)
    printed = desk.press.printed[-1]
    assert printed.letter in (Letter.ANSWER_READY, Letter.PARTLY_REFUSED)
    mail = MerchantLetters(MERCHANT, desk.merchant).print(printed.letter, language, printed.values, to=JANE)
    for said in (*SAID[became, language], HOST):
        assert said in mail.text
    sha256 = case.transfer.sha256 if case.transfer else None
    assert (str(sha256) in mail.text) is (became == "sent")
    assert "t0ken" not in mail.text
    assert f'href="https://{HOST}' not in mail.html


def test_nothing_is_said_where_nothing_was_asked() -> None:
    desk = Desk()
    desk.answered()
    assert desk.press.printed[-1].values["transfer"] is None


def test_no_answer_goes_out_while_nobody_knows_what_became_of_it() -> None:
    desk = Desk()
    case, _ = approved(desk, 200)
    with pytest.raises(ConflictError):
        desk.answer(case)


def looked_at_by_person(desk: Desk, case: PrivacyRequest) -> RequestView:
    return view_request(
        desk.session(case),
        cases=desk.cases,
        messages=desk.messages,
        merchant=desk.merchant,
        data_map=lambda: desk.data_map,
        recipients=lambda: desk.data_map.recipients,
        clock=desk.clock,
    )


@pytest.mark.parametrize("became", ["sent", "refused", "failed"])
def test_the_page_says_what_became_of_it(became: str) -> None:
    desk, case = played_to_answer(became)
    view = looked_at_by_person(desk, case)
    assert view.transfer is not None
    assert (view.transfer.host, view.transfer.state) == (HOST, became)
    assert (view.transfer.reason == WHY) is (became == "refused")
    assert (view.transfer.sha256 is not None) is (became == "sent")
    assert (view.transfer.sent_on is not None) is (became == "sent")


@pytest.mark.parametrize(
    ("typed", "phrase"), [({"send": True}, "transfer.sent"), ({"send": False, "send_refused": WHY}, "transfer.refused")]
)
def test_staff_can_look_at_the_letter_before(typed: dict[str, Any], phrase: str) -> None:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM)
    looked_at(desk, case, typed)
    assert desk.press.printed[-1].values["transfer"].name == phrase
    assert desk.now(case) == case


def test_a_letter_that_could_not_go_out_can_not_be_looked_at() -> None:
    desk = Desk()
    case = desk.awaiting_review(aim=AIM)
    with pytest.raises(InvalidInputError):
        looked_at(desk, case, {})


def looked_at(desk: Desk, case: PrivacyRequest, typed: dict[str, Any]) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("not this letter")

    answer_as = partial(
        send_answer,
        merchant=desk.merchant,
        links=lambda: desk.links,
        data_map=lambda: desk.data_map,
        clock=desk.clock,
    )
    previews = LetterPreviews(
        find=desk.staff.find,
        cases=desk.cases,
        press=desk.press,
        extend=never,
        ask=never,
        refuse=never,
        answer=answer_as,
        data_map=lambda: desk.data_map,
        lifted_at=desk.clock,
    )
    previews.preview(HANDLER, case.reference, "answer", typed)


# The whole way, by the shipped workflow


@pytest.mark.parametrize("held", [Treatment.WITHHOLD, Treatment.GIVE])
def test_the_workflow_sends_it_before_it_answers(held: Treatment) -> None:
    play = Play(aim=AIM, send=True, held=held)
    play.outbound = receiver = Receiver(200)
    play.until_all_is_done()
    case = play.only_case()
    assert len(receiver.calls) == 1
    visited = play.visited(case)
    assert visited.index("TransferPackage") < visited.index("SendAnswer")
    assert ("IsItSent" in visited) is (held is Treatment.GIVE)
    told = play.history(case)
    assert told.index("transferred") < told.index("answered")
    assert case.outcome in (Outcome.FULFILLED, Outcome.PARTIALLY_FULFILLED)


def test_a_receiver_that_never_answers_holds_nobody_up_for_a_day() -> None:
    play = Play(aim=AIM, send=True)
    play.outbound = receiver = Receiver(PeerUnavailableError("no answer"))
    play.until_all_is_done()
    case = play.only_case()
    assert len(receiver.calls) == MOST_ATTEMPTS
    assert case.failure is None
    assert case.outcome in (Outcome.FULFILLED, Outcome.PARTIALLY_FULFILLED)
    assert state(play, case).failed == "no_answer"


def test_where_nobody_is_named_the_workflow_passes_it_by() -> None:
    play = Play()
    play.until_all_is_done()
    assert "TransferPackage" not in play.visited(play.only_case())


# A real host, and those that must never be reached


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def test_a_real_receiver_takes_it_over_tls(authority: Authority) -> None:
    came: list[tuple[bytes, dict[str, str], bytes]] = []

    def take(connection: Any) -> None:
        came.append(read_request(connection))
        answer(connection, "201 Created", b"taken")

    desk, net = Desk(), LoopbackNet(authority)
    case, _ = approved(desk, 200)
    desk.outbound = net.outbound
    with TlsHost(HOST, authority, take) as host:
        net.add(host)
        desk.transfer(case)
    ((line, headers, body),) = came
    assert line == b"POST /v1/in?token=t0ken HTTP/1.1"
    assert (headers["host"], headers["content-type"]) == (HOST, "application/zip")
    assert headers["content-digest"] == f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    assert int(headers["content-length"]) == len(body)
    assert state(desk, case).receipt == hashlib.sha256(b"taken").hexdigest()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "10.1.2.3", "192.168.1.1", "::1", "fe80::1", "::ffff:169.254.169.254", "fd00::1"],
)
def test_a50_a_name_that_leads_inside_is_never_called(address: str) -> None:
    """Whether it always did or was turned round after the door had looked: the number that is called is judged."""
    reached: list[Any] = []

    def reach(target: tuple[str, int], seconds: float) -> Any:
        reached.append(target)
        raise ConnectionRefusedError

    for addresses in ([address], ["93.184.216.34", address]):
        desk = Desk()
        case, _ = approved(desk, 200)
        desk.outbound = HttpsOutbound(resolve=lambda host, port, a=addresses: a, connect=reach)  # type: ignore[misc]
        desk.transfer(case)
        assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "address")
    assert reached == []


def test_a50_the_name_is_looked_up_once_and_the_number_that_was_judged_is_called() -> None:
    """Rebinding: a second look-up would give the number of something inside."""
    given = iter([["93.184.216.34"], ["169.254.169.254"]])
    reached: list[Any] = []

    def reach(target: tuple[str, int], seconds: float) -> Any:
        reached.append(target)
        raise ConnectionRefusedError

    desk = Desk()
    case, _ = approved(desk, 200)
    desk.outbound = HttpsOutbound(resolve=lambda host, port: next(given), connect=reach)
    with pytest.raises(PeerUnavailableError):
        desk.transfer(case)
    desk.transfer(case)
    assert reached == [("93.184.216.34", 443)]
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "address")


@pytest.mark.parametrize("status", ["301 Moved Permanently", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a50_a_redirect_is_not_followed(authority: Authority, status: str) -> None:
    def send_on(connection: Any) -> None:
        read_request(connection)
        answer(connection, status, Location="https://inside.portable.example/")

    desk, net = Desk(), LoopbackNet(authority)
    case, _ = approved(desk, 200)
    desk.outbound = net.outbound
    net.add_dead("inside.portable.example")
    with TlsHost(HOST, authority, send_on) as host:
        net.add(host)
        desk.transfer(case)
    assert net.calls == [HOST]
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "redirect")


def test_a50_a_host_with_a_certificate_of_another_gets_nothing(authority: Authority) -> None:
    came: list[bytes] = []
    desk, net = Desk(), LoopbackNet(authority)
    case, _ = approved(desk, 200)
    desk.outbound = net.outbound
    with TlsHost(HOST, authority, lambda c: came.append(c.recv(1)), certified="other.example") as host:
        net.add(host)
        desk.transfer(case)
    assert came == []
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "certificate")


def test_a_slow_receiver_is_cut(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMITS", Limits(seconds=0.5, connect=0.5))
    desk, net = Desk(), LoopbackNet(authority)
    case, _ = approved(desk, 200)
    desk.outbound = net.outbound
    with TlsHost(HOST, authority, lambda _: host.over.wait(30)) as host:
        net.add(host)
        with pytest.raises(PeerUnavailableError):
            desk.transfer(case)
    assert state(desk, case).status is TransferStatus.SENDING


def test_an_answer_without_end_is_cut_and_not_believed(authority: Authority) -> None:
    def flood(connection: Any) -> None:
        read_request(connection)
        answer(connection, "200 OK", b"x" * 200_000)

    desk, net = Desk(), LoopbackNet(authority)
    case, _ = approved(desk, 200)
    desk.outbound = net.outbound
    with TlsHost(HOST, authority, flood) as host:
        net.add(host)
        desk.transfer(case)
    assert (state(desk, case).status, state(desk, case).failed) == (TransferStatus.FAILED, "too_large")
