"""Whoever was erased and whoever came back: after the replay the old rows are gone, and no other row is touched."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.datamap import Collection, DataMap, FileCollection, Source
from rightsdesk.domain.decisions import FieldAction
from rightsdesk.domain.erasing import RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.erasure_rule import Rule
from rightsdesk.domain.errors import InvalidInputError, SourceUnavailableError
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import RequestType
from rightsdesk.domain.restored import Identifier, carried_by
from rightsdesk.domain.suppression import KEY_PURPOSE, suppressions
from rightsdesk.law.decisions import decide_fields
from rightsdesk.services.replay_erasures import ErasureReplay, Replay
from tests.support.cases import new_case
from tests.support.desk import merchant
from tests.support.fakes import (
    FakeCaseStore,
    FakeHolds,
    FakeKeyring,
    FakeSuppressions,
    FakeTable,
    Faults,
    How,
    ProcessDiedError,
)
from tests.support.retention import FakeLedger
from tests.unit.domain import maps

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ERASED, BEFORE, AFTER = NOW - timedelta(days=2), NOW - timedelta(days=30), NOW - timedelta(days=1)
ERASED_ON = ERASED.date()
ERASURE = (RequestType.ERASURE,)
Rows = dict[str, list[Record]]


def shop_map() -> DataMap:
    raw = maps.written(
        "email",
        "member_id",
        "order_id",
        shop=maps.source(
            "dynamodb",
            lines=maps.table("order_id"),
            members=maps.table("email", gives={"email": "email", "member_id": "member_id"}, identity=True),
            orders=maps.table("email", "member_id", gives={"order_id": "order_id"}),
        ),
        files=maps.source("s3", letters=maps.objects("letters/{member_id}.jsonl"), visits=maps.rows("member_id")),
    )
    collections = raw["sources"]["shop"]["collections"]
    collections["members"]["fields"]["member_id"]["origin"] = "assigned"
    collections["orders"]["fields"]["ordered_at"] = maps.field(type="timestamp", origin="observed")
    for kind in ("email", "member_id"):
        raw["identifiers"][kind]["suppressed"] = True
    return maps.data_map(raw)


SHOP = shop_map()


class World:
    """Sources in memory: a row lies in a collection, and in files of one person under the name of the object."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.faults = Faults()

    def scan(self, source: Source) -> Iterator[tuple[Identifier, ...]]:
        with self.faults.call("source.scan"):
            pass
        for collection in source.collections.values():
            for row in self.rows[collection.path]:
                yield tuple(self._carried(collection, row))

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        with self.faults.call("source.find"):
            pass
        for value in values:
            for row in list(self.rows[collection.path]):
                if Identifier(identifier, value) in self._carried(collection, row):
                    change = rule({name: cell for name, cell in row.items() if name != "_object"})
                    yield RowFound(collection=collection.path, place=json.dumps(row), before="0" * 64, change=change)

    def carry_out(
        self, collection: Collection, rows: Iterable[RowFound], identifiers: Mapping[str, Sequence[str]], rule: Rule
    ) -> Iterator[RowDone]:
        for row in rows:
            if row.change.fate is RowFate.DELETE:
                with self.faults.call("source.erase"):
                    self.rows[collection.path].remove(json.loads(row.place))
                yield RowDone(collection=collection.path, place=row.place, state=RowState.DONE)

    def remains(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> int:
        found = self.find(collection, identifier, values, rule)
        return sum(row.change.fate is RowFate.DELETE for row in found)

    @staticmethod
    def _carried(collection: Collection, row: Record) -> set[Identifier]:
        if isinstance(collection, FileCollection) and collection.key:
            return {Identifier("member_id", str(row["_object"]))}
        return set(carried_by(collection, row))


class Scanner:
    def __init__(self, world: World) -> None:
        self.rows = world.scan


class Town:
    """Members and guests with all that the shop holds about them; some were erased, some of these came back."""

    def __init__(self, people: Sequence[tuple[bool, bool, bool]]) -> None:
        """For each: is a member (or else a guest), was erased, came back."""
        self.old: dict[int, Rows] = {}
        self.new: dict[int, Rows] = {}
        self.erased = [number for number, (_, was_erased, _) in enumerate(people) if was_erased]
        self.members = [is_member for is_member, _, _ in people]
        for number, (is_member, was_erased, came_back) in enumerate(people):
            self.old[number] = person(number, f"{number}" if is_member else None, BEFORE)
            if was_erased and came_back:
                self.new[number] = person(number, f"{number}00" if is_member else None, AFTER)
        self.world = World(together([*self.old.values(), *self.new.values()]))
        self.cases = FakeCaseStore(FakeTable(self.world.faults))
        self.suppressions = FakeSuppressions(self.world.faults)
        self.requests = [self._case(number) for number in self.erased]

    def _case(self, number: int) -> str:
        case, event = new_case(types=ERASURE, request_id=f"{number:032x}")
        self.cases.create(case, event)
        decided = decide_fields(ERASURE, SHOP, ("gdpr",))
        gone = [decision.model_copy(update={"action": FieldAction.DELETE}) for decision in decided]
        self.cases.put_decisions(case.request_id, gone)
        values = [("email", f"p{number}@example.com"), ("member_id", f"{number}")][: 1 + self.members[number]]
        self.suppressions.put(
            suppressions(
                values,
                key=FakeKeyring().key(KEY_PURPOSE),
                request_id=case.request_id,
                reference=case.reference,
                at=ERASED,
            )
        )
        return case.request_id

    def expected(self) -> dict[str, list[str]]:
        stay = [rows for number, rows in self.old.items() if number not in self.erased]
        return content(together([*stay, *self.new.values()]))

    def replay(self, *, since: date = ERASED_ON, now: datetime = NOW) -> Replay:
        return ErasureReplay(
            cases=self.cases,
            suppressions=self.suppressions,
            holds=FakeHolds(self.world.faults),
            ledger=FakeLedger(self.world.faults),
            keys=FakeKeyring(),
            scanner=lambda _: Scanner(self.world),
            eraser=lambda _: self.world,
            data_map=SHOP,
            merchant=merchant(),
            clock=lambda: now,
        ).run(since, sources=("shop", "files"))


def person(number: int, member: str | None, at: datetime) -> Rows:
    email = f"p{number}@example.com"
    rows: Rows = {collection.path: [] for collection in SHOP.collections}
    name = member or f"g{number}{at:%d}"
    order: Record = {"pk": f"O-{name}", "sk": "ORDER", "order_id": f"O-{name}", "ordered_at": at.isoformat()}
    rows["shop/orders"].append(order | ({"member_id": member} if member else {"email": email}))
    rows["shop/lines"].append({"pk": f"O-{name}", "sk": "LINE", "order_id": f"O-{name}", "text": "chair"})
    if member:
        rows["shop/members"].append({"pk": name, "sk": "PROFILE", "email": email, "member_id": member})
        rows["files/letters"].append({"_object": member, "text": f"letter of {member}"})
        rows["files/visits"].append({"member_id": member, "text": "page"})
    return rows


def together(some: Iterable[Rows]) -> Rows:
    every: Rows = {collection.path: [] for collection in SHOP.collections}
    for rows in some:
        for path, those in rows.items():
            every[path] += those
    return every


def content(rows: Rows) -> dict[str, list[str]]:
    return {path: sorted(json.dumps(row, sort_keys=True) for row in those) for path, those in rows.items()}


_people = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=6)


