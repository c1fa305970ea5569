"""One person with very many records: collected from DynamoDB, then built into the package. Run in a process of its own.

    python -c "from tests.benchmarks.million_rows import main; main('collect', 1_000_000, 'FILE')"

`collect` and `export` are ours; `plain_collect` and `plain_export` do the same with boto3, json and zlib as one would
write it in an afternoon. `json_file` (ours) and `json_zlib` only encode and compress records that are in memory. Each
prints one JSON object: seconds of the processor without those of the stub, and how far memory grew.
"""

import csv
import gzip
import io
import json
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import orjson

from tests.benchmarks.aws_stub import Reply, StubbedAws
from tests.benchmarks.memory import peak as peak_memory

ROWS_OF_A_PAGE = 5_000  # DynamoDB ends a page at 1 MiB
DISTINCT = 100_000
WARM_UP = ROWS_OF_A_PAGE
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_PATHS = ("/products/", "/basket", "/ja/products/", "/orders/", "/search?q=")
_DEVICES = ("iPhone; Safari", "Windows; Firefox", "Android; Chrome")


def record(number: int) -> dict[str, Any]:
    """One visit: 191 bytes of JSON on average, about as compressible as a shop's logs."""
    noise = number * 0x9E3779B97F4A7C15 % 2**64
    return {
        "visit_id": f"{noise:016x}",
        "at": f"2026-{noise % 12 + 1:02d}-{noise % 28 + 1:02d}T{noise % 24:02d}:{noise % 60:02d}:07+09:00",
        "path": f"{_PATHS[noise % 5]}{noise % 100_003}",
        "device": _DEVICES[noise % 3],
        "address": f"203.0.{noise % 113}.{noise % 251}",
        "seconds": noise % 977,
        "total": noise % 100_000 if noise % 4 == 0 else None,
        "note": "ギフト包装を希望" if noise % 10 == 0 else "-" if noise % 7 == 0 else "",
        "member_id": "M000042",
    }


def item(number: int) -> dict[str, dict[str, Any]]:
    """The same as DynamoDB keeps it."""
    typed: dict[str, dict[str, Any]] = {"pk": {"S": "MEMBER#M000042"}, "sk": {"S": f"VISIT#{number:09d}"}}
    for name, value in record(number).items():
        if value is not None:
            typed[name] = {"N": str(value)} if isinstance(value, int) else {"S": value}
    return typed


def field(english: str, **more: Any) -> dict[str, Any]:
    label = {"en": english, "ja": english}
    return {"label": label, "category": "usage", "purposes": ["service"], "basis": "contract", "retention": "visits",
            "origin": "observed"} | more  # fmt: skip


def label(text: str) -> dict[str, str]:
    return {"en": text, "ja": text}


MAP = {
    "version": "2026-11-23",
    "identifiers": {"member_id": {"label": label("Member"), "verifiable": True}},
    "purposes": {"service": {"clause": "P-02", "basis": "contract", "label": label("To run the shop")}},
    "retention": {"visits": {"label": label("13 months"), "months": 13, "from": "visit"}},
    "sources": {
        "shop": {
            "kind": "dynamodb",
            "label": label("Shop"),
            "collections": {
                "visits": {
                    "label": label("Visits"),
                    "identity": True,
                    "table": "visits",
                    "technical": ["pk", "sk"],
                    "find_by": [{"identifier": "member_id", "key": "pk", "template": "MEMBER#{value}"}],
                    "fields": {
                        "visit_id": field("Visit", origin="assigned"),
                        "at": field("Time", type="timestamp"),
                        "path": field("Page"),
                        "device": field("Device"),
                        "address": field("IP address"),
                        "seconds": field("Seconds", type="integer"),
                        "total": field("Total", type="integer", currency="JPY"),
                        "note": field("Note", origin="provided"),
                        "member_id": field("Member", identifies="member_id", origin="assigned"),
                    },
                }
            },
        }
    },
}


class Pages:
    """The table: pages of about 1 MiB, as the service would send them; the same again after `DISTINCT` rows."""

    def __init__(self, rows: int) -> None:
        assert rows % ROWS_OF_A_PAGE == 0
        self._count = rows // ROWS_OF_A_PAGE
        starts = range(0, min(rows, DISTINCT), ROWS_OF_A_PAGE)
        self._pages = [orjson.dumps([item(start + n) for n in range(ROWS_OF_A_PAGE)]) for start in starts]

    def answer(self, operation: str, request: Any) -> Reply:
        start = orjson.loads(request.body).get("ExclusiveStartKey")
        page = int(start["sk"]["S"]) + 1 if start else 0
        last = b',"LastEvaluatedKey":{"pk":{"S":"MEMBER#M000042"},"sk":{"S":"%d"}}' % page
        return Reply(b'{"Items":%b%b}' % (self._pages[page % len(self._pages)], last * (page + 1 < self._count)))


