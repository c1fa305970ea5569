"""The ledger of consents: nothing is in force without its record, and what is altered, left out or cut off shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.consent_ledger import (
    ConsentAct,
    ConsentChannel,
    ConsentEntry,
    ConsentState,
    LedgerHead,
    broken_link,
    chained,
)
from rightsdesk.domain.consenting import endings, with_consent_given, with_refusal
from rightsdesk.domain.errors import WithdrawnSinceError
from rightsdesk.domain.permission import Standing, Stop, StopKind
from rightsdesk.domain.unsubscribing import unsubscribed

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
NOBODY = Standing(digest="d" * 64)


def act(number: int = 1, **changes: Any) -> ConsentAct:
    values = {
        "record_id": f"{number:032x}",
        "at": AT,
        "state": ConsentState.GIVEN,
        "purpose": "newsletter",
        "channel": ConsentChannel.SHOP,
        "text_version": "2026-09",
        "text_sha256": "a" * 64,
        "language": "en",
        "proof": "shop:4711",
    }
    return ConsentAct.model_validate(values | changes)


def stop(kind: StopKind = StopKind.WITHDRAWN, since: datetime = AT, **changes: Any) -> Stop:
    values = {"id": f"case:{kind}", "kind": kind, "purposes": ("newsletter",), "rule": "GDPR-7-3", "since": since}
    return Stop.model_validate(values | changes)


def agreed(standing: Standing = NOBODY, **changes: Any) -> Standing:
    return with_consent_given(standing, act(**changes))[0]


@given(
    parts=st.lists(st.integers(0, 4), max_size=6),
    tampered=st.integers(0, 5),
    field=st.sampled_from(["purpose", "at", "state", "proof", "text_sha256", "previous", "number"]),
)
def test_a_chain_holds_however_it_grew_and_shows_each_change(parts: list[int], tampered: int, field: str) -> None:
    head, number = LedgerHead(), 0
    entries: tuple[ConsentEntry, ...] = ()
    for size in parts:
        acts = [act(number + n, at=AT + (number + n) * HOUR) for n in range(size)]
        number += size
        head, more = chained(head, acts)
        entries += more
    assert broken_link(entries, head) is None
    assert head.count == number
    if number:
        at = tampered % number
        changed: dict[str, Any] = {
            "purpose": "surveys",
            "at": AT - HOUR,
            "state": ConsentState.REFUSED,
            "proof": None,
            "text_sha256": "b" * 64,
            "previous": "c" * 64,
            "number": 99,
        }
        altered = entries[at].model_copy(update={field: changed[field]})
        found = broken_link((*entries[:at], altered, *entries[at + 1 :]), head)
        assert found is not None
        assert found.sequence == at + 1
        without = broken_link((*entries[:at], *entries[at + 1 :]), head)
        assert without is not None
        assert without.sequence in (at + 1, number)
    if number > 1:
        assert broken_link(entries[::-1], head) is not None


def test_an_entry_rewritten_with_a_new_hash_no_longer_leads_to_the_head() -> None:
    head, entries = chained(LedgerHead(), [act(1), act(2)])
    _, forged = chained(LedgerHead(), [act(1), act(2, state=ConsentState.WITHDRAWN)])
    assert broken_link(forged, head) is not None
    assert broken_link(entries[:1], head) is not None
    assert ConsentEntry.model_validate_json(entries[0].model_dump_json()) == entries[0]


def test_a_consent_is_in_force_with_its_record_and_told_again_nothing_changes() -> None:
    after, acts = with_consent_given(NOBODY, act())
    assert after.consents["newsletter"].record_id == acts[0].record_id
    assert with_consent_given(after, act()) == (after, ())
    assert with_consent_given(after, act(2, at=AT - HOUR)) == (after, ()), "an older one is told late"
    newer, more = with_consent_given(after, act(2, at=AT + HOUR, text_version="2027-01"))
    assert (newer.consents["newsletter"].given_at, len(more)) == (AT + HOUR, 1)


@pytest.mark.parametrize("kind", [StopKind.WITHDRAWN, StopKind.OBJECTED, StopKind.UNSUBSCRIBED, StopKind.ERASED])
def test_a_consent_that_was_taken_back_since_is_not_brought_back_by_an_old_one(kind: StopKind) -> None:
    stopped = agreed().with_stop(stop(kind, AT + HOUR))
    with pytest.raises(WithdrawnSinceError):
        with_consent_given(stopped, act())
    with pytest.raises(WithdrawnSinceError):  # the link of a mail of before, opened now
        with_consent_given(stopped, act(2, at=AT + 2 * HOUR), asked_at=AT)
    again, acts = with_consent_given(stopped, act(3, at=AT + 3 * HOUR), asked_at=AT + 2 * HOUR)
    assert "newsletter" in again.consents
    assert again.stops == ()
    assert len(acts) == 1


def test_a_consent_given_while_data_are_restricted_is_on_record_and_lifts_nothing() -> None:
    restricted = NOBODY.with_stop(stop(StopKind.RESTRICTED, AT + HOUR, purposes=()))
    after, acts = with_consent_given(restricted, act(at=AT + 2 * HOUR))
    assert (len(acts), len(after.stops)) == (1, 1)


@pytest.mark.parametrize(
    ("made", "channel", "entered"),
    [
        (unsubscribed("newsletter", at=AT + HOUR), ConsentChannel.UNSUBSCRIBE_LINK, 1),
        (stop(StopKind.WITHDRAWN, AT + HOUR), ConsentChannel.REQUEST, 1),
        (stop(StopKind.ERASED, AT + HOUR, purposes=()), ConsentChannel.REQUEST, 1),
        (stop(StopKind.WITHDRAWN, AT + HOUR, id="shop:newsletter"), ConsentChannel.SHOP, 1),
        (stop(StopKind.RESTRICTED, AT + HOUR), ConsentChannel.REQUEST, 0),  # it goes on once that is lifted
        (stop(StopKind.WITHDRAWN, AT + HOUR, purposes=("surveys",)), ConsentChannel.REQUEST, 0),
        (stop(StopKind.PROVISION_STOPPED, AT + HOUR, recipients=("partner",)), ConsentChannel.REQUEST, 0),
    ],
)
def test_whatever_ends_a_consent_is_entered_with_the_record_that_it_ends(
    made: Stop, channel: ConsentChannel, entered: int
) -> None:
    before = agreed()
    acts = endings(before, before.with_stop(made))
    assert len(acts) == entered
    for each in acts:
        assert (each.state, each.channel, each.at) == (ConsentState.WITHDRAWN, channel, AT + HOUR)
        assert each.ends == before.consents["newsletter"].record_id
        assert each.proof == made.id


def test_who_unsubscribes_without_a_consent_on_record_is_entered_and_one_who_does_it_twice_once() -> None:
    once = NOBODY.with_stop(unsubscribed("newsletter", at=AT))
    (entered,) = endings(NOBODY, once)
    assert entered.ends is None
    assert once.with_word(unsubscribed("newsletter", at=AT + SECOND)) == once, "one click, sent twice"
    again = once.with_word(unsubscribed("newsletter", at=AT + HOUR))
    assert endings(once, again) == ()
    assert [stop.since for stop in again.stops] == [AT], "since when it is stopped"
    assert again.with_word(unsubscribed("newsletter", at=AT - HOUR)) == again


def test_a_consent_from_between_two_words_to_stop_comes_too_late() -> None:
    stopped = NOBODY.with_word(unsubscribed("newsletter", at=AT)).with_word(unsubscribed("newsletter", at=AT + HOUR))
    with pytest.raises(WithdrawnSinceError):
        with_consent_given(stopped, act(at=AT + HOUR / 2))
    assert with_consent_given(stopped, act(at=AT + 2 * HOUR))[0].stops == ()


def test_a_consent_of_before_a_refusal_is_told_too_late_and_one_after_it_is_taken() -> None:
    refused, _ = with_refusal(NOBODY, act(1, state=ConsentState.REFUSED, at=AT + HOUR))
    with pytest.raises(WithdrawnSinceError):
        with_consent_given(refused, act(2))
    assert "newsletter" in with_consent_given(refused, act(2, at=AT + 2 * HOUR), asked_at=AT)[0].consents


def test_a_refusal_is_remembered_until_a_consent_and_takes_one_back() -> None:
    no = act(1, state=ConsentState.REFUSED, channel=ConsentChannel.CAMPAIGN)
    refused, acts = with_refusal(NOBODY, no)
    assert (refused.refusals, acts) == ({"newsletter": AT}, (no,))
    assert with_refusal(refused, no) == (refused, ())
    yes = agreed(refused, at=AT + HOUR)
    assert yes.refusals == {}
    back, acts = with_refusal(
        yes, act(3, at=AT + 2 * HOUR, state=ConsentState.REFUSED, channel=ConsentChannel.CAMPAIGN)
    )
    assert back.consents == {}
    assert [each.kind for each in back.stops] == [StopKind.WITHDRAWN]
    assert [each.channel for each in endings(yes, back)] == [ConsentChannel.CAMPAIGN]
