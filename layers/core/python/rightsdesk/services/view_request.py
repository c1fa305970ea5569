"""What a person may see of their own request."""

# serves: B-6, E-02, E-04, E-14

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from rightsdesk.domain.audit import AuditEvent, Detail
from rightsdesk.domain.clock import Question, QuestionKind
from rightsdesk.domain.erasure_review import CONFIRMATION_PERIOD, current_plan, phase_of
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.messages import Message, can_write, may_be_reopened, reopened_until
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.session import Session
from rightsdesk.domain.transfer import Transfer, TransferStatus
from rightsdesk.domain.use_stop import UseStop
from rightsdesk.domain.views import (
    AgentTold,
    ErasureView,
    ExtensionView,
    MessageView,
    Package,
    PlanTold,
    QuestionView,
    RequestView,
    SentView,
    Step,
    StoppedView,
    ToldView,
    package_view,
)
from rightsdesk.law.case_dates import clock_state
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.messages import Messages
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # read for an erasure alone that waits for the person
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.domain.recipients import Recipient


def view_request(
    session: Session,
    *,
    cases: CaseStore,
    messages: Messages,
    merchant: MerchantProfile,
    data_map: "Callable[[], DataMap]",
    recipients: "Callable[[], Mapping[str, Recipient]]",
    clock: Clock,
) -> RequestView:
    """The case in plain facts; nothing that says more than its owner already knows."""
    case = cases.get(session.request_id)
    now = clock()
    timeline = cases.timeline(case.request_id)
    passed = {event.type: event.at for event in timeline}
    asked = case.open_question
    in_doubt = asked is not None and asked.kind is QuestionKind.IDENTITY
    steps = (
        Step(name="received", at=case.received_at),
        Step(name="identity_confirmed", at=None if in_doubt else _confirmed_at(timeline)),
        Step(name="being_prepared", at=passed.get("plan_decided")),
        Step(name="answered", at=case.answered_at),
    )
    state = clock_state(case, merchant=merchant, now=now)

    def day_of(moment: datetime) -> date:
        return moment.astimezone(merchant.timezone).date()

    return RequestView(
        reference=case.reference,
        types=case.types,
        status=case.status,
        outcome=case.outcome,
        received_at=case.received_at,
        due_on=case.due.due_on,
        conservative_due_on=case.due.conservative_due_on,
        clock=state,
        suspended_since=day_of(asked.asked_at) if asked and state == "suspended" else None,
        extension=_extension(case, day_of),
        language=case.language,
        evidence_needed=case.is_open and case.evidence_needed,
        question=_question(asked, day_of),
        steps=steps,
        package=package_of(case, merchant=merchant, now=now),
        erasure=_erasure(case, case.erasure, cases, data_map, day_of, now=now) if case.erasure else None,
        use=_stopped(case.use, data_map, merchant, now) if case.use else None,
        transfer=_sent(case, case.transfer, day_of) if case.transfer else None,
        recipients=_told_others(case, recipients, day_of) if case.notices else (),
        agent=_agent(case),
        merged_into=case.merged_into if case.outcome is Outcome.MERGED else None,
        messages=_thread(case, messages.of(case.request_id) if case.thread else ()),
        can_write=can_write(case),
        reopen_until=reopened_until(case) if may_be_reopened(case, now=now) and case.followed_by is None else None,
        follows=case.follows,
        followed_by=case.followed_by,
        can_withdraw=case.is_open and case.answered_at is None and not case.erasure_began,
    )


def _thread(case: PrivacyRequest, messages: Sequence[Message]) -> tuple[MessageView, ...]:
    """As a conversation: what they asked, what both wrote, and what staff answered.

    Who of the staff wrote is none of the person's business (GDPR 15(4)).
    """
    said = [MessageView(number=each.number, by=each.by, at=each.at, text=each.text) for each in messages]
    entries = [*_asked_at_first(case, has_messages=bool(messages)), *said, *_answered(case)]
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _asked_at_first(case: PrivacyRequest, *, has_messages: bool) -> Iterator[MessageView]:
    """What was written with the request, as we hold it: of a mail, its beginning. A right needs no words.

    What takes up an answered question again has them as its first message, too. What staff wrote down of it, or found
    in somebody else's mail, is not theirs to read as their own.
    """
    if (
        not case.own_words
        or (case.details is None and not case.is_said_to_us)
        or (case.follows is not None and has_messages)
    ):
        return
    by: Literal["person", "agent"] = "agent" if case.agent else "person"
    yield MessageView(kind="request", by=by, at=case.received_at, text=case.details)


def _answered(case: PrivacyRequest) -> Iterator[MessageView]:
    """What the letter said to a question or a complaint, once it is out: it is about nobody's data."""
    if case.is_said_to_us and case.answered_at is not None:
        yield MessageView(kind="answer", by="staff", at=case.answered_at, text=case.done)


