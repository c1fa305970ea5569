"""The end of a restriction reaches whoever was told of it, and is waited for by nobody (GDPR 18(3), 19)."""

# serves: E-05, E-10, P-10

from contextlib import suppress
from datetime import date, timedelta

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.recipient_notice import TOKEN_PURPOSE, NoticeState, notice_token
from rightsdesk.domain.request import Aim, PrivacyRequest, RequestType
from rightsdesk.services.view_request import view_request
from tests.support.correcting import CARRIER, fill, telling_map
from tests.support.desk import APPROVER
from tests.support.fakes import How, ProcessDiedError
from tests.support.play import Play

WHY = "The claim is settled now."


@pytest.fixture(scope="module")
def shop() -> DataMap:
    return telling_map()  # the carrier is written to; the printer and the mailer are told by staff


def restricted(shop: DataMap, *, obeyed: bool) -> tuple[Play, PrivacyRequest]:
    """A restriction that was granted; recipients have done it, or are silent."""
    play = Play(types=(RequestType.RESTRICTION,), data_map=shop, aim=Aim(ground="claims"))
    fill(play)
    if obeyed:
        play.until_all_is_done()
        return play, play.only_case()
    play.settle_recipients = lambda case: None  # type: ignore[method-assign]
    for _ in range(8):
        play.day()
    case = play.only_case()
    assert case.status is Status.AWAITING_RECIPIENTS
    return play, case


def letters(play: Play, letter: Letter) -> list[dict[str, object]]:
    return [dict(printed.values) for printed in play.press.printed if printed.letter is letter]


def test_whoever_did_it_hears_of_its_end_by_mail_and_the_others_from_staff(shop: DataMap) -> None:
    play, case = restricted(shop, obeyed=True)
    play.lifter().lift(APPROVER, case, case.version, WHY)
    lifted = play.only_case().use
    assert lifted is not None
    told = letters(play, Letter.RECIPIENT_LIFTING)
    by_mail = [notice for notice in play.notices.of(case.request_id) if notice.channel == "mail"]
    assert {values["our_reference"] for values in told} == {notice.reference for notice in by_mail}
    assert {values["lifted_on"] for values in told} == {lifted.lifted_at}
    (staff,) = letters(play, Letter.STAFF_LIFTING)
    assert staff["recipients_by_hand"] == [shop.recipients[name].label for name in ("mailer", "printer")]
    private = ("jane", case.reference, case.request_id, WHY)
    assert not [each for each in private if each in str(told)]


def test_who_is_silent_is_waited_for_no_more_and_reminded_of_nothing(shop: DataMap) -> None:
    play, case = restricted(shop, obeyed=False)
    before = len(letters(play, Letter.RECIPIENT_NOTICE))
    play.lifter().lift(APPROVER, case, case.version, WHY)
    play.pass_time(timedelta(days=40))
    closed = play.only_case()
    assert closed.status is Status.CLOSED
    assert len(letters(play, Letter.RECIPIENT_NOTICE)) == before
    for notice in play.notices.of(case.request_id):
        assert (notice.is_settled, notice.let_rest_by, notice.identifiers) == (True, APPROVER.user_id, {})
        assert notice.state is not NoticeState.DONE, "nobody said so"
    history = play.history(closed)
    assert history.count("recipient_overtaken") == len(closed.notices)
    assert "recipient_let_rest" not in history, "nobody has excused them"


def test_the_person_reads_that_who_was_not_told_is_told_no_more(shop: DataMap) -> None:
    play, case = restricted(shop, obeyed=False)

    def told_no_more() -> set[str]:
        seen = view_request(
            play.session(case),
            cases=play.cases,
            messages=play.messages,
            merchant=play.merchant,
            data_map=lambda: shop,
            recipients=lambda: shop.recipients,
            clock=play.clock,
        )
        ends_on.update({told.who.en: told.ends_on for told in seen.recipients})
        return {told.who.en for told in seen.recipients if told.told_no_more}

    ends_on: dict[str, date | None] = {}
    assert told_no_more() == set()
    assert set(ends_on.values()) == {None}
    play.lifter().lift(APPROVER, case, case.version, WHY)
    assert told_no_more() == {shop.recipients[name].label.en for name in ("mailer", "printer")}
    use = play.only_case().use
    assert use is not None
    assert use.lifted_at is not None
    assert set(ends_on.values()) == {use.lifted_at.astimezone(play.merchant.timezone).date()}


