"""Years after an erasure: what had to stay goes the day after its last, once, and its person is told."""

import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta

import pytest

from rightsdesk.adapters.erasure_manifest import RecordedManifest
from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.erasing import Kept, RowChange, RowFate, RowFound
from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.records import Record
from rightsdesk.domain.retention_ledger import RetentionState
from rightsdesk.domain.shards import Shard
from rightsdesk.ports.letters import CLAIM_LASTS
from rightsdesk.ports.sources import StoredObject
from tests.support.cases import new_case
from tests.support.fakes import FakeBucket, FakeRecordStore, How, ProcessDiedError
from tests.support.years import (
    CONSENT_UNTIL,
    ERASED_AT,
    HANAKO,
    HELD,
    NEW_ORDERS_UNTIL,
    ORDERS_UNTIL,
    Years,
)

ORDERS, CONSENTS, SURVEYS = "orders/orders", "shop/newsletter_consents", "files/surveys"


def closed(years: Years) -> Years:
    years.forget_case()
    return years


def years_later(*held: str, language: str = "ja") -> Years:
    return closed(Years(held=held, language=language).entered())


def test_what_an_erasure_leaves_is_entered_by_law_and_day() -> None:
    years = Years()
    entries = years.enter()
    assert [(entry.collection, entry.until, entry.rows) for entry in entries] == [
        (CONSENTS, CONSENT_UNTIL, 1),
        (ORDERS, ORDERS_UNTIL, 2),
        (ORDERS, NEW_ORDERS_UNTIL, 1),
    ]
    orders = entries[1]
    assert orders.law is not None
    assert orders.law.en.startswith("Corporation Tax Act of Japan, Article 126")
    assert {"order_id", "total", "tax"} <= set(orders.fields)
    assert orders.rules == ("APPI-35-5",) or orders.rules == ("GDPR-17-3-b",)
    assert orders.restricted_since == ERASED_AT
    assert years.kept_objects() == sorted([ORDERS, "person", CONSENTS])


def test_to_enter_it_again_changes_nothing() -> None:
    years = Years()
    first = years.enter()
    assert years.enter() == first
    assert len(years.ledger.events) == len(first)


def test_the_ledger_holds_no_value_of_the_person() -> None:
    years = Years(held=[f"{SURVEYS}.answer"])
    told = "".join(entry.model_dump_json() for entry in years.enter())
    told += "".join(event.model_dump_json() for event in years.ledger.events)
    for value in ("佐藤", "hanako", "Hanako", HANAKO, "ORDER#1", "K-1", "oak"):
        assert value not in told


def test_nothing_goes_on_the_last_day_and_all_of_it_on_the_next() -> None:
    years = years_later()
    years.clock.now = years.after(ORDERS_UNTIL).clock.now - timedelta(days=1)
    years.end.sweep()
    assert len(years.rows(ORDERS)) == 3
    assert years.rows(CONSENTS) == []  # it was due long before

    ended = years.after(ORDERS_UNTIL).end.sweep()
    assert ended.erased == 1
    assert [row["pk"] for row in years.rows(ORDERS)] == ["ORDER#3"]
    assert years.entry(ORDERS, ORDERS_UNTIL).erased == 2
    assert years.end.sweep().erased == 0


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_person_is_told_what_went_and_what_stays(language: str) -> None:
    years = years_later(language=language)
    years.after(ORDERS_UNTIL).end.sweep()
    consent, orders = years.mailer.outbox
    assert {consent.to, orders.to} == {"Hanako@example.jp"}
    assert years.case.reference in orders.subject
    if language == "en":
        assert "Orders (records: 2). Kept until 31 May 2032 (Japan Time). Ground: Corporation Tax Act" in orders.text
        assert "Orders (records: 1). Kept, as far as needed, until 31 May 2034" in orders.text
        assert "1 June 2032" in orders.text
        assert "delete them with it" not in orders.text
    else:
        assert "ご注文（2件）：2032年5月31日" in orders.text
        assert "ご注文（1件）：必要な範囲で2034年5月31日" in orders.text

    years.after(NEW_ORDERS_UNTIL).end.sweep()
    last = years.mailer.outbox[-1].text
    assert ("delete them with it" if language == "en" else "送信後に消去します") in last
    assert len(years.mailer.outbox) == 3


