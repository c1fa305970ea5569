"""What became of a letter: in any order, as often as it likes to come, and a task for staff where it came back."""

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import ConflictError, NotAllowedError, ServiceUnavailableError
from rightsdesk.domain.letters import LEGAL_LETTERS, DeliveryNews, DeliveryState, Letter, LetterRecord, Phrase
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import StaffMember
from rightsdesk.ports.letters import CLAIM_LASTS
from rightsdesk.services.record_delivery import record_delivery
from rightsdesk.services.view_letters import view_letters
from tests.support.desk import HANDLER, JANE, Desk
from tests.support.fakes import How, ProcessDiedError

DELIVERED, BOUNCED = DeliveryState.DELIVERED, DeliveryState.BOUNCED
FAILED, COMPLAINED = DeliveryState.FAILED, DeliveryState.COMPLAINED
TO_NOBODY_KNOWN = {
    *(Letter.AGENT_RECEIVED, Letter.MESSAGE_RECEIVED),
    *(Letter.NEWSLETTER_CONFIRMATION, Letter.CONSENT_QUESTION, Letter.NEW_PURPOSE),
    *(Letter.VERIFICATION_CODE, Letter.VERIFICATION_REMINDER, Letter.ACCESS_CODE, Letter.LOCKED, Letter.UNVERIFIED),
    *(Letter.CONFIRMED, Letter.CODE_REFUSED, Letter.MAIL_QUESTION),
    Letter.CONTACT_CHANGED,  # to an address that is not theirs any more
    Letter.KEPT_DATA_ERASED,  # years later: the case and how else to reach them are gone
}


def a_case(letter: Letter = Letter.PROGRESS) -> tuple[Desk, PrivacyRequest]:
    """A verified case about which one letter has gone out."""
    desk = Desk()
    case = desk.verified()
    desk.letters.to_subject(case, letter, {})
    return desk, desk.now(case)


def news_of(
    desk: Desk,
    case: PrivacyRequest,
    state: DeliveryState,
    letter: Letter = Letter.PROGRESS,
    *,
    recipient: str | None = None,
    version: int = 1,
    permanent: bool = True,
) -> DeliveryNews:
    return DeliveryNews(
        request_id=case.request_id,
        letter=letter,
        recipient_key=recipient or case.subject_key,
        version=version,
        state=state,
        at=desk.clock(),
        permanent=permanent,
    )


def tell(desk: Desk, news: DeliveryNews) -> None:
    record_delivery(news, cases=desk.cases, letters=desk.letters, clock=desk.clock)


def record(desk: Desk, case: PrivacyRequest, letter: Letter = Letter.PROGRESS, version: int = 1) -> LetterRecord:
    found = desk.table.letter_records.values()
    return next(known for known in found if (known.letter, known.version) == (letter, version))


def staff_tasks(desk: Desk) -> int:
    return desk.mails().count("staff_undelivered")


@pytest.mark.parametrize("state", [DELIVERED, BOUNCED, FAILED, COMPLAINED])
def test_news_is_kept_with_its_time(state: DeliveryState) -> None:
    desk, case = a_case()
    desk.clock.advance(timedelta(minutes=3))
    tell(desk, news_of(desk, case, state))
    kept = record(desk, case)
    assert (kept.state, kept.at, kept.sent_at) == (state, desk.clock(), desk.clock() - timedelta(minutes=3))


@pytest.mark.parametrize("state", [BOUNCED, FAILED, COMPLAINED])
def test_a_letter_that_the_law_wants_to_arrive_and_that_came_back_is_a_task_for_staff(state: DeliveryState) -> None:
    desk, case = a_case()
    tell(desk, news_of(desk, case, state))
    assert desk.now(case).undelivered == ("progress",)
    assert desk.table.events[case.request_id][-1].type == "letter_undelivered"
    assert desk.table.events[case.request_id][-1].details == {"letter": "progress", "state": state}
    printed = desk.press.printed[-1]
    assert (printed.letter, printed.to) == (Letter.STAFF_UNDELIVERED, "privacy-desk@shop.example")
    assert printed.values == {
        "reference": case.reference,
        "letter": Phrase(name="letter.progress"),
        "state": Phrase(name=f"delivery.{state}"),
    }


def test_again_is_no_second_task() -> None:
    desk, case = a_case()
    for _ in range(3):
        tell(desk, news_of(desk, case, BOUNCED))
    assert staff_tasks(desk) == 1
    assert desk.history(case).count("letter_undelivered") == 1


