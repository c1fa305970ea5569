"""Erasures at size: the standard member, a member with very many records, and people in Parquet."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.benchmarks.access import Used, measured, watched
from tests.benchmarks.erasure import plain_erase
from tests.benchmarks.measuring import MIB, ROOT, Child, child, least_cpu
from tests.benchmarks.parquet_rows import make, some_people
from tests.benchmarks.report import Row, Section, milliseconds
from tests.support.shipped import INSTALLED, Shipped
from tests.support.stack import PlayedStack, played_stack

FULL = bool(os.environ.get("BENCH_FULL"))  # the sizes of the goals: files of 200 MB and 1 GB
SCALED = "" if FULL else "A quarter of the 200 MB, and a tenth of the 1 GB, of the goals: those take minutes more."
ROUNDS = 1 if FULL else 2
SHOPS = (200, 2_000)  # members
STEPS = ("PlanErasure", "EraseData", "SearchAgain")
CALLS_OF_ERASING = 30
MANY, FEW = 40_000, 4_000
GROWTH = 64 * MIB
OF_ALL, OF_SHARE = 1_000, 5  # people; those who were erased one by one
OBJECTS = 100

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]


def test_erasure_of_the_standard_member(sections: list[Section], monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[Used] = []
    for members in SHOPS:
        with played_stack(members=members) as stack:
            played.append(_play(stack, monkeypatch))
            member = stack.new_member(addresses=5, orders=20, lines_per_order=3, gifts=0)
            with watched(monkeypatch) as plain:
                clients = stack.client("dynamodb"), stack.client("s3")
                floor = measured(partial(plain_erase, member.member_id, member.email, *clients))
    used, larger = played
    writes = used.tables["EraseData"]
    section = Section(
        "Erasure of the standard member",
        f"""
86 records in tables, with surveys and an access log in files. The floor is a script with boto3 that finds them once
and updates or deletes one by one: no plan, nothing that stays by law, no manifest, no condition, no search again. Ours
are four steps, of which each but the one that erases looks for everything anew; planning is done twice, the second time
right before erasing. A larger shop is one of {SHOPS[1]:,} members instead of {SHOPS[0]}.
""",
        [
            Row(
                "calls to tables that erase",
                str(writes),
                str(CALLS_OF_ERASING),
                ratio=writes / CALLS_OF_ERASING,
                goal=1,
            ),
            Row(
                "calls to the person's data, all steps", str(used.person), str(plain.person), used.person / plain.person
            ),
            Row(
                "the same in a larger shop",
                str(larger.person),
                str(used.person),
                ratio=larger.person / used.person,
                goal=1.1,
            ),
        ],
    )
    section.rows += [
        Row(f"- {name}", milliseconds(used.seconds[name]), milliseconds(floor), used.seconds[name] / floor)
        for name in STEPS
    ]
    sections.append(section)


def _play(stack: PlayedStack, monkeypatch: pytest.MonkeyPatch) -> Used:
    """The second erasure of two: everything is warm."""
    for _ in range(2):
        member = stack.new_member(addresses=5, orders=20, lines_per_order=3, gifts=0)
        with watched(monkeypatch) as used:
            case = stack.to_approval(member)
            stack.erase(case, {})
        assert stack.staff_view(case)["status"] == "closed"
    return used


def test_a_person_with_many_records(sections: list[Section], shipped: Shipped, tmp_path: Path) -> None:
    def run(work: str, records: int) -> Child:
        paths = [shipped.core, shipped.dependencies, ROOT] if work == "erase" else []
        folder = tmp_path / f"{work}-{records}-{len(list(tmp_path.iterdir()))}"
        code = f"from tests.benchmarks.many_records import main; main({work!r}, {records}, {str(folder)!r})"
        return child(code, paths=[*paths, ROOT, INSTALLED])

    few = {name: run(name, FEW).result for name in ("erase", "plain_erase")}
    many = run("erase", MANY).result
    section = Section(
        f"A person with {MANY:,} records",
        f"""
