"""Who was given data is told, and the case waits until each has done the same (GDPR 19)."""

# serves: E-03, E-04, E-05, P-10, C-1

from datetime import timedelta
from itertools import pairwise

import pytest

from rightsdesk.domain.errors import (
    ApproverNeededError,
    ConflictError,
    InvalidInputError,
    MailRejectedError,
    MovedOnError,
    NotFoundError,
    PeerUnavailableError,
    ServiceUnavailableError,
    VersionMovedOnError,
)
from rightsdesk.domain.letters import DeliveryNews, DeliveryState, Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.recipient_notice import TOKEN_PURPOSE, NoticeState, RecipientNotice, notice_token
from rightsdesk.domain.recipients import Recipient
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.shown_case import next_step
from rightsdesk.law.notice_grounds import ground_of_notice
from rightsdesk.services.record_delivery import record_delivery
from rightsdesk.services.record_notice_delivery import record_notice_delivery
from tests.support.correcting import CARRIER, NAME, fill, telling_map
from tests.support.desk import APPROVER, HANDLER, Desk
from tests.support.fakes import How
from tests.support.play import Play

DAY = timedelta(days=1)
WHY = "The parcel is on its way, and its label is printed."


def correcting() -> Play:
    """A correction of a name, with a person and staff who do what there is to do, but say nothing of recipients."""
    play = Play(types=(RequestType.RECTIFICATION,), corrections=(NAME,), data_map=telling_map())
    play.settle_recipients = lambda case: None  # type: ignore[method-assign]
    fill(play)
    return play


def awaiting() -> tuple[Play, PrivacyRequest]:
    play = correcting()
    for _ in range(3):
        play.day()
    case = play.only_case()
    assert case.status is Status.AWAITING_RECIPIENTS
    return play, case


def notice(desk: Desk, recipient: str = "carrier") -> RecipientNotice:
    return desk.notices.get(desk.only_case().request_id, recipient)


def token(desk: Desk, recipient: str = "carrier") -> str:
    return notice_token(desk.keys.key(TOKEN_PURPOSE), notice(desk, recipient).notice_id)


def to_see_to(desk: Desk) -> list[int]:
    """Of each line of the work list, how many recipients wait for staff."""
    return [line.recipients_to_see_to for line in desk.staff.list_open(HANDLER, 10, None).items]


def left(desk: Desk) -> list[int]:
    """Of each line of the work list, of how many recipients anything is still waited for."""
    return [line.recipients_left for line in desk.staff.list_open(HANDLER, 10, None).items]


def sent_to(desk: Desk, address: str) -> int:
    return sum(mail.to == address for mail in desk.mailer.outbox)


def test_a_correction_is_told_to_who_had_it_and_the_case_waits_for_them() -> None:
    play, case = awaiting()
    told = play.history(case)
    assert told.index("corrected") < told.index("recipients_named") < told.index("recipient_told")
    assert told.index("recipient_told") < told.index("answered") < told.index("recipients_awaited")
    assert {name: line.state for name, line in case.notices.items()} == {
        "carrier": NoticeState.SENT,
        "printer": NoticeState.TO_DO,
    }
    events = {
        str(event.details["recipient"]): event.type
        for event in play.table.events[case.request_id]
        if event.type in ("recipient_told", "recipient_left_to_staff")
    }
    assert events == {"carrier": "recipient_told", "printer": "recipient_left_to_staff"}
    assert notice(play, "printer").sent_at is None, "only staff were written to"
    known = {kind: set(values) for kind, values in notice(play).identifiers.items()}
    assert known == {"member_id": {"M-000002"}, "order_id": {"K-1", "K-2", "K-3"}}
    assert next_step(case, held=False, barred=None) == "see_to_recipients"
    assert (to_see_to(play), left(play)) == ([1], [2]), "the printer; and the carrier has not answered"
    play.notice_pages().answer(token(play), NoticeState.DONE, None)
    assert (to_see_to(play), left(play)) == ([1], [1])
    staff = play.staff_notices()
    staff.note(HANDLER, case.reference, play.now(case).version, "printer", NoticeState.DONE)
    play.pass_time(timedelta(minutes=1))
    closed = play.now(case)
    assert (closed.status, closed.outcome) == (Status.CLOSED, Outcome.FULFILLED)
    assert play.history(case)[-3:] == ["recipient_answered", "recipient_noted", "closed"]
    assert notice(play).identifiers == {}, "what they knew the person by is not kept"


