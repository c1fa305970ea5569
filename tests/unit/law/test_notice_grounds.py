"""The law that a recipient of data is told under: the same words in its mail and on its page."""

# serves: E-03, E-04, E-05, P-10

from typing import get_args

import pytest

from rightsdesk.domain.letters import Letter
from rightsdesk.domain.recipient_notice import NoticeAction
from rightsdesk.domain.request import Language
from rightsdesk.law.applicability import Law
from rightsdesk.law.notice_grounds import ground_of_notice
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.samples import sample_values
from tests.support.desk import MERCHANT, merchant
from tests.support.fake_subject_desk import NOTICE, NOTICE_TOKEN
from tests.support.site_client import SiteClient

PRESS = MerchantLetters(MERCHANT, merchant())
CASES = [(law, action) for law in Law for action in get_args(NoticeAction)]


@pytest.mark.parametrize(
    ("law", "action", "en", "ja"),
    [
        (
            *("gdpr", "correct", "General Data Protection Regulation (GDPR), Articles 16 and 19"),
            "EU一般データ保護規則（GDPR）第16条、第19条",
        ),
        (
            *("gdpr", "stop_use", "General Data Protection Regulation (GDPR), Articles 7(3), 19 and 21"),
            "EU一般データ保護規則（GDPR）第7条第3項、第19条、第21条",
        ),
        (
            *("appi", "erase", "Act on the Protection of Personal Information (Japan), Articles 25 and 35"),
            "個人情報保護法第25条、第35条",
        ),
        ("promise", "restrict", "our promise to our customers", "当社のお客様へのお約束"),
    ],
)
def test_it_names_the_law_and_its_articles(law: str, action: NoticeAction, en: str, ja: str) -> None:
    ground = ground_of_notice(law, action)
    assert (ground.en, ground.ja) == (en, ja)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("law", "action"), CASES)
def test_the_mail_and_the_page_carry_the_same_words(law: Law, action: NoticeAction, language: Language) -> None:
    ground = ground_of_notice(law, action)
    client = SiteClient()
    client.fake.notices[NOTICE_TOKEN] = NOTICE.model_copy(update={"action": action, "basis": ground})
    assert ground.of(language) in client.get(f"/{language}/notices/{NOTICE_TOKEN}").words
    values = {**sample_values(Letter.RECIPIENT_NOTICE, language), "basis": ground}
    assert ground.of(language) in PRESS.print(Letter.RECIPIENT_NOTICE, language, values, to="to@carrier.example").text
