"""Days and moments as a language writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rightsdesk.domain.request import Language
from rightsdesk.mail.wording import written, zone_name

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("value", "en", "ja"),
    [
        (date(2026, 10, 3), "3 October 2026", "2026年10月3日"),
        (date(2026, 1, 31), "31 January 2026", "2026年1月31日"),
        (datetime(2026, 10, 3, 15, 5, tzinfo=UTC), "4 October 2026, 00:05", "2026年10月4日 00:05"),
        ("2026-10-03", "2026-10-03", "2026-10-03"),
        (5, 5, 5),
    ],
)
def test_values_are_written_as_people_write_them(value: object, en: object, ja: object) -> None:
    languages: tuple[tuple[Language, object], ...] = (("en", en), ("ja", ja))
    for language, expected in languages:
        assert written(value, language, TOKYO) == expected


def test_zones_have_names() -> None:
    assert zone_name("Asia/Tokyo", "en") == "Japan Time"
    assert zone_name("Asia/Tokyo", "ja") == "日本時間"
    assert zone_name("Europe/Dublin", "en")
