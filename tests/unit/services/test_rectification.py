"""A rectification from the words of staff to the answer, over fakes: what is written, by whom, and what is told."""

# serves: E-03

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.correction import Correction, Dispute, Rectification
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import recorded
from rightsdesk.domain.errors import (
    ApproverNeededError,
    CaseClosedError,
    ConflictError,
    CorrectionBarredError,
    CorrectionBegunError,
    InvalidInputError,
    NotARectificationError,
    NotAwaitingReviewError,
    NotPlannedError,
    PlanChangedError,
    SecondPersonNeededError,
    ServiceUnavailableError,
    SourceBrokenError,
    SourceUnavailableError,
    VersionMovedOnError,
)
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.shown_case import letters_shown
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.ports.letters import CLAIM_LASTS
from tests.support.correcting import (
    MAILBOX,
    NAME,
    NEW_MAILBOX,
    NEW_PHONE,
    PHONE,
    correcting_map,
    fill,
    rows_of,
)
from tests.support.desk import APPROVER, HANDLER, JANE, Desk
from tests.support.fakes import How, ProcessDiedError
from tests.support.play import Play
from tests.unit.domain import maps

RECTIFICATION = (RequestType.RECTIFICATION,)


def a_desk(**options: Any) -> Desk:
    return fill(Desk(data_map=correcting_map(), **options))


def waiting(desk: Desk, **changes: Any) -> PrivacyRequest:
    """A rectification that staff have before them."""
    return desk.to_be_carried_out(types=RECTIFICATION, details="My name is wrong.", **changes)


def planned(desk: Desk, *corrections: Correction, disputes: tuple[Dispute, ...] = ()) -> PrivacyRequest:
    case = waiting(desk)
    desk.state_corrections(case, *corrections, disputes=disputes)
    desk.plan_correction(case)
    desk.ask_release(desk.now(case), "release-2")
    return desk.now(case)


def approved(desk: Desk, *corrections: Correction, disputes: tuple[Dispute, ...] = ()) -> PrivacyRequest:
    case = planned(desk, *corrections, disputes=disputes)
    desk.approve_correction(case)
    return desk.now(case)


def state_of(case: PrivacyRequest) -> Rectification:
    assert case.rectification is not None
    return case.rectification


def rows_planned(case: PrivacyRequest) -> dict[str, dict[str, int]]:
    plan = state_of(case).plan
    assert plan is not None
    return {part.collection: part.fields for part in plan.collections}


def test_what_staff_state_is_planned_in_every_source_and_touches_nothing() -> None:
    desk = a_desk()
    before = {key: [dict(row) for row in rows] for key, rows in desk.reader.rows.items()}
    case = planned(desk, NAME)
    assert rows_planned(case) == {"files/answers": {"name": 1}, "shop/members": {"name": 1}, "shop/orders": {"name": 1}}
    assert case.status is Status.AWAITING_REVIEW
    assert desk.reader.rows == before
    assert desk.workflow.answers["release-1"]["decision"] == "plan_correction"
    assert desk.history(case)[-3:] == ["corrections_stated", "correction_planned", "review_requested"]


def test_an_approved_plan_is_written_and_answered_with_masked_values() -> None:
    desk = a_desk()
    case = approved(desk, NAME)
    assert desk.workflow.answers["release-2"] == {"decision": "correct", "rebuild": False}
    assert desk.correct(case) == "answer"
    assert rows_of(desk, "shop/members")["1"]["name"] == "Jane O'Brien"
    assert rows_of(desk, "shop/orders")["2"]["name"] == "Jane O'Brien"
    assert rows_of(desk, "files/answers")["5"] == {"pk": "5", "sk": "A", "name": "Jane O'Brien", "score": 3}
    assert rows_of(desk, "shop/orders")["3"]["name"] == "Tom"
    assert rows_of(desk, "shop/members")["9"]["name"] == "Jane Murphy", "another person of the same name"
    assert rows_of(desk, "shop/orders")["8"]["name"] == "Jane Murphy"
    case = desk.now(case)
    assert state_of(case).recipients == ("carrier", "printer")
    assert {path: part.rows for path, part in state_of(case).done.items()} == {
        "files/answers": 1,
        "shop/members": 1,
        "shop/orders": 1,
    }
    desk.answer(case)
    desk.close(desk.now(case))
    closed = desk.now(case)
    assert closed.outcome is Outcome.FULFILLED
    assert "O'Brien" not in closed.model_dump_json()
    assert desk.mails()[-1] == "rectification_answer"


