"""Mail a code: to prove the mailbox of a new request, or to open one that is verified.

What needs none is acknowledged.
"""

# serves: B-6, E-00

from datetime import timedelta
from typing import Any

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.errors import MailRejectedError, NotFoundError
from rightsdesk.domain.identity import (
    CODE_LIFETIME,
    Assurance,
    CodePurpose,
    code_digest,
    new_code,
    shown_code,
    subject_key,
)
from rightsdesk.domain.letters import Letter, Phrase, Territory
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reference import parse_reference
from rightsdesk.domain.request import SYSTEM, Aim, Door, PrivacyRequest, RequestType
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.codes import CodeStore, IssuedCode, Keyring, MailBudget
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow

# Abuse case 38: codes that nobody may have asked for. A verified mailbox asked for its own.
_BETWEEN_UNASKED_CODES = timedelta(minutes=10)
_BETWEEN_CODES = timedelta(minutes=1)
_CODES_PER_DAY = 10
_LETTERS = {
    CodePurpose.VERIFICATION: Letter.VERIFICATION_CODE,
    CodePurpose.ACCESS: Letter.ACCESS_CODE,
}


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

    def send_first(self, case: PrivacyRequest) -> None:
        """The code that the workflow sends: one mail, however often its task is run."""
        self._letters.to_subject(
            case,
            Letter.VERIFICATION_CODE,
            lambda: self._new_code(case, CodePurpose.VERIFICATION, min_gap=timedelta(0)),
        )

    def acknowledge(self, case: PrivacyRequest) -> None:
        """Say that it is here, and by when it is answered: one mail, however often the task is run."""
        values = {
            "reference": case.reference,
            "name": case.name,
            "types": [Phrase(name=f"type.{kind}") for kind in case.types],
            "received_on": case.received_on(self._merchant.timezone),
            "due_on": case.due.due_on,
            "due_rule": due_rule(case, self._merchant),
            "link": self._links().request(case),
        }
        try:
            self._letters.to_subject(case, Letter.MESSAGE_RECEIVED, values)
        except MailRejectedError:
            logger.warning("not acknowledged: the address takes no mail", extra={"request_id": case.request_id})

    def tell_agent(self, case: PrivacyRequest) -> None:
        """Tell whoever asks for somebody that it is here, and nothing of whether anybody is known (abuse case 9)."""
        values = {
            "reference": case.reference,
            "received_on": case.received_on(self._merchant.timezone),
            "link": self._links().start(case.language),
        }
        try:
            self._letters.to_agent(case, Letter.AGENT_RECEIVED, values)
        except MailRejectedError:
            logger.warning("agent not told: the address takes no mail", extra={"request_id": case.request_id})

    def agent_key(self, case: PrivacyRequest) -> str | None:
        """Stands for their address in the count of mails: the same in all their requests."""
        address = canonical_address(case.agent.email) if case.agent else None
        return subject_key(self._keys.key("subject"), address) if address else None

    def send(self, case: PrivacyRequest, purpose: CodePurpose) -> None:
        """A code that somebody asked for at a door. Each is a letter of its own: its moment is its version."""
        values = self._new_code(case, purpose, min_gap=_BETWEEN_CODES)
        if values is not None:
            self._letters.to_subject(case, _LETTERS[purpose], values, version=int(self._clock().timestamp()))

    def _new_code(self, case: PrivacyRequest, purpose: CodePurpose, *, min_gap: timedelta) -> dict[str, Any] | None:
        """What the letter says of a code that is live now; None where it is too soon, or the day had its number."""
        now = self._clock()
        code = new_code()
        digest = code_digest(self._keys.key("code"), request_id=case.request_id, purpose=purpose, code=code)
        issued = IssuedCode(purpose=purpose, digest=digest, expires_at=now + CODE_LIFETIME)
        if not self._codes.issue(case.request_id, issued, at=now, min_gap=min_gap, per_day=_CODES_PER_DAY):
            logger.info("no new code: too soon or too many", extra={"request_id": case.request_id})
            return None
        return {
            "reference": case.reference,
            "code": shown_code(code),
            "code_minutes": int(CODE_LIFETIME.total_seconds() // 60),
            "link": self._links().request(case),
            "received_on": case.received_on(self._merchant.timezone),
            "due_on": case.due.due_on,
            "due_rule": due_rule(case, self._merchant),
            **_read_from_the_mail(case),
            **_handed_on(case),
            **_asked_by(case),
        }


def _read_from_the_mail(case: PrivacyRequest) -> dict[str, Any]:
    """What we took a mail to mean, so that a wrong reading is noticed; nothing of what the person wrote."""
    if case.door is not Door.EMAIL:
        return {}
    return {
        "by_reply": case.reply_token is not None,
        "rights": [_right_of(kind, case.aim) for kind in case.types],
        "country": Territory(code=case.country) if case.country_assumed else None,
    }


def _right_of(kind: RequestType, aim: Aim | None) -> Phrase:
    """How far it reaches is said, for whoever wrote the mail may have meant less, or more."""
    if kind is RequestType.CONSENT_WITHDRAWAL:
        return Phrase(name="asked.newsletter" if aim and aim.purposes else "asked.all_consents")
    if kind is RequestType.OBJECTION and aim and aim.objects_to == "marketing":
        return Phrase(name="asked.no_marketing")
    if kind is RequestType.OBJECTION and aim is None:
        return Phrase(name="asked.no_use")
    return Phrase(name=f"type.{kind}")


def _handed_on(case: PrivacyRequest) -> dict[str, Any]:
    """Who had the request before us, and what it asks for there: the person has not been on our pages."""
    if case.instruction is None:
        return {}
    return {
        "handed_on_by": case.instruction.controller_names.get(case.language),
        "handed_on_rights": [Phrase(name=f"type.{kind}") for kind in case.types],
        "handed_on_country": Territory(code=case.country) if case.country_assumed else None,
    }


def _asked_by(case: PrivacyRequest) -> dict[str, Any]:
    """Who asks for them. The name alone: it was typed by a stranger."""
    if case.agent is None:
        return {}
    return {
        "asked_by": Phrase(name=f"agent.{case.agent.role}", values={"agent": case.agent.name}),
        "asked_rights": [Phrase(name=f"type.{kind}") for kind in case.types],
    }


def due_rule(case: PrivacyRequest, merchant: MerchantProfile) -> Phrase:
    """Why the due date is what it is, in one sentence."""
    if case.is_said_to_us:
        (kind,) = case.types
        days = merchant.complaint_working_days if kind is RequestType.COMPLAINT else merchant.question_working_days
        return Phrase(name=f"due_rule.{kind}", values={"working_days": days})
    law = next((law for law in ("gdpr", "appi") if law in case.due.laws), "promise")
    promised = {"months": Phrase(name=f"months.{merchant.promise_months}")} if law == "promise" else {}
    return Phrase(name=f"due_rule.{law}", values=promised)


def send_verification(
    request_id: str,
    task_token: str,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    budget: MailBudget,
    own_mail_budget: MailBudget,
    agent_budget: MailBudget,
    workflow: Workflow,
    sender: CodeSender,
    clock: Clock,
) -> None:
    """Task of the workflow: keep its token here, and mail the code. Started again, it passes what is verified.

    What came verified, as a question in an e-mail does, is acknowledged instead.

    Whoever asks for somebody else is told that it is here, a few times a day and not more.

    A mailbox that can't take mail is no failure of ours: the request then ends by itself, like any that is not
    confirmed.
    """
    # Parked before the case is read: whoever verifies it from now on finds the token.
    tokens.park(request_id, "verification", task_token)
    case = cases.get(request_id)
    case.require_open()
    if case.assurance > Assurance.NONE:
        if case.is_said_to_us and not case.code_mailed:
            sender.acknowledge(case)
        workflow.succeed(task_token, {})
        return
    if case.status is Status.RECEIVED:
        now = clock()
        # Who writes from a mailbox asks for the code themselves: requests that strangers make in its name by form
        # take none of these away, so that there is always a way in (abuse case 39).
        share = own_mail_budget if case.door is Door.EMAIL else budget
        may_mail = share.spend(case.subject_key, what=case.family or request_id, at=now, min_gap=_BETWEEN_UNASKED_CODES)
        after, event = case.changed(
            "verification_started",
            at=now,
            actor=SYSTEM,
            details={"code_mailed": may_mail},
            status=Status.AWAITING_VERIFICATION,
            code_mailed=may_mail,
        )
        cases.save(case, after, event)
        case = after
    key = sender.agent_key(case)
    if key is not None:
        if agent_budget.spend(key, what=request_id, at=clock(), min_gap=timedelta(0)):
            sender.tell_agent(case)
        else:  # one proxy may send hundreds of requests: each is taken, and not each is acknowledged by itself
            logger.info("agent not told: they have had their share", extra={"request_id": request_id})
    if not case.code_mailed:
        logger.warning("no code mailed: the address has had its share", extra={"request_id": request_id})
        return
    try:
        sender.send_first(case)
    except MailRejectedError:
        logger.warning("no code mailed: the address takes none", extra={"request_id": request_id})


def send_access_code(
    typed_reference: str, *, cases: CaseStore, budget: MailBudget, sender: CodeSender, clock: Clock
) -> None:
    """Mail a fresh code for a reference, for whatever it is that the request needs one.

    Silent for an unknown one, and where it is too soon: the answer never says which (abuse case 23).
    """
    reference = parse_reference(typed_reference)
    if reference is None:
        return
    try:
        case = cases.find(reference)
    except NotFoundError:
        return
    if case.is_frozen:
        return  # whoever asks may be the one whom the mailbox has disowned
    now = clock()
    try:
        if case.assurance > Assurance.NONE:
            sender.send(case, CodePurpose.ACCESS)
        elif case.is_open and budget.spend(
            case.subject_key, what=f"{case.request_id} {now.isoformat()}", at=now, min_gap=_BETWEEN_UNASKED_CODES
        ):
            sender.send(case, CodePurpose.VERIFICATION)
    except MailRejectedError:
        logger.warning("no code mailed: the address takes none", extra={"request_id": case.request_id})
