"""What the doors may ask for: the use cases, already wired by a function's `app.py`.

A door knows these callables and nothing of what stands behind them; its tests pass fakes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rightsdesk.domain.request import Submission, Treatment
from rightsdesk.domain.session import Session, SessionToken
from rightsdesk.domain.staff import StaffMember
from rightsdesk.domain.views import (
    CasePage,
    CaseView,
    DownloadLink,
    HeldContent,
    PreviewLink,
    Receipt,
    RequestView,
    Timeline,
    Verified,
)


@dataclass(frozen=True, kw_only=True)
class SubjectDesk:
    """For the person. References come in as typed; an unknown one is answered like a wrong code.

    submit            (submission, idempotency key or None) -> receipt
    verify            (reference, code) -> verified; InvalidInputError on `code` for wrong, expired, used, locked
    send_code         mails a fresh code for a reference; silent for an unknown one
    open_session      (reference, code) -> token for 15 minutes; InvalidInputError on `code`
    authenticate      (token, reference) -> session; NotAuthenticatedError; NotFoundError for another's reference
    view              what the person may see
    submit_evidence   (session, order number, postcode): the answer never says whether it was right
    download          (session, part from 1) -> link for 60 seconds; GoneError; NotFoundError
    withdraw          ends the request at the person's wish; CaseClosedError
    """

    submit: Callable[[Submission, str | None], Receipt]
    verify: Callable[[str, str], Verified]
    send_code: Callable[[str], None]
    open_session: Callable[[str, str], SessionToken]
    authenticate: Callable[[str, str], Session]
    view: Callable[[Session], RequestView]
    submit_evidence: Callable[[Session, str, str], None]
    download: Callable[[Session, int], DownloadLink]
    withdraw: Callable[[Session], RequestView]


@dataclass(frozen=True, kw_only=True)
class StaffDesk:
    """For staff. Each checks the role and raises NotAllowedError.

    list_open   (staff, limit, cursor) -> open cases by target date
    view        (staff, reference); NotFoundError
    timeline    (staff, reference)
    preview     (staff, reference, part from 1) -> link for 60 seconds to the draft, while a decision is waited for
    held        (staff, reference) -> rows about other people, while a decision is waited for
    assign      (staff, reference, assignee or None); `me` is the caller
    release     (staff, reference, version seen, {collection: treatment}); ConflictError when the case moved on
    refuse      (staff, reference, version seen, ground code, reason)
    retry       (staff, reference): start a failed workflow again where it stopped
    """

    list_open: Callable[[StaffMember, int, str | None], CasePage]
    view: Callable[[StaffMember, str], CaseView]
    timeline: Callable[[StaffMember, str], Timeline]
    preview: Callable[[StaffMember, str, int], PreviewLink]
    held: Callable[[StaffMember, str], HeldContent]
    assign: Callable[[StaffMember, str, str | None], CaseView]
    release: Callable[[StaffMember, str, int, dict[str, Treatment]], CaseView]
    refuse: Callable[[StaffMember, str, int, str, str], CaseView]
    retry: Callable[[StaffMember, str], CaseView]
