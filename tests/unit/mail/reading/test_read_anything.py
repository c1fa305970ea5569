"""Whatever the bytes are, a mail comes out that can be kept; and what was plainly written is found again."""

import email.header
import email.headerregistry
import email.message
import email.policy
import email.utils
import unicodedata
from html import escape

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rightsdesk.domain.incoming_mail import MailFlag
from rightsdesk.domain.sender_trust import sender_of
from rightsdesk.mail.reading.automatic import automatic_reasons
from rightsdesk.mail.reading.read import read_mail
from tests.support.hostile_mails import HOSTILE, assert_can_be_kept

SAMPLES = [path.read_bytes() for path in sorted(HOSTILE.glob("*.eml"))]

NAMES = st.sampled_from(
    [
        *(b"From", b"Subject", b"Sender", b"Reply-To", b"Message-ID", b"References", b"In-Reply-To", b"List-Id"),
        *(b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding", b"Precedence"),
    ]
)
BITS = st.sampled_from(
    [
        *(
            b"multipart/mixed",
            b"multipart/alternative",
            b"multipart/report",
            b"message/rfc822",
            b"text/html",
            b"text/plain",
        ),
        *(
            b"; boundary=b",
            b"; charset=iso-2022-jp",
            b"; charset=utf-7",
            b"; name*0*=utf-8''%",
            b"; filename=",
            b"base64",
        ),
        *(
            b"quoted-printable",
            b"x-uuencode",
            b"=?utf-8?b?",
            b"=?iso-2022-jp?q?",
            b"?=",
            b"<",
            b">",
            b"@",
            b'"',
            b"(",
            b"\\",
        ),
        *(
            b",",
            b";",
            b":",
            b"a@b.example",
            b"\r\n ",
            b"\r\n",
            b"\n",
            b"\r",
            b"\x00",
            b"\x1b$B",
            b"\x0e",
            b"\xff",
            b"--b",
            b"--b--",
        ),
        *(
            b"<p>",
            b"<blockquote>",
            b"&#0;",
            b"&#xd800;",
            b"> ",
            b"wrote:",
            "é".encode(),
            "山".encode("cp932"),
            b"\xe2\x80\xa8",
        ),
        *(b"begin 644 a\n", b"=", b"=3", b"%", b"4111 1111 1111 1111", b"Content-Type: ", b"\r\n\r\n"),
    ]
)
VALUES = st.lists(BITS | st.binary(max_size=8), max_size=12).map(b"".join)
BUILT = st.builds(
    lambda fields, body: b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n" + body,
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    VALUES,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample with some of its bytes replaced, taken out or doubled."""
    raw = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 60)))
        raw = raw[:start] + draw(VALUES | st.just(raw[start:end] * 2)) + raw[end:]
    return raw


@settings(max_examples=150)
@given(st.binary(max_size=2_000) | BUILT | mutated())
@example(b"")
@example(b"\r\n")
@example(b":")
@example(b"From")
def test_a40_no_bytes_make_it_fail(raw: bytes) -> None:
    mail = read_mail(raw)
    assert MailFlag.UNREADABLE not in mail.flags
    assert_can_be_kept(mail)
    automatic_reasons(mail, None, own_addresses=("privacy@shop.example",))


PIECES = st.sampled_from(
    [
        *("jane@victim.example", "<jane@victim.example>", "evil@evil.example", "<evil@evil.example>", "evil.example"),
        *("@", "<", ">", "(", ")", '"', "\\", ",", ";", ":", " ", "\r\n ", "Jane", ".", "[", "]", "\x00"),
        *("=?utf-8?q?evil=40evil.example?=", "=?utf-8?b?PGV2aWxAZXZpbC5leGFtcGxlPg==?=", "=?utf-8?q?J=C3=A4ne?="),
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=7).map("".join))
def test_a02_other_readers_find_the_one_sender_that_is_found_here(value: str) -> None:
    """Whether they take words apart before they decode them, or after: the domain is judged."""
    sender = sender_of(read_mail(f"From: {value}\r\n\r\nx".encode()))
    if sender is not None:
        unfolded = value.replace("\r\n", "")
        decoded = str(email.header.make_header(email.header.decode_header(unfolded)))
        for seen in (unfolded, decoded):
            found = {address.lower() for _, address in email.utils.getaddresses([seen]) if "@" in address}
            assert {address.rpartition("@")[2] for address in found} == {sender.rpartition("@")[2]}
            assert seen != unfolded or found == {sender}


WORDS = st.text(
    st.characters(exclude_categories=("C", "Z", "M"), exclude_characters="<>\"'()[]\\,;:@.-_=*>＞—"),
    min_size=1,
    max_size=30,
)
SAYING = WORDS.filter(
    lambda text: any(map(str.isalnum, text))
)  # what has no letter says nothing beside an HTML that does


@settings(max_examples=60)
@given(
    subject=WORDS,
    name=WORDS,
    lines=st.lists(SAYING, min_size=1, max_size=5),
    html=st.booleans(),
    with_file=st.booleans(),
)
def test_what_was_written_is_found_again(
    subject: str, name: str, lines: list[str], html: bool, with_file: bool
) -> None:
    sent = email.message.EmailMessage(email.policy.SMTP)
    sent["Subject"] = subject
    sent["From"] = email.headerregistry.Address(name, "jane", "example.com")
    sent.set_content("\n".join(lines), cte="base64")
    if html:
        sent.add_alternative("".join(f"<p>{escape(line)}" for line in [*lines, "x"]), subtype="html")
    if with_file:
        sent.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=f"{name}.pdf")
    mail = read_mail(sent.as_bytes())
    assert mail.subject == unicodedata.normalize("NFC", subject)
    assert [(one.name, one.address) for one in mail.senders] == [
        (unicodedata.normalize("NFC", name), "jane@example.com")
    ]
    assert mail.text == unicodedata.normalize("NFC", "\n".join(lines))
    assert [one.content for one in mail.attachments] == ([b"%PDF"] if with_file else [])
