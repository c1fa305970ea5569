"""An erasure of which one source has very many objects: worked on in shards, it comes to the same."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from rightsdesk.adapters.erasure_manifest import RecordedManifest
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.erasing import Kept, RowChange, RowFate, RowFound
from rightsdesk.domain.erasure_plan import (
    CollectionDone,
    CollectionPlan,
    ErasureStage,
    Loss,
    SourceErasure,
    Tally,
    by_source,
    plan_of,
)
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.errors import ConflictError, IncompleteCollectionError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.shards import Extent, Shard
from tests.support.desk import JANES_MEMBER_ID, Desk
from tests.support.fakes import How, ProcessDiedError
from tests.support.play import Play
from tests.unit.domain import maps

AT = datetime(2026, 11, 29, tzinfo=UTC)
ERASURE = (RequestType.ERASURE,)
FOUR = [Shard(number, 4) for number in range(4)]
VISITS = [{"pk": f"log/{number}", "sk": "", "text": f"page {number}"} for number in range(40)]


def log_map() -> DataMap:
    """Members in a table, and a log under a prefix."""
    shop = maps.source("dynamodb", members=maps.table("email", gives={"member_id": "member_id"}, identity=True))
    files = maps.source("s3", visits=maps.rows("member_id"))
    return maps.data_map(maps.written("email", "member_id", "order_id", shop=shop, files=files))


def with_a_log(desk: Desk) -> Desk:
    desk.data_map = log_map()
    assert isinstance(desk.reader.rows, dict)
    desk.reader.rows["files/visits", "member_id", JANES_MEMBER_ID] = [dict(row) for row in VISITS]
    desk.extent = Extent(objects=2000, bytes=1)
    return desk


def planned() -> tuple[Desk, PrivacyRequest]:
    desk = with_a_log(Desk())
    case = desk.collecting(types=ERASURE)
    desk.plan_erasure(case, "shop")
    for shard in FOUR:
        desk.plan_erasure(case, "files", shard)
    return desk, case


def test_shards_run_from_the_plan_to_the_certificate() -> None:
    desk = Play(types=ERASURE)
    with_a_log(desk)
    desk.until_all_is_done()
    case = desk.only_case()
    assert case.outcome is Outcome.FULFILLED
    assert case.erasure is not None
    assert case.erasure.certificate is not None
    told = {part.collection: part.deleted for part in case.erasure.certificate.collections}
    assert told == {"shop/members": 1, "files/visits": 40}
    assert not desk.reader.rows["files/visits", "member_id", JANES_MEMBER_ID]
    visited = desk.visited(case)
    for step in ("PlanErasure", "CheckErasure", "EraseData", "SearchAgain"):
        assert visited.count(f"{step}OfSource") == 5, step


def test_the_plan_is_the_same_in_however_many_shards() -> None:
    desk, case = planned()
    whole = with_a_log(Desk())
    other = whole.collecting(types=ERASURE)
    for source in other.sources:
        whole.plan_erasure(other, source)
    assert desk.plan(case).sha256 == whole.plan(other).sha256


def test_before_the_last_shard_is_planned_there_is_no_plan() -> None:
    desk = with_a_log(Desk())
    case = desk.collecting(types=ERASURE)
    desk.plan_erasure(case, "shop")
    for shard in FOUR[:-1]:
        desk.plan_erasure(case, "files", shard)
    with pytest.raises(IncompleteCollectionError) as told:
        desk.plan(case)
    assert told.value.sources == ("files",)
    assert "files" not in desk.cases.sources(case.request_id)
    desk.plan_erasure(case, "files", FOUR[-1])
    assert desk.plan(case).delete == 41
    assert desk.cases.sources(case.request_id)["files"].status == "done"


def test_a_shard_that_failed_stays_visible_until_it_is_done_too() -> None:
    desk, case = planned()
    desk.fail_source(case, "files", "SourceBrokenError")
    for shard in FOUR[1:]:
        desk.check_erasure(case, "files", shard)
    assert desk.cases.sources(case.request_id)["files"].status == "failed"
    desk.check_erasure(case, "files", FOUR[0])
    assert desk.cases.sources(case.request_id)["files"].status == "done"


class TestDividing:
    def test_it_is_counted_once_and_then_stays(self) -> None:
        desk = with_a_log(Desk())
        case = desk.collecting(types=ERASURE)
        assert [(part.source, part.shard, part.of) for part in desk.divide(case).parts] == [
            ("shop", 0, 1),
            *(("files", number, 4) for number in range(4)),
        ]
        desk.plan_erasure(case, "files", FOUR[2])
        desk.extent = Extent(objects=9000, bytes=1)
        assert len(desk.divide(case).parts) == 5
        assert [len(wave) for wave in desk.divide(case).waves] == [1, 4]

    def test_a_task_of_another_division_finds_nothing_planned(self) -> None:
        desk, case = planned()
        with pytest.raises(ConflictError, match="not planned"):
            desk.check_erasure(case, "files", Shard(2, 5))


class TestManifest:
    def test_each_shard_has_its_rows_and_all_of_them_are_told_together(self) -> None:
        desk, case = planned()
        manifest = RecordedManifest(desk.records)
        parts = [list(manifest.rows(case.request_id, "files/visits", shard)) for shard in FOUR]
        assert all(parts)
        assert list(manifest.rows(case.request_id, "files/visits")) == [row for part in parts for row in part]

    def test_identifiers_of_all_shards_are_known_to_every_one(self) -> None:
        desk, case = planned()
        manifest = RecordedManifest(desk.records)
        manifest.write_identifiers(case.request_id, "files", [("order_id", "K-7")], FOUR[3])
        manifest.write_identifiers(case.request_id, "files", [("order_id", "K-8")], FOUR[0])
        assert manifest.identifiers(case.request_id, ["files"])["order_id"] == ("K-8", "K-7")


KEPT = Kept(retention="tax", until=None)
FATES = [
    RowChange(fate=RowFate.DELETE),
    RowChange(fate=RowFate.KEEP, kept=KEPT),
    RowChange(fate=RowFate.REDUCE, remove=("name",), kept=KEPT.model_copy(update={"then": KEPT})),
    RowChange(fate=RowFate.REDUCE, remove=("name",), kept=Kept(retention="tax", until=None, ground="claims")),
]


def tallied(numbers: range, losses: tuple[Loss, ...] = ()) -> CollectionPlan:
    tally = Tally("files/visits")
    for number in numbers:
        tally.add(RowFound(collection="files/visits", place="", before=f"{number:064x}", change=FATES[number % 4]))
    return tally.plan(losses)


def state(shard: int, of: int, **more: Any) -> SourceErasure:
    given: dict[str, Any] = {
        "source": "files",
        "round": 1,
        "stage": ErasureStage.PLANNED,
        "at": AT,
        "plans": (tallied(range(shard, 60, of), (Loss(collection="files/visits", index=1, count=2, amount=5),)),),
    }
    return SourceErasure(shard=shard, shards=of, **(given | more))


class TestTogether:
    def test_counts_reasons_losses_and_digest_add_up(self) -> None:
        (whole,) = by_source([state(number, 3) for number in range(3)]).values()
        losses = (Loss(collection="files/visits", index=1, count=6, amount=15),)
        assert whole.plans == (tallied(range(60), losses),)
        plan, unsharded = (
            plan_of([each], ["files"], datamap_version="1")
            for each in (whole, state(0, 1, plans=(tallied(range(60), losses),)))
        )
        assert plan is not None
        assert unsharded is not None
        assert plan.sha256 == unsharded.sha256
        (part,) = whole.plans
        for unchanged, rows in ((True, part.keep), (False, part.anonymise)):
            assert sum(kept.rows for kept in part.kept if kept.whole is unchanged) == rows
        assert len(part.kept) == 3  # on a ground, on a ground under a law, and under a law

    def test_it_is_as_far_as_the_slowest_shard(self) -> None:
        done = {"files/visits": CollectionDone(deleted=3, changed=1, residue=2)}
        states = [
            state(0, 2, stage=ErasureStage.SEARCHED, done=done, finished=("files/visits",), searched_at=AT),
            state(1, 2, stage=ErasureStage.ERASED, done=done, changed=True),
        ]
        (whole,) = by_source(states).values()
        assert (whole.stage, whole.changed, whole.finished, whole.searched_at) == (ErasureStage.ERASED, True, (), None)
        assert whole.done == {"files/visits": CollectionDone(deleted=6, changed=2, residue=4)}

    @pytest.mark.parametrize(
        ("states", "expected"),
        [
            ([state(0, 2)], None),
            ([state(0, 2), state(1, 2, round=2)], 1),
            ([state(0, 2), state(1, 2), state(0, 3, round=2)], 1),
            ([state(0, 1), state(0, 2, round=2), state(1, 2, round=2)], 2),
        ],
    )
    def test_only_what_is_whole_counts(self, states: list[SourceErasure], expected: int | None) -> None:
        found = by_source(states)
        assert (found["files"].round if found else None) == expected


@pytest.mark.parametrize("how", list(How))
@pytest.mark.parametrize("step", ["plan_erasure", "check_erasure", "erase", "search_again"])
def test_a_shard_that_dies_at_any_call_ends_as_if_it_had_not(step: str, how: How) -> None:
    """The last shard of each step: it alone may say that the source is done."""

    def prepared() -> tuple[Desk, PrivacyRequest]:
        desk = with_a_log(Desk())
        case = desk.collecting(types=ERASURE)
        desk.plan_erasure(case, "shop")
        for name in ("plan_erasure", "check_erasure", "begin", "erase", "search_again"):
            last = name == step
            if name == "begin":
                begun, event = desk.now(case).changed(
                    "erasure_began", at=desk.clock(), actor="system", erasure=ErasureState(begun_round=1)
                )
                desk.cases.save(desk.now(case), begun, event)
                continue
            for shard in FOUR[:-1] if last else FOUR:
                getattr(desk, name)(case, "files", shard)
            if last:
                break
        desk.fail_source(case, "files", "Sandbox.Timedout")
        return desk, case

    position = 0
    while True:
        desk, case = prepared()
        desk.faults.fail(len(desk.faults.calls) + position, how)
        for _ in range(2):
            with suppress(ProcessDiedError, ServiceUnavailableError):
                getattr(desk, step)(case, "files", FOUR[-1])
        happened = desk.faults.happened
        assert desk.table.sources[case.request_id]["files"].status == "done", position
        state = desk.table.erased_states(case.request_id)["files"]
        assert sum(plan.delete for plan in state.plans) == 40
        if step in ("erase", "search_again"):
            assert sum(done.deleted for done in state.done.values()) == 40
        if not happened:
            return
        position += 1
