"""Who asks for somebody else: the person decides from their own mailbox, and staff look at the authority (a09)."""

from typing import Any

import pytest
from pydantic import ValidationError

from rightsdesk.domain.errors import ConflictError, InvalidInputError, MandateOpenError, VersionMovedOnError
from rightsdesk.domain.identity import AGENT_MAILS_PER_DAY
from rightsdesk.domain.letters import COPIED_LETTERS, Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.register import register_row
from rightsdesk.domain.request import Agent, AgentRole, PrivacyRequest, RequestType
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.agree_agent import agree_agent
from rightsdesk.services.decide_mandate import decide_mandate
from tests.support.desk import APPROVER, HANDLER, JANE, Desk
from tests.unit.export.package_of_a_shop import datamap

AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))
LAWYER = "robin@law.example"
REASON = "The register of lawyers names her, and we called her office."
TO_REVIEW: dict[str, Any] = {
    "access": lambda desk, **how: desk.awaiting_review(**how),
    "objection": lambda desk, **how: desk.to_be_carried_out(**how),
    "erasure": lambda desk, **how: desk.confirmed(**how),
}


def agent(**changes: Any) -> Agent:
    given = {"role": "proxy", "name": "Robin Clarke", "email": LAWYER, "mandate": "She signed a power of attorney."}
    return Agent.model_validate(given | changes)


def decide(desk: Desk, case: PrivacyRequest, *, accepted: bool = True, reason: str = REASON, **how: Any) -> None:
    version = how.get("version", case.version)
    decide_mandate(how.get("staff", HANDLER), case, version, accepted, reason, cases=desk.cases, clock=desk.clock)


def sent_to(desk: Desk, address: str) -> list[str]:
    return [mail.subject for mail in desk.mailer.outbox if mail.to == address]


def test_a09_the_code_goes_to_the_person_and_never_to_who_asks() -> None:
    desk = Desk()
    case = desk.submit(agent=agent())
    desk.send_verification(case)
    assert sent_to(desk, JANE) == ["verification_code"]
    assert sent_to(desk, LAWYER) == ["agent_received"]
    told = {printed.letter: printed.values for printed in desk.press.printed}
    assert "code" not in told["agent_received"]
    assert told["verification_code"]["asked_by"].values == {"agent": "Robin Clarke"}


@pytest.mark.parametrize("known", [True, False])
def test_a09_who_asks_hears_the_same_whether_anybody_is_known_or_not(known: bool) -> None:
    desk = Desk()
    case = desk.submit(agent=agent(), email=JANE if known else "nobody@example.net")
    desk.send_verification(case)
    printed = next(each for each in desk.press.printed if each.letter == "agent_received")
    assert printed.values.keys() == {"reference", "received_on", "link"}
    assert printed.values["link"] == desk.links.start("en")


def test_a09_two_hundred_requests_of_one_portal_are_all_taken_and_a_few_are_acknowledged() -> None:
    desk = Desk()
    for number in range(200):
        case = desk.submit(agent=agent(role="portal", name="Data Helper"), email=f"person{number}@example.net")
        desk.send_verification(case)
    assert sent_to(desk, LAWYER) == ["agent_received"] * AGENT_MAILS_PER_DAY
    assert desk.mails().count("verification_code") == 200  # each person is asked
    cases = [PrivacyRequest.model_validate_json(stored) for stored in desk.table.cases.values()]
    assert {(case.status, case.outcome) for case in cases} == {(Status.AWAITING_VERIFICATION, None)}


def test_a_task_that_is_run_again_tells_the_agent_once() -> None:
    desk = Desk()
    case = desk.submit(agent=agent())
    for _ in range(3):
        desk.send_verification(case)
    assert sent_to(desk, LAWYER) == ["agent_received"]


def test_what_an_agent_gets_takes_no_code_from_the_owner_of_that_address() -> None:
    desk = Desk()
    for number in range(5):
        desk.send_verification(desk.submit(agent=agent(email=JANE), email=f"person{number}@example.net"))
    desk.send_verification(desk.submit())
    assert sent_to(desk, JANE)[-1] == "verification_code"


@pytest.mark.parametrize("way", TO_REVIEW)
def test_a09_nothing_is_released_before_staff_accept_the_mandate(way: str) -> None:
    desk = Desk()
    case = TO_REVIEW[way](desk, agent=agent())
    seen = desk.staff.view(APPROVER, case.reference)
    assert (seen.next_step, seen.waits_for) == ("decide_mandate", ("mandate",))
    assert (seen.may_release, seen.may_complete, seen.may_approve_erasure) == (False, False, False)
    with pytest.raises(MandateOpenError):
        release(desk, case)
    decide(desk, case)
    release(desk, desk.now(case))
    assert desk.staff.view(APPROVER, case.reference).waits_for == ()


