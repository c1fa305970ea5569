"""People are erased from Parquet in S3. Run in a process of its own, for files that `make` wrote.

    python -c "from tests.benchmarks.parquet_rows import main; main('erase', 'FOLDER', 10)"

`erase` is ours, all people in one pass over each object; `one_by_one` is ours as well, with a pass for each person.
`plain_erase` does it as one would write it in an afternoon: fetch the object, read its groups of rows with pyarrow,
filter, write, put. Prints one JSON object: seconds of the processor without those of the stub, memory, bytes, calls.
"""

import io
import json
import random
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from tests.benchmarks.aws_stub import Reply, StubbedAws
from tests.benchmarks.memory import peak as peak_memory

ROWS_OF_A_PERSON = 20
_DISTINCT = 200_000  # rows that differ in more than whose they are
_AGENTS = ("iPhone; Safari", "Windows; Firefox", "Android; Chrome")


def make(folder: Path, *, objects: int, rows: int, group: int, clustered: bool) -> int:
    """Objects of `rows` rows each; gives the number of people. Clustered: the rows of a person are together."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance = random.Random(1)  # the same files in every run
    noise = [chance.getrandbits(62) for _ in range(min(group, _DISTINCT))]
    columns = {
        "at": pa.array([1_600_000_000_000 + n % 100_000_000_000 for n in noise], pa.timestamp("ms", tz="UTC")),
        "path": pa.array([f"/products/{n % 5003}" for n in noise]),
        "agent": pa.array([_AGENTS[n % 3] for n in noise]),
        "address": pa.array([f"203.0.{n % 113}.{n % 251}" for n in noise]),
        "seconds": pa.array([n % 977 for n in noise]),
        "session": pa.array([f"{n:016x}" for n in noise]),
        "total": pa.array([n / 7 for n in noise]),
    }
    people = objects * rows // ROWS_OF_A_PERSON
    folder.mkdir(parents=True)
    for number in range(objects):
        writer = None
        for start in range(number * rows, (number + 1) * rows, len(noise)):
            if clustered:
                owners = [(start + row) // ROWS_OF_A_PERSON for row in range(len(noise))]
            else:
                owners = chance.choices(range(people), k=len(noise))
            table = pa.table({"member_id": pa.array([f"M{owner:07d}" for owner in owners])} | columns)
            writer = writer or pq.ParquetWriter(folder / f"{number:03d}.parquet", table.schema)
            writer.write_table(table, row_group_size=len(noise))
        assert writer is not None
        writer.close()
    return people


def some_people(people: int, count: int) -> list[str]:
    return [f"M{number:07d}" for number in random.Random(2).sample(range(people), count)]


class Objects:
    """The bucket: files of a folder, which stay as they are. What is written goes nowhere, and is counted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.read = self.written = 0

    def answer(self, operation: str, request: Any) -> Reply:
        match operation.removeprefix("s3."):
            case "ListObjectsV2":
                entries = "".join(
                    f"<Contents><Key>log/{file.name}</Key><Size>{file.stat().st_size}</Size><ETag>1</ETag></Contents>"
                    for file in sorted(self._folder.iterdir())
                )
                return Reply(f"<R>{entries}</R>".encode())
            case "GetObject":
                return self._range(request)
            case "GetObjectTagging":
                return Reply(b"<Tagging><TagSet/></Tagging>")
            case "CreateMultipartUpload":
                return Reply(b"<R><UploadId>1</UploadId></R>")
            case "UploadPart" | "PutObject":
                for piece in request.body:
                    length, _, data = piece.partition(b"\r\n")
                    self.written += len(memoryview(data)[: int(length, 16)])
                return Reply(b"", headers={"etag": '"1"'})
        return Reply(b"<R/>" if operation != "s3.HeadObject" else b"", headers={"etag": '"1"'})

    def _range(self, request: Any) -> Reply:
        file = self._folder / unquote(urlparse(request.url).path).rpartition("/")[2]
        size = file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", _text(request.headers.get("Range", "")))
        first, last = (int(asked[1]), min(int(asked[2]), size - 1)) if asked else (0, size - 1)
        with file.open("rb") as opened:
            opened.seek(first)
            data = opened.read(last - first + 1)
        self.read += len(data)
        return Reply(
            data,
            status=206 if asked else 200,
            headers={"etag": '"1"', "content-length": str(len(data)), "content-range": f"bytes {first}-{last}/{size}"},
        )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def erase(folder: Path, people: list[str]) -> Callable[[], tuple[StubbedAws, Objects]]:
    """Ours: what the task of erasing does with a source, for all of them at once."""
    from rightsdesk.adapters.clients import client
    from rightsdesk.domain.datamap import FileCollection
    from rightsdesk.domain.erasing import RowChange, RowFate
    from rightsdesk.sources.columnar_rewriting import rewrite_columns
    from rightsdesk.sources.s3_rewriting import S3Eraser
    from tests.unit.domain import maps

    names = ("member_id", "at", "path", "agent", "address", "seconds", "session", "total")
    fields = {name: maps.field() for name in names}
    files = FileCollection.model_validate(
        maps.rows("member_id", prefix="log/", format="parquet", fields=fields, technical=[])
    )
    objects = Objects(folder)
    aws = StubbedAws(objects.answer)
    aws.attach(client("s3"))
    eraser = S3Eraser(client("s3"), rewrite_columns=rewrite_columns)

    def run() -> tuple[StubbedAws, Objects]:
        done = eraser.carry_out(files, "member_id", people, lambda _: RowChange(fate=RowFate.DELETE))
        assert sum(1 for _ in done) > len(people)
        return aws, objects

    return run