class Objects:
    """The export bucket: what is uploaded goes to `path`, or nowhere; what is fetched comes from there."""

    def __init__(self, path: Path, *, keep: bool) -> None:
        self._path, self._keep = path, keep
        self.written = 0

    def answer(self, operation: str, request: Any) -> Reply:
        match operation.removeprefix("s3."):
            case "GetObject":
                file = _Streamed(self._path.open("rb"))
                return Reply(file, headers={"content-length": str(self._path.stat().st_size)})  # type: ignore[arg-type]
            case "CreateMultipartUpload":
                return Reply(b"<R><UploadId>1</UploadId></R>")
            case "UploadPart" | "PutObject":
                self._take(request.body)
                return Reply(b"", headers={"etag": '"1"'})
        return Reply(b"<R/>")

    def _take(self, body: Any) -> None:
        """The SDK sends pieces, each after its length, and a checksum after the last (aws-chunked)."""
        with (self._path if self._keep else Path(os.devnull)).open("ab" if self.written else "wb") as file:
            for piece in body:
                length, _, data = piece.partition(b"\r\n")
                self.written += file.write(memoryview(data)[: int(length, 16)])


class _Streamed:
    """A file as the body of an answer."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.read, self.close = file.read, file.close
        self.readinto = file.readinto  # type: ignore[attr-defined]

    def stream(self, **_: Any) -> Iterator[bytes]:
        while piece := self._file.read(64 * 1024):
            yield piece


def collect(rows: int, path: Path) -> Callable[[], StubbedAws]:
    """Ours: reader, allow-list, record store, as `collect_data` wires them."""
    from rightsdesk.adapters.clients import client
    from rightsdesk.adapters.found_values import SpooledValues
    from rightsdesk.adapters.s3_results import S3RecordStore
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.services.collect_data import collect_data
    from rightsdesk.sources.dynamodb import DynamoReader

    data_map = DataMap.model_validate(MAP)
    dynamodb, s3 = client("dynamodb"), client("s3")
    table, bucket = StubbedAws(Pages(rows).answer), StubbedAws(Objects(path, keep=True).answer)
    table.attach(dynamodb)
    bucket.attach(s3)

    def run() -> StubbedAws:
        with SpooledValues() as found:
            result = collect_data(
                "1",
                "shop",
                data_map=data_map,
                verified={"member_id": ["M000042"]},
                reader=DynamoReader(dynamodb),
                store=S3RecordStore("bucket", s3),
                found=found,
                done={},
                save=lambda _name, _result: None,
                clock=lambda: NOW,
            )
        assert result.collections["visits"].rows == rows
        table.seconds += bucket.seconds
        return table

    return run


def export(rows: int, path: Path) -> Callable[[], StubbedAws]:
    """Ours: the package from the collected object, both copies (JSON and CSV), pages, letter, manifest."""
    from rightsdesk.adapters.clients import client
    from rightsdesk.adapters.s3_exports import S3ExportStore
    from rightsdesk.adapters.s3_results import S3RecordStore
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.domain.fields import Label
    from rightsdesk.domain.request import RequestType
    from rightsdesk.export.build import build_package
    from rightsdesk.export.package import CollectionInput, Controller, PackageContext
    from rightsdesk.law.applicability import Law

    data_map = DataMap.model_validate(MAP)
    bucket = StubbedAws(Objects(path, keep=False).answer)
    bucket.attach(client("s3"))
    records, exports = S3RecordStore("bucket", client("s3")), S3ExportStore("bucket", client("s3"))
    context = PackageContext(
        reference="RD-28T5-CY4G-M",
        types=(RequestType.ACCESS,),
        language="en",
        laws=(Law.GDPR,),
        subject="0" * 64,
        received_at=NOW,
        due_on=date(2026, 12, 23),
        generated_at=NOW,
        generator="benchmark",
        zone="Asia/Tokyo",
        controller=Controller(name=Label(en="Shop", ja="店"), email="privacy@shop.example"),
        datamap=data_map,
    )

    def run() -> StubbedAws:
        [visits] = data_map.collections
        given = CollectionInput(visits, "ok", NOW, rows, lambda: records.read("1", visits.path))
        summary = build_package(context, [given], lambda number: exports.open_part(f"exports/{number}"))
        assert summary.rows == rows
        return bucket

    return run


def plain_collect(rows: int, path: Path) -> Callable[[], StubbedAws]:
    """The floor: a paginator, boto3's own types, json, gzip."""
    import boto3
    from boto3.dynamodb.types import TypeDeserializer

    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    table, bucket = StubbedAws(Pages(rows).answer), StubbedAws(Objects(path, keep=False).answer)
    table.attach(dynamodb)
    bucket.attach(s3)
    deserialize = TypeDeserializer().deserialize

    def run() -> StubbedAws:
        found = 0
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6) as lines:
            for page in dynamodb.get_paginator("query").paginate(
                TableName="visits",
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": "MEMBER#M000042"}},
            ):
                for typed in page["Items"]:
                    row = {name: deserialize(value) for name, value in typed.items() if name not in ("pk", "sk")}
                    lines.write(json.dumps(row, default=int, ensure_ascii=False).encode() + b"\n")
                    found += 1
        s3.put_object(Bucket="bucket", Key="work/visits.jsonl.gz", Body=out.getvalue())
        assert found == rows
        table.seconds += bucket.seconds
        return table

    return run


