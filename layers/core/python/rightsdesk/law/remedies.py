"""Where a person can turn who does not agree: named in every answer and refusal (GDPR 12(4), 77, 79; APPI 36, 39)."""

# serves: E-13

from collections.abc import Iterable

from rightsdesk.domain.letters import Phrase
from rightsdesk.law.authorities import authority_for
from rightsdesk.law.countries import EEA, state_of


def remedies(laws: Iterable[str], country: str, *, contact: str, region: str | None = None) -> Phrase:
    """The sentence that names the authority and the court for a subject who lives in `country`.

    `laws` are those of the case, `contact` is the merchant's complaint desk. `region` (ISO 3166-2) says the Land where
    each has an authority of its own.
    """
    parts = [_of(law, country, region, contact) for law in laws if law in ("gdpr", "appi")]
    if not parts:
        return Phrase(name="remedies.promise", values={"contact": contact})
    if len(parts) == 1:
        return parts[0]
    return Phrase(name="remedies.both", values={"first": parts[0], "second": parts[1]})


def _of(law: str, country: str, region: str | None, contact: str) -> Phrase:
    if law == "appi":
        commission = authority_for("JP")
        if commission is None:
            raise LookupError("the directory of authorities lacks the Commission of Japan")
        return Phrase(name="remedies.appi", values={"contact": contact, "phone": commission.phone})
    authority = authority_for(country, region) if state_of(country) in EEA else None
    if authority is None:
        return Phrase(name="remedies.gdpr_elsewhere")
    return Phrase(name="remedies.gdpr", values={"authority": authority.name, "web": authority.web})
