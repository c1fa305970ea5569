"""A40, A41: whatever a mail is made of, reading it takes bounded time and memory, and it stays a mail.

Bounds are generous, for machines that are busy: what is measured on a quiet one is a tenth of them.
"""

import base64
import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from rightsdesk.domain.incoming_mail import IncomingMail, MailFlag
from rightsdesk.mail.reading.addresses import read_addresses
from rightsdesk.mail.reading.headers import header_text, read_parameters
from rightsdesk.mail.reading.html_text import html_to_text
from rightsdesk.mail.reading.new_text import new_text
from rightsdesk.mail.reading.read import read_mail
from rightsdesk.mail.reading.sensitive import sensitive_flags
from tests.support.hostile_mails import assert_can_be_kept

SECONDS = 10
MEGABYTE = 1_000_000
HEAD = b"From: Jane <jane@example.com>\r\nSubject: Access\r\nMessage-ID: <a@b>\r\n"
ASKED = "Please send me my data."
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlease send me my data."
FILE = b"Content-Type: application/zip; name=a.zip\r\n"
BASE64 = b"Content-Transfer-Encoding: base64\r\n\r\n"
QUOTED = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"


def mixed(*parts: bytes) -> bytes:
    inside = b"".join(b"--B\r\n" + part + b"\r\n" for part in parts)
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + inside + b"--B--\r\n"


def nested(depth: int, inside: bytes) -> bytes:
    levels = [b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)]
    return HEAD + b"".join(levels) + inside


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(50 * MEGABYTE))
    return packed.getvalue()


def in_time(read: Callable[[], IncomingMail], size: int) -> IncomingMail:
    """The mail, read within the bounds: of seconds, and of three times the size and 20 MB."""
    began = time.perf_counter()
    mail = read()
    assert time.perf_counter() - began < SECONDS
    tracemalloc.start()
    try:
        read()
        assert tracemalloc.get_traced_memory()[1] < 3 * size + 20 * MEGABYTE
    finally:
        tracemalloc.stop()
    return mail


SMALL: dict[str, tuple[Callable[[], bytes], str, set[MailFlag]]] = {
    "10 000 parts": (lambda: mixed(*[TEXT] * 10_000), "\n\n".join([ASKED] * 49), {MailFlag.TOO_MANY_PARTS}),
    "10 000 attachments": (
        lambda: mixed(TEXT, *[FILE + b"\r\nx"] * 10_000),
        ASKED,
        {MailFlag.TOO_MANY_PARTS, MailFlag.TOO_MANY_ATTACHMENTS},
    ),
    "depth 1 000": (lambda: nested(1_000, TEXT), "", {MailFlag.TOO_DEEP, MailFlag.NO_TEXT}),
    "mails in mails": (lambda: mixed(TEXT, b"Content-Type: message/rfc822\r\n\r\n" * 1_000 + TEXT), ASKED, set()),
    "a mail that is a mail": (
        lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1_000 + TEXT,
        "",
        {MailFlag.NO_TEXT},
    ),
    "a header of 1 MB": (lambda: HEAD + b"X-A: " + b"(" * MEGABYTE + b"\r\n\r\nhi", "hi", set()),
    "100 000 references": (
        lambda: HEAD + b"References: " + b"\r\n ".join(b"<%d@x.example>" % n for n in range(100_000)) + b"\r\n\r\nhi",
        "hi",
        set(),
    ),
    "a zip bomb": (lambda: mixed(TEXT, FILE + BASE64 + base64.encodebytes(zip_bomb())), ASKED, set()),
    "100 000 header fields": (lambda: HEAD + b"A: b\r\n" * 100_000 + b"\r\nhi", "hi", {MailFlag.DAMAGED}),
}


@pytest.mark.parametrize("name", SMALL)
def test_a40_mails_made_to_exhaust(name: str) -> None:
    make, text, flags = SMALL[name]
    raw = make()
    mail = in_time(lambda: read_mail(raw), len(raw))
    assert_can_be_kept(mail)
    assert mail.text == text
    assert mail.flags == flags


def test_a40_the_newest_of_many_references_are_kept() -> None:
    mail = read_mail(SMALL["100 000 references"][0]())
    assert mail.references == tuple(f"<{n}@x.example>" for n in range(99_999, 99_949, -1))


def test_a40_a_zip_is_kept_as_it_is() -> None:
    bomb = zip_bomb()
    (attachment,) = read_mail(mixed(TEXT, FILE + BASE64 + base64.encodebytes(bomb))).attachments
    assert attachment.content == bomb


