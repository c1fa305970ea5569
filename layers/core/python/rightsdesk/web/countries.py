"""The choices of "Where do you live?": Japan, each country of the European Economic Area, elsewhere."""

from dataclasses import dataclass

from rightsdesk.domain.request import Language
from rightsdesk.law.countries import EEA, ELSEWHERE, JAPAN

CHOICES = frozenset({JAPAN, ELSEWHERE} | EEA)


@dataclass(frozen=True)
class CountryNames:
    """Code -> name, in one language. The EEA in the order of the names."""

    japan: tuple[str, str]
    eea: tuple[tuple[str, str], ...]


def country_names(language: Language) -> CountryNames:
    from babel import Locale  # here only: it reads the names of all the world

    territories = Locale.parse(language).territories
    eea = sorted(((code, territories[code]) for code in EEA), key=lambda country: country[1])
    return CountryNames(japan=(JAPAN, territories[JAPAN]), eea=tuple(eea))
