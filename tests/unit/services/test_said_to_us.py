"""A question or a complaint: the mailbox is enough, nobody is looked up, and staff answer in their own words."""

from datetime import timedelta

import pytest

from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import SAID_TO_US, Door, PrivacyRequest, RequestType
from rightsdesk.services.submit_request import submit_request
from rightsdesk.web.pages.status import standing
from tests.support.desk import JANE, Desk
from tests.support.fakes import PlainPress
from tests.unit.services.test_view_request import view

KINDS = sorted(SAID_TO_US)
WORDS = {"details": "Which shop do you share my address with?"}


def by_mail(desk: Desk, kind: RequestType, *, mailbox_proven: bool = True) -> PrivacyRequest:
    receipt = submit_request(
        desk.submission(types=(kind,), door=Door.EMAIL, **WORDS),
        cases=desk.cases,
        workflow=desk.workflow,
        keys=desk.keys,
        merchant=desk.merchant,
        clock=desk.clock,
        mailbox_proven=mailbox_proven,
    )
    return desk.cases.find(receipt.reference)


@pytest.mark.parametrize("kind", KINDS)
def test_from_the_form_to_the_answer_nobody_is_looked_up(kind: RequestType) -> None:
    desk = Desk()
    desk.add_account(JANE, "M-000002", mailbox_changed_at=desk.clock() - timedelta(days=1))  # would want facts
    case = desk.collecting(types=(kind,), **WORDS)
    assert (case.status, case.assurance, case.waves) == (Status.COLLECTING, Assurance.MAILBOX, ())
    assert desk.cases.decisions(case.request_id) == []
    assert not [call for call in desk.faults.calls if call.startswith("directory.")]
    desk.ask_release(case)
    desk.complete(desk.now(case), "We share it with the carrier alone.")
    desk.answer(case)
    desk.close(case)
    assert desk.now(case).outcome is Outcome.FULFILLED
    assert desk.mails() == ["verification_code", "staff_release", "message_answer"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_that_is_beyond_doubt_needs_no_code_and_is_acknowledged_once(kind: RequestType) -> None:
    desk = Desk()
    case = by_mail(desk, kind)
    assert (case.status, case.assurance) == (Status.VERIFIED, Assurance.MAILBOX)
    desk.send_verification(case)
    desk.send_verification(case)
    assert desk.mails() == ["message_received"]
    desk.decide(case)
    desk.ask_release(desk.now(case))
    assert desk.now(case).status is Status.AWAITING_REVIEW
    assert standing(view(desk, case)) == "by_hand"  # and nothing to be confirmed


def test_a_right_in_a_mail_needs_its_code_all_the_same() -> None:
    desk = Desk()
    case = by_mail(desk, RequestType.ACCESS)
    assert (case.status, case.assurance) == (Status.RECEIVED, Assurance.NONE)
    doubtful = by_mail(desk, RequestType.COMPLAINT, mailbox_proven=False)
    assert (doubtful.status, doubtful.assurance) == (Status.RECEIVED, Assurance.NONE)


def test_the_answer_says_until_when_it_can_be_taken_up_again() -> None:
    press = PlainPress()
    desk = Desk(press=press)
    case = desk.to_be_carried_out(types=(RequestType.COMPLAINT,), **WORDS)
    desk.complete(case, "You are right, and we are sorry.")
    desk.answer(case)
    said = press.printed[-1].values
    assert said["open_until"] == (desk.clock() + timedelta(days=14)).astimezone(desk.merchant.timezone).date()
    assert said["done"] == "You are right, and we are sorry."
