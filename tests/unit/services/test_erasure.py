"""An erasure from the dry run to the certificate, over fakes: what is shown before, and what is proven after."""

from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.erasure_review import CONFIRMATION_PERIOD, UNDO_PERIOD, Hold, HoldReason
from rightsdesk.domain.errors import (
    AccessGoesFirstError,
    ApproverNeededError,
    ConflictError,
    ErasedByPlanError,
    ErasureBegunError,
    IncompleteCollectionError,
    InvalidInputError,
    NotAwaitingReviewError,
    NotConfirmedError,
    OnHoldError,
    PlanChangedError,
    ResidueError,
    SecondPersonNeededError,
    SourceUnavailableError,
    VersionMovedOnError,
)
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.staff import StaffMember
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, Desk, shop_map
from tests.support.play import Play
from tests.unit.domain import maps

ERASURE = (RequestType.ERASURE,)
OTHER_HANDLER = HANDLER.model_copy(update={"user_id": "sub-handler-2"})
OTHER_APPROVER = APPROVER.model_copy(update={"user_id": "sub-approver-2"})


def certified(case: PrivacyRequest) -> dict[str, tuple[int, int, int]]:
    """Collection -> deleted, reduced, kept unchanged: each row in one of them."""
    assert case.erasure is not None
    assert case.erasure.certificate is not None
    parts = case.erasure.certificate.collections
    return {part.collection: (part.deleted, part.anonymised, part.kept) for part in parts}


def test_an_erasure_runs_from_the_plan_to_the_certificate() -> None:
    desk = Play(types=ERASURE)
    desk.until_all_is_done()
    case = desk.only_case()
    assert case.outcome is Outcome.FULFILLED
    assert not any(desk.reader.rows.values())
    assert certified(case) == {"shop/members": (1, 0, 0), "shop/orders": (2, 0, 0), "files/letters": (1, 0, 0)}
    said = [mail for mail in desk.mails() if mail in ("erasure_confirmation", "erasure_confirmed", "erasure_answer")]
    assert said == ["erasure_confirmation", "erasure_confirmed", "erasure_answer"]
    assert desk.remembered.keys() == {case.request_id}
    assert case.erasure is not None
    assert case.erasure.suppressed == desk.suppressed
    happened = desk.history(case)
    order = [
        "confirmation_asked",
        "erasure_confirmed",
        "erasure_proposed",
        "erasure_approved",
        "erasure_began",
        "erased",
    ]
    assert [event for event in happened if event in order] == order


def test_nothing_is_touched_before_the_person_and_two_of_staff_agreed() -> None:
    desk = Desk()
    before = {key: list(rows) for key, rows in desk.reader.rows.items()}
    case = desk.confirmed()
    desk.approve(case, {})
    with pytest.raises(ConflictError):
        desk.begin_erasure(case)
    with pytest.raises(ConflictError, match="not begun"):
        desk.erase(case, "shop")
    assert desk.reader.rows == before
    assert "source.erase" not in desk.faults.calls


