"""Where the work may go from where it stands."""

import pytest

from rightsdesk.domain.errors import CaseClosedError, ConflictError
from rightsdesk.domain.lifecycle import LIFECYCLE, Status, require_move

FORWARD = {
    ("received", "awaiting_verification"),
    ("awaiting_verification", "verified"),
    ("verified", "awaiting_verification"),
    ("verified", "collecting"),
    ("collecting", "awaiting_confirmation"),
    ("collecting", "awaiting_review"),
    ("collecting", "executing"),  # where the law leaves no choice
    ("awaiting_confirmation", "awaiting_review"),
    ("awaiting_review", "awaiting_verification"),
    ("awaiting_review", "collecting"),
    ("awaiting_review", "executing"),
    ("executing", "collecting"),
    ("executing", "awaiting_recipients"),
}


@pytest.mark.parametrize("now", Status)
@pytest.mark.parametrize("to", Status)
def test_every_move_is_allowed_or_not(now: Status, to: Status) -> None:
    closes = to is Status.CLOSED and now is not Status.CLOSED
    if (now, to) in FORWARD or closes:
        require_move(now, to)
        return
    with pytest.raises(CaseClosedError if now is Status.CLOSED else ConflictError):
        require_move(now, to)


def ways(start: Status, end: Status, past: tuple[Status, ...] = ()) -> list[tuple[Status, ...]]:
    if start is end:
        return [(*past, end)]
    return [
        way
        for following in LIFECYCLE[start]
        if following not in (*past, start)
        for way in ways(following, end, (*past, start))
    ]


def test_nothing_reaches_staff_and_nothing_is_done_before_it_was_verified_and_planned() -> None:
    for end in (Status.AWAITING_REVIEW, Status.EXECUTING):
        for way in ways(Status.RECEIVED, end):
            assert way.index(Status.VERIFIED) < way.index(Status.COLLECTING) < way.index(end)
