"""The JSON door for the person: ask, prove, look, fetch, withdraw. Pages for the same are in `site.py`.

The answers, their time and the number of mails are the same for a known and an unknown person (abuse cases 17 to 24);
the desk behind sees to that, and this door adds nothing that could tell them apart.
"""

# serves: B-6, E-00, E-02, E-07

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus

from rightsdesk.domain.errors import (
    CaseClosedError,
    ConflictError,
    GoneError,
    InvalidInputError,
    NotFoundError,
    TooManyAttemptsError,
)
from rightsdesk.domain.offered import require_offered, require_said
from rightsdesk.domain.request import Door
from rightsdesk.domain.sensitive_numbers import require_no_sensitive_number
from rightsdesk.domain.session import Session, SessionToken
from rightsdesk.domain.views import DownloadLink, MessageTaken, Receipt, RequestView, Verified
from rightsdesk.web.api_models import (
    AgentBody,
    AnswerBody,
    CodeBody,
    DownloadBody,
    EmptyBody,
    EvidenceBody,
    MessageBody,
    Nothing,
    OpenApiDocument,
    SubmitBody,
)
from rightsdesk.web.bearer import bearer_token
from rightsdesk.web.desks import SubjectDesk
from rightsdesk.web.incoming import Incoming
from rightsdesk.web.json_door import ANYONE, Admission, Call, JsonDoor
from rightsdesk.web.rest_door import Report

# Long enough that nobody's key is another's by chance: a UUID is what one would send.
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{16,128}")