@given(_people)
@settings(deadline=None)  # the machine may be busy
def test_what_is_left_is_what_others_had_and_what_came_after(people: list[tuple[bool, bool, bool]]) -> None:
    town = Town(people)
    report = town.replay()
    assert report.is_clean
    assert content(town.world.rows) == town.expected()
    assert len(report.people) == len(town.erased)
    assert sum(rows.delete for rows in report.collections.values()) == sum(
        len(those) for number in town.erased for those in town.old[number].values()
    )


@pytest.mark.parametrize("how", [How.DIES_BEFORE, How.DIES_AFTER])
def test_killed_at_every_call_and_started_again_it_ends_the_same(how: How) -> None:
    people = [(True, True, True), (False, True, False), (True, False, False)]

    whole = Town(people)
    before = len(whole.world.faults.calls)
    whole.replay()
    after = len(whole.world.faults.calls)
    told = [_told(whole, request) for request in whole.requests]
    for position in range(before, after):
        town = Town(people)
        town.world.faults.fail(position, how)
        with pytest.raises(ProcessDiedError):
            town.replay()
        assert town.replay().is_clean
        assert content(town.world.rows) == whole.expected(), position
        assert [_told(town, request) for request in town.requests] == told, position


def _told(town: Town, request_id: str) -> Any:
    """What the history says in the end, and how often."""
    events = town.cases.timeline(request_id)
    return events[-1].type, events[-1].details, [event.type for event in events].count("erased_again")


@pytest.mark.parametrize("day", [date(2026, 11, 30), date(2027, 12, 1)])
def test_a_day_that_has_not_come_is_refused_before_anything_is_read(day: date) -> None:
    town = Town([(True, True, False)])
    before = len(town.world.faults.calls)
    with pytest.raises(InvalidInputError, match="not_come"):
        town.replay(since=day)
    assert len(town.world.faults.calls) == before


def test_the_day_that_the_merchant_has_begins_while_the_one_of_utc_goes_on() -> None:
    """At 08:00 on the 28th in Tokyo it is the 27th in UTC, and who was erased on this one is found."""
    town = Town([(True, True, False)])
    early = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
    assert town.replay(since=date(2026, 11, 28), now=early).people
    with pytest.raises(InvalidInputError, match="not_come"):
        town.replay(since=date(2026, 11, 29), now=early)


def test_a_source_that_is_down_stops_it_before_anything_is_told() -> None:
    town = Town([(True, True, False)])
    before = content(town.world.rows)
    town.world.faults.before("source.scan", _down)
    with pytest.raises(SourceUnavailableError):
        town.replay()
    assert content(town.world.rows) == before
    assert _told(town, town.requests[0])[0] == "received"


def _down() -> None:
    raise SourceUnavailableError("shop: ConnectionError")
