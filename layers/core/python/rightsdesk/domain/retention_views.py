"""What is kept after erasures, as staff see it: no value of a person."""

# serves: B-2, E-15

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.fields import Category, Label
from rightsdesk.domain.retention_ledger import RetentionEntry, RetentionState


class RetentionView(BaseModel):
    """One entry of the ledger. `law` has its article; where it is None, `ground` or the merchant's own `period` holds.

    `until` is the last day, and None where staff or nobody can say it. `may_be_lifted`: only a person can say
    when it ends, or it waits for their look at rows that had changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str
    reference: str
    collection: str
    label: Label
    categories: tuple[Category, ...]
    fields: tuple[str, ...]
    rules: tuple[str, ...]
    law: Label | None
    period: Label
    ground: str | None
    until: date | None
    rows: int
    restricted_since: datetime
    state: RetentionState
    erased: int
    changed: int
    ended_at: datetime | None
    may_be_lifted: bool

    @classmethod
    def of(cls, entry: RetentionEntry) -> "RetentionView":
        own = cls.model_fields.keys() - {"id"}
        return cls(id=entry.entry_id, **{name: getattr(entry, name) for name in own})


class RetentionPage(BaseModel):
    """A page of what is kept; `next` is the cursor of the next one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    items: tuple[RetentionView, ...]
    next: str | None = None
