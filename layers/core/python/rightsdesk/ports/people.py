"""Who is known: the merchant's customers, and the staff."""

from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.staff import Role


class HeldOrder(BaseModel):
    """What the shop holds of an order, as far as a check of identity needs it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    order_number: str
    postcode: str
    owners: dict[str, tuple[str, ...]]  # whose it is: {"member_id": ("M-000001",)}, or a guest's {"email": ...}


class Account(BaseModel):
    """What the shop holds of an account, as far as a check of identity needs it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    identifiers: dict[str, tuple[str, ...]]
    mailbox_changed_at: datetime | None


class Directory(Protocol):
    """The shop's own word on who is who; used to check identity, never to show anything."""

    def account_of(self, address: str) -> Account | None:
        """The account whose mailbox this canonical address is."""

    def knows(self, address: str) -> bool:
        """Whether this canonical address, without an account, leads to anything; True also where it is not clear."""

    def order(self, number: str) -> HeldOrder | None:
        """The order of this number."""


class StaffDirectory(Protocol):
    """Who is on the staff and how they are reached: the pool that they log in with."""

    def address_of(self, user_id: str) -> str | None:
        """None for somebody who has left. ServiceUnavailableError."""

    def addresses_in(self, role: Role) -> tuple[str, ...]:
        """Of all who have a role and may log in, sorted. ServiceUnavailableError."""
