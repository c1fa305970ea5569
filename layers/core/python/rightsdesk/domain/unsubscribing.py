"""Stopping a list from a mail: what a mailer is told before it sends, and what the link stops."""

# serves: E-06, E-09, P-03

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.permission import Reason, Stop, StopKind

RULE = "POLICY-UNSUBSCRIBED"


class Mailing(BaseModel):
    """Whether a mail may go to one address. `link` is for its foot, `headers` for its head: only where it may go."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    allowed: bool
    reason: Reason
    link: str | None = None
    headers: Mapping[str, str] = {}


def called_spam(purpose: str, *, at: datetime) -> Stop:
    """Whoever reads that mailbox called a mail of this list spam: it stops as by its link."""
    return Stop(id=f"complaint:{purpose}", kind=StopKind.UNSUBSCRIBED, purposes=(purpose,), rule=RULE, since=at)


def unsubscribed(purpose: str, *, at: datetime) -> Stop:
    """By the link of a mail, by whoever reads that mailbox: for this list, at once, until they ask for it again."""
    return Stop(id=f"link:{purpose}", kind=StopKind.UNSUBSCRIBED, purposes=(purpose,), rule=RULE, since=at)
