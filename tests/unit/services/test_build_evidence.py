"""Who gets the evidence of a case, of which cases there is any, and that making it changes nothing."""

import base64
import hashlib

import pytest

from rightsdesk.domain.errors import CaseOpenError, NotAllowedError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.build_evidence import build_evidence
from tests.support.desk import Desk
from tests.support.evidence import AUDITOR, evidence_of, files_in
from tests.support.fake_signer import FakeSigner

SIGNER = FakeSigner()


def closed(desk: Desk) -> PrivacyRequest:
    case = desk.answered()
    desk.close(case)
    return desk.now(case)


def test_the_answer_carries_the_bundle_and_nothing_changes() -> None:
    desk = Desk()
    case = closed(desk)
    events = list(desk.table.events[case.request_id])
    made = build_evidence(
        AUDITOR,
        case.reference.lower(),
        find=desk.staff.find,
        cases=desk.cases,
        notices=desk.notices,
        signer=SIGNER,
        clock=desk.clock,
    )
    bundle = base64.b64decode(made.bundle)
    assert (made.reference, made.filename) == (case.reference, f"{case.reference}_evidence.zip")
    assert (made.bytes, made.sha256) == (len(bundle), hashlib.sha256(bundle).hexdigest())
    assert (desk.now(case), desk.table.events[case.request_id]) == (case, events)


def test_an_open_case_has_no_evidence_yet() -> None:
    desk = Desk()
    with pytest.raises(CaseOpenError, match="open"):
        evidence_of(desk, desk.answered(), SIGNER)


@pytest.mark.parametrize("role", Role)
def test_a96_before_a_case_is_read_the_role_is_asked_for(role: Role) -> None:
    desk = Desk()
    staff = StaffMember(user_id="sub", roles=frozenset({role}))
    expected = NotAllowedError if role is Role.HANDLER else NotFoundError
    with pytest.raises(expected):
        build_evidence(
            staff,
            "RD-28T5-CY4G-M",
            find=desk.staff.find,
            cases=desk.cases,
            notices=desk.notices,
            signer=SIGNER,
            clock=desk.clock,
        )


def test_what_is_missing_of_the_history_is_signed_as_missing() -> None:
    desk = Desk()
    case = closed(desk)
    del desk.table.events[case.request_id][2]
    files = files_in(evidence_of(desk, case, SIGNER))
    assert len(files["events.jsonl"].splitlines()) == case.event_sequence - 1


def test_without_the_key_there_is_none() -> None:
    class Away(FakeSigner):
        def sign(self, content: bytes) -> bytes:
            raise ServiceUnavailableError("signing key")

    desk = Desk()
    with pytest.raises(ServiceUnavailableError):
        evidence_of(desk, closed(desk), Away())
