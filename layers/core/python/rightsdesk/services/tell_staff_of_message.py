"""Call staff to a message of the person, by whichever way it came."""

# serves: B-6

from datetime import datetime

from rightsdesk.domain.errors import MailRejectedError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports.letters import Correspondence


def tell_staff_of_message(
    letters: Correspondence,
    case: PrivacyRequest,
    *,
    received_at: datetime,
    version: int,
    merchant: MerchantProfile,
    proposes_withdrawal: bool = False,
) -> None:
    """Once for each `version`, whose numbers the ways must not share. ServiceUnavailableError where mail is down.

    A staff mailbox that takes no mail stops nothing: the message stands on the work list.
    """
    values = {
        "reference": case.reference,
        "received_on": received_at.astimezone(merchant.timezone).date(),
        "due_on": case.due.due_on,
        "proposes_withdrawal": proposes_withdrawal,
    }
    try:
        letters.to_staff(case, Letter.STAFF_MESSAGE, values, version=version)
    except MailRejectedError:
        logger.warning("staff not told of a message", extra={"request_id": case.request_id})
