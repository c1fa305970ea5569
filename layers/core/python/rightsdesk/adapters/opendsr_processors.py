"""Processors that speak OpenDSR, over HTTPS: asked at `https://<domain>/v1/`, believed by their signatures.

An answer counts once its signature fits the bytes that came, by a certificate that an authority issued for that very
domain; only then is it parsed. Certificates are kept for an hour in a process. Where a signature does not fit, the
certificate is fetched again, for it may be a new one; but not again and again for somebody who forges.
"""

# serves: E-03, E-04, E-05, T-2

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from rightsdesk.adapters.x509_certificates import BelievedCertificate, CertificateAuthorities
from rightsdesk.domain.errors import InvalidInputError, OutboundRefusedError, PeerUnavailableError
from rightsdesk.domain.opendsr import (
    DOMAIN_HEADERS,
    SIGNATURE_HEADERS,
    Discovery,
    OpenDsrReceipt,
    OpenDsrRequest,
    OpenDsrState,
    encoded_content,
    read_domain,
    read_signature,
)
from rightsdesk.domain.outbound import Answer, Limits, Outgoing, target_of
from rightsdesk.ports.outbound import Outbound
from rightsdesk.ports.time import Clock

KEPT_FOR = timedelta(hours=1)
FETCHED_AGAIN_AFTER = timedelta(minutes=1)
# The standard says 201; there are processors that answer 200 or 202.
_TAKEN = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED})
_LIMITS = Limits(seconds=5)  # at most three calls tell one recipient, while a member of staff waits
_JSON = {"Accept": "application/json"}
Model = TypeVar("Model", bound=BaseModel)


class _Kept(NamedTuple):
    certificate: BelievedCertificate
    fetched_at: datetime


class _Said(NamedTuple):
    discovery: Discovery
    at: datetime


class OpenDsrProcessors:
    """Keeps the port Processors. `credential`: what to send as Authorization to a domain, where it wants something."""

    def __init__(
        self,
        outbound: Outbound,
        *,
        clock: Clock,
        authorities: CertificateAuthorities | None = None,
        credential: Callable[[str], str | None] = lambda _: None,
        limits: Limits = _LIMITS,
    ) -> None:
        self._outbound = outbound
        self._clock = clock
        self._authorities = authorities or CertificateAuthorities()
        self._credential = credential
        self._limits = limits
        self._kept: dict[str, _Kept] = {}
        self._said: dict[str, _Said] = {}

    def discovery(self, domain: str) -> Discovery:
        said, now = self._said.get(domain), self._clock()
        if said is None or not said.at <= now < said.at + FETCHED_AGAIN_AFTER:
            said = self._said[domain] = _Said(self._discovered(domain), now)
        return said.discovery

    def _discovered(self, domain: str) -> Discovery:
        answer = self._outbound.send(
            Outgoing(method="GET", url=f"https://{domain}/v1/discovery", headers=_JSON, limits=self._limits)
        )
        _require(answer, {HTTPStatus.OK})
        return _read(Discovery, answer.body)

    def request(self, domain: str, request: OpenDsrRequest) -> OpenDsrReceipt:
        content = request.model_dump_json().encode()
        answer = self._call("POST", domain, "requests", content=content)
        _require(answer, _TAKEN)
        receipt = self._believed(OpenDsrReceipt, domain, answer)
        same_request = receipt.encoded_request == encoded_content(content)
        if receipt.subject_request_id != request.subject_request_id or not same_request:
            raise OutboundRefusedError("wrong_answer")
        return receipt

    def state(self, domain: str, subject_request_id: str) -> OpenDsrState | None:
        answer = self._call("GET", domain, f"requests/{subject_request_id}")
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        _require(answer, {HTTPStatus.OK})
        state = self._believed(OpenDsrState, domain, answer)
        if state.subject_request_id != subject_request_id:
            raise OutboundRefusedError("wrong_answer")
        return state

    def is_signed(self, domain: str, *, signature: bytes, content: bytes) -> bool:
        kept = self._certificate(domain)
        if kept.certificate.has_signed(content, signature):
            return True
        if self._clock() - kept.fetched_at < FETCHED_AGAIN_AFTER:
            return False
        return self._fetched(domain).certificate.has_signed(content, signature)

    def _call(self, method: Literal["GET", "POST"], domain: str, path: str, *, content: bytes = b"") -> Answer:
        headers = dict(_JSON)
        if content:
            headers["Content-Type"] = "application/json"
        if (credential := self._credential(domain)) is not None:
            headers["Authorization"] = credential
        url = f"https://{domain}/v1/{path}"
        return self._outbound.send(
            Outgoing(method=method, url=url, headers=headers, content=content, limits=self._limits)
        )

    def _believed(self, model: type[Model], domain: str, answer: Answer) -> Model:
        """The answer, once it is shown to be the processor's."""
        if read_domain(_values(answer, DOMAIN_HEADERS)) != domain:
            raise OutboundRefusedError("signature")
        try:
            signature = read_signature(_values(answer, SIGNATURE_HEADERS))
        except InvalidInputError:
            raise OutboundRefusedError("signature") from None
        if not self.is_signed(domain, signature=signature, content=answer.body):
            raise OutboundRefusedError("signature")
        return _read(model, answer.body)

    def _certificate(self, domain: str) -> _Kept:
        kept, now = self._kept.get(domain), self._clock()
        if kept is None or not kept.fetched_at <= now < min(kept.fetched_at + KEPT_FOR, kept.certificate.ends_at):
            return self._fetched(domain)
        return kept

    def _fetched(self, domain: str) -> _Kept:
        url = self.discovery(domain).processor_certificate
        # On the host that names it: or one processor could have another's checked, or us call where it likes.
        if target_of(url, ports=range(1, 65_536)).host != domain:
            raise OutboundRefusedError("certificate")
        answer = self._outbound.send(Outgoing(method="GET", url=url, limits=self._limits))
        _require(answer, {HTTPStatus.OK})
        now = self._clock()
        kept = _Kept(self._authorities.believed(answer.body, domain=domain, at=now), now)
        self._kept[domain] = kept
        return kept


def _values(answer: Answer, names: Sequence[str]) -> list[str]:
    """Of the header's newest name that is there."""
    found = [answer.headers[name.lower()] for name in names if name.lower() in answer.headers]
    return found[:1]


def _require(answer: Answer, wanted: "frozenset[HTTPStatus] | set[HTTPStatus]") -> None:
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise PeerUnavailableError("no answer")
    if answer.status not in wanted:
        raise OutboundRefusedError("refused")


def _read(model: type[Model], body: bytes) -> Model:
    """Raises OutboundRefusedError; its cause is dropped, for it quotes the answer."""
    try:
        return model.model_validate(json.loads(body))
    except (ValueError, RecursionError, ValidationError):
        raise OutboundRefusedError("wrong_answer") from None