def test_the_mail_to_a_recipient_is_sent_once_and_says_nothing_of_the_person() -> None:
    play, _ = awaiting()
    assert sent_to(play, CARRIER) == 1
    (values,) = [printed.values for printed in play.press.printed if printed.letter is Letter.RECIPIENT_NOTICE]
    said = str(values)
    for private in ("Jane", "O'Brien", "jane@example.com", play.only_case().reference, play.only_case().request_id):
        assert private not in said
    assert values["link"].endswith(f"/en/notices/{token(play)}")
    assert [label.en for label in values["fields"]] == ["Label"], "what the map calls it, once, and no value"
    assert values["basis"] == play.notice_pages().view(token(play)).basis == ground_of_notice("gdpr", "correct")


def test_telling_again_from_the_start_tells_nobody_twice() -> None:
    play, case = awaiting()
    before = play.history(case)
    assert play.telling().tell(case.request_id) == 2
    assert play.history(case) == before
    assert sent_to(play, CARRIER) == 1


def until_awaited(play: Play) -> PrivacyRequest:
    for _ in range(8):
        play.day()
        case = play.only_case() if play.table.cases else None
        if case and case.status is Status.AWAITING_RECIPIENTS and not case.notices["carrier"].untold:
            return case
    raise AssertionError(play.only_case().failure)


def calls_while_telling() -> list[int]:
    """The places of all calls to stores and mail from the first look at the notices to the wait."""
    play = correcting()
    until_awaited(play)
    first = play.faults.calls.index("notices.add") - 2
    last = max(at for at, call in enumerate(play.faults.calls) if call == "notices.save")
    return list(range(first, last + 2))


@pytest.mark.parametrize("how", list(How))
def test_whatever_fails_while_recipients_are_told_each_mail_goes_out_once(how: How) -> None:
    for at in calls_while_telling():
        play = correcting()
        play.faults.fail(at, how)
        case = until_awaited(play)
        assert play.faults.happened
        # Who died between sending and saying so has sent it for all that anybody knows: it always comes.
        nobody_knows = play.faults.calls[at] in ("mailer.send", "cases.letter_sent")
        assert sent_to(play, CARRIER) in ((1, 2) if nobody_knows else (1,)), (at, play.faults.calls[at])
        assert case.notices["carrier"].state is NoticeState.SENT
        assert play.history(case).count("recipients_named") == 1


def test_who_can_t_be_reached_stays_visible_and_is_tried_each_day() -> None:
    play = correcting()
    tries = 0

    class Down:
        def tell(self, case: PrivacyRequest, notice: RecipientNotice, recipient: Recipient) -> NoticeState:
            nonlocal tries
            tries += 1
            raise PeerUnavailableError("no answer")

    play.connectors["mail"] = Down()
    for _ in range(3):
        play.day()
    case = play.only_case()
    assert case.answered_at is not None, "the person is not kept waiting for it"
    assert case.notices["carrier"].unreached
    assert notice(play).failure == "peer_unavailable"
    assert next_step(case, held=False, barred=None) == "see_to_recipients"
    first = tries
    for _ in range(4):
        play.day()
    assert tries - first in (3, 4, 5), "once a day"
    del play.connectors["mail"]
    play.day()
    play.day()
    assert notice(play).state is NoticeState.SENT
    assert not play.now(case).notices["carrier"].unreached


