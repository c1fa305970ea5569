"""Who was given data hears of a restriction when it begins, of the decision once, and of the end of what it ends."""

# serves: E-03, E-05, E-06, E-10, P-10

from datetime import timedelta

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import CaseClosedError, GoneError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.recipient_notice import TOKEN_PURPOSE, NoticeState, notice_token
from rightsdesk.domain.reminders import next_look_at
from rightsdesk.domain.request import Agent, AgentRole, Aim, PrivacyRequest, RequestType
from rightsdesk.domain.shown_case import next_step
from rightsdesk.export.evidence_bundle import evidence_letters
from tests.support.correcting import CARRIER, MAILBOX, NAME, fill, telling_map
from tests.support.desk import HANDLER, JANE
from tests.support.fakes import How
from tests.support.play import Play
from tests.support.weighing import ADVERTISING, BOTH, WEIGHED, told_map

T = RequestType
MEANWHILE = {T.RESTRICTION: Aim(ground="claims"), T.RECTIFICATION: Aim(meanwhile=True)}
REFUSED = {T.RESTRICTION: "gdpr_18_1", T.RECTIFICATION: "gdpr_16"}


@pytest.fixture(scope="module")
def shop() -> DataMap:
    return telling_map()  # the carrier is written to; the printer and the mailer are told by staff


def waiting(kind: RequestType, shop: DataMap) -> tuple[Play, PrivacyRequest]:
    """Verified and stopped, before staff have decided anything."""
    play = Play(
        types=(kind,), data_map=shop, aim=MEANWHILE[kind], corrections=(NAME,) if kind is T.RECTIFICATION else ()
    )
    fill(play)
    play._person()
    play.pass_time(timedelta(minutes=5))
    case = play.only_case()
    assert case.status is Status.AWAITING_REVIEW
    return play, case


def printed(play: Play, letter: Letter) -> list[dict[str, object]]:
    return [dict(each.values) for each in play.press.printed if each.letter is letter]


def asked(play: Play) -> dict[str, tuple[str, NoticeState]]:
    return {each.recipient: (each.asks, each.state) for each in play.notices.of(play.only_case().request_id)}


@pytest.mark.parametrize("kind", list(MEANWHILE))
def test_they_hear_before_anybody_decides(kind: RequestType, shop: DataMap) -> None:
    play, case = waiting(kind, shop)
    assert asked(play) == {
        "carrier": ("restrict_meanwhile", NoticeState.SENT),
        "mailer": ("restrict_meanwhile", NoticeState.TO_DO),
        "printer": ("restrict_meanwhile", NoticeState.TO_DO),
    }
    (mail,) = printed(play, Letter.RECIPIENT_NOTICE)
    assert (mail["action"].name, mail["follows"]) == ("action.restrict_meanwhile", None)  # type: ignore[attr-defined]
    by_hand = printed(play, Letter.STAFF_RECIPIENT)
    assert [each["recipient"] for each in by_hand] == [shop.recipients[name].label for name in ("mailer", "printer")]
    told = play.history(case)
    assert told.index("use_stopped") < told.index("recipients_named") < told.index("review_requested")
    line = play.staff.list_open(HANDLER, 10, None).items[0]
    assert line.recipients_to_see_to == 2, "those whom staff tell"


def test_what_stands_is_told_once(shop: DataMap) -> None:
    play, case = waiting(T.RESTRICTION, shop)
    before = {each.recipient: each.notice_id for each in play.notices.of(case.request_id)}
    play.notice_answers().take(before["carrier"], NoticeState.DONE)
    play.until_all_is_done()
    closed = play.only_case()
    assert closed.outcome is Outcome.FULFILLED
    assert {each.recipient: each.notice_id for each in play.notices.of(case.request_id)} == before
    assert not any(line.meanwhile for line in closed.notices.values())
    assert len(printed(play, Letter.RECIPIENT_NOTICE)) == 1
    assert printed(play, Letter.RECIPIENT_LIFTING) == []
    (answer,) = printed(play, Letter.RESTRICTION_ANSWER)
    assert answer["recipients"] == [recipient.label for recipient in shop.recipients.values()]