def test_a40_what_lies_too_deep_is_an_attachment() -> None:
    (attachment,) = read_mail(nested(1_000, TEXT)).attachments
    assert ASKED.encode() in attachment.content


@pytest.mark.parametrize(
    "make",
    [
        lambda: mixed(TEXT, FILE + BASE64 + base64.encodebytes(bytes(29 * MEGABYTE))),
        lambda: mixed(TEXT, FILE + QUOTED + b"=E3=81=82" * 4_400_000),
        lambda: mixed(TEXT, FILE + BASE64 + b"a=b" * 13 * MEGABYTE),
        lambda: mixed(TEXT, b"\n--BB" * 8 * MEGABYTE),
        lambda: nested(30, TEXT + b"\n--b\n-" * 6_500_000),
        lambda: HEAD + b"\r\n" + b"I want my data, please. All of it.\r\n" * 1_100_000,
        lambda: HEAD + b"\r\n" + b"a" * 40 * MEGABYTE,
        lambda: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<p>I want my <b>data</b></p>\r\n" * 1_300_000,
        lambda: HEAD + QUOTED + b"=E3=81=82" * 4_400_000,
        lambda: bytes(40 * MEGABYTE),
        lambda: b"a:b\n" * 10 * MEGABYTE,
    ],
    ids=[
        *("attachment", "quoted attachment", "broken base64", "false boundaries", "deep", "text", "one line", "html"),
        *("quoted text", "zeros", "headers"),
    ],
)
def test_a40_forty_megabytes(make: Callable[[], bytes]) -> None:
    raw = make()
    assert_can_be_kept(in_time(lambda: read_mail(raw), len(raw)))


FLOODS = [
    *(
        "(",
        "<",
        '"',
        "\\",
        "a,",
        "a@b,",
        "=?",
        "=?a?b?",
        "=?utf-8?q?a?= ",
        "On ",
        "On a wrote:\n",
        "Am 1 schrieb a ",
        "> ",
    ),
    *(
        "From: \n",
        "From:a\nTo:b\n",
        "a :\n",
        "\n",
        " ",
        "- ",
        "-",
        "_" * 31 + "\n",
        "2026年10月3日(土) 10:00 a <",
        "CAUTION: a ",
    ),
    *(
        "this email ",
        "<p>x",
        "<div>",
        "<b id=1>",
        "&",
        "&amp;",
        "&#1;",
        "<!--",
        "<a ",
        "<table><td>",
        "</p>",
        "<br>",
        "\u00a0 ",
    ),
    *(
        "1 ",
        "4111",
        "@",
        "a.",
        ";a=",
        ";a*0*=",
        "=\u0301\u0323",
        "auto ",
        "re: ",
        "\x1b$B",
        "*",
        ": ",
        "‐",
        "xn--a",
        "no-reply.",
    ),
]


@pytest.mark.parametrize("flood", FLOODS)
def test_a41_no_text_makes_it_slow(flood: str) -> None:
    long = (flood * (256 * 1024 // len(flood)))[: 256 * 1024]
    began = time.perf_counter()
    new_text(long)
    html_to_text(long)
    sensitive_flags(long, ())
    header_text(long[:16_384].encode())
    read_parameters(long[:16_384].encode())
    read_addresses([long[:16_384].encode()])
    line = long.replace("\n", " ").encode()
    mail = read_mail(b"From: " + line + b"\r\nSubject: " + line + b"\r\nContent-Type: " + line + b"\r\n\r\n" + line)
    assert time.perf_counter() - began < SECONDS
    assert_can_be_kept(mail)


@pytest.mark.parametrize(
    "tag", ["div", "span", "b", "font", "blockquote", "table><tr><td", "ul><li", "a", "button><p", "svg"]
)
def test_a41_no_nesting_makes_it_slow(tag: str) -> None:
    html = "".join(f"<{tag} id={number}>" for number in range(12_000)) + ASKED
    began = time.perf_counter()
    text, _ = html_to_text(html)
    assert time.perf_counter() - began < SECONDS
    assert ASKED in text or tag == "svg"  # which shows no text


@pytest.mark.parametrize("tag", ["div", "b", "blockquote"])
def test_a41_what_is_nested_deeply_is_read_all_the_same(tag: str) -> None:
    text, cut = html_to_text(f"<{tag} title='a>b'>" * 1_000 + ASKED + f"</{tag}>" * 1_000)
    assert text.endswith(ASKED)
    assert not cut
