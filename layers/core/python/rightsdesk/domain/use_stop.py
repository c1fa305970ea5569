"""What a case has stopped in the register of permissions, and what became of it: the case's own side of it."""

# serves: E-05, E-06, E-09, E-10

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.permission import Standing, Stop, StopKind

LIFTED_AFTER = timedelta(days=7)  # of telling the person: long enough to say no to it (GDPR 18(3))
_WEIGHED = {"GDPR-18-1": "GDPR-21-1"}
_FOR_GOOD = {StopKind.OBJECTED: "stopped.marketing", StopKind.WITHDRAWN: "stopped.withdrawn"}
_LIFTABLE = (StopKind.RESTRICTED, StopKind.PROVISION_STOPPED)


class UseStop(BaseModel):
    """The stops of a case, as they were put on record when it was verified. Codes and names of the map only."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    stops: tuple[Stop, ...]
    stopped_at: datetime
    settled_at: datetime | None = None  # what was provisional was decided on
    going_on: tuple[str, ...] = ()  # purposes that the merchant goes on with, on grounds that outweigh (21(1))
    lifted_at: datetime | None = None  # from when on they may be gone on with; the person was told before

    @property
    def provisional(self) -> bool:
        """Whether somebody still has to decide."""
        return self.settled_at is None and any(stop.provisional for stop in self.stops)

    @property
    def can_be_lifted(self) -> bool:
        """Whether something is restricted by decision, with no day on which it ends."""
        liftable = any(stop.kind in _LIFTABLE for stop in self.stops)
        return liftable and self.settled_at is not None and self.lifted_at is None

    @property
    def restricts(self) -> bool:
        """Whether data are only stored meanwhile: told before it is lifted."""
        return any(stop.provisional for stop in self.stops)


def stopped_for_good(use: UseStop) -> Phrase | None:
    """What needed nobody's decision, and is lifted by nobody but the person: advertising, or a consent."""
    names = [_FOR_GOOD[stop.kind] for stop in stops_for_good(use)]
    return Phrase(name=names[0], values={"stopped_on": use.stopped_at}) if names else None


def stops_for_good(use: UseStop) -> tuple[Stop, ...]:
    """The same, as they stand in the register."""
    return tuple(stop for stop in use.stops if not stop.provisional and stop.kind in _FOR_GOOD)


def lifting_moment(told_at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the day, local, on which a restriction ends of which somebody is told now: a full LIFTED_AFTER
    lies between."""
    return datetime.combine(told_at.astimezone(zone).date() + LIFTED_AFTER + timedelta(days=1), time(), zone)


def with_stops(standing: Standing, stops: Iterable[Stop]) -> Standing:
    for stop in stops:
        standing = standing.with_stop(stop)
    return standing


def with_stops_settled(
    standing: Standing, use: UseStop, *, going_on: Collection[str], told_at: datetime, lifted_at: datetime
) -> Standing:
    """What was provisional holds for good, but for the purposes that the merchant goes on with.

    An objection was a restriction while it was weighed, and is now what it was asked for.
    """
    for stop in _provisional(standing, use):
        standing = standing.narrowed(stop.id, told_at=told_at, at=lifted_at, going_on=going_on)
        if stop.kind is StopKind.OBJECTED:
            standing = standing.under(stop.id, _WEIGHED.get(stop.rule, stop.rule))
    return standing


def with_stops_lifted(standing: Standing, use: UseStop, *, told_at: datetime, lifted_at: datetime) -> Standing:
    """What was provisional ends on the day that was told. What needed no decision holds on."""
    for stop in _provisional(standing, use):
        standing = standing.lifted(stop.id, told_at=told_at, at=lifted_at)
    return standing


def restricted_by_another(standings: Iterable[Standing], request_id: str, *, at: datetime) -> bool:
    """Whether a restriction of some other case of this person holds at that moment."""
    stops = (stop for standing in standings for stop in standing.stops)
    return any(
        stop.kind is StopKind.RESTRICTED and stop.holds(at) and not stop.id.startswith(f"{request_id}:")
        for stop in stops
    )


def _provisional(standing: Standing, use: UseStop) -> tuple[Stop, ...]:
    """Those of the case that are still on record: a later consent may have taken one back."""
    ids = {stop.id for stop in use.stops if stop.provisional}
    return tuple(stop for stop in standing.stops if stop.id in ids)