@pytest.mark.parametrize("kind", list(MEANWHILE))
@pytest.mark.parametrize("obeyed", [True, False])
def test_a_refusal_ends_it_for_those_who_know(kind: RequestType, obeyed: bool, shop: DataMap) -> None:
    play, case = waiting(kind, shop)
    notice = play.notices.get(case.request_id, "carrier")
    if obeyed:
        play.notice_answers().take(notice.notice_id, NoticeState.DONE)
        play.staff_notices().note(HANDLER, case.reference, play.only_case().version, "printer", NoticeState.DONE)
    play.refuse(play.only_case(), ground=REFUSED[kind])
    play.until_all_is_done()
    closed = play.only_case()
    assert closed.outcome is Outcome.REFUSED
    assert closed.use is not None
    (mail,) = printed(play, Letter.RECIPIENT_LIFTING)
    assert (mail["our_reference"], mail["lifted_on"]) == (notice.reference, closed.use.lifted_at)
    assert not mail["stands"]
    (person,) = printed(play, Letter.RESTRICTION_LIFTING)
    assert person["lifted_on"] == mail["lifted_on"], "they hear what the person heard"
    mailer, printer = (shop.recipients[name].label for name in ("mailer", "printer"))
    (staff,) = printed(play, Letter.STAFF_LIFTING)
    assert staff["recipients_by_hand"] == ([printer] if obeyed else [])
    assert staff["recipients_not_to_tell"] == ([mailer] if obeyed else [mailer, printer]), "they never heard of it"
    assert closed.recipients_left == ()
    for each in play.notices.of(case.request_id):
        assert each.identifiers == {}


def test_who_takes_a_request_back_frees_them_too(shop: DataMap) -> None:
    play, case = waiting(T.RESTRICTION, shop)
    play.withdraw(case)
    play.until_all_is_done()
    closed = play.only_case()
    assert closed.outcome is Outcome.WITHDRAWN
    (mail,) = printed(play, Letter.RECIPIENT_LIFTING)
    assert closed.use is not None
    assert mail["lifted_on"] == closed.use.lifted_at
    assert closed.recipients_left == ()
    history = play.history(closed)
    assert history.index("withdrawn") < history.index("recipient_overtaken") < history.index("use_settled")


def test_a_correction_takes_the_place_of_what_was_asked_meanwhile(shop: DataMap) -> None:
    play, case = waiting(T.RECTIFICATION, shop)
    first = play.notices.get(case.request_id, "carrier")
    play.until_all_is_done()
    closed = play.only_case()
    assert asked(play) == {
        "carrier": ("correct", NoticeState.DONE),
        "mailer": ("restrict_meanwhile", NoticeState.TO_DO),
        "printer": ("correct", NoticeState.DONE),
    }
    then = play.notices.get(case.request_id, "carrier")
    assert then.notice_id != first.notice_id
    assert then.follows is not None
    assert then.follows.reference == first.reference
    assert play.notices.get(case.request_id, "printer").follows is None, "nobody had told them before"
    restrict, correct = printed(play, Letter.RECIPIENT_NOTICE)
    assert (restrict["our_reference"], correct["follows"]) == (first.reference, first.reference)
    (mail,) = printed(play, Letter.RECIPIENT_LIFTING)
    assert (mail["our_reference"], mail["stands"]) == (first.reference, then.reference)
    assert closed.use is not None
    assert mail["lifted_on"] == closed.use.lifted_at
    letters = evidence_letters(closed, play.cases.letters(case.request_id), play.notices.of(case.request_id))
    named = [each.recipient for each in letters if each.to == "recipient"]
    assert named == ["carrier"] * 3, "the evidence says so of the first as well"
    (answer,) = printed(play, Letter.RECTIFICATION_ANSWER)
    assert answer["recipients"] == [shop.recipients[name].label for name in ("carrier", "printer")]


def test_the_watch_wakes_for_those_who_hear_of_the_decision(shop: DataMap) -> None:
    """Nobody wakes it when they are told: else it would sleep until staff are to be reminded."""
    play, case = waiting(T.RECTIFICATION, shop)
    for name in case.notices:
        now = play.only_case()
        play.staff_notices().note(HANDLER, now.reference, now.version, name, NoticeState.DONE)
    now = play.only_case()
    assert now.recipients_left == ()
    later = now.due.model_copy(update={"target_on": now.due.target_on + timedelta(days=60)})
    wakes_at = next_look_at(now.model_copy(update={"due": later}), now=play.clock(), zone=play.merchant.timezone)
    assert wakes_at - play.clock() < timedelta(days=8)


def test_who_had_nothing_of_what_was_corrected_hears_that_it_ends(shop: DataMap) -> None:
    play, case = waiting(T.RECTIFICATION, shop)
    play.staff_notices().note(HANDLER, case.reference, case.version, "mailer", NoticeState.DONE)
    play.until_all_is_done()
    (staff,) = printed(play, Letter.STAFF_LIFTING)
    assert staff["recipients_by_hand"] == [shop.recipients["mailer"].label]


