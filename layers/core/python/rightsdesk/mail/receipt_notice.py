"""Read Amazon SES's notice of a mail that came in, as SNS puts it into the queue: the envelope and the verdicts.

What the mail itself says of its recipients and checks is never read: its sender wrote that (abuse case 60). A check
that SES does not mention, or whose result we do not know, is not passed (61).
"""

# serves: B-6

import json
from datetime import UTC, datetime
from typing import Any

from rightsdesk.domain.incoming_mail import Envelope, Verdict, Verdicts

_GREETING = "Successfully validated SNS topic"  # SES tries a topic when a rule is made
_MOST_RECIPIENTS = 100
_LONGEST_ADDRESS = 320


def read_receipt_notice(record: dict[str, Any]) -> Envelope | None:
    """`record`: one of `Records` that SQS hands to a function. None for a notice of anything but a mail.

    A notice that can't be read still stands for something that came in: it becomes an envelope without a mail, so that
    somebody looks.
    """
    try:
        message = json.loads(record["body"])["Message"]
        if message.startswith(_GREETING):
            return None
        notice = json.loads(message)
        if notice["notificationType"] != "Received":
            return None
        return _envelope(notice)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return Envelope(message_id=f"unread {record['messageId']}", received_at=_sent_at(record))


def _envelope(notice: dict[str, Any]) -> Envelope:
    mail, receipt = notice["mail"], notice["receipt"]
    key = receipt["action"].get("objectKey")
    recipients = receipt.get("recipients") or ()
    return Envelope(
        message_id=str(mail["messageId"])[:_LONGEST_ADDRESS],
        received_at=_moment(receipt.get("timestamp") or mail["timestamp"]),
        sender=None if mail.get("source", "") is None else _mailbox(mail.get("source")),
        recipients=tuple(str(each)[:_LONGEST_ADDRESS] for each in recipients[:_MOST_RECIPIENTS]),
        verdicts=Verdicts(**{name: _verdict(receipt.get(f"{name}Verdict")) for name in Verdicts.model_fields}),
        key=str(key) if key else None,
    )


def _verdict(told: Any) -> Verdict:
    status = told.get("status") if isinstance(told, dict) else None
    return Verdict(status) if isinstance(status, str) and status in set(Verdict) else Verdict.MISSING


def _mailbox(source: Any) -> str:
    """MAIL FROM. SES gives nothing, or `<>`, for a notice of the mail system."""
    return str(source or "").strip("<> \t\r\n")[:_LONGEST_ADDRESS]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _sent_at(record: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
