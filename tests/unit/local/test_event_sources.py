"""Event patterns and schedules, and when all events are delivered."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.account import Clients
from local.deployment import Schedule
from local.events.patterns import matches
from local.events.pump import Pump
from local.events.schedules import Timetable, next_time
from local.template import TemplateError
from local.timeline import Timeline

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ({"eventName": ["INSERT"]}, {"eventName": "INSERT"}, True),
        ({"eventName": ["INSERT"]}, {"eventName": "REMOVE"}, False),
        ({"eventName": ["INSERT", "REMOVE"]}, {"eventName": "REMOVE"}, True),
        ({"a": {"b": {"S": [{"prefix": "EVENT#"}]}}}, {"a": {"b": {"S": "EVENT#1"}}}, True),
        ({"a": {"b": {"S": [{"prefix": "EVENT#"}]}}}, {"a": {"b": {"S": "REQUEST"}}}, False),
        ({"a": {"b": {"S": ["x"]}}}, {"a": "x"}, False),
        ({"a": [{"suffix": ".eml"}]}, {"a": "in/1.eml"}, True),
        ({"a": [{"exists": False}]}, {}, True),
        ({"a": [{"exists": True}]}, {}, False),
        ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "z"}, True),
        ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}, False),
        ({"a": [{"equals-ignore-case": "Yes"}]}, {"a": "YES"}, True),
        ({"a": [{"numeric": [">", 1, "<=", 3]}]}, {"a": 3}, True),
        ({"a": [{"numeric": [">", 1, "<=", 3]}]}, {"a": 4}, False),
        ({"a": ["x"]}, {"a": ["w", "x"]}, True),
        ({"a": [1]}, {"a": True}, False),
        ({"a": [None]}, {"a": None}, True),
        ({"a": ["x"], "b": ["y"]}, {"a": "x"}, False),
    ],
)
def test_patterns(pattern: dict[str, Any], event: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, event) is expected


def test_an_unknown_comparison_raises() -> None:
    with pytest.raises(TemplateError, match="wildcard"):
        matches({"a": [{"wildcard": "*"}]}, {"a": "x"})


def schedule(expression: str, zone: str = "UTC") -> Schedule:
    return Schedule("s", "arn:aws:scheduler:::s", expression, zone, ())


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("rate(1 day)", "UTC", NOON + timedelta(days=1)),
        ("rate(5 minutes)", "UTC", NOON + timedelta(minutes=5)),
        ("cron(0 9 * * ? *)", "UTC", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("cron(0 9 * * ? *)", "Asia/Tokyo", datetime(2026, 11, 24, 0, tzinfo=UTC)),
        ("cron(30 8 ? * 1 *)", "UTC", datetime(2026, 11, 29, 8, 30, tzinfo=UTC)),  # 1 is Sunday at AWS
        ("cron(30 8 ? * MON-FRI *)", "UTC", datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
        ("at(2026-12-01T10:00:00)", "Europe/Berlin", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("at(2026-11-01T10:00:00)", "UTC", None),
    ],
)
def test_when_a_schedule_fires_next(expression: str, zone: str, expected: datetime | None) -> None:
    assert next_time(schedule(expression, zone), NOON) == expected


@pytest.mark.parametrize("expression", ["every day", "cron(0 9 * * ? 2027)"])
def test_what_is_no_schedule_raises(expression: str) -> None:
    with pytest.raises(TemplateError):
        next_time(schedule(expression), NOON)


class Heard:
    """Functions that only listen."""

    def __init__(self) -> None:
        self.events: list[tuple[str, bytes]] = []

    def invoke_later(self, name: str, payload: bytes) -> None:
        self.events.append((name, payload))


def timetable(expression: str, heard: Heard) -> Timetable:
    target = {"Arn": "arn:aws:lambda:::function:sweep", "Input": "{}"}
    made = Schedule("s", "arn:aws:scheduler:::s", expression, "UTC", (target,))
    return Timetable([made], heard, Clients(), started_at=NOON)  # type: ignore[arg-type]


@given(st.integers(min_value=0, max_value=40))
def test_a_daily_schedule_fires_once_for_each_day_when_time_stops_at_each(days: int) -> None:
    heard = Heard()
    table = timetable("rate(1 day)", heard)
    end = NOON + timedelta(days=days)
    while (due := table.next_due()) is not None and due <= end:
        assert table.fire_due(due) == 1
    assert len(heard.events) == days


def test_a_schedule_that_time_has_jumped_over_fires_once() -> None:
    heard = Heard()
    table = timetable("rate(1 hour)", heard)
    assert table.fire_due(NOON + timedelta(days=3)) == 1
    assert table.fire_due(NOON + timedelta(days=3)) == 0
    assert len(heard.events) == 1
    assert table.next_due() == NOON + timedelta(days=3, hours=1)


def test_a_single_moment_fires_once() -> None:
    heard = Heard()
    table = timetable("at(2026-11-24T12:00:00)", heard)
    assert table.fire_due(NOON) == 0
    assert table.fire_due(NOON + timedelta(days=2)) == 1
    assert table.next_due() is None


def test_nothing_has_settled_while_a_round_in_the_background_starts_a_function() -> None:
    looked, goes_on, started = threading.Event(), threading.Event(), threading.Event()

    class Functions:
        running = False

        @property
        def idle(self) -> bool:
            looked.set()
            return not self.running

    class Source:
        def turn(self) -> int:
            if functions.running:
                return 0
            started.set()
            goes_on.wait()
            functions.running = True
            return 1

    functions, pump = Functions(), Pump([Source()])
    parts: Any = {name: Mock() for name in ("clock", "timetable", "outbox", "expiry")}
    timeline = Timeline(functions=functions, pump=pump, queues=[], **parts)  # type: ignore[arg-type]
    with ThreadPoolExecutor() as threads:
        threads.submit(pump.turn)
        started.wait()
        settled = threads.submit(timeline._settled)
        looked.wait(0.2)
        goes_on.set()
        assert settled.result() is False
