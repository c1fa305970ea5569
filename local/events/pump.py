"""Asks every event source in turn, in the background or when somebody wants the stack to settle."""

import logging
import threading
from collections.abc import Sequence
from typing import Final, Protocol

PAUSE: Final = 0.05  # seconds of real time between two rounds in the background

_log = logging.getLogger(__name__)


class Source(Protocol):
    def turn(self) -> int:
        """Handles what waits; returns how much that was."""
        ...


class Pump:
    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self.between_rounds = threading.RLock()  # whoever holds it knows that no round is under way
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="event-pump")

    def start(self) -> None:
        self._thread.start()

    def turn(self) -> int:
        """One round over all sources; rounds never overlap."""
        with self.between_rounds:
            return sum(source.turn() for source in self._sources)

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE):
            try:
                self.turn()
            except Exception:
                _log.exception("an event could not be delivered")
