"""A backup of the sample shop is restored after an erasure: who was erased goes again, and nobody else is touched."""

import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from local.shop import filling, names, people, records, tables
from local.shop.people import Guest, Person
from rightsdesk.adapters.merchant_files import environment_variable, read_data_map
from rightsdesk.domain.decisions import FieldAction
from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.suppression import KEY_PURPOSE, suppressions
from rightsdesk.law.decisions import decide_fields
from rightsdesk.services.replay_erasures import ErasureReplay, Replay
from rightsdesk.sources.erasers import eraser_for
from rightsdesk.sources.scanning import scanner_for
from tests.infrastructure.deployed_template import ROOT
from tests.support.cases import new_case
from tests.support.desk import merchant
from tests.support.fakes import (
    FakeCaseStore,
    FakeHolds,
    FakeKeyring,
    FakeSuppressions,
    FakeTable,
    Faults,
    ProcessDiedError,
)
from tests.support.retention import FakeLedger, new_entry

REGION = "eu-central-1"
SESSION = boto3.Session(region_name=REGION)  # what it has read about the services serves every shop
NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
ERASED = NOW - timedelta(days=3)
SINCE = date(2026, 11, 20)
SOURCES = ("shop", "orders", "files", "analytics")
WRITES = {"TransactWriteItems", "PutObject", "DeleteObject", "DeleteObjects", "CompleteMultipartUpload"}
Rows = dict[str, Any]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


class Shop:
    """The sample shop in moto, a desk with cases that are closed, and a writer that may die."""

    def __init__(self) -> None:
        self.session = SESSION
        self.names = tables.create(self.session)
        self.known = {person.email: person for person in people.known_members(now=NOW, many_orders=3)}
        resources = {environment_variable(name): value for name, value in self.names.items()}
        self.data_map = read_data_map(ROOT / "layers/merchant/datamap.yaml", resources=resources)
        self.faults = Faults()
        self.cases = FakeCaseStore(FakeTable(self.faults))
        self.suppressions = FakeSuppressions(self.faults)
        self.holds = FakeHolds(self.faults)
        self.ledger = FakeLedger(self.faults)
        self.writes = 0
        self.dies_at: int | None = None
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            made: Any = self.session.client(service)  # type: ignore[call-overload]
            made.meta.events.register(f"before-call.{service}", self._before_call)
            self._clients[service] = made
        return self._clients[service]

    def _before_call(self, model: Any, **_: Any) -> None:
        if model.name in WRITES:
            if self.writes == self.dies_at:
                raise ProcessDiedError
            self.writes += 1

    def restore(self) -> None:
        """As it was before anybody was erased."""
        filling.seed(self.session, self.names, members=9, many_orders=3, now=NOW - timedelta(days=10))

    def case(self, person: Person | Guest, *, at: datetime = ERASED, **more: Any) -> PrivacyRequest:
        """The closed case of somebody who was erased."""
        types = (RequestType.ERASURE,)
        case, event = new_case(
            types=types,
            status=Status.CLOSED,
            outcome=Outcome.FULFILLED,
            email=person.email,
            subject_key=person.email,
            **more,
        )
        self.cases.create(case, event)
        self.cases._table.decisions[case.request_id] = list(decide_fields(types, self.data_map, ("gdpr",)))
        values = [("email", person.email)]
        if isinstance(person, Person):
            values += [("member_id", person.member_id), ("analytics_id", person.analytics_id)]
        self.suppressions.put(
            suppressions(
                values,
                key=FakeKeyring().key(KEY_PURPOSE),
                request_id=case.request_id,
                reference=case.reference,
                at=at,
            )
        )
        return case

    def replay(
        self, *, since: date = SINCE, sources: tuple[str, ...] = SOURCES, dry_run: bool = False, now: datetime = NOW
    ) -> Replay:
        places = self.data_map.sources
        return ErasureReplay(
            cases=self.cases,
            suppressions=self.suppressions,
            holds=self.holds,
            ledger=self.ledger,
            keys=FakeKeyring(),
            scanner=lambda name: scanner_for(places[name], client=self.client),
            eraser=lambda name: eraser_for(places[name], client=self.client),
            data_map=self.data_map,
            merchant=merchant(),
            clock=lambda: now,
        ).run(since, sources=sources, dry_run=dry_run)

    def items(self, parameter: str) -> Rows:
        pages = self.session.client("dynamodb").get_paginator("scan").paginate(TableName=self.names[parameter])
        return {f"{item['pk']['S']} {item['sk']['S']}": item for page in pages for item in page["Items"]}

    def rows(self) -> Rows:
        """Everything the shop holds, by place."""
        found = {**self.items("MembersTable"), **self.items("OrdersTable")}
        s3, bucket = self.session.client("s3"), self.names["ShopBucket"]
        for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]:
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            if entry["Key"].endswith(".parquet"):
                lines = [str(row) for row in pq.read_table(io.BytesIO(body)).to_pylist()]
            else:
                text = gzip.decompress(body) if entry["Key"].endswith(".gz") else body
                lines = text.decode("utf-8-sig").splitlines()
            found |= {f"{entry['Key']} {line}": line for line in lines}
        return found

    def events(self, case: PrivacyRequest) -> list[str]:
        return [event.type for event in self.cases.timeline(case.request_id)][1:]

    def put(self, parameter: str, items: Iterator[dict[str, Any]]) -> None:
        filling._write_items(self.session.client("dynamodb"), self.names[parameter], items)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with mock_aws():
        made = Shop()
        made.restore()
        yield made


