"""Send the portable part of an answer to another controller, as the person asked and staff approved (GDPR 20(2)).

Once: it is noted before that it is being sent, and a repetition carries the same digest and the same id, by which the
receiver can tell. Whatever comes of it, the person gets the answer, and is told the truth about this.
"""

# serves: E-07

import hashlib
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.errors import ConflictError, OutboundRefusedError, PeerUnavailableError
from rightsdesk.domain.http_signature import content_digest, key_id, signed
from rightsdesk.domain.outbound import Answer, Limits, Outgoing
from rightsdesk.domain.request import SYSTEM, ExportPart, PrivacyRequest
from rightsdesk.domain.review import require_releasable
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.transfer import (
    FROZEN,
    MOST_ATTEMPTS,
    NO_ANSWER,
    NOTHING_TO_SEND,
    Transfer,
    TransferStatus,
    url_of,
)
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.exports import Signer, TransferFiles
from rightsdesk.ports.outbound import Outbound
from rightsdesk.ports.time import Clock

METHOD: Final = "POST"
LIMITS = Limits(seconds=300, connect=15)
_KEPT_OF_ANSWER = 2_000  # bytes
_TRY_AGAIN = frozenset({408, 425, 429})  # and whatever is the receiver's own fault
_NOTED_AGAIN = 5  # times, where somebody changed the case meanwhile: a call may have taken minutes


def transfer_package(
    request_id: str,
    *,
    cases: CaseStore,
    files: TransferFiles,
    signer: Signer,
    outbound: Outbound,
    clock: Clock,
    new_id: Callable[[], str] = lambda: str(uuid4()),
) -> None:
    """Task of the workflow; it does nothing where nothing was approved, or all is over.

    Raises PeerUnavailableError while another try is worth it. After the last one, and where the receiver refuses or may
    not be called, the transfer has failed, and the workflow goes on.
    """
    case = cases.get(request_id)
    case.require_open()
    transfer, send_to = case.transfer, case.send_to
    if transfer is None or transfer.is_over or send_to is None:
        return
    ledger = _Ledger(cases, request_id, clock)
    if case.is_frozen and case.answered_at is not None:  # the answer is out: nothing has to wait for this any more
        ledger.failed(FROZEN)
        return
    require_cleared(case)
    export = require_releasable(case)
    if export.transfer is None:  # all that was portable was held back
        ledger.failed(NOTHING_TO_SEND)
    elif transfer.attempts >= MOST_ATTEMPTS:  # the last try died on the way
        ledger.failed(NO_ANSWER)
    else:
        sender = _Sender(files, signer, outbound, clock)
        _deliver(case, transfer, export.transfer, url_of(send_to), f"{export.prefix}receipt", ledger, sender, new_id)


def _deliver(
    case: PrivacyRequest,
    transfer: Transfer,
    part: ExportPart,
    url: str,
    receipt_key: str,
    ledger: "_Ledger",
    sender: "_Sender",
    new_id: Callable[[], str],
) -> None:
    delivery_id = transfer.delivery_id or new_id()
    headers = sender.headers(part, url, delivery_id)
    attempt = ledger.begun(case, transfer, part, delivery_id)
    try:
        answer = sender.send(part, url, headers)
    except OutboundRefusedError as error:
        ledger.failed(error.reason)
        return
    except PeerUnavailableError:
        _try_again(ledger, attempt, NO_ANSWER)
        return
    if answer.status >= 500 or answer.status in _TRY_AGAIN:
        _try_again(ledger, attempt, str(answer.status), answered=answer.status)
    elif answer.status >= 300:
        ledger.failed(str(answer.status), answered=answer.status)
    else:
        digest = hashlib.sha256(answer.body).hexdigest()
        if ledger.is_open():  # withdrawn during the call, what lay beside it is purged: the digest alone stays
            sender.keep_receipt(receipt_key, answer, digest)
        ledger.sent(answer.status, digest)


