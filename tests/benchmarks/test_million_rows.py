"""A person with 1,000,000 records: how fast they are collected and packed, and how little memory that takes."""

from functools import partial
from pathlib import Path

import pytest

from tests.benchmarks.measuring import MIB, ROOT, Child, child, least_cpu
from tests.benchmarks.report import Row, Section
from tests.support.shipped import INSTALLED, Shipped

FEW, MANY = 100_000, 1_000_000
TIMES = 4  # as fast as the floor
GROWTH = 64 * MIB
FLATNESS = 1.2

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]


def test_a_million_rows(sections: list[Section], shipped: Shipped, tmp_path: Path) -> None:
    def run(work: str, rows: int) -> Child:
        paths = [ROOT, INSTALLED] if work.startswith("plain") or work == "json_zlib" else ours
        file = tmp_path / f"{rows}.jsonl.gz"
        return child(
            f"from tests.benchmarks.million_rows import main; main({work!r}, {rows}, {str(file)!r})", paths=paths
        )

    ours = [shipped.core, shipped.dependencies, ROOT]
    few = {
        name: found.result
        for names in (("collect", "plain_collect"), ("export", "plain_export"), ("json_file", "json_zlib"))
        for name, found in least_cpu({name: partial(run, name, FEW) for name in names}, rounds=3).items()
    }
    many = {name: run(name, MANY) for name in ("collect", "export")}
    section = Section(
        f"{MANY:,} rows of one person",
        f"""
Rows of 191 bytes of JSON: from pages of DynamoDB through the allow-list into the collected object in S3, and from there
into the package (JSON and CSV with their hashes, pages, letter, manifest). The floors were run with {FEW:,} rows:
boto3's paginator and types, `json`, gzip 6; then `json.loads`, `json.dumps`, `csv` and `zipfile` at level 6 for the
same two files. "JSON alone" is the encoding and compressing of records in memory against `json` and zlib 6. Growth of
memory is the peak of a process less what it had before the first row. Two thirds of packing is the CSV file, in which
every cell is looked at before a spreadsheet does.
""",
    )
    for what, name, floor in (("collecting", "collect", "plain_collect"), ("packing", "export", "plain_export")):
        section.rows.append(_speed(what, many[name].result["seconds"] / MANY, few[floor]["seconds"] / FEW))
    section.rows.append(_speed("JSON alone", few["json_file"]["seconds"] / FEW, few["json_zlib"]["seconds"] / FEW))
    for what, name in (("collecting", "collect"), ("packing", "export")):
        growth = many[name].result["growth"]
        section.rows.append(Row(f"growth of memory, {what}", _mib(growth), _mib(GROWTH), ratio=growth / GROWTH, goal=1))
        high, low = many[name].result["peak"], few[name]["peak"]
        section.rows.append(
            Row(f"peak against that of {FEW:,}, {what}", _mib(high), _mib(low), ratio=high / low, goal=FLATNESS)
        )
    sections.append(section)


def _speed(what: str, ours: float, floor: float) -> Row:
    """From seconds a row."""
    rows, at_least = (f"{1 / seconds:,.0f} rows/s" for seconds in (ours, floor))
    return Row(what, rows, at_least, ratio=floor / ours, goal=TIMES, more=True)


def _mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB"
