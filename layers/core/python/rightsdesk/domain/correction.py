"""A correction that staff have put in fields and values, its plan, and what came of it (GDPR 16, APPI 34).

The values stand here until the case is closed, masked from then on. Plans, approvals and results hold numbers, names of
the map and digests; the two digests of a collection are what the history keeps as "before" and "after".
"""

# serves: E-03

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from rightsdesk.domain.address import masked_address
from rightsdesk.domain.digests import DigestSum, canonical_sha256

MOST_CORRECTIONS = 50  # of one case
MOST_DIGITS = 38  # of a number in a table
_LONGEST = 1000  # characters of a value
_HIDDEN = "***"
_ItemT = TypeVar("_ItemT")


def _one_value(given: object) -> str | bool | int:
    """One error for a value that is none, whatever it might have been."""
    if isinstance(given, str):
        if len(given) > _LONGEST:
            raise PydanticCustomError("string_too_long", "longer than {most} characters", {"most": _LONGEST})
        return given
    if not isinstance(given, int):
        raise PydanticCustomError("value_type", "neither text nor a whole number nor true or false")
    if abs(given) >= 10**MOST_DIGITS:
        raise PydanticCustomError("less_than_equal", "more than {most} digits", {"most": MOST_DIGITS})
    return given


Value = Annotated[
    str | bool | int,
    PlainValidator(_one_value),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "maxLength": _LONGEST}, {"type": "boolean"}, {"type": "integer"}]},
    ),
]
"""One value of a field. A number with decimals is typed as text, which rounds nothing: `"7.90"`."""


class Correction(BaseModel):
    """One field, what is held in it, and what is right. `old` None: nothing is held, and it is completed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    field: str  # of the data map: `shop/members.phone`
    old: Value | None = None
    new: Value
    where: dict[str, Value] = {}  # what other fields of the row hold, by name: only such rows; {}: all
    evidence: str | None = None  # what bears it out, where the word of the person is not enough (APPI 34(2))

    def masked(self) -> "Correction":
        """As it may be mailed, and kept for good: enough to know one's own value by."""
        hidden = {"old": None if self.old is None else masked_value(self.old), "new": masked_value(self.new)}
        where = {name: masked_value(value) for name, value in self.where.items()}
        return self.model_copy(update=hidden | {"where": where, "evidence": None})


class Dispute(BaseModel):
    """A conclusion about the person that they hold to be wrong: it stays, and what they say is recorded beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    field: str
    note: Annotated[StrictStr, Field(max_length=_LONGEST)]

    def masked(self) -> "Dispute":
        return self.model_copy(update={"note": masked_value(self.note)})


class PlannedCollection(BaseModel):
    """The rows of one collection that would be written. `fields`: in how many rows each."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    collection: str
    rows: int
    fields: dict[str, int]
    said: tuple[str, ...] = ()  # places of the corrections and disputes that ask for it, sorted
    before: str  # digest of these rows, in whatever order they are found
    digest: str  # of these rows and of what is written in each


class Obstacle(BaseModel):
    """Why a plan can't be carried out by machine: staff say otherwise what is right, or do it by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    code: Literal["taken", "not_found", "source_broken", "does_not_fit", "by_hand"]
    at: str  # a field, or a collection of the map
    reason: str | None = None  # why it is done by hand: `nested_column`; which one is not found: `corrections.1`


class CorrectionPlan(BaseModel):
    """What staff approve, and what is then carried out."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    made_at: datetime
    datamap_version: str
    collections: tuple[PlannedCollection, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.collections)

    @property
    def sha256(self) -> str:
        """Over what would be done: the same rows with the same corrections are the same plan, whenever it was made."""
        content = self.model_dump(mode="json", include={"collections", "obstacles"})
        return canonical_sha256(content)


