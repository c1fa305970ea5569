"""Whose thread a mail belongs to: the token that our letters carry, and that replies bring back.

It stands in the address that replies go to (`privacy+TOKEN@`) and in the References of each letter, for Amazon SES
replaces the Message-ID that we would give a mail, and mail programs hand References on. 30 characters of Crockford's
base32, which is the same in capitals and small letters, as some mail servers fold what they carry:

    key id (1)  day of issue (4)  reference (9)  HMAC-SHA-256, its first 80 bits (16)

The HMAC is over purpose, request and day: a token for one purpose or request is worthless for another (abuse cases 63,
65). It says where a mail belongs and proves nobody's identity.
"""

# serves: E-00

import hashlib
import hmac
import re
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.reference import parse_reference

KEY_ID = "1"  # of the key that new tokens are made with; others fall to suggestion
TOKEN_LIVES = timedelta(days=400)  # longer than a case with every extension, and its answer
REPLY = "reply"

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1"})
_EPOCH = date(2020, 1, 1)
_DAY, _REFERENCE, _MAC = 4, 9, 16
_LENGTH = 1 + _DAY + _REFERENCE + _MAC
_MESSAGE_ID = re.compile(
    r"<(?:(?P<letter>[a-z_]{1,40})\.(?P<version>[0-9]{1,10})\.)?(?P<token>[0-9a-z]{30})@(?P<domain>[^<>@\s]{1,253})>"
)


class ThreadToken(BaseModel):
    """A token, taken apart and not yet believed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    key_id: str
    issued_on: date
    reference: str  # canonical
    mac: str


class LetterId(BaseModel):
    """What one of our message ids says, not yet believed. `letter` is None for that of the whole thread."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    token: ThreadToken
    letter: str | None = None
    version: int = 1


def new_token(key: bytes, *, request_id: str, reference: str, on: date, purpose: str = REPLY) -> str:
    """The token of a request, in small letters."""
    day = (on - _EPOCH).days
    digits = "".join(_ALPHABET[day >> shift & 31] for shift in range(5 * (_DAY - 1), -1, -5))
    plain = reference.removeprefix("RD-").replace("-", "").lower()
    return f"{KEY_ID}{digits}{plain}{_mac(key, purpose, request_id, on)}"


def read_token(text: str) -> ThreadToken | None:
    """Takes a token apart, in whatever case it came back. None for what can't be one."""
    folded = text.lower().translate(_READ_AS)
    if len(folded) != _LENGTH or any(c not in _ALPHABET for c in folded):
        return None
    day = 0
    for digit in folded[1 : 1 + _DAY]:
        day = day << 5 | _ALPHABET.index(digit)
    reference = parse_reference(folded[1 + _DAY : 1 + _DAY + _REFERENCE])
    if reference is None:
        return None
    return ThreadToken(
        key_id=folded[0], issued_on=_EPOCH + timedelta(days=day), reference=reference, mac=folded[-_MAC:]
    )


def token_holds(token: ThreadToken, key: bytes, *, request_id: str, today: date, purpose: str = REPLY) -> bool:
    """Whether we made this token for this request and purpose, and it is still good."""
    made = _mac(key, purpose, request_id, token.issued_on)
    is_ours = hmac.compare_digest(token.mac, made)
    return is_ours and token.key_id == KEY_ID and today - token.issued_on <= TOKEN_LIVES


def reply_address(mailbox: str, token: str) -> str:
    """`privacy+TOKEN@shop.example`: where the reply to a letter goes."""
    local, _, domain = mailbox.partition("@")
    return f"{local}+{token}@{domain}"


def token_in_address(address: str, mailbox: str) -> ThreadToken | None:
    """The token of an envelope recipient that is `mailbox` with a label; None where it has none that reads."""
    local, _, domain = address.rpartition("@")
    name, _, label = local.partition("+")
    wanted, _, ours = mailbox.rpartition("@")
    if (name.lower(), domain.lower()) != (wanted.lower(), ours.lower()):
        return None
    return read_token(label)


def thread_id(token: str, domain: str) -> str:
    """The id that all letters about a case refer to."""
    return f"<{token}@{domain}>"


def letter_id(token: str, letter: str, version: int, domain: str) -> str:
    """The id of one letter: what came back says by it which letter it was."""
    return f"<{letter}.{version}.{token}@{domain}>"


def read_message_id(text: str, domain: str) -> LetterId | None:
    """What an id of ours says; None for anybody else's."""
    found = _MESSAGE_ID.fullmatch(text.strip().lower())
    if found is None or found["domain"] != domain.lower():
        return None
    token = read_token(found["token"])
    if token is None:
        return None
    return LetterId(token=token, letter=found["letter"], version=int(found["version"] or 1))


def _mac(key: bytes, purpose: str, request_id: str, on: date) -> str:
    digest = hmac.new(key, f"{purpose}|{request_id}|{on.isoformat()}".encode(), hashlib.sha256).digest()
    value = int.from_bytes(digest[:10])
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(75, -1, -5))