def says(rows: Rows, *canaries: str) -> dict[str, Any]:
    """The rows that say any of this, but for the consents that have to be proven (GDPR 7(1)): they stay as they are."""
    some = {place: row for place, row in rows.items() if " CONSENT#" not in place}
    return {place: row for place, row in some.items() if any(canary in f"{place} {row}" for canary in canaries)}


def hers(rows: Rows, person: Person) -> Rows:
    """All rows that are of a member, by what the seed makes of them."""
    made = [*records.member_items(person, now=NOW), *records.order_items(person, now=NOW)]
    keys = {f"{item['pk']} {item['sk']}" for item in made}
    return {place: row for place, row in rows.items() if place in keys} | says(
        rows, person.member_id, person.analytics_id
    )


def test_who_was_erased_goes_again_and_the_rows_of_others_are_as_they_were(shop: Shop) -> None:
    hanako = shop.known["hanako@example.jp"]
    case = shop.case(hanako)
    before = shop.rows()
    theirs = hers(before, hanako)
    report = shop.replay()
    after = shop.rows()
    assert report.is_clean
    assert report.people == [case.reference]
    assert {place: row for place, row in after.items() if place not in theirs} == {
        place: row for place, row in before.items() if place not in theirs
    }
    assert says(after, hanako.email, hanako.member_id, hanako.analytics_id, hanako.phone) == {}
    kept = {place for place in after if place in theirs}
    assert all(place.startswith("ORDER#") or " CONSENT#" in place for place in kept), "tax books, and consents"
    assert {name: rows.delete for name, rows in report.collections.items()} == {
        "shop/members": 1,
        "shop/addresses": hanako.addresses,
        "shop/newsletter_consents": 0,
        "orders/orders": 0,
        "orders/order_lines": 0,
        "files/surveys": 2 * len(names.SURVEY_QUESTIONS["ja"]),
        "files/support_messages": 2,
        "analytics/site_visits": hanako.visits,
    }
    assert report.collections["orders/orders"].anonymise == hanako.orders
    assert shop.events(case) == ["restored_found", "erased_again"]
    told = shop.cases.timeline(case.request_id)[-1].details
    reduced = sum(rows.anonymise for rows in report.collections.values())
    assert (told["residue"], told["anonymised"]) == (0, reduced)