def build_public_api(desk: SubjectDesk, *, report: Report, clock: Callable[[], datetime]) -> JsonDoor:
    """The door, to be called with `.resolve(event, context)`."""
    door = JsonDoor(title="Privacy requests", report=report, clock=clock)

    def admit_session(incoming: Incoming) -> Session:
        return desk.authenticate(bearer_token(incoming.header("authorization")), incoming.reference)

    session = Admission(scheme="session", admit=admit_session)

    @door.serve(
        "POST",
        "/api/requests",
        summary="Make a request; a code is mailed to the address",
        admit=ANYONE,
        takes=SubmitBody,
        answers=Receipt,
        status=HTTPStatus.ACCEPTED,
        refuses=(ConflictError, TooManyAttemptsError),
        headers=("Idempotency-Key",),
    )
    def submit_request(call: Call[None, SubmitBody]) -> Receipt:
        submission = call.given.submission()
        require_no_sensitive_number("details", submission.details or "")
        if submission.aim is not None:  # what there is to name is read for whoever names something
            require_offered(submission.aim, submission.types, desk.offered())
        require_said(submission, desk.offered)
        return desk.submit(submission, _idempotency_key(call.incoming))

    @door.serve(
        "POST",
        "/api/requests/{reference}/verification",
        summary="Prove the mailbox with the code",
        admit=ANYONE,
        takes=CodeBody,
        answers=Verified,
        refuses=(TooManyAttemptsError,),
    )
    def verify_request(call: Call[None, CodeBody]) -> Verified:
        return desk.verify(call.reference, call.given.code)

    @door.serve(
        "POST",
        "/api/requests/{reference}/access-code",
        summary="Have a fresh code mailed; the answer is the same for an unknown reference",
        admit=ANYONE,
        takes=EmptyBody,
        answers=Nothing,
        status=HTTPStatus.ACCEPTED,
        refuses=(TooManyAttemptsError,),
    )
    def send_access_code(call: Call[None, EmptyBody]) -> Nothing:
        desk.send_code(call.reference)
        return Nothing()

    @door.serve(
        "POST",
        "/api/requests/{reference}/session",
        summary="Exchange a fresh code for a token, good for 15 minutes and this request",
        admit=ANYONE,
        takes=CodeBody,
        answers=SessionToken,
        refuses=(TooManyAttemptsError,),
    )
    def open_session(call: Call[None, CodeBody]) -> SessionToken:
        return desk.open_session(call.reference, call.given.code)

    @door.serve(
        "GET",
        "/api/requests/{reference}",
        summary="See where the request stands",
        admit=session,
        takes=Nothing,
        answers=RequestView,
        refuses=(NotFoundError,),
    )
    def view_request(call: Call[Session, Nothing]) -> RequestView:
        return desk.view(call.caller)

    @door.serve(
        "POST",
        "/api/requests/{reference}/evidence",
        summary="Give an order number and its postcode, where they are asked for",
        admit=session,
        takes=EvidenceBody,
        answers=Nothing,
        status=HTTPStatus.ACCEPTED,
        refuses=(NotFoundError, ConflictError, CaseClosedError, TooManyAttemptsError),
    )
    def submit_evidence(call: Call[Session, EvidenceBody]) -> Nothing:
        desk.submit_evidence(call.caller, call.given.order_number, call.given.postcode)
        return Nothing()

    @door.serve(
        "POST",
        "/api/requests/{reference}/answer",
        summary="Answer the question that the view of the request shows",
        admit=session,
        takes=AnswerBody,
        answers=Nothing,
        status=HTTPStatus.ACCEPTED,
        refuses=(NotFoundError, ConflictError, CaseClosedError),
    )
    def answer_question(call: Call[Session, AnswerBody]) -> Nothing:
        desk.answer_question(call.caller, call.given.text)
        return Nothing()

    @door.serve(
        "POST",
        "/api/requests/{reference}/message",
        summary="Write into the thread of the request, or take up an answered question or complaint again",
        admit=session,
        takes=MessageBody,
        answers=MessageTaken,
        status=HTTPStatus.ACCEPTED,
        refuses=(NotFoundError, ConflictError, CaseClosedError),
    )
    def write_message(call: Call[Session, MessageBody]) -> MessageTaken:
        return desk.write_message(call.caller, call.given.text, Door.API)

    @door.serve(
        "POST",
        "/api/requests/{reference}/agent",
        summary="Say whether whoever asks for you gets a copy of the answer; without a word of yours they do not",
        admit=session,
        takes=AgentBody,
        answers=RequestView,
        refuses=(NotFoundError, ConflictError, CaseClosedError),
    )
    def agree_agent(call: Call[Session, AgentBody]) -> RequestView:
        return desk.agree_agent(call.caller, call.given.gets_answers)

    @door.serve(
        "POST",
        "/api/requests/{reference}/download",
        summary="Get a link to a part of the package, good for 60 seconds",
        admit=session,
        takes=DownloadBody,
        answers=DownloadLink,
        refuses=(NotFoundError, ConflictError, GoneError),
    )
    def download_package(call: Call[Session, DownloadBody]) -> DownloadLink:
        return desk.download(call.caller, call.given.part)

    @door.serve(
        "POST",
        "/api/requests/{reference}/erasure-confirmation",
        summary="Confirm an erasure, as the view of the request tells it; it can be undone for 72 hours",
        admit=session,
        takes=EmptyBody,
        answers=RequestView,
        refuses=(NotFoundError, ConflictError, CaseClosedError),
    )
    def confirm_erasure(call: Call[Session, EmptyBody]) -> RequestView:
        return desk.confirm_erasure(call.caller)

    @door.serve(
        "DELETE",
        "/api/requests/{reference}",
        summary="Withdraw the request: an erasure, too, until it has begun",
        admit=session,
        takes=Nothing,
        answers=RequestView,
        refuses=(NotFoundError, ConflictError, CaseClosedError),
    )
    def withdraw_request(call: Call[Session, Nothing]) -> RequestView:
        return desk.withdraw(call.caller)

    @door.serve(
        "POST",
        "/api/not-mine/{token}",
        summary="Say that you did not make the request; the answer is the same for a token that is not ours",
        admit=ANYONE,
        takes=EmptyBody,
        answers=Nothing,
        status=HTTPStatus.ACCEPTED,
    )
    def disown_request(call: Call[None, EmptyBody]) -> Nothing:
        with suppress(NotFoundError):  # nobody finds out by trying which requests there are
            desk.disown(call.incoming.path["token"])
        return Nothing()

    @door.serve(
        "GET",
        "/api/openapi.json",
        summary="This document",
        admit=ANYONE,
        takes=Nothing,
        answers=OpenApiDocument,
    )
    def describe_public_api(call: Call[None, Nothing]) -> OpenApiDocument:
        return door.description(call.incoming)

    return door


def _idempotency_key(incoming: Incoming) -> str | None:
    keys = incoming.header("idempotency-key")
    if not keys:
        return None
    if len(keys) != 1 or not _IDEMPOTENCY_KEY.fullmatch(keys[0]):
        raise InvalidInputError.of("Idempotency-Key", "wrong_format")
    return keys[0]
