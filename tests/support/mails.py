"""Mails as people write them, for tests that let one come in."""

from email.message import EmailMessage
from email.utils import parseaddr
from itertools import count

from local.outbox import Mail

ASKS = "Please send me a copy of all the personal data that you hold about me (Article 15 GDPR)."
_numbers = count(1)


def mail(sender: str, text: str, *, subject: str = "My data", name: str = "", **headers: str) -> EmailMessage:
    """A mail with a Message-ID of its own. `headers`: with underscores for hyphens."""
    made = EmailMessage()
    made["From"] = f"{name} <{sender}>" if name else sender
    made["To"] = "privacy@shop.example"
    made["Subject"] = subject
    made["Message-ID"] = f"<{next(_numbers)}@example.com>"
    for header, value in headers.items():
        made[header.replace("_", "-")] = value
    made.set_content(text)
    return made


def new_address() -> str:
    """Nobody's yet: limits count by address."""
    return f"sender{next(_numbers)}@example.com"


def reply(to: Mail, sender: str, text: str) -> tuple[EmailMessage, str]:
    """As mail programs reply: to Reply-To, with the ids of what is answered; and where that goes."""
    answer = mail(sender, text, subject=f"Re: {to.subject}")
    # SES replaces the Message-ID of what it sends; References it hands on.
    answer["In-Reply-To"] = "<0102018f@eu-west-1.amazonses.com>"
    answer["References"] = f"{to.headers['References']} <0102018f@eu-west-1.amazonses.com>"
    return answer, parseaddr(to.headers["Reply-To"])[1]
