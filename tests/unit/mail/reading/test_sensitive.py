"""A73, A08: what should not have been sent is noticed, and numbers that only look like it are not."""

import pytest

from rightsdesk.domain.incoming_mail import Attachment, MailFlag
from rightsdesk.domain.sensitive_numbers import is_individual_number
from rightsdesk.mail.reading.read import read_mail
from rightsdesk.mail.reading.sensitive import sensitive_flags
from tests.support.hostile_mails import hostile_mail

CARD, NUMBER, SCAN = MailFlag.CARD_NUMBER, MailFlag.MY_NUMBER, MailFlag.ID_SCAN


def test_a73_samples() -> None:
    assert hostile_mail("sensitive_numbers").flags == {CARD, NUMBER}
    assert hostile_mail("sensitive_scan").flags == {SCAN}


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("4111 1111 1111 1111", {CARD}),
        ("4111111111111111.", {CARD}),
        ("５５５５－５５５５－５５５５－４４４４", {CARD}),
        ("3782 822463 10005", {CARD}),
        ("3530111333300000", {CARD}),
        ("30569309025904", {CARD}),
        ("4111 1111 1111 1112", set()),  # the check digit is wrong
        ("order 9111111111111111", set()),  # no scheme begins like this
        ("A4111111111111111", set()),
        ("41111111111111111111111111", set()),
        ("0000000000000000", set()),
        ("+81 90 1234 5678", set()),
        ("マイナンバー: 123456789018", {NUMBER}),
        ("1234-5678-9018", {NUMBER}),
        ("123456789018", set()),  # an order number like any other
        ("個人番号 123456789012", set()),  # the check digit is wrong
        ("my number is 1234 5678 9018", {NUMBER}),
        ("My passport is attached.", set()),  # nothing is
    ],
)
def test_a73_numbers(text: str, flags: set[MailFlag]) -> None:
    assert sensitive_flags(text, ()) == flags


@pytest.mark.parametrize(
    ("name", "media_type", "text", "found"),
    [
        ("passport.jpg", "image/jpeg", "", True),
        ("scan_Personalausweis_vorne.pdf", "application/pdf", "", True),
        ("運転免許証.png", "image/png", "", True),
        ("DNI.jpeg", "application/octet-stream", "", True),
        ("scan.pdf", "application/pdf", "Attached is my driving licence.", True),
        ("scan.pdf", "application/pdf", "ci-joint ma carte d’identité", True),
        ("logo.png", "image/png", "Please send me my data.", False),
        ("passport.txt", "text/plain", "", False),
    ],
)
def test_a08_copies_of_identity_papers(name: str, media_type: str, text: str, found: bool) -> None:
    attachment = Attachment(name=name, media_type=media_type, content=b"")
    assert sensitive_flags(text, (attachment,)) == ({SCAN} if found else set())


def test_a73_the_check_digit_of_an_individual_number() -> None:
    assert is_individual_number("123456789018")
    assert not any(is_individual_number(f"12345678901{digit}") for digit in range(8))
    assert not is_individual_number("000000000000")


def test_a08_a_paper_that_only_our_letter_speaks_of_was_not_sent() -> None:
    letter = "> Please do not send us a copy of your passport."
    logo = b"--b\r\nContent-Type: image/png; name=logo.png\r\n\r\nx\r\n--b--\r\n"
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
    answered = read_mail(head + f"Thank you.\n{letter}\n".encode() + logo)
    assert SCAN not in answered.flags
    assert SCAN in read_mail(head + b"My passport is attached.\n" + logo).flags
