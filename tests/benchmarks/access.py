"""A request of the standard member in the local stack, with the processor time of each function by itself.

What answers for AWS there (moto) runs in the thread of the caller, inside one method: its time is taken and left out.
"""

import csv
import gzip
import io
import json
import threading
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from boto3.dynamodb.types import TypeDeserializer
from moto.core.botocore_stubber import BotocoreStubber

from local.deployment import Function
from local.in_process import InProcess
from local.lambdas import Outcome

TABLES = ("shop-members", "shop-orders")
PERSON = (*TABLES, "shop-files")  # where the person's data are


@dataclass
class Used:
    """By function: seconds without the time of AWS, and calls to it. `person` are the calls to the person's data, and
    `tables` those of them that go to tables, by function."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[str] = field(default_factory=Counter)
    person: int = 0
    tables: Counter[str] = field(default_factory=Counter)


@contextmanager
def watched(patch: pytest.MonkeyPatch) -> Iterator[Used]:
    """Inside, functions of the local stack are measured, and `measured` measures a call of one's own."""
    used = Used()
    answer, run = BotocoreStubber.__call__, InProcess.run
    lock = threading.Lock()

    def answered(self: Any, event_name: str, request: Any, **more: Any) -> Any:
        with _aws_is_left_out():
            if _current() is not None:
                _thread.calls += 1
                said = f"{request.url} {request.body!r}"
                used.person += any(name in said for name in PERSON)
                _thread.tables += any(name in said for name in TABLES)
            return answer(self, event_name, request, **more)

    def ran(self: InProcess, function: Function, payload: bytes) -> Outcome:
        name = function.logical_id.removesuffix("Function")
        outcomes: list[Outcome] = []
        seconds = measured(lambda: outcomes.append(run(self, function, payload)))
        with lock:
            used.seconds[name] += seconds
            used.calls[name] += _thread.calls
            used.tables[name] += _thread.tables
        return outcomes[0]

    with patch.context() as patched:
        patched.setattr(BotocoreStubber, "__call__", answered)
        patched.setattr(InProcess, "run", ran)
        yield used


_thread = threading.local()


def measured(call: Callable[[], object]) -> float:
    """The processor time of this thread, in seconds, that `call` did not spend on answering for AWS."""
    _thread.aws, _thread.calls, _thread.tables = 0.0, 0, 0
    started = time.thread_time()
    try:
        call()
        return time.thread_time() - started - float(_thread.aws)
    finally:
        _thread.aws = None


def _current() -> float | None:
    """AWS's part of what is being measured in this thread; None where nothing is."""
    return getattr(_thread, "aws", None)


@contextmanager
def _aws_is_left_out() -> Iterator[None]:
    started = time.thread_time()
    try:
        yield
    finally:
        if _current() is not None:
            _thread.aws += time.thread_time() - started


def plain_access(email: str, dynamodb: Any, s3: Any) -> None:
    """The floor: all that the shop has about a member, into a ZIP of JSON in S3. No case, no rules, no letter."""
    read = TypeDeserializer().deserialize

    def query(table: str, key: str, value: str, **more: Any) -> list[dict[str, Any]]:
        prefix = more.pop("prefix", None)
        values = {":key": {"S": value}} | ({":prefix": {"S": prefix}} if prefix else {})
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression=f"{key} = :key" + (" AND begins_with(sk, :prefix)" if prefix else ""),
            ExpressionAttributeValues=values,
            **more,
        )
        items = [item for page in pages for item in page["Items"]]
        return [{name: read(value) for name, value in item.items()} for item in items]

    def files(prefix: str) -> Iterator[bytes]:
        for entry in s3.list_objects_v2(Bucket="shop-files", Prefix=prefix).get("Contents", []):
            content = s3.get_object(Bucket="shop-files", Key=entry["Key"])["Body"].read()
            yield gzip.decompress(content) if entry["Key"].endswith(".gz") else content

    found: dict[str, list[dict[str, Any]]] = {}
    found["members"] = query("shop-members", "email", email, IndexName="by_email")
    member_id, visitor = (found["members"][0].get(name) for name in ("member_id", "analytics_id"))
    key = f"MEMBER#{member_id}"
    found["addresses"] = query("shop-members", "pk", key, prefix="ADDRESS#")
    found["consents"] = query("shop-members", "pk", key, prefix="CONSENT#")
    found["orders"] = query("shop-orders", "member_id", str(member_id), IndexName="by_member")
    found["orders"] += query("shop-orders", "guest_email", email, IndexName="by_guest_email")
    found["lines"] = [
        line for order in found["orders"] for line in query("shop-orders", "pk", order["pk"], prefix="LINE#")
    ]
    found["surveys"] = [
        row
        for content in files("surveys/")
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        if row["member_id"] == member_id
    ]
    try:
        s3.get_object(Bucket="shop-files", Key=f"support/{member_id}.jsonl.gz")
    except s3.exceptions.NoSuchKey:
        found["support"] = []
    found["visits"] = [
        row
        for content in files("access_log/")
        for row in pq.read_table(io.BytesIO(content), filters=pc.field("analytics_id") == (visitor or "")).to_pylist()
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in found.items():
            archive.writestr(f"{name}.json", json.dumps(rows, ensure_ascii=False, default=str, indent=1))
    s3.put_object(Bucket="shop-files", Key="answers/1.zip", Body=out.getvalue())
    assert [len(found[name]) for name in ("members", "addresses", "orders", "lines")] == [1, 5, 20, 60]
