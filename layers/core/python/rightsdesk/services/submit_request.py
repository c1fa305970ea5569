"""Take a submission from any door: the only way in which a request comes to be."""

# serves: B-6, E-00, E-02, E-07

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.audit import GENESIS, chained_event
from rightsdesk.domain.disowning import new_disown_secret
from rightsdesk.domain.errors import InvalidInputError, ServiceUnavailableError
from rightsdesk.domain.identity import Assurance, subject_key
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.mail_threads import new_token
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reference import new_reference
from rightsdesk.domain.reminders import next_look_at
from rightsdesk.domain.request import SAID_TO_US, SUBJECT, Instruction, PrivacyRequest, Submission
from rightsdesk.domain.safeguards import special_of
from rightsdesk.domain.views import Receipt
from rightsdesk.law.case_dates import due_dates
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import Workflow


def submit_request(
    submission: Submission,
    *,
    cases: CaseStore,
    workflow: Workflow,
    keys: Keyring,
    merchant: MerchantProfile,
    clock: Clock,
    new_id: Callable[[], str] = lambda: uuid4().hex,
    reference: Callable[[], str] = new_reference,
    received_at: datetime | None = None,
    mail_id: str | None = None,
    family: str | None = None,
    country_assumed: bool = False,
    instruction: Instruction | None = None,
    mailbox_proven: bool = False,
    own_words: bool = True,
    follows: str | None = None,
) -> Receipt:
    """Write the case and its first event, and start its two workflows.

    Of what came by mail: `received_at` is when the mail service had it, `mail_id` the mail, `family` is shared by all
    requests that were made of one mail. `instruction`: of a controller that handed it on; `received_at` is then when
    the person asked it. `mailbox_proven`: it came from the mailbox that it names, beyond doubt; that is
    enough for what is only said to us, and no code is asked for. `own_words`: the details are of who asks, and not of
    staff or of somebody else's mail. `follows`: reference of an answered request that this
    one takes up again. Raises ConflictError where `new_id` gives the id of one that there is.

    Nothing is looked up here: a known and an unknown person take the same path (abuse case 17). A workflow that
    can't be started now is started by the daily sweep; the request counts as received all the same (EDPB 01/2022, 159).
    """
    now = clock()
    kinds = tuple(dict.fromkeys(submission.types))
    address = canonical_address(submission.email)
    if address is None:
        raise InvalidInputError.of("email", "not_an_address")
    received = received_at.astimezone(UTC) if received_at else now
    due = due_dates(received, submission.country, merchant=merchant, types=kinds)
    verified = mailbox_proven and SAID_TO_US.issuperset(kinds) and submission.agent is None
    proven: dict[str, tuple[str, ...]] = {"email": (address,)} if verified else {}
    request_id = new_id()
    given_reference = reference()
    event = chained_event(
        request_id=request_id,
        sequence=1,
        previous_hash=GENESIS,
        type="received",
        at=now,
        actor=f"controller:{instruction.controller}" if instruction else SUBJECT,
        details={
            "reference": given_reference,  # random: it names nobody, and leads an auditor from a letter to its evidence
            "door": submission.door,
            "types": [str(kind) for kind in kinds],
            "laws": list(due.laws),
            "rules": list(due.rules),
            "due_on": due.due_on.isoformat(),
            "target_on": due.target_on.isoformat(),
            **({"mail": mail_id} if mail_id else {}),
            **({"agent": submission.agent.role} if submission.agent else {}),
            **({"assurance": int(Assurance.MAILBOX)} if verified else {}),
            **({"follows": follows} if follows else {}),
        },
    )
    case = PrivacyRequest(
        request_id=request_id,
        reference=given_reference,
        types=kinds,
        status=Status.VERIFIED if verified else Status.RECEIVED,
        assurance=Assurance.MAILBOX if verified else Assurance.NONE,
        verified_at=now if verified else None,
        identifiers=proven,
        person_keys=_person_keys(keys, proven) if verified else (),
        received_at=received,
        opened_at=now if received < now else None,
        door=submission.door,
        language=submission.language,
        country=submission.country,
        region=submission.region,
        name=submission.name,
        email_as_typed=submission.email,
        email=address,
        subject_key=subject_key(keys.key("subject"), address),
        order_number=submission.order_number,
        details=submission.details,
        own_words=own_words,
        aim=submission.aim,
        agent=submission.agent,
        disown_secret=new_disown_secret(),
        special=special_of(submission.agent, at=now),
        reply_token=new_token(keys.key("thread"), request_id=request_id, reference=given_reference, on=received.date()),
        messages=(mail_id,) if mail_id else (),
        family=family,
        follows=follows,
        country_assumed=country_assumed,
        instruction=instruction,
        due=due,
        event_hash=event.hash,
    )
    cases.create(case, event)
    try:
        workflow.start(request_id, attempt=1, entry="verification")
        workflow.watch(request_id, attempt=1, wake_at=next_look_at(case, now=now, zone=merchant.timezone))
    except ServiceUnavailableError:
        logger.warning("workflow not started; the sweep will", extra={"request_id": request_id})
    return Receipt(reference=case.reference, received_at=received, status=case.status)


def _person_keys(keys: Keyring, proven: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    from rightsdesk.domain.same_person import KEY_PURPOSE, person_keys  # few requests come verified

    return person_keys(keys.key(KEY_PURPOSE), proven)
