"""What a submission costs, by the JSON door: its whole handler against the least that could be written instead."""

import json
from functools import partial
from statistics import median
from typing import Any

import pytest

from tests.benchmarks.access import watched
from tests.benchmarks.measuring import ROOT, child
from tests.benchmarks.report import Row, Section, milliseconds
from tests.support.shipped import INSTALLED, Shipped
from tests.support.stack import played_stack

ROUNDS = 5
SUBMITTED = 25
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
    rounds = [{name: run().result for name, run in runs.items()} for _ in range(ROUNDS)]  # in turns
    ours, floor = (min((found[name] for found in rounds), key=_seconds) for name in runs)
    made = {name: count for name, count in ours["calls"].items() if count >= 1}  # the secret is read once
    assert made == floor["calls"]
    names = ", ".join(f"{name.partition('.')[2]} ({count:g})" for name, count in floor["calls"].items())
    section = Section(
        "Submitting a request",
        f"""
`POST /api/requests`, warm, from the gateway's event to the answer. The floor is a handler with one pydantic model that
makes the same calls ({names}) with the same items, and nothing else: no rules
of dates, no hash chain, no check of the JSON, no log. The SDK's work is in both.
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


def test_a_known_and_an_unknown_person(sections: list[Section], monkeypatch: pytest.MonkeyPatch) -> None:
    """The door and the task that mails the code, which is all that happens before the person proves anything."""
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    calls: dict[str, list[int]] = {"known": [], "unknown": []}
    with played_stack() as stack:
        stack.submit("warm-up@example.com")
        for number in range(SUBMITTED):
            member = stack.new_member(orders=2)
            for who, address in (("known", member.email), ("unknown", f"unknown{number:06d}@example.com")):
                with watched(monkeypatch) as used:
                    stack.submit(address)
                seconds[who].append(used.seconds["PublicApi"] + used.seconds["SendVerification"])
                calls[who].append(used.calls.total())
    known, unknown = (median(seconds[who]) for who in ("known", "unknown"))
    counted, expected = (median(calls[who]) for who in ("known", "unknown"))
    section = Section(
        "A known and an unknown address",
        f"""
What happens when somebody asks: the door, and the mail with the code. Medians of {SUBMITTED} submissions each, taken in
turns; here the floor is the unknown address. Nothing is looked up before a code proves the mailbox (abuse case 17), so
both are the same but for noise.
""",
        [
            Row("AWS calls", f"{counted:g}", f"{expected:g}", ratio=counted / expected, goal=1),
            Row("processor time", milliseconds(known), milliseconds(unknown), ratio=known / unknown),
        ],
    )
    sections.append(section)


def _seconds(found: dict[str, Any]) -> float:
    return float(found["seconds"])
