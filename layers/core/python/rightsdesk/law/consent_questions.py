"""How long a question of consent may be answered: silence is none, an old mail is no way to agree (GDPR 4(11), 7)."""

# serves: P-03, P-11

from datetime import datetime, timedelta

from rightsdesk.domain.consent_ledger import ConsentChannel

_ANSWERED_WITHIN = {
    ConsentChannel.NEWSLETTER_PAGE: timedelta(days=7),  # who asked for it, and then looks into the mailbox
    ConsentChannel.CAMPAIGN: timedelta(days=60),  # whom we asked; there is one reminder
}


def answered_until(channel: ConsentChannel, asked_at: datetime) -> datetime:
    """From this moment on the question is closed."""
    return asked_at + _ANSWERED_WITHIN[channel]
