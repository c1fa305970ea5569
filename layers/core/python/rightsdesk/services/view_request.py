"""What a person may see of their own request."""

# serves: E-02

from datetime import datetime

from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.session import Session
from rightsdesk.domain.views import Package, PackagePart, RequestView, Step
from rightsdesk.ports import CaseStore, Clock

_CONFIRMING = {"mailbox_confirmed", "identity_confirmed"}


def view_request(session: Session, *, cases: CaseStore, merchant: MerchantProfile, clock: Clock) -> RequestView:
    """The case in plain facts; nothing that says more than its owner already knows."""
    case = cases.get(session.request_id)
    passed = {event.type: event.at for event in cases.timeline(case.request_id)}
    confirmed = None
    if case.assurance > Assurance.NONE and not case.evidence_needed:
        confirmed = max((at for name, at in passed.items() if name in _CONFIRMING), default=None)
    steps = (
        Step(name="received", at=case.received_at),
        Step(name="identity_confirmed", at=confirmed),
        Step(name="being_prepared", at=passed.get("plan_decided")),
        Step(name="answered", at=case.answered_at),
    )
    return RequestView(
        reference=case.reference,
        types=case.types,
        status=case.status,
        outcome=case.outcome,
        received_at=case.received_at,
        due_on=case.due.due_on,
        language=case.language,
        evidence_needed=case.is_open and case.evidence_needed,
        steps=steps,
        package=package_of(case, merchant=merchant, now=clock()),
        can_withdraw=case.is_open and case.answered_at is None,
    )


def package_of(case: PrivacyRequest, *, merchant: MerchantProfile, now: datetime) -> Package | None:
    """The package while it can be fetched."""
    export = case.export
    if export is None or export.expires_at is None or now >= export.expires_at or case.status is Status.CLOSED:
        return None
    return Package(
        parts=tuple(
            PackagePart(part=number, name=part.name, bytes=part.bytes, sha256=part.sha256)
            for number, part in enumerate(export.parts, start=1)
        ),
        expires_at=export.expires_at,
        downloads_left=max(0, merchant.downloads * len(export.parts) - export.downloads),
    )
