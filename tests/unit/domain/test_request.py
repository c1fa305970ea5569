"""What a door may hand in, and how a case changes (abuse cases 41, 42, 49, 51)."""

import time
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.errors import CaseClosedError, ConflictError
from rightsdesk.domain.identity import REMINDED_AFTER
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import SWEPT_AHEAD, Door, Failure, PrivacyRequest, RequestType, Submission
from tests.support.desk import Desk

RIGHT: dict[str, Any] = {
    "types": ("access",),
    "email": "jane@example.com",
    "name": "Jane Murphy",
    "country": "IE",
    "language": "en",
    "door": "web",
}


def fields_at_fault(**changes: Any) -> set[str]:
    with pytest.raises(ValidationError) as refused:
        Submission.model_validate(RIGHT | changes)
    return {str(error["loc"][0]) for error in refused.value.errors()}


@pytest.mark.parametrize(
    "extra", ["status", "verified_at", "due_at", "assignee", "request_id", "reference", "assurance", "received_at"]
)
def test_a51_nobody_sets_what_is_ours(extra: str) -> None:
    assert fields_at_fault(**{extra: "x"}) == {extra}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("types", ()),
        ("types", ("erase_all",)),
        ("email", "jane"),
        ("email", "a" * 243 + "@example.com"),
        ("name", ""),
        ("name", "   "),
        ("name", "\u3000\u3000"),
        ("name", "x" * 201),
        ("name", "Jane\nBcc: eve@example.net"),
        ("name", "Jane\rMurphy"),
        ("name", "Jane\u2028Murphy"),
        ("name", "Jane\x00"),
        ("name", "Jane\x1b[31m"),
        ("name", "\ud800"),
        ("country", "ie"),
        ("country", "IRL"),
        ("country", "IE\n"),
        ("language", "../../x"),
        ("language", "de"),
        ("door", "fax"),
        ("order_number", ""),
        ("order_number", "9" * 65),
        ("order_number", "K-1\nK-2"),
        ("details", ""),
        ("details", "x" * 601),
        ("details", "a\x07b"),
        ("details", "a\u2029b"),
    ],
)
def test_what_does_not_fit_is_named(field: str, value: object) -> None:
    assert fields_at_fault(**{field: value}) == {field}


def test_what_fits_is_kept_in_one_form() -> None:
    given_in = Submission.model_validate(
        RIGHT
        | {
            "email": "  Jane@Example.com ",
            "name": " Zoe\u0308 \u202e髙﨑 👩\u200d💻 ",
            "details": "one\r\ntwo\tthree\n",
            "order_number": " K-1 ",
        }
    )
    assert given_in.email == "Jane@Example.com"  # as typed; canonical is made of it
    assert given_in.name == "Zo\u00eb 髙﨑 👩\u200d💻"  # NFC; rare characters and joiners are kept, directions are not
    assert given_in.details == "one\ntwo three"
    assert given_in.order_number == "K-1"
    assert given_in.types == (RequestType.ACCESS,)
    assert given_in.door is Door.WEB


