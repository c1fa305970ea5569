"""Erase again who was erased, after a source was restored from a backup that still had them (GDPR 17, 32(1)(c)).

    scan     every identifier in the restored sources, against the digests of those who were erased since a day
    plan     all rows of those found, and what becomes of each by the decisions of their case: what stays, stays
    erase    rows that lead to others last: killed anywhere and started again, the next scan finds the rest
    search   once more, by every identifier found

The case tells twice: `restored_found` before anything is touched, `erased_again` after the search has found nothing.
A run that is killed between the two leaves the first alone, and the next one says the second.
"""

# serves: E-04, E-15, T-3

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from functools import cache, cached_property
from itertools import takewhile

from rightsdesk.domain import traversal
from rightsdesk.domain.audit import AuditEvent, Detail
from rightsdesk.domain.datamap import Collection, DataMap, FileCollection
from rightsdesk.domain.erasing import Kept, RowChange, RowFate, RowFound
from rightsdesk.domain.erasure_rule import Rule, erasure_rule
from rightsdesk.domain.errors import InvalidInputError, NotFoundError
from rightsdesk.domain.identifier_digest import identifier_digest
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.domain.restored import ErasedPeople, Identifier
from rightsdesk.domain.retention_ledger import entry_id_of
from rightsdesk.domain.suppression import KEY_PURPOSE
from rightsdesk.law.kept_records import keeping_of
from rightsdesk.ports.cases import CaseStore, Holds, save_anyway
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.retention import RetentionLedger, Suppressions
from rightsdesk.ports.sources import SourceEraser, SourceScanner
from rightsdesk.ports.time import Clock

_FOUND, _LEFT, _DONE = "restored_found", "residue_found", "erased_again"


@dataclass
class RestoredRows:
    """The rows of one collection that were found of erased people, by what becomes of them."""

    delete: int = 0
    anonymise: int = 0
    keep: int = 0
    left_alone: int = 0  # found by an identifier of theirs, but it came after the erasure, or could not be judged
    residue: int = 0  # still there after erasing


@dataclass
class Replay:
    """What a run found and did. `unjudged`: reference of a case (or its id) -> why its rows were left alone."""

    collections: dict[str, RestoredRows]
    people: list[str] = field(default_factory=list)  # references of cases of which rows had to go
    unjudged: dict[str, str] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return not self.unjudged and not any(rows.residue for rows in self.collections.values())


