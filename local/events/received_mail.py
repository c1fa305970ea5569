"""One mail as Amazon SES took it: what it stores, and the notification that AWS documents for an S3 action.

Headers are read as far as they can be; nothing that a sender wrote makes this fail.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import format_datetime, getaddresses
from typing import Any, Final

from local.account import REGION

ADDRESS: Final = re.compile(r"[^@\s<>\x00-\x1f]+@[^@\s<>\x00-\x1f]+")
_NULL_SENDER: Final = "<>"  # of notices of the mail system
_HEADERS_LIMIT: Final = 10 * 1024  # bytes of headers in a notification
# The file that every virus scanner knows, in two pieces: whoever scans this one must not find it.
_EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass(frozen=True)
class ReceivedMail:
    """A mail with its envelope. `sender` is empty for a notice of the mail system."""

    raw: bytes
    message_id: str  # SES's own
    sender: str
    recipients: tuple[str, ...]
    at: datetime

    def as_stored(self, verdicts: Mapping[str, str]) -> bytes:
        """The mail under the lines that SES puts in front of it."""
        host = self.sender.rpartition("@")[2] or "localhost"
        lines = [
            f"Return-Path: <{self.sender}>",
            f"Received: from {host} ({host} [127.0.0.1])",
            f" by inbound-smtp.{REGION}.amazonaws.com with SMTP id {self.message_id}",
            f" for {self.recipients[0]};",
            f" {format_datetime(self.at)} (UTC)",
        ]
        scans = [check for check in ("spam", "virus") if check in verdicts]
        lines += [f"X-SES-{check.title()}-Verdict: {verdicts[check]}" for check in scans]
        end = "\r\n" if b"\r\n" in self.raw[:1000] else "\n"
        return "".join(line + end for line in lines).encode() + self.raw

    def notification(
        self, stored: bytes, *, recipients: Sequence[str], verdicts: Mapping[str, str], action: Mapping[str, str]
    ) -> dict[str, Any]:
        """`recipients` are those that the rule is for; the rest of what `mail` says is the sender's word."""
        headers = read_headers(stored)
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shown, truncated = _within_limit(_unfolded(headers))
        return {
            "notificationType": "Received",
            "mail": {
                "timestamp": at,
                "source": self.sender or _NULL_SENDER,
                "messageId": self.message_id,
                "destination": addresses(headers, "To", "Cc") or list(self.recipients),
                "headersTruncated": truncated,
                "headers": [{"name": name, "value": value} for name, value in shown],
                "commonHeaders": {"returnPath": self.sender or _NULL_SENDER, **_common_headers(headers)},
            },
            "receipt": {
                "timestamp": at,
                "processingTimeMillis": 500,
                "recipients": list(recipients),
                **{f"{check}Verdict": {"status": verdict} for check, verdict in verdicts.items()},
                **({"dmarcPolicy": "none"} if verdicts.get("dmarc") == "FAIL" else {}),
                "action": dict(action),
            },
        }


def has_virus(raw: bytes) -> bool:
    """Whether the EICAR test file is in the mail: plain, or in a part of it."""
    if _EICAR in raw:
        return True
    try:
        parts = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]
        return any(_EICAR in content for part in parts if isinstance(content := part.get_payload(decode=True), bytes))
    except (LookupError, ValueError, RecursionError):  # it can't be taken apart: what is in the open was looked at
        return False


def read_headers(raw: bytes) -> Message:
    end = re.search(rb"\r?\n\r?\n", raw)
    return BytesParser().parsebytes(raw[: end.end()] if end else raw, headersonly=True)


def addresses(headers: Message, *names: str) -> list[str]:
    """The addresses of these headers, as far as they can be read."""
    found: list[str] = []
    for line in _lines(headers, *names):
        parsed = [address for _, address in getaddresses([line]) if ADDRESS.fullmatch(address)]
        found += parsed or ADDRESS.findall(line)
    return found


def _lines(headers: Message, *names: str) -> list[str]:
    """The values of these headers, each on one line."""
    wanted = {name.lower() for name in names}
    return [value for name, value in _unfolded(headers) if name.lower() in wanted]


def _unfolded(headers: Message) -> list[tuple[str, str]]:
    return [(name, _text(value)) for name, value in headers.raw_items()]


def _text(value: Any) -> str:
    plain = re.sub(r"\r?\n(?=[ \t])", "", str(value))
    return plain.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()


def _within_limit(headers: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], bool]:
    """The headers that a notification has room for, and whether some were left out."""
    size = 0
    for number, (name, value) in enumerate(headers):
        size += len(name.encode()) + len(value.encode())
        if size > _HEADERS_LIMIT:
            return headers[:number], True
    return headers, False


def _common_headers(headers: Message) -> dict[str, Any]:
    """Those of the usual headers that the mail has, with their encoded words read."""
    several = {"from": "From", "to": "To", "cc": "Cc", "bcc": "Bcc", "replyTo": "Reply-To"}
    one = {"sender": "Sender", "date": "Date", "messageId": "Message-ID", "subject": "Subject"}
    common: dict[str, Any] = {}
    for key, name in several.items():
        if lines := _lines(headers, name):
            common[key] = [_decoded(entry.strip()) for line in lines for entry in _entries(line)]
    for key, name in one.items():
        if lines := _lines(headers, name):
            common[key] = _decoded(lines[0])
    return common


def _entries(line: str) -> list[str]:
    """An address header parted at its commas, but not inside quotes."""
    return re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,])+', line)


def _decoded(line: str) -> str:
    """`line` with its encoded words read, or as it is where they can't be."""
    try:
        return str(make_header(decode_header(line)))
    except (LookupError, ValueError):
        return line
