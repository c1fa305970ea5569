"""A notice goes forward only, needs reasons where it was not done, and is opened by its own token alone (GDPR 19)."""

# serves: E-03, E-04, E-05, P-10

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import ConflictError, InvalidInputError
from rightsdesk.domain.recipient_notice import (
    MOVES,
    NEEDS_REASON,
    NoticeState,
    RecipientNotice,
    decided,
    excused,
    moved,
    notice_token,
    read_notice_token,
    told,
    unreached,
)

NOW = datetime(2026, 9, 7, 3, 0, tzinfo=UTC)
WHY = "The parcel is on its way, and the label is printed."
KEY = b"k" * 32
ANSWER_ORDER = (
    *(NoticeState.TO_DO, NoticeState.SENT, NoticeState.ACKNOWLEDGED),
    *(NoticeState.IMPOSSIBLE, NoticeState.DONE_IN_PART),
)
ANSWERS = sorted(set(NoticeState) - {NoticeState.DISPROPORTIONATE})


def notice(state: NoticeState = NoticeState.SENT, **changes: object) -> RecipientNotice:
    values = {
        "recipient": "carrier",
        "notice_id": "3f2a9c01-7c4b-4d2e-9a51-0c2b7d9e81a6",
        "channel": "mail",
        "action": "correct",
        "law": "gdpr",
        "fields": ("shop/members.name",),
        "identifiers": {"order_id": ("K-1",)},
        "asked_at": NOW,
        "state": state,
    }
    return RecipientNotice.model_validate(values | changes)


@pytest.mark.parametrize(("now", "to"), list(product(NoticeState, ANSWERS)))
def test_news_moves_a_notice_as_the_table_says_and_never_back(now: NoticeState, to: NoticeState) -> None:
    after = moved(notice(now), to, at=NOW, reason=WHY)
    if to in MOVES[now]:
        assert after is not None
        assert after.state is to
        assert after.version == 2
        assert after.reason == (WHY if to in NEEDS_REASON else None)
    else:
        assert after is None


@given(st.lists(st.sampled_from(ANSWERS), max_size=8), st.randoms())
def test_news_in_any_order_and_as_often_as_it_comes_ends_in_the_same_state(
    news: list[NoticeState], chance: Random
) -> None:
    """What went furthest counts; a part that was done is further than nothing that could be."""
    furthest = (*ANSWER_ORDER, NoticeState.DONE)
    expected = max((NoticeState.TO_DO, *news), key=furthest.index)
    for _ in range(3):
        now = notice(NoticeState.TO_DO)
        for each in (*news, *news):
            now = moved(now, each, at=NOW, reason=WHY) or now
        assert now.state is expected
        chance.shuffle(news)