def test_who_is_dead_for_months_is_tried_each_week_and_does_not_fill_the_history() -> None:
    play = correcting()
    tries: list[int] = []

    class Down:
        reason = "peer_unavailable"

        def tell(self, case: PrivacyRequest, notice: RecipientNotice, recipient: Recipient) -> NoticeState:
            tries.append((play.clock() - notice.asked_at).days)
            if self.reason == "peer_unavailable":
                raise PeerUnavailableError("no answer")
            raise ServiceUnavailableError("down")

    down = play.connectors["mail"] = Down()
    for _ in range(60):
        play.day()
    case = play.only_case()
    in_a_week = [day for day in tries if day < 7]
    later = [day for day in tries if day >= 8]
    assert len(in_a_week) in (7, 8)
    assert len(later) in (6, 7, 8)
    assert all(after - before in (6, 7, 8) for before, after in pairwise(later)), later
    assert play.history(case).count("recipient_not_reached") == 1
    assert case.notices["carrier"].unreached
    version = case.version
    play.staff_notices().tell_again(HANDLER, case.reference, version, "carrier")
    assert play.history(case).count("recipient_not_reached") == 2, "what staff do is on record"
    down.reason = "service_unavailable"
    for _ in range(8):
        play.day()
    assert play.history(case).count("recipient_not_reached") == 3, "it fails for another reason"


def test_a_mailbox_that_refuses_is_for_staff() -> None:
    play = correcting()

    class Refusing:
        def tell(self, case: PrivacyRequest, notice: RecipientNotice, recipient: Recipient) -> NoticeState:
            raise MailRejectedError("no such mailbox")

    play.connectors["mail"] = Refusing()
    for _ in range(6):
        play.day()
    assert notice(play).failure == "mail_rejected"
    assert play.history(play.only_case()).count("recipient_not_reached") == 1, "it is not tried again by itself"


def test_a_recipient_who_is_silent_for_30_days_is_reminded_and_approvers_hear_of_it() -> None:
    play, case = awaiting()
    asked_at = case.notices["carrier"].asked_at
    reminded: dict[int, int] = {}
    for _ in range(65):
        before = sent_to(play, CARRIER)
        play.day()
        if sent_to(play, CARRIER) > before:
            reminded[(play.clock() - asked_at).days] = sent_to(play, CARRIER) - before
    assert len(reminded) == 4
    assert all(after - 1 <= days <= after for days, after in zip(reminded, (7, 14, 30, 60), strict=True)), reminded
    assert set(reminded.values()) == {1}
    told = play.history(case)
    assert told.count("recipients_reminded") == 2
    assert told.count("recipients_escalated") == 2
    assert "escalated" not in told, "the clock of the answer has stopped"
    assert notice(play).sendings == 5
    warned = [printed.values for printed in play.press.printed if printed.letter is Letter.STAFF_DEADLINE]
    about = [values["waited_for"] for values in warned if values["warning"].name == "warning.recipients"]
    assert about
    assert all(names == ["carrier", "printer"] for names in about), "staff read for whom"
    assert play.now(case).status is Status.AWAITING_RECIPIENTS


def test_nobody_is_reminded_once_all_is_settled() -> None:
    play, case = awaiting()
    Desk.settle_recipients(play, case)
    for _ in range(40):
        play.day()
    assert sent_to(play, CARRIER) == 1
    assert play.now(case).purged


def test_what_a_recipient_could_not_do_waits_for_an_approver() -> None:
    play, case = awaiting()
    page = play.notice_pages().answer(token(play), NoticeState.IMPOSSIBLE, WHY)
    assert (page.state, page.open) == (NoticeState.IMPOSSIBLE, True)
    assert to_see_to(play) == [2]
    staff = play.staff_notices()
    version = play.now(case).version
    with pytest.raises(ApproverNeededError):
        staff.let_rest(HANDLER, case.reference, version, "carrier", NoticeState.IMPOSSIBLE, WHY)
    with pytest.raises(InvalidInputError):
        staff.let_rest(APPROVER, case.reference, version, "carrier", NoticeState.IMPOSSIBLE, "no")
    listed = staff.let_rest(APPROVER, case.reference, version, "carrier", NoticeState.IMPOSSIBLE, WHY)
    assert {item.recipient: item.settled for item in listed.items} == {"carrier": True, "printer": False}
    staff.let_rest(APPROVER, case.reference, listed.version, "printer", NoticeState.DISPROPORTIONATE, WHY)
    play.pass_time(timedelta(minutes=1))
    assert play.now(case).outcome is Outcome.FULFILLED
    events = [event for event in play.table.events[case.request_id] if event.type == "recipient_let_rest"]
    assert [event.details for event in events] == [
        {"recipient": "carrier", "state": "impossible"},
        {"recipient": "printer", "state": "disproportionate"},
    ], "codes only"


