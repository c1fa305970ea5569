"""Tell a recipient by machine, over OpenDSR, that a person's data have to go (GDPR 19).

OpenDSR has a word for erasure, and none for correcting, restricting or stopping: such a notice is refused here, and
staff see that they have to tell it. Its two regulations are those of the EU and of California; a case under the APPI
goes out as `gdpr`, which asks no less of a processor.
"""

# serves: E-04, P-10, C-1

import hashlib
from collections.abc import Callable, Iterator

from rightsdesk.domain.errors import OutboundRefusedError
from rightsdesk.domain.opendsr import (
    API_VERSION,
    MOST_IDENTITIES,
    Discovery,
    Identity,
    OpenDsrRequest,
    OpenDsrStatus,
    OpenDsrType,
    Regulation,
)
from rightsdesk.domain.opendsr_identities import IdentityFormat, IdentityType
from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice
from rightsdesk.domain.recipients import HttpConnector, Recipient
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.ports.opendsr import Processors
from rightsdesk.ports.recipients import TakeAnswer

# What `email` of a map is, unless the register says otherwise.
_KNOWN_KINDS = {"email": IdentityType.EMAIL}


class OpenDsrNotices:
    """Keeps the port RecipientConnector.

    `callback_url`: where a recipient tells us how far it is. `learned`: takes what it says when it is asked.
    """

    def __init__(self, *, processors: Processors, callback_url: Callable[[], str], learned: TakeAnswer) -> None:
        self._processors = processors
        self._callback_url = callback_url
        self._learned = learned

    def tell(self, case: PrivacyRequest, notice: RecipientNotice, recipient: Recipient) -> NoticeState:
        """Once it is handed in, the recipient has it: it has signed that it does. A reminder asks how far it is.

        Raises PeerUnavailableError; OutboundRefusedError (`not_offered` where OpenDSR or the recipient can't do it).
        """
        connector = recipient.connector
        if not isinstance(connector, HttpConnector) or notice.action != "erase":
            raise OutboundRefusedError("not_offered")
        # Where a try failed, it may have got there all the same, and the answer was lost: an id is taken once.
        tried = notice.failure is not None or notice.sendings > 0
        if not tried or not self._is_there(notice, connector):
            try:
                self._processors.request(connector.domain, self._request(case, notice, connector))
            except OutboundRefusedError as error:  # or we died before we wrote down that we had tried
                if error.reason != "refused" or not self._is_there(notice, connector):
                    raise
        return NoticeState.ACKNOWLEDGED

    def _is_there(self, notice: RecipientNotice, connector: HttpConnector) -> bool:
        """Whether the recipient has the request. Where a callback got lost, it says now that it has done it."""
        state = self._processors.state(connector.domain, notice.notice_id)
        if state is not None and state.request_status is OpenDsrStatus.COMPLETED:
            self._learned(notice.notice_id, NoticeState.DONE, None)
        return state is not None

    def _request(self, case: PrivacyRequest, notice: RecipientNotice, connector: HttpConnector) -> OpenDsrRequest:
        discovery = self._processors.discovery(connector.domain)
        identities = tuple(_identities(notice, connector, discovery))
        url = self._callback_url()
        erases = OpenDsrType.ERASURE in discovery.supported_subject_request_types
        if not identities or len(identities) > MOST_IDENTITIES or not erases:
            raise OutboundRefusedError("not_offered")
        return OpenDsrRequest(
            regulation=Regulation.GDPR,
            subject_request_id=notice.notice_id,
            subject_request_type=OpenDsrType.ERASURE,
            subject_identities=identities,
            submitted_time=case.received_at,
            api_version=API_VERSION,
            status_callback_urls=(url,) if url.startswith("https://") else (),  # a laptop is called back by nobody
        )


def _identities(notice: RecipientNotice, connector: HttpConnector, discovery: Discovery) -> Iterator[Identity]:
    """Those that the recipient takes: as they are, or as a digest where it knows no more itself."""
    for kind, values in notice.identifiers.items():
        called = connector.identities.get(kind) or _KNOWN_KINDS.get(kind)
        form = next((form for form in _FORMS if called and discovery.takes(called, form)), None)
        if called and form:
            for value in values:
                yield Identity(identity_type=called, identity_value=_FORMS[form](value), identity_format=form)


def _sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


# MD5 and SHA-1, which the standard has as well, are not made here.
_FORMS: dict[IdentityFormat, Callable[[str], str]] = {IdentityFormat.RAW: str, IdentityFormat.SHA256: _sha256}