EVERY_NAME = ["shop/members.name", "shop/orders.name", "files/answers.name"]
POINTS = Correction(field="shop/members.points", old=5, new=50, evidence="the receipt of order K-1")


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ((NAME,), EVERY_NAME),
        ((NAME, POINTS), [*EVERY_NAME, "shop/members.points"]),
        # of chosen rows, and of what was empty, nothing is written elsewhere
        ((Correction(field="shop/orders.name", old="Jane", new="J", where={"order_id": "K-3"}),), ["shop/orders.name"]),
        # in the field that was stated nobody holds it, in another one somebody does
        ((Correction(field="shop/members.name", old="Jane", new="Jana"),), ["shop/orders.name"]),
    ],
)
def test_the_letter_names_every_place_that_was_written_once(stated: tuple[Correction, ...], named: list[str]) -> None:
    desk = fill(Desk(data_map=labelled(correcting_map())))
    case = approved(desk, *stated)
    desk.correct(case)
    desk.answer(desk.now(case))
    whats = [line.values["what"].values for line in desk.press.printed[-1].values["corrected"]]
    assert [f"{what['collection'].en}.{what['field'].en}" for what in whats] == named


def labelled(data_map: DataMap) -> DataMap:
    """Each collection and each field has its name for a label."""
    whole = data_map.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for source, within in whole["sources"].items():
        for name, collection in within["collections"].items():
            collection["label"] = {"en": f"{source}/{name}", "ja": name}
            for attribute, field in collection["fields"].items():
                field["label"] = {"en": attribute, "ja": attribute}
    return maps.data_map(whole)


def test_the_history_holds_digests_of_before_and_after_and_no_value() -> None:
    desk = a_desk()
    case = approved(
        desk,
        NAME,
        PHONE.model_copy(
            update={"field": "shop/members.points", "old": 5, "new": 50, "evidence": "the receipt of order K-1"}
        ),
    )
    desk.correct(case)
    events = {event.type: event.details for event in desk.table.events[case.request_id]}
    told = events["corrected"]
    assert told["collections"] == ["files/answers", "shop/members", "shop/orders"]
    assert told["rows"] == 3
    assert all(len(str(each)) == 64 for name in ("before", "after") for each in told[name])  # type: ignore[union-attr]
    assert told["before"] != told["after"]
    assert not any(word in str(events) for word in ("Jane Murphy", "O'Brien", "receipt", JANE))


def test_a_second_person_approves_and_nobody_else() -> None:
    desk = a_desk()
    case = planned(desk, NAME)
    with pytest.raises(ApproverNeededError):
        desk.approve_correction(case, staff=HANDLER)
    both = StaffMember(user_id=HANDLER.user_id, roles=frozenset({Role.HANDLER, Role.APPROVER}))
    with pytest.raises(SecondPersonNeededError):
        desk.approve_correction(case, staff=both)
    with pytest.raises(VersionMovedOnError):
        desk.approve_correction(case, version=case.version - 1)
    with pytest.raises(PlanChangedError):
        desk.approve_correction(case, plan="0" * 64)
    desk.approve_correction(case)
    with pytest.raises(NotAwaitingReviewError):
        desk.approve_correction(desk.now(case))


def test_where_the_merchant_wants_no_four_eyes_one_is_enough() -> None:
    desk = a_desk(four_eyes=False)
    case = waiting(desk)
    desk.state_corrections(case, NAME, staff=APPROVER)
    desk.plan_correction(case)
    desk.ask_release(case, "release-2")
    desk.approve_correction(desk.now(case))
    assert desk.correct(desk.now(case)) == "answer"