def test_the_page_of_what_was_replaced_says_so_and_takes_nothing(shop: DataMap) -> None:
    play, case = waiting(T.RECTIFICATION, shop)
    first = play.notices.get(case.request_id, "carrier")
    page = play.notice_pages()
    link = notice_token(play.keys.key(TOKEN_PURPOSE), first.notice_id)
    assert page.view(link).asks == "restrict_meanwhile"
    play.until_all_is_done()
    with pytest.raises(GoneError, match="notice_replaced"):
        page.view(link)
    with pytest.raises(GoneError, match="notice_replaced"):
        page.answer(link, NoticeState.DONE, None)


def test_while_a_mandate_is_not_accepted_nobody_outside_hears(shop: DataMap) -> None:
    play = Play(types=(T.RESTRICTION,), data_map=shop, aim=MEANWHILE[T.RESTRICTION])
    fill(play)
    proxy = Agent(role=AgentRole.PROXY, name="Robin Clarke", email="clarke@law.example", mandate="A letter of 3 May.")
    play.submit(types=play.types, aim=play.aim, agent=proxy)
    play.pass_time(timedelta(minutes=1))
    play._person()
    play.pass_time(timedelta(hours=4))
    case = play.only_case()
    assert case.use is not None, "it is stopped all the same"
    assert case.notices == {}
    assert printed(play, Letter.RECIPIENT_NOTICE) == []


def test_started_again_nobody_hears_twice(shop: DataMap) -> None:
    play, case = waiting(T.RESTRICTION, shop)
    history = play.history(case)
    assert play.telling().tell_meanwhile(case.request_id) == 3
    assert play.history(play.only_case()) == history
    play.until_all_is_done()
    assert len(printed(play, Letter.RECIPIENT_NOTICE)) == 1


def calls_that_tell(shop: DataMap) -> list[str]:
    """All calls to stores and mail of such a correction."""
    play, _ = waiting(T.RECTIFICATION, shop)
    play.until_all_is_done()
    return play.faults.calls


@pytest.mark.parametrize("how", list(How))
def test_whatever_fails_each_mail_goes_out_once(how: How, shop: DataMap) -> None:
    """The first notice, the one that follows, and the letter of the end."""
    calls = calls_that_tell(shop)
    first, last = calls.index("notices.add") - 1, max(at for at, call in enumerate(calls) if call == "notices.save")
    telling = [at for at in range(first, last + 1) if calls[at] in ("notices.add", "notices.save", "mailer.send")]
    for at in telling:
        play = Play(types=(T.RECTIFICATION,), data_map=shop, aim=MEANWHILE[T.RECTIFICATION], corrections=(NAME,))
        fill(play)
        play.faults.fail(at, how)
        play.until_all_is_done()
        # Who died between sending and saying so has sent it for all that anybody knows: it always comes. Who could not
        # be reached before all was decided hears of the decision alone.
        nobody_knows = play.faults.calls[at] == "mailer.send"
        sent = sum(mail.to == CARRIER for mail in play.mailer.outbox)
        assert sent in ((1, 2, 3, 4) if nobody_knows else (3,)), (at, play.faults.calls[at])
        assert play.only_case().outcome is Outcome.FULFILLED
        assert play.only_case().recipients_left == ()


def test_whose_facts_never_come_is_told_that_it_ends_and_so_are_they(shop: DataMap) -> None:
    """A new address wants facts before it is written (abuse case 13): nothing stays stopped without a decision."""
    play = Play(types=(T.RECTIFICATION,), data_map=shop, aim=MEANWHILE[T.RECTIFICATION], corrections=(MAILBOX,))
    fill(play)
    play.until_all_is_done()
    closed = play.only_case()
    assert closed.outcome is Outcome.NOT_IDENTIFIED
    assert closed.use is not None
    (person,) = printed(play, Letter.RESTRICTION_LIFTING)
    assert person["reason"].name == "lifting.not_identified"  # type: ignore[attr-defined]
    (mail,) = printed(play, Letter.RECIPIENT_LIFTING)
    assert mail["lifted_on"] == person["lifted_on"] == closed.use.lifted_at
    assert closed.recipients_left == ()


# Both at once: a stop for good, and one that is weighed


def both_at_once() -> tuple[Play, PrivacyRequest]:
    """An objection to everything, for nobody said to what: advertising at once and for good, scores until weighed."""
    play = Play(types=(T.OBJECTION,), data_map=told_map())
    play._person()
    play.pass_time(timedelta(minutes=5))
    return play, play.only_case()


