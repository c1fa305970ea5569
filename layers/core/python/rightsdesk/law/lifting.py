"""The end of a restriction: the letters that name the day before it comes, and that what was held goes on then."""

# serves: E-05, E-10

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import Standing, StopKind
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.use_stop import restricted_by_another
from rightsdesk.law.remedies import remedies_of


def lifting_letter(
    case: PrivacyRequest, reason: Phrase | str, *, lifted_at: datetime, link: str, merchant: MerchantProfile
) -> dict[str, Any]:
    """What the letter says: on which day it ends, and why (GDPR 18(3))."""
    return {
        "reference": case.reference,
        "name": case.name,
        "what_is_stopped": Phrase(name="lifting.of_provision" if _is_of_provision(case) else "lifting.of_use"),
        "lifted_on": lifted_at,
        "reason": reason,
        "link": link,
        "remedies": remedies_of(case, merchant),
    }


def _is_of_provision(case: PrivacyRequest) -> bool:
    """Whether what ends is that data were handed to nobody, and nothing else."""
    stops = case.use.stops if case.use else ()
    return {stop.kind for stop in stops if stop.provisional} == {StopKind.PROVISION_STOPPED}


def ends_hold(case: PrivacyRequest, standings: Iterable[Standing], *, lifted_at: datetime) -> bool:
    """Whether what was restricted may be erased from then on: no other case of the person restricts it.

    `standings`: those of the person, as they are after the lifting.
    """
    restricts = RequestType.RESTRICTION in case.types
    return restricts and not restricted_by_another(standings, case.request_id, at=lifted_at)
