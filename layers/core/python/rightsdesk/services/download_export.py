"""Fetch the answer: a link of 60 seconds, made at the click, at most five times, with a mail at each."""

# serves: E-02, E-07, B-5

from datetime import datetime, timedelta

from rightsdesk.domain.errors import (
    ConflictError,
    GoneError,
    MailRejectedError,
    NotFoundError,
    ServiceUnavailableError,
)
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SUBJECT, ExportState, PrivacyRequest
from rightsdesk.domain.safeguards import require_not_frozen
from rightsdesk.domain.session import Session
from rightsdesk.domain.views import DownloadLink
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.exports import ExportStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock

LINK_LIFETIME = timedelta(seconds=60)
_ATTEMPTS = 3


def download_export(
    session: Session,
    part: int,
    *,
    cases: CaseStore,
    exports: ExportStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    clock: Clock,
) -> DownloadLink:
    """The link. Raises NotFoundError where there is no such part, GoneError (with why) when it is over.

    The download is counted before the link is made; with several parts, each may be fetched as often.
    """
    now = clock()
    after, export = _counted(session, part, cases=cases, merchant=merchant, now=now)
    chosen = export.parts[part - 1]
    url = exports.link(chosen.key, filename=chosen.name, lifetime=LINK_LIFETIME)
    try:
        letters.to_subject(
            after,
            Letter.DOWNLOADED,
            {
                "reference": after.reference,
                "name": after.name,
                "downloaded_at": now,
                "downloads_left": merchant.downloads * len(export.parts) - export.downloads,
                "window_ends_on": export.expires_at,
            },
            version=export.downloads,
        )
    except (MailRejectedError, ServiceUnavailableError):
        # It is counted and in the history; the person is not sent away for want of a notice.
        logger.warning("download not told by mail", extra={"request_id": after.request_id})
    return DownloadLink(
        url=url, expires_at=now + LINK_LIFETIME, sha256=chosen.sha256, bytes=chosen.bytes, name=chosen.name
    )


def _counted(
    session: Session, part: int, *, cases: CaseStore, merchant: MerchantProfile, now: datetime
) -> tuple[PrivacyRequest, ExportState]:
    for attempt in range(_ATTEMPTS):
        case = cases.get(session.request_id)
        export = _fetchable(case, part, merchant=merchant, now=now)
        counted = export.model_copy(update={"downloads": export.downloads + 1})
        after, event = case.changed(
            "downloaded", at=now, actor=SUBJECT, details={"part": part, "number": counted.downloads}, export=counted
        )
        try:
            cases.save(case, after, event)
        except ConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
            continue  # two clicks at once: count again
        return after, counted
    raise AssertionError("the last attempt returns or raises")


def _fetchable(case: PrivacyRequest, part: int, *, merchant: MerchantProfile, now: datetime) -> ExportState:
    export = case.export
    require_not_frozen(case)
    if case.answered_at and (export is None or case.status is Status.CLOSED):
        raise GoneError("download_window_ended")
    if export is None or export.expires_at is None or not 1 <= part <= len(export.parts):
        raise NotFoundError("nothing to fetch")
    if now >= export.expires_at:
        raise GoneError("download_window_ended")
    if export.downloads >= merchant.downloads * len(export.parts):
        raise GoneError("download_limit_reached")
    return export