def test_nothing_is_stated_about_another_right_or_approved_without_a_plan() -> None:
    desk = a_desk()
    erasure = desk.to_be_carried_out(types=(RequestType.OBJECTION,), details="No offers.")
    with pytest.raises(NotARectificationError):
        desk.state_corrections(erasure, NAME)
    with pytest.raises(NotPlannedError):
        desk.approve_correction(erasure, plan="x")
    with pytest.raises(ConflictError):
        desk.plan_correction(erasure)
    with pytest.raises(ConflictError):
        desk.correct(erasure)


def test_what_the_map_does_not_allow_is_refused_and_nothing_is_kept() -> None:
    desk = a_desk()
    case = waiting(desk)
    with pytest.raises(InvalidInputError) as caught:
        desk.state_corrections(case, NAME.model_copy(update={"field": "shop/members.member_id"}))
    assert [(problem.field, problem.reason) for problem in caught.value.problems] == [
        ("corrections.0.field", "not_to_be_corrected")
    ]
    assert desk.now(case).rectification is None


def test_a_value_that_is_not_held_bars_the_plan_and_staff_state_it_again() -> None:
    desk = a_desk()
    case = planned(desk, NAME.model_copy(update={"old": "Jane Murphey"}))
    plan = state_of(case).plan
    assert plan is not None
    assert [(each.code, each.at) for each in plan.obstacles] == [("not_found", "shop/members.name")]
    with pytest.raises(CorrectionBarredError):
        desk.approve_correction(case)
    desk.state_corrections(case, NAME)
    desk.plan_correction(case)
    desk.ask_release(case, "release-3")
    desk.approve_correction(desk.now(case))
    assert desk.correct(desk.now(case)) == "answer"
    assert state_of(desk.now(case)).round == 2


def test_by_hand_it_can_always_be_done() -> None:
    desk = a_desk()
    case = planned(desk, NAME.model_copy(update={"old": "Jane Murphey"}))
    desk.complete(case, "We corrected your name on paper.", kept={})
    assert desk.workflow.answers["release-2"] == {"decision": "release", "rebuild": False}
    desk.answer(desk.now(case))
    assert desk.mails()[-1] == "rectification_answer"
    assert rows_of(desk, "shop/members")["1"]["name"] == "Jane Murphy"


def test_a_source_that_is_broken_bars_the_plan_and_one_that_is_down_is_tried_again() -> None:
    desk = a_desk()
    case = waiting(desk)
    desk.state_corrections(case, NAME)
    desk.reader.broken = SourceUnavailableError("down")
    with pytest.raises(SourceUnavailableError):
        desk.plan_correction(case)
    desk.reader.broken = SourceBrokenError("shop/members")
    desk.plan_correction(case)
    plan = state_of(desk.now(case)).plan
    assert plan is not None
    assert {each.code for each in plan.obstacles} == {"source_broken"}


def test_a_source_that_breaks_after_the_approval_is_planned_again_and_named() -> None:
    """Staff go on without it, by stating the rest anew: nothing is left that only a retry could end."""
    desk = a_desk()
    case = approved(desk, NAME)
    desk.reader.broken = SourceBrokenError("files/answers")
    assert desk.correct(case) == "plan_again"
    desk.plan_correction(case)
    plan = state_of(desk.now(case)).plan
    assert plan is not None
    assert {each.code for each in plan.obstacles} == {"source_broken"}
    desk.reader.broken = None
    desk.ask_release(desk.now(case), "release-3")
    desk.state_corrections(desk.now(case), NAME)
    assert desk.now(case).status is Status.COLLECTING


def breaks_at_the_second_write(desk: Desk) -> None:
    """The file is written, the tables are not."""

    def breaks() -> None:
        desk.reader.broken = SourceBrokenError("broken")

    desk.faults.before("source.correct", lambda: desk.faults.before("source.correct", breaks))