class ErasureReplay:
    """`scanner` and `eraser` are asked for by the name of a source."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        suppressions: Suppressions,
        holds: Holds,
        ledger: RetentionLedger,
        keys: Keyring,
        scanner: Callable[[str], SourceScanner],
        eraser: Callable[[str], SourceEraser],
        data_map: DataMap,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._suppressions = suppressions
        self._holds = holds
        self._ledger = ledger
        self._keys = keys
        self._scanner = scanner
        self._eraser = eraser
        self._data_map = data_map
        self._merchant = merchant
        self._clock = clock

    def run(self, since: date, *, sources: Sequence[str], dry_run: bool = False) -> Replay:
        """Everybody erased on `since` (UTC) or later, in these sources. With `dry_run`, nothing is touched or noted.

        Raises InvalidInputError on `since`, a day that has not come; SourceUnavailableError, SourceBrokenError: nothing
        was done, or the next run does the rest.
        """
        now = self._clock()
        today = now.astimezone(UTC).date()
        # The merchant's day may be one ahead, and is what they call today: it begins within the day of UTC.
        if since > max(today, now.astimezone(self._merchant.timezone).date()):
            raise InvalidInputError.of("since", "not_come")
        key = self._keys.key(KEY_PURPOSE)
        people = ErasedPeople(
            self._data_map,
            self._suppressions.since(min(since, today), today),
            digest=lambda kind, value: identifier_digest(key, kind, value),
        )
        for source in sources:
            for row in self._scanner(source).rows(self._data_map.sources[source]):
                people.recognise(row)
        run = _Run(self, people, self._in_order(sources))
        run.plan()
        if not dry_run:
            self._tell_found(run)
            run.erase()
            run.search()
            self._tell_done(run)
        references = sorted(run.case(request_id).reference for request_id in run.counts)
        return Replay(collections=run.rows, people=references, unjudged=run.unjudged)

    def eraser(self, source: str) -> SourceEraser:
        return self._eraser(source)

    def rule_of(self, case: PrivacyRequest, collection: Collection) -> Rule:
        """As it was in the erasure, but that nothing stays whose time has passed since, or that staff have let go.

        Raises ValueError, saying why, where the rows must not go or can't be judged.
        """
        if held := self._holds.of(case.subject_key):
            raise ValueError(f"on hold: {held[0].reason}")
        on = case.received_at.astimezone(self._merchant.timezone).date()
        keeping = keeping_of(self._data_map, self._merchant, requested_on=on, grounds=case.kept)
        try:
            rule = erasure_rule(collection, self._cases.decisions(case.request_id), keeping)
        except KeyError as error:
            raise ValueError(f"{collection.path}: the data map has no retention {error.args[0]} any more") from error
        is_over = cache(lambda kept: self._is_over(case.request_id, collection, kept))

        def change(record: Record) -> RowChange:
            decided = rule(record)
            return RowChange(fate=RowFate.DELETE) if decided.kept and is_over(decided.kept) else decided

        return change

    def case(self, request_id: str) -> PrivacyRequest:
        """Raises NotFoundError."""
        return self._cases.get(request_id)

    def _is_over(self, request_id: str, collection: Collection, kept: Kept) -> bool:
        try:
            until = self._ledger.get(entry_id_of(request_id, collection.path, kept)).until
        except NotFoundError:  # gone with its record, or what is kept is not entered yet
            until = kept.until
        return until is not None and until < self._clock().astimezone(self._merchant.timezone).date()

    def _in_order(self, sources: Sequence[str]) -> list[tuple[Collection, ...]]:
        """The collections of these sources in groups: those that lead to others first."""
        waves = traversal.waves(self._data_map, self._data_map.identifiers)
        return [
            group
            for wave in waves
            for step in wave
            if step.name in sources
            for group in traversal.in_search_order(self._data_map, step.name)
        ]

    def _tell_found(self, run: "_Run") -> None:
        for request_id, counts in run.counts.items():
            self._save(run, request_id, _FOUND, _numbers(counts))

    def _tell_done(self, run: "_Run") -> None:
        for request_id, counts in run.counts.items():
            left = sorted({path for path, _ in counts if run.rows[path].residue})
            if left:
                self._save(run, request_id, _LEFT, {"residue": left})
        for request_id in run.people.erased_at:
            if any(run.rows[path].residue for path, _ in run.counts.get(request_id, ())):
                continue
            found = [event for event in self._cases.timeline(request_id) if event.type in (_FOUND, _DONE)]
            under_way = list(takewhile(lambda event: event.type == _FOUND, reversed(found)))
            if under_way:  # the first told of all rows; a later one, after a death, of those that were left
                self._save(run, request_id, _DONE, under_way[-1].details | {"residue": 0})

    def _save(self, run: "_Run", request_id: str, kind: str, details: Mapping[str, Detail]) -> None:
        at = self._clock()

        def told(case: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent]:
            return case.changed(kind, at=at, actor=SYSTEM, details=details)

        run.moved_on(save_anyway(self._cases, run.case(request_id), told))


class _Run:
    """One pass over the people found. Each row is judged anew whenever it is met, by what is known of it then."""

    def __init__(self, desk: ErasureReplay, people: ErasedPeople, groups: list[tuple[Collection, ...]]) -> None:
        self.people = people
        self.rows = {collection.path: RestoredRows() for group in groups for collection in group}
        self.counts: dict[str, Counter[tuple[str, RowFate]]] = {}  # by case; only what had to go
        self.unjudged: dict[str, str] = {}
        self._cases: dict[str, PrivacyRequest] = {}
        self._desk = desk
        self._groups = groups
        self._rules: dict[tuple[str, str], Rule | None] = {}

    @cached_property
    def _backwards(self) -> list[Collection]:
        return [collection for group in reversed(self._groups) for collection in reversed(group)]

    def plan(self) -> None:
        """Find all rows, and follow what they lead to."""
        for group in self._groups:
            looked_up: Counter[tuple[str, str]] = Counter()
            met: set[tuple[str, ...]] = set()
            while True:
                before = looked_up.total()
                for collection in group:
                    self._find(collection, looked_up, met)
                if looked_up.total() == before:
                    break

    def erase(self) -> None:
        for collection in self._backwards:
            if self.rows[collection.path].delete or self.rows[collection.path].anonymise:
                eraser = self._desk.eraser(collection.source)
                for values, rule in self._asked(collection):
                    for _ in eraser.carry_out(collection, self._all(collection, values, rule), values, rule):
                        pass

    def search(self) -> None:
        for collection in self._backwards:
            eraser = self._desk.eraser(collection.source)
            self.rows[collection.path].residue = sum(
                eraser.remains(collection, kind, some, rule)
                for values, rule in self._asked(collection)
                for kind, some in values.items()
            )

    def _find(self, collection: Collection, looked_up: Counter[tuple[str, str]], met: set[tuple[str, ...]]) -> None:
        """Look up what was found since the last time."""
        eraser = self._desk.eraser(collection.source)
        for kind in collection.searched_by:
            start = looked_up[collection.path, kind]
            new = self.people.values(kind)[start:]
            looked_up[collection.path, kind] += len(new)
            for values, rule in self._units(collection, {kind: new}, met):
                for _ in eraser.find(collection, kind, values[kind], rule):
                    pass

    def _asked(self, collection: Collection) -> Iterator[tuple[dict[str, Sequence[str]], Rule]]:
        known: dict[str, Sequence[str]] = {kind: tuple(self.people.values(kind)) for kind in collection.searched_by}
        return self._units(collection, known, None)

    def _units(
        self, collection: Collection, values: dict[str, Sequence[str]], met: set[tuple[str, ...]] | None
    ) -> Iterator[tuple[dict[str, Sequence[str]], Rule]]:
        """All at once, so that a file of many is passed once; but one by one where only its name says whose it is."""
        if not (isinstance(collection, FileCollection) and collection.key is not None):
            if any(values.values()):
                yield values, self._rule(collection, None, met)
            return
        for kind, some in values.items():
            for value in some:
                yield {kind: (value,)}, self._rule(collection, Identifier(kind, value), met)

    def _all(self, collection: Collection, values: dict[str, Sequence[str]], rule: Rule) -> Iterator[RowFound]:
        eraser = self._desk.eraser(collection.source)
        for kind, some in values.items():
            yield from eraser.find(collection, kind, some, rule)

    def _rule(self, collection: Collection, reached_by: Identifier | None, met: set[tuple[str, ...]] | None) -> Rule:
        """`met` is there while rows are counted and followed: what two ways lead to counts once."""

        def judge(record: Record) -> RowChange:
            case = self.people.whose(collection, record, reached_by=reached_by)
            rule = self._rule_of(case, collection) if case else None
            change = rule(record) if rule else RowChange(fate=RowFate.KEEP)
            if met is not None and not _was_met(collection, record, met):
                self._count(collection, case if rule else None, change)
                if case and rule:
                    self.people.follow(collection, record, case)
            return change

        return judge

    def _count(self, collection: Collection, case: str | None, change: RowChange) -> None:
        rows = self.rows[collection.path]
        if case is None:
            rows.left_alone += 1
            return
        match change.fate:
            case RowFate.DELETE:
                rows.delete += 1
            case RowFate.REDUCE:
                rows.anonymise += 1
            case _:
                rows.keep += 1
                return
        self.counts.setdefault(case, Counter())[collection.path, change.fate] += 1

    def _rule_of(self, request_id: str, collection: Collection) -> Rule | None:
        """None, with the reason noted, where nobody can say any more what was decided."""
        known = (request_id, collection.path)
        if known not in self._rules:
            self._rules[known] = None
            try:
                case = self.case(request_id)
            except NotFoundError:
                self.unjudged[request_id] = "the case is kept no longer"
                return None
            try:
                self._rules[known] = self._desk.rule_of(case, collection)
            except ValueError as error:
                self.unjudged[case.reference] = str(error)
        return self._rules[known]

    def case(self, request_id: str) -> PrivacyRequest:
        """Read once. Raises NotFoundError."""
        if request_id not in self._cases:
            self._cases[request_id] = self._desk.case(request_id)
        return self._cases[request_id]

    def moved_on(self, case: PrivacyRequest) -> None:
        self._cases[case.request_id] = case


def _was_met(collection: Collection, record: Record, met: set[tuple[str, ...]]) -> bool:
    if not collection.row_keys:
        return False  # there is one way to it
    row = (collection.path, *(str(record.get(name)) for name in collection.row_keys))
    if row in met:
        return True
    met.add(row)
    return False


def _numbers(counts: Counter[tuple[str, RowFate]]) -> dict[str, Detail]:
    def of(fate: RowFate) -> int:
        return sum(number for (_, each), number in counts.items() if each is fate)

    paths = sorted({path for path, _ in counts})
    return {
        "deleted": of(RowFate.DELETE),
        "anonymised": of(RowFate.REDUCE),
        "collections": [f"{path}: {counts[path, RowFate.DELETE] + counts[path, RowFate.REDUCE]}" for path in paths],
    }