class CorrectedCollection(BaseModel):
    """What was written, over all rounds of the plan. The digests are of the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    rows: int
    before: str
    after: str
    fields: tuple[str, ...] = ()  # names of what was written, sorted


class Rectification(BaseModel):
    """The corrections of a case, and how far they are. A plan that has to be made again is a new round."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    corrections: tuple[Correction, ...]
    disputes: tuple[Dispute, ...] = ()
    touches_contact: bool = False  # how the person is reached: facts have to prove who asks (abuse case 13)
    stated_by: str  # staff user id
    round: int = 1
    plan: CorrectionPlan | None = None
    approved: str | None = None  # digest of the plan
    approved_by: str | None = None
    began_at: datetime | None = None  # of this round: from here on rows may have been written
    done: dict[str, CorrectedCollection] = {}  # by path of the collection
    written: tuple[str, ...] = ()  # places of what was written, in whichever round: `corrections.0`, sorted
    earlier: tuple[Correction, ...] = ()  # written too, as they were stated before these
    earlier_disputes: tuple[Dispute, ...] = ()
    broke_in: tuple[str, ...] = ()  # collections whose source broke while they were written in the round before
    corrected_at: datetime | None = None
    recipients: tuple[str, ...] = ()  # of the map: who was given what was wrong, and has to be told (GDPR 19)

    @property
    def is_approved(self) -> bool:
        return self.plan is not None and self.approved == self.plan.sha256

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that are named, corrected or disputed."""
        return tuple([each.field for each in self.corrections] + [each.field for each in self.disputes])

    @property
    def stated(self) -> dict[str, Correction | Dispute]:
        """All that staff stated, by its place."""
        return {**dict(_placed("corrections", self.corrections)), **dict(_placed("disputed", self.disputes))}

    @property
    def told(self) -> tuple[tuple[Correction, ...], tuple[Dispute, ...]]:
        """What was really written of all that was ever stated: of that the person hears, and of nothing else."""
        corrections = [each for place, each in _placed("corrections", self.corrections) if place in self.written]
        disputes = [each for place, each in _placed("disputed", self.disputes) if place in self.written]
        return (*self.earlier, *corrections), (*self.earlier_disputes, *disputes)

    def stated_again(self, corrections: tuple[Correction, ...], disputes: tuple[Dispute, ...]) -> dict[str, object]:
        """What another statement takes over: what was written, and where it says the same, that it was."""
        earlier, earlier_disputes = self.told
        again = [place for place, each in _placed("corrections", corrections) if each in earlier]
        again += [place for place, each in _placed("disputed", disputes) if each in earlier_disputes]
        return {
            "round": self.round + 1,
            "done": self.done,
            "written": tuple(sorted(again)),
            "earlier": tuple(each for each in earlier if each not in corrections),
            "earlier_disputes": tuple(each for each in earlier_disputes if each not in disputes),
        }

    def planned_again(self) -> "Rectification":
        return self.model_copy(
            update={"round": self.round + 1, "plan": None, "approved": None, "approved_by": None, "began_at": None}
        )

    def masked(self) -> "Rectification":
        return self.model_copy(
            update={
                "corrections": tuple(each.masked() for each in self.corrections),
                "disputes": tuple(each.masked() for each in self.disputes),
                "earlier": tuple(each.masked() for each in self.earlier),
                "earlier_disputes": tuple(each.masked() for each in self.earlier_disputes),
            }
        )


class RowTally:
    """Counts the rows of a collection as they are found, in constant memory."""

    def __init__(self, collection: str) -> None:
        self._collection = collection
        self._rows = 0
        self._fields: dict[str, int] = {}
        self._said: set[str] = set()
        self._before, self._after, self._digest = DigestSum(), DigestSum(), DigestSum()

    def add(self, before: str, after: str, written: Mapping[str, object], said: Iterable[str] = ()) -> None:
        """`before`, `after`: digests of the row. `written`: what was asked for, by field. `said`: by what."""
        self._rows += 1
        self._said.update(said)
        for name in written:
            self._fields[name] = self._fields.get(name, 0) + 1
        self._before.add(before)
        self._after.add(after)
        self._digest.add(json.dumps([before, dict(written)], sort_keys=True))

    @property
    def said(self) -> frozenset[str]:
        return frozenset(self._said)

    def planned(self) -> PlannedCollection:
        return PlannedCollection(
            collection=self._collection,
            rows=self._rows,
            fields=dict(sorted(self._fields.items())),
            said=tuple(sorted(self._said)),
            before=self._before.hex,
            digest=self._digest.hex,
        )

    def corrected(self) -> CorrectedCollection:
        return CorrectedCollection(
            rows=self._rows, before=self._before.hex, after=self._after.hex, fields=tuple(sorted(self._fields))
        )


def _placed(name: str, stated: Iterable[_ItemT]) -> Iterator[tuple[str, _ItemT]]:
    return ((f"{name}.{number}", each) for number, each in enumerate(stated))


def masked_value(value: Value) -> str:
    """A value by which only who knows it recognises it: `153-***1`. How long it is can't be seen."""
    text = str(value)
    if "@" in text:
        return masked_address(text)
    tail = 1 if len(text) >= 6 else 0
    head = min(4, len(text) // 2 - tail)
    return text[:head] + _HIDDEN + text[len(text) - tail :]