def test_the_same_answer_again_and_late_ones_change_nothing() -> None:
    play, case = awaiting()
    pages = play.notice_pages()
    pages.answer(token(play), NoticeState.DONE, None)
    before = play.history(case)
    for state in (NoticeState.DONE, NoticeState.ACKNOWLEDGED, NoticeState.SENT):
        assert pages.answer(token(play), state, None).state is NoticeState.DONE
    assert pages.answer(token(play), NoticeState.IMPOSSIBLE, WHY).state is NoticeState.DONE
    assert play.history(case) == before
    with pytest.raises(InvalidInputError):
        pages.answer(token(play), NoticeState.IMPOSSIBLE, "")


def test_the_page_knows_whether_an_answer_was_taken() -> None:
    play, _ = awaiting()

    def stands(state: NoticeState, reason: str | None = None) -> bool:
        return play.notice_pages().answer(token(play), state, reason).stands

    assert not stands(NoticeState.DONE_IN_PART, f" {WHY} ")
    assert not stands(NoticeState.DONE_IN_PART, WHY), "the same again is on record"
    assert stands(NoticeState.DONE_IN_PART, "The label is printed, and the parcel is lost."), "other reasons are not"
    assert stands(NoticeState.IMPOSSIBLE, WHY)
    assert not stands(NoticeState.DONE)
    assert stands(NoticeState.ACKNOWLEDGED)
    assert not play.notice_pages().view(token(play)).stands


def test_to_look_changes_nothing_and_another_token_opens_nothing() -> None:
    play, case = awaiting()
    before = play.history(case)
    page = play.notice_pages().view(token(play))
    assert page.state is NoticeState.SENT
    assert [set(known.values) for known in page.known_by] == [{"K-1", "K-2", "K-3"}, {"M-000002"}]
    assert {field.value for field in page.fields} == {"Jane O'Brien"}, (
        "what is right: they can't correct what they don't know"
    )
    assert play.history(case) == before
    for wrong in ("", "x" * 43, token(play)[:-1] + "-", notice(play).notice_id):
        with pytest.raises(NotFoundError):
            play.notice_pages().view(wrong)


def test_what_was_written_under_an_earlier_statement_is_told_to_them_too_and_what_was_not_is_not() -> None:
    play, case = awaiting()
    state = case.rectification
    assert state is not None
    never_written = NAME.model_copy(update={"new": "Joan O'Brien"})
    twice = state.model_copy(update={"corrections": (never_written,), "written": (), "earlier": state.corrections})
    play.table.cases[case.request_id] = case.model_copy(update={"rectification": twice}).model_dump_json()
    assert {field.value for field in play.notice_pages().view(token(play)).fields} == {"Jane O'Brien"}


def test_an_answer_after_the_case_was_closed_changes_nothing() -> None:
    play, case = awaiting()
    Desk.settle_recipients(play, case)
    play.pass_time(timedelta(minutes=1))
    assert not play.now(case).is_open
    assert play.notice_pages().answer(token(play), NoticeState.ACKNOWLEDGED, None).state is NoticeState.DONE


def test_nothing_closes_a_case_while_a_recipient_is_waited_for() -> None:
    play, case = awaiting()
    with pytest.raises(MovedOnError):
        play.close(case)


