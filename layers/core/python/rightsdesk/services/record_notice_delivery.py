"""A mail to a recipient of data came back: it was not reached, and staff see so (GDPR 19)."""

# serves: P-10, C-1

from rightsdesk.domain.errors import CaseClosedError, NotFoundError
from rightsdesk.domain.letters import DeliveryNews
from rightsdesk.domain.recipient_notice import RecipientNotice, unreached
from rightsdesk.domain.request import SYSTEM
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.recipients import RecipientNotices, record_notice
from rightsdesk.ports.time import Clock


def record_notice_delivery(news: DeliveryNews, *, cases: CaseStore, notices: RecipientNotices, clock: Clock) -> None:
    """News of the last mail to one of them; of earlier ones, and good news, nothing follows. May come twice.

    Raises ServiceUnavailableError: the news then comes again.
    """
    if not news.state.is_missing or not news.permanent:
        return
    notice = next((n for n in notices.of(news.request_id) if n.recipient_key == news.recipient_key), None)
    if notice is None or news.version != notice.sendings:
        logger.info("nothing new about a notice", extra={"request_id": news.request_id})
        return

    def came_back(now: RecipientNotice) -> RecipientNotice | None:
        if now.is_settled or now.failure == news.state or now.sendings != news.version:
            return None
        return unreached(now, str(news.state), at=clock())

    try:
        record_notice(
            news.request_id,
            notice.recipient,
            came_back,
            "recipient_not_reached",
            actor=SYSTEM,
            at=clock(),
            cases=cases,
            notices=notices,
            details={"failure": str(news.state)},
        )
    except (CaseClosedError, NotFoundError):
        logger.info("news of a notice of a case that is over", extra={"request_id": news.request_id})
