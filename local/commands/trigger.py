"""`rightsdesk trigger`: sends a sample event of events/ to its function in the running stack."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.commands._arguments import parser, speak
from local.running import RefusedError, RunningStack

EVENTS = Path(__file__).parent.parent.parent / "events"


def run(argv: Sequence[str]) -> int:
    made = parser(
        "trigger",
        "Sends events/NAME.json to the function that NAME begins with, and prints what it answers.",
        example="rightsdesk trigger public_api-submit",
        exit_status="exit status: 0 the function answered, 1 it failed, 2 wrong usage, 3 no stack is running here",
    )
    made.add_argument("name", type=_sample, help="<function>-<case>, without .json")
    arguments = made.parse_args(argv)
    name, event = arguments.name

    def send() -> None:
        answer = RunningStack.find().post(f"trigger/{name.split('-')[0]}", event)
        print(json.dumps(answer if arguments.json else answer["answer"], ensure_ascii=False, indent=2))
        if answer["failed"]:
            raise RefusedError(f"{answer['function']} failed")

    return speak(send)


def _sample(name: str) -> tuple[str, Any]:
    file = EVENTS / f"{name.removesuffix('.json')}.json"
    if not file.is_file():
        names = ", ".join(sorted(path.stem for path in EVENTS.glob("*.json"))) or "none yet"
        raise argparse.ArgumentTypeError(f"there is no sample event {name!r}; there are: {names}")
    return file.stem, json.loads(file.read_text(encoding="utf-8"))
