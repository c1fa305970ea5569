"""What the shop tells and asks about consents, mailings and the policy: signed, exact, and never with a value."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.permission import Stop, StopKind
from rightsdesk.ports.permissions import change_standings
from tests.support.consents import HANA, ORIGIN, ConsentRoom
from tests.unit.web.api.gateway import Answer, ask, event, shop_door

SUBJECT = f"email:{HANA}"
CONSENT = {
    "subject": SUBJECT,
    "purpose": "newsletter",
    "text_version": "2026-09",
    "language": "ja",
    "given_at": "2026-11-28T09:00:00Z",
    "proof": "signup-4711",
}
ACCEPTANCE = {"subject": SUBJECT, "version": "2026-09", "accepted_at": "2026-11-28T09:00:00Z"}
BODIES: dict[str, dict[str, Any]] = {
    "consent": CONSENT,
    "consent-withdrawal": {"subject": SUBJECT, "purpose": "newsletter"},
    "unsubscribe-links": {"purpose": "newsletter", "emails": [HANA]},
    "acceptance": ACCEPTANCE,
}


def told(room: ConsentRoom, what: str, body: Any) -> Answer:
    door, log = shop_door(consents=room.shop_desk())
    answer = ask(door, event(f"shop_api-{what}", body=json.dumps(body)))
    assert log.faults == []
    return answer


@pytest.mark.parametrize("what", [*BODIES, "acceptance-view"])
def test_a_call_that_nobody_signed_is_refused(what: str) -> None:
    door, _ = shop_door()
    called = event(f"shop_api-{what}")
    called["requestContext"]["identity"].pop("userArn")
    assert ask(door, called).status == 403


def test_a_consent_of_the_shop_is_in_force_and_on_record_once() -> None:
    room = ConsentRoom()
    for _ in range(2):
        answer = told(room, "consent", CONSENT)
        assert (answer.status, answer.body["allowed"], answer.body["reason"]) == (200, True, "consent")
    (entry,) = room.ledger()
    assert (entry.channel, entry.proof, entry.language) == (ConsentChannel.SHOP, "shop:signup-4711", "ja")
    assert entry.text_sha256 == room.texts.root["newsletter"][0].sha256("ja")
    assert room.may()


def test_a_withdrawal_takes_no_more_than_a_consent_and_the_last_word_counts() -> None:
    room = ConsentRoom()
    told(room, "consent", CONSENT)
    answer = told(room, "consent-withdrawal", {"subject": SUBJECT, "purpose": "newsletter"})
    assert (answer.status, answer.body["allowed"], answer.body["reason"]) == (200, False, "withdrawn")
    late = told(room, "consent", CONSENT)
    assert (late.status, late.body["code"]) == (409, "withdrawn_since")
    assert room.said() == ["given:newsletter", "withdrawn:newsletter"]
    room.advance(hours=1)
    again = {**CONSENT, "given_at": room.now.isoformat(), "proof": "signup-4712"}
    assert told(room, "consent", again).body["allowed"]
    older = {"subject": SUBJECT, "purpose": "newsletter", "withdrawn_at": "2026-11-29T09:00:00Z"}
    assert told(room, "consent-withdrawal", older).body["allowed"], "told late, and taken back since"


def test_a_restriction_bars_whatever_was_agreed() -> None:
    room = ConsentRoom()
    stop = Stop(id="c:use", kind=StopKind.RESTRICTED, rule="GDPR-18-1", since=room.now)
    change_standings(room.permissions, [room.digest()], lambda standing: standing.with_stop(stop))
    answer = told(room, "consent", CONSENT)
    assert (answer.body["allowed"], answer.body["reason"]) == (False, "restricted")
    assert room.said() == ["given:newsletter"]


def test_each_address_is_answered_and_only_a_mail_that_may_go_gets_its_way_out() -> None:
    room = ConsentRoom()
    room.sign_up("a@example.jp")
    room.sign_up("b@example.jp")
    room.one_click(room.list_token("b@example.jp"))
    emails = ["A@Example.jp", "b@example.jp", "stranger@example.jp"]
    answer = told(room, "unsubscribe-links", {"purpose": "newsletter", "emails": emails})
    yes, stopped, unknown = answer.body["mailings"]
    link = f"{ORIGIN}/u/{room.list_token('a@example.jp')}"
    assert yes == {
        "allowed": True,
        "reason": "consent",
        "link": link,
        "headers": {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    }
    assert stopped == {"allowed": False, "reason": "unsubscribed", "link": None, "headers": {}}
    assert unknown == {"allowed": False, "reason": "no_consent", "link": None, "headers": {}}
    assert room.one_click(link.rpartition("/")[2]).status == 200
    assert not room.may("a@example.jp")


def test_a_mailing_for_what_needs_no_consent_has_a_way_out_as_well() -> None:
    room = ConsentRoom()
    offered = {"purpose": "promotion", "emails": [HANA]}
    (before,) = told(room, "unsubscribe-links", offered).body["mailings"]
    assert before["allowed"]
    room.one_click(before["link"].rpartition("/")[2])
    (after,) = told(room, "unsubscribe-links", offered).body["mailings"]
    assert (after["allowed"], after["reason"]) == (False, "unsubscribed")
    assert room.said() == ["withdrawn:promotion"]


@pytest.mark.parametrize(
    ("what", "changes", "field", "reason"),
    [
        ("consent", {"subject": "email:nobody"}, "subject", "not_an_address"),
        ("consent", {"subject": "shoe_size:44"}, "subject", "unknown_kind"),
        ("consent", {"subject": HANA}, "subject", "wrong_format"),
        ("consent", {"purpose": "world_peace"}, "purpose", "unknown"),
        ("consent", {"text_version": "1999-01"}, "text_version", "unknown"),
        ("consent", {"given_at": "2026-11-30T00:00:00Z"}, "given_at", "in_future"),
        ("consent", {"given_at": 1_700_000_000}, "given_at", "invalid"),
        ("consent", {"given_at": "2026-09-02T09:58:00"}, "given_at", None),
        ("consent", {"language": "klingon"}, "language", "not_a_choice"),
        ("consent", {"proof": "canary@example.jp"}, "proof", "wrong_format"),
        ("consent", {"recipients": ["partner"]}, "recipients", "unknown_field"),
        ("consent-withdrawal", {"purpose": "world_peace"}, "purpose", "unknown"),
        ("consent-withdrawal", {"withdrawn_at": "2027-01-01T00:00:00Z"}, "withdrawn_at", "in_future"),
        ("unsubscribe-links", {"emails": ["nobody"]}, "emails.0", None),
        ("unsubscribe-links", {"emails": []}, "emails", "too_short"),
        ("unsubscribe-links", {"emails": [HANA] * 26}, "emails", "too_long"),
        ("acceptance", {"version": "1999-01"}, "version", "unknown"),
        ("acceptance", {"accepted_at": "2026-08-31T14:59:59Z"}, "accepted_at", "too_early"),
        ("acceptance", {"accepted_at": "2026-12-01T00:00:00Z"}, "accepted_at", "in_future"),
    ],
)
def test_what_does_not_fit_is_named_and_never_repeated(
    what: str, changes: dict[str, Any], field: str, reason: str | None
) -> None:
    room = ConsentRoom()
    answer = told(room, what, BODIES[what] | changes)
    assert answer.status == 400
    problem = answer.body["errors"][0]
    assert problem["field"] == field
    assert reason in (None, problem["reason"])
    assert not any(str(value) in answer.text for value in changes.values() if isinstance(value, str))
    assert room.permissions.standings == {}
    assert room.acceptances.entries == {}


def test_b7_which_version_a_member_accepted_and_whether_it_is_the_one_in_force() -> None:
    room = ConsentRoom()
    door, _ = shop_door(consents=room.shop_desk())
    query = {"subject": SUBJECT}
    view = event(
        "shop_api-acceptance-view",
        queryStringParameters=query,
        multiValueQueryStringParameters={name: [value] for name, value in query.items()},
    )
    nothing = {"version": None, "accepted_at": None, "current_version": "2026-09", "is_current": False}
    assert ask(door, view).body == nothing
    old = {**ACCEPTANCE, "version": "2024-04", "accepted_at": "2025-01-01T00:00:00Z"}
    assert not told(room, "acceptance", old).body["is_current"]
    assert told(room, "acceptance", ACCEPTANCE).body["is_current"]
    later = {**ACCEPTANCE, "accepted_at": "2026-11-29T08:00:00Z", "proof": "again"}
    assert told(room, "acceptance", later).body["accepted_at"] == ACCEPTANCE["accepted_at"], "the first stays"
    assert told(room, "acceptance", old).body["version"] == "2026-09"
    assert ask(door, view).body["is_current"]


@settings(max_examples=50, deadline=None)
@given(what=st.sampled_from(sorted(BODIES)), extra=st.dictionaries(st.text(max_size=8), st.integers() | st.text()))
def test_whatever_comes_is_answered_and_is_no_fault_of_ours(what: str, extra: dict[str, Any]) -> None:
    for body in (BODIES[what] | extra, extra, list(extra)):
        assert told(ConsentRoom(), what, body).status in (200, 400, 409)


def test_what_is_on_record_is_as_of_the_moment_that_was_told() -> None:
    room = ConsentRoom()
    told(room, "consent", CONSENT)
    assert room.ledger()[0].at == datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    assert room.ask().since == datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
