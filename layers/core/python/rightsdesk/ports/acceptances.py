"""Who accepted which version of the policy."""

from typing import Protocol

from rightsdesk.domain.acceptance import Acceptance


class Acceptances(Protocol):
    """By the digest of an identifier, as in the register of permissions."""

    def enter(self, digest: str, acceptance: Acceptance) -> bool:
        """False where this version is on record already: the first word stays."""

    def all(self, digest: str) -> tuple[Acceptance, ...]:
        """In no particular order."""