@pytest.mark.parametrize("way", TO_REVIEW)
def test_a09_once_the_mandate_is_not_accepted_the_request_is_to_be_refused(way: str) -> None:
    desk = Desk()
    case = TO_REVIEW[way](desk, agent=agent())
    decide(desk, case, accepted=False)
    seen = desk.staff.view(APPROVER, case.reference)
    assert (seen.next_step, seen.waits_for) == ("refuse_or_accept_mandate", ("mandate",))
    desk.refuse(desk.now(case), "not_the_subject", "We could not establish that you may act for this person.")
    assert desk.staff.view(APPROVER, case.reference).next_step == "wait_for_answer"


def test_a09_a_refusal_waits_until_it_is_possible() -> None:
    desk = Desk()
    case = desk.collecting(agent=agent())
    assert desk.staff.view(APPROVER, case.reference).next_step == "decide_mandate"
    decide(desk, case, accepted=False)
    assert desk.staff.view(APPROVER, case.reference).next_step == "wait_for_sources"


def release(desk: Desk, case: PrivacyRequest) -> None:
    if case.erasure is not None:
        desk.approve(case, {})
    elif case.answered_by_package:
        desk.release(case)
    else:
        desk.complete(case, kept={})


def test_a09_a_forged_mandate_is_refused_with_reasons_and_nothing_of_the_data() -> None:
    desk = Desk()
    case = desk.awaiting_review(agent=agent())
    decide(desk, case, accepted=False, reason="The signature is that of somebody else.")
    with pytest.raises(MandateOpenError):
        desk.release(desk.now(case))
    desk.refuse(desk.now(case), "not_the_subject", "We could not establish that you may act for this person.")
    desk.close(case, Outcome.REFUSED)
    assert desk.now(case).outcome is Outcome.REFUSED
    assert sent_to(desk, LAWYER) == ["agent_received"]  # the person alone is told
    told = desk.press.printed[-1]
    assert (told.letter, told.to) == ("refused", JANE)
    assert "rows" not in str(told.values)


def test_the_answer_goes_to_the_person_alone_unless_they_agreed() -> None:
    for agrees in (False, True):
        desk = Desk()
        case = desk.awaiting_review(agent=agent())
        if agrees:
            agree_agent(desk.session(case), True, cases=desk.cases, clock=desk.clock)
        decide(desk, desk.now(case))
        desk.release(desk.now(case))
        desk.answer(case)
        assert sent_to(desk, JANE)[-1] == "partly_refused"
        assert sent_to(desk, LAWYER) == ["agent_received", *(["partly_refused"] if agrees else [])]
        copies = [mail for mail in desk.mailer.outbox if mail.to == LAWYER]
        assert {mail.thread for mail in copies} == {None}  # what they answer is not the person's word


def agreed(desk: Desk, case: PrivacyRequest) -> PrivacyRequest:
    agree_agent(desk.session(case), True, cases=desk.cases, clock=desk.clock)
    return desk.now(case)


def copies(desk: Desk) -> dict[str, Any]:
    """Whom each letter to the agent says to be a copy for."""
    return {str(each.letter): each.values.get("copy_for") for each in desk.press.printed if each.to == LAWYER}


def test_a_copy_is_called_one_and_greets_who_gets_it() -> None:
    desk = Desk()
    case = agreed(desk, desk.awaiting_review(agent=agent()))
    decide(desk, case)
    desk.release(desk.now(case))
    desk.answer(case)
    assert copies(desk) == {"agent_received": None, "partly_refused": "Robin Clarke"}
    of_person = [each.values for each in desk.press.printed if each.to == JANE]
    assert not [values for values in of_person if "copy_for" in values]
    assert not [each for each in desk.press.printed if each.to == LAWYER and "not_mine" in each.values]


@pytest.mark.parametrize("letter", sorted(Letter))
@pytest.mark.parametrize("agrees", [True, False])
def test_of_the_answer_and_its_end_alone_there_are_copies_and_of_each_version_one(letter: Letter, agrees: bool) -> None:
    desk = Desk()
    case = desk.awaiting_review(agent=agent())
    if agrees:
        case = agreed(desk, case)
    before = len(sent_to(desk, LAWYER))
    for version in (1, 1, 2):
        desk.letters.to_subject(case, letter, {"reference": case.reference}, version=version)
    assert sent_to(desk, LAWYER)[before:] == [str(letter)] * (2 if agrees and letter in COPIED_LETTERS else 0)


def test_what_is_copied_are_the_letters_that_answer() -> None:
    answers = {letter for letter in Letter if letter.endswith(("_answer", "_ready", "_lifting"))}
    of_others = {Letter.RECIPIENT_LIFTING, Letter.STAFF_LIFTING}
    besides = {"partly_refused", "nothing_to_erase", "refused", "not_identified", "transferred"}
    assert answers - of_others | besides == COPIED_LETTERS


def test_an_agent_hears_that_a_restriction_is_lifted() -> None:
    desk = Desk(data_map=datamap())
    case = desk.collecting(types=(RequestType.RESTRICTION,), aim={"ground": "claims"}, agent=agent())
    desk.use_stopper().stop(case.request_id)
    agreed(desk, desk.now(case))
    desk.use_stopper().lift(case.request_id)
    assert sent_to(desk, LAWYER)[-1] == sent_to(desk, JANE)[-1] == "restriction_lifting"
    assert copies(desk)["restriction_lifting"] == "Robin Clarke"