Half of them orders under one key, half lines, each under the key of its order: {MANY // 2:,} identifiers. Planned,
checked, erased and searched again, against a script that queries and deletes one by one, run with {FEW:,} records. Most
of the calls look for the lines of an order: three times, where the script does once.
""",
        [
            Row(
                "calls that write, of a record",
                f"{many['writes'] / MANY:.3f}",
                f"{few['plain_erase']['writes'] / FEW:.3f}",
                ratio=many["writes"] / MANY / (few["plain_erase"]["writes"] / FEW),
            ),
            Row(
                "processor time of a record",
                milliseconds(many["seconds"] / MANY),
                milliseconds(few["plain_erase"]["seconds"] / FEW),
                ratio=many["seconds"] / MANY / (few["plain_erase"]["seconds"] / FEW),
            ),
            Row("growth of memory", _mib(many["growth"]), _mib(GROWTH), ratio=many["growth"] / GROWTH, goal=1),
            Row(
                f"peak against that of {FEW:,}",
                _mib(many["peak"]),
                _mib(few["erase"]["peak"]),
                ratio=many["peak"] / few["erase"]["peak"],
                goal=1.2,
            ),
        ],
    )
    sections.append(section)


def _run(work: str, folder: Path, warm: Path, people: Sequence[str]) -> Child:
    arguments = f"{work!r}, {str(folder)!r}, {str(warm)!r}, {list(people)!r}"
    code = f"from tests.benchmarks.parquet_rows import main; main({arguments})"
    return child(code, paths=[ROOT / "layers/core/python", ROOT, INSTALLED])


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parquet") / "warm"
    make(folder, objects=1, rows=20_000, group=10_000, clustered=False)
    return folder


def test_ten_people_in_large_parquet(sections: list[Section], warm: Path, tmp_path: Path) -> None:
    section = Section(
        "Ten people in a large Parquet file",
        f"""
Rows of 47 bytes, eight columns, in groups of 200,000 in random order, so that every group has a hit; and in groups of
25,000 with the rows of each person together, so that few have. {SCALED}
The floor fetches the object, filters it group by group with pyarrow and puts it back. Ours reads each group with a hit
twice more: to judge the rows, and to see that what was written is what was meant. Nobody's change meanwhile is lost.
""",
    )
    sizes = {
        "random order": {"rows": 4_600_000 if FULL else 1_000_000, "group": 200_000, "clustered": False},
        "clustered": {"rows": 22_000_000 if FULL else 2_000_000, "group": 25_000, "clustered": True},
    }
    for name, size in sizes.items():
        folder = tmp_path / name.replace(" ", "-")
        rows, group, clustered = size.values()
        people = make(folder, objects=1, rows=rows, group=group, clustered=bool(clustered))
        ten = some_people(people, 10)
        runs = {work: partial(_run, work, folder, warm, ten) for work in ("erase", "plain_erase")}
        found = {work: ran.result for work, ran in least_cpu(runs, rounds=ROUNDS).items()}
        ours, floor = found["erase"], found["plain_erase"]
        megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        what = f"{name}, {megabytes:.0f} MB"
        section.rows += [
            _time(f"processor time, {what}", ours["seconds"], floor["seconds"]),
            Row(
                f"growth of memory, {what}",
                _mib(ours["growth"]),
                _mib(floor["growth"]),
                ratio=ours["growth"] / floor["growth"],
                goal=0.6,
            ),
        ]
    sections.append(section)


def test_a_thousand_people_in_a_hundred_objects(sections: list[Section], warm: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hundred"
    people = make(
        folder, objects=OBJECTS, rows=20_000 if FULL else 4_000, group=10_000 if FULL else 2_000, clustered=False
    )
    everybody = some_people(people, OF_ALL)
    ours = _run("erase", folder, warm, everybody).result
    single = _run("one_by_one", folder, warm, everybody[:OF_SHARE]).result
    times = OF_ALL / OF_SHARE
    sections.append(
        Section(
            f"{OF_ALL:,} people in {OBJECTS} Parquet objects",
            f"""
In one pass over each object, as after a restore from a backup, against a pass for each person: {OF_SHARE} of them were
erased one by one, and that was taken {times:.0f} times.
""",
            [
                _time("processor time", ours["seconds"], single["seconds"] * times),
                Row(
                    "requests for objects",
                    f"{ours['gets']:,}",
                    f"{single['gets'] * times:,.0f}",
                    ratio=ours["gets"] / (single["gets"] * times),
                ),
            ],
        )
    )


def _time(what: str, ours: float, floor: float) -> Row:
    return Row(what, f"{ours:.1f} s", f"{floor:.1f} s", ratio=ours / floor)


def _mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB"
