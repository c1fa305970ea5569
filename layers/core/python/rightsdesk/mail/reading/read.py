"""Read a mail, whatever it is. Never raises, and takes bounded time and memory (abuse cases 40, 41, 56, 67 to 73).

What can't be read is said by a flag, and whoever calls keeps the raw mail: nothing is lost by not being understood.
"""

# serves: E-00

from collections.abc import Callable, Iterator
from typing import TypeVar

from rightsdesk.domain.incoming_mail import Attachment, IncomingMail, MailFlag, Returned
from rightsdesk.mail.reading.addresses import Addresses, read_addresses, sender_flags
from rightsdesk.mail.reading.attachments import read_attachments
from rightsdesk.mail.reading.body import Body, read_body
from rightsdesk.mail.reading.headers import MOST_IDS, HeaderBlock, header_text, message_ids
from rightsdesk.mail.reading.new_text import new_text
from rightsdesk.mail.reading.parts import Part, Walk, read_parts
from rightsdesk.mail.reading.plain import has_something_to_see, plain_line
from rightsdesk.mail.reading.returned import read_returned
from rightsdesk.mail.reading.sensitive import sensitive_flags

SUBJECT_CHARACTERS = 500
VALUE_CHARACTERS = 500
_MOST_OF_ONE_NAME = 10

# Headers by which a machine is known (`automatic.py`).
_TELLING = (
    *("auto-submitted", "x-auto-response-suppress", "precedence", "x-autoreply", "x-autorespond", "x-autoresponder"),
    *("x-auto-reply-from", "x-mail-autoreply", "list-id", "list-unsubscribe", "list-post", "feedback-id", "x-loop"),
    *("x-rightsdesk",),
)
_ONCE = ("subject", "from", "sender", "reply-to", "message-id", "in-reply-to", "references", "content-type", "date")

_Result = TypeVar("_Result")


def read_mail(raw: bytes) -> IncomingMail:
    """What could be read of the raw bytes of a mail."""
    flags: set[MailFlag] = set()
    try:
        return _read(raw.removeprefix(b"\xef\xbb\xbf"), flags)
    except Exception:  # whatever it is, a mail is registered
        return IncomingMail(flags=frozenset(flags | {MailFlag.UNREADABLE}))


def _read(raw: bytes, flags: set[MailFlag]) -> IncomingMail:
    root, walk = read_parts(raw)
    headers = root.headers
    flags.update(_flags_of_walk(walk))
    if any(len(headers.fields.get(name, ())) > 1 for name in _ONCE):
        flags.add(MailFlag.DAMAGED)
    body = _guarded(lambda: read_body(root), Body("", frozenset({MailFlag.UNREADABLE}), (root,)), flags)
    flags |= body.flags
    attachments, attachment_flags = _guarded(lambda: read_attachments(body.others), _NO_ATTACHMENTS, flags)
    flags |= attachment_flags
    if _is_encrypted(root):
        flags.add(MailFlag.ENCRYPTED)
    subject = _guarded(lambda: _subject(headers, flags), "", flags)
    senders = _guarded(lambda: _addresses(headers, "from", flags), _NOBODY, flags)
    reply_to = _guarded(lambda: _addresses(headers, "reply-to", flags), _NOBODY, flags)
    sender = _guarded(lambda: _addresses(headers, "sender", flags), _NOBODY, flags)
    flags |= _guarded(lambda: sender_flags(senders.found, sender, reply_to), _NO_FLAGS, flags)
    new, is_quoted_only = _guarded(lambda: new_text(body.text), (body.text, False), flags)
    if is_quoted_only:
        flags.add(MailFlag.QUOTED_ONLY)
    # Numbers anywhere; a paper that is only spoken of in our own letter below is none that was sent.
    flags |= _guarded(lambda: sensitive_flags(body.text, ()), _NO_FLAGS, flags)
    flags |= _guarded(lambda: sensitive_flags(f"{subject}\n{new}", attachments), _NO_FLAGS, flags)
    return IncomingMail(
        senders=senders.found,
        reply_to=reply_to.found,
        subject=subject,
        message_id=_guarded(lambda: _message_id(headers, flags), "", flags),
        references=_guarded(lambda: _references(headers), _NO_TEXTS, flags),
        headers=_guarded(lambda: tuple(_telling(root)), _NO_HEADERS, flags),
        text=body.text,
        new_text=new,
        attachments=attachments,
        returned=_guarded(lambda: read_returned(root, body.text), _NO_NOTICE, flags),
        flags=frozenset(flags),
    )


_NOBODY = Addresses((), guessed=False, damaged=False)
_NO_FLAGS: frozenset[MailFlag] = frozenset()
_NO_ATTACHMENTS: tuple[tuple[Attachment, ...], frozenset[MailFlag]] = ((), _NO_FLAGS)
_NO_TEXTS: tuple[str, ...] = ()
_NO_HEADERS: tuple[tuple[str, str], ...] = ()
_NO_NOTICE: Returned | None = None


def _guarded(read: Callable[[], _Result], otherwise: _Result, flags: set[MailFlag]) -> _Result:
    """One thing that can't be read takes nothing else with it."""
    try:
        return read()
    except Exception:
        flags.add(MailFlag.DAMAGED)
        return otherwise


def _flags_of_walk(walk: Walk) -> Iterator[MailFlag]:
    if walk.too_deep:
        yield MailFlag.TOO_DEEP
    if walk.too_many:
        yield MailFlag.TOO_MANY_PARTS
    if walk.damaged:
        yield MailFlag.DAMAGED


def _is_encrypted(part: Part) -> bool:
    return part.media_type == "multipart/encrypted" or any(map(_is_encrypted, part.children))  # DEEPEST levels


def _subject(headers: HeaderBlock, flags: set[MailFlag]) -> str:
    text, guessed = header_text(headers.first("subject"))
    if guessed:
        flags.add(MailFlag.GUESSED_CHARSET)
    subject = plain_line(text, limit=SUBJECT_CHARACTERS)
    return subject if has_something_to_see(subject) else ""


def _addresses(headers: HeaderBlock, name: str, flags: set[MailFlag]) -> Addresses:
    values = [*headers.all(name)[:_MOST_OF_ONE_NAME], *headers.hidden(name.encode())[:_MOST_OF_ONE_NAME]]
    read = read_addresses(values, is_cut=headers.is_cut(name), is_from=name == "from")
    if read.guessed:
        flags.add(MailFlag.GUESSED_CHARSET)
    if read.damaged:
        flags.add(MailFlag.DAMAGED)
    return read


def _message_id(headers: HeaderBlock, flags: set[MailFlag]) -> str:
    given = headers.first("message-id")
    found = next(message_ids(given), "")
    if given and not found:
        flags.add(MailFlag.DAMAGED)
    return found


def _references(headers: HeaderBlock) -> tuple[str, ...]:
    answered = message_ids(headers.first("in-reply-to"))
    thread = reversed(list(message_ids(headers.tail("references"))))
    return tuple(dict.fromkeys((*answered, *thread)))[:MOST_IDS]


def _telling(root: Part) -> Iterator[tuple[str, str]]:
    for name in _TELLING:
        for value in root.headers.all(name, limit=4 * VALUE_CHARACTERS)[:_MOST_OF_ONE_NAME]:
            yield name, plain_line(header_text(value)[0], limit=VALUE_CHARACTERS)
    if root.media_type == "multipart/report":
        yield "content-type", root.media_type
    if root.headers.first("return-path").replace(b" ", b"") == b"<>":
        yield "return-path", "<>"