def test_a_source_that_breaks_while_it_is_written_keeps_what_was_done_and_is_planned_again() -> None:
    desk = a_desk()
    case = approved(desk, NAME)
    breaks_at_the_second_write(desk)
    assert desk.correct(case) == "plan_again"
    state = state_of(desk.now(case))
    assert (state.done["files/answers"].rows, state.done["files/answers"].fields) == (1, ("name",))
    assert state.broke_in == ("shop/members", "shop/orders"), "each is tried"
    assert desk.now(case).status is Status.COLLECTING
    desk.reader.broken = None
    desk.plan_correction(case)
    desk.ask_release(desk.now(case), "release-3")
    desk.approve_correction(desk.now(case))
    assert desk.correct(desk.now(case)) == "answer"
    assert state_of(desk.now(case)).recipients == ("carrier", "printer"), "also who had what the first round wrote"


def test_the_decisions_say_what_was_corrected_and_the_history_has_their_digest() -> None:
    """An auditor's check compares the decisions of a closed case with the last digest of them on record."""
    desk = a_desk()
    case = approved(desk, NAME)
    desk.correct(case)
    desk.answer(desk.now(case))
    desk.close(desk.now(case))
    decisions = desk.cases.decisions(case.request_id)
    action = {each.field: each.action for each in decisions}
    assert action["shop/members.name"] == action["shop/orders.name"] == "correct"
    assert action["shop/members.phone"] == "keep"
    assert {each.by for each in decisions} == {f"staff:{APPROVER.user_id}"}
    digests = [event.details.get("decisions_sha256") for event in desk.table.events[case.request_id]]
    assert list(filter(None, digests))[-1] == recorded(decisions)["decisions_sha256"]


def test_each_correction_that_finds_nothing_bars_the_plan_also_beside_one_of_the_same_field() -> None:
    """The letter told of both: a slip in what tells the rows apart went unseen behind the one that was right."""
    desk = a_desk()
    case = planned(desk, NAME.model_copy(update={"where": {"points": 5}}), NAME.model_copy(update={"old": "J. Murphy"}))
    plan = state_of(case).plan
    assert plan is not None
    assert [(each.code, each.at, each.reason) for each in plan.obstacles] == [
        ("not_found", "shop/members.name", "corrections.1")
    ]
    with pytest.raises(CorrectionBarredError):
        desk.approve_correction(case)


def test_what_was_written_under_an_earlier_statement_is_told_too_and_nothing_else() -> None:
    desk = a_desk()
    case = approved(desk, NAME)
    breaks_at_the_second_write(desk)
    assert desk.correct(case) == "plan_again"
    desk.reader.broken = None
    desk.plan_correction(case)
    desk.ask_release(desk.now(case), "release-3")
    points = Correction(field="shop/members.points", old=5, new=50, evidence="The orders were counted.")
    desk.state_corrections(desk.now(case), points)
    desk.plan_correction(case)
    state = state_of(desk.now(case))
    assert (state.earlier, state.written) == ((NAME,), ())
    assert state.plan is not None
    assert not state.plan.obstacles
    desk.ask_release(desk.now(case), "release-4")
    desk.approve_correction(desk.now(case))
    desk.correct(desk.now(case))
    state = state_of(desk.now(case))
    assert state.told == ((NAME, points), ())
    assert state.masked().told[0][0] == NAME.masked()


def test_the_same_stated_again_is_written_where_it_was_not_and_told_once() -> None:
    desk = a_desk()
    case = approved(desk, NAME)
    breaks_at_the_second_write(desk)
    desk.correct(case)
    desk.reader.broken = None
    desk.plan_correction(case)
    desk.ask_release(desk.now(case), "release-3")
    desk.state_corrections(desk.now(case), NAME)
    state = state_of(desk.now(case))
    assert (state.earlier, state.written) == ((), ("corrections.0",))
    assert state.told == ((NAME,), ())


