"""A letter that somebody kept is read as it was sent, however it was encoded since; nothing else passes for it."""

import base64
import re
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.adapters.mime_message import message_bytes
from rightsdesk.domain.letters import SALT_HEADER, Letter, OutgoingMail, letter_sha256
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.reading.letter_copy import read_letter_copy
from rightsdesk.mail.samples import sample_values
from tests.support.desk import MERCHANT, merchant

SALT = "0f" * 16
HOSTILE = sorted((Path(__file__).parents[3] / "data/mail/hostile").iterdir())


def sent(mail: OutgoingMail) -> bytes:
    """As Amazon SES is handed it: quoted-printable, CRLF."""
    return message_bytes(mail, sender="privacy@mail.shop.example", name="雲家具", mailbox="privacy@shop.example")


def a_letter(language: Language, letter: Letter = Letter.ANSWER_READY) -> OutgoingMail:
    press = MerchantLetters(Path(MERCHANT), merchant())
    mail = press.print(letter, language, sample_values(letter, language), to="a@example.com")
    return mail.model_copy(update={"salt": SALT})


def digest_of(mail: OutgoingMail) -> str:
    return letter_sha256(SALT, mail.subject, mail.text)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("letter", Letter)
def test_every_letter_is_read_as_it_was_sent(letter: Letter, language: Language) -> None:
    mail = a_letter(language, letter)
    assert read_letter_copy(sent(mail)).sha256 == digest_of(mail)


def _text_in(encoding: str, content: bytes) -> Callable[[bytes], bytes]:
    def rewritten(raw: bytes) -> bytes:
        part = re.compile(
            rb"(Content-Type: text/plain[^\r\n]*\r\n)Content-Transfer-Encoding: quoted-printable\r\n"
            rb"(MIME-Version: 1.0\r\n)?\r\n.*?\r\n(?=\r\n--|--)",
            re.DOTALL,
        )
        made, count = part.subn(
            lambda found: found[1] + f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content + b"\r\n", raw
        )
        assert count == 1
        return made

    return rewritten


def on_the_way(mail: OutgoingMail) -> dict[str, bytes]:
    """The same letter as mail servers and mail programs hand it on."""
    raw, text = sent(mail), mail.text.replace("\n", "\r\n").encode()
    return {
        "line ends of Unix": raw.replace(b"\r\n", b"\n"),
        "a mailbox file": b"From privacy@mail.shop.example Sun Nov 29 07:00:00 2026\n" + raw.replace(b"\r\n", b"\n"),
        "with a byte order mark": b"\xef\xbb\xbf" + raw,
        "headers of the way": b"Received: from a\r\n\tby b; Sun, 29 Nov 2026 07:00:00 +0000\r\n" + raw,
        "names in small letters": raw.replace(b"X-Letter-Salt", b"x-letter-salt").replace(b"Subject:", b"subject:"),
        "base64": _text_in("base64", base64.encodebytes(text).replace(b"\n", b"\r\n"))(raw),
        "8bit": _text_in("8bit", text)(raw),
        "with spaces at the ends of lines": _text_in("8bit", text.replace(b"\r\n", b" \r\n"))(raw),
        "decomposed": _text_in("8bit", unicodedata.normalize("NFD", text.decode()).encode())(raw),
    }


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("what", on_the_way(a_letter("en")))
def test_what_a_mail_meets_on_its_way_changes_nothing(what: str, language: Language) -> None:
    mail = a_letter(language)
    raw = on_the_way(mail)[what]
    assert raw != sent(mail)
    assert read_letter_copy(raw).sha256 == digest_of(mail)


# No control characters and no byte order mark: no letter has them.
_WORDS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff")


@given(
    subject=st.text(_WORDS, min_size=1, max_size=200).filter(str.strip),
    text=st.text(_WORDS | st.sampled_from(" \t\n=."), max_size=400),
)
def test_any_words_are_read_as_they_were_sent(subject: str, text: str) -> None:
    mail = OutgoingMail(to="a@example.com", subject=subject, text=text, html="<p>x</p>", salt=SALT)
    assert read_letter_copy(sent(mail)).sha256 == digest_of(mail)


SECOND_TEXT = (
    b"\r\n--%b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAnd we give you a chair.\r\n"
    b"\r\n--%b\r\nContent-Type: text/html"
)


def _with_a_second_text(raw: bytes) -> bytes:
    found = re.search(rb'boundary="([^"]+)"', raw)
    assert found
    return re.sub(rb"\r\n--%b\r\nContent-Type: text/html" % found[1], SECOND_TEXT % (found[1], found[1]), raw, count=1)


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "another word": lambda raw: raw.replace(b"ready", b"never"),
    "another subject": lambda raw: raw.replace(b"Subject: ", b"Subject: Re: "),
    "a second subject": lambda raw: b"Subject: We owe you a chair\r\n" + raw,
    "another salt": lambda raw: raw.replace(SALT.encode(), b"0e" * 16),
    "a second salt": lambda raw: f"{SALT_HEADER}: {SALT}\r\n".encode() + raw,
    "no salt": lambda raw: raw.replace(f"{SALT_HEADER}: {SALT}\r\n".encode(), b""),
    "a second text": _with_a_second_text,
    "a line that is no header": lambda raw: b"what\r\n" + raw,
    "nothing": lambda raw: b"",
}


@pytest.mark.parametrize("what", FORGED)
def test_what_was_not_sent_so_is_no_letter_of_ours(what: str) -> None:
    mail = a_letter("en")
    raw = FORGED[what](sent(mail))
    assert raw != sent(mail)
    assert read_letter_copy(raw).sha256 != digest_of(mail)


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_a_hostile_mail_is_no_letter_of_ours(path: Path) -> None:
    assert read_letter_copy(path.read_bytes()).sha256 is None


def test_a_flood_of_marks_takes_no_time() -> None:
    flood = ("a" + "\N{COMBINING DIAERESIS}\N{COMBINING DOT BELOW}" * 200_000).encode()
    started = time.process_time()
    copy = read_letter_copy(f"{SALT_HEADER}: {SALT}\r\nSubject: x\r\n\r\n".encode() + flood)
    assert copy.sha256 is not None
    assert time.process_time() - started < 5
