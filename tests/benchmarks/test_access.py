"""An access request of the standard member (20 orders), from the form to the closed case, against a plain script."""

from functools import partial

import pytest

from tests.benchmarks.access import Used, measured, plain_access, watched
from tests.benchmarks.report import Row, Section, milliseconds
from tests.support.stack import PlayedStack, played_stack

MEMBERS = 1_000
ROUNDS = 4
CALLS_GOAL, CPU_GOAL = 1.1, 3
FINDS = ("RequestDecision", "CollectData", "CollectColumnar", "BuildExport")
DAILY = ("SweepDeadlines", "CheckDeadline")  # by the clock, whatever the request is
DOORS = ("PublicApi", "StaffApi")

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]


def test_access_of_the_standard_member(sections: list[Section], monkeypatch: pytest.MonkeyPatch) -> None:
    steps: dict[str, float] = {}
    floors: list[float] = []
    with played_stack(members=MEMBERS) as stack:
        for _ in range(ROUNDS):
            used, person = _play(stack, monkeypatch)
            for name, seconds in used.seconds.items():
                steps[name] = min(seconds, steps.get(name, seconds))
            calls = used.person
            with watched(monkeypatch) as plain:
                script = partial(plain_access, person, stack.client("dynamodb"), stack.client("s3"))
                floors.append(measured(script))
    floor = min(floors)
    work = [name for name in steps if name not in (*DOORS, *DAILY)]
    asked = sum(used.calls[name] for name in work)
    tasks = sum(steps[name] for name in work)
    finds = sum(steps[name] for name in FINDS)
    section = Section(
        "Access for the standard member",
        f"""
86 records: a profile, 5 addresses, 20 orders with 60 lines, in a shop of {MEMBERS:,} members with surveys, support mail
and an access log; everything warm. The floor is a script with boto3, `json`, `csv`, `zipfile` and pyarrow that fetches
the same records and puts them into S3 as a ZIP of JSON: no case, no proof of identity, no rules, no letters, no pages
in two languages, no CSV, nothing to clear up. All tasks are those of the workflow, from the code that is mailed to the
closed case, with each event copied as evidence: {asked} calls to AWS, which take most of the time. Below stand the
doors: five calls by the person, three by staff.
""",
        [
            Row("calls to the person's data", str(calls), str(plain.person), calls / plain.person, CALLS_GOAL),
            Row("all tasks", milliseconds(tasks), milliseconds(floor), tasks / floor, CPU_GOAL),
            Row("of these: decide, find, build", milliseconds(finds), milliseconds(floor), finds / floor),
        ],
    )
    for name, seconds in sorted(steps.items(), key=lambda step: (step[0] in DOORS, -step[1])):
        if name not in DAILY:
            section.rows.append(Row(f"- {name}", milliseconds(seconds), "", seconds / floor))
    sections.append(section)


def _play(stack: PlayedStack, monkeypatch: pytest.MonkeyPatch) -> tuple[Used, str]:
    """A whole request by a new member; gives what it used and the address."""
    member = stack.new_member(addresses=5, orders=20, lines_per_order=3, gifts=0)
    with watched(monkeypatch) as used:
        case = stack.to_review(member)
        stack.release(case, treatment="withhold")
        stack.download(case)
        stack.advance(days=14, hours=1)
    return used, member.email