def test_staff_send_it_again_and_nobody_decides_on_what_has_moved_on() -> None:
    play, case = awaiting()
    staff = play.staff_notices()
    with pytest.raises(VersionMovedOnError):
        staff.tell_again(HANDLER, case.reference, 1, "carrier")
    listed = staff.tell_again(HANDLER, case.reference, case.version, "carrier")
    assert sent_to(play, CARRIER) == 2
    assert listed.items[0].sendings == 2
    with pytest.raises(NotFoundError):
        staff.tell_again(HANDLER, case.reference, listed.version, "stranger")
    staff.note(HANDLER, case.reference, listed.version, "carrier", NoticeState.DONE)
    with pytest.raises(ConflictError):
        staff.tell_again(HANDLER, case.reference, play.now(case).version, "carrier")
    with pytest.raises(ConflictError):
        staff.note(HANDLER, case.reference, play.now(case).version, "carrier", NoticeState.DONE)
    with pytest.raises(ConflictError):
        staff.note(HANDLER, case.reference, play.now(case).version, "printer", NoticeState.DISPROPORTIONATE, WHY)


@pytest.mark.parametrize("state", [NoticeState.DONE_IN_PART, NoticeState.IMPOSSIBLE])
def test_a_handler_notes_what_one_says_by_telephone_and_an_approver_lets_it_rest(state: NoticeState) -> None:
    play, case = awaiting()
    staff = play.staff_notices()
    for none in (None, "", "no"):
        with pytest.raises(InvalidInputError) as refused:
            staff.note(HANDLER, case.reference, case.version, "printer", state, none)
        assert [problem.field for problem in refused.value.problems] == ["reason"]
    listed = staff.note(HANDLER, case.reference, case.version, "printer", state, WHY)
    assert [(item.state, item.reason, item.settled) for item in listed.items if item.recipient == "printer"] == [
        (state, WHY, False)
    ]
    assert play.now(case).notices["printer"].waits_for_staff
    with pytest.raises(ApproverNeededError):
        staff.let_rest(HANDLER, case.reference, listed.version, "printer", state, WHY)
    rests = staff.let_rest(APPROVER, case.reference, listed.version, "printer", state, WHY)
    assert [item.settled for item in rests.items if item.recipient == "printer"] == [True]
    (event,) = [event for event in play.table.events[case.request_id] if event.type == "recipient_noted"]
    assert event.details == {"recipient": "printer", "state": state}, "codes only"


def test_a_door_that_dies_after_the_last_answer_is_made_good_by_the_sweep() -> None:
    play, case = awaiting()
    Desk.settle_recipients(play, case)  # the workflow is told in the play: forget it, as a dead door would
    waiting = play.only_case()
    assert waiting.recipients_left == ()
    play.running.answers.clear()
    play.sweep()
    play.pass_time(timedelta(minutes=1))
    assert play.now(case).outcome is Outcome.FULFILLED


def test_started_again_it_goes_on_waiting_where_it_was() -> None:
    play, case = awaiting()
    play.fail(case, "AwaitRecipients", "Lambda.Unknown")
    play.staff.retry(HANDLER, case.reference)
    play.pass_time(timedelta(minutes=5))
    again = play.now(case)
    assert again.failure is None
    assert again.status is Status.AWAITING_RECIPIENTS
    assert sent_to(play, CARRIER) == 1
    Desk.settle_recipients(play, again)
    play.pass_time(timedelta(minutes=5))
    assert play.now(case).outcome is Outcome.FULFILLED


def news_of(desk: Desk, state: DeliveryState, *, version: int = 1) -> DeliveryNews:
    return DeliveryNews(
        request_id=desk.only_case().request_id,
        letter=Letter.RECIPIENT_NOTICE,
        recipient_key=notice(desk).recipient_key,
        version=version,
        state=state,
        at=desk.clock(),
    )


def hear(desk: Desk, news: DeliveryNews) -> None:
    record_delivery(news, cases=desk.cases, letters=desk.letters, clock=desk.clock)
    record_notice_delivery(news, cases=desk.cases, notices=desk.notices, clock=desk.clock)