TO_RECIPIENTS = {Letter.RECIPIENT_NOTICE, Letter.RECIPIENT_LIFTING}


@pytest.mark.parametrize("letter", sorted(TO_NOBODY_KNOWN))
def test_a_code_or_a_letter_to_a_mailbox_that_nobody_confirmed_is_none(letter: Letter) -> None:
    """Else anybody could give staff work by typing addresses that do not exist."""
    desk, case = a_case()
    desk.letters.to_subject(case, letter, {}, version=7)
    tell(desk, news_of(desk, case, BOUNCED, letter, version=7))
    assert record(desk, case, letter, 7).state is BOUNCED
    assert (desk.now(case).undelivered, staff_tasks(desk)) == ((), 0)


def test_every_letter_to_the_person_is_either_a_legal_one_or_named_here() -> None:
    others = {letter for letter in Letter if letter.startswith("staff_")} | TO_RECIPIENTS
    assert set(Letter) - LEGAL_LETTERS - others == TO_NOBODY_KNOWN


def test_a_letter_to_staff_that_came_back_is_on_record_and_tells_staff_nothing() -> None:
    desk, case = a_case()
    desk.letters.to_staff(case, Letter.STAFF_RELEASE, {})
    tell(desk, news_of(desk, case, BOUNCED, Letter.STAFF_RELEASE, recipient="staff"))
    assert record(desk, case, Letter.STAFF_RELEASE).state is BOUNCED
    assert (desk.now(case).undelivered, staff_tasks(desk)) == ((), 0)


def test_a_newer_version_that_arrived_ends_the_task() -> None:
    desk, case = a_case()
    tell(desk, news_of(desk, case, BOUNCED))
    desk.clock.advance(timedelta(hours=1))
    desk.letters.to_subject(desk.now(case), Letter.PROGRESS, {}, version=2)
    assert desk.now(case).undelivered == ("progress",)
    tell(desk, news_of(desk, case, DELIVERED, version=2))
    assert desk.now(case).undelivered == ()
    assert desk.history(case)[-1] == "letter_delivered"
    tell(desk, news_of(desk, case, BOUNCED))  # late, of the old one
    assert desk.now(case).undelivered == ()


def test_another_letter_that_arrived_does_not() -> None:
    desk, case = a_case()
    desk.letters.to_subject(case, Letter.EXTENDED, {})
    tell(desk, news_of(desk, case, BOUNCED))
    tell(desk, news_of(desk, case, DELIVERED, Letter.EXTENDED))
    assert desk.now(case).undelivered == ("progress",)


def test_an_automatic_answer_to_a_letter_that_arrived_is_no_bounce() -> None:
    """SES calls both "Transient"; of a letter that did not arrive it is the end."""
    desk, case = a_case()
    tell(desk, news_of(desk, case, DELIVERED))
    tell(desk, news_of(desk, case, BOUNCED, permanent=False))
    assert (record(desk, case).state, desk.now(case).undelivered) == (DELIVERED, ())

    desk, case = a_case()
    tell(desk, news_of(desk, case, BOUNCED, permanent=False))
    assert (record(desk, case).state, desk.now(case).undelivered) == (BOUNCED, ("progress",))


@pytest.mark.parametrize("order", list(permutations([DELIVERED, BOUNCED, COMPLAINED])))
def test_the_end_is_the_same_in_any_order(order: tuple[DeliveryState, ...]) -> None:
    desk, case = a_case()
    for state in order:
        tell(desk, news_of(desk, case, state))
    assert record(desk, case).state is COMPLAINED
    assert (desk.now(case).undelivered, staff_tasks(desk)) == (("progress",), 1)


@given(st.lists(st.sampled_from(DeliveryState), max_size=8))
def test_a_state_only_goes_forward(states: list[DeliveryState]) -> None:
    known, seen = DeliveryState.PENDING, [DeliveryState.PENDING]
    for state in states:
        if known.may_become(state):
            known = state
            seen.append(state)
    assert len(seen) == len(set(seen))
    assert not any(later.may_become(earlier) for earlier, later in pairwise(seen))


@pytest.mark.parametrize(
    "changes",
    [
        {"request_id": "f" * 32},
        {"letter": Letter.CLOSED},
        {"version": 9},
        {"recipient_key": "e" * 64},
        {"recipient_key": "staff"},
    ],
)
def test_news_of_what_is_not_there_is_passed_over(changes: dict[str, object]) -> None:
    desk, case = a_case()
    before = desk.now(case), dict(desk.table.letter_records)
    tell(desk, news_of(desk, case, BOUNCED).model_copy(update=changes))
    assert (desk.now(case), dict(desk.table.letter_records)) == before
    assert staff_tasks(desk) == 0


