"""The plan of an erasure: what would be deleted, what loses its link to the person, what stays and why (GDPR 17).

One object from the dry run to the certificate. It is made source by source, and holds numbers and names of the map; the
rows themselves stand in the manifest, encrypted. `sha256` ties an approval to exactly this plan: were a single row to
change, to come or to go, the digest would be another one.
"""

# serves: E-04, E-14, E-15

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.digests import DigestSum, canonical_sha256
from rightsdesk.domain.erasing import Kept, RowFate, RowFound


class KeptRows(BaseModel):
    """Rows that stay, for the same reason until the same day. `whole`: nothing of them goes, else a part does.

    `then`: of rows that stay on a ground, the law that keeps them, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    retention: str
    until: date | None
    ground: str | None = None
    then: Kept | None = None
    whole: bool = False
    rows: int


class Loss(BaseModel):
    """What the person loses with the data, as the data map names it: `index` is its place in `losses` there.

    `count` rows have it, and `amount` is their sum where the map wants one (points).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    collection: str
    index: int
    count: int
    amount: int | None = None


class CollectionPlan(BaseModel):
    """What becomes of the rows of one collection: each counts once, as deleted, reduced or kept as it is.

    `kept` says why rows stay: its rows that are `whole` add up to `keep`, the others to `anonymise`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    collection: str
    delete: int = 0
    anonymise: int = 0  # reduced: a part goes, the rest stays, and may still be joined by what it holds (a number)
    keep: int = 0
    unlinked: int = 0  # of those of which a part goes: they lose an attribute that only leads to them from the person
    kept: tuple[KeptRows, ...] = ()  # of those that are not deleted
    losses: tuple[Loss, ...] = ()
    digest: str  # of all rows, in whatever order they are found

    @property
    def rows(self) -> int:
        return self.delete + self.anonymise + self.keep


class ErasureStage(StrEnum):
    """How far the erasing of one source is."""

    PLANNED = "planned"
    CHECKED = "checked"  # looked at once more before erasing: `changed` says what came of it
    ERASED = "erased"
    SEARCHED = "searched"


class CollectionDone(BaseModel):
    """What came of the rows of a collection, over all rounds."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    deleted: int = 0
    anonymised: int = 0
    unlinked: int = 0
    changed: int = 0  # not as they were found, in the last round: left alone
    residue: int = 0  # still there when it was searched again


class SourceErasure(BaseModel):
    """One source: its part of the plan, and how far it was carried out. An item of the case, or one for each shard."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    source: str
    round: int  # from 1; a plan that is made again is a new round
    stage: ErasureStage
    at: datetime
    plans: tuple[CollectionPlan, ...]
    changed: bool = False  # since it was planned
    finished: tuple[str, ...] = ()  # paths of the collections that are erased in this round
    done: dict[str, CollectionDone] = {}  # by path of the collection
    searched_at: datetime | None = None
    error: str | None = None
    shard: int = 0
    shards: int = 1  # that the source is worked on in

    @property
    def residue(self) -> dict[str, int]:
        """Collections in which something is left that had to go."""
        return {path: done.residue for path, done in self.done.items() if done.residue}


class ErasurePlan(BaseModel):
    """The whole of it: what staff approve, and what is then executed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    round: int
    made_at: datetime
    datamap_version: str
    collections: tuple[CollectionPlan, ...]

    @property
    def delete(self) -> int:
        return sum(part.delete for part in self.collections)

    @property
    def anonymise(self) -> int:
        return sum(part.anonymise for part in self.collections)

    @property
    def keep(self) -> int:
        return sum(part.keep for part in self.collections)

    @property
    def rows(self) -> int:
        return self.delete + self.anonymise + self.keep

    @property
    def losses(self) -> tuple[Loss, ...]:
        return tuple(loss for part in self.collections for loss in part.losses)

    @property
    def sha256(self) -> str:
        """Over the collections alone: the same rows with the same fates are the same plan, whenever it was made."""
        return canonical_sha256([part.model_dump(mode="json") for part in self.collections])


def plan_of(states: Iterable[SourceErasure], planned: Iterable[str], *, datamap_version: str) -> ErasurePlan | None:
    """The plan, put together; None while a source of it was not planned."""
    by_name = {state.source: state for state in states}
    names = tuple(planned)
    if not names or any(name not in by_name for name in names):
        return None
    parts = [by_name[name] for name in names]
    return ErasurePlan(
        round=max(part.round for part in parts),
        made_at=max(part.at for part in parts),
        datamap_version=datamap_version,
        collections=tuple(plan for part in parts for plan in part.plans),
    )


def by_source(states: Iterable[SourceErasure]) -> dict[str, SourceErasure]:
    """Each source as a whole: one of which a shard is missing, or is of an earlier round, is as the last of them is."""
    shards: dict[tuple[str, int], dict[int, SourceErasure]] = {}
    for state in states:
        shards.setdefault((state.source, state.shards), {})[state.shard] = state
    whole: dict[str, SourceErasure] = {}
    for (source, of), parts in shards.items():
        if len(parts) == of:
            state = _together([parts[number] for number in range(of)])
            if source not in whole or whole[source].round < state.round:
                whole[source] = state
    return whole


