"""One plan over a table and Parquet: the same value is right in both, or neither is touched."""

# serves: E-03

import io
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rightsdesk.domain.correction import Correction, Obstacle
from rightsdesk.domain.datamap import Collection, DataMap, FileCollection
from rightsdesk.domain.erasing import RowDone, RowFound
from rightsdesk.domain.erasure_rule import Rule
from rightsdesk.domain.errors import CorrectionBarredError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.ports.sources import SourceCorrector
from rightsdesk.sources.columnar_rewriting import rewrite_columns
from rightsdesk.sources.s3_correcting import S3Corrector
from tests.support.correcting import rows_of
from tests.support.desk import JANE, JANES_MEMBER_ID, Desk
from tests.unit.domain import maps
from tests.unit.sources.writable_bucket import DeathError, WritableBucket

KEY = "rows/a.parquet"
NAME = Correction(field="shop/members.name", old="Jane Murphy", new="Jane O'Brien")
POINTS = Correction(field="shop/members.points", old=5, new=300)
BORN = Correction(field="shop/members.born", old="1980-01-02", new="1980-02-01")
ROWS: dict[str, Any] = {
    "member_id": [JANES_MEMBER_ID, "M-9", JANES_MEMBER_ID, None],
    "name": ["Jane Murphy", "Jane Murphy", "Tom", "Jane Murphy"],
    "born": [date(1980, 1, 2), date(1980, 1, 2), None, None],
    "points": pa.array([5, 5, 7, 5], pa.int8()),
}


@cache
def shop_with_parquet() -> DataMap:
    members = maps.table("email", identity=True) | {
        "fields": {
            "member_id": maps.field(identifies="member_id", origin="assigned"),
            "name": maps.field(),
            "born": maps.field(type="date"),
            "points": maps.field(type="integer"),
        }
    }
    visits = maps.rows("member_id", format="parquet") | {
        "fields": {
            "name": maps.field(same_as="shop/members.name"),
            "born": maps.field(same_as="shop/members.born", type="date"),
            "points": maps.field(same_as="shop/members.points", type="integer"),
            "nickname": maps.field(),
        }
    }
    shop, analytics = maps.source("dynamodb", members=members), maps.source("s3", visits=visits)
    return maps.data_map(maps.written("email", "member_id", shop=shop, analytics=analytics))


class _BySource:
    """Tables are fakes, Parquet is Parquet."""

    def __init__(self, tables: SourceCorrector, bucket: WritableBucket) -> None:
        self._tables = tables
        self._files = S3Corrector(cast("Any", bucket), rewrite_columns=rewrite_columns)

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        return self._of(collection).find(collection, identifier, values, rule)

    def carry_out(self, collection: Collection, rows: Iterable[RowFound]) -> Iterator[RowDone]:
        return self._of(collection).carry_out(collection, rows)

    def _of(self, collection: Collection) -> SourceCorrector:
        return self._files if isinstance(collection, FileCollection) else self._tables


def put(bucket: WritableBucket, **columns: Any) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table(ROWS | columns), out, row_group_size=2)
    bucket._put(KEY, out.getvalue())


def read(bucket: WritableBucket) -> dict[str, list[Any]]:
    return cast("dict[str, list[Any]]", pq.read_table(io.BytesIO(bucket.objects[KEY])).to_pydict())


def a_desk(**columns: Any) -> tuple[Desk, WritableBucket]:
    desk = Desk(data_map=shop_with_parquet())
    bucket = WritableBucket({})
    put(bucket, **columns)
    desk.corrector = cast("Any", _BySource(desk.corrector, bucket))
    member: Record = {"pk": "1", "sk": "P", "member_id": JANES_MEMBER_ID, "name": "Jane Murphy"}
    member |= {"born": "1980-01-02", "points": 5}
    desk.reader.rows = {("shop/members", "email", JANE): [member]}
    return desk, bucket


def planned(desk: Desk, *corrections: Correction) -> PrivacyRequest:
    case = desk.to_be_carried_out(types=(RequestType.RECTIFICATION,), details="My name is wrong.")
    desk.state_corrections(case, *corrections)
    desk.plan_correction(case)
    desk.ask_release(desk.now(case), "release-2")
    return desk.now(case)


def obstacles(case: PrivacyRequest) -> tuple[Obstacle, ...]:
    assert case.rectification is not None
    assert case.rectification.plan is not None
    return case.rectification.plan.obstacles