class TestContact:
    """Abuse case 13: somebody who reads the mailbox wants to be reached elsewhere."""

    @pytest.mark.parametrize("correction", [PHONE, MAILBOX])
    def test_a13_a_mailbox_alone_does_not_change_how_somebody_is_reached(self, correction: Correction) -> None:
        desk = a_desk()
        case = waiting(desk)
        assert case.assurance is Assurance.MAILBOX
        desk.state_corrections(case, correction)
        assert desk.workflow.answers["release-1"] == {"decision": "identify", "rebuild": False}
        case = desk.now(case)
        assert case.status is Status.AWAITING_VERIFICATION
        desk.decide(case, "decision-2")
        assert desk.now(case).evidence_needed
        assert desk.mails()[-1] == "evidence_needed"
        assert "decision-2" not in desk.workflow.answers

    def test_what_was_mistyped_is_stated_anew_while_facts_are_waited_for(self) -> None:
        desk = a_desk()
        case = waiting(desk)
        desk.state_corrections(case, PHONE, NAME)
        desk.decide(case, "decision-2")
        with pytest.raises(VersionMovedOnError):
            desk.state_corrections(desk.now(case), NAME, version=case.version)
        desk.state_corrections(desk.now(case), PHONE.model_copy(update={"new": "+81 90 0000 0002"}), NAME)
        told = desk.workflow.answers["decision-2"]
        assert (told["decided"], desk.now(case).status) == (False, Status.AWAITING_VERIFICATION)
        assert 0 < told["wait_seconds"] <= 14 * 86400 + 300
        desk.decide(desk.now(case), "decision-3")
        assert desk.now(case).evidence_needed
        assert desk.mails().count("evidence_needed") == 1, "they were asked before"
        desk.state_corrections(desk.now(case), NAME)
        desk.decide(desk.now(case), "decision-4")
        case = desk.now(case)
        assert (case.status, case.evidence_needed, case.open_question) == (Status.COLLECTING, False, None)
        desk.plan_correction(case)
        assert rows_planned(desk.now(case))["shop/members"] == {"name": 1}

    def test_facts_that_are_needed_once_more_are_asked_for_once_more(self) -> None:
        """Dropped and stated again, it asked nobody, took nothing, and the execution went in circles."""
        desk = a_desk()
        case = waiting(desk)
        desk.state_corrections(case, PHONE)
        desk.decide(case, "decision-2")
        first = desk.now(case).evidence_asked_at
        desk.state_corrections(desk.now(case), NAME)
        desk.decide(desk.now(case), "decision-3")
        desk.plan_correction(case)
        desk.ask_release(desk.now(case), "release-2")
        desk.clock.now += timedelta(days=15)
        desk.state_corrections(desk.now(case), PHONE)
        desk.decide(desk.now(case), "decision-4")
        now = desk.now(case)
        assert (now.evidence_needed, now.evidence_asked_at) == (True, desk.clock())
        assert now.evidence_asked_at != first
        assert now.open_question is not None
        assert desk.history(case).count("evidence_asked") == 2
        assert desk.mails().count("evidence_needed") == 2
        desk.decide(desk.now(case), "decision-5")
        assert desk.mails().count("evidence_needed") == 2, "started again, it asks nothing twice"
        desk.enter_evidence(desk.now(case))
        desk.decide(desk.now(case), "decision-6")
        assert desk.now(case).assurance is Assurance.FACTS
        assert desk.now(case).status is Status.COLLECTING

    def test_a13_wrong_facts_change_nothing(self) -> None:
        desk = a_desk()
        case = waiting(desk)
        desk.state_corrections(case, PHONE)
        desk.decide(case, "decision-2")
        desk.enter_evidence(desk.now(case), "K-1", "wrong")
        desk.decide(case, "decision-3")
        assert "decision-3" not in desk.workflow.answers
        assert desk.now(case).assurance is Assurance.MAILBOX
        with pytest.raises(ConflictError):
            desk.correct(desk.now(case))

    def test_a13_right_facts_let_the_plan_be_made(self) -> None:
        desk = Play(types=RECTIFICATION, corrections=(PHONE,), evidence=("K-1", "D02 X285"), data_map=correcting_map())
        fill(desk)
        desk.until_all_is_done()
        case = desk.only_case()
        assert case.outcome is Outcome.FULFILLED
        assert case.assurance is Assurance.FACTS
        assert rows_of(desk, "shop/members")["1"]["phone"] == NEW_PHONE
        assert rows_of(desk, "shop/members")["9"]["phone"] != NEW_PHONE
        happened = desk.history(case)
        order = ["corrections_stated", "evidence_asked", "facts_confirmed", "correction_planned", "correction_approved"]
        assert [event for event in happened if event in order] == order
        assert desk.visited(case).count("RequestDecision") == 3, "once more to ask, and once to compare"

    def test_a13_a_new_mailbox_is_told_to_the_old_one_before_and_has_to_settle(self) -> None:
        desk = Play(
            types=RECTIFICATION, corrections=(MAILBOX,), evidence=("K-1", "D02 X285"), data_map=correcting_map()
        )
        fill(desk)
        desk.faults.before("source.correct", lambda: told.extend(desk.mails()))
        told: list[str] = []
        desk.until_all_is_done()
        assert told[-1] == "contact_changed"
        notice = next(mail for mail in desk.mailer.outbox if mail.subject == "contact_changed")
        assert notice.to == JANE
        member = rows_of(desk, "shop/members")["1"]
        assert member["email"] == NEW_MAILBOX
        began = state_of(desk.only_case()).began_at
        assert began is not None
        assert member["email_changed_at"] == began.isoformat(timespec="seconds")
        assert rows_of(desk, "shop/orders")["4"]["email"] == NEW_MAILBOX
        assert desk.mails().count("contact_changed") == 1

    def test_an_address_that_is_another_account_is_taken(self) -> None:
        desk = a_desk()
        case = waiting(desk)
        case = desk.now(case)
        desk.state_corrections(case, MAILBOX.model_copy(update={"new": "other@example.com"}))
        desk.decide(case, "decision-2")
        desk.enter_evidence(desk.now(case))
        desk.decide(case, "decision-3")
        desk.plan_correction(case)
        plan = state_of(desk.now(case)).plan
        assert plan is not None
        assert [(each.code, each.at) for each in plan.obstacles] == [("taken", "shop/members.email")]

    def test_a_former_address_that_takes_no_mail_does_not_hold_it_up(self) -> None:
        desk = Play(
            types=RECTIFICATION, corrections=(MAILBOX,), evidence=("K-1", "D02 X285"), data_map=correcting_map()
        )
        fill(desk)
        desk.faults.before("source.correct", lambda: desk.mailer.rejects.discard(JANE))
        desk.day()
        desk.mailer.rejects.add(JANE)
        desk.day()
        desk.until_all_is_done()
        assert rows_of(desk, "shop/members")["1"]["email"] == NEW_MAILBOX


