"""The movable clock, and what waits by it."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from local.clock import ENGINE, Clock, EngineThread, VirtualEvent, until


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    made = Clock(offset_file=tmp_path / "clock")
    yield made
    made.stop()


def test_moving_moves_time_for_everyone_but_not_backwards(clock: Clock, tmp_path: Path) -> None:
    before, real = clock.now(), time.monotonic()
    clock.move_to(time.time() + timedelta(days=30).total_seconds())
    assert timedelta(days=30) <= clock.now() - before < timedelta(days=30, minutes=1)
    assert float((tmp_path / "clock").read_text()) == pytest.approx(30 * 86400, abs=1)
    assert time.monotonic() - real < 60
    later = clock.now()
    clock.move_to(time.time() - 3600)
    assert clock.now() >= later


def waiting(event: VirtualEvent, timeout: float | None, results: list[bool]) -> EngineThread:
    thread = EngineThread(target=lambda: results.append(event.wait(timeout)), daemon=True)
    thread.start()
    assert until(lambda: thread in ENGINE.parked, seconds=5)
    return thread


def test_a_wait_ends_when_the_clock_passes_it_and_not_before(clock: Clock) -> None:
    results: list[bool] = []
    thread = waiting(VirtualEvent(), 3600, results)
    assert ENGINE.idle()
    due = ENGINE.next_deadline()
    assert due is not None
    assert due == pytest.approx(time.time() + 3600, abs=5)
    clock.move_to(due - 60)
    assert ENGINE.idle()
    assert not results
    clock.move_to(due)
    assert until(lambda: results == [False], seconds=5)
    assert until(lambda: not thread.is_alive() and thread not in ENGINE.alive, seconds=5)


def test_a_wait_that_ends_just_after_a_move_ends_by_itself(clock: Clock) -> None:
    results: list[bool] = []
    waiting(VirtualEvent(), 3600, results)
    clock.move_to((ENGINE.next_deadline() or 0) - 0.1)
    assert ENGINE.idle()
    assert until(lambda: results == [False], seconds=5)


def test_waits_end_in_their_order(clock: Clock) -> None:
    order: list[str] = []

    def rest(seconds: int) -> None:
        VirtualEvent().wait(seconds)
        order.append(str(seconds))

    threads = [EngineThread(target=rest, args=(seconds,), daemon=True) for seconds in (300, 100, 200)]
    for thread in threads:
        thread.start()
    while ENGINE.alive:
        assert until(ENGINE.idle, seconds=5)
        due = ENGINE.next_deadline()
        if due is None:
            break
        clock.move_to(due)
    assert until(lambda: len(order) == 3, seconds=5)
    assert order == ["100", "200", "300"]


def test_setting_wakes_and_counts_as_running_at_once(clock: Clock) -> None:
    event, results = VirtualEvent(), list[bool]()
    thread = waiting(event, None, results)
    event.set()
    assert thread not in ENGINE.parked
    assert until(lambda: results == [True], seconds=5)
    assert event.is_set()
    assert event.wait(0)
    event.clear()
    assert not event.wait(0)


def test_setting_and_clearing_at_once_wakes_too(clock: Clock) -> None:
    event, results = VirtualEvent(), list[bool]()
    waiting(event, 3600, results)
    event.set()
    event.clear()
    assert until(lambda: results == [True], seconds=5)


def test_joining_an_engine_thread_is_a_wait_by_the_clock(clock: Clock) -> None:
    release = threading.Event()
    worker = EngineThread(target=lambda: release.wait(5), daemon=True)
    worker.start()
    joined: list[bool] = []

    def join() -> None:
        worker.join(3600)
        joined.append(worker.is_alive())

    joiner = EngineThread(target=join, daemon=True)
    joiner.start()
    assert until(lambda: joiner in ENGINE.parked, seconds=5)
    assert not ENGINE.idle()
    assert ENGINE.busy()
    clock.move_to(ENGINE.next_deadline() or 0)
    assert until(lambda: joined == [True], seconds=5)
    release.set()
    assert until(lambda: not ENGINE.alive, seconds=5)


def test_until_gives_up() -> None:
    assert not until(lambda: False, seconds=0.01)
