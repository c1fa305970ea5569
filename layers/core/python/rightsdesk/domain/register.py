"""The register of requests: one pseudonymous row for each, for the auditor and the authority (mission B-1; GDPR 5(2)).

It holds dates, codes and ids. No content, no name; the person is the HMAC of the address.
"""

# serves: B-1, B-4

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.letters import LetterRecord
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, PrivacyRequest


class ClockEvent(BaseModel):
    """Something that stopped, started or lengthened the period: `identity_asked`, `identity_answered`, `extended`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    what: str
    at: datetime


class SentLetter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    letter: str
    state: str
    at: datetime


class ToldRecipient(BaseModel):
    """A recipient of the data who was told what became of them (GDPR 19), as the data map calls it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    recipient: str
    state: str
    settled: bool  # nothing more is waited for


class RegisterRow(BaseModel):
    """One request. The order of the fields is that of the columns."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    reference: str
    received_at: datetime
    channel: str
    types: tuple[str, ...]
    laws: tuple[str, ...]
    rules: tuple[str, ...]
    country: str
    region: str | None
    language: str
    subject: str  # HMAC of the address
    assurance: int
    verified_at: datetime | None
    status: str
    outcome: str | None
    target_on: date
    due_on: date
    conservative_due_on: date
    suspended_days: int
    clock_events: tuple[ClockEvent, ...]
    extension_reason: str | None
    extension_told_at: datetime | None
    agent: str | None = None  # as what somebody asked for the person
    frozen_at: datetime | None = None  # when the mailbox said that it did not ask
    thawed_at: datetime | None = None
    grounds: tuple[str, ...]
    breaches: tuple[str, ...]
    decided_by: tuple[str, ...]  # staff user ids
    answered_at: datetime | None
    letters: tuple[SentLetter, ...]
    undelivered: tuple[str, ...]
    files: tuple[str, ...]  # SHA-256 of what was given
    transfer: str | None = None  # how far what goes to another controller is (GDPR 20(2))
    transfer_failed: str | None = None  # why, as a code
    transferred_at: datetime | None = None
    recipients: tuple[ToldRecipient, ...] = ()
    datamap_version: str | None
    closed_at: datetime | None
    merged_into: str | None = None  # reference of the request that answers it, too
    kept_until: date | None


def register_row(case: PrivacyRequest, letters: Iterable[LetterRecord]) -> RegisterRow:
    """The row of a case as it stands. Letters to the person only: those to staff are no part of the answer."""
    released = case.export.parts if case.export and case.export.expires_at else ()  # of a refused one, nothing left
    extension = case.extension
    return RegisterRow(
        reference=case.reference,
        received_at=case.received_at,
        channel=case.door,
        types=tuple(case.types),
        laws=case.due.laws,
        rules=case.due.rules,
        country=case.country,
        region=case.region,
        language=case.language,
        subject=case.subject_key,
        assurance=int(case.assurance),
        verified_at=case.verified_at,
        status=case.status,
        outcome=case.outcome,
        target_on=case.due.target_on,
        due_on=case.due.due_on,
        conservative_due_on=case.due.conservative_due_on,
        suspended_days=case.due.suspended_days,
        clock_events=_clock_events(case),
        extension_reason=extension.reason if extension else None,
        extension_told_at=extension.told_at if extension else None,
        agent=case.agent and case.agent.role,
        frozen_at=case.frozen and case.frozen.at,
        thawed_at=case.frozen and case.frozen.thawed_at,
        grounds=grounds_of(case),
        breaches=tuple(case.breaches),
        decided_by=case.decided_by,
        answered_at=case.answered_at,
        letters=tuple(
            SentLetter(letter=record.letter, state=record.state, at=record.at)
            for record in letters
            if record.recipient_key == case.subject_key
        ),
        undelivered=case.undelivered,
        files=tuple(part.sha256 for part in released),
        transfer=case.transfer and case.transfer.status,
        transfer_failed=case.transfer and case.transfer.failed,
        transferred_at=case.transfer and case.transfer.sent_at,
        recipients=tuple(
            ToldRecipient(recipient=name, state=line.state, settled=line.settled) for name, line in case.notices.items()
        ),
        datamap_version=case.datamap_version,
        closed_at=case.closed_at,
        merged_into=case.merged_into,
        kept_until=(case.closed_at + KEPT_AFTER_CLOSING).date() if case.closed_at else None,
    )


def grounds_of(case: PrivacyRequest) -> tuple[str, ...]:
    """The grounds on which anything was refused: the whole, or fields that staff held back or left."""
    whole = (case.refusal.ground,) if case.refusal and case.refusal.is_decided else ()
    return tuple(dict.fromkeys((*whole, *(why.ground for why in case.withheld.values()), *case.kept.values())))


def _clock_events(case: PrivacyRequest) -> tuple[ClockEvent, ...]:
    events = []
    for question in case.questions:
        events.append(ClockEvent(what=f"{question.kind}_asked", at=question.asked_at))
        if question.answered_at:
            events.append(ClockEvent(what=f"{question.kind}_answered", at=question.answered_at))
    if case.extension:
        events.append(ClockEvent(what="extended", at=case.extension.told_at))
    return tuple(sorted(events, key=lambda event: event.at))
