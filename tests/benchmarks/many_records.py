"""One person with very many records is erased: planned, checked, erased, searched again. Run in a process of its own.

    python -c "from tests.benchmarks.many_records import main; main('erase', 40_000, 'FOLDER')"

Half of them are orders in one partition, and half are lines, each in the partition of its order: so the person has as
many identifiers as orders. `plain_erase` does it as one would write it in an afternoon: query, and delete one by one.
Prints one JSON object: seconds of the processor without those of the stub, how far memory grew, and the calls.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import orjson

from tests.benchmarks.aws_stub import Reply, StubbedAws
from tests.benchmarks.memory import peak as peak_memory

MEMBER = "M-000002"
EMAIL = "jane@example.com"
_PAGE = 2_500  # of orders of 400 bytes, in 1 MiB
_WARM_UP = 100


class Tables:
    """Members, orders and lines, made up as they are asked for; what was deleted is not there any more."""

    def __init__(self, records: int) -> None:
        self._here = {"orders": bytearray(b"\x01") * (records // 2), "lines": bytearray(b"\x01") * (records // 2)}
        self._member = True
        self.units: Counter[str] = Counter()

    @property
    def left(self) -> int:
        return self._member + sum(map(sum, self._here.values()))

    def answer(self, operation: str, request: Any) -> Reply:
        asked = orjson.loads(request.body)
        match operation.removeprefix("dynamodb."):
            case "Query":
                return self._query(asked)
            case "BatchGetItem":
                ((table, wanted),) = asked["RequestItems"].items()
                items = [item for key in wanted["Keys"] for item in self._at(key["pk"]["S"], key["sk"]["S"])]
                return Reply(orjson.dumps({"Responses": {table: items}, "UnprocessedKeys": {}}))
            case "TransactWriteItems":
                for action in asked["TransactItems"]:
                    self._delete(action["Delete"]["Key"])
            case "DeleteItem":
                self._delete(asked["Key"])
        return Reply()

    def _query(self, asked: dict[str, Any]) -> Reply:
        key = next(iter(asked["ExpressionAttributeValues"].values()))["S"]
        if not key.startswith("MEMBER#"):
            rows = list(self._at(f"MEMBER#{MEMBER}", "PROFILE") if key == EMAIL else self._at(key, "LINE#1"))
            return Reply(orjson.dumps({"Items": rows, "Count": len(rows)}))
        start = asked.get("ExclusiveStartKey")
        here = self._here["orders"]
        number = int(start["sk"]["S"].removeprefix("ORDER#")) + 1 if start else 0
        items: list[dict[str, Any]] = []
        while number < len(here) and len(items) < _PAGE:
            items += [_order(number)] if here[number] else []
            number += 1
        last = {"LastEvaluatedKey": {name: items[-1][name] for name in ("pk", "sk")}} if number < len(here) else {}
        return Reply(orjson.dumps({"Items": items, "Count": len(items), **last}))

    def _at(self, pk: str, sk: str) -> Iterator[dict[str, Any]]:
        table, number = _place(pk, sk)
        if table == "members":
            yield from [_MEMBER] if self._member else []
        elif self._here[table][number]:
            yield _order(number) if table == "orders" else _line(number)

    def _delete(self, key: dict[str, Any]) -> None:
        table, number = _place(key["pk"]["S"], key["sk"]["S"])
        if table == "members":
            self._member = False
        else:
            self._here[table][number] = 0


_MEMBER = {"pk": {"S": f"MEMBER#{MEMBER}"}, "sk": {"S": "PROFILE"}, "email": {"S": EMAIL}, "member_id": {"S": MEMBER}}


def _place(pk: str, sk: str) -> tuple[str, int]:
    if pk.startswith("ORDER#"):
        return "lines", int(pk.removeprefix("ORDER#"))
    return ("orders", int(sk.removeprefix("ORDER#"))) if sk.startswith("ORDER#") else ("members", 0)


def _order(number: int) -> dict[str, Any]:
    return {
        "pk": {"S": f"MEMBER#{MEMBER}"},
        "sk": {"S": f"ORDER#{number:09d}"},
        "order_id": {"S": f"{number:09d}"},
        "placed_at": {"S": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}T09:00:00Z"},
        "address": {"S": f"{number % 977} Long Street, Dublin 2, D02 X285, Ireland"},
        "total": {"N": str(number % 100_000)},
        "gift": {"BOOL": number % 10 == 0},
    }


def _line(number: int) -> dict[str, Any]:
    return {
        "pk": {"S": f"ORDER#{number:09d}"},
        "sk": {"S": "LINE#1"},
        "product": {"S": f"Chair number {number % 5003}"},
        "quantity": {"N": str(number % 7 + 1)},
    }


def _map() -> dict[str, Any]:
    from tests.unit.domain import maps

    keyed = {"table": "shop", "keys": ["pk", "sk"], "technical": ["pk", "sk"]}

    def collection(way: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"label": maps.LABEL, "find_by": [way], **keyed, **more}

    shop = maps.source(
        "dynamodb",
        members=collection(
            {"identifier": "email", "index": "by_email", "key": "email"},
            identity=True,
            fields={
                "email": maps.field(identifies="email"),
                "member_id": maps.field(identifies="member_id", origin="assigned"),
            },
        ),
        orders=collection(
            {"identifier": "member_id", "key": "pk", "template": "MEMBER#{value}"}
            | {"sort_key": "sk", "sort_prefix": "ORDER#"},
            fields={
                "order_id": maps.field(identifies="order_id", origin="assigned"),
                **{name: maps.field() for name in ("placed_at", "address", "total", "gift")},
            },
        ),
        lines=collection(
            {"identifier": "order_id", "key": "pk", "template": "ORDER#{value}"},
            fields={name: maps.field() for name in ("product", "quantity")},
        ),
    )
    return maps.written("email", "member_id", "order_id", shop=shop)


class Bucket:
    """Keeps objects as files, so that what is written costs no memory here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def answer(self, operation: str, request: Any) -> Reply:
        file = self._folder / urlparse(request.url).path.strip("/").replace("/", "_")
        match operation.removeprefix("s3."):
            case "GetObject" if not file.exists():
                return Reply(b"<Error><Code>NoSuchKey</Code></Error>", status=404)
            case "GetObject":
                return Reply(file.read_bytes(), headers={"content-length": str(file.stat().st_size)})
            case "CreateMultipartUpload":
                file.unlink(missing_ok=True)
                return Reply(b"<R><UploadId>1</UploadId></R>")
            case "UploadPart" | "PutObject":
                with file.open("wb" if operation == "s3.PutObject" else "ab") as out:
                    for piece in request.body:  # each after its length, and a checksum after the last (aws-chunked)
                        length, _, data = piece.partition(b"\r\n")
                        out.write(memoryview(data)[: int(length, 16)])
                return Reply(b"", headers={"etag": '"1"'})
        return Reply(b"<R/>")


