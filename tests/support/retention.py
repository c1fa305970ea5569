"""The retention ledger for tests: fakes of it, and entries made by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import ConflictError, NotFoundError
from rightsdesk.domain.fields import Category, Label
from rightsdesk.domain.retention_ledger import RetentionEntry, entry_id_of
from tests.support.fakes import Faults

LABEL = Label(en="Orders", ja="ご注文")
LAW = Label(en="Corporation Tax Act of Japan, Article 126", ja="法人税法第126条")
SINCE = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def new_entry(request_id: str, **changes: Any) -> RetentionEntry:
    """Two orders that the tax law keeps until 31 May 2033."""
    entry = RetentionEntry(
        entry_id="",
        request_id=request_id,
        reference="RD-28T5-CY4G-M",
        collection="orders/orders",
        label=LABEL,
        categories=(Category.PURCHASE,),
        fields=("order_id", "total"),
        rules=("GDPR-17-3-b",),
        retention="orders",
        period=LABEL,
        law=LAW,
        until=date(2033, 5, 31),
        datamap_version="1",
        rows=2,
        restricted_since=SINCE,
    ).model_copy(update=changes)
    return entry.model_copy(update={"entry_id": entry_id_of(request_id, entry.collection, entry.kept_until)})


class FakeLedger:
    """Keeps the port RetentionLedger."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.entries: dict[str, RetentionEntry] = {}
        self.events: list[AuditEvent] = []

    def create(self, entry: RetentionEntry, event: AuditEvent) -> None:
        with self._faults.call("ledger.create"):
            if entry.entry_id in self.entries:
                raise ConflictError("it exists")
            self._write(entry, event)

    def get(self, entry_id: str) -> RetentionEntry:
        with self._faults.call("ledger.get"):
            if entry_id not in self.entries:
                raise NotFoundError("no such entry")
            return self.entries[entry_id]

    def save(self, before: RetentionEntry, after: RetentionEntry, event: AuditEvent) -> None:
        with self._faults.call("ledger.save"):
            if self.entries[before.entry_id].version != before.version:
                raise ConflictError("it has moved on")
            self._write(after, event)

    def of_case(self, request_id: str) -> list[RetentionEntry]:
        with self._faults.call("ledger.of_case"):
            return [entry for entry in self.entries.values() if entry.request_id == request_id]

    def due(self, today: date) -> Iterator[RetentionEntry]:
        with self._faults.call("ledger.due"):
            due = [entry for entry in self.entries.values() if entry.is_due(today)]
        return iter(sorted(due, key=lambda entry: (entry.until or date.max, entry.entry_id)))

    def page(self, *, limit: int, cursor: str | None) -> tuple[list[RetentionEntry], str | None]:
        with self._faults.call("ledger.page"):
            ordered = sorted(self.entries.values(), key=lambda each: (each.until or date.max, each.entry_id))
            left = [entry for entry in ordered if entry.entry_id > (cursor or "") and entry.expires_at is None]
            return left[:limit], left[limit - 1].entry_id if len(left) > limit else None

    def _write(self, entry: RetentionEntry, event: AuditEvent) -> None:
        self.entries[entry.entry_id] = entry
        self.events.append(event)