def test_a_mail_that_came_back_makes_the_recipient_unreached_once() -> None:
    play, case = awaiting()
    hear(play, news_of(play, DeliveryState.DELIVERED))
    assert notice(play).failure is None
    for _ in range(3):
        hear(play, news_of(play, DeliveryState.BOUNCED))
    assert (notice(play).state, notice(play).failure) == (NoticeState.SENT, "bounced")
    assert play.history(case).count("recipient_not_reached") == 1
    assert next_step(play.now(case), held=False, barred=None) == "see_to_recipients"
    letters = {record.letter: record.state for record in play.cases.letters(case.request_id)}
    assert letters[Letter.RECIPIENT_NOTICE] is DeliveryState.BOUNCED
    play.staff_notices().tell_again(HANDLER, case.reference, play.now(case).version, "carrier")
    assert notice(play).failure is None
    hear(play, news_of(play, DeliveryState.BOUNCED, version=1))
    assert notice(play).failure is None, "that was the first mail"


def test_news_of_a_notice_that_is_settled_or_of_no_notice_changes_nothing() -> None:
    play, case = awaiting()
    news = news_of(play, DeliveryState.BOUNCED)
    Desk.settle_recipients(play, case)
    play.pass_time(timedelta(minutes=1))
    before = play.history(case)
    hear(play, news)
    hear(play, news.model_copy(update={"recipient_key": "0" * 64}))
    assert play.history(case) == before


def test_two_recipients_who_answer_at_the_same_moment_are_both_heard() -> None:
    play, case = awaiting()
    answers = play.notice_answers()
    printer = notice(play, "printer").notice_id
    play.faults.before("notices.save", lambda: answers.take(printer, NoticeState.DONE))
    answers.take(notice(play).notice_id, NoticeState.DONE)
    assert {name: line.state for name, line in play.now(case).notices.items()} == {
        "carrier": NoticeState.DONE,
        "printer": NoticeState.DONE,
    }
    play.pass_time(timedelta(minutes=1))
    assert play.now(case).outcome is Outcome.FULFILLED


def erasing() -> Play:
    play = Play(types=(RequestType.ERASURE,), data_map=telling_map())
    play.settle_recipients = lambda case: None  # type: ignore[method-assign]
    fill(play)
    return play


def test_an_erasure_is_told_with_what_was_known_before_and_goes_on_where_it_was_started_again() -> None:
    play = erasing()
    for _ in range(8):
        play.day()
    case = play.only_case()
    assert case.status is Status.AWAITING_RECIPIENTS
    assert set(case.notices) == {"carrier", "mailer", "printer"}
    known = {kind: set(values) for kind, values in notice(play).identifiers.items()}
    assert known == {"member_id": {"M-000002"}, "order_id": {"K-1", "K-2", "K-3"}}
    assert notice(play).action == "erase"
    erased = play.history(case).count("erased")
    play.fail(case, "AwaitRecipients", "Lambda.Unknown")
    play.staff.retry(HANDLER, case.reference)
    play.pass_time(timedelta(hours=1))
    again = play.now(case)
    assert (again.status, again.failure) == (Status.AWAITING_RECIPIENTS, None)
    assert play.history(case).count("erased") == erased == 1
    assert sent_to(play, CARRIER) == 1
    Desk.settle_recipients(play, again)
    play.pass_time(timedelta(minutes=5))
    assert play.now(case).outcome is Outcome.FULFILLED


def test_of_whom_nothing_is_held_nobody_else_hears() -> None:
    play = erasing()
    play.reader.rows.clear()  # type: ignore[attr-defined]
    for _ in range(6):
        play.day()
    case = play.only_case()
    assert case.notices == {}
    assert not case.is_open
    assert "recipients_named" not in play.history(case)


@pytest.mark.parametrize("has_orders", [True, False])
def test_who_knows_none_of_the_numbers_of_a_person_never_had_them(has_orders: bool) -> None:
    play = Play(types=(RequestType.RESTRICTION,), data_map=telling_map())
    fill(play)
    if not has_orders:
        play.reader.rows = {}
        play.directory.accounts[play.submission().email] = play.directory.accounts[play.submission().email].model_copy(
            update={"identifiers": {"email": (play.submission().email,)}}
        )
    play.until_all_is_done()
    assert ("carrier" in play.only_case().notices) is has_orders
