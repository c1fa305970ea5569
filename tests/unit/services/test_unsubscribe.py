"""Ten thousand clicks: the same at the end as one for each, and cheap."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from rightsdesk.domain.errors import ServiceUnavailableError
from tests.support.consents import HANA, ConsentRoom
from tests.support.fakes import How

PEOPLE = [f"member{number}@example.jp" for number in range(2_000)]


def test_a37_ten_thousand_posts_are_idempotent_and_cost_two_calls_each_at_most() -> None:
    room = ConsentRoom()
    tokens = [room.list_token(address) for address in PEOPLE for _ in range(5)]
    random.Random(37).shuffle(tokens)
    for token in tokens:
        room.unsubscribe(token)
    calls = room.faults.calls
    assert len(tokens) == 10_000
    assert calls.count("permissions.find") == 10_000
    assert calls.count("permissions.save") == 2_000, "one write for each person, and none for a replay"
    assert len(calls) == 12_000
    for address in PEOPLE[::100]:
        assert room.said(address) == ["withdrawn:newsletter"]
        assert not room.may(address)


def test_a37_clicks_at_the_same_moment_are_one_stop() -> None:
    room = ConsentRoom()
    room.sign_up()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: room.unsubscribe(room.list_token()), range(50)))
    assert room.said() == ["given:newsletter", "withdrawn:newsletter"]


@pytest.mark.parametrize("how", [How.UNAVAILABLE, How.ANSWER_LOST])
@pytest.mark.parametrize("call", [0, 1])
def test_a_click_that_fails_is_told_and_may_be_made_again(how: How, call: int) -> None:
    room = ConsentRoom()
    room.sign_up()
    room.faults.fail(len(room.faults.calls) + call, how)
    with pytest.raises(ServiceUnavailableError):
        room.unsubscribe(room.list_token())
    room.unsubscribe(room.list_token())
    assert room.said() == ["given:newsletter", "withdrawn:newsletter"]


def test_a_consent_and_a_stop_at_the_same_moment_leave_one_of_both_and_a_sound_chain() -> None:
    room = ConsentRoom()
    room.offer_newsletter(HANA)
    question = room.token()
    room.advance(minutes=1)
    room.faults.before("permissions.save", lambda: room.unsubscribe(room.list_token()))
    with pytest.raises(Exception, match="stopped this since"):
        room.answers.agree(question)
    assert not room.may()
    assert room.said() == ["withdrawn:newsletter"]