def one_by_one(folder: Path, people: list[str]) -> Callable[[], tuple[StubbedAws, Objects]]:
    """Ours, as if each person was erased alone."""
    runs = [erase(folder, [person]) for person in people]

    def run() -> tuple[StubbedAws, Objects]:
        return [each() for each in runs][-1]

    return run


def plain_erase(folder: Path, people: list[str]) -> Callable[[], tuple[StubbedAws, Objects]]:
    """The floor. What was written is not read again, and nothing else about the object is kept."""
    import boto3
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    s3 = boto3.client("s3")
    objects = Objects(folder)
    aws = StubbedAws(objects.answer)
    aws.attach(s3)
    values = pa.array(people)

    def rewritten(keys: Iterable[str]) -> None:
        for key in keys:
            file = pq.ParquetFile(io.BytesIO(s3.get_object(Bucket="files", Key=key)["Body"].read()))
            out = io.BytesIO()
            with pq.ParquetWriter(out, file.schema_arrow) as writer:
                for group in range(file.num_row_groups):
                    table = file.read_row_group(group, use_threads=False)
                    table = table.filter(pc.invert(pc.is_in(table["member_id"], value_set=values)))
                    writer.write_table(table, row_group_size=len(table))
            s3.put_object(Bucket="files", Key=key, Body=out.getvalue())

    def run() -> tuple[StubbedAws, Objects]:
        found = s3.list_objects_v2(Bucket="files", Prefix="log/")["Contents"]
        rewritten(entry["Key"] for entry in found)
        return aws, objects

    return run


WORK = {work.__name__: work for work in (erase, one_by_one, plain_erase)}


def main(work: str, folder: str, warm: str, people: list[str]) -> None:
    WORK[work](Path(warm), some_people(1000, 3))()
    run = WORK[work](Path(folder), people)
    before = peak_memory()
    started = time.process_time()
    aws, objects = run()
    seconds = time.process_time() - started - aws.seconds
    peak = peak_memory()
    gets = aws.calls["s3.GetObject"]
    print(
        json.dumps(
            {"seconds": seconds, "growth": peak - before, "peak": peak, "read": objects.read, "gets": gets}
            | {"written": objects.written}
        )
    )
