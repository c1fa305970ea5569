"""Who on the staff is calling: from the claims that API Gateway's Cognito authorizer has checked (mission B-2).

The groups arrive as a list, as `handler,approver` (REST authorizer) or as `[handler approver]` (JWT authorizer).
"""

# serves: B-2

from collections.abc import Mapping
from typing import Any

from rightsdesk.domain.errors import NotAllowedError, NotAuthenticatedError
from rightsdesk.domain.staff import Role, StaffMember


def staff_of(claims: Mapping[str, Any]) -> StaffMember:
    """Raises NotAuthenticatedError without a subject, NotAllowedError without a group that is a role of ours."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise NotAuthenticatedError
    roles = frozenset(Role(group) for group in _groups(claims.get("cognito:groups")) if group in set(Role))
    if not roles:
        raise NotAllowedError("no role")
    return StaffMember(user_id=subject, roles=roles)


def _groups(claim: Any) -> list[str]:
    if isinstance(claim, str):
        return claim.strip().removeprefix("[").removesuffix("]").replace(",", " ").split()
    return [group for group in claim if isinstance(group, str)] if isinstance(claim, (list, tuple)) else []
