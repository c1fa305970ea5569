"""`rightsdesk clock`: moves the clock of the running stack forward; everything due on the way happens."""

import argparse
import json
import re
from collections.abc import Sequence

from local.commands._arguments import parser, speak
from local.running import RunningStack

_STEP = re.compile(r"\+?(\d+)([smhdw])")
_ISO = {"s": "PT{}S", "m": "PT{}M", "h": "PT{}H", "d": "P{}D", "w": "P{}W"}


def run(argv: Sequence[str]) -> int:
    made = parser(
        "clock",
        "Moves the clock of the running stack: waits end, deadlines warn, schedules fire, what has expired goes.\n"
        "Without a step it says what time it is there. One step is two years (732 days) at most.",
        example="rightsdesk clock +30d",
    )
    made.add_argument("step", nargs="?", type=duration, help="+30d, +12h, +90m, +10s, +2w, or ISO 8601 such as P30D")
    arguments = made.parse_args(argv)

    def move() -> None:
        stack = RunningStack.find()
        if arguments.step is None:
            answer = {"now": stack.get("health")["now"]}
        else:
            answer = stack.post("clock", {"advance": arguments.step})
        print(json.dumps(answer) if arguments.json else answer["now"])

    return speak(move)


def duration(text: str) -> str:
    """`+30d` and the like, or an ISO 8601 duration, as the latter."""
    step = _STEP.fullmatch(text)
    if step is not None:
        return _ISO[step.group(2)].format(step.group(1))
    if re.fullmatch(r"P(?=.)(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", text):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is not a step such as +30d or P30D")
