"""The countries whose law this code carries, and their time zones. Codes are ISO 3166-1 alpha-2, upper case."""

from types import MappingProxyType

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EEA = frozenset(f"{_EU} IS LI NO".split())
JAPAN = "JP"

# Every country and territory of ISO 3166-1, and XK, the code that the Union uses for Kosovo.
WORLD = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - easier to read and to check
)

# Where a part of the country decides which authority is competent (ISO 3166-2): the German Länder, by their names.
REGIONS = MappingProxyType(
    {
        "DE": tuple(f"DE-{land}" for land in ("BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV"))
        + tuple(f"DE-{land}" for land in ("NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH")),
    }
)

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


ELSEWHERE = "ZZ"  # said by a person who lives where no law here applies; no country will ever have this code


def state_of(country: str) -> str:
    """The state that a country code belongs to: `FR` for `RE`, else the code itself; ELSEWHERE is a code, too.

    Raises ValueError for what is no such code, `UK`, `EL` and `EU` among it: it would pass for a country without a law.
    """
    if country not in WORLD and country != ELSEWHERE:
        raise ValueError("a country is an ISO 3166-1 alpha-2 code in capital letters, such as DE")
    return PART_OF.get(country, country)
