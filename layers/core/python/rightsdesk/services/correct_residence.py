"""Put right where a person lives: it decides which law holds, whose holidays count and which authority is named.

A mail does not say it, so it is assumed (`domain/residence.py`) until somebody knows.
"""

# serves: E-00, E-13, B-4

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import AlreadyAnsweredError, DecidedUnderAnotherLawError
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Country, PrivacyRequest, Region
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.law.case_dates import dates_with
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.time import Clock


def correct_residence(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    country: Country,
    region: Region | None,
    *,
    cases: CaseStore,
    merchant: MerchantProfile,
    clock: Clock,
) -> PrivacyRequest:
    """The case with its dates counted anew from receipt.

    Raises NotAllowedError, CaseClosedError, VersionMovedOnError, AlreadyAnsweredError, and
    DecidedUnderAnotherLawError where its fields are decided under a law that would no longer hold.
    """
    staff.require(Action.RESIDE)
    case.require_open()
    case.require_seen(version)

    def corrected(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent]:
        now.require_open()
        if now.answered_at or now.carried_out_at or now.is_refused:
            raise AlreadyAnsweredError("it is answered")
        due = dates_with(now.model_copy(update={"country": country}), merchant=merchant)
        if now.waves and due.laws != now.due.laws:
            raise DecidedUnderAnotherLawError("its fields are decided under another law")
        return now.changed(
            "residence_corrected",
            at=clock(),
            actor=staff.actor,
            details={
                "from": now.country,
                "to": country,
                "assumed": now.country_assumed,
                "due_on": due.due_on.isoformat(),
                "rules": list(due.rules),
            },
            country=country,
            region=region,
            country_assumed=False,
            due=due,
        )

    return save_anyway(cases, case, corrected)
