"""Mails to many that came back, or were called spam: nobody is reminded, nobody counts as told, and the list stops."""

# serves: P-03, P-11, P-12

import pytest

from rightsdesk.domain.campaign import Returned
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.fields import Introduced, Purpose
from rightsdesk.domain.letters import DeliveryState, OutgoingMail
from rightsdesk.domain.permission import Reason
from rightsdesk.ports.campaigns import Member
from tests.support.consents import DATA_MAP, HANA, ConsentRoom
from tests.support.fakes import How, ProcessDiedError

TARO = "taro@example.jp"
BOUNCED, COMPLAINED, FAILED = DeliveryState.BOUNCED, DeliveryState.COMPLAINED, DeliveryState.FAILED


def asked(*emails: str, purpose: str = "surveys", room: ConsentRoom | None = None) -> ConsentRoom:
    room = room or ConsentRoom()
    room.members.members = [Member(email=email, language="ja") for email in emails or (HANA, TARO)]
    room.campaign_desk().start(purpose, text_version=None, per_day=100)
    room.run_campaigns()
    return room


def to(room: ConsentRoom, email: str) -> list[OutgoingMail]:
    return [mail for mail in room.mailer.outbox if mail.to == email]


def returned(room: ConsentRoom) -> Returned:
    (campaign,) = room.campaign_desk().all()
    return room.campaign_desk().returned(campaign.id)


@pytest.mark.parametrize("state", [BOUNCED, FAILED])
def test_p11_a_mailbox_that_takes_no_mail_gets_no_reminder_and_is_counted_once(state: DeliveryState) -> None:
    room = asked()
    for _ in range(2):
        room.news(to(room, HANA)[0], state)
    room.advance(days=15)
    room.run_campaigns()
    assert (len(to(room, HANA)), len(to(room, TARO))) == (1, 2)
    assert returned(room) == Returned.model_validate({state.value: 1})
    assert room.ask(HANA, "surveys").reason is Reason.NO_CONSENT, "a mailbox that is full says nothing of a consent"
    assert room.ledger(HANA) == ()


def test_what_may_pass_and_what_arrived_changes_nothing() -> None:
    room = asked()
    room.news(to(room, HANA)[0], BOUNCED, permanent=False)
    room.news(to(room, HANA)[0], DeliveryState.DELIVERED)
    room.advance(days=15)
    room.run_campaigns()
    assert len(to(room, HANA)) == 2
    assert returned(room) == Returned()


def test_p11_who_calls_it_spam_is_asked_no_more_and_the_ledger_says_how() -> None:
    room = asked()
    room.news(to(room, HANA)[0], COMPLAINED)
    room.news(to(room, HANA)[0], COMPLAINED)
    assert room.ask(HANA, "surveys").reason is Reason.UNSUBSCRIBED
    (entry,) = room.ledger(HANA)
    assert (entry.state, entry.channel, entry.purpose) == ("withdrawn", "complaint", "surveys")
    assert returned(room) == Returned(complained=1)
    room.advance(days=15)
    room.run_campaigns()
    assert len(to(room, HANA)) == 1
    room.advance(days=366)
    assert to(asked(room=room), HANA)[1:] == [], "nor by the next campaign"


def test_who_agreed_and_then_calls_it_spam_takes_it_back_and_an_old_report_takes_nothing_back() -> None:
    room = ConsentRoom()
    room.sign_up()
    (confirmation,) = to(room, HANA)
    room.advance(minutes=1)
    before = room.now
    room.news(confirmation, COMPLAINED)
    assert not room.may()
    assert room.said() == ["given:newsletter", "withdrawn:newsletter"]
    room.advance(days=1)
    room.sign_up()
    after = room.now
    room.now = before
    room.news(confirmation, COMPLAINED)
    room.now = after
    assert room.may(), "the news comes again, and they have signed up since"


