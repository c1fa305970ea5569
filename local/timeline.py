"""Lets a stack settle, and moves its clock so that everything on the way happens in its order."""

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from local.clock import AFTER_DEADLINE, ENGINE, Clock, until
from local.events.pump import Pump
from local.events.queues import QueueReader
from local.events.schedules import Timetable
from local.expiry import Expiry
from local.lambdas import Functions
from local.outbox import Outbox

SETTLE_SECONDS: Final = 60.0  # of real time
EXPIRY: Final = timedelta(days=1)  # a longer move deletes what has expired this often on the way
GRAIN: Final = 720  # a move stops for schedules and queues at most this often: hourly on a move by 30 days


class NotSettledError(Exception):
    """Work went on for longer than a stack may take to settle; the message says what is busy."""


@dataclass
class Timeline:
    clock: Clock
    functions: Functions
    pump: Pump
    timetable: Timetable
    queues: Sequence[QueueReader]
    outbox: Outbox
    expiry: Expiry
    _moving: threading.Lock = field(default_factory=threading.Lock)

    def settle(self, *, seconds: float = SETTLE_SECONDS) -> None:
        """Waits until nothing is under way: no event undelivered, no function running, every execution parked or over.

        Raises NotSettledError after `seconds` of real time.
        """
        if not until(self._settled, seconds=seconds):
            busy = ", ".join(ENGINE.busy()) or "functions or events"
            raise NotSettledError(f"still busy after {seconds:.0f} s: {busy}")

    def advance(self, delta: timedelta) -> None:
        """Moves the clock, stopping at each moment at which something falls due, and lets it settle there.

        In the end, what has expired by TTL or lifecycle is deleted (on a longer move, once a day on the way).
        """
        with self._moving:
            self.settle()
            target = time.time() + delta.total_seconds()
            grain = delta.total_seconds() / GRAIN
            expiry = time.time() + EXPIRY.total_seconds()
            while (due := min(self._next_due(grain), expiry)) < target:
                self.clock.move_to(due)
                self.settle()
                if due == expiry:
                    expiry += EXPIRY.total_seconds()
                    self._expire()
            self.clock.move_to(target)
            self.settle()
            self._expire()

    def _settled(self) -> bool:
        if not self._quiet():  # whoever is at work needs the processor more than a round does
            return False
        with self.pump.between_rounds:  # a round in the background might start a function after the look
            settled = self._quiet() and not self.pump.turn()  # first this, then the pump: what they did, it finds
        self.outbox.collect()
        return settled

    def _quiet(self) -> bool:
        return self.functions.idle and ENGINE.idle()

    def _next_due(self, grain: float) -> float:
        deadline, scheduled = ENGINE.next_deadline(), self.timetable.next_due()
        again = [due + AFTER_DEADLINE for queue in self.queues if (due := queue.next_due()) is not None]
        often = again if scheduled is None else [scheduled.timestamp(), *again]
        return min(
            math.inf if deadline is None else deadline,
            max(min(often), time.time() + grain) if often else math.inf,
        )

    def _expire(self) -> None:
        self.expiry.apply(now=self.clock.now())
        self.settle()
