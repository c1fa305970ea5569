"""Erase what had to stay after an erasure, the day after its last day, and tell the person (mission E-15).

An entry passes through its states one write at a time, so that a run that dies anywhere is taken up by the next:

    kept -> erasing          how many rows of files are as they were left is noted before the first of them goes
         -> erased, changed  counted: a row that was altered since is left alone, and staff are told of it
         -> settled          the letter is out, and where the rows were is forgotten

Erasing is conditional on the digest of each row, so nothing is erased twice, and nothing that came later at all.
Nothing goes while the person has an open case, or while all that is held about them stays on a hold.
"""

# serves: E-15

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.datamap import Collection, DataMap, FileCollection
from rightsdesk.domain.erasing import RowChange, RowFate, RowFound, RowState
from rightsdesk.domain.erasure_rule import Rule
from rightsdesk.domain.errors import (
    MailRejectedError,
    NotFoundError,
    RightsdeskError,
    ServiceUnavailableError,
    SourceBrokenError,
)
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import KEPT_AFTER_CLOSING
from rightsdesk.domain.retention_ledger import PERSON, KeptPerson, KeptRow, RetentionEntry, RetentionState
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore, Holds
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.retention import RetentionLedger
from rightsdesk.ports.sources import RecordStore, SourceEraser
from rightsdesk.ports.time import Clock

_GOES = RowChange(fate=RowFate.DELETE)
_STAYS = RowChange(fate=RowFate.KEEP)


class RetentionEnded(BaseModel):
    """What came of a run: numbers of entries. `waiting` are due, and barred by an open case or a hold."""

    model_config = ConfigDict(frozen=True)

    erased: int = 0
    changed: int = 0
    waiting: int = 0