def test_p03_a_confirmation_that_nobody_asked_for_and_that_is_called_spam_stops_the_list() -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    room.news(room.mail(), BOUNCED)
    assert room.standing() is None, "nothing is kept of an address that takes no mail"
    room.news(room.mail(), COMPLAINED)
    assert room.ask().reason is Reason.UNSUBSCRIBED


def telling() -> ConsentRoom:
    repairs = Purpose.model_validate(
        {
            "clause": "P-02",
            "basis": "legitimate_interests",
            "introduced": Introduced(by="notice", days=30),
            "label": {"en": "To offer repairs", "ja": "修理のご案内"},
        }
    )
    data_map = DATA_MAP.model_copy(update={"purposes": {**DATA_MAP.purposes, "repairs": repairs}})
    return ConsentRoom(data_map=data_map)


def test_p12_who_was_told_by_a_mail_that_came_back_was_not_told() -> None:
    room = asked(purpose="repairs", room=telling())
    room.advance(minutes=1)
    for _ in range(2):
        room.news(to(room, HANA)[0], BOUNCED)
    room.advance(days=31)
    assert [room.ask(email, "repairs").reason for email in (HANA, TARO)] == [Reason.NOT_TOLD, Reason.BASIS]
    assert returned(room) == Returned(bounced=1)


def test_p12_the_notice_of_a_purpose_is_no_list_and_spam_is_no_objection() -> None:
    room = asked(HANA, purpose="repairs", room=telling())
    room.news(to(room, HANA)[0], COMPLAINED)
    room.advance(days=31)
    assert room.ask(HANA, "repairs").reason is Reason.BASIS
    assert returned(room) == Returned(complained=1)


def test_p12_news_that_is_there_before_the_telling_is_noted_counts_as_well() -> None:
    room = telling()
    room.faults.before("permissions.save", lambda: room.news(to(room, HANA)[0], BOUNCED))
    asked(HANA, purpose="repairs", room=room)
    room.advance(days=31)
    assert room.ask(HANA, "repairs").reason is Reason.NOT_TOLD


def test_p12_an_old_return_takes_back_no_later_telling() -> None:
    room = asked(HANA, purpose="repairs", room=telling())
    (first,) = to(room, HANA)
    room.advance(minutes=1)
    before = room.now
    room.news(first, BOUNCED)
    room.advance(days=1)
    room.run_campaigns()
    asked(HANA, purpose="repairs", room=room)
    after = room.now
    room.now = before
    room.news(first, BOUNCED)
    room.now = after
    room.advance(days=31)
    assert len(to(room, HANA)) == 2
    assert room.ask(HANA, "repairs").reason is Reason.BASIS


@pytest.mark.parametrize("state", [BOUNCED, COMPLAINED])
@pytest.mark.parametrize("how", list(How))
@pytest.mark.parametrize("call", range(4))
def test_whatever_fails_the_news_comes_again_and_ends_the_same(state: DeliveryState, how: How, call: int) -> None:
    purpose, room = ("repairs", telling()) if state is BOUNCED else ("surveys", ConsentRoom())
    asked(purpose=purpose, room=room)
    room.advance(minutes=1)
    room.faults.fail(len(room.faults.calls) + call, how)
    with pytest.raises((ServiceUnavailableError, ProcessDiedError)):
        room.news(to(room, HANA)[0], state)
    room.news(to(room, HANA)[0], state)
    room.advance(days=31)
    expected = Reason.NOT_TOLD if state is BOUNCED else Reason.UNSUBSCRIBED
    assert room.ask(HANA, purpose).reason is expected
    assert returned(room) == Returned.model_validate({state.value: 1})


def test_news_of_a_campaign_that_is_not_there_is_passed_over() -> None:
    room = asked()
    (mail,) = to(room, HANA)
    room.news(mail.model_copy(update={"tags": mail.tags | {"request": "0" * 16}}), COMPLAINED)
    assert room.standing() is None
    assert returned(room) == Returned()
