"""The register of permissions: no for what is unknown or stopped, and a restriction that nobody lifts untold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import LiftedUntoldError, NotFoundError
from rightsdesk.domain.fields import Basis
from rightsdesk.domain.permission import (
    Consent,
    Permission,
    PurposeTerms,
    Reason,
    Standing,
    Stop,
    StopKind,
    Terms,
    permitted,
)
from rightsdesk.law.rules import RULES

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(days=3)
NOW = AT + timedelta(days=20)
RECIPIENTS = ("mail_service", "carrier", "partner")
TERMS = Terms(
    purposes={
        "verification": PurposeTerms(basis=Basis.LEGAL_OBLIGATION, marketing=False),
        "service": PurposeTerms(basis=Basis.CONTRACT, marketing=False, recipients=frozenset({"carrier"})),
        "newsletter": PurposeTerms(
            basis=Basis.CONSENT, marketing=True, recipients=frozenset({"mail_service", "partner"})
        ),
        "promotion": PurposeTerms(basis=Basis.LEGITIMATE_INTERESTS, marketing=True, recipients=frozenset({"partner"})),
        "fraud_prevention": PurposeTerms(basis=Basis.LEGITIMATE_INTERESTS, marketing=False),
    },
    third_parties=frozenset({"carrier", "partner"}),
    recipients=frozenset(RECIPIENTS),
    own_cases=frozenset({"verification"}),
)
NOBODY = Standing(digest="d" * 64)
CONSENT = Consent(record_id="c1", given_at=AT)


def stop(kind: StopKind, **given: Any) -> Stop:
    rules = {StopKind.RESTRICTED: "GDPR-18-1", StopKind.PROVISION_STOPPED: "APPI-35-3"}
    return Stop.model_validate(
        {"id": f"case:{kind}", "kind": kind, "rule": rules.get(kind, "GDPR-21-3"), "since": AT} | given
    )


def asked(standing: Standing | None, purpose: str, recipient: str | None = None) -> tuple[bool, str]:
    answer = permitted(standing, TERMS, at=NOW, purpose=purpose, recipient=recipient)
    assert answer.rule in RULES
    return answer.allowed, answer.reason.value


@pytest.mark.parametrize(
    ("purpose", "recipient", "expected"),
    [
        ("service", None, (True, "basis")),
        ("service", "carrier", (True, "basis")),
        ("service", "partner", (False, "not_for_this_recipient")),
        ("service", "nobody_we_know", (False, "unknown_recipient")),
        ("newsletter", None, (False, "no_consent")),
        ("newsletter", "mail_service", (False, "no_consent")),
        ("promotion", None, (True, "basis")),
        ("horoscopes", None, (False, "unknown_purpose")),
        ("", None, (False, "unknown_purpose")),
    ],
)
def test_of_a_stranger_the_basis_decides(purpose: str, recipient: str | None, expected: tuple[bool, str]) -> None:
    assert asked(None, purpose, recipient) == expected
    assert asked(NOBODY, purpose, recipient) == expected


def test_a_consent_opens_its_purpose_and_third_parties_only_where_it_names_them() -> None:
    agreed = NOBODY.with_consent("newsletter", CONSENT)
    assert asked(agreed, "newsletter") == (True, "consent")
    assert asked(agreed, "newsletter", "mail_service") == (True, "consent")
    assert asked(agreed, "newsletter", "partner") == (False, "no_consent")
    named = NOBODY.with_consent("newsletter", CONSENT.model_copy(update={"recipients": ("partner",)}))
    assert asked(named, "newsletter", "partner") == (True, "consent")
    assert permitted(agreed, TERMS, at=NOW, purpose="newsletter").since == AT


@pytest.mark.parametrize("kind", [StopKind.OBJECTED, StopKind.WITHDRAWN, StopKind.UNSUBSCRIBED, StopKind.ERASED])
def test_what_is_stopped_ends_its_consent_and_a_new_one_takes_it_back(kind: StopKind) -> None:
    stopped = NOBODY.with_consent("newsletter", CONSENT).with_stop(stop(kind, purposes=("newsletter",), since=LATER))
    assert asked(stopped, "newsletter") == (False, kind.value)
    assert "newsletter" not in stopped.consents
    anew = stopped.with_consent("newsletter", Consent(record_id="c2", given_at=LATER + timedelta(days=1)))
    assert asked(anew, "newsletter") == (True, "consent")


def test_a_new_consent_takes_back_no_more_than_its_purpose() -> None:
    gone = NOBODY.with_stop(stop(StopKind.ERASED))
    back = gone.with_consent("newsletter", Consent(record_id="c2", given_at=LATER))
    assert asked(back, "newsletter") == (True, "consent")
    assert asked(back, "promotion") == (False, "erased")
    assert asked(back, "service") == (False, "erased")


def test_a_consent_that_was_given_before_takes_nothing_back() -> None:
    stopped = NOBODY.with_stop(stop(StopKind.OBJECTED, purposes=("newsletter",), since=LATER))
    assert asked(stopped.with_consent("newsletter", CONSENT), "newsletter") == (False, "objected")


def test_a_restriction_leaves_storage_and_the_handling_of_requests() -> None:
    restricted = NOBODY.with_stop(stop(StopKind.RESTRICTED, except_purposes=("verification",)))
    assert [asked(restricted, purpose)[0] for purpose in TERMS.purposes] == [True, False, False, False, False]
    assert asked(restricted.with_consent("newsletter", Consent(record_id="c", given_at=LATER)), "newsletter") == (
        False,
        "restricted",
    )


def test_a_restriction_is_lifted_only_after_the_person_was_told() -> None:
    restricted = NOBODY.with_stop(stop(StopKind.RESTRICTED))
    for told_at in (None, LATER, NOW):
        with pytest.raises(LiftedUntoldError):
            restricted.lifted("case:restricted", told_at=told_at, at=LATER)
    ends = restricted.lifted("case:restricted", told_at=AT, at=NOW)
    just_before = permitted(ends, TERMS, at=NOW - timedelta(microseconds=1), purpose="service")
    assert (just_before.allowed, just_before.reason) == (False, Reason.RESTRICTED)
    assert asked(ends, "service") == (True, "basis")
    assert ends.lifted("case:restricted", told_at=AT, at=LATER) == ends, "an earlier day would be one that nobody told"
    with pytest.raises(NotFoundError):
        restricted.lifted("other:restricted", told_at=AT, at=LATER)


def test_of_an_objection_what_is_gone_on_with_is_lifted_and_the_rest_holds_for_good() -> None:
    weighed = NOBODY.with_stop(stop(StopKind.OBJECTED, purposes=("promotion", "fraud_prevention"), provisional=True))
    after = weighed.narrowed("case:objected", told_at=AT, at=LATER, going_on={"fraud_prevention", "service"})
    assert asked(after, "fraud_prevention") == (True, "basis")
    assert asked(after, "promotion") == (False, "objected")
    assert not after.stop("case:objected").provisional
    assert permitted(after, TERMS, at=AT, purpose="fraud_prevention").reason is Reason.OBJECTED
    nothing = weighed.narrowed("case:objected", told_at=None, at=LATER, going_on=())
    assert (nothing.stops[0].provisional, len(nothing.stops)) == (False, 1)
    everything = weighed.narrowed("case:objected", told_at=AT, at=LATER, going_on=TERMS.purposes)
    assert asked(everything, "promotion") == (True, "basis")
    with pytest.raises(LiftedUntoldError):
        weighed.narrowed("case:objected", told_at=None, at=LATER, going_on={"promotion"})


def test_a_stop_of_provision_hands_nothing_on_and_stops_nothing_else() -> None:
    stopped = NOBODY.with_stop(stop(StopKind.PROVISION_STOPPED, recipients=("partner",)))
    assert asked(stopped, "promotion", "partner") == (False, "provision_stopped")
    assert asked(stopped, "promotion") == (True, "basis")
    assert asked(stopped, "service", "carrier") == (True, "basis")


def test_of_several_stops_the_one_that_weighs_most_is_told() -> None:
    several = NOBODY.with_stop(stop(StopKind.UNSUBSCRIBED, purposes=("newsletter",)))
    several = several.with_stop(stop(StopKind.RESTRICTED)).with_stop(stop(StopKind.OBJECTED))
    assert asked(several, "newsletter") == (False, "restricted")


names = st.sampled_from(sorted(TERMS.purposes))
stops = st.builds(
    lambda kind, purposes, recipients, days, lifted: stop(
        kind,
        id=f"{kind}{days}",
        purposes=tuple(purposes),
        recipients=tuple(recipients),
        since=AT + timedelta(days=days),
        lifted_at=AT if lifted else None,
    ),
    st.sampled_from(StopKind),
    st.sets(names),
    st.sets(st.sampled_from(RECIPIENTS)),
    st.integers(0, 9),
    st.booleans(),
)
changes = st.lists(st.one_of(stops, st.tuples(names, st.integers(0, 9))), max_size=8)


def standing_after(history: list[Any]) -> Standing:
    standing = NOBODY
    for change in history:
        if isinstance(change, Stop):
            standing = standing.with_stop(change)
        else:
            consent = Consent(record_id="c", given_at=AT + timedelta(days=change[1]))
            standing = standing.with_consent(change[0], consent)
    return standing


def answer(standing: Standing, purpose: str, recipient: str | None) -> Permission:
    return permitted(standing, TERMS, at=NOW, purpose=purpose, recipient=recipient)


@given(changes, names, st.one_of(st.none(), st.sampled_from(RECIPIENTS)), stops)
def test_one_more_stop_never_allows_more(history: list[Any], purpose: str, recipient: str | None, more: Stop) -> None:
    before = standing_after(history)
    ids = {each.id for each in before.stops}
    if more.id not in ids and not answer(before, purpose, recipient).allowed:
        assert not answer(before.with_stop(more), purpose, recipient).allowed


@given(changes, names, st.one_of(st.none(), st.sampled_from(RECIPIENTS)))
def test_nothing_is_allowed_that_any_stop_bars(history: list[Any], purpose: str, recipient: str | None) -> None:
    standing = standing_after(history)
    barred = any(each.holds(NOW) and each.is_about(purpose, recipient) for each in standing.stops)
    found = answer(standing, purpose, recipient)
    assert not (barred and found.allowed)
    assert found.reason is not Reason.UNKNOWN_PURPOSE


@given(changes, names, st.sampled_from(RECIPIENTS))
def test_who_may_hand_it_on_may_use_it(history: list[Any], purpose: str, recipient: str) -> None:
    standing = standing_after(history)
    if answer(standing, purpose, recipient).allowed:
        assert answer(standing, purpose, None).allowed


@given(changes)
def test_it_is_stored_and_read_as_it_is(history: list[Any]) -> None:
    standing = standing_after(history)
    assert Standing.model_validate(standing.model_dump(mode="json")) == standing
