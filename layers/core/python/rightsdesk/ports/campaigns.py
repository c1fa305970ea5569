"""Campaigns, whom they have asked, and the members that they go through."""

from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.campaign import Asked, Campaign, Returned
from rightsdesk.domain.letters import DeliveryState
from rightsdesk.domain.request import Language


class Campaigns(Protocol):
    def all(self) -> list[Campaign]:
        """The newest first."""

    def save(self, campaign: Campaign) -> None:
        """As the next version of what was read. ConflictError where it has moved on."""

    def ask(self, digest: str, purpose: str, campaign: str, *, at: datetime, not_since: datetime) -> bool:
        """Claim the one question; False where somebody asked since `not_since`."""

    def asked(self, digest: str, purpose: str) -> Asked | None: ...

    def remind(self, digest: str, purpose: str, campaign: str, *, at: datetime) -> bool:
        """Claim the one reminder of this campaign; False where it is claimed."""

    def take_back(self, digest: str, purpose: str, campaign: str, *, reminder: bool) -> None:
        """The mail could not be sent now: the question, or the reminder, may be claimed again."""

    def came_back(self, digest: str, campaign: str, state: DeliveryState, *, at: datetime) -> None:
        """Note, and count, that a mail of the campaign did not reach them; once for each, whatever comes later."""

    def has_come_back(self, digest: str, campaign: str) -> bool: ...

    def returned(self, campaign: str) -> Returned: ...


class Member(BaseModel):
    """Whom a mail goes to: the address as the shop has it, and the language that they chose."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    email: str
    language: Language


class MemberPage(BaseModel):
    """`next_key` None: there are no more."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    members: tuple[Member, ...]
    next_key: str | None


class Members(Protocol):
    """The merchant's own members."""

    def page(self, after: str | None, *, most: int) -> MemberPage:
        """At most so many, from `next_key` of the page before; it may hold fewer, and none, before the end."""