class TestConfirming:
    def test_the_plan_is_told_before_it_is_asked_for(self) -> None:
        desk = Desk()
        case = desk.planned()
        assert case.status is Status.AWAITING_CONFIRMATION
        plan = desk.plan(case)
        assert (plan.delete, plan.anonymise, plan.keep) == (4, 0, 0)

    def test_half_a_plan_is_told_to_nobody(self) -> None:
        desk = Desk()
        case = desk.collecting(types=ERASURE)
        desk.plan_erasure(case, "shop")
        with pytest.raises(IncompleteCollectionError) as told:
            desk.ask_confirmation(case)
        assert told.value.sources == ("files",)
        assert "erasure_confirmation" not in desk.mails()

    def test_it_is_said_once_however_often_it_is_said(self) -> None:
        desk = Desk()
        case = desk.planned()
        first = desk.confirm_erasure(case)
        desk.clock.advance(timedelta(hours=5))
        assert desk.confirm_erasure(case) == first
        assert desk.history(case).count("erasure_confirmed") == 1
        assert desk.mails().count("erasure_confirmed") == 1

    def test_who_was_not_asked_can_confirm_nothing(self) -> None:
        desk = Desk()
        case = desk.collecting(types=ERASURE)
        with pytest.raises(ConflictError):
            desk.confirm_erasure(case)

    def test_a14_it_can_be_undone_for_72_hours_and_staff_do_not_see_it_before(self) -> None:
        desk = Play(types=ERASURE)
        desk.day()
        case = desk.only_case()
        desk.pass_time(timedelta(hours=47))
        assert desk.now(case).status is Status.AWAITING_CONFIRMATION
        with pytest.raises(ConflictError):
            desk.approve(desk.now(case), {})
        desk.withdraw(desk.now(case))
        desk.pass_time(timedelta(days=20))
        assert desk.now(case).outcome is Outcome.WITHDRAWN
        assert all(desk.reader.rows.values())

    def test_undone_in_the_last_moment_wins_over_the_workflow(self) -> None:
        desk = Desk()
        case = desk.approved()
        desk.faults.before("cases.save", lambda: desk.withdraw(desk.now(case)))
        with pytest.raises(ConflictError):
            desk.begin_erasure(case)
        assert desk.now(case).outcome is Outcome.WITHDRAWN
        assert all(desk.reader.rows.values())

    def test_once_begun_it_can_neither_be_undone_nor_refused(self) -> None:
        desk = Desk()
        case = desk.approved()
        assert desk.begin_erasure(case) == "erase"
        with pytest.raises(ErasureBegunError):
            desk.withdraw(desk.now(case))

    def test_without_a_word_it_ends_after_14_days_and_nothing_is_erased(self) -> None:
        desk = Play(types=ERASURE)
        desk.submit(types=ERASURE)
        desk.pass_time(timedelta(minutes=1))
        case = desk.only_case()
        desk.verify(case)
        desk.pass_time(CONFIRMATION_PERIOD + timedelta(hours=1))
        assert desk.now(case).outcome is Outcome.UNCONFIRMED
        assert desk.mails()[-1] == "unconfirmed"
        assert all(desk.reader.rows.values())

    def test_of_whom_nothing_is_held_nothing_is_asked(self) -> None:
        desk = Desk()
        desk.reader.rows.clear()  # type: ignore[attr-defined]
        case = desk.planned()
        erasure = case.erasure
        assert erasure is not None
        assert erasure.nothing_to_erase
        assert (erasure.asked_at, erasure.confirmed_at, erasure.undo_until) == (None, None, None)
        assert desk.workflow.answers["confirmation-1"] == {"undo_until": "2026-09-03T01:30:00Z"}  # now
        assert "erasure_confirmation" not in desk.mails()
        desk.ask_confirmation(desk.now(case), "confirmation-2")  # the run died before the workflow was told
        assert desk.workflow.answers["confirmation-2"]
        assert desk.history(case).count("nothing_to_erase") == 1

    def test_of_whom_nothing_is_held_nothing_is_remembered_and_the_letter_says_no_more_than_that(self) -> None:
        desk = Play(types=ERASURE)
        desk.reader.rows.clear()  # type: ignore[attr-defined]
        desk.until_all_is_done()
        case = desk.only_case()
        assert case.outcome is Outcome.FULFILLED
        assert case.erasure is not None
        assert (desk.remembered, case.erasure.suppressed) == ({}, ())
        assert "nothing_to_erase" in desk.mails()
        assert "erasure_answer" not in desk.mails()

    def test_who_came_to_be_known_after_all_is_asked_before_anything_goes(self) -> None:
        desk = Play(types=ERASURE)
        rows: Any = desk.reader.rows
        held = dict(rows)
        rows.clear()
        desk.submit(types=ERASURE)
        desk.pass_time(timedelta(minutes=1))
        case = desk.only_case()
        desk.verify(case)
        desk.pass_time(timedelta(minutes=1))
        desk.approve(desk.now(case), {})
        rows.update(held)
        desk.approve(desk.now(case), staff=APPROVER)
        desk.pass_time(timedelta(minutes=1))
        case = desk.now(case)
        assert case.status is Status.AWAITING_CONFIRMATION
        assert case.erasure is not None
        assert (case.erasure.nothing_to_erase, case.erasure.weighed, case.erasure.began_at) == (False, False, None)
        assert "erasure_confirmation" in desk.mails()
        assert all(desk.reader.rows.values())
        desk.until_all_is_done()
        assert not any(desk.reader.rows.values())
        assert desk.mails().count("erasure_answer") == 1


