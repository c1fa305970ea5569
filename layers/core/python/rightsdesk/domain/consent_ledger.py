"""The ledger of consents: what a person agreed to, refused or took back, in which words, when and how (GDPR 7(1)).

Entries of one identifier are a chain: each is numbered and holds the hash of the one before, and the entry of the
register (`domain/permission.py`) holds the last. Both are written together, so nothing is in force without its record,
and what is altered, left out or cut off shows. An entry holds codes, moments and digests; never an address, never an
IP.
"""

# serves: B-3, E-09, P-03, P-11

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import GENESIS, BrokenLink
from rightsdesk.domain.digests import canonical_sha256


class ConsentState(StrEnum):
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ConsentChannel(StrEnum):
    """How it was said."""

    NEWSLETTER_PAGE = "newsletter_page"  # our own page, confirmed from the mailbox
    SHOP = "shop"  # the merchant's own systems asked, and told us
    IMPORTED = "imported"  # the same, from before there was this ledger (`domain/past_consent.py`)
    CAMPAIGN = "campaign"  # asked for by a mail of ours (P-11)
    UNSUBSCRIBE_LINK = "unsubscribe_link"  # RFC 8058
    COMPLAINT = "complaint"  # a mail was called spam
    REQUEST = "request"  # a case: withdrawal, objection, erasure


class ConsentAct(BaseModel):
    """What is to be entered."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    record_id: str
    at: datetime  # aware, UTC: when the person said so
    state: ConsentState
    purpose: str
    channel: ConsentChannel
    text_version: str | None = None  # what was read before it was said; None for a withdrawal, which needs no text
    text_sha256: str | None = None  # `ConsentText.sha256`
    language: Literal["en", "ja"] | None = None
    proof: str | None = None  # an id that shows it: of the mail that was confirmed, of the shop's own record, of a case
    recipients: tuple[str, ...] = ()  # third parties that the text named
    ends: str | None = None  # of a withdrawal: the record whose consent it ends; None where none was on record here


class LedgerHead(BaseModel):
    """The end of a chain, as the register keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    count: int = 0
    sha256: str = GENESIS


class ConsentEntry(ConsentAct):
    """An act in its place in the chain."""

    number: int  # from 1
    previous: str
    sha256: str


def new_record_id() -> str:
    return secrets.token_hex(16)


def chained(head: LedgerHead, acts: Sequence[ConsentAct]) -> tuple[LedgerHead, tuple[ConsentEntry, ...]]:
    """The acts as the next entries, and the end of the chain after them."""
    entries: list[ConsentEntry] = []
    for act in acts:
        unsealed = ConsentEntry(**dict(act), number=head.count + 1, previous=head.sha256, sha256=GENESIS)
        entry = unsealed.model_copy(update={"sha256": entry_sha256(unsealed)})
        entries.append(entry)
        head = LedgerHead(count=entry.number, sha256=entry.sha256)
    return head, tuple(entries)


def entry_sha256(entry: ConsentEntry) -> str:
    """SHA-256 of its canonical JSON, without this hash."""
    return canonical_sha256(entry.model_dump(mode="json", exclude={"sha256"}))


def broken_link(entries: Iterable[ConsentEntry], head: LedgerHead) -> BrokenLink | None:
    """None where the entries are all there, in order and as they were written; else the first that is not."""
    last = LedgerHead()
    for position, entry in enumerate(entries, start=1):
        if entry.number != position:
            return BrokenLink(sequence=position, problem=f"missing or out of order: found number {entry.number}")
        if entry.previous != last.sha256:
            return BrokenLink(sequence=position, problem="does not follow from the entry before it")
        if entry.sha256 != entry_sha256(entry):
            return BrokenLink(sequence=position, problem="was altered after it was written")
        last = LedgerHead(count=entry.number, sha256=entry.sha256)
    if last != head:
        return BrokenLink(sequence=last.count + 1, problem=f"cut off: number {head.count} should be the last")
    return None
