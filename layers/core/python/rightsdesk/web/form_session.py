"""The one cookie: what a person has answered, and who they have shown to be, sealed and gone after 60 minutes.

It is strictly necessary, holds no identifier that outlives it, and is kept nowhere on our side. `__Host-` and Secure:
no other host can set it; HttpOnly: nothing on a page reads it; SameSite=Lax and not Strict, so that a link in our
mail does not look like a first visit and lose what was filled in (abuse cases 26, 32).
"""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from rightsdesk.web.answers import Answers

COOKIE = "__Host-rightsdesk"
LIFETIME = timedelta(minutes=60)
KEY_PURPOSE = "site-form"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Sent(_Part):
    """The request that was sent last, for the page that says so."""

    reference: str
    email: str
    received_at: datetime
    for_another: bool = False
    said_to_us: bool = False  # a question or a complaint: it has days of its own


class Access(_Part):
    """The session of 15 minutes that a code has opened on one request."""

    reference: str
    token: str


class Notice(_Part):
    """What the next page says about what was just done, until something else is done."""

    reference: str
    code: str


class FormSession(_Part):
    csrf: str  # the secret that each form of this browser carries
    ends_at: int  # seconds since 1970
    answers: Answers = Answers()
    submission_key: str = ""  # new with each change of an answer: the same answers sent twice are one request
    sent: Sent | None = None
    access: Access | None = None
    notice: Notice | None = None

    @classmethod
    def new(cls, now: datetime) -> Self:
        return cls(csrf=secrets.token_urlsafe(18), ends_at=_end(now))

    def with_(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def answered(self, **fields: Any) -> Self:
        answers = self.answers.model_copy(update=fields).kept()
        return self.with_(answers=answers, submission_key=secrets.token_urlsafe(18))

    def token_for(self, reference: str) -> str | None:
        return self.access.token if self.access and self.access.reference == reference else None

    def notice_for(self, reference: str) -> str | None:
        return self.notice.code if self.notice and self.notice.reference == reference else None


class _Json:
    """Unicode as it is: half the size of escapes, and a cookie holds 4 kB."""

    @staticmethod
    def dumps(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    loads = staticmethod(json.loads)


def sealed(session: FormSession, *, key: bytes, now: datetime) -> str:
    """The value of Set-Cookie; the 60 minutes start anew."""
    fields = session.with_(ends_at=_end(now)).model_dump(mode="json", exclude_defaults=True)
    return (
        f"{COOKIE}={_serializer(key).dumps(fields)}; Max-Age={LIFETIME.seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"
    )


def opened(cookie_header: str, *, key: bytes, now: datetime) -> FormSession | None:
    """The session of a Cookie header; None where there is none, it has ended, or it is not ours."""
    pairs = (pair.strip().partition("=") for pair in cookie_header.split(";"))
    value = next((value for name, _, value in pairs if name == COOKIE), None)
    if value is None:
        return None
    try:
        session = FormSession.model_validate(_serializer(key).loads(value))
    except (BadData, ValidationError):
        return None
    return session if session.ends_at > now.timestamp() else None


def _end(now: datetime) -> int:
    return int((now + LIFETIME).timestamp())


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key,
        salt=KEY_PURPOSE,
        serializer=_Json,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
