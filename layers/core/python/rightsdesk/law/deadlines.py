"""The deadlines of a case as one record, and what a moment means against them: too late, or an extension in time."""

from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from rightsdesk.law.applicability import Law
from rightsdesk.law.explanation import Step

_LAST_SECOND = time(23, 59, 59)


class Deadlines(BaseModel):
    """Every date of one case. All but `due_at` are days; each ends where it ends first, see `end_of`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    laws: tuple[Law, ...]
    received_on: date
    nominal_on: date  # before suspension and weekends: the plain month, or the plain 14 days of the APPI
    due_on: date  # the answer is out, suspension counted
    due_at: datetime  # last second of `due_on`
    conservative_due_on: date  # the same, suspension not counted
    extended_due_on: date | None  # what `due_on` is or would be once extended; None: the law knows no extension
    extension_notice_due_on: date | None  # an extension has been told by then
    refusal_notice_due_on: date  # a refusal has been told by then; no extension moves it
    progress_notice_due_on: date | None  # APPI: told how things stand, if there is no answer by then
    target_on: date  # what alarms and the work list use
    extended: bool
    suspended_days: int
    zones: tuple[str, ...]  # of the controller and of the subject
    rules: tuple[str, ...]  # ids in `rules.RULES`, in the order of use
    why: tuple[Step, ...]

    def end_of(self, day: date) -> datetime:
        """The last second of `day` in the zone where the day ends first."""
        return end_of_day(day, self.zones)

    def is_past(self, day: date, moment: datetime) -> bool:
        """Whether `moment` (aware) is too late for what was due on `day`: the last second itself is in time."""
        return moment.replace(microsecond=0) > self.end_of(day)


class ExtensionBarrier(StrEnum):
    """Why a case can't be extended."""

    NO_EXTENSION_IN_THIS_LAW = "no_extension_in_this_law"
    ALREADY_EXTENDED = "already_extended"
    NOTICE_TOO_LATE = "notice_too_late"


def extension_barrier(deadlines: Deadlines, *, notice_sent_at: datetime) -> ExtensionBarrier | None:
    """What stands against an extension whose notice went out at `notice_sent_at` (aware), or None (GDPR 12(3))."""
    if deadlines.extension_notice_due_on is None:
        return ExtensionBarrier.NO_EXTENSION_IN_THIS_LAW
    if deadlines.extended:
        return ExtensionBarrier.ALREADY_EXTENDED
    if deadlines.is_past(deadlines.extension_notice_due_on, notice_sent_at):
        return ExtensionBarrier.NOTICE_TOO_LATE
    return None


def end_of_day(day: date, zones: tuple[str, ...]) -> datetime:
    """23:59:59 of `day`, with the offset of the zone in which that moment comes first."""
    return min(datetime.combine(day, _LAST_SECOND, ZoneInfo(zone)) for zone in zones)
