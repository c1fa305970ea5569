"""Close a case: temporaries are purged, the last letter goes out, the clock stops."""

# serves: E-02, E-13, B-5

from collections.abc import Callable
from typing import Any

from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, SYSTEM, PrivacyRequest, Treatment
from rightsdesk.law.remedies import remedies
from rightsdesk.ports import CaseStore, Clock, Correspondence, ExportStore, LinkSource

_LETTERS = {
    Outcome.FULFILLED: Letter.CLOSED,
    Outcome.PARTIALLY_FULFILLED: Letter.CLOSED,
    Outcome.REFUSED: Letter.REFUSED,
    Outcome.UNVERIFIED: Letter.UNVERIFIED,
    Outcome.NOT_IDENTIFIED: Letter.NOT_IDENTIFIED,
    Outcome.WITHDRAWN: Letter.WITHDRAWN,
}


def close_request(
    request_id: str,
    outcome: Outcome,
    *,
    cases: CaseStore,
    exports: ExportStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
    work_prefix: Callable[[str], str],
    clock: Clock,
) -> None:
    """Task of the workflow. Purges first and closes last, so that what could not be purged stays visible as open."""
    case = cases.get(request_id)
    prefixes = [work_prefix(request_id)] + ([case.export.prefix] if case.export else [])
    exports.purge(prefixes)
    final = _final(outcome, case)
    letters.to_subject(case, _LETTERS[final], _values(case, merchant, links))
    if case.is_open:
        now = clock()
        after, event = case.changed(
            "closed",
            at=now,
            actor=SYSTEM,
            details={"outcome": final},
            status=Status.CLOSED,
            outcome=final,
            closed_at=now,
            answered_at=case.answered_at or (now if final is Outcome.REFUSED else None),
            evidence_needed=False,
        )
        cases.save(case, after, event)
        case = after
    if case.closed_at:
        cases.retire(request_id, expires_at=case.closed_at + KEPT_AFTER_CLOSING)


def _final(outcome: Outcome, case: PrivacyRequest) -> Outcome:
    if outcome is Outcome.FULFILLED and any(t is not Treatment.GIVE for t in case.treatments.values()):
        return Outcome.PARTIALLY_FULFILLED
    return outcome


def _values(case: PrivacyRequest, merchant: MerchantProfile, links: LinkSource) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "name": case.name,
        "received_on": case.due.received_on,
        "link": links().start(case.language),
        "ground": Phrase(name=f"ground.{case.refusal_ground}") if case.refusal_ground else "",
        "reason": case.refusal_reason or "",
        "remedies": remedies(case.due.laws, case.country, contact=merchant.contact_email),
    }
