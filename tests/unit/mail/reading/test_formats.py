"""Of what a mail is made (abuse case 68), and its attachments (71)."""

import pytest

from rightsdesk.domain.incoming_mail import IncomingMail, MailFlag
from rightsdesk.mail.reading.attachments import clean_name
from rightsdesk.mail.reading.html_text import _cleaned, html_to_text, without_tags
from rightsdesk.mail.reading.read import read_mail
from tests.support.hostile_mails import hostile_mail

ASKED = "Please send me my data."

# sample -> (text, names of attachments, flags)
FORMATS: dict[str, tuple[str, list[str], set[MailFlag]]] = {
    "html_only": ("Hello,\n\nplease delete my account.\nJane", [], {MailFlag.HTML_ONLY}),
    "pdf_only": ("", ["request.pdf"], {MailFlag.NO_TEXT}),
    "images_only": ("", ["image001.png"], {MailFlag.NO_TEXT, MailFlag.IMAGES_ONLY}),
    "winmail": ("", ["winmail.dat"], {MailFlag.NO_TEXT, MailFlag.WINMAIL}),
    "calendar": (ASKED, ["invitation.ics"], {MailFlag.CALENDAR}),
    "smime": ("", ["smime.p7m"], {MailFlag.NO_TEXT, MailFlag.ENCRYPTED}),
    "pgp_mime": ("", ["attachment", "encrypted.asc"], {MailFlag.NO_TEXT, MailFlag.ENCRYPTED}),
    "pgp_text": (
        "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----",
        [],
        {MailFlag.ENCRYPTED},
    ),
    "alternative": (ASKED, [], set()),
    "alternative_empty_plain": (ASKED, [], {MailFlag.HTML_ONLY, MailFlag.ALTERNATIVES_DIFFER}),
    "alternative_stub": (
        f"This message is best viewed in HTML.\n\nDear shop,\n\n{ASKED}\n\nI was a customer from 2019 to 2024,"
        " and ordered as jane@customer.example.\n\nJane Murphy",
        [],
        {MailFlag.ALTERNATIVES_DIFFER},
    ),
    "flowed": ("Please send me all of my data.\n> you wrote this\n-- \nJane", [], set()),
    "attached_mail": (ASKED, ["mail.eml"], set()),
    "wrong_boundary": (
        f"--bound\nContent-Type: text/plain\n\n{ASKED}\n--bound--",
        [],
        {MailFlag.DAMAGED},
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a68_each_format_is_read_or_said_to_be_unreadable(name: str) -> None:
    mail = hostile_mail(f"format_{name}")
    text, names, flags = FORMATS[name]
    assert mail.text == text
    assert [attachment.name for attachment in mail.attachments] == names
    assert mail.flags == flags


def alternatives(plain: str, html: str) -> IncomingMail:
    parts = (("plain", plain), ("html", html))
    body = "".join(f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n" for kind, text in parts)
    return read_mail(f"Content-Type: multipart/alternative; boundary=b\r\n\r\n{body}--b--\r\n".encode())


LONG = "Dear shop, please send me all the data that you hold about me, and tell me where you have it from."


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        ("", f"<p>{LONG}", LONG),
        ("\u200b \u00a0", f"<p>{LONG}", LONG),
        ("-", f"<p>{LONG}", f"-\n\n{LONG}"),
        ("See the HTML part.", f"<p>{ASKED}", f"See the HTML part.\n\n{ASKED}"),
        ("このメールはHTML形式です。", "<p>退会します。", "このメールはHTML形式です。\n\n退会します。"),
        ("Dear\nshop,", f"<p>{LONG}", LONG),  # it says that, too
    ],
)
def test_a68_html_is_read_where_the_plain_part_only_stands_for_it(plain: str, html: str, text: str) -> None:
    mail = alternatives(plain, html)
    assert (mail.text, mail.new_text) == (text, text)
    assert MailFlag.ALTERNATIVES_DIFFER in mail.flags


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        (LONG, f"<p>{LONG}"),
        (LONG, ""),
        (LONG, '<img src="cid:1">'),
        (LONG[:50], f"<p>{LONG}"),
        (f"{LONG} {LONG} {LONG}", f"<p>{LONG * 20}"),
        ("Is HTML all right?", "<p>Is <b>HTML</b> all right?"),
        ("Yes.", f"<p>Yes.<p style='display:none'>{LONG}"),
        ("Yes.", "<p>Yes.<hr>" + "_" * 100),
    ],
)
def test_a68_otherwise_plain_text_is_what_was_written(plain: str, html: str) -> None:
    mail = alternatives(plain, html)
    assert mail.text == plain
    assert MailFlag.ALTERNATIVES_DIFFER not in mail.flags