def test_of_a_closed_case_too_and_what_is_new_about_it_goes_with_it() -> None:
    desk = Desk()
    case = desk.verified()
    desk.withdraw(case)
    desk.close(desk.now(case), Outcome.WITHDRAWN)
    closed = desk.now(case)
    assert "withdrawn" in desk.mails()
    ends = desk.table.kept_until.pop(case.request_id)
    tell(desk, news_of(desk, closed, BOUNCED, Letter.WITHDRAWN))
    assert desk.now(case).undelivered == ("withdrawn",)
    assert staff_tasks(desk) == 1
    assert desk.table.kept_until[case.request_id] == ends


def test_a_case_that_changes_meanwhile_is_looked_at_again() -> None:
    desk, case = a_case()

    def somebody_assigns() -> None:
        now = desk.now(case)
        after, event = now.changed("assigned", at=desk.clock(), actor=HANDLER.actor, assignee=HANDLER.user_id)
        desk.cases.save(now, after, event)

    desk.faults.before("cases.save", somebody_assigns)
    tell(desk, news_of(desk, case, BOUNCED))
    assert desk.history(case)[-2:] == ["assigned", "letter_undelivered"]
    assert desk.now(case).assignee == HANDLER.user_id


def test_a_case_that_never_keeps_still_lets_the_news_come_again() -> None:
    desk, case = a_case()

    class Restless:
        def __getattr__(self, name: str) -> object:
            return getattr(desk.cases, name)

        def save(self, *_: object) -> None:
            raise ConflictError("moved on")

    with pytest.raises(ConflictError):
        record_delivery(
            news_of(desk, case, BOUNCED),
            cases=Restless(),  # type: ignore[arg-type]
            letters=desk.letters,
            clock=desk.clock,
        )


@pytest.mark.parametrize("how", How)
def test_a43_a80_news_whose_handling_died_anywhere_ends_alike_when_it_comes_again(how: How) -> None:
    undisturbed, case = a_case()
    first = len(undisturbed.faults.calls)
    tell(undisturbed, news_of(undisturbed, case, BOUNCED))
    calls = len(undisturbed.faults.calls) - first
    assert calls > 5
    for number in range(calls):
        desk, case = a_case()
        news = news_of(desk, case, BOUNCED)
        desk.faults.fail(len(desk.faults.calls) + number, how)
        with suppress(ServiceUnavailableError, ProcessDiedError):
            tell(desk, news)
        desk.clock.advance(CLAIM_LASTS)
        tell(desk, news)
        assert desk.now(case).undelivered == ("progress",), number
        assert desk.history(case).count("letter_undelivered") == 1, number
        assert record(desk, case).state is BOUNCED, number
        assert staff_tasks(desk) in (1, 2), number  # twice where it was out and could not be noted


def test_a80_news_of_a_letter_whose_sender_died_makes_it_a_sent_one() -> None:
    desk = Desk()
    case = desk.verified()
    desk.faults.fail(len(desk.faults.calls) + 2, How.DIES_BEFORE)  # claim, send, and then
    with pytest.raises(ProcessDiedError):
        desk.letters.to_subject(case, Letter.PROGRESS, {})
    tell(desk, news_of(desk, case, DELIVERED))
    desk.clock.advance(CLAIM_LASTS + timedelta(days=1))
    assert desk.letters.to_subject(case, Letter.PROGRESS, {}) is False
    assert desk.mails().count("progress") == 1


def test_staff_see_every_letter_and_what_became_of_it() -> None:
    desk, case = a_case()
    desk.letters.to_staff(case, Letter.STAFF_RELEASE, {})
    tell(desk, news_of(desk, case, DELIVERED))
    shown = view_letters(HANDLER, case.reference, find=desk.cases.find, cases=desk.cases).letters
    assert [(letter.letter, letter.to, letter.state) for letter in shown] == [
        ("verification_code", "person", DeliveryState.SENT),
        ("progress", "person", DELIVERED),
        ("staff_release", "staff", DeliveryState.SENT),
    ]
    nobody = StaffMember(user_id="x", roles=frozenset())
    with pytest.raises(NotAllowedError):
        view_letters(nobody, case.reference, find=desk.cases.find, cases=desk.cases)
    assert JANE not in str(shown)
