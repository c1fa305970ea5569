"""A case about which staff may still write to the person: open, theirs, and not answered."""

from rightsdesk.domain.errors import AlreadyAnsweredError, NobodyVerifiedError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.request import PrivacyRequest


def is_underway(case: PrivacyRequest) -> bool:
    """Whether `require_underway` lets the case pass, at whatever version."""
    return case.is_open and case.answered_at is None and not case.is_refused and case.assurance >= Assurance.MAILBOX


def require_underway(case: PrivacyRequest, version: int) -> None:
    """Raises CaseClosedError, VersionMovedOnError, AlreadyAnsweredError, NobodyVerifiedError.

    Nothing that staff write goes to a mailbox that was not proven: who asked in another's name learns nothing.
    """
    case.require_open()
    case.require_seen(version)
    if case.answered_at or case.is_refused:
        raise AlreadyAnsweredError("it is answered")
    if case.assurance < Assurance.MAILBOX:
        raise NobodyVerifiedError("nobody is verified")