def _together(parts: Sequence[SourceErasure]) -> SourceErasure:
    """The shards of a source as one; how far it is, the slowest of them says."""
    first = parts[0]
    if len(parts) == 1:
        return first
    plans: dict[str, list[CollectionPlan]] = {}
    done: dict[str, CollectionDone] = {}
    for part in parts:
        for plan in part.plans:
            plans.setdefault(plan.collection, []).append(plan)
        for path, result in part.done.items():
            before = done.get(path, CollectionDone())
            done[path] = CollectionDone(
                deleted=before.deleted + result.deleted,
                anonymised=before.anonymised + result.anonymised,
                unlinked=before.unlinked + result.unlinked,
                changed=before.changed + result.changed,
                residue=before.residue + result.residue,
            )
    stages = list(ErasureStage)
    searched = [part.searched_at for part in parts if part.searched_at is not None]
    return SourceErasure(
        source=first.source,
        round=min(part.round for part in parts),
        stage=min((part.stage for part in parts), key=stages.index),
        at=max(part.at for part in parts),
        plans=tuple(map(_plan_together, plans.values())),
        changed=any(part.changed for part in parts),
        finished=tuple(path for path in first.finished if all(path in part.finished for part in parts)),
        done=done,
        searched_at=max(searched) if len(searched) == len(parts) else None,
        error=next((part.error for part in parts if part.error), None),
    )


def _plan_together(parts: Sequence[CollectionPlan]) -> CollectionPlan:
    """As if its rows had been counted at once: the same digest, in however many shards they were found."""
    kept: dict[KeptReason, int] = {}
    losses: dict[int, Loss] = {}
    for part in parts:
        for each in part.kept:
            reason = KeptReason(each.retention, each.until, each.ground, each.then, each.whole)
            kept[reason] = kept.get(reason, 0) + each.rows
        for loss in part.losses:
            before = losses.get(loss.index)
            losses[loss.index] = loss if before is None else _losses_together(before, loss)
    digest = DigestSum()
    for part in parts:
        digest.add_sum(part.digest)
    return CollectionPlan(
        collection=parts[0].collection,
        delete=sum(part.delete for part in parts),
        anonymise=sum(part.anonymise for part in parts),
        keep=sum(part.keep for part in parts),
        unlinked=sum(part.unlinked for part in parts),
        kept=_kept_rows(kept),
        losses=tuple(losses[index] for index in sorted(losses)),
        digest=digest.hex,
    )


def _losses_together(one: Loss, other: Loss) -> Loss:
    amounts = [loss.amount for loss in (one, other) if loss.amount is not None]
    return one.model_copy(update={"count": one.count + other.count, "amount": sum(amounts) if amounts else None})


class KeptReason(NamedTuple):
    """Why rows stay, as far as it is shown and counted."""

    retention: str
    until: date | None
    ground: str | None
    then: Kept | None
    whole: bool


def _kept_rows(counted: dict[KeptReason, int]) -> tuple[KeptRows, ...]:
    in_order = sorted(counted.items(), key=lambda each: str(each[0]))
    return tuple(KeptRows(**reason._asdict(), rows=rows) for reason, rows in in_order)


def loses_link(row: RowFound, links: frozenset[str]) -> bool:
    """Whether a row that stays loses an attribute of `links`, by which it is found from its person."""
    return row.change.fate is RowFate.REDUCE and not links.isdisjoint(row.change.remove)


class Tally:
    """Counts the rows of one collection as they are found, in constant memory."""

    def __init__(self, collection: str, links: Iterable[str] = ()) -> None:
        self._collection = collection
        self._links = frozenset(links)
        self._unlinked = 0
        self._fates = dict.fromkeys(RowFate, 0)
        self._kept: dict[KeptReason, int] = {}
        self._rows = DigestSum()

    def add(self, row: RowFound) -> None:
        self._fates[row.change.fate] += 1
        self._unlinked += loses_link(row, self._links)
        kept = row.change.kept
        if kept is not None:
            whole = row.change.fate is RowFate.KEEP
            reason = KeptReason(kept.retention, kept.until, kept.ground, kept.then, whole)
            self._kept[reason] = self._kept.get(reason, 0) + 1
        # Where a row is does not count: others write a file anew.
        self._rows.add(f"{row.before} {row.change.fate} {sorted(row.change.remove)} {row.change.kept}")

    def plan(self, losses: tuple[Loss, ...] = ()) -> CollectionPlan:
        return CollectionPlan(
            collection=self._collection,
            delete=self._fates[RowFate.DELETE],
            anonymise=self._fates[RowFate.REDUCE],
            keep=self._fates[RowFate.KEEP],
            unlinked=self._unlinked,
            kept=_kept_rows(self._kept),
            losses=losses,
            digest=self._rows.hex,
        )
