"""Tell one recipient, by whichever way it has, and write down what came of it (GDPR 19)."""

# serves: E-03, E-04, E-05, P-04, P-10, C-1

from collections.abc import Mapping
from contextlib import suppress

from rightsdesk.domain.errors import (
    ConflictError,
    MailRejectedError,
    OutboundRefusedError,
    RetryableError,
    RightsdeskError,
)
from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice, told, unreached
from rightsdesk.domain.recipients import Recipient
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.recipients import RecipientConnector, RecipientNotices, record_notice
from rightsdesk.ports.time import Clock


class RecipientTeller:
    """Tells one recipient, and writes down what came of it. `connectors`: by kind, those that this stack has."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        notices: RecipientNotices,
        connectors: Mapping[str, RecipientConnector],
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._notices = notices
        self._connectors = connectors
        self._clock = clock

    def tell(
        self, case: PrivacyRequest, notice: RecipientNotice, recipient: Recipient, *, actor: str = SYSTEM
    ) -> PrivacyRequest:
        """The case as it is then. Somebody who is not reached is a fact of the notice, and no error."""
        try:
            state = self._connectors[recipient.connector.kind].tell(case, notice, recipient)
        except (RetryableError, OutboundRefusedError, MailRejectedError) as error:
            return self._not_reached(case, notice, error, actor)
        return record_notice(
            case.request_id,
            notice.recipient,
            lambda now: None if now.is_settled else told(now, state, at=self._clock()),
            _event(notice, state),
            actor=actor,
            at=self._clock(),
            cases=self._cases,
            notices=self._notices,
            details={"channel": notice.channel, "notice": notice.notice_id},
        )

    def _not_reached(
        self, case: PrivacyRequest, notice: RecipientNotice, error: RightsdeskError, actor: str
    ) -> PrivacyRequest:
        code = error.reason if isinstance(error, OutboundRefusedError) else error.code
        logger.warning(
            "a recipient was not reached",
            extra={"request_id": case.request_id, "whom": notice.recipient, "error": code},
        )
        if actor == SYSTEM and self._failed_as_before(case, notice, code):
            return self._cases.get(case.request_id)
        return record_notice(
            case.request_id,
            notice.recipient,
            lambda now: None if now.is_settled else unreached(now, code, at=self._clock()),
            "recipient_not_reached",
            actor=actor,
            at=self._clock(),
            cases=self._cases,
            notices=self._notices,
            details={"failure": code},
        )

    def _failed_as_before(self, case: PrivacyRequest, notice: RecipientNotice, code: str) -> bool:
        """Whether that is no news: the history of a case is not filled by a host that is dead for months."""
        now = self._notices.get(case.request_id, notice.recipient)
        if now.is_settled or now.failure != code:
            return False
        with suppress(ConflictError):  # somebody has answered meanwhile, and was reached
            self._notices.keep(case.request_id, now, unreached(now, code, at=self._clock()))
        return True


def _event(notice: RecipientNotice, state: NoticeState) -> str:
    if state is NoticeState.TO_DO:
        return "recipient_left_to_staff"  # they were asked to tell them: nobody has told them by that
    return "recipient_told" if notice.sendings == 0 else "recipient_told_again"
