"""Versions of the merchant's privacy policy, and who accepted which of them (mission B-7, N-1).

An acceptance is a record and opens nothing: nobody needs one to use a right.
"""

# serves: B-7, N-1

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from rightsdesk.domain.consent_text import Version
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.fields import Entry, Label

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PolicyText(Entry):
    """The policy in one language: where this version stays, and the SHA-256 of the file that stands there."""

    link: Annotated[str, Field(pattern=r"^https://[^\s]{1,500}$")]
    sha256: Sha256


class PolicyVersion(Entry):
    """One version; what has been in force is never changed."""

    version: Version
    valid_from: date  # the date of its last update, which the policy itself carries
    changes: Label  # in a sentence: what is different from the one before
    en: PolicyText
    ja: PolicyText


class PolicyHistory(RootModel[Annotated[tuple[PolicyVersion, ...], Field(min_length=1)]]):
    """`policy.yaml`: all versions, the newest first."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len({each.version for each in self.root}) != len(self.root):
            raise ValueError("a version stands twice")
        days = [each.valid_from for each in self.root]
        if days != sorted(days, reverse=True):
            raise ValueError("the newest version must stand first")
        return self

    def version(self, name: str) -> PolicyVersion:
        """Raises NotFoundError."""
        for each in self.root:
            if each.version == name:
                return each
        raise NotFoundError("there is no such version of the policy")

    def current(self, on: date) -> PolicyVersion:
        """The newest that is in force on this day; before the first, the first."""
        return next((each for each in self.root if each.valid_from <= on), self.root[-1])


class Acceptance(BaseModel):
    """That a version was accepted. `proof`: an id of the shop's own record."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    version: str
    accepted_at: datetime  # aware, UTC
    proof: str | None = None


class AcceptedPolicy(BaseModel):
    """What the shop is told of one member: the newest version that was accepted, and whether it is the one in force."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    version: str | None = None
    accepted_at: datetime | None = None
    current_version: str
    is_current: bool


def accepted_policy(acceptances: Iterable[Acceptance], history: PolicyHistory, *, on: date) -> AcceptedPolicy:
    """Versions that the merchant has taken out of the file are older than all in it."""
    known = [each.version for each in history.root]
    order = {version: place for place, version in enumerate(known)}
    newest = min(
        acceptances, key=lambda each: (order.get(each.version, len(known)), -each.accepted_at.timestamp()), default=None
    )
    current = history.current(on).version
    return AcceptedPolicy(
        version=newest.version if newest else None,
        accepted_at=newest.accepted_at if newest else None,
        current_version=current,
        is_current=newest is not None and newest.version == current,
    )
