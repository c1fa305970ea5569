"""May data of a person go to somebody else? No, unless a ground of T-1 holds (APPI 27 and 28, GDPR 44).

| ground | to whom | needs |
| consent | anybody | a consent on record that names the recipient |
| marketing_partner, own_advertising | anybody, for a purpose of marketing | the same |
| service_necessity | who works for us, or uses data jointly with us (27(5)) | nothing that stops it |
| law, vital, health_child, state_organ | anybody in the register | nothing: 27(1)(i) to (iv) |
| statistics | anybody in the register | nobody in them: a minimum of people behind each number |

What the map does not describe is a no: it is what people are told (GDPR 13, APPI 32(1)). Only for the exceptions that
no plan can foresee any field of the map will do.
"""

# serves: B-3, T-1, T-2

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rightsdesk.domain.permission import CLOSED_LIST, Consent, Permission, Reason, Standing, permitted
from rightsdesk.domain.provision import ProvisionGround
from rightsdesk.domain.provision_gate import (
    BY_CONSENT,
    BY_LAW,
    MARKETING_GROUNDS,
    ProvisionQuestion,
    ProvisionReason,
    ProvisionTerms,
    ProvisionVerdict,
)
from rightsdesk.law.countries import EEA, JAPAN, PART_OF

# Each holds the law of the other for as good as its own: APPI 28(1) with the Commission's notice, GDPR 45.
_PROTECTED = EEA | {JAPAN, "GB"}
_CONSIGNEES = frozenset({"processor", "joint_user"})
_RULES: Mapping[ProvisionGround, str] = {
    ProvisionGround.CONSENT: "APPI-27-1",
    ProvisionGround.LAW: "APPI-27-1-i",
    ProvisionGround.VITAL: "APPI-27-1-ii",
    ProvisionGround.HEALTH_CHILD: "APPI-27-1-iii",
    ProvisionGround.STATE_ORGAN: "APPI-27-1-iv",
    ProvisionGround.SERVICE_NECESSITY: "APPI-27-5",
    ProvisionGround.MARKETING_PARTNER: "APPI-27-1",
    ProvisionGround.OWN_ADVERTISING: "APPI-27-1",
    ProvisionGround.STATISTICS: "POLICY-CELL-SIZE",
}
_ABROAD = "APPI-28"
_RECEIVED = "APPI-30"


def may_provide(
    question: ProvisionQuestion, standings: Sequence[Standing | None], terms: ProvisionTerms, *, at: datetime
) -> ProvisionVerdict:
    """For one person: `standings` is what the register of permissions has under each of their identifiers."""
    ground = _ground(question.ground)
    if ground is None or ground is ProvisionGround.STATISTICS:  # of a person there are no statistics
        return _no(ProvisionReason.UNKNOWN_GROUND)
    return (
        _closed_list(question, terms)
        or (None if ground in BY_LAW else _as_planned(question, ground, terms))
        or (None if ground in BY_LAW else _by_register(question, ground, standings, terms, at))
        or ProvisionVerdict(allowed=True, reason=ProvisionReason.GROUND, rule=_RULES[ground])
    )


def may_provide_statistics(
    question: ProvisionQuestion, cells: Sequence[int], terms: ProvisionTerms, *, minimum: int
) -> ProvisionVerdict:
    """For results in which nobody is to be recognised: `cells` are the numbers of people behind each of them."""
    barred = _closed_list(question, terms)
    if barred:
        return barred
    rule = _RULES[ProvisionGround.STATISTICS]
    if not cells or min(cells) < minimum:
        return ProvisionVerdict(allowed=False, reason=ProvisionReason.CELL_TOO_SMALL, rule=rule)
    return ProvisionVerdict(allowed=True, reason=ProvisionReason.GROUND, rule=rule)


