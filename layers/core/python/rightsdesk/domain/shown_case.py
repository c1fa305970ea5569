"""A case as a member of staff is shown it: what it says, what is to be done next, and what this person may do."""

# serves: B-2, B-4

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from rightsdesk.domain.address import masked_address
from rightsdesk.domain.case_views import (
    AgentView,
    CaseSummary,
    CaseView,
    CorrectionView,
    DisputeView,
    ErasureSummary,
    ExtensionView,
    HeldRows,
    LetterView,
    NextStep,
    OtherRequest,
    PlannedRows,
    QuestionView,
    RectificationView,
    RefusalView,
    SourceView,
    SpecialView,
    StopView,
    TransferView,
    UseView,
    WhyStep,
    WithholdingView,
)
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.decision_review import DecisionReview
from rightsdesk.domain.decisions import BY_POLICY, FieldDecision
from rightsdesk.domain.erasure_review import is_confirmed, phase_of, require_may_join
from rightsdesk.domain.errors import ConflictError, GoneError, NotAllowedError, OnHoldError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.letters import Letter, LetterRecord
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.review import allowed_grounds, require_may_send_again, rows_to_decide
from rightsdesk.domain.safeguard_state import Freeze, Safeguard
from rightsdesk.domain.safeguards import open_safeguards
from rightsdesk.domain.staff import Action, StaffMember, require_second_person
from rightsdesk.domain.transfer import TransferStatus, host_of, path_of
from rightsdesk.domain.underway import is_underway
from rightsdesk.domain.use_stop import UseStop
from rightsdesk.domain.views import package_view
from rightsdesk.law.case_dates import case_deadlines, clock_state
from rightsdesk.law.deadlines import extension_barrier


