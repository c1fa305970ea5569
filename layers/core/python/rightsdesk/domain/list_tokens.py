"""Tokens in the links of mails that are sent to many: to stop a list, and to answer a question of consent.

Each holds all that is needed, so that nothing is kept for a mail that nobody answers: the digest of an address as the
register has it, what it is about, and an HMAC-SHA-256 of which 128 bits are kept. Base32 in small letters, and read in
any case, as some systems fold what they carry (abuse cases 37, 63). Who holds a token can read that mailbox, and can do
this one thing with it.

    of a list      MAC (16)  digest (32)  name of the purpose
    of a question  MAC (16)  digest (32)  moment of asking, in seconds since 1970 (5)  way of asking (1)
                   first bytes of the SHA-256 of the text (8)
"""

# serves: E-09, P-03, P-11

import base64
import binascii
import hashlib
import hmac
import re
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.consent_ledger import ConsentChannel

LIST_KEY = "unsubscribe"  # purposes of keys in the keyring: each serves nothing else
QUESTION_KEY = "consent-question"

_MAC, _DIGEST, _MOMENT, _TEXT = 16, 32, 5, 8
_PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LONGEST = 200  # characters, more than any token has
_CHANNELS = {ConsentChannel.NEWSLETTER_PAGE: b"n", ConsentChannel.CAMPAIGN: b"c"}


class ListToken(BaseModel):
    """Who wants no more of what. `digest` in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    digest: str
    purpose: str


class QuestionToken(BaseModel):
    """Who was asked, when, and in which words."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    digest: str
    asked_at: datetime  # whole seconds, UTC
    channel: ConsentChannel
    text: bytes  # how the SHA-256 of the words begins


def list_token(key: bytes, token: ListToken) -> str:
    """Always the same for a list and an address: it works for as long as somebody keeps the mail."""
    return _sealed(key, LIST_KEY, bytes.fromhex(token.digest) + token.purpose.encode("ascii"))


def read_list_token(key: bytes, text: str) -> ListToken | None:
    """None for what we have not made."""
    opened = _opened(key, LIST_KEY, text)
    if opened is None or len(opened) <= _DIGEST:
        return None
    purpose = opened[_DIGEST:].decode("ascii", errors="replace")
    return ListToken(digest=opened[:_DIGEST].hex(), purpose=purpose) if _PURPOSE.fullmatch(purpose) else None


def question_token(key: bytes, *, digest: str, asked_at: datetime, channel: ConsentChannel, text_sha256: str) -> str:
    """`channel`: by the newsletter page or by a campaign."""
    moment = int(asked_at.timestamp()).to_bytes(_MOMENT) + _CHANNELS[channel]
    return _sealed(key, QUESTION_KEY, bytes.fromhex(digest) + moment + bytes.fromhex(text_sha256)[:_TEXT])


def read_question_token(key: bytes, text: str) -> QuestionToken | None:
    """None for what we have not made. How old it may be is for the caller to say."""
    opened = _opened(key, QUESTION_KEY, text)
    if opened is None or len(opened) != _DIGEST + _MOMENT + 1 + _TEXT:
        return None
    moment = int.from_bytes(opened[_DIGEST : _DIGEST + _MOMENT])
    way = opened[-_TEXT - 1 : -_TEXT]
    return QuestionToken(
        digest=opened[:_DIGEST].hex(),
        asked_at=datetime.fromtimestamp(moment, UTC),
        channel=next(channel for channel, code in _CHANNELS.items() if code == way),
        text=opened[-_TEXT:],
    )


def token_id(text: str) -> str:
    """What stands for a token on record: it shows which mail was answered, and can't be used."""
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()[:32]


def _sealed(key: bytes, what: str, content: bytes) -> str:
    return base64.b32encode(_mac(key, what, content) + content).decode("ascii").rstrip("=").lower()


def _opened(key: bytes, what: str, text: str) -> bytes | None:
    if len(text) > _LONGEST or not text.isascii():
        return None
    folded = text.upper()
    try:
        raw = base64.b32decode(folded + "=" * (-len(folded) % 8))
    except binascii.Error:
        return None
    mac, content = raw[:_MAC], raw[_MAC:]
    return content if hmac.compare_digest(mac, _mac(key, what, content)) else None


def _mac(key: bytes, what: str, content: bytes) -> bytes:
    return hmac.new(key, what.encode() + b"|" + content, hashlib.sha256).digest()[:_MAC]
