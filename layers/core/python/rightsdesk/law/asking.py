"""Who may be asked for a consent by mail, and who has to be told of a new purpose (mission P-11, P-12)."""

# serves: P-11, P-12

from datetime import datetime

from rightsdesk.domain.permission import Reason, Standing, StopKind, Terms, permitted

_LEFT_ALONE = (StopKind.ERASED, StopKind.RESTRICTED)  # whatever the stop is about


def may_ask(standing: Standing | None, terms: Terms, *, purpose: str, at: datetime) -> bool:
    """Only where nothing but the consent is missing.

    Not whoever agreed, refused, withdrew, objected or unsubscribed; nobody who was erased or is restricted in anything;
    and for marketing nobody who objected to any of it, for the question is marketing as well (GDPR 21(2)).
    """
    if permitted(standing, terms, at=at, purpose=purpose).reason is not Reason.NO_CONSENT:
        return False
    if standing is None:
        return True
    marketing = set(terms.marketing) if terms.purposes[purpose].marketing else set()
    barring = any(
        stop.holds(at)
        and (stop.kind in _LEFT_ALONE or (stop.kind is StopKind.OBJECTED and marketing.intersection(stop.purposes)))
        for stop in standing.stops
    )
    return purpose not in standing.refusals and not barring


def must_tell(standing: Standing | None, terms: Terms, *, purpose: str, at: datetime) -> bool:
    """Whoever was not told yet; nobody whose data may not be used for it anyway."""
    if standing is not None and purpose in standing.notices:
        return False
    return permitted(standing, terms, at=at, purpose=purpose).reason is Reason.NOT_TOLD
