"""Tell the person that the answer is ready, and open the time in which it can be fetched."""

# serves: E-02, E-07, E-13

from datetime import datetime

from rightsdesk.domain.letters import Letter
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SYSTEM
from rightsdesk.domain.review import require_releasable
from rightsdesk.law.remedies import remedies
from rightsdesk.ports import CaseStore, Clock, Correspondence, LinkSource


def send_answer(
    request_id: str,
    *,
    cases: CaseStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
    clock: Clock,
) -> datetime:
    """Task of the workflow; answers the end of the download window.

    The case counts as answered once the letter is out, not before. Raises ConflictError for anything but the package
    that staff released, bound to the person verified.
    """
    case = cases.get(request_id)
    case.require_open()
    export = require_releasable(case)
    if case.answered_at and export.expires_at:
        return export.expires_at
    now = clock()
    window_ends_at = now + merchant.download_window
    letters.to_subject(
        case,
        Letter.ANSWER_READY,
        {
            "reference": case.reference,
            "name": case.name,
            "received_on": case.due.received_on,
            "link": links().request(case),
            "downloads": merchant.downloads,
            "window_ends_on": window_ends_at,
            "found": not export.nothing_found,
            "withheld": export.left_out > 0,
            "files": "\n".join(f"{part.name}\n{part.sha256}" for part in export.parts),
            "remedies": remedies(case.due.laws, case.country, region=case.region, contact=merchant.contact_email),
        },
    )
    after, event = case.changed(
        "answered",
        at=now,
        actor=SYSTEM,
        details={"files": [part.sha256 for part in export.parts], "window_ends_at": window_ends_at.isoformat()},
        answered_at=now,
        export=export.model_copy(update={"expires_at": window_ends_at}),
    )
    cases.save(case, after, event)
    return window_ends_at
