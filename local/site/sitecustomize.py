"""Loaded by Python itself when a worker process starts: makes it follow the stack's movable clock.

The stack writes how far its clock is ahead, in seconds, to the file that LOCAL_CLOCK_OFFSET names. It is read at the
start and before each invocation, never in between: the stack lets work settle before it moves the clock.
"""

import os
import time
from pathlib import Path
from typing import Any

OFFSET = os.environ.pop("LOCAL_CLOCK_OFFSET", None)


def follow(offset_file: Path) -> None:
    import time_machine
    from awslambdaric import bootstrap

    real_time = time_machine.escape_hatch.time.time
    coordinates = time_machine.travel(time.time() + float(offset_file.read_text()), tick=True).start()
    handle = bootstrap.handle_event_request

    def handle_at_the_right_time(*args: Any, **kwargs: Any) -> Any:
        # Set anew each time: the moved clock starts to tick when it is first read, not when it is started.
        coordinates.move_to(real_time() + float(offset_file.read_text()))
        return handle(*args, **kwargs)

    bootstrap.handle_event_request = handle_at_the_right_time


if OFFSET is not None:
    follow(Path(OFFSET))
