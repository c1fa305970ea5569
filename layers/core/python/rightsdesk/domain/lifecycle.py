"""Where the work on a request may go from where it stands: a table, checked when it is imported.

Three things are kept apart and are never one enum: where the work stands (`Status`), how it ended (`Outcome`), and
the clock (derived from the dates).
"""

from enum import StrEnum

from rightsdesk.domain.errors import CaseClosedError, ConflictError


class Status(StrEnum):
    RECEIVED = "received"
    AWAITING_VERIFICATION = "awaiting_verification"
    VERIFIED = "verified"
    COLLECTING = "collecting"
    AWAITING_CONFIRMATION = (
        "awaiting_confirmation"  # an erasure: of the person, and then for as long as it can be undone
    )
    AWAITING_REVIEW = "awaiting_review"
    EXECUTING = "executing"
    AWAITING_RECIPIENTS = "awaiting_recipients"
    CLOSED = "closed"


class Outcome(StrEnum):
    FULFILLED = "fulfilled"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOT_IDENTIFIED = "not_identified"
    UNVERIFIED = "unverified"
    HANDED_OVER = "handed_over"
    UNCONFIRMED = "unconfirmed"  # the person never said that the data may go
    MERGED = "merged"  # an open request of the same person asks for the same: that one is answered


LIFECYCLE: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset({Status.AWAITING_VERIFICATION, Status.CLOSED}),
    Status.AWAITING_VERIFICATION: frozenset({Status.VERIFIED, Status.CLOSED}),
    # Back to awaiting_verification: the mailbox alone is not enough, and more is asked for.
    Status.VERIFIED: frozenset({Status.AWAITING_VERIFICATION, Status.COLLECTING, Status.CLOSED}),
    # To executing: what the law leaves no choice in is done and told without a decision of staff.
    Status.COLLECTING: frozenset(
        {Status.AWAITING_CONFIRMATION, Status.AWAITING_REVIEW, Status.EXECUTING, Status.CLOSED}
    ),
    Status.AWAITING_CONFIRMATION: frozenset({Status.AWAITING_REVIEW, Status.CLOSED}),
    # Back to collecting: a plan is made again, as data changed or staff decided otherwise. Back to
    # awaiting_verification: what is to be corrected is how the person is reached, and more is asked for.
    Status.AWAITING_REVIEW: frozenset(
        {Status.AWAITING_VERIFICATION, Status.COLLECTING, Status.EXECUTING, Status.CLOSED}
    ),
    Status.EXECUTING: frozenset({Status.COLLECTING, Status.AWAITING_RECIPIENTS, Status.CLOSED}),
    Status.AWAITING_RECIPIENTS: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
}


def require_move(now: Status, to: Status) -> None:
    """Raise CaseClosedError or ConflictError where the table has no such move."""
    if now is Status.CLOSED:
        raise CaseClosedError("the case is closed")
    if to not in LIFECYCLE[now]:
        raise ConflictError(f"{now} can't become {to}")


def _check() -> None:
    if set(LIFECYCLE) != set(Status) or LIFECYCLE[Status.CLOSED]:
        raise AssertionError("the lifecycle must name every status, and closed must be its end")
    reached, frontier = {Status.RECEIVED}, [Status.RECEIVED]
    while frontier:
        new = LIFECYCLE[frontier.pop()] - reached
        reached |= new
        frontier += new
    if reached != set(Status):
        raise AssertionError(f"unreachable: {set(Status) - reached}")
    if any(Status.CLOSED not in targets for status, targets in LIFECYCLE.items() if status is not Status.CLOSED):
        raise AssertionError("every open case can be closed")


_check()
