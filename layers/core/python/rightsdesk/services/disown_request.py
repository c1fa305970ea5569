"""Whoever reads the mailbox did not make this request: it stops where it stands, and staff find out (abuse case 15).

One way: it is frozen at once and by one click, and only staff thaw it. Codes and sessions of before are worth nothing.
What it stopped for good stays stopped: a consent is given by the person alone (GDPR 4(11), 7), and nobody of staff
gives it in their place. The page says how to agree anew.
"""

# serves: E-00, B-5

from collections.abc import Callable

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.disowning import is_token_of, request_of
from rightsdesk.domain.errors import MailRejectedError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.letters import Letter, Phrase, version_of
from rightsdesk.domain.request import SUBJECT, PrivacyRequest
from rightsdesk.domain.safeguard_state import Freeze
from rightsdesk.domain.use_stop import stops_for_good
from rightsdesk.domain.views import DisownView
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock

NewsletterPurpose = Callable[[], str | None]
"""The purpose of the newsletter; None where the merchant has none."""


def view_disowning(token: str, *, cases: CaseStore, newsletter: NewsletterPurpose) -> DisownView:
    """What would be stopped. Changes nothing. Raises NotFoundError, also for a token that is not ours."""
    return _view(_found(token, cases), newsletter)


def disown_request(
    token: str, *, cases: CaseStore, letters: Correspondence, newsletter: NewsletterPurpose, clock: Clock
) -> DisownView:
    """Freeze it, and tell staff. Said again, it is the same; of one that is over, staff hear of it. NotFoundError."""
    case = _found(token, cases)
    now = clock()

    def frozen(case: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
        if not case.is_open or case.is_frozen:
            return None
        return case.changed("disowned", at=now, actor=SUBJECT, frozen=Freeze(at=now))

    case = save_anyway(cases, case, frozen)
    said_at = case.frozen.at.isoformat() if case.frozen else str(case.outcome)
    try:
        letters.to_staff(
            case,
            Letter.STAFF_DISOWNED,
            {
                "reference": case.reference,
                "types": [Phrase(name=f"type.{kind}") for kind in case.types],
                "status": Phrase(name=f"status.{case.status}"),
                "target_on": case.due.target_on,
            },
            version=version_of("disowned", said_at),
        )
    except (MailRejectedError, ServiceUnavailableError):  # it is frozen all the same; the work list has it
        logger.warning("staff not told of a disowned request", extra={"request_id": case.request_id})
    return _view(case, newsletter)


def _found(token: str, cases: CaseStore) -> PrivacyRequest:
    request_id = request_of(token)
    if request_id is None:
        raise NotFoundError("no such link")
    case = cases.get(request_id)
    if not is_token_of(case, token):
        raise NotFoundError("no such link")
    return case


def _view(case: PrivacyRequest, newsletter: NewsletterPurpose) -> DisownView:
    for_good = stops_for_good(case.use) if case.use else ()
    purpose = newsletter() if for_good else None
    state = "over" if not case.is_open else "frozen" if case.is_frozen else "open"
    return DisownView(
        reference=case.reference,
        received_at=case.received_at,
        state=state,
        begun=case.is_open and case.erasure_began,
        stopped_for_good=bool(for_good),
        newsletter=purpose is not None and any(stop.is_about(purpose, None) for stop in for_good),
    )
