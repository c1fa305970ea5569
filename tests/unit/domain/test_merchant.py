"""The merchant's own settings, and the addresses of its pages."""

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from rightsdesk.domain.links import Links
from rightsdesk.domain.merchant import MerchantProfile
from tests.support.desk import MERCHANT, Desk

SHIPPED: dict[str, Any] = yaml.safe_load((MERCHANT / "merchant.yaml").read_text("utf-8"))


def test_the_shipped_file_is_right() -> None:
    profile = MerchantProfile.model_validate(SHIPPED)
    assert str(profile.timezone) == "Asia/Tokyo"
    assert profile.download_window.days == 14
    assert profile.downloads == 5
    assert (profile.business_year.ends_in_month, profile.business_year.return_due_after_months) == (3, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Asia/Edo"},
        {"zone": "../../etc/passwd"},
        {"zone": ""},
        {"name": {"en": "Kumo"}},
        {"country": "Japan"},
        {"download_days": 0},
        {"download_days": 31},
        {"downloads": 0},
        {"promise_months": 4},
        {"staff_language": "de"},
        {"data_protection_officer": "me"},
        {"telephone": "03-0000-0000"},
        {"business_year": {"ends_in_month": 13}},
        {"business_year": {"return_due_after_months": -1}},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MerchantProfile.model_validate(SHIPPED | wrong)


def test_a31_links_are_made_of_our_own_origin() -> None:
    case = Desk().submit(language="ja")
    links = Links(origin="https://privacy.shop.example/live")
    assert links.start("en") == "https://privacy.shop.example/live/en"
    assert links.request(case) == f"https://privacy.shop.example/live/ja/requests/{case.reference}"