def test_the_page_of_a_recipient_says_until_when_it_holds_also_of_what_was_done(shop: DataMap) -> None:
    play, case = restricted(shop, obeyed=True)
    link = notice_token(play.keys.key(TOKEN_PURPOSE), play.notices.get(case.request_id, "carrier").notice_id)
    assert play.notice_pages().view(link).ends_on is None
    play.lifter().lift(APPROVER, case, case.version, WHY)
    use = play.only_case().use
    assert use is not None
    assert use.lifted_at is not None
    page = play.notice_pages().view(link)
    assert (page.state, page.ends_on) == (NoticeState.DONE, use.lifted_at.astimezone(play.merchant.timezone).date())
    assert play.history(play.only_case()).count("recipient_ended") == 3


def test_who_never_heard_of_it_is_not_told_that_it_ends(shop: DataMap) -> None:
    play, case = restricted(shop, obeyed=False)
    assert not play.notices.get(case.request_id, "printer").is_known
    play.lifter().lift(APPROVER, case, case.version, WHY)
    (staff,) = letters(play, Letter.STAFF_LIFTING)
    assert staff["recipients_by_hand"] == []
    assert staff["recipients_not_to_tell"] == [shop.recipients[name].label for name in ("mailer", "printer")]


def test_who_was_let_rest_before_anybody_told_them_is_for_nobody_to_tell(shop: DataMap) -> None:
    play, case = restricted(shop, obeyed=False)
    rest = play.staff_notices().let_rest
    rest(APPROVER, case.reference, case.version, "printer", NoticeState.DISPROPORTIONATE, WHY)
    case = play.only_case()
    play.lifter().lift(APPROVER, case, case.version, WHY)
    (staff,) = letters(play, Letter.STAFF_LIFTING)
    assert (staff["recipients_by_hand"], staff["recipients_not_to_tell"]) == ([], [shop.recipients["mailer"].label])


def test_a_recipient_whose_mailbox_takes_no_mail_is_for_staff_to_tell(shop: DataMap) -> None:
    play, case = restricted(shop, obeyed=False)
    play.mailer.rejects = {CARRIER}
    play.lifter().lift(APPROVER, case, case.version, WHY)
    (staff,) = letters(play, Letter.STAFF_LIFTING)
    assert staff["recipients_by_hand"] == [shop.recipients["carrier"].label]


@pytest.mark.parametrize("how", [How.UNAVAILABLE, How.DIES_BEFORE])
def test_whatever_fails_the_same_words_again_end_it_once(shop: DataMap, how: How) -> None:
    calls = 0
    while True:
        play, case = restricted(shop, obeyed=False)
        sent = len(play.mailer.outbox)
        play.faults.fail(len(play.faults.calls) + calls, how)
        with suppress(ServiceUnavailableError, ProcessDiedError):
            play.lifter().lift(APPROVER, case, case.version, WHY)
        if not play.faults.happened:
            break
        case = play.only_case()
        if case.use is not None and case.use.can_be_lifted:
            play.clock.advance(timedelta(minutes=10))
            play.lifter().lift(APPROVER, case, case.version, WHY)
        for _ in range(3):
            play.day()
        assert play.only_case().status is Status.CLOSED
        mails = [mail.to for mail in play.mailer.outbox[sent:]]
        assert mails.count(CARRIER) in (1, 2), "whoever dies between sending and saying so sends it once more"
        calls += 1
    assert calls > 10
