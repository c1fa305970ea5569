"""The portable package that goes straight to another controller (GDPR 20(2)): what staff decided, what came of it."""

# serves: E-07

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from rightsdesk.domain.outbound import Target

LONGEST_SEND_TO = 500  # characters of the address
MOST_ATTEMPTS = 6  # with the pauses of the workflow: about two hours
_LONGEST_REASON = 2000
# Codes of `Transfer.failed` beside those of OutboundRefusedError (`address`, `redirect`) and the status of an answer.
NO_ANSWER = "no_answer"
NOTHING_TO_SEND = "nothing_to_send"
FROZEN = "frozen"  # the mailbox says that it did not ask, and the answer was out by then
WITHDRAWN = "withdrawn"
_NOT_CALLED = frozenset({"url", "port", "host", "address", "certificate"})  # nothing of it has left


class TransferStatus(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"  # by staff, who say why
    SENDING = "sending"  # it may have arrived, and nobody knows yet
    SENT = "sent"  # the receiver has said so
    FAILED = "failed"  # it is fetched by the person, as every package is


class Transfer(BaseModel):
    """Of a case whose person named an address: from the release on. Codes, digests and times; and the host alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    host: str  # as the letter names it
    status: TransferStatus
    approved_by: str | None = None  # staff user id
    refused_reason: str | None = None  # in words for the letter
    delivery_id: str | None = None  # the same at each try: the receiver can tell a repetition
    bytes: int | None = None
    sha256: str | None = None  # of the ZIP
    attempts: int = 0  # since staff had it tried again last
    sent_at: datetime | None = None
    answered: int | None = None  # status of HTTP, the last one
    receipt: str | None = None  # SHA-256 of what the receiver answered
    failed: str | None = None  # a code
    tried_before: bool = False  # it may have left before staff had it tried again

    @property
    def is_over(self) -> bool:
        return self.status in (TransferStatus.REFUSED, TransferStatus.SENT, TransferStatus.FAILED)

    @property
    def is_certain(self) -> bool:
        """Whether nothing more can be learned of it: a call may outlast the request that was withdrawn meanwhile."""
        return self.is_over and self.failed != WITHDRAWN

    @property
    def went_out(self) -> bool:
        """Whether the receiver may have it, or a part of it."""
        called = self.attempts > 1 or (self.attempts == 1 and self.failed not in _NOT_CALLED)
        return called or self.tried_before

    def again(self) -> "Transfer":
        """As it is once staff have it tried again: as approved, to the same host, and known to it by the same id."""
        return self.model_copy(
            update={
                "status": TransferStatus.APPROVED,
                "attempts": 0,
                "answered": None,
                "failed": None,
                "tried_before": self.went_out,
            }
        )

    def left_by_withdrawal(self) -> "Transfer":
        """As it is once its request is withdrawn: whether what is on its way arrived, nobody asks any more."""
        if self.status is not TransferStatus.SENDING:
            return self
        return self.model_copy(update={"status": TransferStatus.FAILED, "failed": WITHDRAWN})


def decided_transfer(
    send_to: str | None, *, can_be_sent: bool, send: bool | None, refused: str | None, by: str
) -> Transfer | None:
    """What staff say of it when they release the answer; None where the person named no address.

    Raises InvalidInputError on `send`: `missing`, `not_asked_for`, `nothing_to_send`; and on `send_refused`, which has
    to say something where it is not sent (GDPR 12(4)), and is `not_asked_for` where it is.
    """
    if send_to is None:
        if send is not None or refused is not None:
            raise InvalidInputError.of("send" if send is not None else "send_refused", "not_asked_for")
        return None
    if send is None:
        raise InvalidInputError.of("send", "missing")
    host = host_of(send_to)
    if not send:
        from rightsdesk.domain.words_of_staff import words_of_staff  # every function has a case, few have staff

        reason = words_of_staff("send_refused", refused or "", longest=_LONGEST_REASON)
        return Transfer(host=host, status=TransferStatus.REFUSED, refused_reason=reason)
    if refused is not None:
        raise InvalidInputError.of("send_refused", "not_asked_for")
    if not can_be_sent:
        raise InvalidInputError.of("send", NOTHING_TO_SEND)
    return Transfer(host=host, status=TransferStatus.APPROVED, approved_by=by)


def host_of(send_to: str) -> str:
    """The host as it is shown: in ASCII, so that no letter of another script passes for one of ours."""
    return _target(send_to).host


def path_of(send_to: str) -> str:
    """The path without the query, which may hold a password of the person."""
    return _target(send_to).path.partition("?")[0]


def url_of(send_to: str) -> str:
    """The address in the one form in which it is called and signed."""
    target = _target(send_to)
    return f"https://{target.authority}{target.path}"


def _target(send_to: str) -> "Target":
    """Imported here: of a hundred requests one names an address."""
    from rightsdesk.domain.outbound import target_of

    return target_of(send_to)
