"""The oversight of those who are given data: what is missing or overdue with each (C-1; GDPR 28(1), APPI 25)."""

# serves: C-1, P-10

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:  # doors show what is overdue, and have no register
    from rightsdesk.domain.recipients import Recipient


class Gap(StrEnum):
    """What the oversight of a recipient lacks."""

    NO_CRITERIA = "no_criteria"
    NO_CONTRACT = "no_contract"
    NEVER_REVIEWED = "never_reviewed"
    REVIEW_OVERDUE = "review_overdue"


class Oversight(BaseModel):
    """Something that is missing or overdue with a recipient. `since`: the day on which it was due, if there was one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    recipient: str
    gap: Gap
    since: date | None = None


def oversights(recipients: "Mapping[str, Recipient]", today: date) -> tuple[Oversight, ...]:
    """All that is missing or overdue on a day, in the order of the register.

    Criteria and an agreement are asked of consignees; a review of everybody with whom there is an agreement, too.
    """
    return tuple(gap for name, recipient in recipients.items() for gap in _gaps(name, recipient, today))


def _gaps(name: str, recipient: "Recipient", today: date) -> Iterator[Oversight]:
    if recipient.is_consignee and recipient.criteria is None:
        yield Oversight(recipient=name, gap=Gap.NO_CRITERIA)
    if recipient.is_consignee and recipient.contract is None:
        yield Oversight(recipient=name, gap=Gap.NO_CONTRACT)
    due_on = recipient.review_due_on
    if due_on is not None and due_on < today:
        yield Oversight(recipient=name, gap=Gap.REVIEW_OVERDUE, since=due_on)
    elif recipient.is_consignee and due_on is None:
        yield Oversight(recipient=name, gap=Gap.NEVER_REVIEWED)