def test_done_again_there_is_nothing_to_do(shop: Shop) -> None:
    case = shop.case(shop.known["hanako@example.jp"])
    shop.replay()
    after, writes = shop.rows(), shop.writes
    again = shop.replay()
    assert (again.is_clean, again.people) == (True, [])
    assert (shop.rows(), shop.writes) == (after, writes)
    assert shop.events(case) == ["restored_found", "erased_again"]


def test_a_dry_run_says_the_same_and_touches_nothing(shop: Shop) -> None:
    case = shop.case(shop.known["jane@example.com"])
    before = shop.rows()
    told = shop.replay(dry_run=True)
    assert (shop.rows(), shop.writes, shop.events(case)) == (before, 0, [])
    assert told == shop.replay()


def test_several_people_are_done_in_one_pass_over_each_file(shop: Shop) -> None:
    cases = [shop.case(shop.known[email]) for email in ("hanako@example.jp", "jane@example.com", "aiko@example.jp")]
    report = shop.replay()
    assert report.people == sorted(case.reference for case in cases)
    rows = shop.rows()
    assert says(rows, "hanako@", "aiko@", "M-000001", "M-000002", "M-000005") == {}
    assert says(rows, "M-000003", "M-000004")
    for case in cases:
        assert shop.events(case) == ["restored_found", "erased_again"]


def test_who_was_erased_before_that_day_is_left_alone(shop: Shop) -> None:
    shop.case(shop.known["hanako@example.jp"], at=datetime(2026, 11, 19, 23, 59, tzinfo=UTC))
    before = shop.rows()
    assert shop.replay().people == []
    assert shop.rows() == before


def test_a_source_that_is_not_named_is_not_touched(shop: Shop) -> None:
    hanako = shop.known["hanako@example.jp"]
    shop.case(hanako)
    shop.replay(sources=("files",))
    rows = shop.rows()
    assert shop.items("MembersTable").keys() >= {"MEMBER#M-000001 PROFILE"}
    assert not says({place: row for place, row in rows.items() if place.startswith("surveys")}, hanako.member_id)


def back_again(shop: Shop, person: Person) -> Person:
    """The person signs up anew, of their own will, with the same address and the same account to log in with."""
    new = replace(person, number=4711, joined=NOW - timedelta(days=1), orders=1, guest_orders=0)
    shop.put("MembersTable", records.member_items(new, now=NOW))
    shop.put("OrdersTable", records.order_items(new, now=NOW))
    return new


def test_who_came_back_by_own_will_keeps_the_new_account_and_loses_the_old_one_again(shop: Shop) -> None:
    jane = shop.known["jane@example.com"]
    shop.case(jane)
    new = back_again(shop, jane)
    theirs = hers(shop.rows(), new)
    report = shop.replay()
    rows = shop.rows()
    assert report.is_clean
    assert report.collections["shop/members"].left_alone == 1
    assert says(rows, "M-000002") == {}
    assert {place: row for place, row in rows.items() if place in theirs} == theirs


def test_what_a_guest_ordered_after_the_erasure_stays(shop: Shop) -> None:
    tom = people.guests()[0]
    case = shop.case(tom)
    decided = shop.cases.decisions(case.request_id)
    gone = [each.model_copy(update={"action": FieldAction.DELETE}) for each in decided]  # as if no law kept an order
    shop.cases.put_decisions(case.request_id, gone)
    (old, new) = [item for item in records.guest_items(tom, 1, now=NOW) if item["sk"] == "ORDER"]
    new |= {"pk": "ORDER#G-NEW", "order_id": "G-NEW", "ordered_at": (NOW - timedelta(hours=1)).isoformat()}
    shop.put("OrdersTable", iter([new]))
    report = shop.replay()
    assert report.collections["orders/orders"].left_alone == 1
    items = shop.items("OrdersTable")
    assert items["ORDER#G-NEW ORDER"]["guest_email"] == {"S": tom.email}
    assert not [place for place in items if place.startswith(f"{old['pk']} ")], "its lines went with it"


