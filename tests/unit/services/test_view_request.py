"""What a person sees of their own request."""

from datetime import datetime, timedelta

import pytest

from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.session import Session
from rightsdesk.domain.views import ErasureView, ExtensionView, QuestionView, RequestView
from rightsdesk.services.view_request import view_request
from rightsdesk.web.pages.status import standing
from tests.support.desk import JANE, Desk


def view(desk: Desk, case: PrivacyRequest) -> RequestView:
    return view_request(
        desk.session(case),
        cases=desk.cases,
        messages=desk.messages,
        merchant=desk.merchant,
        data_map=lambda: desk.data_map,
        recipients=lambda: desk.data_map.recipients,
        clock=desk.clock,
    )


def erasure(desk: Desk, case: PrivacyRequest) -> ErasureView:
    seen = view(desk, case).erasure
    assert seen is not None
    return seen


def steps(desk: Desk, case: PrivacyRequest) -> dict[str, datetime | None]:
    return {step.name: step.at for step in view(desk, case).steps}


def passed(desk: Desk, case: PrivacyRequest) -> list[str]:
    return [name for name, at in steps(desk, case).items() if at is not None]


def test_the_stations_are_passed_one_by_one() -> None:
    desk = Desk()
    case = desk.submit()
    assert passed(desk, case) == ["received"]
    desk.send_verification(case)
    desk.verify(case)
    assert passed(desk, case) == ["received", "identity_confirmed"]
    desk.decide(case)
    assert passed(desk, case) == ["received", "identity_confirmed", "being_prepared"]
    for source in desk.now(case).sources:
        desk.collect(case, source)
    desk.build(case)
    desk.ask_release(case)
    desk.release(desk.now(case))
    desk.answer(case)
    seen = view(desk, case)
    assert passed(desk, case) == ["received", "identity_confirmed", "being_prepared", "answered"]
    assert seen.package is not None
    assert seen.package.downloads_left == 5
    assert not seen.can_withdraw


def test_identity_is_not_confirmed_while_facts_are_asked_for() -> None:
    desk = Desk()
    desk.add_account(JANE, "M-000002", mailbox_changed_at=desk.clock())
    case = desk.verified()
    desk.decide(case)
    assert view(desk, case).evidence_needed
    assert passed(desk, case) == ["received"]
    desk.clock.advance(timedelta(hours=1))
    desk.enter_evidence(case)
    desk.decide(case, "decision-2")
    assert not view(desk, case).evidence_needed
    assert steps(desk, case)["identity_confirmed"] == desk.clock()


def test_a_withdrawn_request_shows_its_end_and_nothing_to_do() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.withdraw(case)
    seen = view(desk, case)
    assert (seen.status, seen.outcome) == (Status.CLOSED, Outcome.WITHDRAWN)
    assert not seen.can_withdraw
    assert not seen.evidence_needed
    assert seen.package is None


def test_an_erasure_shows_how_far_it_is_and_until_when_it_can_be_undone() -> None:
    desk = Desk()
    case = desk.collecting(types=(RequestType.ERASURE,))
    states = [erasure(desk, case).state]
    for source in case.sources:
        desk.plan_erasure(case, source)
    asked_at = desk.clock()
    desk.ask_confirmation(case)
    asked = erasure(desk, case)
    assert (asked.asked_at, asked.undo_until) == (asked_at, None)
    assert asked.confirm_by == asked_at.astimezone(desk.merchant.timezone).date() + timedelta(days=14)
    until = desk.confirm_erasure(case)
    confirmed = erasure(desk, case)
    assert (confirmed.confirm_by, confirmed.undo_until) == (None, until)
    states += [asked.state, confirmed.state]
    desk.clock.advance(timedelta(hours=72))
    states.append(erasure(desk, case).state)
    assert view(desk, case).can_withdraw
    assert states == ["being_planned", "confirm", "can_be_undone", "being_checked"]


def test_of_whom_nothing_is_held_the_view_says_so_and_the_page_does_not_say_that_they_confirmed_it() -> None:
    desk = Desk()
    desk.reader.rows.clear()  # type: ignore[attr-defined]
    case = desk.planned()
    shown = erasure(desk, case)
    assert (shown.state, shown.nothing_to_erase) == ("being_checked", True)
    assert (shown.asked_at, shown.confirmed_at, shown.undo_until, shown.plan) == (None, None, None, None)
    assert standing(view(desk, case)) == "erasure_of_nothing"


def test_an_erasure_that_has_begun_cannot_be_withdrawn_and_one_that_is_over_says_so() -> None:
    desk = Desk()
    case = desk.erased()
    assert erasure(desk, case).state == "being_erased"
    assert not view(desk, case).can_withdraw
    assert desk.certify(case) == "answer"
    assert erasure(desk, case).state == "erased"
    withdrawn = Desk()
    case = withdrawn.planned()
    withdrawn.withdraw(case)
    assert view(withdrawn, case).erasure is None