class CaseShown:
    """One case at one moment. Facts that hang on it are handed in: nothing is read here."""

    def __init__(self, case: PrivacyRequest, *, merchant: MerchantProfile, now: datetime) -> None:
        self._case = case
        self._merchant = merchant
        self._now = now

    def line(self) -> CaseSummary:
        """A line of the work list."""
        case = self._case
        today = self._now.astimezone(self._merchant.timezone).date()
        return CaseSummary(
            reference=case.reference,
            types=case.types,
            status=case.status,
            outcome=case.outcome,
            received_at=case.received_at,
            due_on=case.due.due_on,
            target_on=case.due.target_on,
            days_left=(case.due.due_on - today) // timedelta(days=1),
            clock=clock_state(case, merchant=self._merchant, now=self._now),
            country=case.country,
            language=case.language,
            assignee=case.assignee,
            failed=case.failure is not None,
            waits_for=open_safeguards(case),
            reply_awaited=case.reply_awaited,
            recipients_to_see_to=_to_see_to(case),
            recipients_left=len(case.recipients_left),
            transfer_state=case.transfer.status if case.transfer else None,
            subject=masked_address(case.email),
        )

    def whole(
        self,
        staff: StaffMember,
        *,
        sources: Mapping[str, SourceState],
        letters: Iterable[LetterRecord],
        decisions: Iterable[FieldDecision],
        others: Iterable[PrivacyRequest],
        unverified: int,
        barred: str | None,
        four_eyes: bool,
    ) -> CaseView:
        """All of it, as far as this member of staff may see it. `barred`: by what, of an erasure to be approved."""
        case = self._case
        held = rows_to_decide(case, sources.values())
        may_read = staff.may(Action.INSPECT) and case.assurance >= Assurance.MAILBOX
        return CaseView(
            **self.line().model_dump(),
            version=case.version,
            next_step=next_step(case, held=bool(held), barred=barred),
            **_words(case, may_read=may_read),
            **self._clock(staff),
            aim=case.aim and case.aim.model_copy(update={"send_to": None}),
            transfer=_transfer(case, may_read=staff.may(Action.INSPECT), may_retry=self._may_send_again(staff)),
            review=_review_shown(case.review, may_read=staff.may(Action.INSPECT)),
            use=_use(case.use, may_lift=staff.may(Action.LIFT)) if case.use else None,
            region=case.region,
            country_assumed=case.country_assumed,
            door=case.door,
            messages=len(case.messages),
            thread=len(case.thread),
            follows=case.follows,
            followed_by=case.followed_by,
            answered_by_package=case.answered_by_package,
            assurance=int(case.assurance),
            evidence_needed=case.evidence_needed,
            sources=tuple(_source(name, sources.get(name)) for name in case.sources),
            held=tuple(
                HeldRows(collection=path, rows=rows, treatment=case.treatments.get(path)) for path, rows in held.items()
            ),
            to_judge=sum(1 for decision in decisions if decision.judgement and decision.by == BY_POLICY),
            kept=case.kept,
            recipients=case.notices,
            carried_out_at=case.carried_out_at,
            package=package_view(case.export, downloads=self._merchant.downloads),
            package_rows=case.export.rows if case.export else None,
            allowed_grounds=allowed_grounds(case),
            letters=letters_shown(case, letters),
            undelivered=case.undelivered,
            failure=case.failure,
            handled_by=case.handled_by,
            agent=_agent(case, may_read=may_read),
            special=_special(case, may_read=may_read),
            frozen=_frozen(case, may_read=may_read),
            merged_into=case.merged_into,
            other_requests=tuple(_other(other, case) for other in others),
            unverified_requests=unverified,
            may_release=case.answered_by_package and _may_decide(staff, case, Action.RELEASE, four_eyes=four_eyes),
            rectification=_rectification(case, may_read=staff.may(Action.INSPECT)),
            may_approve_correction=_has_plan(case) and _may_decide(staff, case, Action.COMPLETE, four_eyes=four_eyes),
            erasure=_erasure(case, now=self._now),
            may_approve_erasure=barred is None and _may_approve(staff, case, now=self._now),
            may_complete=not case.answered_by_package
            and case.erasure is None
            and _may_decide(staff, case, Action.COMPLETE, four_eyes=four_eyes),
            may_confirm_refusal=_may_confirm(staff, case, four_eyes=four_eyes),
        )

    def _may_send_again(self, staff: StaffMember) -> bool:
        try:
            require_may_send_again(self._case, self._now)
        except (ConflictError, GoneError):
            return False
        return staff.may(Action.RETRY)

    def _clock(self, staff: StaffMember) -> dict[str, Any]:
        """Every date, what moved it, and why."""
        case, due = self._case, self._case.due
        deadlines = case_deadlines(case, merchant=self._merchant)
        barrier = extension_barrier(deadlines, notice_sent_at=self._now)
        return {
            "laws": due.laws,
            "rules": due.rules,
            "nominal_on": due.nominal_on,
            "conservative_due_on": due.conservative_due_on,
            "extended_due_on": due.extended_due_on,
            "extension_notice_due_on": due.extension_notice_due_on,
            "refusal_notice_due_on": due.refusal_notice_due_on,
            "progress_notice_due_on": due.progress_notice_due_on,
            "suspended_days": due.suspended_days,
            "why": tuple(WhyStep(code=s.code, rule=s.rule, parameters=s.parameters) for s in deadlines.why),
            "may_extend": barrier is None and is_underway(case) and staff.may(Action.EXTEND),
            "extension_barrier": barrier,
            "breaches": case.breaches,
        }


def _to_see_to(case: PrivacyRequest) -> int:
    """Of a closed case all who are left: nobody else reminds them."""
    return sum(line.waits_for_staff if case.is_open else not line.settled for line in case.notices.values())


def _agent(case: PrivacyRequest, *, may_read: bool) -> AgentView | None:
    agent, mandate = case.agent, case.mandate
    if agent is None:
        return None
    return AgentView(
        role=agent.role,
        name=agent.name if may_read else None,
        email=agent.email if may_read else None,
        mandate=agent.mandate if may_read else None,
        accepted=mandate and mandate.accepted,
        reason=mandate.reason if mandate and may_read else None,
        decided_by=mandate and mandate.by,
        gets_answers=case.agent_gets_answers,
    )


def _special(case: PrivacyRequest, *, may_read: bool) -> SpecialView | None:
    special = case.special
    if special is None:
        return None
    return SpecialView(
        kind=special.kind,
        raised_by=special.raised_by,
        reason=special.reason if may_read else None,
        decided_by=special.decided_by,
        decided_at=special.decided_at,
    )


