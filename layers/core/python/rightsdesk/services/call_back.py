"""Tell a controller how far a request is that it handed on: at each step that OpenDSR has a word for."""

# serves: E-02, E-04, E-07, T-2

from rightsdesk.domain.errors import OutboundRefusedError, PeerUnavailableError
from rightsdesk.domain.instruction import extensions_of, status_of
from rightsdesk.domain.opendsr import (
    DOMAIN_HEADERS,
    SIGNATURE_HEADERS,
    OpenDsrCallback,
    OpenDsrStatus,
    encoded_signature,
    is_news,
)
from rightsdesk.domain.outbound import Outgoing
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports.opendsr import ContentSigner, ToldControllers
from rightsdesk.ports.outbound import Outbound
from rightsdesk.ports.time import Clock


def call_back(
    case: PrivacyRequest,
    *,
    domain: str,
    told: ToldControllers,
    signer: ContentSigner,
    outbound: Outbound,
    clock: Clock,
) -> None:
    """Call each URL of its controller back, where there is news. `domain`: ours, in whose name it is signed.

    A URL that refuses is left: the controller can still ask. Raises PeerUnavailableError once all were tried and one
    did not answer; run again, all are called again, for the same callback twice is no news to anybody.
    """
    instruction, status = case.instruction, status_of(case)
    # That it is pending was the answer to the request itself.
    if instruction is None or not is_news(told.told(case.request_id) or OpenDsrStatus.PENDING, status):
        return
    unreached = 0
    for url in instruction.callback_urls:
        content = (
            OpenDsrCallback(
                controller_id=instruction.controller,
                status_callback_url=url,
                subject_request_id=instruction.subject_request_id,
                request_status=status,
                expected_completion_time=case.due.due_at,
                extensions=extensions_of(case, domain),
            )
            .model_dump_json()
            .encode()
        )
        headers = {
            "Content-Type": "application/json",
            DOMAIN_HEADERS[0]: domain,
            SIGNATURE_HEADERS[0]: encoded_signature(signer.sign(content)),
        }
        try:
            answer = outbound.send(Outgoing(method="POST", url=url, headers=headers, content=content))
        except OutboundRefusedError as error:
            _note(case, "a controller can't be called back", error.reason)
            continue
        except PeerUnavailableError as error:
            _note(case, "a controller did not answer", error.code)
            unreached += 1
            continue
        if answer.status >= 500 or answer.status == 429:
            _note(case, "a controller did not answer", str(answer.status))
            unreached += 1
        elif answer.status >= 300:
            _note(case, "a controller refused to be called back", str(answer.status))
    if unreached:
        raise PeerUnavailableError("no answer")
    told.record(case.request_id, status, at=clock())


def _note(case: PrivacyRequest, message: str, code: str) -> None:
    controller = case.instruction.controller if case.instruction else ""
    logger.warning(message, extra={"request_id": case.request_id, "controller": controller, "error": code})
