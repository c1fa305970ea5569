"""Many people in many objects: each object is passed once, whatever the number of people."""

import io
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.erasing import RowChange, RowFate
from rightsdesk.sources.columnar_rewriting import rewrite_columns
from rightsdesk.sources.s3_rewriting import S3Eraser
from tests.unit.domain import maps
from tests.unit.sources.writable_bucket import WritableBucket

OBJECTS, ROWS, PEOPLE = 100, 60, 1_000
FILES = FileCollection.model_validate(maps.rows("member_id", format="parquet"))


def bucket() -> WritableBucket:
    """Everybody has six rows, spread over the objects; only some of these people are asked for."""
    objects = {}
    for number in range(OBJECTS):
        owners = [f"M{(row * OBJECTS + number) * 7 % PEOPLE}" for row in range(ROWS)]
        out = io.BytesIO()
        pq.write_table(pa.table({"member_id": owners, "text": [f"{number}/{row}" for row in range(ROWS)]}), out)
        objects[f"rows/{number}.parquet"] = out.getvalue()
    return WritableBucket(objects)


def erased(people: list[str]) -> tuple[int, Counter[str]]:
    shop = bucket()
    eraser = S3Eraser(shop, rewrite_columns=rewrite_columns)  # type: ignore[arg-type]
    rows = sum(1 for _ in eraser.carry_out(FILES, "member_id", people, lambda _: RowChange(fate=RowFate.DELETE)))
    return rows, Counter(shop.calls)


@pytest.mark.parametrize("people", [500, 1_000])
def test_a_thousand_people_are_one_pass_over_a_hundred_objects(people: int) -> None:
    rows, calls = erased([f"M{number}" for number in range(people)])
    assert rows == people * OBJECTS * ROWS // PEOPLE
    # A small object comes whole with the first request; it is looked at, and written under its ETag.
    assert calls == {
        "list_objects_v2": 1,
        "get_object": OBJECTS,
        "head_object": OBJECTS,
        "get_object_tagging": OBJECTS,
        "put_object": OBJECTS,
    }


def test_an_object_without_these_people_is_read_and_not_written() -> None:
    assert erased(["M-nobody"]) == (0, Counter(list_objects_v2=1, get_object=OBJECTS))
