"""OpenDSR: processors that are told, controllers that are called back, and the key that we sign with."""

from datetime import datetime
from typing import Protocol

from rightsdesk.domain.opendsr import Discovery, OpenDsrReceipt, OpenDsrRequest, OpenDsrState, OpenDsrStatus


class ProcessorKeys(Protocol):
    """The certificates of processors, as their discovery names them."""

    def is_signed(self, domain: str, *, signature: bytes, content: bytes) -> bool:
        """Whether `content` is signed by the processor of that domain.

        OutboundRefusedError (`certificate` among others) where its certificate can't be believed,
        PeerUnavailableError where it can't be had.
        """


class Processors(ProcessorKeys, Protocol):
    """Processors, by their domain. Each answer is checked to be theirs before it is believed.

    OutboundRefusedError where one refuses or can't be believed, PeerUnavailableError where it may be tried later.
    """

    def discovery(self, domain: str) -> Discovery:
        """What it can do."""

    def request(self, domain: str, request: OpenDsrRequest) -> OpenDsrReceipt:
        """Hand a request in."""

    def state(self, domain: str, subject_request_id: str) -> OpenDsrState | None:
        """How far a request is; None where it knows of none."""


class ContentSigner(Protocol):
    """The key of our own certificate. It never leaves the service that holds it."""

    def sign(self, content: bytes) -> bytes:
        """RSA, PKCS #1 v1.5, with SHA-256. ServiceUnavailableError."""


class ToldControllers(Protocol):
    """How far a controller was told that its request is."""

    def told(self, request_id: str) -> OpenDsrStatus | None:
        """None where it was called back for nothing yet."""

    def record(self, request_id: str, status: OpenDsrStatus, *, at: datetime) -> None:
        """It was told this."""
