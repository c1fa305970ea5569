"""Holds in the table of persons: one for each reason, of one person, placed twice without harm and gone once lifted."""

from datetime import UTC, datetime, timedelta

import pytest

from rightsdesk.adapters.dynamo_holds import DynamoHolds
from rightsdesk.domain.erasure_review import Hold, HoldReason
from tests.support.stack import PlayedStack

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)


@pytest.fixture
def holds(stack: PlayedStack) -> DynamoHolds:
    return DynamoHolds(stack.local.ref("PeopleTable"), stack.client("dynamodb"))


def hold(reason: HoldReason, *, minutes: int = 0) -> Hold:
    return Hold(reason=reason, placed_by="sub-handler", placed_at=NOW + timedelta(minutes=minutes))


def test_they_are_of_one_person_and_listed_by_when_they_were_placed(holds: DynamoHolds) -> None:
    later, first = hold(HoldReason.AUTHORITY, minutes=5), hold(HoldReason.OPEN_DISPUTE)
    holds.place("jane", later)
    holds.place("jane", first)
    assert holds.of("jane") == [first, later]
    assert holds.of("jan") == holds.of("tom") == []


def test_placed_again_it_is_the_first_one(holds: DynamoHolds) -> None:
    first = hold(HoldReason.LEGAL_CLAIM)
    holds.place("twice", first)
    holds.place("twice", hold(HoldReason.LEGAL_CLAIM, minutes=9))
    assert holds.of("twice") == [first]


def test_lifted_it_is_gone_and_the_others_stay(holds: DynamoHolds) -> None:
    holds.place("lifted", hold(HoldReason.LEGAL_CLAIM))
    holds.place("lifted", hold(HoldReason.AUTHORITY))
    assert holds.lift("lifted", HoldReason.LEGAL_CLAIM)
    assert not holds.lift("lifted", HoldReason.LEGAL_CLAIM)
    assert [each.reason for each in holds.of("lifted")] == [HoldReason.AUTHORITY]


def test_one_that_ends_goes_by_itself_and_placed_again_it_stays(holds: DynamoHolds, stack: PlayedStack) -> None:
    ending, kept = hold(HoldReason.RESTRICTION), hold(HoldReason.RESTRICTION, minutes=1)
    at = stack.now + timedelta(days=2)
    for person in ("ending", "again"):
        holds.place(person, ending)
        holds.end(person, HoldReason.RESTRICTION, at=at)
    holds.end("nobody", HoldReason.RESTRICTION, at=at)
    holds.place("again", kept)
    stack.advance(days=1)
    assert (holds.of("ending"), holds.of("again")) == ([ending], [kept])
    stack.advance(days=2)
    assert (holds.of("ending"), holds.of("again"), holds.of("nobody")) == ([], [kept], [])
