"""A question to the sender of a mail came back: whoever asked has to see that nobody was reached."""

# serves: B-6

from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.letters import DeliveryNews
from rightsdesk.domain.mail_item import MailStatus
from rightsdesk.domain.request import SYSTEM
from rightsdesk.ports.mail import MailStore
from rightsdesk.ports.time import Clock


def record_question_delivery(news: DeliveryNews, *, mails: MailStore, clock: Clock) -> None:
    """`news` of a letter whose id is that of a mail. Good news, and news of a mail that is settled, change nothing."""
    if not news.state.is_missing:
        return
    try:
        item = mails.get(news.request_id)
    except NotFoundError:
        return
    if item.status is not MailStatus.ASKED:
        return
    after, event = item.changed(
        "letter_undelivered",
        at=clock(),
        actor=SYSTEM,
        details={"letter": str(news.letter), "state": str(news.state)},
        status=MailStatus.TRIAGE,
        held_for=("question_undelivered",),
    )
    mails.save(item, after, event)
