"""Mail a code: to prove the mailbox of a new request, or to open one that is verified."""

# serves: E-00

from datetime import timedelta

from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.identity import CODE_LIFETIME, Assurance, CodePurpose, code_digest, new_code, shown_code
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reference import parse_reference
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports import (
    CaseStore,
    Clock,
    CodeStore,
    Correspondence,
    IssuedCode,
    Keyring,
    LinkSource,
    MailBudget,
    TaskTokens,
    Workflow,
)

_BETWEEN_REQUESTS = timedelta(minutes=10)  # abuse case 38: mails that nobody asked for
_BETWEEN_CODES = timedelta(minutes=1)
_CODES_PER_DAY = 10


class CodeSender:
    """Mails the one live code of a request; an earlier one dies."""

    def __init__(
        self,
        *,
        codes: CodeStore,
        letters: Correspondence,
        keys: Keyring,
        merchant: MerchantProfile,
        links: LinkSource,
        clock: Clock,
    ) -> None:
        self._codes = codes
        self._letters = letters
        self._keys = keys
        self._merchant = merchant
        self._links = links
        self._clock = clock

    def send(self, case: PrivacyRequest, purpose: CodePurpose) -> None:
        now = self._clock()
        code = new_code()
        digest = code_digest(self._keys.key("code"), request_id=case.request_id, purpose=purpose, code=code)
        issued = IssuedCode(purpose=purpose, digest=digest, expires_at=now + CODE_LIFETIME)
        if not self._codes.issue(case.request_id, issued, at=now, min_gap=_BETWEEN_CODES, per_day=_CODES_PER_DAY):
            logger.info("no new code: too soon or too many", extra={"request_id": case.request_id})
            return
        values = {
            "reference": case.reference,
            "code": shown_code(code),
            "code_minutes": int(CODE_LIFETIME.total_seconds() // 60),
            "link": self._links().request(case),
            "received_on": case.due.received_on,
            "due_on": case.due.due_on,
            "due_rule": due_rule(case, self._merchant),
        }
        letter = Letter.VERIFICATION_CODE if purpose is CodePurpose.VERIFICATION else Letter.ACCESS_CODE
        # Each code is a letter of its own: its moment is its version.
        self._letters.to_subject(case, letter, values, version=int(now.timestamp()))


def due_rule(case: PrivacyRequest, merchant: MerchantProfile) -> Phrase:
    """Why the due date is what it is, in one sentence."""
    law = next((law for law in ("gdpr", "appi") if law in case.due.laws), "promise")
    return Phrase(name=f"due_rule.{law}", values={"months": merchant.promise_months} if law == "promise" else {})


def send_verification(
    request_id: str,
    task_token: str,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    budget: MailBudget,
    workflow: Workflow,
    sender: CodeSender,
    clock: Clock,
) -> None:
    """Task of the workflow: keep its token here, and mail the code. Started again, it passes what is verified."""
    case = cases.get(request_id)
    if case.assurance > Assurance.NONE or not case.is_open:
        workflow.succeed(task_token, {})
        return
    tokens.park(request_id, "verification", task_token)
    if case.status is Status.RECEIVED:
        after, event = case.changed(
            "verification_started", at=clock(), actor=SYSTEM, status=Status.AWAITING_VERIFICATION
        )
        cases.save(case, after, event)
        case = after
    if budget.spend(case.subject_key, at=clock(), min_gap=_BETWEEN_REQUESTS):
        sender.send(case, CodePurpose.VERIFICATION)
    else:
        logger.warning("no code mailed: the address has had its share", extra={"request_id": request_id})


def send_access_code(
    typed_reference: str, *, cases: CaseStore, budget: MailBudget, sender: CodeSender, clock: Clock
) -> None:
    """Mail a fresh code for a reference, for whatever it is that the request needs one. Silent for an unknown one."""
    reference = parse_reference(typed_reference)
    if reference is None:
        return
    try:
        case = cases.find(reference)
    except NotFoundError:
        return
    if case.assurance > Assurance.NONE:
        sender.send(case, CodePurpose.ACCESS)
    elif case.is_open and budget.spend(case.subject_key, at=clock(), min_gap=_BETWEEN_CODES):
        sender.send(case, CodePurpose.VERIFICATION)