def _confirmed_at(timeline: Sequence[AuditEvent]) -> datetime | None:
    """When it was sure who asks: the mailbox is enough only where nothing more was asked for since."""
    confirmed = None
    for event in timeline:
        if event.type in ("mailbox_confirmed", "identity_confirmed") or "assurance" in _of_receipt(event):
            confirmed = event.at
        elif event.type == "evidence_asked":
            confirmed = None
    return confirmed


def _agent(case: PrivacyRequest) -> AgentTold | None:
    if case.agent is None:
        return None
    can_be_said = case.is_open and case.answered_at is None
    return AgentTold(
        role=case.agent.role, name=case.agent.name, gets_answers=case.agent_gets_answers, can_be_said=can_be_said
    )


def _of_receipt(event: AuditEvent) -> Mapping[str, Detail]:
    """A question in a mail beyond doubt was proven when it came."""
    return event.details if event.type == "received" else {}


def _question(asked: Question | None, day_of: Callable[[datetime], date]) -> QuestionView | None:
    """What staff ask. Our own question for an order number has no words: `evidence_needed` says it."""
    if asked is None or asked.text is None:
        return None
    return QuestionView(kind=asked.kind, text=asked.text, asked_on=day_of(asked.asked_at))


def _extension(case: PrivacyRequest, day_of: Callable[[datetime], date]) -> ExtensionView | None:
    extension = case.extension
    if extension is None:
        return None
    return ExtensionView(reason=extension.reason, explanation=extension.explanation, told_on=day_of(extension.told_at))


def _erasure(
    case: PrivacyRequest,
    erasure: ErasureState,
    cases: CaseStore,
    data_map: "Callable[[], DataMap]",
    day_of: Callable[[datetime], date],
    *,
    now: datetime,
) -> ErasureView | None:
    """None where it is over and nothing was erased: the outcome says the rest."""
    state = phase_of(erasure, now=now)
    if erasure.consequence:  # the person asked for something else, and is told of that
        return None
    if not case.is_open and state != "erased":
        return None
    asks = state == "confirm" and erasure.asked_at is not None
    return ErasureView(
        state=state,
        asked_at=erasure.asked_at,
        confirm_by=day_of(erasure.asked_at + CONFIRMATION_PERIOD) if asks and erasure.asked_at else None,
        confirmed_at=erasure.confirmed_at,
        undo_until=erasure.undo_until,
        nothing_to_erase=erasure.nothing_to_erase,
        plan=_told(case, cases, data_map) if case.status is Status.AWAITING_CONFIRMATION else None,
    )


def _sent(case: PrivacyRequest, transfer: Transfer, day_of: Callable[[datetime], date]) -> SentView | None:
    """Nothing before it is over; but once the answer has said that it failed, that it is tried again."""
    sent = transfer.status is TransferStatus.SENT
    state: Literal["sent", "refused", "failed", "retrying"]
    match transfer.status:
        case TransferStatus.SENT:
            state = "sent"
        case TransferStatus.REFUSED:
            state = "refused"
        case TransferStatus.FAILED:
            state = "failed"
        case TransferStatus.APPROVED | TransferStatus.SENDING:
            if case.answered_at is None:
                return None
            state = "retrying"
    return SentView(
        host=transfer.host,
        state=state,
        sent_on=day_of(transfer.sent_at) if transfer.sent_at else None,
        sha256=transfer.sha256 if sent else None,
        reason=transfer.refused_reason,
    )


def _stopped(use: UseStop, data_map: "Callable[[], DataMap]", merchant: MerchantProfile, now: datetime) -> StoppedView:
    from rightsdesk.domain.use_words import shown_use  # brings the data map

    return shown_use(use, data_map(), merchant.timezone, now=now)


def _told_others(
    case: PrivacyRequest,
    recipients: "Callable[[], Mapping[str, Recipient]]",
    day_of: Callable[[datetime], date],
) -> tuple[ToldView, ...]:
    """In the order of the register; of one that is no longer in it nobody knows the name."""
    return tuple(
        ToldView(
            who=recipient.label,
            state=line.state,
            settled=line.settled,
            told_on=day_of(line.sent_at) if line.sent_at and not line.untold else None,
            told_no_more=line.settled and line.untold,
            ends_on=day_of(line.ends_at) if line.ends_at else None,
        )
        for name, recipient in recipients().items()
        if (line := case.notices.get(name))
    )


def _told(case: PrivacyRequest, cases: CaseStore, data_map: "Callable[[], DataMap]") -> PlanTold:
    from rightsdesk.domain.erasure_words import shown_plan  # brings the data map

    plan = current_plan(case, cases.erasures(case.request_id))
    return shown_plan(plan, cases.decisions(case.request_id), data_map(), case.kept, case.due.laws)


def package_of(case: PrivacyRequest, *, merchant: MerchantProfile, now: datetime) -> Package | None:
    """The package while it can be fetched."""
    package = package_view(case.export, downloads=merchant.downloads)
    if package is None or now >= package.expires_at or case.status is Status.CLOSED:
        return None
    return package
