"""What staff do about recipients of data: see who was told, note what came of it, let it rest with reasons, ask again.

A handler tells and notes; only an approver lets something rest that was not done (GDPR 19: it proves impossible, or
would take a disproportionate effort).
"""

# serves: B-2, E-03, E-04, E-05, P-10, C-1

from collections.abc import Callable, Mapping
from datetime import datetime

from rightsdesk.domain.errors import (
    NoNewsError,
    NotFoundError,
    NoticeSettledError,
    NotTheirWordError,
)
from rightsdesk.domain.notice_views import NoticeList, NoticeView
from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice, excused, moved
from rightsdesk.domain.recipients import ManualConnector, Recipient
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.safeguards import require_not_frozen
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.observability import left_to_the_sweep
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.recipients import RecipientNotices, TellOne, record_notice
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

Find = Callable[[str], PrivacyRequest]
_NOT_NOTED = frozenset({NoticeState.TO_DO, NoticeState.DISPROPORTIONATE})


class StaffNotices:
    """`find`: by a reference as typed. `tell`: sends a notice and writes down what came of it."""

    def __init__(
        self,
        *,
        find: Find,
        cases: CaseStore,
        notices: RecipientNotices,
        tell: TellOne,
        recipients: Callable[[], Mapping[str, Recipient]],
        tokens: TaskTokens,
        workflow: Workflow,
        language: str,
        clock: Clock,
    ) -> None:
        self._find = find
        self._cases = cases
        self._notices = notices
        self._tell = tell
        self._recipients = recipients
        self._tokens = tokens
        self._workflow = workflow
        self._language = language
        self._clock = clock

    def list(self, staff: StaffMember, reference: str) -> NoticeList:
        staff.require(Action.READ)
        return self._list(staff, self._find(reference))

    def note(
        self,
        staff: StaffMember,
        reference: str,
        version: int,
        recipient: str,
        state: NoticeState,
        reason: str | None = None,
    ) -> NoticeList:
        """Write down what a recipient has said or done: that it was told, is at it, has done it, a part, or can't.

        `reason`: theirs, where it is not done, or not all. It still waits for an approver then. Raises NotFoundError,
        VersionMovedOnError, InvalidInputError on `reason`, NotTheirWordError, NoNewsError where it is that far already.
        """
        staff.require(Action.DECIDE)
        case = self._seen(reference, version, recipient)
        if state in _NOT_NOTED:
            raise NotTheirWordError("no recipient says so")

        def noted(notice: RecipientNotice, at: datetime) -> RecipientNotice:
            after = moved(notice, state, at=at, reason=reason)
            if after is None:
                raise NoNewsError("it is that far, or further")
            return after

        return self._recorded(staff, case, recipient, noted, "recipient_noted")

    def let_rest(
        self, staff: StaffMember, reference: str, version: int, recipient: str, state: NoticeState, reason: str
    ) -> NoticeList:
        """It was not done, or not all of it, and that is good enough: `impossible`, `done_in_part`, `disproportionate`.

        Raises NotFoundError, VersionMovedOnError, NoticeSettledError, InvalidInputError on `state` or `reason`.
        """
        staff.require(Action.COMPLETE)
        case = self._seen(reference, version, recipient)

        def rests(notice: RecipientNotice, at: datetime) -> RecipientNotice:
            return excused(notice, state, reason=reason, by=staff.user_id, at=at)

        return self._recorded(staff, case, recipient, rests, "recipient_let_rest")

    def tell_again(self, staff: StaffMember, reference: str, version: int, recipient: str) -> NoticeList:
        """Send it once more. Raises NotFoundError, VersionMovedOnError, and NoticeSettledError."""
        staff.require(Action.DECIDE)
        case = self._seen(reference, version, recipient)
        notice = self._notices.get(case.request_id, recipient)
        known = self._recipients().get(recipient)
        if known is None:
            raise NotFoundError("no such recipient in the register")
        if notice.is_settled:
            raise NoticeSettledError("the notice is settled")
        require_not_frozen(case)
        return self._list(staff, self._tell(case, notice, known, actor=staff.actor))

    def _seen(self, reference: str, version: int, recipient: str) -> PrivacyRequest:
        case = self._find(reference)
        if recipient not in case.notices:
            raise NotFoundError("nothing was told to such a recipient")
        if recipient not in case.recipients_left:  # what a closed case has left stays to be done
            case.require_open()
        case.require_seen(version)
        return case

    def _recorded(
        self,
        staff: StaffMember,
        case: PrivacyRequest,
        recipient: str,
        change: Callable[[RecipientNotice, datetime], RecipientNotice],
        event: str,
    ) -> NoticeList:
        now = self._clock()
        after = record_notice(
            case.request_id,
            recipient,
            lambda notice: change(notice, now),
            event,
            actor=staff.actor,
            at=now,
            cases=self._cases,
            notices=self._notices,
        )
        if after.is_open and after.all_are_told:
            with left_to_the_sweep(case.request_id):
                resume(case.request_id, "recipients", {}, tokens=self._tokens, workflow=self._workflow)
        return self._list(staff, after)

    def _list(self, staff: StaffMember, case: PrivacyRequest) -> NoticeList:
        recipients = self._recipients() if case.notices else {}
        may_read = staff.may(Action.INSPECT)
        notices = self._notices.of(case.request_id) if case.notices else []
        return NoticeList(
            version=case.version,
            items=tuple(self._view(notice, recipients.get(notice.recipient), may_read=may_read) for notice in notices),
        )

    def _view(self, notice: RecipientNotice, recipient: Recipient | None, *, may_read: bool) -> NoticeView:
        connector = recipient.connector if recipient else None
        return NoticeView(
            recipient=notice.recipient,
            label=recipient.label.of(self._language) if recipient else notice.recipient,
            notice_id=notice.notice_id,
            reference=notice.reference,
            channel=notice.channel,
            action=notice.action,
            fields=notice.fields,
            purposes=notice.purposes,
            meanwhile=notice.meanwhile,
            ends_at=notice.ends_at,
            follows=notice.follows.reference if notice.follows else None,
            identifiers=notice.identifiers if may_read else None,
            state=notice.state,
            settled=notice.is_settled,
            asked_at=notice.asked_at,
            sent_at=notice.sent_at,
            sendings=notice.sendings,
            answered_at=notice.answered_at,
            reason=notice.reason if may_read else None,
            let_rest_by=notice.let_rest_by,
            failure=notice.failure,
            instructions=connector.instructions if isinstance(connector, ManualConnector) else None,
        )