def test_a_former_address_that_the_case_has_not_verified_gets_no_thread_and_is_a_person_to_staff() -> None:
    desk = a_desk()
    guest = "guest@example.com"
    case = mailbox_approved(desk)
    desk.letters.to_former_address(case, Letter.CONTACT_CHANGED, {}, to=guest)
    desk.letters.to_former_address(case, Letter.CONTACT_CHANGED, {}, to=JANE)
    desk.letters.to_former_address(case, Letter.CONTACT_CHANGED, {}, to=guest)
    sent = [mail for mail in desk.mailer.outbox if mail.subject == "contact_changed"]
    assert [(mail.to, mail.thread) for mail in sent] == [(guest, None), (JANE, case.reply_token)]
    shown = [each.to for each in letters_shown(case, desk.cases.letters(case.request_id))]
    assert shown[-2:] == ["person", "person"]


def test_staff_see_what_was_stated_and_what_is_to_be_done_as_far_as_they_may() -> None:
    desk = a_desk()
    case = planned(desk, NAME)
    view = desk.staff.view(APPROVER, case.reference)
    assert view.next_step == "approve_correction"
    assert view.may_approve_correction
    assert view.rectification is not None
    assert [(each.field, each.old, each.new) for each in view.rectification.corrections] == [
        ("shop/members.name", "Jane Murphy", "Jane O'Brien")
    ]
    assert not desk.staff.view(HANDLER, case.reference).may_approve_correction
    auditor = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))
    seen = desk.staff.view(auditor, case.reference).rectification
    assert seen is not None
    assert (seen.corrections[0].field, seen.corrections[0].old, seen.corrections[0].new) == (
        "shop/members.name",
        None,
        None,
    )
    desk.approve_correction(case)
    assert desk.staff.view(APPROVER, case.reference).next_step == "wait_for_correction"