def test_nothing_of_the_person_is_left_when_the_last_of_it_is_gone() -> None:
    years = years_later()
    years.after(ORDERS_UNTIL).end.sweep()
    assert years.kept_objects() == [ORDERS, "person"]
    assert [line["place"] for line in years.store.read(years.case.request_id, ORDERS)] == ['["ORDER#3", "ORDER"]']
    years.after(NEW_ORDERS_UNTIL).end.sweep()
    assert years.kept_objects() == []
    assert years.table.kept_until[years.case.request_id] > years.clock()  # the record of the letters goes, too
    for entry in years.ledger.entries.values():
        assert (entry.state, entry.settled) == (RetentionState.ERASED, True)
        history = [event for event in years.ledger.events if event.request_id == entry.entry_id]
        assert verify_chain(history) is None
        assert [event.type for event in history] == [
            *("retention_entered", "kept_data_erasing", "kept_data_erased", "retention_settled")
        ]


def test_a_row_that_changed_stays_and_staff_are_told() -> None:
    years = years_later()
    years.change_first(ORDERS, total=500)
    ended = years.after(ORDERS_UNTIL).end.sweep()
    assert (ended.erased, ended.changed) == (1, 1)
    assert [row["pk"] for row in years.rows(ORDERS)] == ["ORDER#1", "ORDER#3"]
    entry = years.entry(ORDERS, ORDERS_UNTIL)
    assert (entry.state, entry.erased, entry.changed) == (RetentionState.CHANGED, 1, 1)
    staff = [mail for mail in years.mailer.outbox if mail.to == "privacy-desk@shop.example"]
    assert len(staff) == 1
    assert entry.entry_id in staff[0].text
    to_person = years.mailer.outbox[-1].text
    assert "ご注文（1件）" in to_person
    assert "担当者が確認しています" in to_person
    years.clock.advance(timedelta(days=1))
    assert years.end.sweep().changed == 0  # it waits for staff now


def test_where_staff_alone_are_told_the_record_of_that_goes_too() -> None:
    years = years_later()
    years.change_first(CONSENTS, source="shop")
    assert years.after(CONSENT_UNTIL).end.sweep().changed == 1
    assert [mail.to for mail in years.mailer.outbox] == ["privacy-desk@shop.example"]
    assert years.table.kept_until[years.case.request_id] > years.clock()


def test_what_changed_goes_as_it_is_once_staff_have_looked() -> None:
    years = years_later()
    years.change_first(ORDERS, total=500)
    years.after(ORDERS_UNTIL).end.sweep()
    entry = years.entry(ORDERS, ORDERS_UNTIL)
    after, event = entry.lifted(at=years.clock(), today=date(2032, 6, 3), actor="staff:2")
    years.ledger.save(entry, after, event)
    years.clock.advance(timedelta(days=2))
    assert years.end.end(entry.entry_id).erased == 1
    assert [row["pk"] for row in years.rows(ORDERS)] == ["ORDER#3"]
    assert years.ledger.get(entry.entry_id).settled


def test_what_is_held_stays_for_ever_and_goes_when_it_is_lifted() -> None:
    years = years_later(f"{SURVEYS}.answer")
    years.after(NEW_ORDERS_UNTIL).end.sweep()
    assert years.rows(SURVEYS) == [{"answer": "oak", "member_id": HANAKO}]
    entry = years.entry(SURVEYS, None)
    assert (entry.ground, entry.law, entry.fields) == (HELD, None, ("answer",))
    assert years.end.end(entry.entry_id).erased == 0
    after, event = entry.lifted(at=years.clock(), today=date(2034, 6, 1), actor="staff:2")
    years.ledger.save(entry, after, event)
    assert years.end.end(entry.entry_id).erased == 1
    assert years.rows(SURVEYS) == []
    assert "保存する理由がなくなったもの" in years.mailer.outbox[-1].text
    assert years.kept_objects() == []


def test_nothing_goes_while_a_case_of_the_person_is_open() -> None:
    years = years_later()
    asked, event = new_case(subject_key=years.case.subject_key)
    years.cases.create(asked, event)  # nobody has confirmed it: it is in nobody's way
    case, event = new_case(subject_key=years.case.subject_key, assurance=Assurance.MAILBOX)
    years.cases.create(case, event)
    ended = years.after(ORDERS_UNTIL).end.sweep()
    assert (ended.erased, ended.waiting) == (0, 2)
    assert len(years.rows(ORDERS)) == 3
    del years.table.cases[case.request_id]
    assert years.end.sweep().erased == 2


def test_nothing_goes_while_all_about_the_person_is_held() -> None:
    years = years_later()
    hold = Hold(reason=HoldReason.AUTHORITY, placed_by="1", placed_at=ERASED_AT)
    years.holds.place(years.case.subject_key, hold)
    assert years.after(ORDERS_UNTIL).end.sweep().waiting == 2
    years.holds.lift(years.case.subject_key, HoldReason.AUTHORITY)
    assert years.end.sweep().erased == 2


