"""Once a day, find raw mails that nobody was told of, and have them told of again.

A mail is stored before its notice goes its way: where topic or queue lose that, the mail would lie in the bucket until
its time there is over. What the mail service found out about it is lost with the notice, so nothing is answered: it
waits for staff, with the clock running from when it was stored.
"""

# serves: B-6

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.identity import keyed_id
from rightsdesk.domain.mail_item import MailStatus
from rightsdesk.observability import logger
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.mail import MailStore
from rightsdesk.ports.time import Clock

LOOKS_BACK = timedelta(days=3)  # so that a sweep that fails, and one more, are made up for
_ON_ITS_WAY = timedelta(hours=1)  # younger mails are still being tried
_MOST = 5000  # mails that are looked at; the youngest have more days
_NO_MAIL = "AMAZON_SES_SETUP_NOTIFICATION"  # written when a receipt rule is made


def sweep_mail(
    *,
    files: Callable[[datetime, datetime], Iterable[tuple[str, datetime]]],
    mails: MailStore,
    keys: Keyring,
    redeliver: Callable[[str, str, datetime], None],
    clock: Clock,
    looks_back: timedelta = LOOKS_BACK,
) -> int:
    """How many were found. `files` gives (key, when stored) of the raw mails that were stored between two moments.

    `redeliver` takes the mail service's id of the delivery, the key, and when it was stored. To tell of a mail twice
    does no harm.
    """
    now = clock()
    stored = sorted(files(now - looks_back, now - _ON_ITS_WAY), key=lambda file: file[1])
    if len(stored) > _MOST:
        logger.warning("more mails than one sweep looks at", extra={"count": len(stored)})
    found = 0
    for key, stored_at in stored[:_MOST]:
        message_id = key.rpartition("/")[2]
        if message_id in ("", _NO_MAIL):
            continue
        mail_id = keyed_id(keys.key("mail"), message_id)  # as MailIntake.id_of
        if _was_taken(mails, mail_id):
            continue
        redeliver(message_id, key, stored_at)
        logger.warning("mail found that nobody was told of", extra={"mail_id": mail_id})
        found += 1
    return found


def _was_taken(mails: MailStore, mail_id: str) -> bool:
    try:
        return mails.get(mail_id).status is not MailStatus.RECEIVED  # written down, and nothing made of it yet
    except NotFoundError:
        return False
