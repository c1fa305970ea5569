"""What staff see of cases, and the small things they do (abuse cases 25, 44, 79, 95, 96)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NothingFailedError,
)
from rightsdesk.domain.oversight import Gap
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import PERMISSIONS, Action, Role, StaffMember
from tests.support.desk import APPROVER, HANDLER, JANE, Desk
from tests.support.fakes import How

AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))


def failed(desk: Desk) -> PrivacyRequest:
    case = desk.collecting()
    desk.fail(case)
    return desk.now(case)


CALLS: dict[Action, Callable[[Desk, StaffMember, PrivacyRequest], object]] = {
    Action.READ: lambda desk, staff, case: desk.staff.view(staff, case.reference),
    Action.TIMELINE: lambda desk, staff, case: desk.staff.timeline(staff, case.reference),
    Action.ASSIGN: lambda desk, staff, case: desk.staff.assign(staff, case.reference, "sub-1"),
    Action.RETRY: lambda desk, staff, case: desk.staff.retry(staff, case.reference),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", CALLS)
def test_a96_the_role_is_asked_before_anything_is_read(action: Action, role: Role) -> None:
    desk = Desk()
    case = failed(desk)
    staff = StaffMember(user_id="sub-1", roles=frozenset({role}))
    before = len(desk.faults.calls)
    if action in PERMISSIONS[role]:
        CALLS[action](desk, staff, case)
        return
    with pytest.raises(NotAllowedError):
        CALLS[action](desk, staff, case)
    assert len(desk.faults.calls) == before


def test_a96_nobody_without_a_role_lists_cases() -> None:
    with pytest.raises(NotAllowedError):
        Desk().staff.list_open(StaffMember(user_id="x", roles=frozenset()), 10, None)


def test_the_list_shows_what_is_due_first_and_masks_the_person() -> None:
    desk = Desk()
    later = desk.awaiting_review(country="US")
    sooner = desk.awaiting_review(country="JP", email="hanako@example.jp")
    items = desk.staff.list_open(AUDITOR, 10, None).items
    assert [item.reference for item in items] == [sooner.reference, later.reference]
    assert [item.subject for item in items] == ["h•••@example.jp", "j•••@example.com"]
    assert JANE not in str(items)
    assert items[0].days_left == (sooner.due.due_on - desk.clock().astimezone(desk.merchant.timezone).date()).days


def test_days_left_fall_below_nothing() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.clock.advance(timedelta(days=60))
    assert desk.staff.view(HANDLER, case.reference).days_left < 0


def test_the_list_has_pages() -> None:
    desk = Desk()
    cases = {desk.submit(email=f"p{number}@example.net").reference for number in range(5)}
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = desk.staff.list_open(HANDLER, 2, cursor)
        seen += [item.reference for item in page.items]
        cursor = page.next
    assert cursor is None
    assert len(seen) == len(set(seen)) == 5
    assert set(seen) == cases


def test_a_case_that_is_closed_is_not_in_the_list() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.withdraw(case)  # and is not cleaned up yet
    assert desk.staff.list_open(HANDLER, 10, None).items == ()


@pytest.mark.parametrize(
    "cursor", ["", "0", "b3BhcXVl", "2026-10-05", "2026-10-05#", "2026-10-05#" + "g" * 32, "~" * 44]
)
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="cursor: wrong_format"):
        Desk().staff.list_open(HANDLER, 10, cursor)


@pytest.mark.parametrize("typed", ["RD-28T5-CY4G-M", "", "nonsense", "jane@example.com", "REQ#1"])
def test_a25_an_unknown_reference_is_not_found(typed: str) -> None:
    with pytest.raises(NotFoundError, match="no such request"):
        Desk().staff.view(HANDLER, typed)


def test_a_view_says_how_collecting_stands() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.collect(case, "shop")
    desk.fail_source(case, "files")
    view = desk.staff.view(HANDLER, case.reference.lower())
    assert {source.source: (source.status, source.error) for source in view.sources} == {
        "shop": ("done", None),
        "files": ("failed", "SourceBrokenError"),
    }
    assert view.sources[0].collections["orders"]["rows"] == 2
    assert "sha256" not in view.sources[0].collections["orders"]
    assert [(held.collection, held.rows, held.treatment) for held in view.held] == [("shop/orders", 1, None)]
    assert view.package is None
    assert JANE not in view.model_dump_json()


def test_a_view_says_who_may_release() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    assert desk.staff.view(APPROVER, case.reference).may_release
    assert not desk.staff.view(HANDLER, case.reference).may_release
    desk.staff.assign(HANDLER, case.reference, APPROVER.user_id)
    assert not desk.staff.view(APPROVER, case.reference).may_release
    other = StaffMember(user_id="sub-2", roles=frozenset({Role.APPROVER}))
    assert desk.staff.view(other, case.reference).may_release
    desk.reviewer.refuse(other, desk.now(case), desk.now(case).version, "gdpr_15_4", "It names a neighbour.")
    assert not desk.staff.view(other, case.reference).may_release


@pytest.mark.parametrize("role", Role)
def test_a96_what_the_person_wrote_is_for_who_works_on_the_case_once_the_mailbox_is_confirmed(role: Role) -> None:
    desk = Desk()
    staff = StaffMember(user_id="sub-1", roles=frozenset({role}))
    case = desk.submit(details="My old address, please.", order_number="K-1")
    view = desk.staff.view(staff, case.reference)
    assert (view.name, view.details, view.order_number) == (None, None, None)
    desk.send_verification(case)
    desk.verify(case)
    view = desk.staff.view(staff, case.reference)
    shown = (view.name, view.details, view.order_number)
    if role in (Role.HANDLER, Role.APPROVER):
        assert shown == ("Jane Murphy", "My old address, please.", "K-1")
    else:
        assert shown == (None, None, None)


def test_a_view_says_on_what_grounds_it_may_be_refused() -> None:
    desk = Desk()
    grounds = {c: desk.staff.view(HANDLER, desk.submit(country=c).reference).allowed_grounds for c in ("IE", "JP")}
    assert "gdpr_12_5" in grounds["IE"]
    assert "appi_33_2_i" in grounds["JP"]
    assert not [ground for ground in grounds["JP"] if ground.startswith("gdpr")]


def test_a_view_says_what_is_to_be_done_next() -> None:
    desk = Desk()
    seen: list[str] = []

    def look(case: PrivacyRequest) -> None:
        seen.append(desk.staff.view(HANDLER, case.reference).next_step)

    case = desk.submit()
    look(case)
    desk.send_verification(case)
    look(case)
    desk.verify(case)
    look(case)
    desk.decide(case)
    for source in desk.now(case).sources:
        desk.collect(case, source)
    look(case)
    desk.fail(case)
    look(case)
    desk.staff.retry(HANDLER, case.reference)
    desk.build(case)
    desk.ask_release(case)
    look(case)
    desk.release(desk.now(case))
    look(case)
    desk.answer(case)
    look(case)
    desk.close(case)
    look(case)
    assert seen == [
        "wait_for_person",
        "wait_for_person",
        "wait_for_sources",
        "wait_for_sources",
        "retry_failed",
        "decide_held_rows_and_release",
        "wait_for_answer",
        "wait_for_download",
        "none",
    ]


def test_without_rows_about_others_there_is_nothing_to_decide_but_the_release() -> None:
    desk = Desk()
    desk.reader.rows = {key: [row for row in rows if "gift_name" not in row] for key, rows in desk.reader.rows.items()}
    case = desk.awaiting_review()
    assert desk.staff.view(HANDLER, case.reference).next_step == "release_or_refuse"


# Assigning


def test_me_is_who_is_asking() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    view = desk.staff.assign(HANDLER, case.reference, "me")
    assert (view.assignee, view.handled_by) == (HANDLER.user_id, (HANDLER.user_id,))


def test_who_takes_a_case_has_handled_it_for_good_and_who_is_given_one_while_they_have_it() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.staff.assign(HANDLER, case.reference, "me")
    desk.staff.assign(HANDLER, case.reference, APPROVER.user_id)
    assert desk.now(case).worked_on_by == (HANDLER.user_id, APPROVER.user_id)
    view = desk.staff.assign(HANDLER, case.reference, None)
    assert (view.assignee, view.handled_by) == (None, (HANDLER.user_id,))
    assert desk.history(case)[-3:] == ["assigned", "assigned", "unassigned"]


@pytest.mark.parametrize("assignee", ["", " ", "hanako@example.jp", "a\nb", "x" * 129, "<b>", "花子", "\ud800"])
def test_an_assignee_is_a_user_id_and_no_address(assignee: str) -> None:
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(InvalidInputError):
        desk.staff.assign(HANDLER, case.reference, assignee)
    assert desk.now(case) == case


def test_a_closed_case_is_assigned_to_nobody() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.withdraw(case)
    with pytest.raises(ConflictError):
        desk.staff.assign(HANDLER, case.reference, "sub-1")


# Starting again


def test_what_failed_is_started_again_and_who_did_it_does_not_release_it() -> None:
    desk = Desk()
    case = failed(desk)
    view = desk.staff.retry(APPROVER, case.reference)
    assert (view.failure, view.failed, view.handled_by) == (None, False, (APPROVER.user_id,))
    assert desk.workflow.started[-1] == (case.request_id, 2, "verification")
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.actor, event.details) == (
        "workflow_restarted",
        "staff:sub-approver",
        {"after": "BuildExport"},
    )


def test_what_did_not_fail_is_not_started_again() -> None:
    desk = Desk()
    case = desk.collecting()
    with pytest.raises(NothingFailedError):
        desk.staff.retry(HANDLER, case.reference)
    assert len(desk.workflow.started) == 1


def test_a_start_that_did_not_come_off_leaves_it_failed() -> None:
    desk = Desk()
    case = failed(desk)
    desk.faults.before("workflow.start", lambda: desk.faults.fail(len(desk.faults.calls), How.UNAVAILABLE))
    with pytest.raises(Exception, match=r"workflow\.start"):
        desk.staff.retry(HANDLER, case.reference)
    assert desk.now(case).failure is not None
    desk.staff.retry(HANDLER, case.reference)
    assert desk.workflow.started[-1][:2] == (case.request_id, 3)


# The timeline


def test_a95_the_timeline_says_that_it_is_whole() -> None:
    desk = Desk()
    case = desk.answered()
    timeline = desk.staff.timeline(AUDITOR, case.reference)
    assert timeline.intact
    assert timeline.broken_at is None
    assert [event.type for event in timeline.events] == desk.history(case)


def test_a95_the_timeline_says_where_it_was_tampered_with() -> None:
    desk = Desk()
    case = desk.answered()
    events = desk.table.events[case.request_id]
    whole = list(events)
    events[2] = events[2].model_copy(update={"actor": "staff:eve"})
    timeline = desk.staff.timeline(AUDITOR, case.reference)
    assert (timeline.intact, timeline.broken_at) == (False, 3)
    events[:] = whole[:-1]
    timeline = desk.staff.timeline(AUDITOR, case.reference)
    assert (timeline.intact, timeline.broken_at) == (False, len(whole))


def test_a95_an_event_that_is_written_while_it_is_read_is_no_tampering() -> None:
    desk = Desk()
    case = desk.answered()
    desk.faults.before("cases.timeline", lambda: desk.download(case))
    timeline = desk.staff.timeline(AUDITOR, case.reference)
    assert timeline.intact
    assert timeline.events[-1].type == "downloaded"


def test_c1_what_is_overdue_with_a_recipient_stands_on_the_first_page_of_the_work_list() -> None:
    desk = Desk()
    first = desk.staff.list_open(HANDLER, 10, None)
    assert {(each.recipient, each.gap) for each in first.oversights} == {
        ("carrier", Gap.NO_CRITERIA),
        ("carrier", Gap.NO_CONTRACT),
        ("carrier", Gap.NEVER_REVIEWED),
    }
    assert desk.staff.list_open(HANDLER, 10, f"2026-01-01#{'0' * 32}").oversights == ()
