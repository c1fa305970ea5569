"""Who was given data: the notices to them, and the ways of telling them."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # most functions import the ports, and tell nobody
    from rightsdesk.domain.audit import AuditEvent
    from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice
    from rightsdesk.domain.recipients import Recipient
    from rightsdesk.domain.request import PrivacyRequest


class RecipientNotices(Protocol):
    """The notices of cases: one for each recipient. A change, its case and its event are written together or not."""

    def of(self, request_id: str) -> "list[RecipientNotice]":
        """All of a case, by name of the recipient."""

    def get(self, request_id: str, recipient: str) -> "RecipientNotice":
        """NotFoundError where there is none."""

    def find(self, notice_id: str) -> "tuple[str, RecipientNotice]":
        """The case and the notice of an id that a recipient has sent. NotFoundError."""

    def add(
        self,
        before: "PrivacyRequest",
        after: "PrivacyRequest",
        event: "AuditEvent",
        notices: "tuple[RecipientNotice, ...]",
    ) -> None:
        """New ones, at most 40. ConflictError where one is there, or the case is no longer as `before`."""

    def save(
        self,
        before: "PrivacyRequest",
        after: "PrivacyRequest",
        event: "AuditEvent",
        notice_before: "RecipientNotice",
        notice: "RecipientNotice",
    ) -> None:
        """ConflictError where the notice or the case is no longer as it was (version)."""


class RecipientConnector(Protocol):
    """One way of telling recipients: `mail`, `http`, `manual`."""

    def tell(self, case: "PrivacyRequest", notice: "RecipientNotice", recipient: "Recipient") -> "NoticeState":
        """Tell one; how far that brings the notice: `sent`, `acknowledged`, or `to_do` where staff have to do it.

        Called once more for a reminder: `notice.sendings` says how often it was sent before. PeerUnavailableError or
        ServiceUnavailableError where it may be tried later, OutboundRefusedError or MailRejectedError where it is in
        vain until somebody has looked at it.
        """
