"""What staff see of cases, and the small things they do to them: assign, and start again what stopped."""

# serves: B-2, B-4, C-1

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.case_views import CasePage, CaseView, Timeline
from rightsdesk.domain.erasure_review import barred_by
from rightsdesk.domain.errors import InvalidInputError, NotFoundError, NothingFailedError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.oversight import oversights
from rightsdesk.domain.reference import parse_reference
from rightsdesk.domain.request import SYSTEM, Failure, PrivacyRequest
from rightsdesk.domain.shown_case import CaseShown
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore, Holds, others_of
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import Workflow

if TYPE_CHECKING:  # read with the work list
    from rightsdesk.domain.recipients import Recipient

_ATTEMPTS = 3
ME = "me"  # as an assignee: who is asking
_CURSOR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}#[0-9a-f]{32}")
_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,127}")  # no e-mail address: the history holds no person's data


def _is_to_do(case: PrivacyRequest) -> bool:
    return case.is_open or case.failure is not None or bool(case.undelivered or case.recipients_left)


class StaffCases:
    """The staff's side of the desk. Every method checks the role first."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        holds: Holds,
        workflow: Workflow,
        merchant: MerchantProfile,
        recipients: "Callable[[], Mapping[str, Recipient]]",
        clock: Clock,
        four_eyes: bool,
    ) -> None:
        self._recipients = recipients
        self._cases = cases
        self._holds = holds
        self._workflow = workflow
        self._merchant = merchant
        self._clock = clock
        self._four_eyes = four_eyes

    def list_open(self, staff: StaffMember, limit: int, cursor: str | None) -> CasePage:
        """Open cases, what should be moving and the one due first at the top. A page may hold fewer than `limit`.

        A case that is closed is among them only if its clean-up failed, or a letter came back. Raises InvalidInputError
        on `cursor`.
        """
        staff.require(Action.READ)
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise InvalidInputError.of("cursor", "wrong_format")
        cases, after = self._cases.open_by_due_date(limit=limit, cursor=cursor)
        now = self._clock()
        shown = (CaseShown(case, merchant=self._merchant, now=now) for case in cases if _is_to_do(case))
        lines = tuple(case.line() for case in shown)
        if cursor is not None:
            return CasePage(items=lines, next=after)
        today = now.astimezone(self._merchant.timezone).date()
        return CasePage(items=lines, next=after, oversights=oversights(self._recipients(), today))

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
        handled_by = case.handled_by_also(assignee) if assignee == staff.user_id else case.handled_by
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
            handled_by=case.handled_by_also(staff.user_id),
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

    def _view(self, staff: StaffMember, case: PrivacyRequest) -> CaseView:
        others = others_of(self._cases, case)
        return CaseShown(case, merchant=self._merchant, now=self._clock()).whole(
            staff,
            sources=self._cases.sources(case.request_id),
            letters=self._cases.letters(case.request_id),
            decisions=self._cases.decisions(case.request_id),
            others=others,
            unverified=self._unverified(case, others),
            barred=self._barred(case, others),
            four_eyes=self._four_eyes,
        )

    def _unverified(self, case: PrivacyRequest, others: Sequence[PrivacyRequest]) -> int:
        """Of one that is verified itself. Counted and not read: there may be thousands."""
        if not case.person_keys:
            return 0
        verified = {case.request_id, *(other.request_id for other in others)}
        return len(set(self._cases.of_subject(case.subject_key)) - verified)

    def _barred(self, case: PrivacyRequest, others: Sequence[PrivacyRequest]) -> str | None:
        """Looked up where an erasure waits to be approved: only there it matters."""
        if case.erasure is None or case.status is not Status.AWAITING_REVIEW:
            return None
        return barred_by(self._holds.of(case.subject_key), others)
