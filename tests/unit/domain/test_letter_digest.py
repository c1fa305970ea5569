"""The digest of a letter: over one exact form, which survives the way of a mail, and which nobody can guess."""

import hashlib
from collections.abc import Callable

import pytest

from rightsdesk.domain.letters import LetterCopy, letter_sha256, new_salt

SALT = "0f" * 16
SUBJECT = "Your request RD-28T5-CY4G-M"
TEXT = "Dear Zoë,\n\n  - it is done.\nYours\n"


def test_it_is_over_salt_subject_and_text_as_the_documentation_says() -> None:
    canonical = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\nYour request RD-28T5-CY4G-M\nDear Zoë,\n\n  - it is done.\nYours"
    assert letter_sha256(SALT, SUBJECT, TEXT) == hashlib.sha256(canonical.encode()).hexdigest()


ON_THE_WAY: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "NFD": lambda text: text.replace("ë", "e\N{COMBINING DIAERESIS}"),
    "blanks at the ends of lines": lambda text: text.replace("\n", " \t\n"),
    "more lines at the end": lambda text: f"{text}\n \n",
    "no line end at the end": lambda text: text.rstrip("\n"),
}


@pytest.mark.parametrize("what", ON_THE_WAY)
def test_what_a_mail_meets_on_its_way_changes_nothing(what: str) -> None:
    assert letter_sha256(SALT, SUBJECT, ON_THE_WAY[what](TEXT)) == letter_sha256(SALT, SUBJECT, TEXT)


def test_a_folded_subject_is_the_subject() -> None:
    folded = SUBJECT.replace(" ", "\r\n\t")
    assert letter_sha256(SALT, f" {folded} ", TEXT) == letter_sha256(SALT, SUBJECT, TEXT)


@pytest.mark.parametrize(
    ("salt", "subject", "text"),
    [
        ("0e" * 16, SUBJECT, TEXT),
        (SALT, SUBJECT.lower(), TEXT),
        (SALT, SUBJECT, TEXT.replace("done", "not done")),
        (SALT, SUBJECT, TEXT.replace("  -", "-")),
        (SALT, SUBJECT, TEXT.replace("\n\n", "\n")),
        (SALT, SUBJECT, f"\n{TEXT}"),
        (SALT, SUBJECT.removesuffix(" RD-28T5-CY4G-M"), f"RD-28T5-CY4G-M\n{TEXT}"),
        (SALT, f"{SUBJECT}\nDear Zoë,", TEXT.removeprefix("Dear Zoë,\n")),
    ],
)
def test_anything_else_is_another_letter(salt: str, subject: str, text: str) -> None:
    assert letter_sha256(salt, subject, text) != letter_sha256(SALT, SUBJECT, TEXT)


def test_a_salt_has_128_bits() -> None:
    assert new_salt(lambda size: "0f" * size) == SALT
    assert len({new_salt() for _ in range(100)}) == 100


@pytest.mark.parametrize("salt", ["", "0f", SALT.upper(), f"{SALT}\n{SUBJECT}", f"{SALT}\n"])
def test_what_is_no_salt_of_ours_has_no_digest(salt: str) -> None:
    """Otherwise lines could move between salt, subject and text unseen."""
    assert LetterCopy(salt=salt, subject=SUBJECT, text=TEXT).sha256 is None
    assert LetterCopy(salt=SALT, subject=SUBJECT, text=TEXT).sha256 == letter_sha256(SALT, SUBJECT, TEXT)