class TestApproving:
    def test_two_people_are_needed_whatever_the_merchant_set(self) -> None:
        desk = Desk(four_eyes=False)
        case = desk.confirmed()
        desk.approve(case, {}, staff=APPROVER)
        with pytest.raises(SecondPersonNeededError):
            desk.approve(desk.now(case), staff=APPROVER)
        assert desk.now(case).status is Status.AWAITING_REVIEW

    @pytest.mark.parametrize("pair", [(HANDLER, APPROVER), (APPROVER, HANDLER), (APPROVER, OTHER_APPROVER)])
    def test_the_two_come_in_either_order_if_one_of_them_is_an_approver(self, pair: tuple[StaffMember, ...]) -> None:
        desk = Desk()
        case = desk.confirmed()
        for staff in pair:
            desk.approve(desk.now(case), staff=staff)
        assert desk.now(case).status is Status.EXECUTING
        assert desk.now(case).decided_by == tuple(staff.user_id for staff in pair)
        assert desk.history(case)[-2:] == ["erasure_proposed", "erasure_approved"]

    @pytest.mark.parametrize(
        ("first", "second", "error"),
        [
            (HANDLER, HANDLER, ApproverNeededError),
            (HANDLER, OTHER_HANDLER, ApproverNeededError),
            (APPROVER, APPROVER, SecondPersonNeededError),
        ],
    )
    @pytest.mark.parametrize("kept", [None, {}, {"shop/members.text": "gdpr_17_3_e"}])
    def test_a_refused_approval_changes_nothing(
        self, first: StaffMember, second: StaffMember, error: type[Exception], kept: dict[str, str] | None
    ) -> None:
        desk = Desk()
        case = desk.confirmed()
        desk.approve(case, {}, staff=first)
        before, decided = desk.now(case), desk.cases.decisions(case.request_id)
        with pytest.raises(error):
            desk.approve(before, kept, staff=second)
        assert desk.now(case) == before
        assert desk.cases.decisions(case.request_id) == decided
        assert desk.history(case).count("erasure_weighed") == 1

    def test_nothing_is_kept_of_what_nobody_holds(self) -> None:
        """The evidence told of a field that stays, of somebody of whom nothing was ever held."""
        desk = Play(types=ERASURE)
        desk.reader.rows.clear()  # type: ignore[attr-defined]
        case = desk.confirmed_by_play()
        with pytest.raises(InvalidInputError, match="nothing_held"):
            desk.approve(case, {"shop/members.text": "gdpr_17_3_e"})
        desk.approve(desk.now(case), {})

    def test_the_second_who_says_the_same_of_what_stays_has_not_weighed_it_anew(self) -> None:
        desk = Desk(data_map=weighed_map())
        case = desk.confirmed()
        desk.approve(case, {})
        desk.approve(desk.now(case), {}, staff=APPROVER)
        assert desk.now(case).status is Status.EXECUTING
        assert desk.history(case).count("erasure_weighed") == 1

    def test_a79_an_old_version_and_another_plan_are_refused(self) -> None:
        desk = Desk()
        case = desk.confirmed()
        with pytest.raises(VersionMovedOnError):
            desk.approve(case, {}, version=case.version - 1)
        with pytest.raises(PlanChangedError):
            desk.approve(case, {}, plan_sha256="0" * 64)

    def test_before_the_time_to_undo_has_passed_nobody_can(self) -> None:
        desk = Desk()
        case = desk.planned()
        desk.confirm_erasure(case)
        desk.clock.advance(UNDO_PERIOD - timedelta(seconds=1))
        with pytest.raises(NotConfirmedError):
            desk.approve(desk.now(case), {})
        desk.ask_release(case)  # were the workflow to go on too early
        with pytest.raises(NotConfirmedError):
            desk.approve(desk.now(case), {})

    def test_before_the_person_has_confirmed_it_nobody_can(self) -> None:
        desk = Desk()
        for case in (desk.submit(types=ERASURE), desk.planned()):
            with pytest.raises(NotConfirmedError):
                desk.approve(desk.now(case), {}, version=1, plan_sha256="0" * 64)

    def test_what_is_no_erasure_or_over_or_approved_says_that_and_nothing_of_a_confirmation(self) -> None:
        access = Desk()
        with pytest.raises(ConflictError, match="no erasure"):
            access.approve(access.awaiting_review(), {}, plan_sha256="0" * 64)
        withdrawn = Desk()
        case = withdrawn.planned()
        withdrawn.withdraw(case)
        approved = Desk()
        for desk, over in ((withdrawn, withdrawn.now(case)), (approved, approved.approved())):
            with pytest.raises(NotAwaitingReviewError):
                desk.approve(over, {}, plan_sha256="0" * 64)

    @pytest.mark.parametrize("reason", HoldReason)
    def test_a78_a_hold_bars_it_and_says_why(self, reason: HoldReason) -> None:
        desk = Desk()
        case = desk.confirmed()
        desk.holds.place(case.subject_key, Hold(reason=reason, placed_by="sub-handler", placed_at=desk.clock()))
        with pytest.raises(OnHoldError, match=reason):
            desk.approve(case, {})
        desk.holds.lift(case.subject_key, reason)
        desk.approve(case, {})

    def test_a78_access_of_the_same_person_goes_first_once_it_is_confirmed(self) -> None:
        desk = Desk()
        case = desk.confirmed()
        other = desk.submit()
        desk.approve(case, {})  # anybody may ask in anybody's name: that holds up nothing
        desk.send_verification(other, "verification-2")
        desk.verify(other)
        with pytest.raises(AccessGoesFirstError, match=other.reference):
            desk.approve(desk.now(case), staff=APPROVER)

    def test_what_has_to_be_weighed_is_weighed_before(self) -> None:
        desk = Desk(data_map=weighed_map())
        case = desk.confirmed()
        with pytest.raises(InvalidInputError):
            desk.approve(case, None)
        assert desk.now(case).version == case.version

    def test_what_staff_keep_changes_the_plan_and_is_approved_as_it_then_is(self) -> None:
        kept = {"shop/members.text": "gdpr_17_3_e"}
        desk = Play(types=ERASURE, kept=kept)
        desk.until_all_is_done()
        case = desk.only_case()
        assert case.outcome is Outcome.PARTIALLY_FULFILLED
        assert certified(case)["shop/members"] == (0, 1, 0)
        (row,) = desk.reader.rows[("shop/members", "email", JANE)]
        assert row == {"pk": "1", "sk": "P", "text": "Jane"}
        assert desk.history(case).count("erasure_approved") == 1

    def test_staff_do_not_carry_it_out_by_hand(self) -> None:
        desk = Desk()
        case = desk.confirmed()
        with pytest.raises(ErasedByPlanError):
            desk.complete(case, kept={})