def test_a68_an_attached_mail_is_one_attachment_and_not_the_text() -> None:
    mail = hostile_mail("format_attached_mail")
    assert mail.attachments[0].content.endswith(b"delete my account")
    assert "delete" not in mail.text


def test_a71_names_can_be_shown_and_stored() -> None:
    mail = hostile_mail("attachment_names")
    assert [attachment.name for attachment in mail.attachments] == [
        *("x", "_CON", "a.pdf.exe", "fdp.exe", f"{'n' * 116}.pdf", "same.txt", "Same (2).txt", "attachment"),
        *("委任状.pdf", "委任状.doc", "image.jpg", "ab c.txt"),
    ]
    assert mail.flags == {MailFlag.ACTIVE_ATTACHMENT}


@pytest.mark.parametrize("name", ["active", "html_in_disguise", "macros", "double_archive"])
def test_a71_what_could_do_something_is_flagged(name: str) -> None:
    assert hostile_mail(f"attachment_{name}").flags == {MailFlag.ACTIVE_ATTACHMENT}


def test_a71_a_document_and_a_picture_are_harmless() -> None:
    mail = hostile_mail("attachment_harmless")
    assert mail.flags == set()
    assert [attachment.content for attachment in mail.attachments] == [b"%PDF-1.4 tiny", b"\x89PNG\r\n\x1a\n tiny"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("nul.txt", "_nul.txt"),
        ("COM1", "_COM1"),
        ("...", "attachment"),
        ("", "attachment"),
        ("\u202e\u200b", "attachment"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("C:\\Users\\x\\a.pdf", "a.pdf"),
        ("a/", "attachment"),
        ("a.pdf. ", "a.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("x" * 200 + ".tar.gz", "x" * 117 + ".gz"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)
def test_a71_names_alone(given: str, name: str) -> None:
    assert clean_name(given, "application/octet-stream") == name


def test_a68_hidden_text_and_code_are_not_text() -> None:
    hidden = (
        '<p style="DISPLAY : none">a</p><span style="font-size:0">b</span><div hidden>c</div><script>d</script>'
        '<style>e</style><p style="visibility:hidden">f</p><textarea>g</textarea><!-- h --><title>i</title>'
        '<div style="display:none"><p>j</p><table><tr><td>k</table></div><p style="font-size:0.9em">seen</p>'
    )
    assert html_to_text(hidden)[0].strip() == "seen"


def test_a68_blocks_lists_tables_and_quotations_keep_their_shape() -> None:
    html = (
        "<div>one</div><div>two<br>three</div><ul><li>a<li>b</ul><ol><li>c<li>d</ol>"
        "<table><tr><td>e<td>f</table><blockquote>g<blockquote>h</blockquote></blockquote>&lt;i&gt; &amp;&nbsp;j"
    )
    assert html_to_text(html)[0].splitlines() == [
        *("one", "two", "three", "", "- a", "- b", "", "1. c", "2. d", "", "e f", "", "> g", ">", "> > h"),
        *("", "<i> & j"),
    ]


def test_a68_base64_in_pieces_loses_nothing() -> None:
    mail = read_mail(b"Content-Transfer-Encoding: base64\r\n\r\nYQ==\r\nYg==\r\nY")
    assert mail.text == "ab"
    assert MailFlag.DAMAGED in mail.flags


def test_a68_an_unknown_transfer_encoding_is_shown_as_it_is() -> None:
    mail = read_mail(b"From: a@x.example\r\nContent-Transfer-Encoding: rot13\r\n\r\nQryrgr")
    assert mail.text == "Qryrgr"
    assert mail.flags == {MailFlag.DAMAGED}


def test_a68_html_that_the_library_gives_up_on_is_read_without_its_tags() -> None:
    class PanicError(BaseException):
        """As a library in Rust raises it."""

    class Cleaner:
        def clean(self, html: str) -> str:
            raise PanicError(html)

    with pytest.raises(ValueError, match="gives up"):
        _cleaned(Cleaner(), "<p>")  # type: ignore[arg-type]
    assert without_tags("<p>a &amp; b</p> < c").split() == ["a", "&", "b", "<", "c"]
