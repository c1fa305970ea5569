"""Campaigns: who is asked, how fast, once and once more; silence is nothing, a no is remembered, a stop holds."""

import re
from contextlib import suppress
from typing import Any

import pytest

from rightsdesk.domain.campaign import Campaign, CampaignPhase
from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.consent_text import ConsentTexts
from rightsdesk.domain.errors import ConflictError, InvalidInputError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.fields import Basis, Introduced, Label, Purpose
from rightsdesk.domain.permission import Reason, Stop, StopKind
from rightsdesk.ports.campaigns import Member
from rightsdesk.ports.permissions import change_standings
from tests.support.consents import DATA_MAP, ORIGIN, ConsentRoom
from tests.support.fakes import How, ProcessDiedError

PURPOSE = "surveys"


def members(count: int) -> list[Member]:
    return [Member(email=f"member{n}@example.jp", language="ja" if n % 2 else "en") for n in range(count)]


def a_room(count: int = 10, **how: Any) -> ConsentRoom:
    room = ConsentRoom(**how)
    room.members.members = members(count)
    return room


def start(room: ConsentRoom, per_day: int = 100, purpose: str = PURPOSE) -> Campaign:
    return room.campaign_desk().start(purpose, text_version=None, per_day=per_day)


def run_for(room: ConsentRoom, days: int) -> None:
    for _ in range(days):
        room.run_campaigns()
        room.advance(days=1)


def mailed(room: ConsentRoom) -> list[str]:
    return [mail.to for mail in room.mailer.outbox]


def stop(room: ConsentRoom, address: str, kind: StopKind, *purposes: str) -> None:
    made = Stop(id=f"c:{kind}", kind=kind, purposes=purposes, rule="GDPR-21-3", since=room.now)
    change_standings(room.permissions, [room.digest(address)], lambda standing: standing.with_stop(made))


def question(room: ConsentRoom, address: str) -> str:
    """The token of the newest question to an address."""
    mail = next(mail for mail in reversed(room.mailer.outbox) if mail.to == address)
    found: list[str] = re.findall(rf"{ORIGIN}/(?:en|ja)/consent/([a-z2-7]+)", mail.text)
    return found[0]


def test_p11_members_are_asked_at_the_pace_that_was_set_and_each_once() -> None:
    room = a_room(100)
    start(room, per_day=30)
    for day in range(1, 5):
        room.run_campaigns()
        room.run_campaigns()  # the schedule calls twice
        assert len(room.mailer.outbox) == min(30 * day, 100)
        room.advance(days=1)
    run_for(room, 10)
    assert sorted(mailed(room)) == sorted(member.email for member in room.members.members)


def test_p11_each_mail_says_how_it_is_stopped_and_comes_in_the_language_of_the_member() -> None:
    room = a_room(2)
    start(room)
    room.run_campaigns()
    english, japanese = room.mailer.outbox
    assert "May we ask for your consent?" in english.subject
    assert "同意についてのお願い" in japanese.subject
    assert english.unsubscribe == f"{ORIGIN}/u/{room.list_token('member0@example.jp', PURPOSE)}"


def test_p11_silence_is_reminded_of_once_and_is_no_consent() -> None:
    room = a_room(5)
    started = start(room)
    run_for(room, 70)
    assert len(room.mailer.outbox) == 10
    assert [mail.to for mail in room.mailer.outbox[:5]] == [mail.to for mail in room.mailer.outbox[5:]]
    assert "once more" in room.mailer.outbox[5].text
    ended = room.campaigns.campaigns[started.id]
    assert (ended.phase, ended.mailed, ended.reminded) == (CampaignPhase.DONE, 5, 5)
    for member in room.members.members:
        assert not room.may(member.email, PURPOSE)
        assert room.standing(member.email) is None


def test_p11_no_reminder_comes_before_two_weeks() -> None:
    room = a_room(3)
    start(room)
    run_for(room, 14)
    assert len(room.mailer.outbox) == 3
    run_for(room, 2)
    assert len(room.mailer.outbox) == 6


