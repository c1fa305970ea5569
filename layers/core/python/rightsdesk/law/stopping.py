"""What a request makes the register stop, at the moment when it is verified: before anybody has decided (GDPR 18, 21).

    objection to direct marketing     at once and for ever: nothing is left to weigh (21(3))
    any other objection               restricted while it is weighed (18(1)(d)); then stopped or gone on with
    restriction, stop of use          restricted while the ground is looked into, then by decision (18(1), APPI 35)
    withdrawal of consent             at once; what was done before stays lawful (7(3))
    stop of provision                 nothing goes to third parties while it is looked into, then by decision (35(3))
    rectification, where it is asked  restricted while accuracy is looked into (18(1)(a))

Where a person names no purpose and no recipient, all are meant to which the right applies.
"""

# serves: E-03, E-05, E-06, E-09, E-10, P-03, P-04, P-05, P-06

from collections.abc import Collection, Iterable
from datetime import datetime

from rightsdesk.domain.fields import Basis
from rightsdesk.domain.permission import Stop, StopKind, Terms
from rightsdesk.domain.request import Aim, PrivacyRequest, RequestType
from rightsdesk.domain.use_stop import UseStop
from rightsdesk.law.applicability import Law
from rightsdesk.law.rule import PROMISE_RULE

_NEEDED_BY_CONTRACT = (Basis.CONTRACT, Basis.LEGAL_OBLIGATION)


def stops_of(case: PrivacyRequest, terms: Terms, *, at: datetime) -> tuple[Stop, ...]:
    """The stops of a case; made again they are the same but for `since`. () for a right that stops nothing."""
    aim = case.aim or Aim()
    stops: list[Stop] = []
    for kind in case.types:
        match kind:
            case RequestType.OBJECTION:
                stops += _objection(case, aim, terms, at)
            case RequestType.RESTRICTION:
                stops.append(_restricted(case, terms, at, _purposes(aim, terms.purposes)))
            case RequestType.RECTIFICATION if aim.meanwhile:
                stops.append(_restricted(case, terms, at, ()))
            case RequestType.CONSENT_WITHDRAWAL:
                stops.append(_withdrawn(case, aim, terms, at))
            case RequestType.STOP_PROVISION:
                stops.append(_provision(case, aim, terms, at))
    return tuple(stops)


def going_on_with(case: PrivacyRequest, use: UseStop) -> tuple[str, ...] | None:
    """The purposes that staff go on with, for reasons that they gave. None: all, for it is settled.

    A correction is settled when it is answered: what was not to be used meanwhile is right now, or as it was found.
    """
    if RequestType.RECTIFICATION in case.types:
        return None
    stopped = {purpose for stop in use.stops if stop.provisional for purpose in stop.purposes}
    return tuple(sorted(stopped & case.reasons.keys()))


def _objection(case: PrivacyRequest, aim: Aim, terms: Terms, at: datetime) -> list[Stop]:
    """To marketing, or to the rest, or to both where nobody said. Purposes that are named decide, whatever else is."""
    named = _purposes(aim, {*terms.marketing, *terms.objectionable})
    marketing = tuple(p for p in terms.marketing if not named or p in named)
    other = tuple(p for p in terms.objectionable if not named or p in named)
    stops = []
    if marketing and (named or aim.objects_to != "other"):
        rule = _rule(case, gdpr="GDPR-21-3")
        stops.append(_stop(case, StopKind.OBJECTED, "marketing", marketing, rule, at))
    if other and (named or aim.objects_to != "marketing"):
        rule = _rule(case, gdpr="GDPR-18-1")
        stops.append(_stop(case, StopKind.OBJECTED, "weighed", other, rule, at, provisional=True))
    return stops


def _restricted(case: PrivacyRequest, terms: Terms, at: datetime, purposes: tuple[str, ...]) -> Stop:
    """Storage and nothing else (18(2)): but this very case goes on, for the person asked for it."""
    rule = _rule(case, gdpr="GDPR-18-1", appi="APPI-35-1")
    return _stop(case, StopKind.RESTRICTED, "use", purposes, rule, at, provisional=True).model_copy(
        update={"except_purposes": () if purposes else tuple(sorted(terms.own_cases))}
    )


def _withdrawn(case: PrivacyRequest, aim: Aim, terms: Terms, at: datetime) -> Stop:
    purposes = _purposes(aim, terms.by_consent) or terms.by_consent
    return _stop(case, StopKind.WITHDRAWN, "consent", purposes, _rule(case, gdpr="GDPR-7-3"), at)


def _provision(case: PrivacyRequest, aim: Aim, terms: Terms, at: datetime) -> Stop:
    """Whoever is named, for whatever purpose; else all third parties, but not for what a contract or a law needs.

    Nobody who wants no data passed on means that the parcel should not come.
    """
    named = tuple(each for each in aim.recipients if each in terms.recipients)
    spared = () if named else tuple(n for n, t in terms.purposes.items() if t.basis in _NEEDED_BY_CONTRACT)
    recipients = named or tuple(sorted(terms.third_parties))
    rule = _rule(case, appi="APPI-35-3")
    stop = _stop(case, StopKind.PROVISION_STOPPED, "provision", (), rule, at, provisional=True)
    return stop.model_copy(update={"recipients": recipients, "except_purposes": tuple(sorted(spared))})


def _purposes(aim: Aim, known: Collection[str] | Iterable[str]) -> tuple[str, ...]:
    known = set(known)
    return tuple(each for each in aim.purposes if each in known)


def _stop(
    case: PrivacyRequest,
    kind: StopKind,
    part: str,
    purposes: tuple[str, ...],
    rule: str,
    at: datetime,
    *,
    provisional: bool = False,
) -> Stop:
    return Stop(
        id=f"{case.request_id}:{part}", kind=kind, purposes=purposes, rule=rule, since=at, provisional=provisional
    )


def _rule(case: PrivacyRequest, *, gdpr: str = "", appi: str = "") -> str:
    """The rule of the first law of the case that knows this right; else the merchant's promise."""
    for law in case.due.laws:
        found = {Law.GDPR: gdpr, Law.APPI: appi}.get(Law(law), "")
        if found:
            return found
    return PROMISE_RULE
