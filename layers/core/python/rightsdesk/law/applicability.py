"""Which law a request falls under, from where the subject lives and where the controller is."""

# serves: B-4

from enum import StrEnum

from rightsdesk.law.countries import EEA, JAPAN, state_of


class Law(StrEnum):
    """A set of rules with a clock of its own. `PROMISE` is what the merchant promises where no law here applies."""

    GDPR = "gdpr"
    APPI = "appi"
    PROMISE = "promise"


def laws_for(country: str, *, controller_country: str = JAPAN) -> tuple[Law, ...]:
    """The laws that hold together, the one that sets the due date first.

    GDPR 3: the controller is in the EEA, or outside and deals with a subject who lives there. APPI: the controller is
    in Japan and the subject lives in Japan or the EEA, or the subject lives in Japan (APPI 171). Elsewhere the
    merchant's promise. Raises ValueError for a country that is no alpha-2 code.
    """
    home, seat = state_of(country), state_of(controller_country)
    gdpr = home in EEA or seat in EEA
    appi = home == JAPAN or (home in EEA and seat == JAPAN)
    laws = tuple(law for law, applies in ((Law.GDPR, gdpr), (Law.APPI, appi)) if applies)
    return laws or (Law.PROMISE,)
