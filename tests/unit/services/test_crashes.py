"""Every task of the workflow, ended at each of its calls in turn and run again: the same end, and one mail each.

A Lambda may die between any two calls, a service may be down for one of them, and an answer may get lost after the
work was done. The workflow then runs the task again, with the same input or in a new execution (abuse cases 43, 80).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.erasure_review import CONFIRMATION_PERIOD, UNDO_PERIOD
from rightsdesk.domain.errors import ConflictError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import PrivacyRequest, RequestType, Treatment
from rightsdesk.domain.staff import Role
from rightsdesk.ports.letters import CLAIM_LASTS
from tests.support.desk import APPROVER, JANE, Desk
from tests.support.fakes import How, ProcessDiedError

Prepare = Callable[[Desk], PrivacyRequest]
Run = Callable[[Desk, PrivacyRequest], object]


@dataclass(frozen=True)
class Task:
    """`prepare` brings a case to the point where the workflow starts the task, and `run` is the task."""

    prepare: Prepare
    run: Run
    letters: tuple[str, ...] = ()  # that this task sends


def guest_of_unknown_facts(desk: Desk) -> PrivacyRequest:
    desk.directory.guests.add("tom@example.net")
    return desk.verified(email="tom@example.net")


def with_facts_entered(desk: Desk) -> PrivacyRequest:
    """The mailbox of the account has changed lately, and the person has entered the right facts."""
    desk.add_account("jane@example.com", "M-000002", mailbox_changed_at=desk.clock() - timedelta(days=2))
    case = desk.verified()
    desk.decide(case, "decision-0")
    desk.enter_evidence(case)
    return desk.now(case)


def released(held: Treatment) -> Prepare:
    def prepare(desk: Desk) -> PrivacyRequest:
        case = desk.awaiting_review()
        desk.release(case, held)
        return desk.now(case)

    return prepare


def final_built(desk: Desk) -> PrivacyRequest:
    case = released(Treatment.GIVE)(desk)
    desk.build(case, final=True)
    return desk.now(case)


def refused(desk: Desk) -> PrivacyRequest:
    case = desk.awaiting_review()
    desk.refuse(case)
    return desk.now(case)


def withdrawn(desk: Desk) -> PrivacyRequest:
    case = desk.collected()
    desk.withdraw(case)
    return desk.now(case)


def unverified(desk: Desk) -> PrivacyRequest:
    case = desk.submit()
    desk.send_verification(case)
    desk.clock.advance(timedelta(days=14))
    return desk.now(case)


def unidentified(desk: Desk) -> PrivacyRequest:
    case = guest_of_unknown_facts(desk)
    desk.decide(case)
    desk.clock.advance(timedelta(days=15))
    return desk.now(case)


def on_its_target(desk: Desk) -> PrivacyRequest:
    """Nobody was told of anything yet: the person, the desk and two approvers are."""
    for user in ("boss-a", "boss-b"):
        desk.staff_directory.add(user, Role.APPROVER)
    case = desk.awaiting_review()
    desk.clock.advance(case.due.target_on - desk.clock().date())
    return desk.now(case)


def not_confirmed_for_three_days(desk: Desk) -> PrivacyRequest:
    case = desk.submit()
    desk.send_verification(case)
    desk.clock.advance(timedelta(days=4))
    return desk.now(case)


def window_over(desk: Desk) -> PrivacyRequest:
    case = desk.answered(Treatment.GIVE)
    desk.clock.advance(timedelta(days=14))
    return desk.now(case)


def erasure_collecting(desk: Desk) -> PrivacyRequest:
    return desk.collecting(types=(RequestType.ERASURE,))


def erasure_planned(desk: Desk) -> PrivacyRequest:
    case = erasure_collecting(desk)
    for source in case.sources:
        desk.plan_erasure(case, source)
    return desk.now(case)


def erasure_confirmed(desk: Desk) -> PrivacyRequest:
    case = desk.planned()
    desk.confirm_erasure(case)
    desk.clock.advance(UNDO_PERIOD)
    return desk.now(case)


def erasure_approved(desk: Desk) -> PrivacyRequest:
    case = desk.confirmed()
    desk.approve(case, {})
    desk.approve(desk.now(case), staff=APPROVER)
    return desk.now(case)


def changed_at_the_last_moment(desk: Desk) -> PrivacyRequest:
    case = erasure_approved(desk)
    desk.reader.rows[("shop/members", "email", JANE)][0]["text"] = "Jane M."
    for source in case.sources:
        desk.check_erasure(case, source)
    return desk.now(case)


def erasure_begun(desk: Desk) -> PrivacyRequest:
    case = desk.approved()
    desk.begin_erasure(case)
    return desk.now(case)


def erasure_carried_out(desk: Desk) -> PrivacyRequest:
    case = erasure_begun(desk)
    for source in case.sources:
        desk.erase(case, source)
    return desk.now(case)


def with_residue(desk: Desk) -> PrivacyRequest:
    """A row had changed before it was its turn."""
    case = erasure_begun(desk)
    desk.reader.rows[("shop/members", "email", JANE)][0]["text"] = "Jane M."
    for step in (desk.erase, desk.search_again):
        for source in case.sources:
            step(case, source)
    return desk.now(case)


def certified(desk: Desk) -> PrivacyRequest:
    case = desk.erased()
    desk.certify(case)
    return desk.now(case)


def not_confirmed_for_14_days(desk: Desk) -> PrivacyRequest:
    case = desk.planned()
    desk.clock.advance(CONFIRMATION_PERIOD)
    return desk.now(case)


TASKS = {
    "send_verification": Task(Desk.submit, Desk.send_verification, ("verification_code",)),
    "request_decision": Task(Desk.verified, Desk.decide),
    "request_decision_asks": Task(guest_of_unknown_facts, Desk.decide, ("evidence_needed",)),
    "request_decision_compares": Task(with_facts_entered, Desk.decide),
    "collect_source": Task(Desk.collecting, lambda desk, case: desk.collect(case, "shop")),
    "build_export": Task(Desk.collected, Desk.build),
    "request_release": Task(lambda desk: _built(desk), Desk.ask_release, ("staff_release",)),
    "build_final_export": Task(released(Treatment.GIVE), lambda desk, case: desk.build(case, final=True)),
    "send_answer": Task(released(Treatment.WITHHOLD), Desk.answer, ("partly_refused",)),
    "send_final_answer": Task(final_built, Desk.answer, ("answer_ready",)),
    "close_fulfilled": Task(window_over, Desk.close, ("closed",)),
    "close_refused": Task(refused, lambda desk, case: desk.close(case, Outcome.REFUSED), ("refused",)),
    "close_withdrawn": Task(withdrawn, lambda desk, case: desk.close(case, Outcome.WITHDRAWN), ("withdrawn",)),
    "close_unverified": Task(unverified, lambda desk, case: desk.close(case, Outcome.UNVERIFIED), ("unverified",)),
    "close_not_identified": Task(
        unidentified, lambda desk, case: desk.close(case, Outcome.NOT_IDENTIFIED), ("not_identified",)
    ),
    "plan_erasure": Task(erasure_collecting, lambda desk, case: desk.plan_erasure(case, "shop")),
    "request_confirmation": Task(erasure_planned, Desk.ask_confirmation, ("erasure_confirmation",)),
    "request_confirmation_given": Task(erasure_confirmed, lambda desk, case: desk.ask_confirmation(case, "again")),
    "request_release_of_an_erasure": Task(erasure_confirmed, Desk.ask_release, ("staff_release",)),
    "check_erasure": Task(erasure_approved, lambda desk, case: desk.check_erasure(case, "shop")),
    "begin_erasure": Task(Desk.approved, Desk.begin_erasure),
    "begin_erasure_plans_again": Task(changed_at_the_last_moment, Desk.begin_erasure),
    "erase_data": Task(erasure_begun, lambda desk, case: desk.erase(case, "shop")),
    "search_again": Task(erasure_carried_out, lambda desk, case: desk.search_again(case, "shop")),
    "certify_erasure": Task(Desk.erased, Desk.certify),
    "certify_erasure_plans_again": Task(with_residue, Desk.certify),
    "send_answer_of_an_erasure": Task(certified, Desk.answer, ("erasure_answer",)),
    "close_unconfirmed": Task(
        not_confirmed_for_14_days, lambda desk, case: desk.close(case, Outcome.UNCONFIRMED), ("unconfirmed",)
    ),
    "record_failure": Task(Desk.collecting, Desk.fail, ("staff_failure",)),
    "record_source_failure": Task(Desk.collecting, lambda desk, case: desk.fail_source(case, "shop")),
    "check_deadline": Task(on_its_target, Desk.look, ("progress", *["staff_deadline"] * 3)),
    "check_deadline_of_the_code": Task(not_confirmed_for_three_days, Desk.look, ("verification_reminder",)),
}


def _built(desk: Desk) -> PrivacyRequest:
    case = desk.collected()
    desk.build(case)
    return desk.now(case)


def end_of(desk: Desk, case: PrivacyRequest) -> dict[str, Any]:
    """What must be the same whatever happened on the way: everything but times, and the hashes made of them."""
    now = desk.now(case)
    return {
        "status": now.status,
        "outcome": now.outcome,
        "assurance": now.assurance,
        "evidence_needed": now.evidence_needed,
        "identifiers": now.identifiers,
        "waves": now.waves,
        "export": now.export and (now.export.rows, now.export.final, now.export.expires_at is not None),
        "erasure": now.erasure
        and (now.erasure.round, now.erasure.begun_round, now.erasure.asked_at is not None, certificate_of(now)),
        "erasing": {
            source: (state.round, state.stage, state.changed, state.done, state.finished, state.plans)
            for source, state in desk.table.erased_states(case.request_id).items()
        },
        "rows": {key: rows for key, rows in desk.reader.rows.items() if rows},
        "remembered": set(desk.remembered),
        "answered": now.answered_at is not None,
        "purged": now.purged,
        "failure": now.failure and (now.failure.state, now.failure.error),
        "history": desk.history(case),
        "sources": {name: state.status for name, state in desk.table.sources[case.request_id].items()},
        "waiting": sorted(desk.table.tokens.items()),
        "workflow was told": desk.workflow.answers,
        "evidence": dict(desk.table.evidence),
        "retired": set(desk.table.kept_until),
        "parts": sum(1 for key in desk.bucket.objects if now.export and key.startswith(now.export.prefix)),
        "work": {key for key in desk.bucket.objects if key.startswith("work/")},
    }


def certificate_of(case: PrivacyRequest) -> list[tuple[str, int, int, int]] | None:
    certificate = case.erasure and case.erasure.certificate
    if not certificate:
        return None
    return [(part.collection, part.deleted, part.anonymised, part.kept) for part in certificate.collections]


def played(task: Task) -> tuple[Desk, PrivacyRequest, int]:
    """A fresh desk at the start of the task, and how many calls it took to get there."""
    desk = Desk()
    case = task.prepare(desk)
    desk.mailer.outbox.clear()
    return desk, case, len(desk.faults.calls)


def may_be_told_twice(call: str, how: How) -> bool:
    """The mail was out and nothing could say so any more: better twice than never."""
    return (call == "mailer.send" and how in {How.ANSWER_LOST, How.DIES_AFTER}) or (
        call == "cases.letter_sent" and how is not How.ANSWER_LOST and how is not How.DIES_AFTER
    )


@pytest.mark.parametrize("how", How, ids=lambda how: how.value)
@pytest.mark.parametrize("name", TASKS)
def test_a43_a80_a_task_that_died_anywhere_ends_alike_when_it_is_run_again(name: str, how: How) -> None:
    task = TASKS[name]
    desk, case, start = played(task)
    task.run(desk, case)
    calls = desk.faults.calls[start:]
    expected, letters = end_of(desk, case), Counter(desk.mails())
    assert letters == Counter(task.letters)

    for position, call in enumerate(calls):
        desk, case, start = played(task)
        desk.faults.fail(start + position, how)
        try:
            task.run(desk, case)
        except (ServiceUnavailableError, ConflictError, ProcessDiedError):
            desk.clock.advance(CLAIM_LASTS + timedelta(seconds=1))
            task.run(desk, case)
        assert desk.faults.happened
        where = f"{call} ({position} of {len(calls)})"
        assert end_of(desk, case) == expected, where
        if not may_be_told_twice(call, how):
            assert Counter(desk.mails()) == letters, where
        assert set(desk.mails()) == set(letters), where


@pytest.mark.parametrize("name", TASKS)
def test_a43_a_task_that_is_delivered_twice_does_its_work_once(name: str) -> None:
    task = TASKS[name]
    desk, case, _ = played(task)
    task.run(desk, case)
    expected, letters = end_of(desk, case), desk.mails()
    task.run(desk, case)
    desk.clock.advance(timedelta(minutes=20))
    task.run(desk, case)
    assert end_of(desk, case) == expected
    assert desk.mails() == letters


def test_a80_a_letter_is_not_sent_by_two_at_once() -> None:
    desk, case, start = played(TASKS["send_answer"])
    desk.faults.fail(start + position_of(TASKS["send_answer"], "mailer.send"), How.DIES_BEFORE)
    with pytest.raises(ProcessDiedError):
        desk.answer(case)
    with pytest.raises(ServiceUnavailableError):  # for all that is known, the first is still at it
        desk.answer(case)
    assert desk.now(case).answered_at is None
    desk.clock.advance(CLAIM_LASTS)
    desk.answer(case)
    assert desk.mails() == ["partly_refused"]


def position_of(task: Task, call: str) -> int:
    desk, case, start = played(task)
    task.run(desk, case)
    return desk.faults.calls[start:].index(call)
