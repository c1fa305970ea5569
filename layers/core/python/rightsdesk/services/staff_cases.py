"""What staff see of cases, and the small things they do to them: assign, and start again what stopped."""

# serves: B-2, B-4

import re
from datetime import timedelta

from rightsdesk.domain.address import masked_address
from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.collecting import SourceState, held_rows
from rightsdesk.domain.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NothingFailedError,
    ServiceUnavailableError,
)
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reference import parse_reference
from rightsdesk.domain.request import SYSTEM, Failure, PrivacyRequest
from rightsdesk.domain.review import allowed_grounds
from rightsdesk.domain.staff import Action, StaffMember, require_second_person
from rightsdesk.domain.views import (
    CasePage,
    CaseSummary,
    CaseView,
    HeldRows,
    NextStep,
    Package,
    PackagePart,
    SourceView,
    Timeline,
)
from rightsdesk.ports import CaseStore, Clock, Workflow

_ATTEMPTS = 3
ME = "me"  # as an assignee: who is asking
_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,127}")  # no e-mail address: the history holds no person's data


class StaffCases:
    """The staff's side of the desk. Every method checks the role first."""

    def __init__(
        self, *, cases: CaseStore, workflow: Workflow, merchant: MerchantProfile, clock: Clock, four_eyes: bool
    ) -> None:
        self._cases = cases
        self._workflow = workflow
        self._merchant = merchant
        self._clock = clock
        self._four_eyes = four_eyes

    def list_open(self, staff: StaffMember, limit: int, cursor: str | None) -> CasePage:
        """Open cases, what should be moving and the one due first at the top. A page may hold fewer than `limit`.

        A case that is closed is among them only if its clean-up failed.
        """
        staff.require(Action.READ)
        cases, after = self._cases.open_by_due_date(limit=limit, cursor=cursor)
        return CasePage(items=tuple(self._summary(case) for case in cases if case.is_open or case.failure), next=after)

    def find(self, typed_reference: str) -> PrivacyRequest:
        """Raises NotFoundError for what can't be a reference, and for one that is not there."""
        reference = parse_reference(typed_reference)
        if reference is None:
            raise NotFoundError("no such request")
        return self._cases.find(reference)

    def view(self, staff: StaffMember, typed_reference: str) -> CaseView:
        staff.require(Action.READ)
        return self._view(staff, self.find(typed_reference))

    def timeline(self, staff: StaffMember, typed_reference: str) -> Timeline:
        """The history, and whether it is whole and unaltered up to what the case says is its end."""
        staff.require(Action.TIMELINE)
        for _ in range(_ATTEMPTS):
            case = self.find(typed_reference)
            events = self._cases.timeline(case.request_id)
            if len(events) == case.event_sequence:
                break  # else an event was written between the two readings, or really is missing
        broken = verify_chain(events, expected_head=(case.event_sequence, case.event_hash))
        return Timeline(
            reference=case.reference,
            events=tuple(events),
            intact=broken is None,
            broken_at=broken.sequence if broken else None,
        )

    def assign(self, staff: StaffMember, typed_reference: str, assignee: str | None) -> CaseView:
        """Give the case to somebody (`me`: to oneself), who then handles it, or to nobody."""
        staff.require(Action.ASSIGN)
        if assignee == ME:
            assignee = staff.user_id
        if assignee is not None and not _USER_ID.fullmatch(assignee):
            raise InvalidInputError.of("assignee", "wrong_format")
        case = self.find(typed_reference)
        case.require_open()
        # To take a case is to work on it, for good; to be given one counts for as long as one has it. Otherwise anybody
        # could shut the only approver out by naming them.
        handled_by = _with(case.handled_by, assignee) if assignee == staff.user_id else case.handled_by
        after, event = case.changed(
            "assigned" if assignee else "unassigned",
            at=self._clock(),
            actor=staff.actor,
            details={"assignee": assignee} if assignee else {},
            assignee=assignee,
            handled_by=handled_by,
        )
        self._cases.save(case, after, event)
        return self._view(staff, after)

    def retry(self, staff: StaffMember, typed_reference: str) -> CaseView:
        """Start a stopped workflow again: finished tasks pass, the failed one is tried anew."""
        staff.require(Action.RETRY)
        case = self.find(typed_reference)
        if case.failure is None:
            raise NothingFailedError("nothing has failed")
        entry = "verification" if case.is_open else "withdrawal"
        after, event = case.changed(
            "workflow_restarted",
            at=self._clock(),
            actor=staff.actor,
            details={"after": case.failure.state},
            failure=None,
            attempt=case.attempt + 1,
            handled_by=_with(case.handled_by, staff.user_id),
        )
        self._cases.save(case, after, event)
        try:
            self._workflow.start(case.request_id, attempt=after.attempt, entry=entry)
        except ServiceUnavailableError as error:
            failure = Failure(state="Retry", error=type(error).__name__, at=self._clock())
            failed, event = after.changed(
                "workflow_failed",
                at=failure.at,
                actor=SYSTEM,
                details={"state": failure.state, "error": failure.error},
                failure=failure,
            )
            self._cases.save(after, failed, event)  # so that it can be started again
            raise
        return self._view(staff, after)

    def _summary(self, case: PrivacyRequest) -> CaseSummary:
        today = self._clock().astimezone(self._merchant.timezone).date()
        return CaseSummary(
            reference=case.reference,
            types=case.types,
            status=case.status,
            outcome=case.outcome,
            received_at=case.received_at,
            due_on=case.due.due_on,
            target_on=case.due.target_on,
            days_left=(case.due.due_on - today) // timedelta(days=1),
            country=case.country,
            language=case.language,
            assignee=case.assignee,
            failed=case.failure is not None,
            subject=masked_address(case.email),
        )

    def _view(self, staff: StaffMember, case: PrivacyRequest) -> CaseView:
        states = self._cases.sources(case.request_id)
        held = held_rows(states.values())
        export = case.export
        package = None
        if export and export.expires_at:
            package = Package(
                parts=tuple(
                    PackagePart(part=number, name=part.name, bytes=part.bytes, sha256=part.sha256)
                    for number, part in enumerate(export.parts, start=1)
                ),
                expires_at=export.expires_at,
                downloads_left=max(0, self._merchant.downloads * len(export.parts) - export.downloads),
            )
        return CaseView(
            **self._summary(case).model_dump(),
            version=case.version,
            next_step=_next_step(case, held=bool(held)),
            **_what_was_written(staff, case),
            laws=case.due.laws,
            rules=case.due.rules,
            conservative_due_on=case.due.conservative_due_on,
            assurance=int(case.assurance),
            evidence_needed=case.evidence_needed,
            sources=tuple(_source_view(name, states.get(name)) for name in case.sources),
            held=tuple(
                HeldRows(collection=path, rows=rows, treatment=case.treatments.get(path)) for path, rows in held.items()
            ),
            package=package,
            package_rows=export.rows if export else None,
            refusal=case.refusal,
            allowed_grounds=allowed_grounds(case),
            failure=case.failure,
            handled_by=case.handled_by,
            other_requests=len(self._cases.of_subject(case.subject_key)) - 1,
            may_release=self._may_release(staff, case),
        )

    def _may_release(self, staff: StaffMember, case: PrivacyRequest) -> bool:
        if case.status is not Status.AWAITING_REVIEW or not staff.may(Action.RELEASE):
            return False
        try:
            require_second_person(staff, case.worked_on_by, four_eyes=self._four_eyes)
        except NotAllowedError:
            return False
        return True


def _next_step(case: PrivacyRequest, *, held: bool) -> NextStep:
    if case.failure:
        return "retry_failed"
    match case.status:
        case Status.RECEIVED | Status.AWAITING_VERIFICATION:
            return "wait_for_person"
        case Status.VERIFIED | Status.COLLECTING:
            return "wait_for_sources"
        case Status.AWAITING_REVIEW:
            return "decide_held_rows_and_release" if held else "release_or_refuse"
        case Status.EXECUTING | Status.AWAITING_RECIPIENTS:
            return "wait_for_download" if case.answered_at else "wait_for_answer"
        case Status.CLOSED:
            return "none"


def _what_was_written(staff: StaffMember, case: PrivacyRequest) -> dict[str, str | None]:
    """Nobody reads what came under an address that may be somebody else's."""
    if case.assurance < Assurance.MAILBOX or not staff.may(Action.INSPECT):
        return {"name": None, "order_number": None, "details": None}
    return {"name": case.name, "order_number": case.order_number, "details": case.details}


def _source_view(name: str, state: SourceState | None) -> SourceView:
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


def _with(handled_by: tuple[str, ...], user_id: str) -> tuple[str, ...]:
    return handled_by if user_id in handled_by else (*handled_by, user_id)