def test_one_correction_is_written_in_the_table_and_in_parquet() -> None:
    desk, bucket = a_desk()
    before = bucket.objects[KEY]
    case = planned(desk, NAME, BORN)
    assert obstacles(case) == ()
    assert case.rectification is not None
    assert case.rectification.plan is not None
    assert {part.collection: (part.rows, part.fields) for part in case.rectification.plan.collections} == {
        "analytics/visits": (1, {"born": 1, "name": 1}),
        "shop/members": (1, {"born": 1, "name": 1}),
    }
    assert bucket.objects[KEY] is before, "a plan writes nothing"
    desk.approve_correction(case)
    assert desk.correct(case) == "answer"
    assert read(bucket) == ROWS | {
        "points": [5, 5, 7, 5],
        "name": ["Jane O'Brien", "Jane Murphy", "Tom", "Jane Murphy"],
        "born": [date(1980, 2, 1), date(1980, 1, 2), None, None],
    }
    member = rows_of(desk, "shop/members")["1"]
    assert (member["name"], member["born"]) == ("Jane O'Brien", "1980-02-01")
    done = desk.now(case).rectification
    assert done is not None
    assert {path: part.rows for path, part in done.done.items()} == {"analytics/visits": 1, "shop/members": 1}


def test_a_value_that_one_of_the_columns_can_not_hold_bars_the_whole_plan() -> None:
    desk, bucket = a_desk()
    before = bucket.objects[KEY]
    case = planned(desk, POINTS)
    assert obstacles(case) == (Obstacle(code="does_not_fit", at="analytics/visits.points"),)
    with pytest.raises(CorrectionBarredError, match=r"^does_not_fit analytics/visits\.points$"):
        desk.approve_correction(case)
    assert bucket.objects[KEY] is before
    assert rows_of(desk, "shop/members")["1"]["points"] == 5
    assert "300" not in desk.table.events[case.request_id][-2].model_dump_json()
    desk.state_corrections(case, POINTS.model_copy(update={"new": 100}))
    desk.plan_correction(case)
    desk.ask_release(desk.now(case), "release-3")
    desk.approve_correction(desk.now(case))
    assert desk.correct(desk.now(case)) == "answer"
    assert read(bucket)["points"] == [100, 5, 7, 5]
    assert rows_of(desk, "shop/members")["1"]["points"] == 100


def test_what_can_not_be_written_is_done_by_hand_and_the_plan_says_why() -> None:
    desk, bucket = a_desk()
    case = planned(desk, Correction(field="analytics/visits.nickname", old=None, new="JM"))
    assert obstacles(case) == (Obstacle(code="by_hand", at="analytics/visits.nickname", reason="no_column"),)
    bucket._put(KEY, b"PARE" + bucket.objects[KEY][4:-4] + b"PARE")
    desk.state_corrections(case, NAME)
    desk.plan_correction(case)
    assert obstacles(desk.now(case)) == (Obstacle(code="by_hand", at="analytics/visits", reason="encrypted"),)
    desk.ask_release(desk.now(case), "release-3")
    desk.complete(desk.now(case), "We corrected your name by hand.", kept={})
    assert desk.workflow.answers["release-3"] == {"decision": "release", "rebuild": False}


def test_a_file_that_has_become_another_is_planned_again_before_anything_is_written() -> None:
    desk, bucket = a_desk()
    case = planned(desk, POINTS.model_copy(update={"new": 100}))
    desk.approve_correction(case)
    put(bucket, points=pa.array([[5]] * 4))
    assert desk.correct(case) == "plan_again", "its rows say something else now"
    desk, bucket = a_desk()
    case = planned(desk, NAME)
    desk.approve_correction(case)
    bucket._put(KEY, b"PARE" + bucket.objects[KEY][4:-4] + b"PARE")
    assert desk.correct(case) == "plan_again"
    assert rows_of(desk, "shop/members")["1"]["name"] == "Jane Murphy"
    assert desk.now(case).status is Status.COLLECTING


def test_killed_between_the_file_and_the_table_it_goes_on_where_it_was() -> None:
    for call in range(40):
        desk, bucket = a_desk()
        case = planned(desk, NAME)
        desk.approve_correction(case)
        bucket.calls.clear()
        bucket.dies_at = call
        try:
            desk.correct(case)
        except DeathError:
            bucket.dies_at = None
            assert desk.correct(case) == "answer"
        assert read(bucket)["name"][0] == rows_of(desk, "shop/members")["1"]["name"] == "Jane O'Brien"
        assert desk.history(case).count("corrected") == 1
        if bucket.dies_at is not None:
            return
    raise AssertionError("it never got to its end")