class TestChangedData:
    def test_a_row_that_changed_before_is_planned_and_approved_again(self) -> None:
        desk = Play(types=ERASURE)
        case = desk.confirmed_by_play()
        desk.approve(case, {})
        row = desk.reader.rows[("shop/orders", "member_id", JANES_MEMBER_ID)][0]
        row["text"] = "a table"
        desk.approve(desk.now(case), staff=APPROVER)
        desk.pass_time(timedelta(hours=1))
        case = desk.now(case)
        assert case.status is Status.AWAITING_REVIEW
        assert case.erasure is not None
        assert (case.erasure.round, case.erasure.approval) == (2, None)
        assert all(desk.reader.rows.values())
        desk.until_all_is_done()
        assert certified(desk.now(case))["shop/orders"] == (2, 0, 0)

    def test_a_row_that_changes_under_the_hand_is_left_planned_again_and_counted_once(self) -> None:
        desk = Play(types=ERASURE)
        case = desk.confirmed_by_play()
        row = desk.reader.rows[("shop/orders", "member_id", JANES_MEMBER_ID)][0]
        desk.faults.before("source.erase", lambda: row.update(text="a table"))
        desk.until_all_is_done()
        assert not any(desk.reader.rows.values())
        assert certified(desk.now(case)) == {
            "shop/members": (1, 0, 0),
            "shop/orders": (2, 0, 0),
            "files/letters": (1, 0, 0),
        }
        assert desk.history(case).count("residue_found") == 1
        assert desk.history(case).count("erasure_approved") == 2
        assert desk.mails().count("erasure_answer") == 1

    def test_what_stayed_in_the_round_before_is_still_in_the_plan_though_nothing_leads_to_it(self) -> None:
        desk = Desk(data_map=map_of_kept_orders())
        orders = desk.reader.rows[("shop/orders", "member_id", JANES_MEMBER_ID)]
        for order in orders:
            order["member_id"] = JANES_MEMBER_ID
        case = desk.approved()
        assert (desk.plan(case).delete, desk.plan(case).anonymise, desk.plan(case).keep) == (2, 2, 0)
        assert desk.begin_erasure(case) == "erase"
        (letter,) = desk.reader.rows[("files/letters", "member_id", JANES_MEMBER_ID)]
        letter["text"] = "Dear shop, again"
        for step in (desk.erase, desk.search_again):
            for source in case.sources:
                step(case, source)
        assert desk.certify(case) == "plan_again"
        for source in case.sources:
            desk.plan_erasure(desk.now(case), source)
        plan = desk.plan(desk.now(case))
        assert (plan.delete, plan.anonymise, plan.keep) == (1, 0, 2)
        assert all("member_id" not in order for order in orders)
        desk.ask_release(desk.now(case))
        desk.approve(desk.now(case))
        desk.approve(desk.now(case), staff=APPROVER)
        for source in case.sources:
            desk.check_erasure(desk.now(case), source)
        assert desk.begin_erasure(case) == "erase"
        for step in (desk.erase, desk.search_again):
            for source in case.sources:
                step(case, source)
        assert desk.certify(case) == "answer"
        assert certified(desk.now(case))["shop/orders"] == (0, 2, 0)

    def test_a83_residue_is_an_error_that_names_the_place_and_no_answer_goes_out(self) -> None:
        desk = Play(types=ERASURE)
        case = desk.confirmed_by_play()
        desk.eraser.kept_back.add('["2", "O"]')
        desk.approve(case, {})
        desk.approve(desk.now(case), staff=APPROVER)
        desk.pass_time(timedelta(days=1))
        case = desk.now(case)
        assert case.failure is not None
        assert case.failure.error == ResidueError.__name__
        (found,) = [event for event in desk.table.events[case.request_id] if event.type == "residue_found"]
        assert found.details["residue"] == ["shop/orders: 1"]
        assert "erasure_answer" not in desk.mails()
        assert not desk.remembered
        desk.eraser.kept_back.clear()
        desk.until_all_is_done()
        assert certified(desk.now(case))["shop/orders"][0] >= 2
        assert not any(desk.reader.rows.values())


