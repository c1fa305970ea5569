"""What is verified is stopped before anybody decides; it is settled by the decision, and lifted only after a letter."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.erasure_review import HoldReason
from rightsdesk.domain.errors import ApproverNeededError, ConflictError, InvalidInputError, NothingRestrictedError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import Agent, AgentRole, Aim, PrivacyRequest, RequestType
from rightsdesk.domain.review import allowed_grounds
from rightsdesk.domain.staff import StaffMember
from rightsdesk.domain.use_words import shown_use
from rightsdesk.services.decide_mandate import decide_mandate
from tests.support.desk import APPROVER, HANDLER, Desk
from tests.support.fakes import How
from tests.support.play import Play
from tests.unit.export.package_of_a_shop import datamap

MARKETING = ("newsletter", "catalogue", "promotion")
T = RequestType


@pytest.fixture(scope="module")
def shop() -> DataMap:
    return datamap()


def played(kind: RequestType, shop: DataMap, *, days: int = 0, **given: Any) -> tuple[Play, PrivacyRequest]:
    """A request that ran until all was done, or for some days."""
    aim = given.pop("aim", None)
    play = Play(types=(kind,), data_map=shop, aim=Aim(**aim) if aim else None, **given)
    if days:
        for _ in range(days):
            play.day()
    else:
        play.until_all_is_done()
    return play, play.only_case()


def allowed(play: Desk, case: PrivacyRequest, *purposes: str) -> list[bool]:
    return [play.may(case, purpose).allowed for purpose in purposes]


def waiting(kind: RequestType, shop: DataMap, **aim: Any) -> tuple[Play, PrivacyRequest]:
    """Verified, stopped, and before staff: who have all the time in the world."""
    play = Play(types=(kind,), data_map=shop, aim=Aim(**aim) if aim else None)
    play._person()
    play.pass_time(timedelta(minutes=5))
    return play, play.only_case()


def another(play: Play, kind: RequestType, **aim: Any) -> PrivacyRequest:
    """Another request of the same person, verified and before staff."""
    case = play.submit(types=(kind,), aim=Aim(**aim) if aim else None)
    play.pass_time(timedelta(minutes=1))
    play.verify(case)
    play.pass_time(timedelta(minutes=5))
    return play.now(case)


def lift(
    play: Play, staff: StaffMember, case: PrivacyRequest, reason: str = "The claim is settled now."
) -> PrivacyRequest:
    play.lifter().lift(staff, case, case.version, reason)
    return play.now(case)


def refused(shop: DataMap, **aim: Any) -> tuple[Play, PrivacyRequest]:
    play, case = waiting(T.OBJECTION, shop, **aim)
    play.refuse(case, ground="gdpr_21_1")
    play.until_all_is_done()
    return play, play.only_case()


def test_before_it_is_verified_nothing_is_stopped(shop: DataMap) -> None:
    play = Play(types=(T.OBJECTION,), data_map=shop, confirms=False)
    play.day()
    case = play.only_case()
    assert case.status is Status.AWAITING_VERIFICATION
    assert allowed(play, case, "promotion", "catalogue") == [True, True]


def test_a_withdrawal_of_one_consent_needs_nobody(shop: DataMap) -> None:
    play, case = played(T.CONSENT_WITHDRAWAL, shop, aim={"purposes": ("newsletter",)})
    assert (case.status, case.outcome, case.decided_by) == (Status.CLOSED, Outcome.FULFILLED, ())
    assert set(play.mails()) == {"verification_code", "general_answer", "recipient_notice"}
    assert "RequestRelease" not in play.visited(case)
    assert play.may(case, "newsletter").reason == "withdrawn"
    assert play.may(case, "surveys").reason == "no_consent"
    history = play.history(case)
    assert history.index("use_stopped") < history.index("carried_out") < history.index("answered")


def test_marketing_is_stopped_at_once_and_of_whom_nothing_is_left_to_delete_needs_nobody(shop: DataMap) -> None:
    play, case = waiting(T.OBJECTION, shop, objects_to="marketing")
    assert case.erasure is not None
    assert case.erasure.consequence, "fields that nothing but advertising held"
    assert case.answered_at is not None, "of this person there were none"
    assert case.decided_by == ()
    assert allowed(play, case, *MARKETING, "fraud_prevention", "service_notices") == [False, False, False, True, True]
    assert case.use is not None
    assert not case.use.provisional
    play.until_all_is_done()
    case = play.only_case()
    assert case.outcome is Outcome.FULFILLED
    assert allowed(play, case, *MARKETING) == [False, False, False]
    assert "restriction_lifting" not in play.mails()


def test_a10_what_a_proxy_asks_is_stopped_at_once_and_nobody_is_told_before_the_mandate_is_accepted(
    shop: DataMap,
) -> None:
    play = Play(types=(T.OBJECTION,), data_map=shop, aim=Aim(objects_to="marketing"))
    proxy = Agent(role=AgentRole.PROXY, name="Robin Clarke", email="clarke@law.example", mandate="A letter of 3 May.")
    play.submit(types=play.types, aim=play.aim, agent=proxy)
    play.pass_time(timedelta(minutes=1))
    play._person()
    play.pass_time(timedelta(minutes=5))
    case = play.only_case()
    assert (case.status, case.answered_at, case.failure) == (Status.AWAITING_REVIEW, None, None)
    assert "recipient_notice" not in play.mails()
    assert allowed(play, case, *MARKETING) == [False, False, False]
    decide_mandate(HANDLER, case, case.version, True, "We saw the letter.", cases=play.cases, clock=play.clock)
    play.until_all_is_done()
    assert play.only_case().outcome is Outcome.FULFILLED


def test_another_objection_is_stopped_while_it_is_weighed_and_goes_on_only_after_it_was_told(shop: DataMap) -> None:
    kept = {"shop/members.fraud_score": "gdpr_21_1", "orders/orders.fraud_check": "gdpr_21_1"}
    play, case = waiting(T.OBJECTION, shop, objects_to="other")
    assert allowed(play, case, "fraud_prevention", "platform", "promotion") == [False, False, True]
    assert play.may(case, "fraud_prevention").rule == "GDPR-18-1"
    play.kept, play.reasons = kept, {"fraud_prevention": "Three orders on invoice were not paid."}
    play.until_all_is_done()
    case = play.only_case()
    assert case.outcome is Outcome.PARTIALLY_FULFILLED
    assert case.use is not None
    assert case.use.going_on == ("fraud_prevention",)
    assert case.answered_at is not None
    assert case.use.lifted_at is not None
    assert case.answered_at + timedelta(days=6) < case.use.lifted_at
    assert allowed(play, case, "fraud_prevention", "platform") == [False, False]
    play.clock.now = case.use.lifted_at
    assert allowed(play, case, "fraud_prevention", "platform") == [True, False]


def test_a_refusal_says_what_is_stopped_all_the_same(shop: DataMap) -> None:
    play, _ = refused(shop)
    (letter,) = [printed.values for printed in play.press.printed if printed.letter is Letter.REFUSED]
    assert [each.name for each in letter["granted"]] == ["stopped.marketing", "lifting.answered"]


def test_a_refused_objection_is_lifted_after_a_letter_that_names_the_day(shop: DataMap) -> None:
    play, case = refused(shop, objects_to="other")
    assert case.outcome is Outcome.REFUSED
    mails = play.mails()
    assert mails.index("restriction_lifting") < mails.index("refused")
    assert case.use is not None
    assert case.use.lifted_at is not None
    stop = next(iter(play.permissions.standings.values())).stops[0]
    assert stop.told_at is not None
    assert stop.told_at < case.use.lifted_at
    play.clock.now = case.use.lifted_at
    assert allowed(play, case, "fraud_prevention", "platform") == [True, True]


def test_marketing_stays_stopped_though_the_rest_was_refused(shop: DataMap) -> None:
    play, case = refused(shop)
    assert case.outcome is Outcome.REFUSED
    play.clock.now += timedelta(days=60)
    assert allowed(play, case, *MARKETING, "platform") == [False, False, False, True]


@pytest.mark.parametrize(("said", "named"), [("marketing", "platform"), ("other", "promotion")])
def test_a_purpose_that_is_named_is_stopped_whatever_else_is_said(shop: DataMap, said: str, named: str) -> None:
    play, case = waiting(T.OBJECTION, shop, objects_to=said, purposes=(named,))
    assert allowed(play, case, named, "service") == [False, True]


def test_no_ground_outweighs_an_objection_to_advertising(shop: DataMap) -> None:
    _, absolute = waiting(T.OBJECTION, shop, objects_to="marketing")
    _, weighed = waiting(T.OBJECTION, shop, objects_to="other")
    assert "gdpr_21_1" not in allowed_grounds(absolute)
    assert "gdpr_21_1" in allowed_grounds(weighed)


def test_the_person_is_shown_what_is_stopped_and_what_ends_when(shop: DataMap) -> None:
    play, _ = waiting(T.OBJECTION, shop, objects_to="other")
    play.kept = {"shop/members.fraud_score": "gdpr_21_1", "orders/orders.fraud_check": "gdpr_21_1"}
    play.reasons = {"fraud_prevention": "Three orders on invoice were not paid."}
    play.until_all_is_done()
    use = play.only_case().use
    assert use is not None
    assert use.lifted_at is not None
    zone = play.merchant.timezone

    def shown(now: datetime) -> tuple[list[str], list[str], bool]:
        view = shown_use(use, shop, zone, now=now)
        return [label.en[:9] for label in view.purposes], [label.en[:9] for label in view.ending], bool(view.lifted_on)

    assert shown(play.clock()) == (["To operat"], ["To preven"], True)
    assert shown(use.lifted_at) == (["To operat"], [], False)
    over = shown_use(use, shop, zone, now=use.lifted_at)
    assert over.ended_on == use.lifted_at.astimezone(zone).date(), "it is not forgotten"
    rules = {
        stop.rule
        for standing in play.permissions.standings.values()
        for stop in standing.stops
        if stop.holds(use.lifted_at)
    }
    assert rules == {"GDPR-21-1"}


def test_what_is_stopped_for_good_is_shown_apart_from_what_is_weighed(shop: DataMap) -> None:
    play, case = waiting(T.OBJECTION, shop)
    assert case.use is not None
    view = shown_use(case.use, shop, play.merchant.timezone, now=play.clock())
    names = {purpose.label: name for name, purpose in shop.purposes.items()}
    assert {names[label] for label in view.purposes} == set(MARKETING)
    assert {names[label] for label in view.meanwhile} == {"fraud_prevention", "platform"}
    assert view.provisional


@pytest.mark.parametrize("named", [(), ("payment_gateway",)])
def test_a_stop_of_provision_shows_that_what_is_needed_goes_on(shop: DataMap, named: tuple[str, ...]) -> None:
    play, case = waiting(T.STOP_PROVISION, shop, recipients=named)
    assert case.use is not None
    view = shown_use(case.use, shop, play.merchant.timezone, now=play.clock())
    assert view.recipients
    assert view.needed_goes_on is not bool(named)


def test_a_restriction_leaves_storage_until_it_is_lifted(shop: DataMap) -> None:
    play, case = played(T.RESTRICTION, shop, aim={"ground": "claims"})
    assert case.outcome is Outcome.FULFILLED
    play.clock.now += timedelta(days=900)
    assert allowed(play, case, "service", "promotion", "verification") == [False, False, True]
    assert play.may(case, "service").reason == "restricted"


def test_what_is_restricted_is_not_erased_before_the_restriction_ends(shop: DataMap) -> None:
    play, case = waiting(T.RESTRICTION, shop, ground="claims")
    (hold,) = play.holds.of(case.subject_key)
    assert hold.reason is HoldReason.RESTRICTION
    play.refuse(case, ground="gdpr_18_1")
    play.until_all_is_done()
    use = play.only_case().use
    assert use is not None
    assert play.holds.ending == {(case.subject_key, HoldReason.RESTRICTION): use.lifted_at}


def test_a_granted_restriction_is_lifted_by_an_approver_who_says_why(shop: DataMap) -> None:
    play, case = played(T.RESTRICTION, shop, aim={"ground": "claims"})
    with pytest.raises(ApproverNeededError):
        lift(play, HANDLER, case)
    with pytest.raises(InvalidInputError):
        lift(play, APPROVER, case, "-")
    assert play.mails().count("restriction_lifting") == 0
    lifted = lift(play, APPROVER, case)
    assert play.mails().count("restriction_lifting") == 1
    assert lifted.use is not None
    assert lifted.use.lifted_at is not None
    assert allowed(play, case, "service") == [False]
    play.clock.now = lifted.use.lifted_at
    assert allowed(play, case, "service") == [True]
    with pytest.raises(NothingRestrictedError):
        lift(play, APPROVER, lifted)


def test_what_one_case_restricts_stays_though_a_second_restriction_is_refused(shop: DataMap) -> None:
    play, first = played(T.RESTRICTION, shop, aim={"ground": "claims"})
    second = another(play, T.RESTRICTION, ground="claims", purposes=("promotion",))
    play.refuse(second, ground="gdpr_18_1")
    play.pass_time(timedelta(days=1))
    assert play.now(second).outcome is Outcome.REFUSED
    assert play.holds.ending == {}
    last = lift(play, APPROVER, play.now(first)).use
    assert last is not None
    assert play.holds.ending == {(first.subject_key, HoldReason.RESTRICTION): last.lifted_at}


def test_the_end_of_a_stop_of_provision_ends_no_restriction(shop: DataMap) -> None:
    play, first = played(T.RESTRICTION, shop, aim={"ground": "claims"})
    second = another(play, T.STOP_PROVISION)
    play.complete(second)
    play.pass_time(timedelta(days=1))
    second = play.now(second)
    assert second.use is not None
    assert second.use.can_be_lifted
    lift(play, APPROVER, second)
    assert [hold.reason for hold in play.holds.of(first.subject_key)] == [HoldReason.RESTRICTION]
    assert play.holds.ending == {}


@pytest.mark.parametrize("kind", [T.OBJECTION, T.CONSENT_WITHDRAWAL])
def test_what_the_person_stopped_staff_can_not_allow_again(shop: DataMap, kind: RequestType) -> None:
    _, case = played(kind, shop)
    assert case.use is not None
    assert not case.use.can_be_lifted


def test_what_is_corrected_is_not_used_meanwhile_where_the_person_asks_for_it(shop: DataMap) -> None:
    play, case = waiting(T.RECTIFICATION, shop, meanwhile=True)
    assert allowed(play, case, "service", "promotion") == [False, False]
    play.until_all_is_done()
    case = play.only_case()
    assert case.use is not None
    assert case.use.lifted_at is not None
    play.clock.now = case.use.lifted_at
    assert allowed(play, case, "service", "promotion") == [True, True]
    assert "restriction_lifting" not in play.mails(), "the answer has told it"


def test_a_correction_without_that_wish_stops_nothing(shop: DataMap) -> None:
    play, case = played(T.RECTIFICATION, shop)
    assert case.use is None
    assert "StopUse" not in play.visited(case)


def test_a_request_that_is_taken_back_is_lifted_after_a_letter_and_marketing_stays(shop: DataMap) -> None:
    play, case = waiting(T.OBJECTION, shop)
    play.withdraw(case)
    play.until_all_is_done()
    case = play.only_case()
    assert case.outcome is Outcome.WITHDRAWN
    assert "restriction_lifting" in play.mails()
    (withdrawn,) = [printed.values for printed in play.press.printed if printed.letter is Letter.WITHDRAWN]
    (lifting,) = [printed.values for printed in play.press.printed if printed.letter is Letter.RESTRICTION_LIFTING]
    for told in (withdrawn, lifting):
        assert told["still_stopped"].name == "stopped.marketing", "that is not taken back by it"
    play.clock.now += timedelta(days=30)
    assert allowed(play, case, *MARKETING, "platform") == [False, False, False, True]


def test_it_holds_for_whatever_the_person_is_known_by(shop: DataMap) -> None:
    play, case = played(T.CONSENT_WITHDRAWAL, shop, aim={"purposes": ("newsletter",)})
    assert {"email", "member_id"} <= set(case.identifiers)
    assert len(play.permissions.standings) == sum(map(len, case.identifiers.values()))


def test_nothing_is_settled_before_the_person_was_told(shop: DataMap) -> None:
    play, case = waiting(T.OBJECTION, shop, objects_to="other")
    with pytest.raises(ConflictError):
        play.use_stopper().settle(case.request_id)


def test_done_again_it_is_the_same(shop: DataMap) -> None:
    play, case = waiting(T.OBJECTION, shop)
    before = dict(play.permissions.standings)
    assert play.use_stopper().stop(case.request_id) is False
    assert play.permissions.standings == before
    assert play.now(case) == case


@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize("kind", [T.OBJECTION, T.RESTRICTION, T.CONSENT_WITHDRAWAL, T.STOP_PROVISION])
def test_whatever_breaks_nothing_is_lost_and_nothing_happens_twice(shop: DataMap, kind: RequestType, how: How) -> None:
    unharmed = Play(types=(kind,), data_map=shop)
    unharmed.until_all_is_done()
    register = [at for at, call in enumerate(unharmed.faults.calls) if call.startswith("permissions.")]
    around = sorted({at + step for at in register for step in (0, 1)})
    assert around
    for at in around:
        play = Play(types=(kind,), data_map=shop)
        play.faults.fail(at, how)
        play.until_all_is_done()
        assert play.faults.happened
        case = play.only_case()
        assert case.outcome is unharmed.only_case().outcome
        assert case.use is not None
        assert not case.use.provisional
        recorded = {tuple(stop.id for stop in standing.stops) for standing in play.permissions.standings.values()}
        assert recorded == {tuple(stop.id for stop in case.use.stops)}
        assert play.history(case).count("use_stopped") == 1
        assert play.history(case).count("use_settled") == unharmed.history(unharmed.only_case()).count("use_settled")


@pytest.mark.parametrize(
    ("kind", "aim", "for_good", "newsletter"),
    [
        (T.CONSENT_WITHDRAWAL, {"purposes": ("newsletter",)}, True, True),
        (T.CONSENT_WITHDRAWAL, {"purposes": ("surveys",)}, True, False),
        (T.CONSENT_WITHDRAWAL, {}, True, True),
        (T.OBJECTION, {"objects_to": "marketing"}, True, True),
        (T.OBJECTION, {"objects_to": "other"}, False, False),
        (T.RESTRICTION, {"ground": "accuracy"}, False, False),
    ],
)
def test_a15_whoever_disowns_it_reads_that_a_consent_is_given_anew_by_them_alone(
    shop: DataMap, kind: RequestType, aim: dict[str, Any], for_good: bool, newsletter: bool
) -> None:
    play, case = waiting(kind, shop, **aim)
    before = play.may(case, "newsletter")
    view = play.disown(case)
    assert (view.stopped_for_good, view.newsletter) == (for_good, newsletter)
    assert play.may(case, "newsletter") == before, "nobody gives a consent back in their place"