def test_p11_who_is_reminded_before_another_is_due_counts_once_and_on_the_day_of_the_mail() -> None:
    room = a_room(12)
    started = start(room, per_day=10)
    run_for(room, 14)  # ten are asked on the first day, and two on the second
    del room.members.members[0]
    room.run_campaigns()  # nine are due, and stand on one page with the tenth
    campaign = room.campaigns.campaigns[started.id]
    assert (campaign.phase, campaign.reminded, campaign.sent_in_day) == (CampaignPhase.REMINDING, 9, 9)
    room.advance(days=1)
    run_for(room, 3)
    campaign = room.campaigns.campaigns[started.id]
    assert (campaign.phase, campaign.mailed, campaign.reminded) == (CampaignPhase.DONE, 12, 11)
    assert campaign.passed_over == 0


def test_p11_a_closed_question_is_told_so_where_there_is_no_newsletter() -> None:
    room = a_room(1)
    start(room)
    room.run_campaigns()
    room.texts = ConsentTexts({PURPOSE: room.texts.root[PURPOSE]})
    room.advance(days=90)
    page = room.get(f"/en/consent/{question(room, 'member0@example.jp')}")
    assert page.status == 410
    assert "/en/newsletter" not in page.body


def test_p11_words_that_are_gone_since_claim_nobody_and_stop_no_other_campaign() -> None:
    room = with_new_purpose()
    room.members.members = members(2)
    start(room, purpose="repairs")
    room.advance(minutes=1)
    start(room)
    kept, room.texts = room.texts, ConsentTexts({})
    with pytest.raises(NotFoundError):
        room.run_campaigns()
    told = [member.email for member in room.members.members]
    assert mailed(room) == told
    room.texts = kept
    room.run_campaigns()
    assert mailed(room) == told * 2


def test_p11_a_yes_is_on_record_a_no_is_remembered_and_neither_is_asked_again() -> None:
    room = a_room(3)
    start(room)
    room.run_campaigns()
    yes, no, silent = (member.email for member in room.members.members)
    assert room.post(f"/en/consent/{question(room, yes)}", {"answer": "yes"}).status == 200
    assert room.post(f"/ja/consent/{question(room, no)}", {"answer": "no"}).status == 200
    assert room.may(yes, PURPOSE)
    assert (room.said(yes), room.said(no)) == ([f"given:{PURPOSE}"], [f"refused:{PURPOSE}"])
    assert room.ledger(yes)[0].channel is ConsentChannel.CAMPAIGN
    run_for(room, 30)
    assert mailed(room)[3:] == [silent]
    room.advance(days=400)  # a year later another campaign asks: the one who said nothing, not the one who said no
    start(room)
    room.run_campaigns()
    assert mailed(room)[4:] == [silent]


def test_p11_who_said_nothing_is_left_alone_for_a_year() -> None:
    room = a_room(2)
    start(room)
    run_for(room, 20)
    asked = len(room.mailer.outbox)
    start(room)
    run_for(room, 20)
    assert len(room.mailer.outbox) == asked


@pytest.mark.parametrize(
    ("kind", "purposes"),
    [
        (StopKind.WITHDRAWN, (PURPOSE,)),
        (StopKind.UNSUBSCRIBED, (PURPOSE,)),
        (StopKind.OBJECTED, (PURPOSE,)),
        (StopKind.RESTRICTED, ("promotion",)),
        (StopKind.RESTRICTED, ()),
        (StopKind.ERASED, ()),
    ],
)
def test_p11_whoever_stopped_anything_of_it_is_not_asked(kind: StopKind, purposes: tuple[str, ...]) -> None:
    room = a_room(2)
    stop(room, "member0@example.jp", kind, *purposes)
    start(room)
    run_for(room, 20)
    assert set(mailed(room)) == {"member1@example.jp"}


def test_p11_an_objection_to_marketing_bars_a_question_for_marketing() -> None:
    room = a_room(2)
    stop(room, "member0@example.jp", StopKind.OBJECTED, "promotion")
    start(room, purpose="newsletter")
    run_for(room, 20)
    assert set(mailed(room)) == {"member1@example.jp"}


