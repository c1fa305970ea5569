"""A recipient that was told over OpenDSR says how far it is.

Nothing of a callback is read before it is shown to be signed by a recipient that stands in the register. Callbacks have
no number and no time: late, twice and in any order, they take a notice forward only, and an end stays the end.
"""

# serves: E-04, P-10, C-1

import re
from collections.abc import Callable, Mapping

from rightsdesk.domain.errors import InvalidInputError, NotAuthenticatedError, NotFoundError, OutboundRefusedError
from rightsdesk.domain.opendsr import SIGNATURE_HEADERS, OpenDsrCallback, OpenDsrStatus
from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice
from rightsdesk.domain.recipients import HttpConnector, Recipient
from rightsdesk.observability import logger
from rightsdesk.ports.opendsr import ProcessorKeys
from rightsdesk.ports.recipients import TakeAnswer

_STATES = {
    OpenDsrStatus.PENDING: NoticeState.ACKNOWLEDGED,
    OpenDsrStatus.IN_PROGRESS: NoticeState.ACKNOWLEDGED,
    OpenDsrStatus.COMPLETED: NoticeState.DONE,
    OpenDsrStatus.CANCELLED: NoticeState.IMPOSSIBLE,
}
_GOING_ON = frozenset({NoticeState.TO_DO, NoticeState.SENT, NoticeState.ACKNOWLEDGED})
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


class RecipientCallbacks:
    """What the recipients of the register say by machine. `find`: notice id -> the notice, or NotFoundError."""

    def __init__(
        self,
        *,
        recipients: Mapping[str, Recipient],
        keys: ProcessorKeys,
        find: Callable[[str], RecipientNotice],
        take: TakeAnswer,
    ) -> None:
        self._names: dict[str, list[str]] = {}
        for name, recipient in recipients.items():
            if isinstance(recipient.connector, HttpConnector):
                self._names.setdefault(recipient.connector.domain, []).append(name)
        self._keys = keys
        self._find = find
        self._take = take

    def require_known(self, domain: str | None) -> str:
        """A domain of the register. Raises NotAuthenticatedError: nobody else is listened to, or looked up."""
        if domain is None or domain not in self._names:
            raise NotAuthenticatedError
        return domain

    def require_signed(self, domain: str, *, signature: bytes, content: bytes) -> None:
        """Raises NotAuthenticatedError where the certificate of the domain is not to be believed, InvalidInputError
        where the signature is not its own, PeerUnavailableError where the certificate can't be had now.
        """
        try:
            fits = self._keys.is_signed(domain, signature=signature, content=content)
        except OutboundRefusedError as error:
            logger.warning("a callback whose certificate is not believed", extra={"reason": error.reason})
            raise NotAuthenticatedError from None
        if not fits:
            raise InvalidInputError.of(SIGNATURE_HEADERS[0], "wrong")

    def take(self, domain: str, callback: OpenDsrCallback, *, own_url: str) -> None:
        """Write it down. Raises InvalidInputError where it was meant for somebody else, and NotFoundError for an id
        that is none of ours, or of a notice to somebody else.
        """
        if callback.status_callback_url != own_url:
            raise InvalidInputError.of("status_callback_url", "not_ours")
        notice = self._find(callback.subject_request_id)
        if notice.recipient not in self._names[domain]:
            raise NotFoundError("no such notice")
        if notice.state in _GOING_ON:
            self._take(notice.notice_id, _STATES[callback.request_status], _reason(domain, callback))


def _reason(domain: str, callback: OpenDsrCallback) -> str | None:
    """Why it is not done. The standard has no place for that; many put a code into their own extension."""
    if callback.request_status is not OpenDsrStatus.CANCELLED:
        return None
    code = (callback.extensions or {}).get(domain, {}).get("reason_code")
    said = f" ({code})" if isinstance(code, str) and _CODE.fullmatch(code) else ""
    return f"Cancelled by the recipient over OpenDSR{said}"
