"""Below each letter to the person stands the link by which their mailbox disowns the request; in no other letter."""

import pytest

from rightsdesk.domain.letters import Letter
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.requirements import REQUIREMENTS, Reader
from rightsdesk.mail.samples import sample_values
from rightsdesk.services.write_letter import LetterDesk
from tests.support.desk import JANE, MERCHANT, Desk, merchant

LINK = "https://privacy.shop.example/en/not-mine/" + "a" * 64


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("letter", sorted(Letter))
def test_every_letter_can_hold_it_whatever_its_template_says(letter: Letter, language: str) -> None:
    press = MerchantLetters(MERCHANT, merchant())
    values = sample_values(letter, language)  # type: ignore[arg-type]
    mail = press.print(letter, language, {**values, "not_mine": LINK}, to=JANE)  # type: ignore[arg-type]
    assert mail.text.rstrip().endswith(LINK)
    assert f'href="{LINK}"' in mail.html
    assert "not-mine" not in press.print(letter, language, values, to=JANE).text  # type: ignore[arg-type]


def test_the_person_gets_it_and_neither_staff_nor_who_asks_for_them() -> None:
    desk = Desk()
    letters = LetterDesk(
        cases=desk.cases,
        press=desk.press,
        mailer=desk.mailer,
        clock=desk.clock,
        staff_mailbox="privacy-desk@shop.example",
        links=lambda: desk.links,
    )
    case = desk.submit()
    letters.to_subject(case, Letter.UNVERIFIED, {"reference": case.reference})
    letters.to_subject(case, Letter.VERIFICATION_CODE, lambda: {"code": "1234-5678"})
    letters.to_staff(case, Letter.STAFF_RELEASE, {"reference": case.reference})
    links = [printed.values.get("not_mine") for printed in desk.press.printed]
    expected = desk.links.not_mine(f"{case.request_id}{case.disown_secret}", "en")
    assert links == [expected, expected, None]


def test_nothing_is_sent_where_there_is_nothing_to_say() -> None:
    desk = Desk()
    letters = LetterDesk(
        cases=desk.cases, press=desk.press, mailer=desk.mailer, clock=desk.clock, links=lambda: desk.links
    )
    assert not letters.to_subject(desk.submit(), Letter.VERIFICATION_CODE, lambda: None)


def test_staff_are_told_without_a_word_of_the_person() -> None:
    rules = REQUIREMENTS[Letter.STAFF_DISOWNED]
    assert rules.reader is Reader.STAFF
    assert "name" not in rules.variables