def test_p11_a_withdrawal_during_the_campaign_holds_between_question_and_reminder_and_at_the_last_moment() -> None:
    room = a_room(40)
    start(room, per_day=10)
    run_for(room, 2)  # 20 of 40 are asked
    stopped = ["member3@example.jp", "member33@example.jp"]  # one was asked, one not yet
    for address in stopped:
        room.one_click(room.list_token(address, PURPOSE))
    room.faults.before("campaigns.ask", lambda: room.one_click(room.list_token("member20@example.jp", PURPOSE)))
    run_for(room, 30)
    sent = mailed(room)
    assert sent.count("member3@example.jp") == 1
    assert not {"member33@example.jp", "member20@example.jp"} & set(sent), "read once more, right before the mail"
    assert len(sent) == 2 * 37 + 1
    token = question(room, "member3@example.jp")
    assert room.post(f"/en/consent/{token}", {"answer": "yes"}).status == 410
    assert not room.may("member3@example.jp", PURPOSE)


def test_p11_yes_and_then_no_on_the_same_page_is_a_withdrawal() -> None:
    room = a_room(1)
    start(room)
    room.run_campaigns()
    path = f"/en/consent/{question(room, 'member0@example.jp')}"
    for answer in ("yes", "no", "no"):
        room.advance(minutes=1)
        assert room.post(path, {"answer": answer}).status == 200
    assert not room.may("member0@example.jp", PURPOSE)
    assert room.said("member0@example.jp") == [f"given:{PURPOSE}", f"refused:{PURPOSE}", f"withdrawn:{PURPOSE}"]


@pytest.mark.parametrize("how", list(How))
def test_p11_a_run_that_fails_or_dies_at_any_call_asks_nobody_twice_and_forgets_nobody(how: How) -> None:
    calls = 0
    while True:
        room = a_room(3)
        start(room)
        room.faults.fail(len(room.faults.calls) + calls, how)
        with suppress(ServiceUnavailableError, ProcessDiedError):
            room.run_campaigns()
        if not room.faults.happened:
            break
        run_for(room, 13)
        asked = [mailed(room).count(member.email) for member in room.members.members]
        # Where the answer of the mail service is lost, nobody can know that the mail went out.
        assert max(asked) == 1 or (how is How.ANSWER_LOST and sum(asked) == 4)
        assert how is not How.UNAVAILABLE or min(asked) == 1
        run_for(room, 3)
        assert all(mailed(room).count(member.email) in (1, 2, 3) for member in room.members.members)
        calls += 1
    assert calls > 10


def test_p11_a_mailbox_that_takes_no_mail_stops_nobody_else() -> None:
    room = a_room(3)
    room.mailer.rejects = {"member0@example.jp"}
    room.members.members.insert(1, Member(email="no address", language="en"))
    started = start(room)
    room.run_campaigns()
    assert mailed(room) == ["member1@example.jp", "member2@example.jp"]
    assert room.campaigns.campaigns[started.id].passed_over == 2


def test_staff_stop_a_campaign_and_nobody_more_is_mailed() -> None:
    room = a_room(10)
    started = start(room, per_day=4)
    room.run_campaigns()
    desk = room.campaign_desk()
    assert desk.stop(started.id).phase is CampaignPhase.STOPPED
    run_for(room, 30)
    assert len(room.mailer.outbox) == 4
    with pytest.raises(ConflictError):
        desk.stop(started.id)
    with pytest.raises(NotFoundError):
        desk.stop("nobody")


def test_stopped_during_a_run_the_run_ends_with_its_page() -> None:
    room = a_room(100)
    started = start(room, per_day=100)
    room.faults.before("campaigns.save", lambda: room.campaign_desk().stop(started.id))
    room.run_campaigns()
    assert len(room.mailer.outbox) == 25
    assert room.campaigns.campaigns[started.id].phase is CampaignPhase.STOPPED


