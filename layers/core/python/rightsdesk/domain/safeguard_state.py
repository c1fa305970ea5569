"""What makes a case wait for a person of ours before anything leaves or goes, as it is kept with the case."""

# serves: E-00

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import ConflictError, FrozenError, MandateOpenError, SpecialCaseOpenError


class Safeguard(StrEnum):
    """Gravest first."""

    FROZEN = "frozen"  # whoever reads the mailbox says that they did not ask
    SPECIAL = "special"  # a shared mailbox, a minor, somebody who has died
    MANDATE = "mandate"  # somebody asks for another: are they allowed to?

    @property
    def error(self) -> type[ConflictError]:
        return _ERRORS[self]


_ERRORS: dict[Safeguard, type[ConflictError]] = {
    Safeguard.FROZEN: FrozenError,
    Safeguard.SPECIAL: SpecialCaseOpenError,
    Safeguard.MANDATE: MandateOpenError,
}


class SpecialKind(StrEnum):
    """A mailbox says less than usual about who asks, or the person can't speak for themselves."""

    HOUSEHOLD = "household"  # several people read this mailbox
    MINOR = "minor"
    DECEASED = "deceased"  # GDPR recital 27: the heirs ask


class SpecialCase(BaseModel):
    """`raised_by`: `subject`, where the form said so, or the id of a member of staff."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: SpecialKind
    raised_by: str
    raised_at: datetime
    reason: str | None = None  # of the approver who let it go on
    decided_by: str | None = None
    decided_at: datetime | None = None


class Mandate(BaseModel):
    """What staff found of the authority of whoever asks for somebody else."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    accepted: bool
    reason: str
    by: str  # staff user id
    at: datetime


class Freeze(BaseModel):
    """Whoever reads the mailbox did not make this request. Only staff take it off."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    at: datetime  # sessions that were opened before are worth nothing
    reason: str | None = None  # of who took it off
    thawed_by: str | None = None
    thawed_at: datetime | None = None
