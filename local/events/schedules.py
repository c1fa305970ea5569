"""Schedules of EventBridge: rate(...), cron(...) and at(...), in the time of the movable clock."""

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from croniter import croniter

from local.account import ACCOUNT, REGION, Clients
from local.deployment import Schedule
from local.lambdas import Functions, send
from local.template import TemplateError

_UNITS: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def next_time(schedule: Schedule, after: datetime) -> datetime | None:
    """When `schedule` fires next after `after`; None when it never does again. Raises TemplateError."""
    kind, argument = _parts(schedule.expression)
    zone = ZoneInfo(schedule.zone)
    match kind:
        case "at":
            moment = datetime.fromisoformat(argument).replace(tzinfo=zone).astimezone(UTC)
            return moment if moment > after else None
        case "rate":
            number, unit = argument.split()
            return after + int(number) * _UNITS[unit.rstrip("s")]
        case _:
            found: datetime = croniter(_unix_cron(argument), after.astimezone(zone)).get_next(datetime)
            return found.astimezone(UTC)


def _parts(expression: str) -> tuple[str, str]:
    found = re.fullmatch(r"(at|rate|cron)\((.+)\)", expression)
    if found is None:
        raise TemplateError(f"{expression} is not a schedule")
    return found.group(1), found.group(2)


def _unix_cron(argument: str) -> str:
    """AWS's six fields (minutes hours day month weekday year; weekdays from 1 = Sunday) as five."""
    minutes, hours, day, month, weekday, year = argument.split()
    if year != "*":
        raise TemplateError(f"cron({argument}): a year is not known here")
    weekday = re.sub(r"\d", lambda digit: str(int(digit.group()) - 1), weekday)
    return " ".join([minutes, hours, day, month, weekday]).replace("?", "*")


@dataclass
class Timetable:
    """All schedules of the stack. A `rate` counts from `started_at`."""

    schedules: list[Schedule]
    functions: Functions
    clients: Clients
    started_at: datetime
    _next: dict[str, datetime | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._next = {schedule.arn: next_time(schedule, self.started_at) for schedule in self.schedules}

    def next_due(self) -> datetime | None:
        return min((moment for moment in self._next.values() if moment is not None), default=None)

    def turn(self) -> int:
        return self.fire_due(datetime.now(UTC))

    def fire_due(self, now: datetime) -> int:
        """Starts the targets of every schedule that is due, once each. Returns how many fired."""
        fired = 0
        for schedule in self.schedules:
            due = self._next[schedule.arn]
            if due is not None and due <= now:
                for target in schedule.targets:
                    self._start(schedule, target, due)
                # A schedule that was overtaken by the clock fires once, not once for each time it missed.
                following = next_time(schedule, due)
                self._next[schedule.arn] = next_time(schedule, now) if following and following <= now else following
                fired += 1
        return fired

    def _start(self, schedule: Schedule, target: Any, due: datetime) -> None:
        payload = target.get("Input") or json.dumps(_scheduled_event(schedule, due))
        destination = target["Arn"]
        if ":lambda:" in destination:
            self.functions.invoke_later(destination, payload.encode())
        elif ":states:" in destination:
            self.clients("stepfunctions").start_execution(
                stateMachineArn=destination, name=uuid.uuid4().hex, input=payload
            )
        else:
            send(self.clients, destination, payload)


def _scheduled_event(schedule: Schedule, due: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler" if ":scheduler:" in schedule.arn else "aws.events",
        "account": ACCOUNT,
        "time": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [schedule.arn],
        "detail": {},
    }
