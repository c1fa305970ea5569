"""A69: whatever the charset is called, the text is read, or said to be a guess. The samples are mails as sent."""

import base64

import pytest

from rightsdesk.domain.incoming_mail import MailFlag
from rightsdesk.mail.reading.charsets import decode_text, from_jis
from rightsdesk.mail.reading.headers import decode_words
from rightsdesk.mail.reading.read import read_mail
from tests.support.hostile_mails import hostile_mail

WINDOWS = "①㈱山田商店です。ｱｲｳの個人情報を開示してください。"
# sample -> (text, whether it is flagged as a guess)
ZOO: dict[str, tuple[str, bool]] = {
    "jis_of_windows": (WINDOWS, False),
    "jis_shifted": ("半角はｱｲｳです。¥1,000‾", False),
    "utf8_called_jis": (WINDOWS, True),
    "jis_called_utf8": (WINDOWS, True),
    "sjis_called_utf8": (WINDOWS, True),
    "windows_sjis": (WINDOWS, False),
    "windows_euc": (WINDOWS, False),
    "euc_unnamed": ("個人情報のコピーをください。よろしくおねがいします。", True),
    "gb18030": ("请删除我的个人信息。镕𠀀€", False),
    "utf7": ("Bitte löschen: <script> äöü", False),
    "none_sjis": (WINDOWS, True),
    "none_latin": (
        "Bitte löschen Sie alle Daten über mich. Viele Grüße, Jürgen Müller aus Köln. Ich möchte außerdem Auskunft.",
        True,
    ),
    "none_utf8": ("Löschen Sie meine Daten, 個人情報", True),
    "unknown": ("Löschen Sie meine Daten", True),
    "codec_of_python": ("C:\\u0041\\n and Löschen", True),
}


@pytest.mark.parametrize("name", ZOO)
def test_a69_each_charset_is_read_or_flagged(name: str) -> None:
    mail = hostile_mail(f"charset_{name}")
    text, guessed = ZOO[name]
    assert mail.text.strip() == text
    assert (MailFlag.GUESSED_CHARSET in mail.flags) is guessed


def test_a69_headers_of_windows_are_read() -> None:
    assert hostile_mail("charset_jis_of_windows").subject == "①開示請求㈱"


def test_a69_headers_without_encoding_are_guessed() -> None:
    mail = hostile_mail("charset_header_raw")
    assert (mail.senders[0].name, mail.senders[0].address) == ("山田花子", "hana@customer.example")
    assert mail.subject == "個人情報の開示"
    assert MailFlag.GUESSED_CHARSET in mail.flags


def test_a69_a_letter_split_between_encoded_words_is_whole_again() -> None:
    mail = hostile_mail("charset_word_split")
    assert mail.subject == "個人情報"
    assert mail.senders[0].name == "Jürgen"  # its charset is called x-nonsense


@pytest.mark.parametrize(
    "declared",
    ["base64", "zlib_codec", "unicode_escape", "punycode", "idna", "rot13", "undefined", "x" * 10_000, "\x00", "mbcs"],
)
def test_a69_no_codec_but_a_charset_is_ever_asked_for(declared: str) -> None:
    assert decode_text(b"plain \\u0041", declared) == ("plain \\u0041", True)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b$B-!\x1b(B", "①"),
        (b"\x1b$@;3\x1b(J", "山"),
        (b"\x1b(I123\x1b(B abc", "ｱｲｳ abc"),
        (b"\x1b$B;3\nabc", "山\nabc"),  # every line begins in ASCII
        (b"\x1b$(D0!\x1b(B", "丂"),
        (b"\x1b&@\x1b$B;3\x1b(B", "山"),
        (b"\x1b$By!\x1b(B", "纊"),  # row 89, of NEC
    ],
)
def test_a69_escapes_of_jis(raw: bytes, text: str) -> None:
    assert from_jis(raw) == text


def test_a69_what_no_charset_has_is_replaced_and_flagged() -> None:
    text, guessed = decode_text(b"a\x1b$B\x7f\x7f\x1b(B\xff\xfe\x1b(Z", "iso-2022-jp")
    assert guessed
    assert "a" in text


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("=?utf-8?q?a_b=3F?=", "a b?"),
        ("=?utf-8*de?q?gr=C3=BC=C3=9F?=", "grüß"),
        ("=?utf-8?b?YQ?= =?utf-8?b?Yg==?= c", "ab c"),
        ("=?utf-8?b?!!!?=", ""),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?us-ascii?q?a b?=", "a b"),  # with a space, which is not allowed, and sent
        ("x =?utf-8?q?=C3?=", "x Ã"),
        ("=?", "=?"),
    ],
)
def test_a69_encoded_words(text: str, decoded: str) -> None:
    assert decode_words(text)[0] == decoded


def test_a69_the_charset_of_a_page_is_asked_where_the_mail_names_none() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><p>開示</p>'.encode("cp932")
    mail = read_mail(b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(page))
    assert mail.text == "開示"
    assert MailFlag.GUESSED_CHARSET not in mail.flags