def test_a_source_that_is_down_stops_no_other_and_rings() -> None:
    years = years_later()
    broken = years.entry(CONSENTS, CONSENT_UNTIL)
    years.store.delete(years.case.request_id, CONSENTS)
    with pytest.raises(ServiceUnavailableError, match="1 entries"):
        years.after(ORDERS_UNTIL).end.sweep()
    assert len(years.rows(ORDERS)) == 1
    assert not years.ledger.get(broken.entry_id).settled


def test_an_address_that_takes_no_mail_holds_up_nothing() -> None:
    years = years_later()
    years.mailer.rejects.add("Hanako@example.jp")
    assert years.after(NEW_ORDERS_UNTIL).end.sweep().erased == 3
    assert years.kept_objects() == []


@pytest.mark.parametrize("how", list(How))
def test_a_run_that_dies_anywhere_is_taken_up_by_the_next(how: How) -> None:
    """At each of its calls in turn: the same rows are gone, and each letter goes out once."""
    position = 0
    while True:
        years = years_later(f"{SURVEYS}.answer")
        years.after(NEW_ORDERS_UNTIL)
        start = len(years.faults.calls)
        years.faults.fail(start + position, how)
        with suppress(ServiceUnavailableError, ProcessDiedError):
            years.end.sweep()
        if not years.faults.happened:
            break
        for _ in range(3):
            years.clock.advance(CLAIM_LASTS)
            with suppress(ServiceUnavailableError):  # a letter that is being sent, for all it knows
                years.end.sweep()
        assert years.rows(ORDERS) == [], position
        assert years.rows(CONSENTS) == [], position
        assert years.rows(SURVEYS) != [], position
        assert years.kept_objects() == [SURVEYS, "person"], position
        states = {(entry.collection, entry.state, entry.settled) for entry in years.ledger.entries.values()}
        assert states == {
            (ORDERS, RetentionState.ERASED, True),
            (CONSENTS, RetentionState.ERASED, True),
            (SURVEYS, RetentionState.KEPT, False),
        }, position
        assert [entry.erased for entry in years.ledger.entries.values() if entry.collection == CONSENTS] == [1]
        # A process that dies while it sends can't know whether the letter went out.
        sending = years.faults.calls[start + position] in ("mailer.send", "cases.letter_sent")
        assert len(years.mailer.outbox) in ((3, 4) if sending else (3,)), position
        position += 1
    assert position > 30


@pytest.mark.parametrize("how", list(How))
def test_entering_that_dies_anywhere_is_taken_up_by_the_next(how: How) -> None:
    whole = [entry.model_copy(update={"request_id": "", "reference": ""}) for entry in Years().enter()]
    position = 0
    while True:
        years = Years()
        start = len(years.faults.calls)
        years.faults.fail(start + position, how)
        with suppress(ServiceUnavailableError, ProcessDiedError):
            years.enter()
        if not years.faults.happened:
            break
        again = years.enter()
        assert [(e.collection, e.until, e.rows) for e in again] == [(e.collection, e.until, e.rows) for e in whole]
        assert years.kept_objects() == sorted([ORDERS, "person", CONSENTS])
        position += 1
    assert position > 5


def test_entering_a_person_with_very_many_records_takes_little_memory() -> None:
    """40,000 orders of five years: one number for each reason is kept, and everything else is passed on."""
    years = Years()
    kept = [Kept(retention="orders", until=date(2030 + year, 5, 31)) for year in range(5)]
    place, digest = "x" * 60, "ab" * 32

    class Many(RecordedManifest):
        def rows(self, request_id: str, collection: str, shard: Shard | None = None) -> Iterator[RowFound]:
            for number in range(40_000):
                change = RowChange(fate=RowFate.KEEP, kept=kept[number % 5])
                yield RowFound(collection=collection, place=f"{place}{number}", before=digest, change=change)

    class PassedOn(FakeRecordStore):
        def write(self, request_id: str, name: str, records: Iterable[Record]) -> StoredObject:
            rows = sum(1 for _ in records)
            return StoredObject(key=name, rows=rows, bytes=0, sha256="0" * 64)

    years.manifest = Many(FakeRecordStore(FakeBucket(years.faults)))
    years.store = PassedOn(FakeBucket(years.faults))
    years.manifest.write_identifiers(years.case.request_id, "shop", [("member_id", HANAKO)])
    tracemalloc.start()
    entries = years.enter()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [entry.rows for entry in entries if entry.collection == ORDERS] == [8_000] * 5
    assert most < 4 * 2**20
