"""Staff look inside before they decide: at the draft, and at rows about other people (abuse cases 12, 90, 96)."""

from collections.abc import Callable

import pytest

from rightsdesk.domain.case_views import HeldContent, PreviewLink
from rightsdesk.domain.errors import (
    ConflictError,
    NotAllowedError,
    NotAwaitingReviewError,
    NotFoundError,
    VersionMovedOnError,
)
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import PrivacyRequest, Treatment
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services import view_held
from rightsdesk.services.preview_export import preview_export
from rightsdesk.services.view_held import view_held_rows
from tests.support.desk import APPROVER, HANDLER, JANES_MEMBER_ID, Desk

ORDERS = ("shop/orders", "member_id", JANES_MEMBER_ID)


def preview(desk: Desk, staff: StaffMember, case: PrivacyRequest, part: int = 1) -> PreviewLink:
    return preview_export(
        staff,
        case.reference,
        part,
        find=desk.staff.find,
        cases=desk.cases,
        exports=desk.exports,
        clock=desk.clock,
    )


def held(desk: Desk, staff: StaffMember, case: PrivacyRequest) -> HeldContent:
    return view_held_rows(
        staff,
        case.reference,
        find=desk.staff.find,
        cases=desk.cases,
        records=desk.records,
        data_map=lambda: desk.data_map,
        clock=desk.clock,
    )


each_look = pytest.mark.parametrize("look", [preview, held])
Look = Callable[[Desk, StaffMember, PrivacyRequest], PreviewLink | HeldContent]


@each_look
@pytest.mark.parametrize("role", Role)
def test_a96_only_who_works_on_cases_looks_inside(look: Look, role: Role) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    staff = StaffMember(user_id="sub-1", roles=frozenset({role}))
    before = len(desk.faults.calls)
    if role in (Role.HANDLER, Role.APPROVER):
        look(desk, staff, case)
        return
    with pytest.raises(NotAllowedError):
        look(desk, staff, case)
    assert len(desk.faults.calls) == before


@each_look
def test_a96_every_look_is_in_the_history_and_moves_the_version_on(look: Look) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    first = look(desk, APPROVER, case)
    second = look(desk, APPROVER, case)
    assert (first.version, second.version) == (case.version + 1, case.version + 2)
    kind = "previewed" if look is preview else "held_rows_read"
    assert desk.history(case)[-2:] == [kind, kind]
    assert desk.table.events[case.request_id][-1].actor == APPROVER.actor
    now = desk.now(case)
    with pytest.raises(VersionMovedOnError):
        desk.reviewer.release(APPROVER, now, case.version, {"shop/orders": Treatment.REDACT})
    # To look is not to have handled it: the approver who looked may release.
    desk.reviewer.release(APPROVER, now, second.version, {"shop/orders": Treatment.REDACT})


@each_look
def test_nothing_is_looked_at_before_or_after_it_waits_for_a_decision(look: Look) -> None:
    desk = Desk()
    case = desk.collected()
    with pytest.raises(NotAwaitingReviewError):
        look(desk, HANDLER, case)
    desk.build(case)
    desk.ask_release(case)
    desk.release(desk.now(case))
    with pytest.raises(NotAwaitingReviewError):
        look(desk, HANDLER, case)


@each_look
def test_what_can_not_be_noted_is_not_shown(look: Look) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    before = len(desk.faults.calls)
    desk.faults.before("cases.save", lambda: desk.staff.assign(HANDLER, case.reference, "sub-2"))
    with pytest.raises(ConflictError):
        look(desk, HANDLER, case)
    assert "records.read" not in desk.faults.calls[before:]


def test_a_preview_is_a_link_of_a_minute_to_the_draft() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    link = preview(desk, HANDLER, case)
    assert case.export is not None
    (part,) = case.export.parts
    assert (link.sha256, link.bytes, link.name) == (part.sha256, part.bytes, part.name)
    assert part.key in link.url
    assert "X-Amz-Expires=60&" in link.url
    assert (link.expires_at - desk.clock()).total_seconds() == 60
    assert desk.table.events[case.request_id][-1].details == {"part": 1, "file": part.sha256}
    for number in (0, 2, -1):
        with pytest.raises(NotFoundError):
            preview(desk, HANDLER, case, number)


def test_a90_a_package_of_somebody_else_is_not_previewed() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    after, event = case.changed("x", at=desk.clock(), actor="system", subject_key="0" * 64)
    desk.cases.save(case, after, event)
    with pytest.raises(ConflictError):
        preview(desk, HANDLER, case)


def test_a12_the_rows_about_others_are_shown_with_what_is_about_them() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    (orders,) = held(desk, HANDLER, case).collections
    assert (orders.collection, orders.others, orders.shown, orders.total) == ("shop/orders", ("gift_name",), 1, 1)
    assert [row["gift_name"] for row in orders.rows] == ["Tom"]
    assert orders.label.en
    assert orders.label.ja
    event = desk.table.events[case.request_id][-1]
    assert event.details == {"collections": ["shop/orders"]}
    assert "Tom" not in event.model_dump_json()


def test_of_many_rows_the_first_are_shown() -> None:
    desk = Desk()
    gifts: list[Record] = [{"order_id": f"K-{n}", "text": "x", "gift_name": "Tom"} for n in range(view_held.SHOWN + 7)]
    desk.reader.rows = {**desk.reader.rows, ORDERS: [{"order_id": "K-0", "text": "mine"}, *gifts]}
    (orders,) = held(desk, HANDLER, desk.awaiting_review()).collections
    assert (orders.shown, orders.total, len(orders.rows)) == (view_held.SHOWN, len(gifts), view_held.SHOWN)


def test_a_long_answer_ends_before_lambda_cuts_it_off() -> None:
    desk = Desk()
    long = "花" * 100_000  # six characters each, as JSON in ASCII
    desk.reader.rows = {
        **desk.reader.rows,
        ORDERS: [{"order_id": f"K-{n}", "text": long, "gift_name": "Tom"} for n in range(5)],
    }
    (orders,) = held(desk, HANDLER, desk.awaiting_review()).collections
    assert (orders.shown, orders.total) == (3, 5)


def test_without_rows_about_others_there_is_nothing_to_read() -> None:
    desk = Desk()
    desk.reader.rows = {**desk.reader.rows, ORDERS: [{"order_id": "K-1", "text": "a chair"}]}
    assert held(desk, HANDLER, desk.awaiting_review()).collections == ()
