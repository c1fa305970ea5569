"""What a mail asks for, as far as words can tell: a suggestion with its reasons, never a decision (mail.md)."""

# serves: B-6, E-00

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.request import RequestType

ABOUT = frozenset({"newsletter", "marketing", "profiling"})  # what a stop may be of, and nothing else
THRESHOLD = 0.6  # from here on an intent is clear enough to act on


class IntentType(StrEnum):
    """What can be asked for (`RequestType`), and what else a mail to the privacy desk may be."""

    INFORMATION = "information"
    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    PORTABILITY = "portability"
    AUTOMATED_DECISION = "automated_decision"
    CONSENT_WITHDRAWAL = "consent_withdrawal"
    STOP_PROVISION = "stop_provision"
    PURPOSE_NOTICE = "purpose_notice"
    PROVISION_RECORDS = "provision_records"
    COMPLAINT = "complaint"  # serves: B-6
    QUESTION = "question"  # serves: B-6
    REMINDER = "reminder"  # of a request that was made before: it attaches nothing new

    @property
    def request_type(self) -> RequestType | None:
        """The type of request that it is, if it is one."""
        return RequestType(self.value) if self.value in set(RequestType) else None


class Intent(BaseModel):
    """One intent. `why` names the words and rules that speak for it, in the order of their weight."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: IntentType
    score: float = Field(ge=0, le=1)
    why: tuple[str, ...] = ()


class IntentReading(BaseModel):
    """All that the words of a mail say. `intents` are best first, and empty for ordinary mail to a shop."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    intents: tuple[Intent, ...] = ()
    about: frozenset[str] = frozenset()  # of ABOUT: what the sentences speak of that ask for something clear
    language: str  # ISO 639-1 of the new text; "und" where nothing can be told
    reminder: bool = False
    for_another: bool = False  # a right is asked for, and for or about somebody else: so none of it is clear

    @property
    def clear(self) -> tuple[Intent, ...]:
        """Those that are clear enough to act on."""
        return tuple(intent for intent in self.intents if intent.score >= THRESHOLD)