@pytest.mark.parametrize(
    ("purpose", "text_version", "per_day", "field", "reason"),
    [
        ("world_peace", None, 10, "purpose", "unknown"),
        ("service", None, 10, "purpose", "neither_asked_nor_told"),
        (PURPOSE, "1999-01", 10, "text_version", "unknown"),
        (PURPOSE, None, 0, "per_day", "out_of_range"),
        (PURPOSE, None, 5001, "per_day", "out_of_range"),
    ],
)
def test_what_can_not_be_started_is_said(
    purpose: str, text_version: str | None, per_day: int, field: str, reason: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        a_room().campaign_desk().start(purpose, text_version=text_version, per_day=per_day)
    assert [(problem.field, problem.reason) for problem in refused.value.problems] == [(field, reason)]


def test_two_campaigns_for_one_purpose_do_not_run_side_by_side() -> None:
    room = a_room()
    start(room)
    with pytest.raises(ConflictError):
        start(room)
    start(room, purpose="newsletter")


# A new purpose (P-12)


def with_new_purpose(days: int = 30) -> ConsentRoom:
    repairs = Purpose(
        clause="P-02",
        label=Label(en="To tell you of repairs near you", ja="修理サービスのご案内"),
        basis=Basis.LEGITIMATE_INTERESTS,
        introduced=Introduced(by="notice", days=days),
    )
    data_map = DATA_MAP.model_copy(update={"purposes": DATA_MAP.purposes | {"repairs": repairs}})
    return a_room(3, data_map=data_map)


def test_p12_a_new_purpose_is_unknown_until_each_member_was_told_and_the_days_have_passed() -> None:
    room = with_new_purpose()
    first = room.members.members[0].email
    assert room.ask(first, "repairs").reason is Reason.NOT_TOLD
    started = start(room, per_day=2, purpose="repairs")
    run_for(room, 2)
    assert sorted(mailed(room)) == sorted(member.email for member in room.members.members)
    assert "29 December 2026" in room.mailer.outbox[0].text.replace("\N{NO-BREAK SPACE}", " ")
    assert room.campaigns.campaigns[started.id].phase is CampaignPhase.DONE
    assert room.ask(first, "repairs").reason is Reason.NOT_TOLD, "told, and not long enough ago"
    room.advance(days=30)
    assert room.may(first, "repairs")
    assert room.ask("stranger@example.jp", "repairs").reason is Reason.NOT_TOLD
    room.one_click(room.list_token(first, "repairs"))
    assert room.ask(first, "repairs").reason is Reason.UNSUBSCRIBED
    start(room, purpose="repairs")
    run_for(room, 3)
    assert len(room.mailer.outbox) == 3, "nobody is told twice"


def test_p12_who_could_not_be_told_is_not_used_for_it() -> None:
    room = with_new_purpose(days=0)
    room.mailer.rejects = {"member1@example.jp"}
    stop(room, "member2@example.jp", StopKind.RESTRICTED)
    start(room, purpose="repairs")
    run_for(room, 2)
    room.advance(days=400)
    assert [room.may(member.email, "repairs") for member in room.members.members] == [True, False, False]


@pytest.mark.parametrize(("by", "basis"), [("consent", Basis.CONTRACT), ("notice", Basis.CONSENT)])
def test_p12_a_purpose_is_introduced_as_its_basis_wants(by: str, basis: Basis) -> None:
    with pytest.raises(ValueError, match="introduced by consent"):
        Purpose.model_validate(
            {"clause": "P-02", "label": {"en": "a", "ja": "a"}, "basis": basis, "introduced": {"by": by}}
        )


def test_p12_a_purpose_on_consent_is_a_no_until_there_is_one() -> None:
    room = a_room(1)
    assert room.ask("member0@example.jp", PURPOSE).reason is Reason.NO_CONSENT


def test_the_work_of_a_run_grows_with_what_is_due() -> None:
    room = a_room(1000)
    room.run_campaigns()
    assert room.faults.calls == ["campaigns.all"]
    start(room, per_day=10)
    before = len(room.faults.calls)
    room.run_campaigns()
    assert len(room.faults.calls) - before < 10 * 5
    room.advance(minutes=20)
    before = len(room.faults.calls)
    room.run_campaigns()
    assert room.faults.calls[before:] == ["campaigns.all"], "this day has had its number"
