"""What stays of a person after an erasure, on which law or ground, and until when: the ledger of it (mission E-15).

One entry for the rows of a collection that stay for the same reason until the same day. It holds names of the data map,
numbers and days; where the rows are, and how to reach the person, lies encrypted beside it (`KeptRow`, `KeptPerson`).
From when it is entered the data are only stored (GDPR 18(2)); the day after the last one they go by themselves.
"""

# serves: E-15

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import GENESIS, AuditEvent, Detail, event_after
from rightsdesk.domain.erasing import Kept
from rightsdesk.domain.errors import KeptByLawError
from rightsdesk.domain.fields import Category, Label
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, SYSTEM, Language

PERSON = "person"  # name of the record beside the kept rows; theirs are paths of the data map


class RetentionState(StrEnum):
    KEPT = "kept"
    ERASING = "erasing"  # begun: what is not found any more was erased by us
    ERASED = "erased"
    CHANGED = "changed"  # rows were not as they had been left: these stay, until staff have looked at them


_DONE = frozenset({RetentionState.ERASED, RetentionState.CHANGED})


class KeptRow(BaseModel):
    """A row that stays: where it is, and the digest of it as the erasure left it. Encrypted, never in the table."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    entry: str
    place: str
    digest: str


class KeptPerson(BaseModel):
    """How the person is told when their data go, and the keys by which files are searched. Encrypted, never in a table.

    `subject_key` tells whether the person has an open case: nothing that it may need is erased meanwhile.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    address: str
    name: str
    language: Language
    subject_key: str
    identifiers: dict[str, tuple[str, ...]] = {}


class RetentionEntry(BaseModel):
    """Rows of one collection that stay for one reason. `until` is the last day; None: nobody knows it yet.

    Labels are those of the map of that day: the map may be another one when the time has come.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    entry_id: str
    request_id: str
    reference: str
    collection: str  # `orders/orders`
    label: Label
    categories: tuple[Category, ...]
    fields: tuple[str, ...]  # those that the decision keeps
    rules: tuple[str, ...]  # by which they stay: `GDPR-17-3-b`
    retention: str
    period: Label
    law: Label | None = None  # with its article
    until: date | None
    ground: str | None = None
    then: Kept | None = None  # what keeps the rows once the ground is gone
    then_period: Label | None = None
    then_law: Label | None = None
    datamap_version: str
    rows: int
    restricted_since: datetime
    state: RetentionState = RetentionState.KEPT
    found: int = 0  # rows that were as they had been left when erasing began
    erased: int = 0
    changed: int = 0
    settled: bool = False  # the person was told, and nothing is left to do
    lifted_at: datetime | None = None  # when staff let it go: it was no law that did
    as_they_are: bool = False  # staff have looked at rows that had changed: they go whatever they hold
    ended_at: datetime | None = None
    version: int = 1
    event_sequence: int = 0
    event_hash: str = GENESIS

    @property
    def kept_until(self) -> Kept:
        return Kept(retention=self.retention, until=self.until, ground=self.ground, then=self.then)

    @property
    def is_over(self) -> bool:
        return self.state in _DONE

    @property
    def may_be_lifted(self) -> bool:
        """By a person, where only one can say when it ends. A law that names a day is lifted by nobody."""
        without_day = self.state is RetentionState.KEPT and self.until is None
        return without_day or (self.state is RetentionState.CHANGED and self.settled)

    @property
    def expires_at(self) -> datetime | None:
        """When the record of it goes; None while rows stay."""
        over = self.settled and self.state is RetentionState.ERASED
        return self.ended_at + KEPT_AFTER_CLOSING if over and self.ended_at else None

    def is_due(self, today: date) -> bool:
        """Whether its last day has passed, or something of its end is left to do."""
        return not self.settled and self.until is not None and self.until < today

    def entered(self) -> tuple["RetentionEntry", AuditEvent]:
        """With the first event of its history: what stays, why, and until when."""
        return self._with(
            "retention_entered",
            at=self.restricted_since,
            actor=SYSTEM,
            details={
                "case": self.request_id,
                "collection": self.collection,
                "retention": self.retention,
                "rules": list(self.rules),
                "until": self.until.isoformat() if self.until else "",
                "ground": self.ground or "",
                "rows": self.rows,
                "datamap_version": self.datamap_version,
            },
        )

    def changed_to(
        self,
        event_type: str,
        *,
        at: datetime,
        actor: str = SYSTEM,
        details: Mapping[str, Detail] | None = None,
        **changes: Any,
    ) -> tuple["RetentionEntry", AuditEvent]:
        """The entry after a change and the event that records it; a store writes both or neither."""
        after, event = self._with(event_type, at=at, actor=actor, details=details)
        return after.model_copy(update={**changes, "version": self.version + 1}), event

    def lifted(self, *, at: datetime, today: date, actor: str) -> tuple["RetentionEntry", AuditEvent]:
        """Without what held it: due now, or, where a law keeps it yet, until that day.

        Raises KeptByLawError where it may not be lifted.
        """
        if not self.may_be_lifted:
            raise KeptByLawError("a law says until when it stays")
        if self.state is RetentionState.CHANGED:
            changes: dict[str, Any] = {"state": RetentionState.KEPT, "until": _before(today), "rows": self.changed}
            changes |= {"found": 0, "erased": 0, "changed": 0, "settled": False, "as_they_are": True, "lifted_at": at}
        else:
            law = self.then
            stays = law is not None and (law.until is None or law.until >= today)
            changes = {"ground": None, "then": None, "then_period": None, "then_law": None}
            if law is not None and stays:
                changes |= {"retention": law.retention, "period": self.then_period, "law": self.then_law}
                changes |= {"until": law.until}
            else:
                changes |= {"until": _before(today), "lifted_at": at}
        until = changes["until"]
        details: dict[str, Detail] = {"ground": self.ground or "", "until": until.isoformat() if until else ""}
        return self.changed_to("retention_lifted", at=at, actor=actor, details=details, **changes)

    def _with(
        self, event_type: str, *, at: datetime, actor: str, details: Mapping[str, Detail] | None
    ) -> tuple["RetentionEntry", AuditEvent]:
        event, head = event_after(self, request_id=self.entry_id, type=event_type, at=at, actor=actor, details=details)
        return self.model_copy(update=head), event


def entry_id_of(request_id: str, collection: str, kept: Kept) -> str:
    """The same for the same reason in the same case: to enter it twice is to enter it once.

    Its first half stands for the case, and does not give it away.
    """
    reason = f"{collection} {kept.model_dump_json()}"
    return f"{case_part(request_id)}{hashlib.sha256(reason.encode()).hexdigest()[:16]}"


def is_entry_id(text: str) -> bool:
    """Whether somebody's word can be the id of an entry."""
    return re.fullmatch(r"[0-9a-f]{40}", text) is not None


def case_part(request_id: str) -> str:
    """What the ids of all entries of a case begin with."""
    return hashlib.sha256(f"retention {request_id}".encode()).hexdigest()[:24]


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