def test_what_an_erasure_would_do_is_shown_to_its_person_before_it_can_no_longer_be_undone() -> None:
    desk = Desk()
    case = desk.planned()
    plan = erasure(desk, case).plan
    assert plan is not None
    told = next(mail for mail in desk.press.printed if mail.letter is Letter.ERASURE_CONFIRMATION).values
    assert [*plan.deleted] == told["deleted"]
    assert [*plan.anonymised] == told["anonymised"]
    assert [(part.what, part.rows, part.until) for part in plan.kept] == [
        (line.values["what"], line.values["rows"], line.values.get("until")) for line in told["kept"]
    ]
    assert [part.what for part in plan.losses] == [line.values["what"] for line in told["losses"]]
    assert plan.deleted or plan.kept
    desk.confirm_erasure(case)
    assert erasure(desk, case).plan == plan
    desk.clock.advance(timedelta(hours=72))
    desk.ask_release(case)
    assert erasure(desk, case).plan is None


def test_the_data_map_is_read_for_nothing_else() -> None:
    desk = Desk()
    case = desk.awaiting_review()

    def data_map() -> DataMap:
        raise AssertionError

    seen = view_request(
        desk.session(case),
        cases=desk.cases,
        messages=desk.messages,
        merchant=desk.merchant,
        data_map=data_map,
        recipients=lambda: data_map().recipients,
        clock=desk.clock,
    )
    assert seen.erasure is None


def test_nothing_of_ours_is_shown() -> None:
    desk = Desk()
    case = desk.answered()
    shown = view(desk, case).model_dump_json()
    for ours in (case.request_id, case.subject_key, "exports/", "M-000002", JANE, "sub-approver"):
        assert ours not in shown


def test_a_request_that_is_gone_is_not_found() -> None:
    desk = Desk()
    with pytest.raises(NotFoundError):
        view_request(
            Session(request_id="f" * 32, expires_at=desk.clock()),
            cases=desk.cases,
            messages=desk.messages,
            merchant=desk.merchant,
            data_map=lambda: desk.data_map,
            recipients=lambda: desk.data_map.recipients,
            clock=desk.clock,
        )


def test_identity_was_never_confirmed_of_one_who_withdrew_while_facts_were_asked_for() -> None:
    desk = Desk()
    desk.add_account(JANE, "M-000002", mailbox_changed_at=desk.clock())
    case = desk.verified()
    assert passed(desk, case) == ["received", "identity_confirmed"]  # nothing else was asked for yet
    desk.decide(case)
    desk.withdraw(case)
    seen = view(desk, case)
    assert (seen.outcome, seen.evidence_needed) == (Outcome.WITHDRAWN, False)
    assert passed(desk, case) == ["received"]


def test_a_question_of_staff_is_shown_until_it_is_answered_and_both_dates_from_then_on() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.ask(case, "Which of your two accounts do you mean?")
    seen = view(desk, case)
    day = desk.clock().astimezone(desk.merchant.timezone).date()
    assert seen.question == QuestionView(
        kind=QuestionKind.CLARIFICATION, text="Which of your two accounts do you mean?", asked_on=day
    )
    assert (seen.clock, seen.suspended_since) == ("suspended", day)
    assert seen.due_on == seen.conservative_due_on  # the earlier date is safe until the answer comes
    desk.clock.advance(timedelta(days=10))
    desk.answer_question(case, "The first one.")
    seen = view(desk, case)
    assert (seen.question, seen.clock, seen.suspended_since) == (None, "running", None)
    assert seen.due_on > seen.conservative_due_on


def test_a_question_that_came_too_late_stops_no_clock_and_the_person_is_not_told_it_did() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.clock.advance(timedelta(days=9))
    desk.ask(case, "Which of your two accounts do you mean?")
    seen = view(desk, case)
    assert seen.question is not None
    assert (seen.clock, seen.suspended_since) == ("running", None)


def test_our_own_question_for_facts_stops_the_clock_and_is_no_question_in_words() -> None:
    desk = Desk()
    desk.add_account(JANE, "M-000002", mailbox_changed_at=desk.clock())
    case = desk.verified()
    desk.decide(case)
    seen = view(desk, case)
    assert (seen.evidence_needed, seen.question, seen.clock) == (True, None, "suspended")
    assert seen.suspended_since == desk.clock().astimezone(desk.merchant.timezone).date()


def test_the_words_of_an_extension_are_those_of_the_letter() -> None:
    desk = Desk()
    case = desk.collecting()
    before = view(desk, case)
    told = "Your orders of 2009 stand on paper in a warehouse in Kobe, and have to be read one by one."
    desk.extend(case, told)
    seen = view(desk, case)
    assert before.extension is None
    assert seen.extension == ExtensionView(
        reason=ExtensionReason.COMPLEXITY,
        explanation=told,
        told_on=desk.clock().astimezone(desk.merchant.timezone).date(),
    )
    assert (seen.clock, seen.due_on > before.due_on) == ("extended", True)


def test_nobody_reads_that_identity_is_confirmed_while_asked_who_they_are() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.ask(case, "From which address did you order in May?", kind=QuestionKind.IDENTITY)
    assert passed(desk, case) == ["received", "being_prepared"]
    desk.answer_question(case, "From that of my office.")
    assert passed(desk, case) == ["received", "identity_confirmed", "being_prepared"]
