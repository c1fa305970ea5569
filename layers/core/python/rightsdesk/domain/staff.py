"""Who on the staff may do what (mission B-2): roles from the log-in, and the rule of two people."""

# serves: B-2

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import ApproverNeededError, NotAllowedError, SecondPersonNeededError


class Role(StrEnum):
    HANDLER = "handler"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Action(StrEnum):
    READ = "read"
    TIMELINE = "timeline"
    INSPECT = "inspect"  # the data of the person: what they wrote, the draft of the package, rows about other people
    ASSIGN = "assign"
    RELEASE = "release"
    REFUSE = "refuse"
    RETRY = "retry"
    EXTEND = "extend"  # take longer, and tell the person why
    ASK = "ask"  # the person: who they are, or what they mean
    REACH = "reach"  # write down how the person was told what a letter that came back says
    DECIDE = "decide"  # which fields are withheld, before the answer is released
    PROPOSE = "propose"  # to refuse a request as manifestly unfounded or excessive; a second person confirms it
    COMPLETE = "complete"  # say that what was asked for is done: the answer goes out
    CLEAR = "clear"  # let a special case go on, or one that the mailbox disowned
    LIFT = "lift"  # a hold on what is known of a person: what it has kept may be erased then
    TRIAGE = "triage"  # read what mails say, and say what becomes of each
    RESIDE = "reside"  # put right where a person lives, which decides the law and its dates
    REGISTER = "register"  # the register of requests and the report; no person's data is in them
    EVIDENCE = "evidence"  # the signed history of a closed case; no person's data is in it


# An auditor reads how a case went and never acts; an admin sees to the system. Neither sees a person's data.
_WATCH = frozenset({Action.READ, Action.TIMELINE})
_PREPARE = frozenset(
    {
        *(Action.INSPECT, Action.EXTEND, Action.ASK, Action.REACH, Action.DECIDE, Action.PROPOSE),
        *(Action.TRIAGE, Action.RESIDE),
    }
)
PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.HANDLER: _WATCH | _PREPARE | {Action.ASSIGN, Action.RETRY},
    Role.APPROVER: frozenset(Action),
    Role.AUDITOR: _WATCH | {Action.REGISTER, Action.EVIDENCE},
    Role.ADMIN: _WATCH | {Action.ASSIGN, Action.RETRY, Action.REGISTER, Action.EVIDENCE},
}

_DECISIONS = frozenset({Action.RELEASE, Action.REFUSE, Action.COMPLETE, Action.LIFT, Action.CLEAR})


class StaffMember(BaseModel):
    """A logged-in member of staff: the subject of the token (never an e-mail address) and the roles."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    user_id: str
    roles: frozenset[Role]

    @property
    def actor(self) -> str:
        return f"staff:{self.user_id}"

    def may(self, action: Action) -> bool:
        return any(action in PERMISSIONS[role] for role in self.roles)

    def require(self, action: Action) -> None:
        """Raise NotAllowedError (ApproverNeededError for a decision) unless a role of theirs permits it."""
        if not self.may(action):
            error = ApproverNeededError if action in _DECISIONS else NotAllowedError
            raise error(f"{action} is not for {', '.join(sorted(self.roles)) or 'nobody'}")


def require_second_person(staff: StaffMember, handled_by: tuple[str, ...], *, four_eyes: bool) -> None:
    """Who worked on a case may not release it, where the merchant wants four eyes (on by default).

    Raises SecondPersonNeededError. To look inside is not to have worked on it: an approver must look.
    """
    if four_eyes and staff.user_id in handled_by:
        raise SecondPersonNeededError("a second person has to release this")
