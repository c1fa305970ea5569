"""Who was given data: the notices to them, and the ways of telling them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from rightsdesk.domain.errors import ConflictError
from rightsdesk.ports.cases import CaseStore

if TYPE_CHECKING:  # most functions import the ports, and tell nobody
    from rightsdesk.domain.audit import AuditEvent, Detail
    from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice
    from rightsdesk.domain.recipients import Recipient
    from rightsdesk.domain.request import PrivacyRequest

_SAVES = 5  # several recipients may answer at the same moment


class RecipientNotices(Protocol):
    """The notices of cases: one for each recipient. A change, its case and its event are written together or not."""

    def of(self, request_id: str) -> "list[RecipientNotice]":
        """All of a case, by name of the recipient."""

    def get(self, request_id: str, recipient: str) -> "RecipientNotice":
        """NotFoundError where there is none."""

    def find(self, notice_id: str) -> "tuple[str, RecipientNotice]":
        """The case and the notice of an id that a recipient has sent. NotFoundError, and GoneError (`notice_replaced`)
        where another has its place.
        """

    def add(
        self,
        before: "PrivacyRequest",
        after: "PrivacyRequest",
        event: "AuditEvent",
        notices: "tuple[RecipientNotice, ...]",
        *,
        instead_of: "Mapping[str, RecipientNotice]" = MappingProxyType({}),
    ) -> None:
        """At most 40 recipients. `instead_of`: recipient -> the notice that its new one has the place of, if any.

        ConflictError where one is there, or is no longer as it was, or the case is no longer as `before`.
        """

    def save(
        self,
        before: "PrivacyRequest",
        after: "PrivacyRequest",
        event: "AuditEvent",
        notice_before: "RecipientNotice",
        notice: "RecipientNotice",
    ) -> None:
        """ConflictError where the notice or the case is no longer as it was (version)."""

    def keep(self, request_id: str, notice_before: "RecipientNotice", notice: "RecipientNotice") -> None:
        """A change that is no news of the case: its line there stays, and nothing is added to the history.

        ConflictError where the notice is no longer as it was (version).
        """


class RecipientConnector(Protocol):
    """One way of telling recipients: `mail`, `http`, `manual`."""

    def tell(self, case: "PrivacyRequest", notice: "RecipientNotice", recipient: "Recipient") -> "NoticeState":
        """Tell one; how far that brings the notice: `sent`, `acknowledged`, or `to_do` where staff have to do it.

        Called once more for a reminder: `notice.sendings` says how often it was sent before. PeerUnavailableError or
        ServiceUnavailableError where it may be tried later, OutboundRefusedError or MailRejectedError where it is in
        vain until somebody has looked at it.
        """


TakeAnswer = Callable[[str, "NoticeState", str | None], "RecipientNotice"]
"""(notice id, state, reason) -> the notice as it is then, once a recipient has said so. Raises NotFoundError."""


class TellOne(Protocol):
    """Tells one recipient, and writes down what came of it."""

    def __call__(
        self, case: "PrivacyRequest", notice: "RecipientNotice", recipient: "Recipient", *, actor: str = ...
    ) -> "PrivacyRequest":
        """The case as it is then. Somebody who is not reached is a fact of the notice, and no error."""


class TellOfLifting(Protocol):
    """Tells who was given the data that what they were asked ends."""

    def __call__(self, case: "PrivacyRequest", *, lifted_at: datetime, actor: str, decided: bool) -> "PrivacyRequest":
        """The case as it is then, which may be closed. ServiceUnavailableError where mail is down.

        `decided`: what was decided on is lifted again; else what the decision ends of that which was asked meanwhile.
        """


NoticeChange = Callable[["RecipientNotice"], "RecipientNotice | None"]
"""Makes a change of a notice; None where there is none left to make. Raises where it may not be made."""


def record_notice(
    request_id: str,
    recipient: str,
    change: NoticeChange,
    event: str,
    *,
    actor: str,
    at: datetime,
    cases: CaseStore,
    notices: RecipientNotices,
    details: "Mapping[str, Detail] | None" = None,
) -> "PrivacyRequest":
    """Change a notice, whatever step its case takes meanwhile; the case as it is then.

    Where either has moved on, the change is made again, of the notice as it stands. The case may be closed: whoever was
    told to stop for good has still to do it. ConflictError at the last try.
    """
    for attempt in range(1, _SAVES + 1):
        case, before = cases.get(request_id), notices.get(request_id, recipient)
        notice = change(before)
        if notice is None:
            return case
        after, entry = case.changed(
            event,
            at=at,
            actor=actor,
            details={"recipient": recipient, "state": str(notice.state), **(details or {})},
            notices=case.notices | {recipient: notice.line},
        )
        try:
            notices.save(case, after, entry, before, notice)
        except ConflictError:
            if attempt == _SAVES:
                raise
        else:
            return after
    raise AssertionError("the last attempt returns or raises")
