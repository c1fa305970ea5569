"""Tell recipients again: those who could not be reached for a while, and those who are asked how far they are.

Nobody hears twice on one day, whatever dies in between. Who can't be reached is tried each day, and after a week each
week: staff see for how long it has failed. Staff are reminded of what they have to tell themselves by
their own letter, so that is not sent again here.
"""

# serves: P-10, C-1

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from rightsdesk.domain.errors import PeerUnavailableError, ServiceUnavailableError
from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice
from rightsdesk.domain.recipients import Recipient
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.ports.recipients import RecipientNotices, TellOne
from rightsdesk.ports.time import Clock

_APART = timedelta(hours=20)  # between two tries: a daily look may come a little earlier than the last one
_PATIENCE = timedelta(days=7)  # while what fails is tried each day
_THEN_APART = timedelta(days=6, hours=20)
_MAY_PASS = frozenset({PeerUnavailableError.code, ServiceUnavailableError.code})  # all else staff have to look at
_ASKED = (NoticeState.SENT, NoticeState.ACKNOWLEDGED)


def remind_recipients(
    case: PrivacyRequest,
    *,
    silent: bool,
    notices: RecipientNotices,
    recipients: Callable[[], Mapping[str, Recipient]],
    tell: TellOne,
    clock: Clock,
) -> PrivacyRequest:
    """The case as it is then. `silent`: those, too, who were told and have not done it. ServiceUnavailableError."""
    now = clock()
    for notice in notices.of(case.request_id):
        recipient = recipients().get(notice.recipient)
        if recipient is None or notice.is_settled:
            continue
        unreached = notice.failure in _MAY_PASS and notice.state is NoticeState.TO_DO
        asked = silent and notice.state in _ASKED and notice.channel != "manual"
        tried_at = max(filter(None, (notice.last_sent_at, notice.failed_at)), default=None)
        apart = _apart(notice, now) if unreached else _APART
        if (unreached or asked) and (tried_at is None or now - tried_at >= apart):
            case = tell(case, notice, recipient)
    return case


def _apart(notice: RecipientNotice, now: datetime) -> timedelta:
    since = notice.failing_since
    return _APART if since is None or now - since < _PATIENCE else _THEN_APART
