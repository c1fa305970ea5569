"""Taking a submission (abuse cases 1, 17, 24, 43)."""

from datetime import date
from typing import Any

import pytest

from rightsdesk.domain.audit import GENESIS, verify_chain
from rightsdesk.domain.errors import ConflictError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import Door, RequestType
from tests.support.desk import JANE, Desk
from tests.support.fakes import How

UNKNOWN = "nobody@example.org"


def test_a_request_is_written_with_its_first_event_and_both_workflows_start() -> None:
    desk = Desk()
    receipt = desk.receive(types=(RequestType.ACCESS, RequestType.PORTABILITY, RequestType.ACCESS))
    case = desk.only_case()
    assert (receipt.reference, receipt.received_at, receipt.status) == (case.reference, desk.clock(), Status.RECEIVED)
    assert case.types == (RequestType.ACCESS, RequestType.PORTABILITY)
    assert case.email == case.email_as_typed == JANE
    assert case.subject_key != JANE
    (event,) = desk.table.events[case.request_id]
    assert (event.type, event.actor, event.previous_hash) == ("received", "subject", GENESIS)
    assert event.details["types"] == ["access", "portability"]
    assert event.details["due_on"] == case.due.due_on.isoformat()
    assert verify_chain([event], expected_head=(case.event_sequence, case.event_hash)) is None
    assert desk.workflow.started == [(case.request_id, 1, "verification")]
    assert desk.workflow.watches[0][:2] == (case.request_id, 1)
    assert desk.workflow.watches[0][2] > desk.clock()


@pytest.mark.parametrize(
    ("country", "laws", "due_on"),
    [
        ("IE", ("gdpr", "appi"), date(2026, 10, 5)),  # 3 October is a Saturday
        ("JP", ("appi",), date(2026, 9, 17)),
        ("US", ("promise",), date(2026, 10, 5)),
    ],
)
def test_the_dates_are_of_the_law_of_where_the_person_lives(country: str, laws: tuple[str, ...], due_on: date) -> None:
    case = Desk().submit(country=country)
    assert case.due.laws == laws
    assert case.due.due_on == due_on
    assert case.due.target_on <= due_on
    assert case.due.due_at.utcoffset() is not None


def test_a17_a_known_and_an_unknown_person_take_the_same_path() -> None:
    seen: list[dict[str, Any]] = []
    for address in (JANE, UNKNOWN):
        desk = Desk()
        receipt = desk.receive(email=address)
        case = desk.only_case()
        desk.send_verification(case)
        seen.append(
            {
                "calls": desk.faults.calls,  # the same services, in the same order
                "answer": receipt.model_dump(exclude={"reference"}),
                "letters": desk.mails(),
                "history": desk.history(case),
                "case": case.model_dump(
                    exclude={
                        *("reference", "email", "email_as_typed", "subject_key", "event_hash", "reply_token"),
                        "disown_secret",
                    }
                ),
            }
        )
    assert seen[0] == seen[1]
    assert not [call for call in seen[0]["calls"] if call.startswith(("directory", "source"))]


def test_a24_the_same_again_is_answered_like_the_first_and_linked_inside() -> None:
    desk = Desk()
    first, second = desk.receive(), desk.receive()
    assert first.model_dump(exclude={"reference"}) == second.model_dump(exclude={"reference"})
    assert first.reference != second.reference
    cases = [desk.cases.find(receipt.reference) for receipt in (first, second)]
    assert cases[0].subject_key == cases[1].subject_key
    assert set(desk.cases.of_subject(cases[0].subject_key)) == {case.request_id for case in cases}


def test_a01_look_alikes_are_other_people() -> None:
    desk = Desk()
    keys = {
        desk.submit(email=address).subject_key
        for address in (JANE, "jane+tag@example.com", "j.ane@example.com", "j\u0430ne@example.com", "jane@examp1e.com")
    }
    assert len(keys) == 5
    assert desk.submit(email="Jane@EXAMPLE.com").subject_key in keys


def test_a_request_counts_as_received_although_no_workflow_could_be_started() -> None:
    for position in (1, 2):  # privacy_request, deadline_watch
        desk = Desk()
        desk.faults.fail(position, How.UNAVAILABLE)
        assert desk.receive().status is Status.RECEIVED
        assert desk.only_case().status is Status.RECEIVED


def test_nothing_is_promised_that_could_not_be_written() -> None:
    desk = Desk()
    desk.faults.fail(0, How.UNAVAILABLE)
    with pytest.raises(ServiceUnavailableError):
        desk.receive()
    assert desk.table.cases == {}
    assert desk.workflow.started == []


def test_a_case_is_never_written_over() -> None:
    desk = Desk()
    case = desk.submit()
    with pytest.raises(ConflictError):
        desk.cases.create(case, desk.table.events[case.request_id][0])


def test_every_door_makes_the_same_request() -> None:
    cases = []
    for door in Door:
        desk = Desk()
        case = desk.submit(door=door)
        cases.append(case.model_dump(exclude={"door", "reference", "event_hash", "reply_token", "disown_secret"}))
    assert all(case == cases[0] for case in cases)