def may_receive(question: ProvisionQuestion, terms: ProvisionTerms) -> ProvisionVerdict:
    """What others offer is taken in from somebody in the register only, as data of the map, on a known ground."""
    ground = _ground(question.ground)
    if ground is None or ground is ProvisionGround.STATISTICS:
        return _no(ProvisionReason.UNKNOWN_GROUND, _RECEIVED)
    return _closed_list(question, terms) or ProvisionVerdict(
        allowed=True, reason=ProvisionReason.GROUND, rule=_RECEIVED
    )


def _ground(code: str) -> ProvisionGround | None:
    try:
        return ProvisionGround(code)
    except ValueError:
        return None


def _closed_list(question: ProvisionQuestion, terms: ProvisionTerms) -> ProvisionVerdict | None:
    """Recipient, purpose and items are those of the data map."""
    if question.recipient not in terms.parties:
        return _no(ProvisionReason.UNKNOWN_RECIPIENT)
    if question.purpose not in terms.permissions.purposes:
        return _no(ProvisionReason.UNKNOWN_PURPOSE)
    if not terms.items.issuperset(question.items):
        return _no(ProvisionReason.UNKNOWN_ITEM)
    return None


def _as_planned(question: ProvisionQuestion, ground: ProvisionGround, terms: ProvisionTerms) -> ProvisionVerdict | None:
    """Whether these data go to this recipient for this purpose, by what the merchant says of it beforehand."""
    party = terms.parties[question.recipient]
    given = terms.described.get(question.recipient, {}).get(question.purpose, frozenset())
    if not question.items or not given.issuperset(question.items):
        return _no(ProvisionReason.NOT_FOR_THIS_RECIPIENT)
    if ground is ProvisionGround.SERVICE_NECESSITY and party.role not in _CONSIGNEES:
        return _no(ProvisionReason.NOT_A_CONSIGNEE, _RULES[ground])
    if ground in MARKETING_GROUNDS and not terms.permissions.purposes[question.purpose].marketing:
        return _no(ProvisionReason.NOT_MARKETING)
    if not party.has_safeguard and PART_OF.get(party.country or "", party.country) not in _PROTECTED:
        return _no(ProvisionReason.NO_SAFEGUARD, _ABROAD)
    return None


def _by_register(
    question: ProvisionQuestion,
    ground: ProvisionGround,
    standings: Sequence[Standing | None],
    terms: ProvisionTerms,
    at: datetime,
) -> ProvisionVerdict | None:
    """What the person stopped under any identifier bars it; a consent under any of them will do."""
    asked = [
        permitted(each, terms.permissions, at=at, purpose=question.purpose, recipient=question.recipient)
        for each in standings
    ]
    barred = next((each for each in asked if not each.allowed and each.reason is not Reason.NO_CONSENT), None)
    if barred is not None:
        return _as_said(barred)
    if ground in BY_CONSENT:
        consent = _consent(question, standings, terms)
        if consent is None:
            return _no(ProvisionReason.NO_CONSENT, _RULES[ground])
        return ProvisionVerdict(
            allowed=True, reason=ProvisionReason.GROUND, rule=_RULES[ground], since=consent.given_at
        )
    if not any(each.allowed for each in asked):  # the purpose rests on a consent, whoever gets the data
        return _as_said(asked[0]) if asked else _no(ProvisionReason.NO_CONSENT, _RULES[ProvisionGround.CONSENT])
    return None


def _consent(
    question: ProvisionQuestion, standings: Iterable[Standing | None], terms: ProvisionTerms
) -> Consent | None:
    """The consent for this purpose; where the recipient is a third party, one that names it (APPI 27(1))."""
    third = question.recipient in terms.permissions.third_parties
    for standing in standings:
        consent = standing.consents.get(question.purpose) if standing else None
        if consent is not None and (not third or question.recipient in consent.recipients):
            return consent
    return None


def _as_said(permission: Permission) -> ProvisionVerdict:
    return ProvisionVerdict(
        allowed=False,
        reason=ProvisionReason(permission.reason.value),
        rule=permission.rule,
        since=permission.since,
    )


def _no(reason: ProvisionReason, rule: str = CLOSED_LIST) -> ProvisionVerdict:
    return ProvisionVerdict(allowed=False, reason=reason, rule=rule)