def test_a_disputed_conclusion_is_annotated_and_stays() -> None:
    desk = a_desk()
    dispute = Dispute(field="shop/members.segment", note="I never look for bargains.")
    case = approved(desk, disputes=(dispute,))
    assert desk.correct(case) == "answer"
    member = rows_of(desk, "shop/members")["1"]
    assert (member["segment"], member["segment_note"]) == ("bargain", "I never look for bargains.")
    desk.answer(desk.now(case))
    assert desk.mails()[-1] == "rectification_answer"


class TestMeanwhile:
    """Data live on between the plan and the writing."""

    def test_a_row_that_changed_since_the_plan_has_it_made_and_approved_again(self) -> None:
        desk = a_desk()
        case = approved(desk, NAME)
        desk.reader.rows["shop/members", "email", JANE][0]["points"] = 6
        assert desk.correct(case) == "plan_again"
        assert desk.now(case).status is Status.COLLECTING
        assert rows_of(desk, "shop/members")["1"]["name"] == "Jane Murphy", "nothing was written"
        assert desk.correct(desk.now(case)) == "plan_again", "said again by a run that is repeated"
        desk.plan_correction(case)
        desk.ask_release(case, "release-3")
        with pytest.raises(PlanChangedError):
            desk.approve_correction(desk.now(case), plan=state_of(case).approved)
        desk.approve_correction(desk.now(case))
        assert desk.correct(desk.now(case)) == "answer"
        assert rows_of(desk, "shop/members")["1"] | {"name": "", "points": 0} == rows_of(desk, "shop/members")["1"] | {
            "name": "",
            "points": 0,
        }
        assert rows_of(desk, "shop/members")["1"]["points"] == 6

    def test_a_row_that_changes_in_the_middle_is_left_and_planned_again_for_what_is_left(self) -> None:
        desk = a_desk()
        case = approved(desk, NAME)

        def meanwhile() -> None:
            desk.reader.rows["shop/orders", "member_id", "M-000002"][0]["note"] = "leave at the door"

        desk.faults.before("source.correct", meanwhile)
        assert desk.correct(case) == "plan_again"
        assert rows_of(desk, "shop/members")["1"]["name"] == "Jane O'Brien"
        assert rows_of(desk, "shop/orders")["2"]["name"] == "Jane Murphy"
        assert {path: part.rows for path, part in state_of(desk.now(case)).done.items()} == {
            "files/answers": 1,
            "shop/members": 1,
            "shop/orders": 0,
        }
        desk.plan_correction(case)
        desk.ask_release(case, "release-3")
        assert rows_planned(desk.now(case))["shop/orders"] == {"name": 1}
        desk.approve_correction(desk.now(case))
        assert desk.correct(desk.now(case)) == "answer"
        assert rows_of(desk, "shop/orders")["2"] == {
            "pk": "2",
            "sk": "O",
            "order_id": "K-1",
            "name": "Jane O'Brien",
            "note": "leave at the door",
        }
        assert state_of(desk.now(case)).done["shop/orders"].rows == 1
        assert state_of(desk.now(case)).recipients == ("carrier", "printer")

    def test_once_begun_it_is_neither_withdrawn_nor_refused(self) -> None:
        desk = a_desk()
        case = approved(desk, NAME)
        desk.reader.broken = None
        desk.faults.before("source.correct", lambda: setattr(desk.reader, "broken", SourceUnavailableError("down")))
        with pytest.raises(SourceUnavailableError):
            desk.correct(case)
        with pytest.raises(CorrectionBegunError):
            desk.withdraw(desk.now(case))
        desk.reader.broken = None
        assert desk.correct(desk.now(case)) == "answer"

    def test_withdrawn_before_it_began_nothing_is_written(self) -> None:
        desk = a_desk()
        case = approved(desk, NAME)
        desk.withdraw(case)
        with pytest.raises(CaseClosedError):
            desk.correct(case)
        assert rows_of(desk, "shop/members")["1"]["name"] == "Jane Murphy"


