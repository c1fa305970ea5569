"""The register, its ledger and the acceptances in the table of persons: all of a change or nothing, and never over."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from rightsdesk.adapters.dynamo_acceptances import DynamoAcceptances
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.domain.acceptance import Acceptance
from rightsdesk.domain.consent_ledger import ConsentAct, ConsentChannel, ConsentState, broken_link, new_record_id
from rightsdesk.domain.consenting import with_consent_given
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.permission import Standing
from rightsdesk.domain.unsubscribing import unsubscribed
from rightsdesk.ports.permissions import change_consents, change_standings
from tests.support.stack import PlayedStack, calls_of, together

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
_NUMBERS = count(1)


@pytest.fixture
def kept(stack: PlayedStack) -> DynamoPermissions:
    return DynamoPermissions(stack.local.ref("PeopleTable"), stack.client("dynamodb"))


@pytest.fixture
def digest() -> str:
    """Of somebody whom no other test knows."""
    return f"{next(_NUMBERS):064x}"


def agree(kept: DynamoPermissions, digest: str, at: datetime = AT) -> None:
    act = ConsentAct(
        record_id=new_record_id(),
        at=at,
        state=ConsentState.GIVEN,
        purpose="newsletter",
        channel=ConsentChannel.SHOP,
        text_version="2026-09",
        text_sha256="a" * 64,
        language="ja",
        proof="shop:1",
    )
    change_consents(kept, [digest], lambda standing: with_consent_given(standing, act))


def stop(kept: DynamoPermissions, digest: str, at: datetime = AT + HOUR) -> None:
    change_standings(kept, [digest], lambda standing: standing.with_stop(unsubscribed("newsletter", at=at)))


def test_a_change_and_its_entry_are_written_together_and_read_back_as_they_were(
    kept: DynamoPermissions, digest: str
) -> None:
    agree(kept, digest)
    stop(kept, digest)
    standing, entries = kept.find(digest), kept.ledger(digest)
    assert standing is not None
    assert broken_link(entries, standing.ledger) is None
    assert [entry.state for entry in entries] == [ConsentState.GIVEN, ConsentState.WITHDRAWN]
    assert (standing.consents, [each.id for each in standing.stops]) == ({}, ["link:newsletter"])


def test_an_entry_is_never_written_over_and_then_nothing_else_is_written_either(
    kept: DynamoPermissions, digest: str
) -> None:
    agree(kept, digest)
    before = kept.find(digest)
    assert before is not None
    (entry,) = kept.ledger(digest)
    with pytest.raises(ConflictError):
        kept.save([before.with_stop(unsubscribed("newsletter", at=AT))], {digest: [entry]})
    assert kept.find(digest) == before
    assert kept.ledger(digest) == (entry,)


def test_of_many_at_once_each_is_entered_once(kept: DynamoPermissions, digest: str) -> None:
    together(*(lambda: stop(kept, digest) for _ in range(8)))
    assert len(kept.ledger(digest)) == 1


def test_a37_a_click_is_one_reading_and_the_first_time_one_write(
    kept: DynamoPermissions, digest: str, stack: PlayedStack
) -> None:
    with calls_of(stack.client("dynamodb")) as calls:
        stop(kept, digest)
        assert calls == ["GetItem", "TransactWriteItems"]
        stop(kept, digest)
        assert calls == ["GetItem", "TransactWriteItems", "GetItem"]


def test_more_than_a_page_of_entries_is_read(kept: DynamoPermissions, digest: str) -> None:
    for day in range(12):
        agree(kept, digest, AT + day * 24 * HOUR)
        stop(kept, digest, AT + (day * 24 + 1) * HOUR)
    assert [entry.number for entry in kept.ledger(digest)] == list(range(1, 25))


def test_a_stranger_has_no_entry(kept: DynamoPermissions, digest: str) -> None:
    assert kept.find(digest) is None
    assert kept.ledger(digest) == ()
    assert Standing(digest=digest).ledger.count == 0


def test_b7_of_a_version_the_first_acceptance_stays(stack: PlayedStack, digest: str) -> None:
    kept = DynamoAcceptances(stack.local.ref("PeopleTable"), stack.client("dynamodb"))
    first = Acceptance(version="2026-09", accepted_at=AT, proof="signup-1")
    assert kept.enter(digest, first)
    assert not kept.enter(digest, first.model_copy(update={"accepted_at": AT + HOUR}))
    assert kept.enter(digest, Acceptance(version="2024-04", accepted_at=AT - HOUR))
    assert sorted(each.version for each in kept.all(digest)) == ["2024-04", "2026-09"]
    assert first in kept.all(digest)
    assert kept.all("f" * 64) == ()