def _frozen(case: PrivacyRequest, *, may_read: bool) -> Freeze | None:
    return case.frozen if may_read or case.frozen is None else case.frozen.model_copy(update={"reason": None})


def _transfer(case: PrivacyRequest, *, may_read: bool, may_retry: bool) -> TransferView | None:
    """What the person named is shown without its query, which may hold a password."""
    if case.send_to is None:
        return None
    done, part = case.transfer, case.export.transfer if case.export else None
    return TransferView(
        host=host_of(case.send_to) if may_read else None,
        path=path_of(case.send_to) if may_read else None,
        has_query="?" in case.send_to,
        can_be_sent=part is not None,
        bytes=part.bytes if part else None,
        sha256=part.sha256 if part else None,
        status=done.status if done else None,
        approved_by=done.approved_by if done else None,
        refused_reason=done.refused_reason if done and may_read else None,
        attempts=done.attempts if done else 0,
        sent_at=done.sent_at if done else None,
        answered=done.answered if done else None,
        receipt=done.receipt if done else None,
        failed=done.failed if done else None,
        may_retry=may_retry,
    )


def _other(other: PrivacyRequest, case: PrivacyRequest) -> OtherRequest:
    return OtherRequest(
        reference=other.reference,
        types=other.types,
        status=other.status,
        outcome=other.outcome,
        received_at=other.received_at,
        due_on=other.due.due_on,
        same_mailbox=other.subject_key == case.subject_key,
        merged_into=other.merged_into,
    )


def letters_shown(case: PrivacyRequest, letters: Iterable[LetterRecord]) -> tuple[LetterView, ...]:
    """Which letters there are and what became of each; never what one said."""
    return tuple(
        LetterView(
            letter=record.letter,
            to=_reader_of(case, record),
            version=record.version,
            state=record.state,
            at=record.at,
            sent_at=record.sent_at,
            sha256=record.sha256,
        )
        for record in letters
    )


def _reader_of(case: PrivacyRequest, record: LetterRecord) -> Literal["person", "agent", "staff", "recipient"]:
    """A former address of the person has a key of its own."""
    if record.letter in (Letter.RECIPIENT_NOTICE, Letter.RECIPIENT_LIFTING):
        return "recipient"
    if record.recipient_key == case.agent_key:
        return "agent"
    is_persons = record.recipient_key == case.subject_key or record.letter == Letter.CONTACT_CHANGED
    return "person" if is_persons else "staff"


def _review_shown(review: DecisionReview | None, *, may_read: bool) -> DecisionReview | None:
    """The reasons may speak of the person: they are for who may inspect a case."""
    return review if review is None or may_read else review.model_copy(update={"reasons": ""})


_BEFORE_REVIEW = frozenset({Status.VERIFIED, Status.COLLECTING, Status.AWAITING_CONFIRMATION})


def next_step(case: PrivacyRequest, *, held: bool, barred: str | None) -> NextStep:
    """What is to be done next, or waited for.

    `held`: rows about other people were found. `barred`: the code of what bars an erasure that could be approved.
    """
    step = _step(case, held=held, barred=barred)
    if case.undelivered and (step == "none" or step.startswith("wait_")):
        return "answer_in_another_way"  # where nothing else is to be done: it would be waited for in vain
    if step == "none" and case.recipients_left:
        return "see_to_recipients"  # who had been told to stop for good, before the case ended otherwise
    return step


