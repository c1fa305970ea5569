"""The mails that "went out": what SES was handed, parsed, with the time of the stack's clock."""

import html
import threading
from datetime import datetime
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

from moto.ses.models import RawMessage, ses_backends
from pydantic import BaseModel, ConfigDict

from local.account import ACCOUNT, REGION


class Mail(BaseModel):
    """One mail. `to` holds the addresses of the To header, parted by commas; `html` is empty where there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    subject: str
    headers: dict[str, str]
    text: str
    html: str
    sent_at: datetime


class Outbox:
    """Mails in the order in which they were sent. `moto_fixes` notes the time of each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mails: list[Mail] = []

    def collect(self) -> None:
        with self._lock:
            for message in ses_backends[ACCOUNT][REGION].sent_messages[len(self._mails) :]:
                if not hasattr(message, "sent_with"):
                    return  # it is being sent at this moment
                self._mails.append(_parse(message))

    def mails(self) -> list[Mail]:
        with self._lock:
            return list(self._mails)


def _parse(message: Any) -> Mail:
    sent_at: datetime = message.sent_at
    if not isinstance(message, RawMessage):
        raise TypeError("a mail was sent otherwise than as MIME; Rightsdesk sends MIME only")
    mime = message_from_string(message.raw_data, policy=policy.default)
    if not isinstance(mime, EmailMessage):
        raise TypeError("the default policy makes an EmailMessage")
    return Mail(
        to=", ".join(address.addr_spec for address in mime["To"].addresses),
        subject=str(mime["Subject"]),
        headers={name: str(value) for name, value in mime.items()},
        text=_content(mime, "plain"),
        html=_content(mime, "html"),
        sent_at=sent_at,
    )


def _content(mime: EmailMessage, kind: str) -> str:
    part = mime.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def page(mails: list[Mail]) -> str:
    """The outbox as a page without any script, newest first."""
    entries = "".join(_entry(mail) for mail in reversed(mails)) or "<p>No mail has gone out yet.</p>"
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Outbox ({len(mails)})</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }}
article {{ border: 1px solid #767676; border-radius: .25rem; margin: 0 0 1.5rem; padding: 0 1rem; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
</style></head>
<body><main><h1>Outbox</h1>
<p>The mails that went out, newest first. They left this machine for nowhere.</p>
{entries}</main></body></html>"""


def _entry(mail: Mail) -> str:
    sent = mail.sent_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    subject, to = html.escape(mail.subject), html.escape(mail.to)
    body = html.escape(mail.text or mail.html)
    return f"<article><h2>{subject}</h2><p>To {to}<br>{sent}</p><pre>{body}</pre></article>"
