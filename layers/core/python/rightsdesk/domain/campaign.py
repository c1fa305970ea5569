"""Asking or telling all members something by mail, little by little: for a consent (P-11), of a new purpose (P-12).

Members are gone through in the order in which the shop's table gives them, and a campaign keeps how far it is: each
run does what one day allows, however many members there are. For a consent they are gone through twice, and the second
time is the one reminder. No address is kept.
"""

# serves: P-11, P-12

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.permission import Standing

REMINDED_AFTER = timedelta(days=14)
ASKED_AGAIN_AFTER = timedelta(days=365)  # whoever said nothing is left alone for a year, by other campaigns as well
MOST_PER_DAY = 5000
_CLOCKS_APART = timedelta(minutes=1)  # ours and that of the mail service


class CampaignKind(StrEnum):
    CONSENT = "consent"
    NOTICE = "notice"


class CampaignPhase(StrEnum):
    FIRST = "first"  # going through the members for the first time
    REMINDING = "reminding"
    DONE = "done"
    STOPPED = "stopped"  # by staff


class Campaign(BaseModel):
    """`next_key` is where the table of members is read on, as the source has it; None: at its beginning."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str
    kind: CampaignKind
    purpose: str
    text_version: str | None = None  # of `consents.yaml`; None for a notice
    per_day: Annotated[int, Field(ge=1, le=MOST_PER_DAY)]
    started_at: datetime
    phase: CampaignPhase = CampaignPhase.FIRST
    next_key: str | None = None
    day: str = ""  # of the last run (UTC), as `2026-11-29`
    sent_in_day: int = 0
    mailed: int = 0
    reminded: int = 0
    passed_over: int = 0  # members who are not to be asked, or whose mailbox takes no mail
    ended_at: datetime | None = None
    version: int = 0  # 0: not stored yet

    @property
    def is_active(self) -> bool:
        return self.phase in (CampaignPhase.FIRST, CampaignPhase.REMINDING)

    def allowed_now(self, at: datetime) -> int:
        """How many mails may still go out on this day (UTC)."""
        return self.per_day - self._sent_on(_day(at))

    def reminded_more(self, count: int, *, at: datetime) -> "Campaign":
        """After a part of a page, whose members are gone through once more when the rest of it is due."""
        day = _day(at)
        return self.model_copy(
            update={"day": day, "sent_in_day": self._sent_on(day) + count, "reminded": self.reminded + count}
        )

    def went_on(
        self, *, at: datetime, next_key: str | None, mailed: int = 0, reminded: int = 0, passed_over: int = 0
    ) -> "Campaign":
        """After some members. `next_key` None: the table is at its end, and the next phase begins."""
        day = _day(at)
        on = self.model_copy(
            update={
                "next_key": next_key,
                "day": day,
                "sent_in_day": self._sent_on(day) + mailed + reminded,
                "mailed": self.mailed + mailed,
                "reminded": self.reminded + reminded,
                "passed_over": self.passed_over + passed_over,
            }
        )
        if next_key is not None:
            return on
        if self.kind is CampaignKind.CONSENT and self.phase is CampaignPhase.FIRST:
            return on.model_copy(update={"phase": CampaignPhase.REMINDING})
        return on.model_copy(update={"phase": CampaignPhase.DONE, "ended_at": at})

    def stopped(self, *, at: datetime) -> "Campaign":
        """Nobody more is mailed; what was answered stays. Raises ConflictError where it has ended."""
        if not self.is_active:
            raise ConflictError("the campaign has ended")
        return self.model_copy(update={"phase": CampaignPhase.STOPPED, "ended_at": at})

    def _sent_on(self, day: str) -> int:
        return self.sent_in_day if self.day == day else 0


class Asked(BaseModel):
    """That somebody was asked for a purpose, by which campaign, and whether again."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    campaign: str
    asked_at: datetime
    reminded_at: datetime | None = None


class Returned(BaseModel):
    """Of how many people a mail of a campaign came back for good, was not sent, or was called spam; each once."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    bounced: int = 0
    failed: int = 0
    complained: int = 0


def untold(standing: Standing, *, purpose: str, until: datetime) -> Standing:
    """Whoever was told of a purpose by a mail that never arrived was not told. What was told after `until` stays."""
    told_at = standing.notices.get(purpose)
    if told_at is None or told_at > until + _CLOCKS_APART:
        return standing
    left = {name: at for name, at in standing.notices.items() if name != purpose}
    return standing.model_copy(update={"notices": left})


def new_campaign(kind: CampaignKind, purpose: str, *, text_version: str | None, per_day: int, at: datetime) -> Campaign:
    return Campaign(
        id=secrets.token_hex(8),
        kind=kind,
        purpose=purpose,
        text_version=text_version,
        per_day=per_day,
        started_at=at,
    )


def _day(at: datetime) -> str:
    return at.date().isoformat()
