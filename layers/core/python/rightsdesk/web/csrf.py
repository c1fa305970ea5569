"""Whether a form was sent from our own page in this browser (abuse case 33).

Two things must agree: the Origin header with our own origin, and the secret in the form with that in the cookie. A
browser sends Origin with every form that it posts, so a missing one is refused like a foreign one.
"""

import hmac
from collections.abc import Collection
from typing import TYPE_CHECKING

from rightsdesk.web.forms import PageRefusedError

if TYPE_CHECKING:
    from rightsdesk.web.form_session import FormSession

FIELD = "csrf"


def require_own_origin(headers: dict[str, str], *, own: Collection[str]) -> None:
    """Raises PageRefusedError. `own` are our origins, from the configuration and the gateway, never from a header."""
    if headers.get("origin") not in own:
        raise PageRefusedError(403, "foreign")


def require_own_form(fields: list[tuple[str, str]], session: "FormSession | None") -> list[tuple[str, str]]:
    """The fields without the secret. Raises PageRefusedError where it is missing, old or another browser's."""
    given = [value for name, value in fields if name == FIELD]
    if session is None or len(given) != 1 or not hmac.compare_digest(given[0].encode(), session.csrf.encode()):
        raise PageRefusedError(403, "foreign")
    return [(name, value) for name, value in fields if name != FIELD]
