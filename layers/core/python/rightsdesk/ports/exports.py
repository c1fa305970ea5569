"""Packages for a person, and evidence of what was done."""

from collections.abc import Iterable
from datetime import timedelta
from typing import BinaryIO, Protocol

from rightsdesk.domain.audit import AuditEvent


class ExportStore(Protocol):
    """Finished packages: random keys, short links, and nothing left behind."""

    def new_prefix(self, request_id: str) -> str:
        """`exports/<request id>/<128 random bits>/`: nobody can guess it, and closing finds all that was ever built."""

    def open_part(self, key: str) -> BinaryIO:
        """An unseekable writer that uploads in pieces and completes at close(); left by an exception it aborts."""

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        """A presigned GET for one object, as an attachment under `filename`."""

    def discard(self, prefix: str) -> None:
        """Delete the current objects under a prefix; their noncurrent versions go within a day."""

    def purge(self, prefixes: Iterable[str]) -> int:
        """Delete everything under the prefixes, versions and multipart remnants included; how many objects."""


class TransferFiles(Protocol):
    """What goes to another controller, and what it answered: beside the package, and gone with it."""

    def open_zip(self, key: str) -> BinaryIO:
        """A reader from its beginning, for a `with`. NotFoundError; it and its `read`: ServiceUnavailableError."""

    def keep_receipt(self, key: str, text: str) -> None:
        """Write it; written again, the last one stays. ServiceUnavailableError."""


class EvidenceStore(Protocol):
    def put(self, event: AuditEvent) -> None:
        """Write one event under its case and number. Writing it again is no error."""


class Signer(Protocol):
    """The key that evidence is signed with. It never leaves the service that holds it."""

    def sign(self, content: bytes) -> bytes:
        """ECDSA on P-256 with SHA-256, in DER. ServiceUnavailableError."""

    def public_key(self) -> str:
        """The other half, as PEM. ServiceUnavailableError."""