def _try_again(ledger: "_Ledger", attempt: int, code: str, **changes: Any) -> None:
    if attempt >= MOST_ATTEMPTS:
        ledger.failed(code, **changes)
    else:
        raise PeerUnavailableError("no answer")


class _Sender:
    """One call, signed with the key of the evidence."""

    def __init__(self, files: TransferFiles, signer: Signer, outbound: Outbound, clock: Clock) -> None:
        self._files = files
        self._signer = signer
        self._outbound = outbound
        self._clock = clock

    def headers(self, part: ExportPart, url: str, delivery_id: str) -> dict[str, str]:
        named = {
            "Content-Type": "application/zip",
            "Content-Digest": content_digest(part.sha256),
            "X-Request-Id": delivery_id,
        }
        keyid = key_id(self._signer.public_key())
        return signed(METHOD, url, named, created=self._clock(), keyid=keyid, sign=self._signer.sign)

    def send(self, part: ExportPart, url: str, headers: dict[str, str]) -> Answer:
        with self._files.open_zip(part.key) as content:
            return self._outbound.send(
                Outgoing(method=METHOD, url=url, headers=headers, content=content, length=part.bytes, limits=LIMITS)
            )

    def keep_receipt(self, key: str, answer: Answer, digest: str) -> None:
        """The beginning of what the receiver said, beside the package, and gone with it. Its digest stays."""
        said = answer.body[:_KEPT_OF_ANSWER].decode("utf-8", "replace")
        text = f"status: {answer.status}\nat: {self._clock().isoformat()}\nsha256: {digest}\n\n{said}"
        self._files.keep_receipt(key, text)


class _Ledger:
    """Notes on the case how far it is."""

    def __init__(self, cases: CaseStore, request_id: str, clock: Clock) -> None:
        self._cases = cases
        self._request_id = request_id
        self._clock = clock

    def begun(self, case: PrivacyRequest, transfer: Transfer, part: ExportPart, delivery_id: str) -> int:
        """The number of this try. Raises ConflictError where somebody else is at it, or changed the case."""
        attempt = transfer.attempts + 1
        sending = transfer.model_copy(
            update={
                "status": TransferStatus.SENDING,
                "attempts": attempt,
                "delivery_id": delivery_id,
                "sha256": part.sha256,
                "bytes": part.bytes,
            }
        )
        details: dict[str, Detail] = {"attempt": attempt, "delivery": delivery_id, "sha256": part.sha256}
        after, event = case.changed("transfer_begun", at=self._clock(), actor=SYSTEM, details=details, transfer=sending)
        self._cases.save(case, after, event)
        return attempt

    def is_open(self) -> bool:
        return self._cases.get(self._request_id).is_open

    def sent(self, status: int, receipt: str) -> None:
        details: dict[str, Detail] = {"status": status, "receipt": receipt}
        self._note("transferred", details, status=TransferStatus.SENT, answered=status, receipt=receipt)

    def failed(self, code: str, **changes: Any) -> None:
        logger.warning("a package was not taken", extra={"request_id": self._request_id, "error": code})
        self._note("transfer_failed", {"code": code}, status=TransferStatus.FAILED, failed=code, **changes)

    def _note(self, event_type: str, details: dict[str, Detail], **changes: Any) -> None:
        """What came of it is true whatever else has become of the case meanwhile, even where it was closed."""
        for left in range(_NOTED_AGAIN - 1, -1, -1):
            case = self._cases.get(self._request_id)
            if case.transfer is None or case.transfer.is_certain:
                return
            now = self._clock()
            at = {"sent_at": now, "failed": None} if changes["status"] is TransferStatus.SENT else {}
            over = case.transfer.model_copy(update=changes | at)
            after, event = case.changed(event_type, at=now, actor=SYSTEM, details=details, transfer=over)
            try:
                self._cases.save(case, after, event)
                return
            except ConflictError:
                if not left:
                    raise
