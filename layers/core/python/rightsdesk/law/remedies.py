"""Where a person can turn who does not agree: named in every answer and refusal (GDPR 12(4), 77, 79; APPI 36, 39)."""

# serves: E-13

from collections.abc import Iterable

from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.law.authorities import Authority, authority_for
from rightsdesk.law.countries import EEA, JAPAN, state_of


def remedies_of(case: PrivacyRequest, merchant: MerchantProfile) -> Phrase:
    """The sentences for the person of a case."""
    return remedies(
        case.due.laws, case.country, region=case.region, contact=merchant.contact_email, seat=merchant.country
    )


def remedies(
    laws: Iterable[str], country: str, *, contact: str, region: str | None = None, seat: str | None = None
) -> Phrase:
    """The sentences that name the authority and the court for a subject who lives in `country`.

    `laws` are those of the case, `contact` is the merchant's complaint desk. `region` (ISO 3166-2) says the Land where
    each has an authority of its own. `seat` is the merchant's country: its authority is the one for a subject who lives
    outside the EEA (GDPR 77: the place of the infringement).
    """
    parts = [_of(law, country, region, contact, seat) for law in laws if law in ("gdpr", "appi")]
    if not parts:
        return Phrase(name="remedies.promise", values={"contact": contact})
    if len(parts) == 1:
        return parts[0]
    return Phrase(name="remedies.both", values={"first": parts[0], "second": parts[1]})


def _of(law: str, country: str, region: str | None, contact: str, seat: str | None) -> Phrase:
    if law == "appi":
        commission = authority_for(JAPAN)
        if commission is None:
            raise LookupError("the directory of authorities lacks the Commission of Japan")
        return Phrase(name="remedies.appi", values={"contact": contact, "phone": commission.phone})
    authority = _in_the_eea(country, region) or (_in_the_eea(seat, None) if seat else None)
    if authority is None:
        return Phrase(name="remedies.gdpr_elsewhere")
    return Phrase(name="remedies.gdpr", values={"authority": authority.name, "web": authority.web})


def _in_the_eea(country: str, region: str | None) -> Authority | None:
    return authority_for(country, region) if state_of(country) in EEA else None