def erase(records: int, folder: Path) -> Callable[[], StubbedAws]:
    """Ours: the four tasks of the one source, as they are wired, and a case in memory."""
    from rightsdesk.adapters.clients import client
    from rightsdesk.adapters.erasure_manifest import RecordedManifest
    from rightsdesk.adapters.found_values import SpooledValues
    from rightsdesk.adapters.s3_results import S3RecordStore
    from rightsdesk.domain.erasure_state import ErasureState
    from rightsdesk.domain.request import RequestType
    from rightsdesk.services.erase_person import PersonEraser
    from rightsdesk.sources.erasers import eraser_for
    from rightsdesk.sources.readers import reader_for
    from tests.support.desk import Desk
    from tests.unit.domain import maps

    data_map = maps.data_map(_map())
    tables = Tables(records)
    aws, bucket = StubbedAws(tables.answer), StubbedAws(Bucket(folder).answer)
    aws.attach(client("dynamodb"))
    bucket.attach(client("s3"))
    desk = Desk(data_map=data_map)
    case = desk.collecting(types=(RequestType.ERASURE,))
    shop = data_map.sources["shop"]
    eraser = PersonEraser(
        cases=desk.cases,
        manifest=RecordedManifest(S3RecordStore("bucket", client("s3"))),
        reader=reader_for(shop, client=client),
        eraser=eraser_for(shop, client=client),
        data_map=data_map,
        merchant=desk.merchant,
        found=SpooledValues,
        discard=lambda _: None,
        clock=desk.clock,
    )

    def run() -> StubbedAws:
        eraser.plan(case.request_id, "shop")
        eraser.check(case.request_id, "shop")
        begun, event = desk.now(case).changed(
            "erasure_began", at=desk.clock(), actor="system", erasure=ErasureState(begun_round=1)
        )
        desk.cases.save(desk.now(case), begun, event)
        eraser.erase(case.request_id, "shop")
        eraser.search(case.request_id, "shop")
        done = desk.cases.erasures(case.request_id)["shop"]
        assert sum(part.deleted for part in done.done.values()) == records + 1
        assert not done.residue
        assert tables.left == 0
        aws.seconds += bucket.seconds
        return aws

    return run


def plain_erase(records: int, folder: Path) -> Callable[[], StubbedAws]:
    """The floor: query, delete one by one. No plan, no manifest, no condition, no search again."""
    import boto3

    tables = Tables(records)
    aws = StubbedAws(tables.answer)
    dynamodb = boto3.client("dynamodb")
    aws.attach(dynamodb)

    def delete(item: dict[str, Any]) -> None:
        dynamodb.delete_item(TableName="shop", Key={name: item[name] for name in ("pk", "sk")})

    def query(value: str, **more: Any) -> Iterator[dict[str, Any]]:
        pages = dynamodb.get_paginator("query").paginate(
            TableName="shop",
            KeyConditionExpression=f"{'email' if 'IndexName' in more else 'pk'} = :v",
            ExpressionAttributeValues={":v": {"S": value}},
            **more,
        )
        for page in pages:
            yield from page["Items"]

    def run() -> StubbedAws:
        orders = list(query(f"MEMBER#{MEMBER}"))
        for order in orders:
            for line in query(f"ORDER#{order['order_id']['S']}"):
                delete(line)
            delete(order)
        for member in query(EMAIL, IndexName="by_email"):
            delete(member)
        assert tables.left == 0
        return aws

    return run


WORK = {work.__name__: work for work in (erase, plain_erase)}


def main(work: str, records: int, folder: str) -> None:
    Path(folder).mkdir(exist_ok=True)
    WORK[work](_WARM_UP, Path(folder, "warm"))()
    run = WORK[work](records, Path(folder, "work"))
    before = peak_memory()
    started = time.process_time()
    aws = run()
    seconds = time.process_time() - started - aws.seconds
    peak = peak_memory()
    writes = sum(n for name, n in aws.calls.items() if "Transact" in name or "Delete" in name)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "growth": peak - before,
                "peak": peak,
                "calls": sum(aws.calls.values()),
                "writes": writes,
                "batches": aws.calls["dynamodb.BatchGetItem"],
            }
        )
    )
