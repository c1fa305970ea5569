"""What bars the release of an answer, an erasure or a correction until a person of ours has decided (mission E-00).

Each of these is looked at by somebody: a mandate may be forged, a mailbox may be shared, and whoever reads it may never
have asked (abuse cases 9, 10, 15). A refusal gives nothing away, and is barred by none of them.
"""

# serves: E-00, B-2

from collections.abc import Iterator
from datetime import datetime

from rightsdesk.domain.errors import NoAgentError
from rightsdesk.domain.request import SUBJECT, Agent, AgentRole, PrivacyRequest
from rightsdesk.domain.safeguard_state import Safeguard, SpecialCase, SpecialKind

_SAID_BY = {AgentRole.GUARDIAN: SpecialKind.MINOR, AgentRole.HEIR: SpecialKind.DECEASED}


def open_safeguards(case: PrivacyRequest) -> tuple[Safeguard, ...]:
    """Those that still bar it, the gravest first. None of a case that is over."""
    return tuple(_open(case)) if case.is_open else ()


def _open(case: PrivacyRequest) -> Iterator[Safeguard]:
    if case.is_frozen:
        yield Safeguard.FROZEN
    if case.special is not None and case.special.decided_at is None:
        yield Safeguard.SPECIAL
    if case.agent is not None and not (case.mandate is not None and case.mandate.accepted):
        yield Safeguard.MANDATE


def special_of(agent: Agent | None, *, at: datetime) -> SpecialCase | None:
    """What the form said by saying who asks."""
    kind = _SAID_BY.get(agent.role) if agent else None
    return SpecialCase(kind=kind, raised_by=SUBJECT, raised_at=at) if kind else None


def require_cleared(case: PrivacyRequest) -> None:
    """Raises FrozenError, SpecialCaseOpenError, MandateOpenError: nothing leaves, and nothing goes, before that."""
    for safeguard in open_safeguards(case):
        raise safeguard.error(f"{safeguard} is not decided")


def require_not_frozen(case: PrivacyRequest) -> None:
    """Raises FrozenError."""
    if case.is_frozen:
        raise Safeguard.FROZEN.error("the mailbox says that it did not ask")


def require_represented(case: PrivacyRequest) -> None:
    """Raises NoAgentError where nobody asks for this person but they themselves."""
    if case.agent is None:
        raise NoAgentError("nobody asks on behalf of this person")
