"""Correct what staff have stated in every source that holds it: first the plan, then, once it is approved, the writing.

    plan     how many rows of each collection hold what is wrong; what stands in the way
    correct  the same once more: is it still so? Then the notice to an old address, then row by row

What is to be written is kept as a manifest before anything is, so that a task that is started again knows what it was
about. A row that changed in between is never overwritten: the plan is made again, for what is left. So it is where a
source turns out to be broken, whenever that is: the new plan names it, and staff state what is corrected without it.
"""

# serves: E-03

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal

from rightsdesk.domain import traversal
from rightsdesk.domain.audit import Detail
from rightsdesk.domain.correction import (
    CorrectedCollection,
    CorrectionPlan,
    Obstacle,
    PlannedCollection,
    Rectification,
    RowTally,
)
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import recorded
from rightsdesk.domain.erasing import RowChange, RowFate, RowFound, RowState
from rightsdesk.domain.errors import ConflictError, MailRejectedError, SourceBrokenError, UnwritableError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.records import Record
from rightsdesk.domain.rectification import (
    CollectionRule,
    new_addresses,
    recipients_of,
    searched,
    written_in,
)
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.traversal import FoundValues
from rightsdesk.law.keeping import corrected
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.sources import RecordStore, SourceCorrector, SourceReader
from rightsdesk.ports.time import Clock

Proceed = Literal["answer", "plan_again"]
_WRITTEN = (RowState.DONE, RowState.WAS_DONE)


