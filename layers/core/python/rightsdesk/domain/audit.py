"""The history of a case: a chain of events, each holding the hash of the one before (mission B-4, B-5).

An event holds ids, codes, digests, times and actors, and no data of a person, so that erasure never breaks the chain.
"""

# serves: B-4, B-5

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.digests import canonical_sha256

GENESIS = "0" * 64

Detail = str | int | bool | list[str]


class AuditEvent(BaseModel):
    """One event. `actor` is `subject`, `system`, or `staff:<user id>`; `at` is UTC; `details` holds codes only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: str
    sequence: int = Field(ge=1)
    type: str = Field(pattern=r"^[a-z_]+$")
    at: datetime
    actor: str
    details: dict[str, Detail] = {}
    previous_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class Head(Protocol):
    """What has a history keeps the end of its chain: it is written with the event, or neither is."""

    @property
    def event_sequence(self) -> int: ...

    @property
    def event_hash(self) -> str: ...


class BrokenLink(BaseModel):
    """The first place at which a chain is not what it was: its position (1 is the first) and what is wrong."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    sequence: int
    problem: str


def next_event(
    previous: AuditEvent | None,
    *,
    request_id: str,
    type: str,  # noqa: A002 - the field's name
    at: datetime,
    actor: str,
    details: dict[str, Detail] | None = None,
) -> AuditEvent:
    """The event that follows `previous` (None: the first of the case)."""
    return chained_event(
        request_id=request_id,
        sequence=(previous.sequence if previous else 0) + 1,
        previous_hash=previous.hash if previous else GENESIS,
        type=type,
        at=at,
        actor=actor,
        details=details or {},
    )


def chained_event(
    *,
    request_id: str,
    sequence: int,
    previous_hash: str,
    type: str,  # noqa: A002 - the field's name
    at: datetime,
    actor: str,
    details: dict[str, Detail],
) -> AuditEvent:
    """An event with its hash, from the two values that the head of the chain keeps (sequence, hash)."""
    unsealed = AuditEvent(
        request_id=request_id,
        sequence=sequence,
        type=type,
        at=at,
        actor=actor,
        details=details,
        previous_hash=previous_hash,
        hash=GENESIS,
    )
    return unsealed.model_copy(update={"hash": hash_of(unsealed)})


def event_after(
    head: Head,
    *,
    request_id: str,
    type: str,  # noqa: A002 - the field's name
    at: datetime,
    actor: str,
    details: Mapping[str, Detail] | None = None,
) -> tuple[AuditEvent, dict[str, Any]]:
    """The event that follows the end of a chain, and what its head is then to keep."""
    event = chained_event(
        request_id=request_id,
        sequence=head.event_sequence + 1,
        previous_hash=head.event_hash,
        type=type,
        at=at,
        actor=actor,
        details=dict(details or {}),
    )
    return event, {"event_sequence": event.sequence, "event_hash": event.hash}


def hash_of(event: AuditEvent) -> str:
    """SHA-256 over the canonical JSON of everything but the hash itself (keys sorted, no spaces, UTF-8)."""
    return canonical_sha256(event.model_dump(mode="json", exclude={"hash"}))


def verify_chain(events: Iterable[AuditEvent], *, expected_head: tuple[int, str] | None = None) -> BrokenLink | None:
    """None for an unbroken chain; else the first bad link.

    `expected_head` (sequence, hash), from the case or from a daily anchor, finds a chain cut off at its end, which
    nothing in the chain itself could show.
    """
    previous: AuditEvent | None = None
    for position, event in enumerate(events, start=1):
        if event.sequence != position:
            return BrokenLink(sequence=position, problem=f"missing or out of order: found number {event.sequence}")
        if previous and event.request_id != previous.request_id:
            return BrokenLink(sequence=position, problem="belongs to another request")
        if event.previous_hash != (previous.hash if previous else GENESIS):
            return BrokenLink(sequence=position, problem="does not follow from the event before it")
        if event.hash != hash_of(event):
            return BrokenLink(sequence=position, problem="was altered after it was written")
        previous = event
    found = (previous.sequence, previous.hash) if previous else (0, GENESIS)
    if expected_head and found != expected_head:
        return BrokenLink(sequence=found[0] + 1, problem=f"cut off: number {expected_head[0]} should be the last")
    return None