class TestSourcesThatFail:
    def test_a81_a_source_down_for_a_day_is_shown_and_nothing_is_said_to_be_done(self) -> None:
        desk = Play(types=ERASURE)
        case = desk.confirmed_by_play()
        desk.approve(case, {})
        desk.faults.before("source.erase", lambda: setattr(desk.reader, "broken", SourceUnavailableError("down")))
        desk.approve(desk.now(case), staff=APPROVER)
        desk.pass_time(timedelta(days=1))
        case = desk.now(case)
        assert case.failure is not None
        assert (case.failure.state, case.failure.error) == ("CertifyErasure", "IncompleteCollectionError")
        assert {state.status for state in desk.cases.sources(case.request_id).values()} == {"failed"}
        assert "erasure_answer" not in desk.mails()
        desk.reader.broken = None
        desk.until_all_is_done()
        assert not any(desk.reader.rows.values())
        assert desk.mails().count("erasure_answer") == 1
        assert desk.history(case).count("erasure_approved") == 1


def map_of_kept_orders() -> DataMap:
    """A law keeps the orders, which are found by the member number in them; a note in them is for staff to weigh."""
    written = shop_map().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    written["retention"]["books"] = {"label": maps.LABEL, "law": maps.LABEL, "months": 84, "from": "account_closed"}
    orders = written["sources"]["shop"]["collections"]["orders"]
    orders["technical"] = [*orders["technical"], "member_id"]
    orders["fields"]["text"]["retention"] = "books"
    orders["fields"]["note"] = maps.field(label={"en": "Note", "ja": "メモ"}, basis="legitimate_interests")
    del orders["fields"]["order_id"]["identifies"]
    return maps.data_map(written)


def weighed_map() -> DataMap:
    """With a conclusion that rests on a legitimate interest: staff weigh it (GDPR 21(1))."""
    written = shop_map().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    written["sources"]["shop"]["collections"]["members"]["fields"]["score"] = maps.field(
        basis="legitimate_interests", origin="inferred"
    )
    return maps.data_map(written)
