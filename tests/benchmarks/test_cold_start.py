"""What a function costs before it serves its first event, against a plain boto3 client for DynamoDB.

Our side ends with the same thing in hand: the function is imported and its DynamoDB client is made.
"""

from functools import partial

import pytest

from tests.benchmarks.measuring import MIB, ROOT, child, least_cpu
from tests.benchmarks.report import Row, Section, milliseconds
from tests.support.shipped import INSTALLED, Shipped

ROUNDS = 9
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
    runs = {
        "floor": partial(child, FLOOR, paths=[INSTALLED]),
        "floor, our layer": partial(child, FLOOR, paths=[shipped.dependencies]),
        **{name: partial(child, OURS, paths=shipped.paths(name)) for name in shipped.functions},
    }
    best = least_cpu(runs, rounds=ROUNDS)
    floor = best["floor"]
    section = Section(
        "Cold start",
        f"""
Import of a function with its DynamoDB client made, in a new interpreter, from the layers as they ship: bytecode that is
not checked against its source, and botocore's data shortened. The floor is `{FLOOR}` as it is installed
from the package index. The same floor inside our layer takes {milliseconds(best["floor, our layer"].cpu)}. What is
imported only when it is needed is not in here: a function's first letter adds the row at the end.
""",
    )
    for name in sorted(shipped.functions, key=lambda name: (name in DOORS, name)):
        goal = DOOR_GOAL if name in DOORS else WORKER_GOAL
        found = best[name]
        section.rows.append(
            Row(name, milliseconds(found.cpu), milliseconds(floor.cpu), ratio=found.cpu / floor.cpu, goal=goal)
        )
    letter = least_cpu({"letter": partial(child, OURS + LETTER, paths=shipped.paths("send_verification"))}, rounds=3)
    more = letter["letter"].cpu - best["send_verification"].cpu
    section.rows.append(Row("the first letter", milliseconds(more), milliseconds(floor.cpu), ratio=more / floor.cpu))
    sections.append(section)


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