@pytest.mark.parametrize("state", sorted(NEEDS_REASON - {NoticeState.DISPROPORTIONATE}))
@pytest.mark.parametrize(
    ("reason", "why"), [(None, "missing"), ("", "missing"), ("no", "too_short"), ("y" * 1001, "too_long")]
)
def test_what_is_not_done_needs_a_reason(state: NoticeState, reason: str | None, why: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        moved(notice(), state, at=NOW, reason=reason)
    assert [(problem.field, problem.reason) for problem in refused.value.problems] == [("reason", why)]


def test_a_recipient_can_t_call_it_disproportionate() -> None:
    with pytest.raises(InvalidInputError):
        moved(notice(), NoticeState.DISPROPORTIONATE, at=NOW, reason=WHY)


@pytest.mark.parametrize("state", [NoticeState.DONE_IN_PART, NoticeState.IMPOSSIBLE])
def test_what_was_not_done_waits_until_staff_let_it_rest(state: NoticeState) -> None:
    said = moved(notice(), state, at=NOW, reason=WHY)
    assert said is not None
    assert not said.is_settled
    assert said.line.waits_for_staff
    assert said.identifiers, "they may have to be asked again"
    rests = excused(said, state, reason="They have shown us the log of it.", by="sub-approver", at=NOW)
    assert rests.is_settled
    assert not rests.identifiers
    assert moved(rests, NoticeState.DONE, at=NOW) is None
    with pytest.raises(ConflictError):
        excused(rests, NoticeState.DISPROPORTIONATE, reason=WHY, by="sub-approver", at=NOW)


@pytest.mark.parametrize("state", sorted(set(NoticeState) - NEEDS_REASON))
def test_nothing_else_is_an_excuse(state: NoticeState) -> None:
    with pytest.raises(InvalidInputError):
        excused(notice(), state, reason=WHY, by="sub-approver", at=NOW)


def test_who_did_all_of_it_has_settled_it_and_is_forgotten_by_what_it_knew() -> None:
    done = moved(notice(), NoticeState.DONE, at=NOW)
    assert done is not None
    assert done.is_settled
    assert done.identifiers == {}
    assert done.line.settled


def test_a_notice_that_is_sent_again_keeps_what_was_answered() -> None:
    part = moved(notice(NoticeState.TO_DO), NoticeState.DONE_IN_PART, at=NOW, reason=WHY)
    assert part is not None
    again = told(part, NoticeState.SENT, at=NOW + timedelta(days=2))
    assert (again.state, again.sendings, again.reason) == (NoticeState.DONE_IN_PART, 1, WHY)


def test_who_is_not_reached_stays_to_be_told_until_it_works() -> None:
    failed = unreached(notice(NoticeState.TO_DO), "mail_rejected", at=NOW)
    assert failed.line.waits_for_staff
    assert failed.line.unreached
    sent = told(failed, NoticeState.SENT, at=NOW)
    assert (sent.state, sent.failure) == (NoticeState.SENT, None)
    assert not sent.line.waits_for_staff


@pytest.mark.parametrize("state", sorted(NEEDS_REASON))
def test_who_was_never_told_knows_nothing_of_it_however_it_was_let_rest(state: NoticeState) -> None:
    left_to_staff = told(notice(NoticeState.TO_DO, channel="manual"), NoticeState.TO_DO, at=NOW)
    for untold in (notice(NoticeState.TO_DO), left_to_staff):
        rests = excused(untold, state, reason=WHY, by="sub-approver", at=NOW)
        assert not untold.is_known
        assert not rests.is_known
        assert rests.sent_at is None
    assert excused(told(left_to_staff, NoticeState.SENT, at=NOW), state, reason=WHY, by="sub-approver", at=NOW).is_known


@pytest.mark.parametrize("said", sorted(set(ANSWERS) - {NoticeState.TO_DO}))
def test_who_was_told_or_said_something_knows_of_it_whatever_follows(said: NoticeState) -> None:
    after = moved(notice(NoticeState.TO_DO), said, at=NOW, reason=WHY)
    assert after is not None
    assert after.is_known
    if not after.is_settled:
        rests = excused(after, NoticeState.DISPROPORTIONATE, reason=WHY, by="sub-approver", at=NOW)
        assert rests.is_known


@given(st.uuids(version=4))
def test_a_token_opens_its_own_notice(notice_id: UUID) -> None:
    token = notice_token(KEY, str(notice_id))
    assert len(token) == 43
    assert str(notice_id) not in token
    assert read_notice_token(KEY, token) == str(notice_id)
    assert read_notice_token(b"other" * 6, token) is None


@given(st.uuids(version=4), st.integers(0, 42), st.sampled_from("ABCabc012-_"))
def test_a_token_with_another_letter_opens_nothing(notice_id: UUID, at: int, letter: str) -> None:
    token = notice_token(KEY, str(notice_id))
    changed = token[:at] + letter + token[at + 1 :]
    assert read_notice_token(KEY, changed) == (str(notice_id) if changed == token else None)


@given(st.text(max_size=80))
def test_any_text_is_no_token(text: str) -> None:
    assert read_notice_token(KEY, text) is None


def test_the_reference_can_be_read_over_the_telephone() -> None:
    assert notice().reference == "RN-3F2A-9C01"


ANOTHER = "11112222-7c4b-4d2e-9a51-0c2b7d9e81a6"


def meanwhile(**changes: object) -> RecipientNotice:
    return notice(**({"action": "restrict", "meanwhile": True, "sent_at": NOW} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("state", list(NoticeState))
def test_what_a_decision_lets_stand_is_one_notice(state: NoticeState) -> None:
    before = meanwhile(state=state)
    after = decided(before, notice(NoticeState.TO_DO, action="restrict", notice_id=ANOTHER))
    assert after == before.model_copy(update={"meanwhile": False, "version": 2})
    assert (before.asks, after.asks) == ("restrict_meanwhile", "restrict")


@pytest.mark.parametrize(
    "changes", [{"action": "correct"}, {"fields": ("shop/orders.name",)}, {"purposes": ("catalogue",)}]
)
@pytest.mark.parametrize("known", [True, False])
def test_anything_else_is_asked_anew_and_follows_what_they_know(changes: dict[str, object], known: bool) -> None:
    before = meanwhile() if known else meanwhile(state=NoticeState.TO_DO, sent_at=None)
    asked = notice(NoticeState.TO_DO, **({"action": "restrict", "notice_id": ANOTHER} | changes))
    after = decided(before, asked)
    assert after.model_copy(update={"follows": None}) == asked
    assert (after.follows and after.follows.reference) == (before.reference if known else None)


def test_who_was_asked_nothing_meanwhile_is_asked() -> None:
    asked = notice(NoticeState.TO_DO)
    assert decided(None, asked) == asked
