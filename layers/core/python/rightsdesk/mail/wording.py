"""Values as a language writes them: `3 October 2026` and `2026年10月3日`."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location

from rightsdesk.domain.letters import Territory
from rightsdesk.domain.request import Language

_LOCALES = {"en": "en_GB", "ja": "ja"}
_DAY = {"en": "d MMMM y", "ja": "y年M月d日"}
_MOMENT = {"en": "d MMMM y, HH:mm", "ja": "y年M月d日 HH:mm"}


def written(value: object, language: Language, zone: ZoneInfo) -> object:
    """Days, moments (in `zone`) and countries as text; anything else as it is."""
    if isinstance(value, datetime):
        return format_datetime(value, _MOMENT[language], tzinfo=zone, locale=_LOCALES[language])
    if isinstance(value, date):
        return format_date(value, _DAY[language], locale=_LOCALES[language])
    if isinstance(value, Territory):
        return Locale.parse(_LOCALES[language]).territories.get(value.code, value.code)
    return value


def zone_name(zone: str, language: Language) -> str:
    """`Japan Time` and `日本時間`."""
    return get_timezone_location(zone, locale=_LOCALES[language])