def _step(case: PrivacyRequest, *, held: bool, barred: str | None) -> NextStep:
    if case.failure:
        return "retry_failed"
    if case.open_question and case.open_question.text is not None and is_underway(case):
        return "wait_for_answer_to_question"
    left_to_decide = case.is_frozen or (case.refusal is None and case.answered_at is None)
    barred_until_decided = open_safeguards(case) if left_to_decide else ()
    is_looked_at = case.is_frozen or case.assurance >= Assurance.MAILBOX
    if barred_until_decided and is_looked_at and (step := _safeguard(case, barred_until_decided[0])):
        return step
    match case.status:
        case Status.RECEIVED | Status.AWAITING_VERIFICATION:
            return "wait_for_person"
        case Status.AWAITING_CONFIRMATION:
            said = case.erasure is not None and case.erasure.confirmed_at is not None
            return "wait_for_undo_time" if said else "wait_for_person_to_confirm"
        case Status.VERIFIED | Status.COLLECTING:
            return "wait_for_sources"
        case Status.AWAITING_REVIEW:
            return _review(case, held=held, barred=barred)
        case Status.AWAITING_RECIPIENTS:
            return "see_to_recipients" if _to_see_to(case) else "wait_for_recipients"
        case Status.EXECUTING:
            if case.erasure is not None and case.erasure.certificate is None and not case.is_refused:
                return "wait_for_erasure"
            if case.corrects and case.carried_out_at is None and not case.is_refused:
                return "wait_for_correction"
            if case.answered_at is None:
                return "wait_for_answer"
            failed = case.transfer is not None and case.transfer.status is TransferStatus.FAILED
            return "wait_for_download_or_retry_transfer" if failed else "wait_for_download"
        case Status.CLOSED:
            return "none"


def _safeguard(case: PrivacyRequest, gravest: Safeguard) -> NextStep | None:
    """What to do about it; None where an authority was not accepted, and the refusal has to wait."""
    refusable = case.status is Status.AWAITING_REVIEW and bool(allowed_grounds(case))
    match gravest:
        case Safeguard.FROZEN:
            return "thaw_or_refuse" if refusable else "thaw"
        case Safeguard.SPECIAL:
            return "decide_special_case"
        case Safeguard.MANDATE:
            if case.mandate is not None and refusable:
                return "refuse_or_accept_mandate"
            waits_for_others = case.mandate is not None and case.status in _BEFORE_REVIEW
            return None if waits_for_others else "decide_mandate"


def _review(case: PrivacyRequest, *, held: bool, barred: str | None) -> NextStep:
    if case.refusal and not case.refusal.is_decided:
        return "confirm_refusal"
    if case.erasure is not None:
        if barred is not None:
            return "lift_hold" if barred == OnHoldError.code else "answer_access_request_first"
        return "approve_erasure" if case.erasure.approval is None else "confirm_erasure_approval"
    if not case.answered_by_package:
        if RequestType.RECTIFICATION in case.types:  # a plan with obstacles has to be stated otherwise
            return "approve_correction" if _has_plan(case) else "state_corrections"
        if RequestType.AUTOMATED_DECISION in case.types and case.review is None:
            return "review_decision"
        return "carry_out_and_say_so"
    return "decide_held_rows_and_release" if held else "release_or_refuse"


def _may_decide(staff: StaffMember, case: PrivacyRequest, action: Action, *, four_eyes: bool) -> bool:
    if case.status is not Status.AWAITING_REVIEW or not staff.may(action):
        return False
    if action is not Action.REFUSE and open_safeguards(case):
        return False
    try:
        require_second_person(staff, case.worked_on_by, four_eyes=four_eyes)
    except NotAllowedError:
        return False
    return True


def _may_confirm(staff: StaffMember, case: PrivacyRequest, *, four_eyes: bool) -> bool:
    """Never who proposed it: here two people are wanted whatever the merchant has set."""
    refusal = case.refusal
    if refusal is None or refusal.is_decided or refusal.by == staff.user_id:
        return False
    return _may_decide(staff, case, Action.REFUSE, four_eyes=four_eyes)


def _use(use: UseStop, *, may_lift: bool) -> UseView:
    return UseView(
        stops=tuple(
            StopView(
                kind=stop.kind,
                purposes=stop.purposes,
                except_purposes=stop.except_purposes,
                recipients=stop.recipients,
                rule=stop.rule,
                provisional=stop.provisional and use.settled_at is None,
            )
            for stop in use.stops
        ),
        stopped_at=use.stopped_at,
        settled_at=use.settled_at,
        going_on=use.going_on,
        lifted_at=use.lifted_at,
        may_lift=may_lift and use.can_be_lifted,
    )