class RetentionEnd:
    def __init__(
        self,
        *,
        ledger: RetentionLedger,
        store: RecordStore,
        cases: CaseStore,
        holds: Holds,
        eraser_of: Callable[[str], SourceEraser],
        data_map: DataMap,
        letters: Correspondence,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        """`store` is that of what is kept; `eraser_of` gives the eraser of a source by its name."""
        self._ledger = ledger
        self._store = store
        self._cases = cases
        self._holds = holds
        self._eraser_of = eraser_of
        self._data_map = data_map
        self._letters = letters
        self._merchant = merchant
        self._clock = clock

    def sweep(self) -> RetentionEnded:
        """End all that is due, a person and a day at a time. One that fails stops no other, and is tried again.

        Raises ServiceUnavailableError at the end where any failed: an alarm rings, and the schedule calls again.
        """
        ended: Counter[str] = Counter()
        failed = 0
        for entries in _letter_by_letter(self._ledger.due(self._today())):
            request_id = entries[0].request_id
            try:
                person = self._person(request_id)
                if person is not None and self._is_barred(person):
                    ended["waiting"] += len(entries)
                    continue
                ended.update(self._end(entries, person))
            except RightsdeskError as error:
                failed += len(entries)
                logger.error(
                    "kept data could not be erased",
                    extra={"entries": [entry.entry_id for entry in entries], "error": type(error).__name__},
                )
        if failed:
            raise ServiceUnavailableError(f"{failed} entries are left")
        return RetentionEnded(**ended)

    def end(self, entry_id: str) -> RetentionEnded:
        """End one that staff have lifted, if it is due: they know what is open, so nothing bars it."""
        entry = self._ledger.get(entry_id)
        if not entry.is_due(self._today()):
            return RetentionEnded()
        return RetentionEnded(**self._end([entry], self._person(entry.request_id)))

    def _end(self, entries: list[RetentionEntry], person: KeptPerson | None) -> Counter[str]:
        over = [self._erased(entry, person) for entry in entries]
        request_id = over[0].request_id
        all_of_case = self._ledger.of_case(request_id)
        left = [entry for entry in all_of_case if entry.state is not RetentionState.ERASED]
        self._tell(over, [entry for entry in left if not entry.is_over], person, last=not left)
        self._let_letters_go(request_id)
        for path in dict.fromkeys(entry.collection for entry in over):
            self._forget_rows(request_id, path, all_of_case)
        if not left:
            self._store.delete(request_id, PERSON)
        for entry in over:
            self._ledger.save(entry, *entry.changed_to("retention_settled", at=self._clock(), settled=True))
        return Counter(str(entry.state) for entry in over)

    # Erasing

    def _erased(self, entry: RetentionEntry, person: KeptPerson | None) -> RetentionEntry:
        """The entry once its rows are gone, or were found changed."""
        if entry.is_over:
            return entry
        if person is None:
            raise NotFoundError("who it is about is not on record")
        collection, eraser = self._place(entry)
        rule: Rule = _all_go
        if isinstance(collection, FileCollection):
            rule, found = self._rule_for_files(collection, eraser, entry, person)
        else:
            found = 0
        if entry.state is RetentionState.KEPT:
            entry = self._moved(entry, "kept_data_erasing", state=RetentionState.ERASING, found=found)
        changed = self._carry_out(entry, collection, eraser, person, rule)
        erased = entry.rows - changed
        if isinstance(collection, FileCollection):
            # What was not found before the first row went had changed; where staff have seen to it, it is gone.
            erased = min(entry.found, entry.rows)
            changed = 0 if entry.as_they_are else entry.rows - erased
        return self._moved(
            entry,
            "kept_data_erased",
            details={"erased": erased, "changed": changed},
            state=RetentionState.CHANGED if changed else RetentionState.ERASED,
            erased=erased,
            changed=changed,
            ended_at=self._clock(),
        )

    def _place(self, entry: RetentionEntry) -> tuple[Collection, SourceEraser]:
        try:
            collection = self._data_map.collection(entry.collection)
        except KeyError as error:
            raise SourceBrokenError(f"{entry.collection} is no more in the data map") from error
        return collection, self._eraser_of(collection.source)

    def _carry_out(
        self, entry: RetentionEntry, collection: Collection, eraser: SourceEraser, person: KeptPerson, rule: Rule
    ) -> int:
        """How many rows of a table had changed, and stay."""
        changed = {
            done.place: done.after
            for done in eraser.carry_out(collection, self._rows(entry), person.identifiers, rule)
            if done.state is RowState.CHANGED
        }
        if not changed or not entry.as_they_are:
            return len(changed)
        # Staff have looked at these: they go as they are at this moment.
        now = (_row(entry.collection, place, digest) for place, digest in changed.items() if digest is not None)
        again = eraser.carry_out(collection, now, person.identifiers, rule)
        return sum(done.state is RowState.CHANGED for done in again)

    def _rows(self, entry: RetentionEntry) -> Iterator[RowFound]:
        for line in self._store.read(entry.request_id, entry.collection):
            kept = KeptRow.model_validate(line)
            if kept.entry == entry.entry_id:
                yield _row(entry.collection, kept.place, kept.digest)

    def _rule_for_files(
        self, collection: FileCollection, eraser: SourceEraser, entry: RetentionEntry, person: KeptPerson
    ) -> tuple[Rule, int]:
        """A file was written anew since, so its rows are known by their content: the rule that takes exactly those that
        are as they were left, and how many they are.
        """
        wanted = {bytes.fromhex(row.before) for row in self._rows(entry)}
        goes: set[str] = set()
        last = ""

        def noted(record: Record) -> RowChange:
            nonlocal last
            last = _content(record)
            return _STAYS

        found = 0
        for kind in collection.searched_by:
            # The rule is asked before each row is given.
            for row in eraser.find(collection, kind, person.identifiers.get(kind, ()), noted):
                if bytes.fromhex(row.before) in wanted:
                    goes.add(last)
                    found += 1
        return (lambda record: _GOES if _content(record) in goes else _STAYS), found

    def _moved(
        self, entry: RetentionEntry, event_type: str, *, details: Mapping[str, Detail] | None = None, **changes: Any
    ) -> RetentionEntry:
        after, event = entry.changed_to(event_type, at=self._clock(), details=details, **changes)
        self._ledger.save(entry, after, event)
        return after

    # Telling

    def _tell(
        self, over: list[RetentionEntry], kept: list[RetentionEntry], person: KeptPerson | None, *, last: bool
    ) -> None:
        """One letter for all of them. Whoever can't be reached any more holds up nothing."""
        first = over[0]
        version = _version(first)
        changed = [entry for entry in over if entry.changed]
        if changed:
            values = {
                "reference": first.reference,
                "changed": [_changed(entry) for entry in changed],
                "entries": [entry.entry_id for entry in changed],
            }
            try:
                self._letters.to_staff_about_mail(first.request_id, Letter.STAFF_RETENTION, values, version=version)
            except MailRejectedError:
                logger.warning("staff not told of kept rows that changed")
        erased = [entry for entry in over if entry.erased]
        if person is None or not erased:
            return
        try:
            self._letters.to_sender(
                first.request_id,
                Letter.KEPT_DATA_ERASED,
                {
                    "reference": first.reference,
                    "name": person.name,
                    "erased": [_gone(entry) for entry in erased],
                    "erased_on": max(entry.ended_at or self._clock() for entry in erased),
                    "changed": [_changed(entry) for entry in changed],
                    "kept": [_still_kept(entry) for entry in kept],
                    "backups": Phrase(name="backups"),
                    "last": last,
                },
                to=person.address,
                recipient_key=person.subject_key,
                language=person.language,
                version=version,
            )
        except MailRejectedError:
            logger.warning("nobody reached about kept data that was erased", extra={"request_id": first.request_id})

    def _let_letters_go(self, request_id: str) -> None:
        """The record of a letter goes with its case; where the case is gone, after the same time."""
        try:
            self._cases.get(request_id)
        except NotFoundError:
            self._cases.retire(request_id, expires_at=self._clock() + KEPT_AFTER_CLOSING)

    # Afterwards

    def _forget_rows(self, request_id: str, path: str, entries: Iterable[RetentionEntry]) -> None:
        """Where erased rows were says something of a person, too."""
        left = {
            entry.entry_id for entry in entries if entry.collection == path and entry.state is not RetentionState.ERASED
        }
        if not left:
            self._store.delete(request_id, path)
            return
        rows = (line for line in self._store.read(request_id, path) if line["entry"] in left)
        self._store.write(request_id, path, rows)

    def _person(self, request_id: str) -> KeptPerson | None:
        try:
            return KeptPerson.model_validate(next(self._store.read(request_id, PERSON)))
        except NotFoundError:
            return None

    def _is_barred(self, person: KeptPerson) -> bool:
        """By a hold, or by a case of theirs that is open: it may need as evidence what would go (GDPR 17(3)(e))."""
        if self._holds.of(person.subject_key):
            return True
        return any(self._is_open(request_id) for request_id in self._cases.of_subject(person.subject_key))

    def _is_open(self, request_id: str) -> bool:
        try:
            case = self._cases.get(request_id)
            return case.is_open and case.assurance > Assurance.NONE  # anybody may have typed that address
        except NotFoundError:
            return False  # its time was over at this moment

    def _today(self) -> date:
        return self._clock().astimezone(self._merchant.timezone).date()


def _letter_by_letter(entries: Iterable[RetentionEntry]) -> Iterator[list[RetentionEntry]]:
    """Those of one case and one day, which stand together; what staff have lifted by itself."""
    for _, together in groupby(entries, key=lambda entry: (entry.request_id, entry.until)):
        by_letter: dict[int, list[RetentionEntry]] = {}
        for entry in together:
            by_letter.setdefault(_version(entry), []).append(entry)
        yield from by_letter.values()


def _version(entry: RetentionEntry) -> int:
    """Of the letter in which it is told: by its day, or, where staff have let it go, by that moment."""
    if entry.lifted_at is not None:
        return int(entry.lifted_at.timestamp() * 1_000_000)
    return (entry.until or date.min).toordinal()


def _all_go(_: Record) -> RowChange:
    return _GOES


def _row(collection: str, place: str, digest: str) -> RowFound:
    return RowFound(collection=collection, place=place, before=digest, change=_GOES)


def _content(record: Record) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _gone(entry: RetentionEntry) -> Phrase:
    values = {"what": entry.label, "rows": entry.erased}
    if entry.lifted_at is not None:
        return Phrase(name="gone.rows_held", values=values)
    return Phrase(name="gone.rows", values=values | {"until": entry.until, "law": entry.law or entry.period})


def _changed(entry: RetentionEntry) -> Phrase:
    return Phrase(name="changed.rows", values={"what": entry.label, "rows": entry.changed})


def _still_kept(entry: RetentionEntry) -> Phrase:
    values = {"what": entry.label, "rows": entry.rows}
    if entry.ground is not None:
        return Phrase(name="kept.rows_on_ground", values=values | {"ground": Phrase(name=f"ground.{entry.ground}")})
    values |= {"law": entry.law or entry.period, "until": entry.until}
    return Phrase(name="kept.rows" if entry.until else "kept.rows_without_day", values=values)
