"""Make the signed evidence of a closed case, for an auditor or an authority (mission B-5; GDPR 5(2)).

It changes nothing: the chain stays as it was signed. That it was made is in the log, with ids alone.
"""

# serves: B-4, B-5

import base64
import hashlib
from collections.abc import Callable

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.case_views import EvidenceBundle
from rightsdesk.domain.errors import CaseOpenError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.export.evidence_bundle import bundle_name, evidence_bundle, evidence_letters
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.exports import Signer
from rightsdesk.ports.recipients import RecipientNotices
from rightsdesk.ports.time import Clock

_ATTEMPTS = 3


def build_evidence(
    staff: StaffMember,
    reference: str,
    *,
    find: Callable[[str], PrivacyRequest],
    cases: CaseStore,
    notices: RecipientNotices,
    signer: Signer,
    clock: Clock,
) -> EvidenceBundle:
    """The case as it stands. A broken chain is signed as it is: whoever checks the bundle is told.

    Raises NotAllowedError, NotFoundError, CaseOpenError and ServiceUnavailableError.
    """
    staff.require(Action.EVIDENCE)
    case, events = _as_it_stands(reference, find=find, cases=cases)
    told = notices.of(case.request_id) if case.notices else ()
    bundle = evidence_bundle(
        case,
        events=events,
        decisions=cases.decisions(case.request_id),
        letters=evidence_letters(case, cases.letters(case.request_id), told),
        public_key=signer.public_key(),
        sign=signer.sign,
        at=clock(),
    )
    logger.info("evidence made", extra={"request_id": case.request_id, "actor": staff.actor, "events": len(events)})
    return EvidenceBundle(
        reference=case.reference,
        filename=f"{bundle_name(case.reference)}.zip",
        bytes=len(bundle),
        sha256=hashlib.sha256(bundle).hexdigest(),
        bundle=base64.b64encode(bundle).decode(),
    )


def _as_it_stands(
    reference: str, *, find: Callable[[str], PrivacyRequest], cases: CaseStore
) -> tuple[PrivacyRequest, list[AuditEvent]]:
    for _ in range(_ATTEMPTS):
        case = find(reference)
        if case.is_open:
            raise CaseOpenError("the case is open: there is evidence of closed ones only")
        events = cases.timeline(case.request_id)
        if len(events) == case.event_sequence:
            break  # else an event was written between the two readings, or really is missing
    return case, events
