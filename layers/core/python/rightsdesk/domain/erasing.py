"""What is done with one record when a person is erased, and what came of it: for every kind of source (GDPR 17).

A source first says which rows there are (`RowFound`), before anything is written; that list is the manifest. Then it
carries each out, only if the row is still as it was found. Run again after a death, it passes what is done. Rows are
named by digests and by keys of the source. Of a person's values only those stand here that a correction writes.
"""

# serves: E-04, E-15

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, JsonValue


class RowFate(StrEnum):
    DELETE = "delete"  # the whole row
    REDUCE = "reduce"  # a part of it goes; the rest is kept, and is not anonymous by that
    CORRECT = "correct"  # values in it are replaced (GDPR 16)
    KEEP = "keep"


class Kept(BaseModel):
    """Why a row, or what is left of it, stays, and until when.

    `then`: of a row that stays on a ground, the law that keeps it longest once the ground is gone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    retention: str  # name in the data map
    until: date | None  # the last day; None: no day is known, as for claims that are not settled
    ground: str | None = None  # code of `law.refusal_grounds`, where staff decided that it stays
    then: "Kept | None" = None


class RowChange(BaseModel):
    """What is to become of a row. `remove`: the attributes that go, where it is reduced; others are not touched.

    `kept` says why it is not deleted whole; of several reasons, the one that holds longest. `said`: places of the
    corrections and disputes that ask for it (`corrections.0`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    fate: RowFate
    remove: tuple[str, ...] = ()
    set: dict[str, JsonValue] = {}
    kept: Kept | None = None
    said: tuple[str, ...] = ()


class RowFound(BaseModel):
    """A row of the plan: where it is, and a digest of all of it, by which it is known to be unchanged."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    collection: str  # path in the data map: `shop/members`
    place: str  # JSON of the primary key, or `bucket/key` of an object and the row in it
    before: str  # SHA-256, hex
    expected: str | None = None  # the digest of what will be left of it, where it is reduced
    change: RowChange
    whose: str | None = None  # in a file with rows of many: the value of the column that says whose the row is


class RowState(StrEnum):
    DONE = "done"
    WAS_DONE = "was_done"  # by an earlier run
    CHANGED = "changed"  # it is not as it was found: the plan has to be made again
    GONE = "gone"  # somebody else removed it


class RowDone(BaseModel):
    """What came of a row. `after` is None where nothing of it is left."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    collection: str
    place: str
    state: RowState
    after: str | None = None
