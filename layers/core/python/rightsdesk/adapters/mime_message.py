"""A mail of ours as bytes: the headers that we chose, each once, and a text and an HTML part that say the same.

The headers are written here and not by the `email` package. On CPython 3.11 an encoded line break in a Subject becomes
a real `Bcc:` line when that package folds it, and its encoded words are longer than RFC 2047 lets them be. What is
written is looked at once more as bytes, the way a mail server reads it, before anything is sent (abuse case 56).
"""

# serves: B-6

import base64
import re
import unicodedata
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from rightsdesk.domain.errors import MailRejectedError
from rightsdesk.domain.letters import SALT, SALT_HEADER, OutgoingMail
from rightsdesk.domain.list_headers import unsubscribe_headers
from rightsdesk.domain.mail_threads import letter_id, reply_address, thread_id

MARKER = "X-Rightsdesk"  # ours: a mail that comes in with it is one of our own that came back
# All that a mail of ours may hold, in their order. Date is Amazon SES's to write.
HEADERS = (
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    MARKER,
    SALT_HEADER,
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Message-ID",
    "References",
    "MIME-Version",
    "Content-Type",
)
# Of a mail that belongs to no thread, of one whose digest nobody keeps, and of one that goes to one person alone.
_MAY_LACK = frozenset(
    {"Reply-To", "Message-ID", "References", SALT_HEADER, "List-Unsubscribe", "List-Unsubscribe-Post"}
)
LONGEST_LINE = 998  # RFC 5322, 2.1.1, without its end
_FOLDED_AT = 76  # RFC 2047, 2: a line with an encoded word
_LONGEST_WORD = 75  # RFC 2047, 2
_WORD = "=?utf-8?b?{}?="

_LINK = re.compile(r"https?://[A-Za-z0-9.:-]+(/[A-Za-z0-9._~-]+)+")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, halves of a character, and marks that end a line
_FIRST_LINE = re.compile(rb"([A-Za-z-]+): [\x21-\x7e][\x20-\x7e]*")
_NEXT_LINE = re.compile(rb" +[\x21-\x7e][\x20-\x7e]*")
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n|\x00")


def message_bytes(mail: OutgoingMail, *, sender: str, name: str, mailbox: str = "") -> bytes:
    """The whole message. `mailbox` is where answers go, if there is one; `name` stands beside each of our addresses.

    Raises MailRejectedError where a header would hold what it must not.
    """
    raw = _headers(mail, sender=sender, name=name, mailbox=mailbox) + _bodies(mail)
    require_our_headers(raw)
    return raw


def encoded_words(text: str, *, first: int = _LONGEST_WORD) -> list[str]:
    """The text as encoded words of RFC 2047, each of whole characters, so that each can be read by itself.

    `first` is what the first word has room for, where a name stands before it.
    """
    words, octets, room = [], b"", _octets_in(first)
    for character in text:
        encoded = character.encode()
        if octets and len(octets) + len(encoded) > room:
            words.append(_word(octets))
            octets, room = b"", _octets_in(_LONGEST_WORD)
        octets += encoded
    return [*words, _word(octets)]


def require_our_headers(raw: bytes) -> None:
    """Raises MailRejectedError unless the header block holds our headers, once each, and every line is a line."""
    block, end, body = raw.partition(b"\r\n\r\n")
    names: list[str] = []
    for line in block.split(b"\r\n"):
        begins = _FIRST_LINE.fullmatch(line)
        if begins:
            names.append(begins[1].decode("ascii"))
        elif not (names and _NEXT_LINE.fullmatch(line)):
            raise MailRejectedError("header line")
    if not end or len(set(names)) != len(names) or not set(HEADERS) - _MAY_LACK <= set(names) <= set(HEADERS):
        raise MailRejectedError("headers")
    if not body.isascii() or _BARE.search(body) or any(len(line) > LONGEST_LINE for line in raw.split(b"\r\n")):
        raise MailRejectedError("lines")


def _headers(mail: OutgoingMail, *, sender: str, name: str, mailbox: str) -> bytes:
    fields = [
        _field("From", *_named(name, sender, header="From")),
        _field("To", _address(mail.to)),
        _field("Subject", *_text(mail.subject, header="Subject")),
        _field("Auto-Submitted", mail.auto),
        _field("X-Auto-Response-Suppress", "All"),
        _field(MARKER, "letter"),
    ]
    if mailbox and (mail.thread or mail.may_be_answered):
        answers = reply_address(mailbox, mail.thread) if mail.thread else mailbox
        fields.insert(2, _field("Reply-To", *_named(name, answers, header="Reply-To")))
    if mail.salt is not None:
        if not SALT.fullmatch(mail.salt):
            raise MailRejectedError(SALT_HEADER)
        fields.append(_field(SALT_HEADER, mail.salt))
    if mail.unsubscribe is not None:
        if not _LINK.fullmatch(mail.unsubscribe):
            raise MailRejectedError("List-Unsubscribe")
        fields += [_field(header, value) for header, value in unsubscribe_headers(mail.unsubscribe).items()]
    if mail.thread:
        domain = sender.rpartition("@")[2]
        own = letter_id(mail.thread, mail.tags.get("letter", "letter"), int(mail.tags.get("version", "1")), domain)
        # Amazon SES writes another Message-ID. It keeps References, and mail programs hand them on.
        fields += [_field("Message-ID", own), _field("References", thread_id(mail.thread, domain), own)]
    try:
        return "".join(fields).encode("ascii")
    except UnicodeEncodeError:
        raise MailRejectedError("header line") from None


def _bodies(mail: OutgoingMail) -> bytes:
    """Both parts, and the two headers that say how they are put together."""
    message = EmailMessage()
    try:
        message.set_content(mail.text, cte="quoted-printable")
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    except UnicodeEncodeError:
        raise MailRejectedError("text") from None
    del message["MIME-Version"]  # it comes first, and once
    return b"MIME-Version: 1.0\r\n" + message.as_bytes(policy=SMTP)


def _field(name: str, *parts: str) -> str:
    """A header, folded between its parts and nowhere else."""
    lines = [f"{name}: {parts[0]}"]
    for part in parts[1:]:
        if len(lines[-1]) + 1 + len(part) <= _FOLDED_AT:
            lines[-1] += f" {part}"
        else:
            lines.append(f" {part}")
    return "".join(f"{line}\r\n" for line in lines)


def _named(name: str, address: str, *, header: str) -> Sequence[str]:
    """A display name and an address; the address alone where there is no name."""
    if not name:
        return (_address(address),)
    shown = _text(name, header=header)
    if shown == [name]:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        shown = [f'"{quoted}"']
    return (*shown, f"<{_address(address)}>")


def _text(text: str, *, header: str) -> list[str]:
    """What stands in a header as it is where that is plain and short; as encoded words else."""
    if not text.strip() or any(unicodedata.category(character) in _UNSEEN for character in text):
        raise MailRejectedError(header)
    room = _FOLDED_AT - len(f"{header}: ")
    # What looks like an encoded word would be read as one: it is encoded, and then shows as it was written.
    plain = text.isascii() and "=?" not in text and text == text.strip() and len(text) <= room
    return [text] if plain else encoded_words(text, first=room)


def _address(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise MailRejectedError("address")
    return address


def _octets_in(length: int) -> int:
    """How many octets an encoded word of this length holds."""
    return max((min(length, _LONGEST_WORD) - len(_WORD.format(""))) // 4 * 3, 4)


def _word(octets: bytes) -> str:
    return _WORD.format(base64.b64encode(octets).decode("ascii"))