def _has_plan(case: PrivacyRequest) -> bool:
    """One that could be approved."""
    plan = case.rectification.plan if case.rectification else None
    return plan is not None and not plan.obstacles


def _rectification(case: PrivacyRequest, *, may_read: bool) -> RectificationView | None:
    state = case.rectification
    if state is None:
        return None
    plan = state.plan
    return RectificationView(
        round=state.round,
        corrections=tuple(
            CorrectionView(
                field=each.field,
                old=each.old if may_read else None,
                new=each.new if may_read else None,
                where={name: value if may_read else None for name, value in each.where.items()},
                evidence=each.evidence if may_read else None,
            )
            for each in state.corrections
        ),
        disputed=tuple(DisputeView(field=each.field, note=each.note if may_read else None) for each in state.disputes),
        touches_contact=state.touches_contact,
        plan_sha256=plan and plan.sha256,
        planned=tuple(
            PlannedRows(collection=part.collection, rows=part.rows, fields=part.fields)
            for part in (plan.collections if plan else ())
        ),
        obstacles=plan.obstacles if plan else (),
        approved_by=state.approved_by,
        began_at=state.began_at,
        corrected_rows=sum(part.rows for part in state.done.values()),
        broke_in=state.broke_in,
        corrected_at=state.corrected_at,
        recipients=state.recipients,
    )


def _erasure(case: PrivacyRequest, *, now: datetime) -> ErasureSummary | None:
    erasure = case.erasure
    if erasure is None:
        return None
    approval = erasure.approval
    by = (approval.by, approval.second_by) if approval else ()
    return ErasureSummary(
        state=phase_of(erasure, now=now),
        round=erasure.round,
        asked_at=erasure.asked_at,
        confirmed_at=erasure.confirmed_at,
        undo_until=erasure.undo_until,
        nothing_to_erase=erasure.nothing_to_erase,
        approved_by=tuple(user_id for user_id in by if user_id),
        began_at=erasure.began_at,
        certificate_sha256=erasure.certificate and erasure.certificate.sha256,
    )


def _may_approve(staff: StaffMember, case: PrivacyRequest, *, now: datetime) -> bool:
    """Two people, whatever the merchant has set, and one of them an approver."""
    erasure = case.erasure
    if erasure is None or case.status is not Status.AWAITING_REVIEW or not is_confirmed(erasure, now=now):
        return False
    if open_safeguards(case):
        return False
    if not staff.may(Action.PROPOSE):
        return False
    try:
        if erasure.approval is not None:
            require_may_join(staff, erasure.approval)
    except NotAllowedError:
        return False
    return True


def _words(case: PrivacyRequest, *, may_read: bool) -> dict[str, Any]:
    """What the person and staff wrote; None for who may not read it. Under an unproven address nobody reads it."""

    def words(text: str | None) -> str | None:
        return text if may_read else None

    extension, refusal = case.extension, case.refusal
    return {
        "name": words(case.name),
        "order_number": words(case.order_number),
        "details": words(case.details),
        "done": words(case.done),
        "reasons": {purpose: words(reason) for purpose, reason in case.reasons.items()},
        "extension": extension
        and ExtensionView(reason=extension.reason, explanation=words(extension.explanation), told_at=extension.told_at),
        "withheld": {
            path: WithholdingView(ground=why.ground, reason=words(why.reason)) for path, why in case.withheld.items()
        },
        "questions": tuple(
            QuestionView(
                kind=question.kind,
                asked_at=question.asked_at,
                text=words(question.text),
                answered_at=question.answered_at,
                answer=words(question.answer),
            )
            for question in case.questions
        ),
        "refusal": refusal
        and RefusalView(
            ground=refusal.ground,
            reason=words(refusal.reason),
            evidence=words(refusal.evidence),
            by=refusal.by,
            second_by=refusal.second_by,
            decided=refusal.is_decided,
        ),
    }


def _source(name: str, state: SourceState | None) -> SourceView:
    if state is None or state.status == "collecting":
        return SourceView(source=name, status="pending")
    return SourceView(
        source=name,
        status=state.status,
        error=state.error,
        collections={
            collection: result.model_dump(mode="json", exclude={"sha256"})
            for collection, result in state.collections.items()
        },
    )