def test_a_door_that_died_before_it_told_the_workflow_is_made_good_by_the_sweep() -> None:
    desk = a_desk()
    case = waiting(desk)
    desk.tokens.park(case.request_id, "release", "release-9")
    desk.state_corrections(case, NAME)
    desk.workflow.answers.clear()
    desk.clock.advance(timedelta(days=1))
    desk.workflow.running.add(("privacy_request", case.request_id, 1))
    desk.sweep()
    assert desk.workflow.answers["release-9"]["decision"] == "plan_correction"


def stated(desk: Desk) -> PrivacyRequest:
    case = waiting(desk)
    desk.state_corrections(case, NAME)
    return desk.now(case)


def name_approved(desk: Desk) -> PrivacyRequest:
    return approved(desk, NAME)


def mailbox_approved(desk: Desk) -> PrivacyRequest:
    case = waiting(desk)
    desk.state_corrections(case, MAILBOX, NAME)
    desk.decide(case, "decision-2")
    desk.enter_evidence(desk.now(case))
    desk.decide(case, "decision-3")
    desk.plan_correction(case)
    desk.ask_release(case, "release-2")
    desk.approve_correction(desk.now(case))
    return desk.now(case)


def row_changed(desk: Desk) -> PrivacyRequest:
    case = name_approved(desk)
    desk.reader.rows["shop/members", "email", JANE][0]["points"] = 6
    return case


def corrected(desk: Desk) -> PrivacyRequest:
    case = mailbox_approved(desk)
    desk.correct(case)
    return desk.now(case)


TASKS: dict[str, tuple[Callable[[Desk], PrivacyRequest], Callable[[Desk, PrivacyRequest], object]]] = {
    "plan": (stated, Desk.plan_correction),
    "correct": (name_approved, Desk.correct),
    "correct a mailbox": (mailbox_approved, Desk.correct),
    "plan again": (row_changed, Desk.correct),
    "answer": (corrected, Desk.answer),
    "ask for approval": (lambda desk: _planned(desk), lambda desk, case: desk.ask_release(case, "release-2")),
}


def _planned(desk: Desk) -> PrivacyRequest:
    case = stated(desk)
    desk.plan_correction(case)
    return desk.now(case)


def end_of(desk: Desk, case: PrivacyRequest) -> dict[str, Any]:
    now = desk.now(case)
    rows = {path: rows_of(desk, path) for path in ("shop/members", "shop/orders", "files/answers")}
    for row in rows["shop/members"].values():
        row.pop("email_changed_at", None)  # the moment is another in a run that began later
    state = state_of(now)
    return {
        "status": now.status,
        "history": desk.history(case),
        "rows": rows,
        "round": state.round,
        "plan": state.plan and state.plan.sha256,
        "done": {path: part.rows for path, part in state.done.items()},
        "corrected": state.corrected_at is not None,
        "answered": now.answered_at is not None,
    }


@pytest.mark.parametrize("how", How, ids=lambda how: how.value)
@pytest.mark.parametrize("name", TASKS)
def test_a43_a80_a_task_that_died_anywhere_ends_alike_when_it_is_run_again(name: str, how: How) -> None:
    prepare, run = TASKS[name]

    def played() -> tuple[Desk, PrivacyRequest, int]:
        desk = a_desk()
        case = prepare(desk)
        desk.mailer.outbox.clear()
        return desk, case, len(desk.faults.calls)

    desk, case, start = played()
    run(desk, case)
    calls = desk.faults.calls[start:]
    expected, mails = end_of(desk, case), set(desk.mails())
    run(desk, case)
    assert end_of(desk, case) == expected, "delivered twice"
    for position, call in enumerate(calls):
        desk, case, start = played()
        desk.faults.fail(start + position, how)
        try:
            run(desk, case)
        except (ServiceUnavailableError, SourceUnavailableError, ConflictError, ProcessDiedError):
            desk.clock.advance(CLAIM_LASTS + timedelta(seconds=1))
            run(desk, case)
        assert end_of(desk, case) == expected, f"{call} ({position} of {len(calls)})"
        assert set(desk.mails()) == mails
