"""Who on the staff may do what (mission B-2): roles from the log-in, and the rule of two people."""

# serves: B-2

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import NotAllowedError


class Role(StrEnum):
    HANDLER = "handler"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Action(StrEnum):
    READ = "read"
    TIMELINE = "timeline"
    ASSIGN = "assign"
    RELEASE = "release"
    REFUSE = "refuse"
    RETRY = "retry"


# An auditor reads and never acts; an admin sees to the system and decides no case.
PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.HANDLER: frozenset({Action.READ, Action.TIMELINE, Action.ASSIGN, Action.RETRY}),
    Role.APPROVER: frozenset(
        {Action.READ, Action.TIMELINE, Action.ASSIGN, Action.RETRY, Action.RELEASE, Action.REFUSE}
    ),
    Role.AUDITOR: frozenset({Action.READ, Action.TIMELINE}),
    Role.ADMIN: frozenset({Action.READ, Action.TIMELINE, Action.ASSIGN, Action.RETRY}),
}


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
        """Raise NotAllowedError unless a role of theirs permits it."""
        if not self.may(action):
            raise NotAllowedError(f"{action} is not for {', '.join(sorted(self.roles)) or 'nobody'}")


def require_second_person(staff: StaffMember, handled_by: tuple[str, ...], *, four_eyes: bool) -> None:
    """Who worked on a case may not release it, where the merchant wants four eyes (on by default)."""
    if four_eyes and staff.user_id in handled_by:
        raise NotAllowedError("a second person has to release this")
