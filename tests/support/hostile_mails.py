"""Mails to read: samples from files, and what holds of every mail that was read."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from rightsdesk.domain.incoming_mail import IncomingMail
from rightsdesk.mail.reading.read import read_mail

HOSTILE = Path(__file__).parents[1] / "data/mail/hostile"


def hostile_mail(name: str) -> IncomingMail:
    return read_mail((HOSTILE / f"{name}.eml").read_bytes())


def lines_of(mail: IncomingMail) -> Iterator[str]:
    """Every text of a mail that has to be one line."""
    yield from (mail.subject, mail.message_id, *mail.references)
    for one in (*mail.senders, *mail.reply_to):
        yield from (one.address, one.name)
    for name, value in mail.headers:
        yield from (name, value)
    for attachment in mail.attachments:
        yield from (attachment.name, attachment.media_type)
    if mail.returned is not None:
        yield from mail.returned.message_ids


def assert_can_be_kept(mail: IncomingMail) -> None:
    """What `IncomingMail` promises of its texts (abuse cases 49, 56)."""
    for line in lines_of(mail):
        assert "\n" not in line
        assert len(line) <= 1_000
    for text in (*lines_of(mail), mail.text, mail.new_text):
        assert unicodedata.is_normalized("NFC", text)
        odd = {character for character in text if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}}
        assert odd <= {"\n"}
    assert len(mail.text.encode()) <= 256 * 1024
    assert len(mail.new_text) <= len(mail.text)
    assert len(mail.references) <= 50
    assert len(mail.attachments) <= 25
    assert len({attachment.name.casefold() for attachment in mail.attachments}) == len(mail.attachments)
    assert all(0 < len(attachment.name) <= 120 for attachment in mail.attachments)