class _BrokenCollectionError(SourceBrokenError):
    """What is written in could not be read; `path` of the collection."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class DataCorrector:
    """For one call. `reader_of` and `corrector_of` give those of a source by its name."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        records: RecordStore,
        reader_of: Callable[[str], SourceReader],
        corrector_of: Callable[[str], SourceCorrector],
        letters: Correspondence,
        data_map: DataMap,
        found: Callable[[], AbstractContextManager[FoundValues]],
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._records = records
        self._reader_of = reader_of
        self._corrector_of = corrector_of
        self._letters = letters
        self._data_map = data_map
        self._found = found
        self._clock = clock

    def plan(self, request_id: str) -> None:
        """Find what holds the old values now. Nothing of the merchant's is touched.

        A source that can't be corrected by machine is an obstacle of the plan, for staff to see. Raises
        SourceUnavailableError, ConflictError, CaseClosedError.
        """
        case = self._cases.get(request_id)
        case.require_open()
        state = case.rectification
        if state is None or not case.corrects:
            raise ConflictError("nothing is stated that could be planned")
        if state.plan is not None:
            return
        plan = self._planned(case, state)
        after, event = case.changed(
            "correction_planned",
            at=self._clock(),
            actor=SYSTEM,
            details={
                "plan_sha256": plan.sha256,
                "round": state.round,
                "datamap_version": plan.datamap_version,
                "collections": [part.collection for part in plan.collections],
                "rows": plan.rows,
                "obstacles": [f"{each.code} {each.at}" for each in plan.obstacles],
            },
            rectification=state.model_copy(update={"plan": plan}),
        )
        self._cases.save(case, after, event)

    def correct(self, request_id: str) -> Proceed:
        """Carry out the plan that was approved, or have it made, and approved, again.

        Raises ConflictError for what was not approved, SourceUnavailableError, SourceBrokenError, CaseClosedError.
        """
        case = self._cases.get(request_id)
        case.require_open()
        state = case.rectification
        if state is None or not case.corrects or case.refusal:
            raise ConflictError("it was not approved")
        if state.corrected_at is not None:
            return "answer"
        if case.status is Status.COLLECTING:
            return "plan_again"  # said before, by a run that died after it
        if state.began_at is None:
            require_cleared(case)
        if case.status is not Status.EXECUTING or not state.is_approved or state.plan is None:
            raise ConflictError("it was not approved")
        rules = written_in(self._data_map, state)
        if state.began_at is None:
            now = self._clock()
            if self._differs(case, state.plan, rules, now):
                return self._planned_again(case, state, {})
            case, state = self._begun(case, state, now)
        self._tell_former_address(case, state)
        return self._carried_out(case, state, rules)

    # Finding

    def _planned(self, case: PrivacyRequest, state: Rectification) -> CorrectionPlan:
        made_at = self._clock()
        rules = written_in(self._data_map, state)
        obstacles = [Obstacle(code="taken", at=field) for field in self._taken(state)]
        parts: list[PlannedCollection] = []
        try:
            parts = [tally.planned() for tally in self._find(case, rules, made_at)]
        except UnwritableError as error:
            obstacles.append(_obstacle(error))
        except SourceBrokenError as error:
            logger.warning("a correction can't be planned", extra={"request_id": case.request_id})
            # Where it was only read to find others, all that would be written waits for it.
            broken = [error.path] if isinstance(error, _BrokenCollectionError) else list(rules)
            obstacles += [Obstacle(code="source_broken", at=path) for path in broken]
        if not obstacles:  # what was done in an earlier round holds the old value no more
            found = {*state.written, *(place for part in parts for place in part.said)}
            obstacles = [
                Obstacle(code="not_found", at=each.field, reason=place)
                for place, each in state.stated.items()
                if place not in found
            ]
        return CorrectionPlan(
            made_at=made_at,
            datamap_version=self._data_map.version,
            collections=tuple(parts),
            obstacles=tuple(obstacles),
        )

    def _taken(self, state: Rectification) -> Iterator[str]:
        """Fields whose new value is an account already: two people would run together."""
        identity = self._data_map.identity
        for kind, correction in new_addresses(self._data_map, state.corrections).items():
            if kind in identity.searched_by:
                rows = self._reader_of(identity.source).read(identity, kind, iter([str(correction.new)]))
                if next(iter(rows), None) is not None:
                    yield correction.field

    def _find(
        self,
        case: PrivacyRequest,
        rules: Mapping[str, CollectionRule],
        at: datetime,
        keep: Callable[[str, Iterable[RowFound]], object] | None = None,
    ) -> list[RowTally]:
        """What would be written in each collection, in the order of writing. `keep`: takes the rows of each."""
        with self._found() as found:
            self._follow(case, frozenset(rules), found)
            tallies = []
            for path, rule in rules.items():
                tally = RowTally(path)
                rows = self._counted(rule, found, at, tally)
                try:
                    if keep is not None:
                        keep(path, rows)
                    else:
                        for _ in rows:
                            pass
                except UnwritableError:
                    raise
                except SourceBrokenError as error:
                    raise _BrokenCollectionError(path) from error
                tallies.append(tally)
            return tallies

    def _follow(self, case: PrivacyRequest, paths: Iterable[str], found: FoundValues) -> None:
        """From what was verified to every identifier that leads to these collections."""
        traversal.follow(
            self._data_map,
            case.identifiers,
            searched(self._data_map, paths),
            found=found,
            look_up_of=lambda source: self._reader_of(source).read,
        )

    def _counted(self, rule: CollectionRule, found: FoundValues, at: datetime, tally: RowTally) -> Iterator[RowFound]:
        """The rows that hold an old value, each once, on whatever way it is found."""
        collection = rule.collection
        corrector = self._corrector_of(collection.source)
        seen: set[str] = set()
        here: list[Record] = []

        def change(record: Record) -> RowChange:
            here[:] = [record]
            return rule.change(record, at=at)

        for kind in collection.searched_by:
            values = found.values(kind, 0, found.count(kind))
            for row in corrector.find(collection, kind, values, change):
                if row.change.fate is RowFate.CORRECT and row.place not in seen:
                    seen.add(row.place)
                    tally.add(row.before, row.expected or "", rule.asked(here[0]), row.change.said)
                    yield row

    # Writing

    def _differs(
        self, case: PrivacyRequest, plan: CorrectionPlan, rules: Mapping[str, CollectionRule], now: datetime
    ) -> bool:
        """Look at every row again, and write down what is to become of each. Whether it is not as approved."""
        if list(self._taken_again(case)):
            return True

        def keep(path: str, rows: Iterable[RowFound]) -> None:
            written = (row.model_dump(mode="json", exclude_defaults=True) for row in rows)
            self._records.write(case.request_id, _manifest(now, path), written)

        try:
            tallies = self._find(case, rules, now, keep)
        except SourceBrokenError:  # files have changed: the new plan says so
            return True
        return tuple(tally.planned() for tally in tallies) != plan.collections

    def _taken_again(self, case: PrivacyRequest) -> Iterator[str]:
        if case.rectification is not None and not case.rectification.done:
            yield from self._taken(case.rectification)

    def _begun(self, case: PrivacyRequest, state: Rectification, now: datetime) -> tuple[PrivacyRequest, Rectification]:
        begun = state.model_copy(update={"began_at": now})
        after, event = case.changed(
            "correction_began",
            at=now,
            actor=SYSTEM,
            details={"plan_sha256": state.approved or "", "round": state.round},
            rectification=begun,
        )
        self._cases.save(case, after, event)
        return after, begun

    def _tell_former_address(self, case: PrivacyRequest, state: Rectification) -> None:
        """Before anything is written: who reads mails there hears of it, whoever asked (abuse case 13)."""
        for correction in new_addresses(self._data_map, state.corrections).values():
            if correction.old is None:
                continue
            values = {"reference": case.reference, "changed_on": state.began_at}
            try:
                self._letters.to_former_address(case, Letter.CONTACT_CHANGED, values, to=str(correction.old))
            except MailRejectedError:  # it may well be gone: that is why it is corrected
                logger.warning("the former address takes no mail", extra={"request_id": case.request_id})

    def _carried_out(self, case: PrivacyRequest, state: Rectification, rules: Mapping[str, CollectionRule]) -> Proceed:
        planned = {part.collection: part for part in state.plan.collections} if state.plan else {}
        done = dict(state.done)
        broke: list[str] = []
        said = set(state.written)
        left = 0
        for path, rule in rules.items():
            if not planned[path].rows:
                continue
            tally, changed = self._written(case, state, rule, broke)
            written = tally.corrected()
            said |= tally.said
            left += changed
            before = done.get(path)
            if before is not None:  # the digests are of this round; an event holds those before
                fields = tuple(sorted({*before.fields, *written.fields}))
                written = written.model_copy(update={"rows": written.rows + before.rows, "fields": fields})
            done[path] = written
        state = state.model_copy(update={"written": tuple(sorted(said))})
        if left or broke:
            return self._planned_again(case, state, done, broke)
        now = self._clock()
        written_fields = [f"{path}.{name}" for path, part in done.items() for name in part.fields]
        decisions = corrected(
            self._cases.decisions(case.request_id), written_fields, actor=f"staff:{state.approved_by}"
        )
        self._cases.put_decisions(case.request_id, decisions)  # before the event that has their digest
        after, event = case.changed(
            "corrected",
            at=now,
            actor=SYSTEM,
            details=_on_record(done)
            | recorded(decisions)
            | {"plan_sha256": state.approved or "", "round": state.round},
            rectification=state.model_copy(
                update={"done": done, "corrected_at": now, "recipients": recipients_of(self._data_map, written_fields)}
            ),
            carried_out_at=now,
        )
        self._cases.save(case, after, event)
        return "answer"

    def _written(
        self, case: PrivacyRequest, state: Rectification, rule: CollectionRule, broke: list[str]
    ) -> tuple[RowTally, int]:
        """What was written of the manifest, and how many rows were not as they were found. `broke`: gets what broke."""
        collection = rule.collection
        name = _manifest(state.began_at or case.received_at, collection.path)
        rows = {row.place: row for row in map(RowFound.model_validate, self._records.read(case.request_id, name))}
        tally = RowTally(collection.path)
        changed = 0
        try:
            for done in self._corrector_of(collection.source).carry_out(collection, rows.values()):
                changed += done.state is RowState.CHANGED
                if done.state in _WRITTEN:
                    row = rows[done.place]
                    names = {name: None for name in row.change.set if name in rule.names}
                    tally.add(row.before, done.after or "", names, row.change.said)
        except SourceBrokenError:
            logger.warning("a source broke while it was corrected", extra={"request_id": case.request_id})
            broke.append(collection.path)  # what is left of it is planned again
        return tally, changed

    def _planned_again(
        self,
        case: PrivacyRequest,
        state: Rectification,
        done: Mapping[str, CorrectedCollection],
        broke: Iterable[str] = (),
    ) -> Proceed:
        again = state.planned_again().model_copy(update={"done": dict(done) or state.done, "broke_in": tuple(broke)})
        after, event = case.changed(
            "correction_planned_again",
            at=self._clock(),
            actor=SYSTEM,
            details=_on_record(done) | {"round": again.round, "broke_in": list(again.broke_in)},
            status=Status.COLLECTING,
            rectification=again,
            decided_by=(),
        )
        self._cases.save(case, after, event)
        return "plan_again"


def _obstacle(error: UnwritableError) -> Obstacle:
    if error.reason == "does_not_fit":
        return Obstacle(code="does_not_fit", at=error.at)
    return Obstacle(code="by_hand", at=error.at, reason=error.reason)


def _manifest(at: datetime, path: str) -> str:
    """Of one look at the rows: a run that looked at another moment has another."""
    return f"rectification/{at:%Y%m%dT%H%M%S.%f}/{path}"


def _on_record(done: Mapping[str, CorrectedCollection]) -> dict[str, Detail]:
    """Numbers and digests of what was written, by collection: before and after, and no value (GDPR 16)."""
    return {
        "collections": list(done),
        "rows": sum(part.rows for part in done.values()),
        "before": [part.before for part in done.values()],
        "after": [part.after for part in done.values()],
    }
