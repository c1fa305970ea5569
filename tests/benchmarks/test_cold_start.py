"""What a function costs before it serves its first event, against a plain boto3 client for DynamoDB.

Our side ends with the same thing in hand: the function is imported and its DynamoDB client is made.
"""

from collections import defaultdict
from functools import partial
from statistics import median

import pytest

from tests.benchmarks.measuring import MIB, ROOT, child
from tests.benchmarks.report import Row, Section, milliseconds
from tests.support.shipped import INSTALLED, Shipped

ROUNDS = 7
DOORS = ("public_api", "public_site", "staff_api")
DOOR_GOAL, WORKER_GOAL = 1.6, 1.05
DOOR_MEMORY, WORKER_MEMORY = 65 * MIB, 50 * MIB
FLOOR = 'import boto3; boto3.client("dynamodb")'
OURS = 'import app; from rightsdesk.adapters.clients import client; client("dynamodb")'
PEAK = "\nfrom tests.benchmarks.memory import peak; print(peak())"
LETTER = """
from datetime import date
from rightsdesk.adapters.merchant_files import merchant_directory
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.wiring import merchant
day = date(2026, 10, 3)
values = {"reference": "RD-28T5-CY4G-M", "code": "1234-5678", "code_minutes": 10, "link": "https://shop.example/en",
          "received_on": day, "due_on": day, "due_rule": Phrase(name="due_rule.gdpr")}
MerchantLetters(merchant_directory(), merchant()).print(Letter.VERIFICATION_CODE, "en", values, to="a@b.example")
"""

pytestmark = pytest.mark.benchmark


def test_cold_start_of_each_function(sections: list[Section], shipped: Shipped) -> None:
    floor = partial(child, FLOOR, paths=[INSTALLED])
    runs = {name: partial(child, OURS, paths=shipped.paths(name)) for name in shipped.functions}
    runs["our layer"] = partial(child, FLOOR, paths=[shipped.dependencies])
    runs["letter"] = partial(child, OURS + LETTER, paths=shipped.paths("send_verification"))
    floors, found = defaultdict(list), defaultdict(list)
    for _ in range(ROUNDS):
        for name, run in runs.items():
            floors[name].append(floor().cpu)  # each time side by side: what disturbs the one disturbs the other
            found[name].append(run().cpu)
    ratios = {name: median(o / f for o, f in zip(found[name], floors[name], strict=True)) for name in runs}
    least = min(cpu for cpus in floors.values() for cpu in cpus)
    section = Section(
        "Cold start",
        f"""
Import of a function with its DynamoDB client made, in a new interpreter, from the layers as they ship: bytecode that is
not checked against its source, and botocore's data shortened. The floor is `{FLOOR}`
as it is installed from the package index; inside our layer it takes {ratios["our layer"]:.2f} of that. A ratio is the
median of {ROUNDS} pairs. Of a worker's time botocore is two thirds, pydantic a fifth, Powertools a twentieth; the rest
is the models that it needs, `merchant.yaml`, and in three of them the data map, which has to be right before the first
event. What is imported when it is needed is not in here: the last row is what the first letter adds.
""",
    )
    for name in sorted(shipped.functions, key=lambda name: (name in DOORS, name)):
        goal = DOOR_GOAL if name in DOORS else WORKER_GOAL
        section.rows.append(_row(name, min(found[name]), least, ratios[name], goal))
    more = min(found["letter"]) - min(found["send_verification"])
    section.rows.append(_row("the first letter", more, least, ratios["letter"] - ratios["send_verification"]))
    sections.append(section)


def _row(what: str, ours: float, floor: float, ratio: float, goal: float | None = None) -> Row:
    return Row(what, milliseconds(ours), milliseconds(floor), ratio=ratio, goal=goal)


def test_memory_after_a_cold_start(sections: list[Section], shipped: Shipped) -> None:
    section = Section(
        "Memory at rest",
        "The most that a function had resident when it was ready for its first event. The goal is absolute.",
    )
    for name in shipped.functions:
        limit = DOOR_MEMORY if name in DOORS else WORKER_MEMORY
        peak = child(OURS + PEAK, paths=[*shipped.paths(name), ROOT]).result
        section.rows.append(Row(name, f"{peak / MIB:.0f} MiB", f"{limit / MIB:.0f} MiB", ratio=peak / limit, goal=1))
    sections.append(section)
