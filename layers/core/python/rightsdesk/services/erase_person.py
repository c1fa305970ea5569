"""Find all rows of a person, erase them as the plan says, and search again: one source at a time, step by step.

    plan    what would become of each row: the dry run, and the manifest of it
    check   the same once more, right before erasing: is it still so?
    erase   carry the manifest out
    search  look in every collection by every identifier, as if nothing was known: is anything left?

The manifest is written before anything is erased, so that a step that is started again knows what it was about although
the rows are gone. A step that is done is not done again.
"""

# serves: E-04, E-14, E-15

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from rightsdesk.domain import traversal
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.datamap import Collection, DataMap, TableCollection
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.erasing import RowChange, RowFate, RowFound, RowState
from rightsdesk.domain.erasure_plan import (
    CollectionDone,
    CollectionPlan,
    ErasureStage,
    SourceErasure,
    Tally,
    loses_link,
)
from rightsdesk.domain.erasure_rule import Rule, erasure_rule
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.errors import CaseClosedError, ConflictError, IncompleteCollectionError, NotFoundError
from rightsdesk.domain.loss_counter import LossCounter
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.shards import WHOLE, Shard
from rightsdesk.domain.traversal import FoundValues
from rightsdesk.law.kept_records import keeping_of, staying
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.sources import ErasureManifest, SourceEraser, SourceReader
from rightsdesk.ports.time import Clock


