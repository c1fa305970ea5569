"""SHA-256 over things that have no bytes of their own: what is said as JSON, and rows in whatever order they come."""

# serves: B-4

import hashlib
import json
from typing import Any

_MODULUS = 2**256


def canonical_json(content: Any) -> str:
    """Keys sorted, no spaces, nothing escaped that need not be: to be encoded as UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_sha256(content: Any) -> str:
    """SHA-256 of the canonical JSON, hex. Anybody can make it again, with `jq -cjS` and `openssl`."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


class DigestSum:
    """A digest of many texts that is the same in any order, in constant memory: the sum of their hashes."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, told: str) -> None:
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(told.encode()).digest())) % _MODULUS

    def add_sum(self, other: str) -> None:
        """Of another part of the same things, as it gives itself (`hex`)."""
        self._sum = (self._sum + int(other, 16)) % _MODULUS

    @property
    def hex(self) -> str:
        return f"{self._sum:064x}"