@given(st.text(max_size=250))
def test_a49_any_name_is_refused_or_can_be_shown(name: str) -> None:
    try:
        kept = Submission.model_validate(RIGHT | {"name": name}).name
    except ValidationError:
        return
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip()
    assert 1 <= len(kept) <= 200
    assert not {unicodedata.category(c) for c in kept} & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    "blank",
    [
        "\u200b",
        "\u200b\u2060\ufeff",
        "\u3000 \u00a0",
        "\u202e\u202c",
        "\u0301\u0301",
        "\u3164",
        "\u2800\u115f",
        "\U000e0020",
    ],
)
def test_a49_a_name_in_which_there_is_nothing_to_see_is_none(blank: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Submission.model_validate(RIGHT | {"name": blank})
    (found,) = caught.value.errors()
    assert (found["loc"], found["type"]) == (("name",), "too_short")


@pytest.mark.parametrize("name", ["ー", "Ω", "7", "👩\u200d👧", "a\u0301", "\u200bA", "☃"])
def test_one_character_that_can_be_seen_is_a_name(name: str) -> None:
    assert Submission.model_validate(RIGHT | {"name": name}).name


def test_a41_a_flood_of_marks_is_cut_off_before_it_costs_time() -> None:
    started = time.process_time()
    assert fields_at_fault(name="a" + "\u0301\u0316" * 500_000) == {"name"}
    assert fields_at_fault(details="a" + "\u0301\u0316" * 500_000) == {"details"}
    assert time.process_time() - started < 0.5


def test_a_change_raises_the_version_and_lengthens_the_chain() -> None:
    case = Desk().awaiting_review()
    after, event = case.changed("assigned", at=case.received_at, actor="staff:x", assignee="x")
    assert (after.version, after.event_sequence, after.event_hash) == (case.version + 1, event.sequence, event.hash)
    assert (event.sequence, event.previous_hash) == (case.event_sequence + 1, case.event_hash)
    assert case.assignee is None  # a case is never changed in place


def test_a_change_can_not_skip_the_lifecycle() -> None:
    case = Desk().collecting()
    with pytest.raises(ConflictError):
        case.changed("released", at=case.received_at, actor="staff:x", status=Status.EXECUTING)


@pytest.mark.parametrize(
    "changes",
    [
        {"assignee": "x"},
        {"status": Status.COLLECTING},
        {"export": None},
        {"outcome": Outcome.FULFILLED},
        {"answered_at": None},
        {"reminders": ("due",)},
        {"treatments": {}},
        {"purged": True, "assignee": "x"},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_a_closed_case_stays_as_it_is(changes: dict[str, Any]) -> None:
    case = closed()
    with pytest.raises(CaseClosedError):
        case.changed("changed", at=case.received_at, actor="system", **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"purged": True},
        {"failure": Failure(state="CloseRequest", error="KeyError", at=Desk().clock())},
        {"failure": None, "attempt": 3, "handled_by": ("x",)},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_what_is_left_to_do_on_a_closed_case_can_be_done(changes: dict[str, Any]) -> None:
    case = closed()
    after, _ = case.changed("changed", at=case.received_at, actor="system", **changes)
    assert after.version == case.version + 1


def closed() -> PrivacyRequest:
    desk = Desk()
    case = desk.collecting()
    desk.withdraw(case)
    return desk.now(case)


def test_the_sweep_looks_at_once_where_the_system_is_at_work_and_late_where_a_person_is_waited_for() -> None:
    desk = Desk()
    case = desk.submit()
    received, target = case.received_at.date(), case.due.target_on
    reminded = received + REMINDED_AFTER + SWEPT_AHEAD  # the sweep looks at it from the reminder on
    assert reminded < target
    assert received < target
    seen = [(case.status, case.swept_from)]
    desk.send_verification(case)
    seen.append((desk.now(case).status, desk.now(case).swept_from))
    desk.verify(case)
    seen.append((desk.now(case).status, desk.now(case).swept_from))
    desk.decide(case)
    seen.append((desk.now(case).status, desk.now(case).swept_from))
    for source in desk.now(case).sources:
        desk.collect(case, source)
    desk.build(case)
    desk.ask_release(case)
    seen.append((desk.now(case).status, desk.now(case).swept_from))
    desk.release(desk.now(case))
    seen.append((desk.now(case).status, desk.now(case).swept_from))
    desk.answer(case)
    assert desk.now(case).swept_from == target  # the window in which it is fetched
    desk.clock.advance(timedelta(days=14))
    desk.close(case)
    assert desk.now(case).swept_from is None
    assert seen == [
        (Status.RECEIVED, received),
        (Status.AWAITING_VERIFICATION, reminded),
        (Status.VERIFIED, received),
        (Status.COLLECTING, received),
        (Status.AWAITING_REVIEW, target),
        (Status.EXECUTING, received),
    ]


def test_a_withdrawn_case_is_swept_until_it_is_cleaned_up() -> None:
    desk = Desk()
    case = desk.collected()
    desk.withdraw(case)
    assert desk.now(case).swept_from == case.received_at.date()
    desk.close(case, Outcome.WITHDRAWN)
    assert desk.now(case).swept_from is None


def test_the_history_of_a_case_is_a_chain() -> None:
    desk = Desk()
    case = desk.answered()
    events = desk.table.events[case.request_id]
    assert verify_chain(events, expected_head=(case.event_sequence, case.event_hash)) is None
    stored = "".join(event.model_dump_json() for event in events)
    for personal in ("jane", "Jane", "Murphy", "M-000002", "K-1"):
        assert personal not in stored
