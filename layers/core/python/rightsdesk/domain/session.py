"""A short session on one request, opened by a fresh code: what the token says and how it is sealed.

The token holds a request id, its end and a nonce, sealed by an HMAC; it is not stored. It dies after 15 minutes.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import NotAuthenticatedError
from rightsdesk.domain.identity import SESSION_LIFETIME


class Session(BaseModel):
    """Who holds this has shown a fresh code for this request."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    request_id: str
    expires_at: datetime


class SessionToken(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    token: str
    expires_at: datetime


def seal_session(key: bytes, request_id: str, *, now: datetime) -> SessionToken:
    expires_at = (now + SESSION_LIFETIME).replace(microsecond=0)
    body = f"{request_id}.{int(expires_at.timestamp())}.{secrets.token_hex(8)}"
    sealed = base64.urlsafe_b64encode(f"{body}.{_seal(key, body)}".encode()).decode().rstrip("=")
    return SessionToken(token=sealed, expires_at=expires_at)


def open_sealed_session(key: bytes, token: str, *, now: datetime) -> Session:
    """The session in a token. Raises NotAuthenticatedError: forged, foreign and expired are one answer."""
    try:
        text = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError) as error:
        raise NotAuthenticatedError from error
    body, _, seal = text.rpartition(".")
    if not hmac.compare_digest(seal, _seal(key, body)):
        raise NotAuthenticatedError
    request_id, end, _ = body.split(".")  # ours: it was sealed here
    expires_at = datetime.fromtimestamp(int(end), UTC)
    if now >= expires_at:
        raise NotAuthenticatedError
    return Session(request_id=request_id, expires_at=expires_at)


def _seal(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