class PersonEraser:
    """For one source and one call: `reader` and `eraser` are of that source, and `eraser` of this shard of it."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        manifest: ErasureManifest,
        reader: SourceReader,
        eraser: SourceEraser,
        data_map: DataMap,
        merchant: MerchantProfile,
        found: Callable[[], AbstractContextManager[FoundValues]],
        discard: Callable[[str], None],
        clock: Clock,
        shard: Shard = WHOLE,
    ) -> None:
        self._cases = cases
        self._manifest = manifest
        self._reader = reader
        self._eraser = eraser
        self._data_map = data_map
        self._merchant = merchant
        self._found = found
        self._discard = discard
        self._clock = clock
        self._shard = shard

    def plan(self, request_id: str, source: str) -> None:
        """Find what there is now, and keep it as the manifest. Nothing of the merchant's is touched.

        Raises SourceUnavailableError, SourceBrokenError, CaseClosedError.
        """
        case, erasure = self._case(request_id)
        before = self._cases.erasure_shard(request_id, source, self._shard)
        if before and (before.round, before.shards) == (erasure.round, self._shard.of):
            self._tell_if_last(case, before)
            return
        plans = self._find_all(case, source, keep=True)
        self._put(
            case,
            SourceErasure(
                source=source,
                round=erasure.round,
                stage=ErasureStage.PLANNED,
                at=self._clock(),
                plans=plans,
                done=before.done if before else {},
                shard=self._shard.number,
                shards=self._shard.of,
            ),
        )

    def check(self, request_id: str, source: str) -> None:
        """Note whether every row is still as it was planned, and none has come. Once begun, it is too late to ask."""
        case, erasure = self._case(request_id)
        state = self._state(request_id, source, erasure)
        if erasure.begun_round == erasure.round:
            return
        digests = {plan.collection: plan.digest for plan in self._find_all(case, source, keep=False)}
        changed = digests != {plan.collection: plan.digest for plan in state.plans}
        self._put(
            case,
            state.model_copy(update={"stage": ErasureStage.CHECKED, "changed": changed, "at": self._clock()}),
        )

    def erase(self, request_id: str, source: str) -> None:
        """Carry the manifest out, a collection after the other; those that lead to others go last.

        Raises ConflictError where the erasure of this plan has not begun: it was not approved, or was undone.
        """
        case, erasure = self._case(request_id)
        state = self._state(request_id, source, erasure)
        if erasure.begun_round != erasure.round:
            raise ConflictError("the erasure has not begun")
        if state.stage in (ErasureStage.ERASED, ErasureStage.SEARCHED):
            self._tell_if_last(case, state)
            return
        decisions = self._cases.decisions(request_id)
        identifiers = self._manifest.identifiers(case.request_id, case.sources)
        plans = {plan.collection: plan for plan in state.plans}
        for collection in reversed(self._collections(source)):
            if collection.path in state.finished or collection.path not in plans:
                continue
            done = self._erased(case, collection, plans[collection.path], decisions, identifiers)
            total = _sum(state.done.get(collection.path, CollectionDone()), done)
            state = state.model_copy(
                update={
                    "done": state.done | {collection.path: total},
                    "finished": (*state.finished, collection.path),
                    "at": self._clock(),
                }
            )
            self._put(case, state)
        self._put(case, state.model_copy(update={"stage": ErasureStage.ERASED, "at": self._clock()}))

    def search(self, request_id: str, source: str) -> None:
        """Look for what is left, by every identifier that was known of the person. What is left is noted, by place."""
        case, erasure = self._case(request_id)
        state = self._state(request_id, source, erasure)
        if state.stage is ErasureStage.SEARCHED:
            self._tell_if_last(case, state)
            return
        if state.stage is not ErasureStage.ERASED:
            raise IncompleteCollectionError([source])  # it was not erased
        decisions = self._cases.decisions(request_id)
        identifiers = self._manifest.identifiers(case.request_id, case.sources)
        done = dict(state.done)
        for collection in self._collections(source):
            rule = self._rule_of(case, decisions, collection)
            left = sum(
                self._eraser.remains(collection, kind, identifiers.get(kind, ()), rule)
                for kind in collection.searched_by
            )
            known = done.get(collection.path, CollectionDone())
            done[collection.path] = known.model_copy(update={"residue": left})
        now = self._clock()
        self._put(
            case,
            state.model_copy(update={"stage": ErasureStage.SEARCHED, "done": done, "at": now, "searched_at": now}),
        )

    # Finding

    def _find_all(self, case: PrivacyRequest, source: str, *, keep: bool) -> tuple[CollectionPlan, ...]:
        """Every row that the verified identifiers lead to. `keep`: written down as the manifest."""
        decisions = self._cases.decisions(case.request_id)
        with self._found() as found:
            traversal.start_from(found, case.identifiers)
            # What was found before, too: rows that led on may be gone by now.
            traversal.start_from(found, self._manifest.identifiers(case.request_id, case.sources))
            plans = {}
            for group in traversal.in_search_order(self._data_map, source):
                if len(group) > 1:
                    traversal.close_circle(group, found=found, look_up=self._reader.read)
                for collection in group:
                    plans[collection.path] = self._find(case, collection, decisions, found, keep=keep)
            if keep:
                kinds = self._data_map.identifiers
                values = ((kind, value) for kind in kinds for value in found.values(kind, 0, found.count(kind)))
                self._manifest.write_identifiers(case.request_id, source, values, self._shard)
        return tuple(plans[collection.path] for collection in self._collections(source))

    def _find(
        self,
        case: PrivacyRequest,
        collection: Collection,
        decisions: Sequence[FieldDecision],
        found: FoundValues,
        *,
        keep: bool,
    ) -> CollectionPlan:
        today = self._clock().astimezone(self._merchant.timezone).date()
        tally = Tally(collection.path, collection.links)
        losses = LossCounter(collection, today, self._merchant.timezone)
        decide = self._rule_of(case, decisions, collection)

        def rule(record: Record) -> RowChange:
            """The row passes by here once: what it leads to, and what is lost with it, is noted on the way."""
            traversal.note_identifiers(collection, record, found)
            losses.see(record)
            return decide(record)

        def counted(rows: Iterable[RowFound]) -> Iterator[RowFound]:
            for row in rows:
                tally.add(row)
                yield row

        rows = counted(self._rows(case, collection, found, rule))
        if keep:
            self._manifest.write_rows(case.request_id, collection.path, rows, self._shard)
        else:
            for _ in rows:
                pass
        return tally.plan(losses.losses())

    def _rows(self, case: PrivacyRequest, collection: Collection, found: FoundValues, rule: Rule) -> Iterator[RowFound]:
        """As `traversal.walk`, for rows of the manifest: each once, on whatever way it is found."""
        again = case.erasure is not None and case.erasure.round > 1 and isinstance(collection, TableCollection)
        several_ways = again or len(collection.searched_by) > 1
        for kind, values in traversal.unsearched(collection, found):
            for row in self._eraser.find(collection, kind, values, rule):
                if not several_ways or found.add(collection.path, row.place):
                    yield row
        if again:
            yield from self._left_before(case, collection, found)

    def _left_before(self, case: PrivacyRequest, collection: Collection, found: FoundValues) -> Iterator[RowFound]:
        """Rows that stay, of the round before: nothing leads to them any more, and yet they stay in the plan."""
        try:
            for row in self._manifest.rows(case.request_id, collection.path):
                if row.change.kept is not None and found.add(collection.path, row.place):
                    kept = RowChange(fate=RowFate.KEEP, kept=row.change.kept)
                    before = row.expected or row.before
                    yield RowFound(collection=row.collection, place=row.place, before=before, change=kept)
        except NotFoundError:
            return  # no round came to this collection

    # Erasing

    def _erased(
        self,
        case: PrivacyRequest,
        collection: Collection,
        plan: CollectionPlan,
        decisions: Sequence[FieldDecision],
        identifiers: dict[str, tuple[str, ...]],
    ) -> CollectionDone:
        """What came of the plan. What an earlier try of it did counts: only what is not as planned is left out."""
        if not plan.delete and not plan.anonymise:
            return CollectionDone()
        rule = self._rule_of(case, decisions, collection)

        def rows() -> Iterator[RowFound]:
            return self._manifest.rows(case.request_id, collection.path, self._shard)

        came = self._eraser.carry_out(collection, rows(), identifiers, rule)
        changed = {row.place for row in came if row.state is RowState.CHANGED}
        left = [row for row in rows() if row.place in changed] if changed else []
        fates = [row.change.fate for row in left]
        links = frozenset(collection.links)
        return CollectionDone(
            deleted=plan.delete - fates.count(RowFate.DELETE),
            anonymised=plan.anonymise - fates.count(RowFate.REDUCE),
            unlinked=plan.unlinked - sum(loses_link(row, links) for row in left),
            changed=len(changed),
        )

    # What is kept of it

    def _rule_of(self, case: PrivacyRequest, decisions: Sequence[FieldDecision], collection: Collection) -> Rule:
        """What becomes of its rows, from what was decided in the case. Counted from the day of the request, so that the
        same rows give the same plan on whatever day it is made."""
        if case.erasure is not None and case.erasure.consequence:
            return erasure_rule(collection, decisions, staying, case.types[0])
        requested_on = case.received_at.astimezone(self._merchant.timezone).date()
        keeping = keeping_of(self._data_map, self._merchant, requested_on=requested_on, grounds=case.kept)
        return erasure_rule(collection, decisions, keeping)

    def _collections(self, source: str) -> tuple[Collection, ...]:
        return tuple(collection for group in traversal.in_search_order(self._data_map, source) for collection in group)

    def _case(self, request_id: str) -> tuple[PrivacyRequest, ErasureState]:
        case = self._cases.get(request_id)
        case.require_open()
        return case, case.erasure or ErasureState()

    def _state(self, request_id: str, source: str, erasure: ErasureState) -> SourceErasure:
        state = self._cases.erasure_shard(request_id, source, self._shard)
        if state is None or (state.round, state.shards) != (erasure.round, self._shard.of):
            raise ConflictError("the source is not planned")
        return state

    def _put(self, case: PrivacyRequest, state: SourceErasure) -> None:
        try:
            # What staff see comes first: a step that is noted as done is not done again.
            if self._shard.of == 1:
                self._tell(case, state)
            self._cases.put_erasure(case.request_id, state)
            self._tell_if_last(case, state)
        except ConflictError as error:
            self._discard(case.request_id)
            raise CaseClosedError("the case was closed meanwhile") from error

    def _tell(self, case: PrivacyRequest, state: SourceErasure) -> None:
        self._cases.put_source(case.request_id, SourceState(source=state.source, status="done", at=state.at))

    def _tell_if_last(self, case: PrivacyRequest, state: SourceErasure) -> None:
        """Only the last of several shards knows that none is behind: one that failed stays visible until it is done.
        Asked again by a step that finds itself done, for the run that did it may have died before it told."""
        if self._shard.of == 1:
            return
        known = self._cases.sources(case.request_id).get(state.source)
        if known is not None and known.status == "done":
            return
        whole = self._cases.erasures(case.request_id).get(state.source)
        if whole is not None and (whole.round, whole.stage) == (state.round, state.stage):
            self._tell(case, state)


def _sum(before: CollectionDone, done: CollectionDone) -> CollectionDone:
    """Over all rounds. A row that had changed counts in the round in which it goes."""
    return CollectionDone(
        deleted=before.deleted + done.deleted,
        anonymised=before.anonymised + done.anonymised,
        unlinked=before.unlinked + done.unlinked,
        changed=done.changed,
    )
