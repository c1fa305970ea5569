"""One movable clock for everything on this machine.

What reads the time in this process (product code run in process, moto, boto3) sees it through time-machine. moto's
Step Functions engine waits with `threading.Event`, `Thread.join` and `time.sleep`, which know nothing of that; `shims`
below are put in their place (`moto_fixes` does it), so that Wait, TimeoutSeconds, HeartbeatSeconds and Retry follow the
clock. As a gift, the shims know which engine threads are parked and until when: that is how a stack knows that it has
settled and what falls due next. Worker processes read the offset from a file (`site/sitecustomize.py`). Product code
knows nothing of all this. `time.monotonic` is never moved: real durations (throttling, limits) stay real.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

# A wait ends a hair after its deadline, never before: moto rounds down the seconds it has waited and would wait again.
AFTER_DEADLINE = 0.002


@dataclass(eq=False)
class Park:
    """One engine thread that waits; `deadline` in seconds since the epoch, none for a wait without end."""

    event: "VirtualEvent"
    deadline: float | None


@dataclass
class Engine:
    """Which threads of moto's Step Functions engine live, and which of them are parked."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    alive: set[threading.Thread] = field(default_factory=set)
    parked: dict[threading.Thread, Park] = field(default_factory=dict)

    def idle(self) -> bool:
        """True when every engine thread waits for something that only an event or the clock can bring."""
        now = time.time()
        with self.lock:
            return all(thread in self.parked and not self._due(self.parked[thread], now) for thread in self.alive)

    def next_deadline(self) -> float | None:
        """The earliest moment at which a parked thread wakes by itself; seconds since the epoch."""
        with self.lock:
            deadlines = [park.deadline for park in self.parked.values() if park.deadline is not None]
        return min(deadlines) + AFTER_DEADLINE if deadlines else None

    def clock_moved(self) -> None:
        """Wakes whoever's deadline has passed, and lets everybody else work out anew how long they sleep."""
        now = time.time()
        with self.lock:
            timed = [(thread, park) for thread, park in self.parked.items() if park.deadline is not None]
            for thread, park in timed:
                if self._due(park, now):
                    del self.parked[thread]
        for _, park in timed:
            park.event.notify()

    def busy(self) -> list[str]:
        with self.lock:
            return [thread.name for thread in self.alive if thread not in self.parked]

    @staticmethod
    def _due(park: Park, now: float) -> bool:
        return park.deadline is not None and now >= park.deadline + AFTER_DEADLINE


ENGINE = Engine()  # one per process, as moto's backends are


class VirtualEvent:
    """Like `threading.Event`, with timeouts in the time of the movable clock.

    A `set` followed at once by `clear` (moto does so to interrupt) wakes its waiters too.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._flag = False
        self._generation = 0
        self._waiters: set[threading.Thread] = set()

    def is_set(self) -> bool:
        return self._flag

    def set(self) -> None:
        with self._condition:
            self._flag = True
            self._generation += 1
            # The waiters count as running from now on, not from whenever the system gets round to them.
            with ENGINE.lock:
                for thread in self._waiters:
                    ENGINE.parked.pop(thread, None)
            self._condition.notify_all()

    def clear(self) -> None:
        with self._condition:
            self._flag = False

    def notify(self) -> None:
        with self._condition:
            self._condition.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        me = threading.current_thread()
        deadline = None if timeout is None else time.time() + timeout
        with self._condition:
            if self._flag:
                return True
            generation = self._generation
            self._waiters.add(me)
            with ENGINE.lock:
                ENGINE.parked[me] = Park(self, deadline)
            try:
                while self._generation == generation:
                    left = None if deadline is None else deadline + AFTER_DEADLINE - time.time()
                    if left is not None and left <= 0:
                        break
                    self._condition.wait(None if left is None else min(left, threading.TIMEOUT_MAX))
            finally:
                self._waiters.discard(me)
                with ENGINE.lock:
                    ENGINE.parked.pop(me, None)
            return self._generation != generation


class EngineThread(threading.Thread):
    """A thread of moto's engine: counted from its start to its end, and joined in the time of the movable clock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._done = VirtualEvent()

    def start(self) -> None:
        with ENGINE.lock:
            ENGINE.alive.add(self)
        super().start()

    def run(self) -> None:
        try:
            super().run()
        finally:
            self._done.set()
            with ENGINE.lock:
                ENGINE.alive.discard(self)

    def join(self, timeout: float | None = None) -> None:
        self._done.wait(timeout)

    def is_alive(self) -> bool:
        return self.ident is not None and not self._done.is_set()


class Clock:
    """The clock of one running stack. It ticks at the pace of real time and can be moved forward."""

    def __init__(self, *, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file
        self._offset = 0.0
        self._travel = time_machine.travel(datetime.now(UTC), tick=True)
        self._coordinates = self._travel.start()
        self.now()  # a moved clock starts to tick when it is first read
        self._publish()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def move_to(self, moment: float) -> None:
        """Moves to `moment` (seconds since the epoch) and wakes what falls due; a moment in the past is ignored."""
        step = moment - time.time()
        if step > 0:
            self._coordinates.shift(timedelta(seconds=step))
            self._offset += step
            self._publish()
        ENGINE.clock_moved()

    def stop(self) -> None:
        self._travel.stop()

    def _publish(self) -> None:
        if self._offset_file is not None:
            written = self._offset_file.with_suffix(".new")
            written.write_text(repr(self._offset))
            written.replace(self._offset_file)  # at once, so that no worker reads half a number


def until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.002) -> bool:
    """Waits in REAL time until `condition` holds; false when `seconds` have gone by."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        with suppress(InterruptedError):
            time.sleep(pause)
    return True
