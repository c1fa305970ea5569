"""What a person sees of their own request."""

from datetime import datetime, timedelta

import pytest

from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.session import Session
from rightsdesk.domain.views import RequestView
from rightsdesk.services.view_request import view_request
from tests.support.desk import JANE, Desk


def view(desk: Desk, case: PrivacyRequest) -> RequestView:
    return view_request(desk.session(case), cases=desk.cases, merchant=desk.merchant, clock=desk.clock)


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
            merchant=desk.merchant,
            clock=desk.clock,
        )
