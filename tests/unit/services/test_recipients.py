"""Who was given data is told, and the case waits until each has done the same (GDPR 19)."""

# serves: E-03, E-04, E-05, P-10, C-1

from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.request import RequestType
from tests.support.correcting import NAME, correcting_map, fill
from tests.support.play import Play


def correcting() -> Play:
    return fill(Play(types=(RequestType.RECTIFICATION,), corrections=(NAME,), data_map=correcting_map()))  # type: ignore[return-value]


def test_a_correction_is_told_to_who_had_it_and_the_case_waits_for_them() -> None:
    play = correcting()
    for _ in range(3):
        play.day()
    case = play.only_case()
    assert case.outcome is Outcome.FULFILLED
    assert {notice.recipient: notice.state for notice in play.notices.of(case.request_id)} == {
        "carrier": NoticeState.DONE,
        "printer": NoticeState.DONE,
    }
    told = play.history(case)
    assert told.index("corrected") < told.index("recipients_named") < told.index("recipient_told")
    assert told.index("recipient_told") < told.index("answered") < told.index("recipients_awaited")
    assert told.index("recipients_awaited") < told.index("recipient_answered") < told.index("closed")
