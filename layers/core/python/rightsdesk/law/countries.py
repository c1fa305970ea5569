"""The countries whose law this code carries, and their time zones. Codes are ISO 3166-1 alpha-2, upper case."""

from types import MappingProxyType

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EEA = frozenset(f"{_EU} IS LI NO".split())
JAPAN = "JP"

# Places with a country code of their own that belong to a member state and to the territory of the Union (Treaty on
# the Functioning of the European Union, Article 355(1) and (4)): who lives on Réunion has the GDPR.
PART_OF = MappingProxyType(
    {"AX": "FI", "GF": "FR", "GP": "FR", "MF": "FR", "MQ": "FR", "RE": "FR", "YT": "FR"},
)

# All zones in which an ordinary resident may live: a request that arrives near midnight has one date in each.
ZONES = MappingProxyType(
    {
        "AT": ("Europe/Vienna",),
        "BE": ("Europe/Brussels",),
        "BG": ("Europe/Sofia",),
        "CY": ("Asia/Nicosia",),
        "CZ": ("Europe/Prague",),
        "DE": ("Europe/Berlin",),
        "DK": ("Europe/Copenhagen",),
        "EE": ("Europe/Tallinn",),
        "ES": ("Europe/Madrid", "Atlantic/Canary"),
        "FI": ("Europe/Helsinki",),
        "FR": ("Europe/Paris",),
        "GR": ("Europe/Athens",),
        "HR": ("Europe/Zagreb",),
        "HU": ("Europe/Budapest",),
        "IE": ("Europe/Dublin",),
        "IS": ("Atlantic/Reykjavik",),
        "IT": ("Europe/Rome",),
        "LI": ("Europe/Vaduz",),
        "LT": ("Europe/Vilnius",),
        "LU": ("Europe/Luxembourg",),
        "LV": ("Europe/Riga",),
        "MT": ("Europe/Malta",),
        "NL": ("Europe/Amsterdam",),
        "NO": ("Europe/Oslo",),
        "PL": ("Europe/Warsaw",),
        "PT": ("Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"),
        "RO": ("Europe/Bucharest",),
        "SE": ("Europe/Stockholm",),
        "SI": ("Europe/Ljubljana",),
        "SK": ("Europe/Bratislava",),
        "JP": ("Asia/Tokyo",),
        "AX": ("Europe/Mariehamn",),
        "GF": ("America/Cayenne",),
        "GP": ("America/Guadeloupe",),
        "MF": ("America/Marigot",),
        "MQ": ("America/Martinique",),
        "RE": ("Indian/Reunion",),
        "YT": ("Indian/Mayotte",),
    }
)


def state_of(country: str) -> str:
    """The state that a country code belongs to: `FR` for `RE`, else the code itself.

    Raises ValueError for anything but two capital letters.
    """
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise ValueError("a country is an ISO 3166-1 alpha-2 code in capital letters, such as DE")
    return PART_OF.get(country, country)