def left_of(play: Play) -> dict[str, tuple[bool, bool, tuple[str, ...]]]:
    """Of each notice: whether it is for the time being, whether it is settled, and for which purposes."""
    notices = play.notices.of(play.only_case().request_id)
    return {each.recipient: (each.meanwhile, each.is_settled, each.purposes) for each in notices}


def lifted_for(play: Play) -> dict[str, list[str]]:
    """Whom a mail has told that it ends -> what stays stopped all the same."""
    by_reference = {each.reference: each.recipient for each in play.notices.of(play.only_case().request_id)}
    return {
        by_reference[str(mail["our_reference"])]: [label.en for label in mail["still_stopped"]]  # type: ignore[attr-defined]
        for mail in printed(play, Letter.RECIPIENT_LIFTING)
    }


def test_only_what_is_weighed_is_for_the_time_being() -> None:
    play, _ = both_at_once()
    assert left_of(play) == {BOTH: (True, False, ()), ADVERTISING: (False, False, ()), WEIGHED: (True, False, ())}


@pytest.mark.parametrize("ends", ["refused", "taken back"])
def test_what_no_decision_ends_holds_on_and_they_hear_so(ends: str) -> None:
    play, case = both_at_once()
    if ends == "refused":
        play.use_stopper().lift(case.request_id)
    else:
        play.withdraw(case)
        play.pass_time(timedelta(hours=2))
    assert left_of(play) == {
        BOTH: (False, False, ("offers",)),
        ADVERTISING: (False, False, ()),
        WEIGHED: (True, True, ()),
    }
    assert lifted_for(play) == {BOTH: [told_map().purposes["offers"].label.en], WEIGHED: []}
    first = left_of(play), len(play.mailer.outbox)
    play.lifting_teller().tell(
        play.only_case(), lifted_at=play.clock(), actor="system", decided=False
    )  # run again, it changes nothing
    assert (left_of(play), len(play.mailer.outbox)) == first


def test_what_was_stopped_for_good_is_seen_to_after_a_case_has_ended_otherwise() -> None:
    """Taken back, an objection to advertising holds on: whoever was told of it has still to do it."""
    play, case = both_at_once()
    play.withdraw(case)
    play.until_all_is_done()
    closed = play.only_case()
    assert (closed.outcome, closed.recipients_left) == (Outcome.WITHDRAWN, (BOTH, ADVERTISING))
    (line,) = play.staff.list_open(HANDLER, 10, None).items
    assert line.recipients_to_see_to == 2
    assert next_step(closed, held=False, barred=None) == "see_to_recipients"
    play.notice_answers().take(play.notices.get(closed.request_id, BOTH).notice_id, NoticeState.DONE)
    now = play.only_case()
    play.staff_notices().note(HANDLER, now.reference, now.version, ADVERTISING, NoticeState.DONE)
    assert play.only_case().recipients_left == ()
    assert play.staff.list_open(HANDLER, 10, None).items == ()
    with pytest.raises(CaseClosedError):
        play.staff_notices().note(HANDLER, closed.reference, play.only_case().version, BOTH, NoticeState.DONE)


def test_those_who_know_numbers_alone_hear_at_once_also_where_data_have_to_go_by_a_plan() -> None:
    """The manifest of a plan says by which numbers somebody was known, and is not there yet."""
    shop = told_map(knows=("order_id",))
    play = Play(types=(T.OBJECTION,), data_map=shop, aim=Aim(objects_to="marketing"))
    play.reader.rows[("shop/members", "email", JANE)][0].update(offers="weekly")
    play._person()
    play.pass_time(timedelta(minutes=5))
    case = play.only_case()
    assert case.erasure is not None, "what advertising alone held goes by a plan"
    assert case.erasure.approval is None
    assert asked(play) == {ADVERTISING: ("stop_use", NoticeState.SENT), BOTH: ("stop_use", NoticeState.SENT)}


def test_what_was_granted_beside_a_plan_is_not_said_to_end() -> None:
    """Fields that advertising alone held went; the orders, by whose numbers recipients know the person, are there."""
    play = Play(types=(T.OBJECTION,), data_map=told_map(knows=("order_id",)))
    play.reader.rows[("shop/members", "email", JANE)][0].update(offers="weekly", score=7)
    play.until_all_is_done()
    case = play.only_case()
    assert case.erasure is not None
    assert case.erasure.certificate is not None
    assert case.outcome is Outcome.FULFILLED
    assert left_of(play) == dict.fromkeys((BOTH, ADVERTISING, WEIGHED), (False, True, ()))
    assert len(printed(play, Letter.RECIPIENT_NOTICE)) == 3, "each was written to once"
    assert printed(play, Letter.RECIPIENT_LIFTING) == []
