"""Copying the history to where nobody can change it (abuse case 95)."""

import pytest
from pydantic import ValidationError

from rightsdesk.domain.audit import verify_chain
from rightsdesk.services.archive_audit import archive_event
from tests.support.desk import Desk
from tests.support.fakes import FakeEvidenceStore


def test_a95_the_copy_is_a_chain_of_its_own_right() -> None:
    desk = Desk()
    case = desk.answered()
    evidence = FakeEvidenceStore()
    for event in desk.table.events[case.request_id]:
        item = event.model_dump(mode="json") | {
            "pk": f"REQ#{case.request_id}",
            "sk": f"EVENT#{event.sequence:06d}",
            "expires_at": 1,
        }
        archive_event(item, evidence=evidence)
        archive_event(item, evidence=evidence)  # a stream may deliver twice
    copied = [evidence.events[key] for key in sorted(evidence.events)]
    assert copied == desk.table.events[case.request_id]
    assert verify_chain(copied, expected_head=(case.event_sequence, case.event_hash)) is None


@pytest.mark.parametrize("sk", ["REQUEST", "SOURCE#shop", "LETTER#closed#x#1", "CODE", "", "EVENTS"])
def test_only_events_are_copied(sk: str) -> None:
    evidence = FakeEvidenceStore()
    archive_event({"pk": "REQ#1", "sk": sk, "name": "Jane"}, evidence=evidence)
    assert evidence.events == {}


def test_an_event_that_is_none_is_an_error_and_not_passed_over() -> None:
    with pytest.raises(ValidationError):
        archive_event({"pk": "REQ#1", "sk": "EVENT#000001", "type": "received"}, evidence=FakeEvidenceStore())
