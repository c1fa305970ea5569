"""Records come back whole and in order however they fall into batches of lines."""

import io
from typing import Any

import pytest

from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.domain.records import Record

HALF_AN_EMOJI: Record = {"text": "\ud83d", "big": 10**30}


class Objects:
    """As much of S3 as one small object needs."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put_object(self, **asked: Any) -> None:
        self.kept[asked["Key"]] = asked["Body"].read()

    def get_object(self, **asked: Any) -> Any:
        return {"Body": io.BytesIO(self.kept[asked["Key"]])}


@pytest.mark.parametrize("every", [1, 2, 500])
@pytest.mark.parametrize("length", [0, 50, 300_000])
def test_batches_lose_and_change_nothing(every: int, length: int) -> None:
    records: list[Record] = [HALF_AN_EMOJI if n % every == 0 else {"n": n, "text": f"{n}\n" * 3} for n in range(5_000)]
    records[7] = {"long": "x" * length}
    store = S3RecordStore("bucket", Objects())  # type: ignore[arg-type]
    assert store.write("1", "shop/members", records).rows == len(records)
    assert list(store.read("1", "shop/members")) == records