def plain_export(rows: int, path: Path) -> Callable[[], StubbedAws]:
    """The floor: the same two files, with json, csv and zipfile at zlib's usual level, streamed as well."""
    import boto3

    s3 = boto3.client("s3")
    bucket = StubbedAws(Objects(path, keep=False).answer)
    bucket.attach(s3)

    def lines() -> Iterator[Any]:
        body = s3.get_object(Bucket="bucket", Key="work/visits.jsonl.gz")["Body"]
        return map(json.loads, gzip.GzipFile(fileobj=body))

    def run() -> StubbedAws:
        names = list(record(0))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            with archive.open("data/visits.json", "w", force_zip64=True) as file:
                file.write(b"[")
                for number, row in enumerate(lines()):
                    file.write((b",\n" if number else b"") + json.dumps(row, ensure_ascii=False).encode())
                file.write(b"]")
            with archive.open("data/visits.csv", "w", force_zip64=True) as file:
                text = io.TextIOWrapper(file, "utf-8-sig", newline="")
                writer = csv.DictWriter(text, names)
                writer.writeheader()
                writer.writerows(lines())
                text.close()
        s3.put_object(Bucket="bucket", Key="exports/1", Body=out.getvalue())
        return bucket

    return run


def json_file(rows: int, path: Path) -> Callable[[], StubbedAws]:
    """Ours: the JSON file of the package, with its hashes."""
    from contextlib import nullcontext

    from rightsdesk.export.encoding import encode_value
    from rightsdesk.export.package import PackageLimits
    from rightsdesk.export.parts import Frame, PartsWriter

    records = [record(number) for number in range(rows)]

    def run() -> StubbedAws:
        def sink(_number: int) -> Any:
            return nullcontext(io.FileIO(os.devnull, "w"))

        with PartsWriter(open_part=sink, package="p", modified=NOW, limits=PackageLimits()) as parts:
            parts.stream("data/visits.json", map(encode_value, records), frame=lambda _: Frame(separator=b",\n"))
        return StubbedAws(lambda _operation, _request: Reply())

    return run


def json_zlib(rows: int, path: Path) -> Callable[[], StubbedAws]:
    """The lowest floor: records in memory, one file, nothing but json and zlib 6."""
    records = [record(number) for number in range(rows)]

    def run() -> StubbedAws:
        compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
        for one in records:
            compressor.compress(json.dumps(one, ensure_ascii=False).encode())
        compressor.flush()
        return StubbedAws(lambda _operation, _request: Reply())

    return run


WORK = {work.__name__: work for work in (collect, export, json_file, plain_collect, plain_export, json_zlib)}


def main(work: str, rows: int, path: str) -> None:
    if work not in ("export", "plain_export"):  # those read what was collected
        WORK[work](WARM_UP, Path(f"{path}.warm"))()
    run = WORK[work](rows, Path(path))
    before = peak_memory()
    started = time.process_time()
    aws = run()
    seconds = time.process_time() - started - aws.seconds
    peak = peak_memory()
    print(json.dumps({"seconds": seconds, "growth": peak - before, "peak": peak, "calls": sum(aws.calls.values())}))
