"""A letter's state in the table and in the fake that stands in for it: both keep the same rules."""

from datetime import timedelta
from uuid import uuid4

import pytest

from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.letters import DeliveryState, LetterRecord
from rightsdesk.ports.cases import CaseStore
from tests.support.cases import RECEIVED
from tests.support.fakes import FakeCaseStore, FakeTable, Faults
from tests.support.stack import PlayedStack

KEY = "a" * 64
DIGEST = "0f" * 32
LATER = RECEIVED + timedelta(seconds=30)
NEWS = [DeliveryState.FAILED, DeliveryState.DELIVERED, DeliveryState.BOUNCED, DeliveryState.COMPLAINED]


class Letter:
    """One letter about one case of its own."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases
        self._request_id = uuid4().hex

    def claim(self, *, seconds: int = 0) -> bool:
        at = RECEIVED + timedelta(seconds=seconds)
        return self._cases.claim_letter(self._request_id, "closed", recipient_key=KEY, version=1, at=at)

    def sent(self) -> None:
        self._cases.letter_sent(self._request_id, "closed", recipient_key=KEY, version=1, at=LATER, sha256=DIGEST)

    def news(self, state: DeliveryState, *, version: int = 1, seconds: int = 60) -> bool:
        at = RECEIVED + timedelta(seconds=seconds)
        return self._cases.letter_news(
            self._request_id, "closed", recipient_key=KEY, version=version, state=state, at=at
        )

    @property
    def record(self) -> LetterRecord:
        (only,) = self._cases.letters(self._request_id)
        return only


@pytest.fixture(params=["table", "fake"])
def letter(request: pytest.FixtureRequest, stack: PlayedStack) -> Letter:
    return Letter(stack.cases if request.param == "table" else FakeCaseStore(FakeTable(Faults())))


def test_a_letter_is_pending_then_sent(letter: Letter) -> None:
    assert letter.claim()
    assert (letter.record.state, letter.record.at, letter.record.sent_at) == (DeliveryState.PENDING, RECEIVED, None)
    assert letter.record.sha256 is None
    letter.sent()
    assert (letter.record.state, letter.record.at, letter.record.sent_at) == (DeliveryState.SENT, LATER, LATER)
    assert letter.record.sha256 == DIGEST


@pytest.mark.parametrize("state", NEWS)
def test_news_that_is_faster_than_our_own_note_stays(letter: Letter, state: DeliveryState) -> None:
    letter.claim()
    assert letter.news(state)
    letter.sent()
    assert (letter.record.state, letter.record.sent_at, letter.record.sha256) == (state, LATER, DIGEST)
    assert letter.record.at == RECEIVED + timedelta(seconds=60)
    assert not letter.claim(seconds=90_000)


@pytest.mark.parametrize("state", NEWS[1:])
def test_a80_news_of_a_letter_that_is_out_makes_the_claim_of_a_dead_sender_last(
    letter: Letter, state: DeliveryState
) -> None:
    letter.claim()
    letter.news(state)
    assert letter.record.sent_at == RECEIVED + timedelta(seconds=60)
    assert not letter.claim(seconds=90_000)


def test_a_letter_that_was_refused_at_once_may_be_tried_again_at_once(letter: Letter) -> None:
    letter.claim()
    with pytest.raises(ServiceUnavailableError):
        letter.claim(seconds=1)
    letter.news(DeliveryState.FAILED)
    assert (letter.record.state, letter.record.sent_at) == (DeliveryState.FAILED, None)
    assert letter.claim(seconds=2)
    assert letter.record.state == "pending"
    letter.sent()
    assert letter.record.state == "sent"


def test_news_never_goes_back_and_again_is_no_news(letter: Letter) -> None:
    letter.claim()
    letter.sent()
    assert [letter.news(state, seconds=60 + number) for number, state in enumerate(reversed(NEWS))] == [True] + 3 * [
        False
    ]
    assert not letter.news(DeliveryState.COMPLAINED, seconds=99)
    assert (letter.record.state, letter.record.at) == (DeliveryState.COMPLAINED, RECEIVED + timedelta(seconds=60))


def test_news_of_a_letter_that_is_not_there_makes_none(letter: Letter) -> None:
    letter.claim()
    assert not letter.news(DeliveryState.DELIVERED, version=2)
    assert letter.record.version == 1
