"""A notice that a mail of ours came back: RFC 3464, and the two plain notices that are still met (abuse case 72).

It is the sender's word like all of a mail. Which letter came back is known by an id that carries our seal, and by
nothing else.
"""

import re
from collections.abc import Iterable, Iterator

from rightsdesk.domain.incoming_mail import Returned
from rightsdesk.mail.reading.headers import MOST_IDS, HeaderBlock, message_ids, read_headers
from rightsdesk.mail.reading.parts import Part, leaves

_LOOKED_AT = 64 * 1024  # bytes of a part
_FIELD = re.compile(rb"^(action|status)[ \t]*:[ \t]*([^\r\n]{1,200})", re.IGNORECASE | re.MULTILINE)
_PERMANENT = re.compile(r"\b5\.[0-9]{1,3}\.[0-9]{1,3}\b|\b55[0-9][ -]|permanent error|retry timeout exceeded")
# qmail and Exim: the notice in words, and below a line of its own the mail that came back.
_NOTICE = re.compile(
    r"\s*(?:hi\. this is the .{0,60}(?:qmail|program)"
    r"|this message was created automatically by mail delivery software)",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"^-{2,10} ?(?:below this line is a copy of the message"
    r"|this is a copy of (?:your|the) message, including all the headers)[^\n]{0,60}\n",
    re.IGNORECASE | re.MULTILINE,
)


def read_returned(root: Part, text: str) -> Returned | None:
    """None where the mail is no such notice."""
    parts = list(leaves(root))
    reports = [
        part for part in parts if part.media_type in ("message/delivery-status", "message/global-delivery-status")
    ]
    if reports:
        content, _ = reports[0].content(limit=_LOOKED_AT)
        failed, permanent = _outcome(content)
        return Returned(failed=failed, permanent=permanent, message_ids=_ids(_originals(parts)))
    if _NOTICE.match(text):
        below = _BELOW.search(text[:_LOOKED_AT])
        original = text[below.end() :][:_LOOKED_AT].lstrip("\n").encode() if below else b""
        said = text[: below.start() if below else _LOOKED_AT].lower()
        ids = _ids([read_headers(original, 0, len(original))])
        is_delay = "has not yet been delivered" in said or "no action is required" in said
        return Returned(failed=not is_delay, permanent=not is_delay and bool(_PERMANENT.search(said)), message_ids=ids)
    return None


def _outcome(report: bytes) -> tuple[bool, bool]:
    """(failed, permanent): of any recipient, for a letter of ours has one."""
    failed = permanent = False
    for group in re.split(rb"\r?\n[ \t]*\r?\n", report)[:50]:
        said = {name.lower(): value.strip().lower() for name, value in _FIELD.findall(group)}
        if said.get(b"action", b"").startswith(b"failed"):
            failed = True
            permanent = permanent or said.get(b"status", b"").startswith(b"5")
    return failed, permanent


def _originals(parts: Iterable[Part]) -> Iterator[HeaderBlock]:
    for part in parts:
        if part.media_type in ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"):
            content, _ = part.content(limit=_LOOKED_AT)
            yield read_headers(content, 0, len(content))


def _ids(originals: Iterable[HeaderBlock]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for headers in originals:
        for name in ("message-id", "in-reply-to"):
            found |= dict.fromkeys(message_ids(headers.first(name)))
        found |= dict.fromkeys(reversed(list(message_ids(headers.tail("references")))))
    return tuple(found)[:MOST_IDS]
