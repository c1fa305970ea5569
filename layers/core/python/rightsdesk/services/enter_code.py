"""Take a code that a person entered: it verifies a new request, or opens a session on one that is verified.

Wrong, expired, used, locked, for another request and for no request are one answer (abuse cases 20, 28). Each try is
counted before it is looked at, by one conditional write, so that parallel guesses all count (27).
"""

# serves: E-00

from datetime import datetime

from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    MailRejectedError,
    NotAuthenticatedError,
    NotFoundError,
    ServiceUnavailableError,
)
from rightsdesk.domain.identity import (
    CODE_LIFETIME,
    SESSION_LIFETIME,
    TRIES_PER_CODE,
    TRIES_PER_DAY,
    Assurance,
    CodePurpose,
    code_digest,
    counted_anew_at,
    read_code,
    same_digest,
)
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.reference import parse_reference
from rightsdesk.domain.request import SUBJECT, PrivacyRequest
from rightsdesk.domain.session import Session, SessionToken, open_sealed_session, seal_session
from rightsdesk.domain.views import Verified
from rightsdesk.observability import left_to_the_sweep, logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.codes import CodeStore, Keyring
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

_ATTEMPTS = 3
_NOBODY = "0" * 32  # the request that an unknown reference is tried against, so that it costs the same


class CodeDesk:
    """What entering a code needs; two use cases share it."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        codes: CodeStore,
        tokens: TaskTokens,
        workflow: Workflow,
        letters: Correspondence,
        keys: Keyring,
        links: LinkSource,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._codes = codes
        self._tokens = tokens
        self._workflow = workflow
        self._letters = letters
        self._keys = keys
        self._links = links
        self._clock = clock

    def verify_request(self, typed_reference: str, typed_code: str) -> Verified:
        """The mailbox is proven: the workflow goes on. Raises InvalidInputError on `code`."""
        case = self._redeem(typed_reference, typed_code, {CodePurpose.VERIFICATION})
        return Verified(status=case.status, due_on=case.due.due_on)

    def open_session(self, typed_reference: str, typed_code: str) -> SessionToken:
        """A session of 15 minutes. The first code of a request verifies it as well. Raises InvalidInputError."""
        case = self._redeem(typed_reference, typed_code, set(CodePurpose))
        return seal_session(self._keys.key("session"), case.request_id, now=self._clock())

    def authenticate(self, token: str, typed_reference: str) -> Session:
        """The session that a token opens. Another's reference is as unknown as one that does not exist (52)."""
        session = open_sealed_session(self._keys.key("session"), token, now=self._clock())
        case = self._cases.get(session.request_id)
        if parse_reference(typed_reference) != case.reference:
            raise NotFoundError("no such request")
        if _is_disowned(case, opened_at=session.expires_at - SESSION_LIFETIME):
            raise NotAuthenticatedError
        return session

    def _redeem(self, typed_reference: str, typed_code: str, purposes: set[CodePurpose]) -> PrivacyRequest:
        case = self._find(typed_reference)
        request_id = case.request_id if case else _NOBODY
        code = read_code(typed_code) or ""
        live = self._codes.count_try(request_id, at=self._clock(), per_code=TRIES_PER_CODE, per_day=TRIES_PER_DAY)
        purpose = live.purpose if live else CodePurpose.ACCESS
        digest = code_digest(self._keys.key("code"), request_id=request_id, purpose=purpose, code=code)
        if case is None or live is None:
            raise self._refused(request_id, "no_live_code_or_locked")
        if not same_digest(digest, live.digest):
            if live.last_try:
                self._tell_of_lock(case)
            raise self._refused(request_id, "wrong")
        if self._clock() >= live.expires_at:
            raise self._refused(request_id, "expired")
        if _is_disowned(case, opened_at=live.expires_at - CODE_LIFETIME):
            raise self._refused(request_id, "disowned")
        if live.purpose not in purposes:
            raise self._refused(request_id, "other_purpose")
        if not self._codes.consume(request_id, live.digest):
            raise self._refused(request_id, "used")
        return self._verified(case) if live.purpose is CodePurpose.VERIFICATION else case

    def _find(self, typed_reference: str) -> PrivacyRequest | None:
        reference = parse_reference(typed_reference)
        if reference is None:
            return None
        try:
            return self._cases.find(reference)
        except NotFoundError:
            return None

    def _tell_of_lock(self, case: PrivacyRequest) -> None:
        """Somebody guesses: the owner hears of it, once a day (abuse case 29)."""
        now = self._clock()
        if case.assurance is Assurance.NONE and not case.code_mailed:
            return  # the mailbox was never told of this request
        values = {
            "reference": case.reference,
            "opens_at": counted_anew_at(now),
            "link": self._links().start(case.language),
        }
        try:
            self._letters.to_subject(case, Letter.LOCKED, values, version=now.date().toordinal())
        except (MailRejectedError, ServiceUnavailableError):
            logger.warning("owner not told of a lock", extra={"request_id": case.request_id})

    def _refused(self, request_id: str, reason: str) -> InvalidInputError:
        logger.info("code refused", extra={"request_id": request_id, "reason": reason})
        return InvalidInputError.of("code", "not_valid")

    def _verified(self, case: PrivacyRequest) -> PrivacyRequest:
        for attempt in range(_ATTEMPTS):
            if not case.is_open:
                raise self._refused(case.request_id, "closed")
            if case.assurance > Assurance.NONE:
                return case  # by an earlier code
            from rightsdesk.domain.same_person import KEY_PURPOSE, person_keys  # of the doors, few calls come here

            proven = {"email": (case.email,)}
            after, event = case.changed(
                "mailbox_confirmed",
                at=self._clock(),
                actor=SUBJECT,
                details={"assurance": int(Assurance.MAILBOX)},
                status=Status.VERIFIED,
                assurance=Assurance.MAILBOX,
                verified_at=self._clock(),
                identifiers=proven,
                person_keys=person_keys(self._keys.key(KEY_PURPOSE), proven),
            )
            try:
                self._cases.save(case, after, event)
            except ConflictError:
                if attempt == _ATTEMPTS - 1:
                    raise
                case = self._cases.get(case.request_id)  # staff or a reminder changed it meanwhile
                continue
            self._tell_workflow(case.request_id)
            return after
        raise AssertionError("the last attempt returns or raises")

    def _tell_workflow(self, request_id: str) -> None:
        """The mailbox is proven, and the code used: what goes wrong from here on is not the person's to repeat."""
        with left_to_the_sweep(request_id):
            resume(request_id, "verification", {}, tokens=self._tokens, workflow=self._workflow)


def _is_disowned(case: PrivacyRequest, *, opened_at: datetime) -> bool:
    """The mailbox said that it did not ask: until staff thaw it nothing opens, and nothing of before ever again."""
    return case.frozen is not None and (case.is_frozen or opened_at <= case.frozen.at)
