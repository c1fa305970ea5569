"""Years after an erasure, over fakes: what was kept of one person of the sample shop, and the service that ends it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from rightsdesk.adapters.erasure_manifest import RecordedManifest
from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.erasure_plan import CollectionPlan, ErasureStage, SourceErasure, Tally
from rightsdesk.domain.erasure_rule import erasure_rule
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.retention_ledger import RetentionEntry
from rightsdesk.domain.traversal import SourceStep
from rightsdesk.law.decisions import decide_fields
from rightsdesk.law.kept_records import keeping_of
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.services.end_retention import RetentionEnd
from rightsdesk.services.enter_retention import enter_retention
from rightsdesk.services.write_letter import LetterDesk
from tests.support.cases import new_case
from tests.support.desk import MERCHANT, merchant
from tests.support.fake_subject_desk import MovableClock
from tests.support.fakes import (
    FakeBucket,
    FakeCaseStore,
    FakeEraser,
    FakeHolds,
    FakeMailer,
    FakeReader,
    FakeRecordStore,
    FakeTable,
    Faults,
)
from tests.support.retention import FakeLedger

HANAKO = "M-000001"
ERASED_AT = datetime(2026, 12, 10, 3, 0, tzinfo=UTC)
REQUESTED_ON = date(2026, 11, 23)
HELD = "gdpr_17_3_e"
ORDERS_UNTIL, NEW_ORDERS_UNTIL, CONSENT_UNTIL = date(2032, 5, 31), date(2034, 5, 31), date(2029, 11, 23)


def shipped_map() -> DataMap:
    return read_data_map(MERCHANT / "datamap.yaml")


def an_order(number: int, day: str, total: int) -> Record:
    return {
        "pk": f"ORDER#{number}",
        "sk": "ORDER",
        "order_id": f"K-{number}",
        "member_id": HANAKO,
        "ordered_at": f"{day}T10:00:00+00:00",
        "total": total,
    }


def rows_of_hanako() -> dict[tuple[str, str, str], list[Record]]:
    return {
        ("orders/orders", "member_id", HANAKO): [
            an_order(1, "2025-01-05", 5),
            an_order(2, "2025-02-05", 6),
            an_order(3, "2026-06-05", 7),
        ],
        ("shop/newsletter_consents", "member_id", HANAKO): [
            {"pk": "MEMBER#1", "sk": "CONSENT#newsletter", "topic": "newsletter", "status": "given"}
        ],
        ("files/surveys", "member_id", HANAKO): [{"member_id": HANAKO, "survey": "2026-spring", "answer": "oak"}],
    }


class Years:
    """`held`: fields (`files/surveys.answer`) that staff leave as they are because of a claim."""

    def __init__(self, *, held: Iterable[str] = (), language: str = "ja") -> None:
        self.faults = Faults()
        self.clock = MovableClock(ERASED_AT)
        self.table = FakeTable(self.faults)
        self.cases = FakeCaseStore(self.table)
        self.store = FakeRecordStore(FakeBucket(self.faults))
        self.manifest = RecordedManifest(FakeRecordStore(FakeBucket(self.faults)))
        self.ledger = FakeLedger(self.faults)
        self.reader = FakeReader(self.faults, rows_of_hanako())
        self.eraser = FakeEraser(self.faults, self.reader)
        self.holds = FakeHolds(self.faults)
        self.mailer = FakeMailer(self.faults)
        self.data_map = shipped_map()
        self.letters = LetterDesk(
            cases=self.cases,
            press=MerchantLetters(Path(MERCHANT), merchant()),
            mailer=self.mailer,
            clock=self.clock,
            staff_mailbox="privacy-desk@shop.example",
        )
        self.case = self._planned(tuple(held), language)

    def _planned(self, held: tuple[str, ...], language: str) -> PrivacyRequest:
        """The case and its plan, as they are when the erasure is certified."""
        case, event = new_case(
            types=(RequestType.ERASURE,),
            language=language,
            waves=(tuple(SourceStep(name=name, columnar=False) for name in ("shop", "orders", "files")),),
            kept=dict.fromkeys(held, HELD),
        )
        self.cases.create(case, event)
        decisions = self._decisions(case)
        self.cases.put_decisions(case.request_id, decisions)
        for name in case.sources:
            plans = tuple(self._plan(case, path, decisions) for path in self.paths if path.startswith(f"{name}/"))
            self.cases.put_erasure(
                case.request_id,
                SourceErasure(source=name, round=1, stage=ErasureStage.SEARCHED, at=ERASED_AT, plans=plans),
            )
        self.manifest.write_identifiers(case.request_id, "shop", [("member_id", HANAKO), ("order_id", "K-1")])
        return case

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.reader.rows]

    def _decisions(self, case: PrivacyRequest) -> list[FieldDecision]:
        return [
            each.model_copy(update={"action": FieldAction.KEEP, "by": "staff:1", "rule": "GDPR-17-3-e"})
            if each.field in case.kept
            else each
            for each in decide_fields((RequestType.ERASURE,), self.data_map, ("gdpr", "appi"))
        ]

    def _plan(self, case: PrivacyRequest, path: str, decisions: list[FieldDecision]) -> CollectionPlan:
        keeping = keeping_of(self.data_map, merchant(), requested_on=REQUESTED_ON, grounds=case.kept)
        collection = self.data_map.collection(path)
        rule = erasure_rule(collection, decisions, keeping)
        found = list(self.eraser.find(collection, "member_id", [HANAKO], rule))
        self.manifest.write_rows(case.request_id, path, found)
        list(self.eraser.carry_out(collection, found, {}, rule))
        tally = Tally(path)
        for row in found:
            tally.add(row)
        return tally.plan()

    def enter(self) -> list[RetentionEntry]:
        enter_retention(
            self.case,
            ERASED_AT,
            cases=self.cases,
            manifest=self.manifest,
            ledger=self.ledger,
            store=self.store,
            data_map=self.data_map,
        )
        return sorted(self.ledger.entries.values(), key=lambda entry: (entry.until or date.max, entry.collection))

    def entered(self) -> "Years":
        self.enter()
        return self

    @property
    def end(self) -> RetentionEnd:
        return RetentionEnd(
            ledger=self.ledger,
            store=self.store,
            cases=self.cases,
            holds=self.holds,
            eraser_of=lambda _: self.eraser,
            data_map=self.data_map,
            letters=self.letters,
            merchant=merchant(),
            clock=self.clock,
        )

    def forget_case(self) -> None:
        """Three years after it was closed."""
        del self.table.cases[self.case.request_id]

    def after(self, until: date) -> "Years":
        """In Tokyo, on the day after."""
        self.clock.now = datetime(until.year, until.month, until.day, 20, 0, tzinfo=UTC) + timedelta(hours=1)
        return self

    def rows(self, path: str) -> list[Record]:
        return next(rows for (known, _, _), rows in self.reader.rows.items() if known == path)

    def entry(self, path: str, until: date | None) -> RetentionEntry:
        (found,) = [e for e in self.ledger.entries.values() if e.collection == path and e.until == until]
        return found

    def mails(self) -> list[tuple[str, str]]:
        """(to, subject) of all that went out."""
        return [(mail.to, mail.subject) for mail in self.mailer.outbox]

    def change_first(self, path: str, **values: Any) -> None:
        self.rows(path)[0] |= values

    def kept_objects(self) -> list[str]:
        bucket = self.store._bucket
        return sorted(name.partition("/")[2].partition("/")[2] for name in bucket.rows)
