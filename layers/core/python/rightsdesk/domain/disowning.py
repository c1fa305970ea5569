"""The link by which whoever reads a mailbox says that they did not make a request (abuse case 15).

It says which request, and holds 128 random bits that stand in letters to that mailbox alone. To look changes nothing;
it can be used for this one thing, which only staff can undo.
"""

# serves: E-00

import hmac
import re
import secrets
from collections.abc import Callable

from rightsdesk.domain.request import PrivacyRequest

_ID = 32  # hex digits of a request id, and of the secret
_TOKEN = re.compile("[0-9a-f]{64}")


def new_disown_secret(token_hex: Callable[[int], str] = secrets.token_hex) -> str:
    return token_hex(_ID // 2)


def disown_token(case: PrivacyRequest) -> str | None:
    """None for a request of before there were such links."""
    return f"{case.request_id}{case.disown_secret}" if case.disown_secret else None


def request_of(token: str) -> str | None:
    """The id of the request that a token names; whether it is really the token of that one is to be asked then."""
    folded = token.lower()  # some systems fold what they carry
    return folded[:_ID] if _TOKEN.fullmatch(folded) else None


def is_token_of(case: PrivacyRequest, token: str) -> bool:
    known = disown_token(case)
    return known is not None and hmac.compare_digest(known, token.lower())