def test_an_older_address_in_the_backup_leads_to_the_account_as_well(shop: Shop) -> None:
    jane = shop.known["jane@example.com"]
    shop.case(jane)
    (profile,) = [item for item in records.member_items(jane, now=NOW) if item["sk"] == "PROFILE"]
    shop.put("MembersTable", iter([profile | {"email": "jane.before@example.com"}]))
    shop.replay()
    assert says(shop.rows(), "jane.before@example.com", "M-000002") == {}


def test_who_is_on_hold_or_whose_case_is_gone_is_left_to_staff(shop: Shop) -> None:
    held, gone = shop.case(shop.known["hanako@example.jp"]), shop.case(shop.known["jane@example.com"])
    shop.holds.place(held.subject_key, Hold(reason=HoldReason.LEGAL_CLAIM, placed_by="sub-1", placed_at=NOW))
    del shop.cases._table.cases[gone.request_id]
    before = shop.rows()
    report = shop.replay()
    assert not report.is_clean
    assert set(report.unjudged) == {held.reference, gone.request_id}
    assert shop.rows() == before


def test_what_was_kept_goes_too_once_its_time_has_passed(shop: Shop) -> None:
    hanako = shop.known["hanako@example.jp"]
    shop.case(hanako)
    assert shop.replay(dry_run=True).collections["orders/orders"].delete == 0
    report = shop.replay(now=NOW.replace(year=2040))
    assert report.collections["orders/orders"].delete == hanako.orders
    assert report.collections["orders/order_lines"].delete == hanako.orders * hanako.lines_per_order
    assert report.collections["orders/orders"].anonymise == 0


def test_what_staff_held_and_have_let_go_since_goes_too(shop: Shop) -> None:
    jane = shop.known["jane@example.com"]
    field, ground = "shop/addresses.city", "gdpr_17_3_e"
    case = shop.case(jane, kept={field: ground})
    held = [
        each.model_copy(update={"action": FieldAction.KEEP, "by": "staff:sub-1"}) if each.field == field else each
        for each in shop.cases.decisions(case.request_id)
    ]
    shop.cases.put_decisions(case.request_id, held)
    assert shop.replay(dry_run=True).collections["shop/addresses"].delete == 0
    entry = new_entry(
        case.request_id, collection="shop/addresses", retention="account", until=None, ground=ground, law=None
    )
    lifted, event = entry.lifted(at=NOW, today=NOW.date(), actor="staff:sub-1")
    shop.ledger.create(lifted, event)
    assert shop.replay(dry_run=True).collections["shop/addresses"].delete == jane.addresses


@pytest.mark.parametrize("when", ["write", "save"])
def test_killed_at_every_write_and_started_again_it_is_as_if_it_had_not_been(when: str) -> None:
    """After each death the next run does the rest; what is told in the end is the whole."""
    emails = ("hanako@example.jp", "maria@example.de")
    with mock_aws():
        shop = Shop()
        shop.restore()
        cases = [shop.case(shop.known[email]) for email in emails]
        shop.replay()
        expected, total = shop.rows(), shop.writes
        told = [shop.cases.timeline(case.request_id)[-1].details for case in cases]
    for death in range(total if when == "write" else 4):
        with mock_aws():
            shop = Shop()
            shop.restore()
            cases = [shop.case(shop.known[email]) for email in emails]
            if when == "write":
                shop.dies_at = death
            else:
                _die_at_save(shop, death)
            with pytest.raises(ProcessDiedError):
                shop.replay()
            shop.dies_at = None
            assert shop.replay().is_clean
            assert shop.rows() == expected, death
            for case, said in zip(cases, told, strict=True):
                events = shop.events(case)
                assert (events[0], events[-1], events.count("erased_again")) == ("restored_found", "erased_again", 1)
                assert shop.cases.timeline(case.request_id)[-1].details == said


def _die_at_save(shop: Shop, number: int) -> None:
    saves = iter(range(100))
    save: Callable[..., None] = shop.cases.save

    def dying(*arguments: Any) -> None:
        if next(saves) == number:
            raise ProcessDiedError
        save(*arguments)

    shop.cases.save = partial(dying)  # type: ignore[method-assign]
