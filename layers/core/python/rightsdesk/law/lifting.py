"""The end of a restriction: the letters that name the day before it comes, and that what was held goes on then."""

# serves: E-05, E-10

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import Standing, StopKind
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.use_stop import restricted_by_another, stopped_for_good
from rightsdesk.law.remedies import remedies_of

_OF_USE = "lifting.of_use"
_BY_KIND = {StopKind.PROVISION_STOPPED: "lifting.of_provision", StopKind.OBJECTED: "lifting.of_objection"}


def lifting_letter(
    case: PrivacyRequest, reason: Phrase | str, *, lifted_at: datetime, link: str, merchant: MerchantProfile
) -> dict[str, Any]:
    """What the letter says: on which day it ends, and why (GDPR 18(3))."""
    return {
        "reference": case.reference,
        "name": case.name,
        "what_is_stopped": Phrase(name=_what_ends(case)),
        "still_stopped": stopped_for_good(case.use) if case.use else None,
        "lifted_on": lifted_at,
        "reason": reason,
        "link": link,
        "remedies": remedies_of(case, merchant),
    }


def _what_ends(case: PrivacyRequest) -> str:
    """By the kind of it, where it is of one kind."""
    stops = case.use.stops if case.use else ()
    kinds = {stop.kind for stop in stops if stop.provisional}
    return _BY_KIND.get(next(iter(kinds)), _OF_USE) if len(kinds) == 1 else _OF_USE


def ends_hold(case: PrivacyRequest, standings: Iterable[Standing], *, lifted_at: datetime) -> bool:
    """Whether what was restricted may be erased from then on: no other case of the person restricts it.

    `standings`: those of the person, as they are after the lifting.
    """
    restricts = RequestType.RESTRICTION in case.types
    return restricts and not restricted_by_another(standings, case.request_id, at=lifted_at)
