"""Where a person can turn who does not agree: named in every answer and refusal (GDPR 12(4), 77, 79; APPI 36, 39)."""

# serves: E-13

from collections.abc import Iterable

from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.law.authorities import Authority, authority_for
from rightsdesk.law.countries import EEA, JAPAN, state_of

_CLAIMS_OF_THE_APPI = frozenset(
    {
        RequestType.ACCESS,  # 33(1)
        RequestType.PROVISION_RECORDS,  # 33(5)
        RequestType.RECTIFICATION,  # 34(1)
        RequestType.ERASURE,  # 35(1), (5)
        RequestType.RESTRICTION,  # 35(1), (5)
        RequestType.STOP_PROVISION,  # 35(3), (5)
    }
)


def may_sue_in_japan(types: Iterable[RequestType]) -> bool:
    """Whether the APPI gives a claim for one of these rights: the only ones for which article 39 speaks of a court."""
    return not _CLAIMS_OF_THE_APPI.isdisjoint(types)


def remedies_of(case: PrivacyRequest, merchant: MerchantProfile) -> Phrase:
    """The sentences for the person of a case."""
    return remedies(
        case.due.laws,
        case.country,
        types=case.types,
        region=case.region,
        contact=merchant.contact_email,
        seat=merchant.country,
    )


def remedies(
    laws: Iterable[str],
    country: str,
    *,
    types: Iterable[RequestType],
    contact: str,
    region: str | None = None,
    seat: str | None = None,
) -> Phrase:
    """The sentences that name the authority and the court for a subject who lives in `country`.

    `laws` and `types` are those of the case, `contact` is the merchant's complaint desk. `region` (ISO 3166-2) says the
    Land where each has an authority of its own. `seat` is the merchant's country: its authority is the one for a
    subject who lives outside the EEA (GDPR 77: the place of the infringement).
    """
    of_each = {
        "gdpr": lambda: _of_the_gdpr(country, region, seat),
        "appi": lambda: _of_the_appi(contact, may_sue=may_sue_in_japan(types)),
    }
    parts = [of_each[law]() for law in laws if law in of_each]
    if not parts:
        return Phrase(name="remedies.promise", values={"contact": contact})
    if len(parts) == 1:
        return parts[0]
    return Phrase(name="remedies.both", values={"first": parts[0], "second": parts[1]})


def _of_the_appi(contact: str, *, may_sue: bool) -> Phrase:
    commission = authority_for(JAPAN)
    if commission is None:
        raise LookupError("the directory of authorities lacks the Commission of Japan")
    name = "remedies.appi" if may_sue else "remedies.appi_no_claim"
    return Phrase(name=name, values={"contact": contact, "phone": commission.phone})


def _of_the_gdpr(country: str, region: str | None, seat: str | None) -> Phrase:
    authority = _in_the_eea(country, region) or (_in_the_eea(seat, None) if seat else None)
    if authority is None:
        return Phrase(name="remedies.gdpr_elsewhere")
    return Phrase(name="remedies.gdpr", values={"authority": authority.name, "web": authority.web})


def _in_the_eea(country: str, region: str | None) -> Authority | None:
    return authority_for(country, region) if state_of(country) in EEA else None
