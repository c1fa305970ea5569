"""The chain of events (abuse case 95)."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.audit import GENESIS, AuditEvent, hash_of, next_event, verify_chain
from rightsdesk.domain.errors import ConflictError
from tests.support.desk import Desk

AT = datetime(2026, 9, 3, 1, 30, tzinfo=UTC)


def chain(length: int) -> list[AuditEvent]:
    events: list[AuditEvent] = []
    for number in range(1, length + 1):
        events.append(
            next_event(
                events[-1] if events else None,
                request_id="a" * 32,
                type="downloaded",
                at=AT + timedelta(seconds=number),
                actor="subject",
                details={"number": number, "final": number % 2 == 0, "files": ["x", "y"], "code": "ü"},
            )
        )
    return events


def head(events: list[AuditEvent]) -> tuple[int, str]:
    return events[-1].sequence, events[-1].hash


lengths = st.integers(2, 9)


@given(lengths)
def test_a95_an_untouched_chain_holds_and_survives_being_stored(length: int) -> None:
    events = chain(length)
    assert events[0].previous_hash == GENESIS
    assert verify_chain(events, expected_head=head(events)) is None
    stored = [AuditEvent.model_validate_json(event.model_dump_json()) for event in events]
    assert verify_chain(stored, expected_head=head(events)) is None


@given(st.data(), lengths)
def test_a95_an_altered_event_is_pinpointed(data: st.DataObject, length: int) -> None:
    events = chain(length)
    position = data.draw(st.integers(0, length - 1))
    change: dict[str, Any] = data.draw(
        st.sampled_from(
            [
                {"actor": "staff:eve"},
                {"at": AT - timedelta(days=1)},
                {"type": "viewed"},
                {"details": {"number": 99}},
                {"details": {**events[position].details, "final": 1}},  # 1 is not True
            ]
        )
    )
    events[position] = events[position].model_copy(update=change)
    broken = verify_chain(events, expected_head=(length, chain(length)[-1].hash))
    assert broken is not None
    assert (broken.sequence, broken.problem) == (position + 1, "was altered after it was written")


@given(st.data(), lengths)
def test_a95_an_altered_event_with_a_new_hash_breaks_the_next_or_the_head(data: st.DataObject, length: int) -> None:
    events = chain(length)
    expected = head(events)
    position = data.draw(st.integers(0, length - 1))
    altered = events[position].model_copy(update={"actor": "staff:eve"})
    events[position] = altered.model_copy(update={"hash": hash_of(altered)})
    broken = verify_chain(events, expected_head=expected)
    assert broken is not None
    assert broken.sequence == position + 2


@given(st.data(), lengths)
def test_a95_a_deleted_event_is_pinpointed(data: st.DataObject, length: int) -> None:
    events = chain(length)
    expected = head(events)
    position = data.draw(st.integers(0, length - 1))
    del events[position]
    broken = verify_chain(events, expected_head=expected)
    assert broken is not None
    assert broken.sequence == position + 1


@given(st.data(), lengths)
def test_a95_events_out_of_order_are_pinpointed(data: st.DataObject, length: int) -> None:
    events = chain(length)
    one = data.draw(st.integers(0, length - 2))
    other = data.draw(st.integers(one + 1, length - 1))
    events[one], events[other] = events[other], events[one]
    broken = verify_chain(events)
    assert broken is not None
    assert broken.sequence == one + 1


@given(st.data(), lengths)
def test_a95_a_chain_that_was_cut_off_is_found_by_its_head_alone(data: st.DataObject, length: int) -> None:
    events = chain(length)
    expected = head(events)
    left = data.draw(st.integers(0, length - 1))
    assert verify_chain(events[:left]) is None  # nothing in the chain itself shows it
    broken = verify_chain(events[:left], expected_head=expected)
    assert broken is not None
    assert broken.sequence == left + 1
    assert "cut off" in broken.problem


def test_a95_a_gap_in_the_numbers_is_found_although_the_hashes_were_made_anew() -> None:
    first, second, _ = chain(3)
    skipped = second.model_copy(update={"sequence": 3})
    broken = verify_chain([first, skipped.model_copy(update={"hash": hash_of(skipped)})])
    assert broken is not None
    assert (broken.sequence, "out of order" in broken.problem) == (2, True)


def test_a95_an_event_of_another_request_does_not_fit() -> None:
    events = chain(3)
    foreign = events[1].model_copy(update={"request_id": "b" * 32})
    events[1] = foreign.model_copy(update={"hash": hash_of(foreign)})
    broken = verify_chain(events)
    assert broken is not None
    assert (broken.sequence, broken.problem) == (2, "belongs to another request")


def test_a95_no_events_where_some_should_be() -> None:
    assert verify_chain([]) is None
    broken = verify_chain([], expected_head=(1, "f" * 64))
    assert broken is not None
    assert broken.sequence == 1


def test_a95_the_hash_covers_every_field() -> None:
    event = chain(1)[0]
    others = {
        "request_id": "b" * 32,
        "sequence": 2,
        "type": "viewed",
        "at": AT,
        "actor": "system",
        "details": {},
        "previous_hash": "1" * 64,
    }
    assert set(others) == set(AuditEvent.model_fields) - {"hash"}
    for name, value in others.items():
        assert hash_of(event.model_copy(update={name: value})) != event.hash, name


@pytest.mark.parametrize("kind", ["", "Viewed", "looked at", "x;y"])
def test_an_event_has_a_plain_name(kind: str) -> None:
    with pytest.raises(ValueError, match="type"):
        next_event(None, request_id="a", type=kind, at=AT, actor="system")


def test_a95_of_many_at_once_each_event_is_written_once_and_in_order() -> None:
    """Two who change a case at the same time: one wins, the other reads again and tries again."""
    desk = Desk()
    case = desk.answered()
    conflicts = []
    start = threading.Barrier(16)

    def append(number: int) -> None:
        start.wait()
        while True:
            now = desk.cases.get(case.request_id)
            after, event = now.changed("viewed", at=AT, actor=f"staff:{number}")
            try:
                desk.cases.save(now, after, event)
            except ConflictError:
                conflicts.append(number)
                continue
            return

    threads = [threading.Thread(target=append, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.history(case).count("viewed") == 16  # and the chain holds
    actors = {event.actor for event in desk.table.events[case.request_id] if event.type == "viewed"}
    assert actors == {f"staff:{number}" for number in range(16)}
