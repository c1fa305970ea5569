"""Where somebody lives who wrote a mail: an assumption, until staff or the person say otherwise.

A mail does not say it, and the dates need it. The address of a state, then the language, then what the merchant has
set; never where a mail was sent from. Staff see that it is assumed, and the person is told (`country_assumed`).
"""

# serves: E-00

from rightsdesk.law.countries import EEA, JAPAN

# The state that a language alone points at. English points at none.
_BY_LANGUAGE = {
    "ja": "JP",
    "de": "DE",
    "fr": "FR",
    "es": "ES",
    "it": "IT",
    "nl": "NL",
    "pt": "PT",
    "sv": "SE",
    "cs": "CZ",
    "el": "GR",
    "hr": "HR",
    "ro": "RO",
    "pl": "PL",
    "da": "DK",
    "fi": "FI",
    "hu": "HU",
}


def assumed_country(address: str, language: str, *, otherwise: str) -> str:
    """ISO 3166-1 alpha-2. `address` is canonical; `language` is ISO 639-1."""
    top = address.rpartition(".")[2].upper()
    if top in EEA or top == JAPAN:
        return top
    return _BY_LANGUAGE.get(language, otherwise)
