"""What a submission costs, by the JSON door: its whole handler against the least that could be written instead."""

import json
from functools import partial

import pytest

from tests.benchmarks.measuring import ROOT, Child, child
from tests.benchmarks.report import Row, Section, milliseconds
from tests.support.shipped import INSTALLED, Shipped

ROUNDS = 3
GOAL = 1.3

pytestmark = pytest.mark.benchmark


def test_submit(sections: list[Section], shipped: Shipped) -> None:
    event = json.loads((ROOT / "events/public_api-submit.json").read_text(encoding="utf-8"))
    for headers in (event["headers"], event["multiValueHeaders"]):
        del headers["Idempotency-Key"]
    code = "from tests.benchmarks.submit import main; main({side!r}, {event!r})"
    runs = {
        "ours": partial(child, code.format(side="ours", event=event), paths=[*shipped.paths("public_api"), ROOT]),
        "floor": partial(child, code.format(side="floor", event=event), paths=[INSTALLED, ROOT]),
    }
    best = {name: min((run() for _ in range(ROUNDS)), key=_seconds) for name, run in runs.items()}
    ours, floor = best["ours"].result, best["floor"].result
    made = {name: count for name, count in ours["calls"].items() if count >= 1}  # the secret is read once
    assert made == floor["calls"]
    names = ", ".join(f"{name.partition('.')[2]} ({count:g})" for name, count in floor["calls"].items())
    section = Section(
        "Submitting a request",
        f"""
`POST /api/requests`, warm, from the gateway's event to the answer, median of {ROUNDS} times 12 batches. The floor is a
handler with one pydantic model that makes the same calls ({names}) with the same
items, and nothing else: no rules of dates, no hash chain, no check of the JSON, no log. The SDK's work is in both.
""",
        [
            Row(
                "processor time",
                milliseconds(ours["seconds"]),
                milliseconds(floor["seconds"]),
                ratio=ours["seconds"] / floor["seconds"],
                goal=GOAL,
            ),
            Row("AWS calls", f"{sum(made.values()):g}", f"{sum(floor['calls'].values()):g}", ratio=1.0, goal=1),
        ],
    )
    sections.append(section)


def _seconds(found: Child) -> float:
    return float(found.result["seconds"])