def test_the_mailbox_of_an_agent_keeps_no_person_from_their_answer() -> None:
    desk = Desk()
    case = agreed(desk, desk.awaiting_review(agent=agent()))
    desk.mailer.rejects = {LAWYER}
    decide(desk, case, accepted=False)
    desk.refuse(desk.now(case), "not_the_subject", "We could not establish that you may act for this person.")
    desk.close(case, Outcome.REFUSED)
    assert desk.now(case).outcome is Outcome.REFUSED
    assert sent_to(desk, JANE)[-1] == "refused"


def test_a_copy_that_could_not_be_sent_now_is_sent_when_it_is_tried_again_and_the_letter_is_not() -> None:
    desk = Desk()
    case = agreed(desk, desk.awaiting_review(agent=agent()))
    values = {"reference": case.reference}
    desk.mailer.rejects = {LAWYER}
    assert desk.letters.to_subject(case, Letter.REFUSED, values)
    desk.mailer.rejects = set()
    assert not desk.letters.to_subject(case, Letter.REFUSED, values)
    assert (sent_to(desk, JANE).count("refused"), sent_to(desk, LAWYER).count("refused")) == (1, 1)


def test_the_person_may_think_again_until_it_is_answered() -> None:
    desk = Desk()
    case = desk.awaiting_review(agent=agent())
    for agrees in (True, True, False):
        agree_agent(desk.session(case), agrees, cases=desk.cases, clock=desk.clock)
    assert desk.history(case)[-2:] == ["agent_gets_answers", "agent_gets_nothing"]
    decide(desk, desk.now(case))
    desk.release(desk.now(case))
    desk.answer(case)
    with pytest.raises(ConflictError):
        agree_agent(desk.session(case), True, cases=desk.cases, clock=desk.clock)


def test_where_nobody_asks_for_them_there_is_nothing_to_decide() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(ConflictError):
        decide(desk, case)
    with pytest.raises(ConflictError):
        agree_agent(desk.session(case), True, cases=desk.cases, clock=desk.clock)


def test_a_mandate_is_decided_of_the_case_that_was_seen_with_a_reason_and_once_the_person_said_yes() -> None:
    desk = Desk()
    case = desk.submit(agent=agent())
    with pytest.raises(ConflictError):
        decide(desk, case)  # nobody has confirmed it
    desk.send_verification(case)
    desk.verify(desk.now(case))
    case = desk.now(case)
    with pytest.raises(VersionMovedOnError):
        decide(desk, case, version=case.version - 1)
    with pytest.raises(InvalidInputError):
        decide(desk, case, reason="ok")
    decide(desk, case)
    assert desk.history(case)[-1] == "mandate_accepted"


def test_a96_the_words_of_an_agent_are_for_who_works_on_the_case() -> None:
    desk = Desk()
    case = desk.awaiting_review(agent=agent())
    seen, hidden = (desk.staff.view(staff, case.reference).agent for staff in (HANDLER, AUDITOR))
    assert seen is not None
    assert (seen.name, seen.email, seen.accepted) == ("Robin Clarke", LAWYER, None)
    assert hidden is not None
    assert (hidden.role, hidden.name, hidden.email, hidden.mandate) == (AgentRole.PROXY, None, None, None)


def test_the_history_and_the_register_name_no_agent() -> None:
    desk = Desk()
    case = desk.awaiting_review(agent=agent())
    decide(desk, case)
    events = " ".join(event.model_dump_json() for event in desk.table.events[case.request_id])
    row = register_row(desk.now(case), desk.cases.letters(case.request_id))
    for text in (events, row.model_dump_json()):
        assert "Robin" not in text
        assert LAWYER not in text
    assert row.agent == "proxy"


@pytest.mark.parametrize(
    "name",
    ["robin@law.example", "Visit www.evil", "evil.com", "http://x", "a/b", "Robin <b>", "t.co now", "Click: here"],
)
def test_a38_the_name_of_an_agent_is_no_address_and_no_link(name: str) -> None:
    with pytest.raises(ValidationError):
        agent(name=name)


@pytest.mark.parametrize(
    "name", ["Robin Clarke", "山田 太郎 弁護士", "St. John & Co.", "O'Brien", "Dr. J. Müller-Lüdenscheidt"]
)
def test_names_as_people_have_them_are_taken(name: str) -> None:
    assert agent(name=name).name == name


def test_an_objection_through_an_agent_stops_at_once_and_is_answered_by_staff() -> None:
    """To stop protects the person, whoever asked; what is said of it waits."""
    desk = Desk(data_map=datamap())
    case = desk.collecting(types=(RequestType.OBJECTION,), aim={"objects_to": "marketing"}, agent=agent())
    assert desk.use_stopper().stop(case.request_id) is False
    assert desk.now(case).use is not None
    assert desk.now(case).status is Status.COLLECTING
