"""When staff are reminded of a case: before the target, on it, on the due date, and each day after it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rightsdesk.domain.request import DueDates

_BEFORE_TARGET = (7, 3, 1)
_HOUR = time(9, 0)  # in the merchant's zone: when somebody is there to read it


def reminders_until(due: DueDates, day: date) -> list[str]:
    """The names of all reminders whose day is on or before `day`, oldest first; of one day, the gravest last."""
    names = [(due.target_on - timedelta(days=n), f"target_in_{n}_day{'s' if n > 1 else ''}") for n in _BEFORE_TARGET]
    names += [(due.target_on, "target"), (due.due_on, "due")]
    overdue = due.due_on + timedelta(days=1)
    while overdue <= day:
        names.append((overdue, f"overdue_{overdue.isoformat()}"))
        overdue += timedelta(days=1)
    return [name for on, name in sorted(names, key=lambda reminder: reminder[0]) if on <= day]


def warning_of(reminder: str) -> str:
    """What a reminder says: its own name, and for every overdue day the same."""
    return "overdue" if reminder.startswith("overdue_") else reminder


def reminders_now(due: DueDates, *, now: datetime, zone: ZoneInfo, sent: Iterable[str]) -> list[str]:
    """Those that are due and were not sent. One letter says the last of them; all are on record."""
    return [name for name in reminders_until(due, _reached(now, zone)) if name not in set(sent)]


def next_reminder_at(due: DueDates, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The next moment after `now` at which there is something to say."""
    days = [due.target_on - timedelta(days=n) for n in _BEFORE_TARGET] + [due.target_on, due.due_on]
    reached = _reached(now, zone)
    ahead = [day for day in days if day > reached]
    overdue = max(reached, due.due_on) + timedelta(days=1)
    return datetime.combine(min([*ahead, overdue]), _HOUR, zone)


def _reached(now: datetime, zone: ZoneInfo) -> date:
    """The last day whose reminding hour has come."""
    local = now.astimezone(zone)
    return local.date() if local.time() >= _HOUR else local.date() - timedelta(days=1)
