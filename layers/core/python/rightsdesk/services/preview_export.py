"""Look at a built answer before it is released: a link of 60 seconds for staff, noted in the history of the case."""

# serves: B-2, E-02

from collections.abc import Callable
from datetime import timedelta

from rightsdesk.domain.case_views import PreviewLink
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import require_awaiting_review, require_bound
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.exports import ExportStore
from rightsdesk.ports.time import Clock

LINK_LIFETIME = timedelta(seconds=60)


def preview_export(
    staff: StaffMember,
    typed_reference: str,
    part: int,
    *,
    find: Callable[[str], PrivacyRequest],
    cases: CaseStore,
    exports: ExportStore,
    clock: Clock,
) -> PreviewLink:
    """A link to a part of the draft, which holds no row about other people yet.

    It is noted before the link is made, which moves the version of the case on: the answer tells the new one, to
    release by. Raises NotAllowedError, NotFoundError, ConflictError (NotAwaitingReviewError).
    """
    staff.require(Action.INSPECT)
    case = find(typed_reference)
    require_awaiting_review(case)
    export = require_bound(case)
    if not 1 <= part <= len(export.parts):
        raise NotFoundError("no such part")
    now = clock()
    chosen = export.parts[part - 1]
    after, event = case.changed("previewed", at=now, actor=staff.actor, details={"part": part, "file": chosen.sha256})
    cases.save(case, after, event)
    return PreviewLink(
        url=exports.link(chosen.key, filename=chosen.name, lifetime=LINK_LIFETIME),
        expires_at=now + LINK_LIFETIME,
        sha256=chosen.sha256,
        bytes=chosen.bytes,
        name=chosen.name,
        version=after.version,
    )
