"""Both dates are shown where they differ, and each with its zone: the same day is not the same day everywhere."""

import re

import pytest

from rightsdesk.domain.letters import Letter
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.samples import sample_values
from rightsdesk.services.send_code import due_rule
from tests.support.cases import new_case
from tests.support.desk import JANE, MERCHANT, Desk, merchant

DATE = {"en": re.compile(r"\b\d{1,2} [A-Z][a-z]+ 20\d\d\b"), "ja": re.compile(r"20\d\d年\d{1,2}月\d{1,2}日")}
ZONE = {"en": "(Japan Time)", "ja": "（日本時間）"}
SENTENCE = re.compile(r"(?<=[.。])\s*|\n")


def printed(letter: Letter, language: Language) -> str:
    values = sample_values(letter, language)
    return MerchantLetters(MERCHANT, merchant()).print(letter, language, values, to="jane@example.com").text


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("letter", Letter)
def test_no_date_stands_without_its_zone(letter: Letter, language: Language) -> None:
    dated = [sentence for sentence in SENTENCE.split(printed(letter, language)) if DATE[language].search(sentence)]
    assert [sentence for sentence in dated if ZONE[language] not in sentence] == []


@pytest.mark.parametrize("letter", [Letter.EVIDENCE_NEEDED, Letter.IDENTITY_QUESTION, Letter.CLARIFICATION_QUESTION])
def test_who_is_asked_reads_both_dates(letter: Letter) -> None:
    assert "Should that suspension not count, our answer is due by 5 October 2026 (Japan Time)." in printed(
        letter, "en"
    )
    assert "停止が認められない場合の期限は2026年10月5日（日本時間）です。" in printed(letter, "ja")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("letter", [Letter.RECIPIENT_NOTICE, Letter.RECIPIENT_LIFTING])
def test_another_company_is_not_sent_to_the_page_of_the_person(letter: Letter, language: Language) -> None:
    assert "RD-" not in printed(letter, language)


@pytest.mark.parametrize(
    ("months", "en", "ja"), [(1, "one month", "1か月"), (2, "two months", "2か月"), (3, "three months", "3か月")]
)
def test_a_promise_is_counted_as_people_count(months: int, en: str, ja: str) -> None:
    case, _ = new_case(country="US")
    case = case.model_copy(update={"due": case.due.model_copy(update={"laws": ("promise",)})})
    rule = due_rule(case, merchant().model_copy(update={"promise_months": months}))
    sentences: dict[Language, str] = {
        "en": f"We answer within {en} of the day of receipt.",
        "ja": f"受付日から{ja}以内に回答します。",
    }
    for language, said in sentences.items():
        values = sample_values(Letter.VERIFICATION_CODE, language) | {"due_rule": rule}
        press = MerchantLetters(MERCHANT, merchant())
        assert said in press.print(Letter.VERIFICATION_CODE, language, values, to="jane@example.com").text


@pytest.mark.parametrize(("country", "both"), [("IE", True), ("JP", False)])
def test_the_desk_says_that_the_clock_stands_still_and_no_day_twice(country: str, both: bool) -> None:
    desk = Desk()
    desk.directory.accounts.clear()
    desk.directory.guests.add(JANE)
    case = desk.verified(country=country)
    desk.decide(case)
    (asked,) = [each for each in desk.press.printed if each.letter is Letter.EVIDENCE_NEEDED]
    assert asked.values["suspends"] is both
    assert asked.values["conservative_due_on"] is None  # the same day, until there is an answer
