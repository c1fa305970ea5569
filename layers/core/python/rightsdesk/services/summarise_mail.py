"""Once a day, tell staff how many mails wait and which is due first. Where none waits, nobody is written to."""

# serves: B-1, B-6

from rightsdesk.domain.errors import MailRejectedError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.observability import logger
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.mail import MailStore
from rightsdesk.ports.time import Clock

_PAGE = 100
_MOST = 1000  # a flood is no reason to read it all


def summarise_mail(*, mails: MailStore, letters: Correspondence, merchant: MerchantProfile, clock: Clock) -> int:
    """How many wait (counting stops at 1,000)."""
    waiting, cursor = mails.open_by_target(limit=_PAGE, cursor=None)
    while cursor is not None and len(waiting) < _MOST:
        more, cursor = mails.open_by_target(limit=_PAGE, cursor=cursor)
        waiting += more
    if not waiting:
        return 0
    try:
        letters.to_staff_about_mail(
            waiting[0].mail_id,
            Letter.STAFF_MAIL_WAITING,
            {
                "count": len(waiting),
                "oldest_on": min(item.received_at for item in waiting).astimezone(merchant.timezone).date(),
                "target_on": waiting[0].due.target_on,
            },
            version=clock().date().toordinal(),
        )
    except MailRejectedError:
        logger.warning("staff not told of waiting mails")
    return len(waiting)
