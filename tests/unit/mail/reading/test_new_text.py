"""A67: what is written now, without the history under it, in the ways that mail programs write it."""

import pytest

from rightsdesk.domain.incoming_mail import MailFlag
from rightsdesk.mail.reading.new_text import new_text
from rightsdesk.mail.reading.read import read_mail

NEW = "Yes, that is me.\n\nJane"
OLD = "If you want us to delete my account, say so."
QUOTED = f"> {OLD}\n>\n> Your shop"

# How programs in the languages of our customers say that a quotation follows.
OVER_QUOTATIONS = [
    "On Sat, 3 Oct 2026 at 10:00, Shop <privacy@shop.example> wrote:",
    "On Sat, Oct 3, 2026 at 10:00 AM Shop\n<privacy@shop.example> wrote:",
    "On 3 Oct 2026, at 10:00, Shop and a very long name of some department of it\n<privacy@shop.example>\nwrote:",
    "On Sat, Oct 3, 2026\nat 10:00 AM Shop <privacy@shop24.example> wrote:",
    "On Sat, Oct 3, 2026 at 10:00 AM Shop\n<privacy@shop24.example> wrote:",
    "Am 03.10.2026 um 10:00 schrieb Shop:",
    "Am Sa., 3. Okt. 2026 um 10:00 Uhr schrieb Shop <privacy@shop.example>:",
    "Le sam. 3 oct. 2026 à 10:00, Shop <privacy@shop.example> a écrit\u00a0:",
    "El sáb, 3 oct 2026 a las 10:00, Shop (<privacy@shop.example>) escribió:",
    "Il giorno sab 3 ott 2026 alle ore 10:00 Shop <privacy@shop.example> ha scritto:",
    "Op za 3 okt 2026 om 10:00 schreef Shop <privacy@shop.example>:",
    "Em sáb., 3 de out. de 2026 às 10:00, Shop <privacy@shop.example> escreveu:",
    "Den lör 3 okt. 2026 kl 10:00 skrev Shop <privacy@shop.example>:",
    "Den lør. 3. okt. 2026 kl. 10.00 skrev Shop <privacy@shop.example>:",
    "la 3. lokak. 2026 klo 10.00 Shop (privacy@shop.example) kirjoitti:",
    "so 3. 10. 2026 v 10:00 odesílatel Shop <privacy@shop.example> napsal:",
    "Στις Σάβ 3 Οκτ 2026 στις 10:00 π.μ., ο χρήστης Shop <privacy@shop.example> έγραψε:",
    "sub, 3. lis 2026. u 10:00 Shop <privacy@shop.example> napisao je:",
    "Pe sâm., 3 oct. 2026 la 10:00, Shop <privacy@shop.example> a scris:",
    "sob., 3 paź 2026 o 10:00 Shop <privacy@shop.example> napisał(a):",
    "2026年10月3日(土) 10:00 Hanako <h@shop.example>:",
    "2026年10月3日(土) 10:00、Hanako <h@shop.example>のメール:",
    "2026/10/03 10:00、Hanako <h@shop.example>のメール:",
    "On 2026/10/03 10:00, Hanako wrote:",
    "2026/10/03 10:00、Hanako さんは書きました:",
    "2026年10月3日(土) 10:00 Shop <privacy@shop.example> 写道：",
    "----- Original Message -----",  # of Yahoo! Japan, with marks below
]
# Under these nothing tells what is new.
OVER_HISTORY = [
    "-----Original Message-----\nFrom: Shop\nSent: Saturday",
    "-----元のメッセージ-----\n差出人: Shop",
    "-----Ursprüngliche Nachricht-----\nVon: Shop",
    "-----Message d'origine-----\nDe : Shop",
    "---------- Forwarded message ---------\nFrom: Shop",
    "Begin forwarded message:\n",
    "________________________________\nFrom: Shop <privacy@shop.example>\nSent: Saturday\nTo: Jane\nSubject: x\n",
    "Von: Shop <privacy@shop.example>\nGesendet: Samstag\nAn: Jane\nBetreff: x\n",
    "De : Shop\nEnvoyé : samedi\nÀ : Jane\nObjet : x\n",
    "Da: Shop\nInviato: sabato\nA: Jane\nOggetto: x\n",
    "De: Shop\nEnviado el: sábado\nPara: Jane\nAsunto: x\n",
    "Van: Shop\nVerzonden: zaterdag\nAan: Jane\nOnderwerp: x\n",
    "差出人: Shop <privacy@shop.example>\n送信日時: 2026年10月3日\n宛先: Jane\n件名: x\n",
    "*From:* Shop\n*Sent:* Saturday\n*To:* Jane\n*Subject:* x\n",
    "On Sat, 3 Oct 2026 at 10:00, Shop <privacy@shop.example> wrote:\n",
]


def without_history(text: str) -> str:
    return new_text(text)[0]


@pytest.mark.parametrize("line", OVER_QUOTATIONS)
def test_a67_quotations_and_the_line_over_them_are_left_out(line: str) -> None:
    assert without_history(f"{NEW}\n\n{line}\n{QUOTED}\n") == NEW
    assert without_history(f"{NEW}\n\n{line}\n\n{QUOTED}\n") == NEW


@pytest.mark.parametrize("line", OVER_QUOTATIONS)
@pytest.mark.parametrize("written", ["Yes, that is me.", "I ordered 3 tables on 2 May 2026 at 10:00"])
def test_a67_what_stands_right_over_them_is_kept(line: str, written: str) -> None:
    if "\n" not in line:  # a line that was broken can't be told from another one there
        assert without_history(f"{written}\n{line}\n{QUOTED}\n") == written


@pytest.mark.parametrize("line", OVER_QUOTATIONS)
def test_a67_so_they_are_where_the_answer_is_below(line: str) -> None:
    assert without_history(f"{line}\n{QUOTED}\n\n{NEW}") == NEW


@pytest.mark.parametrize("lines", OVER_HISTORY)
def test_a67_history_without_marks_is_left_out(lines: str) -> None:
    assert without_history(f"{NEW}\n\n{lines}\n{OLD}\n") == NEW


def test_a67_answers_between_the_quoted_lines_are_kept() -> None:
    text = f"{OVER_QUOTATIONS[0]}\n> When did you order?\nIn May.\n> What?\nA table.\n> {OLD}\n"
    assert without_history(text) == "In May.\nA table."


@pytest.mark.parametrize("lines", OVER_HISTORY)
def test_a67_of_a_mail_that_was_only_forwarded_all_is_the_text(lines: str) -> None:
    text = f"{lines}\nPlease send me my data."
    assert without_history(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "Dear shop,\non Monday I wrote:\nplease delete my account.",
        "From: 2024\nI was a customer.",
        "To: whom it may concern\nFrom now on, stop.",
        "I want:\n- a copy\n- of my data",
        "This is what I wrote: nothing.",
        "--\nJane",
        "> all is quoted",
        "Delete:\n-----------\nmy account",
    ],
)
def test_a67_what_only_looks_like_history_is_kept(text: str) -> None:
    assert without_history(text) == text


@pytest.mark.parametrize(
    "note",
    [
        "-- \nJane Murphy\nShop Ltd",
        "Sent from my iPhone",
        "iPhoneから送信",
        "Von meinem iPhone gesendet",
        "This e-mail and its attachments are confidential, and for the addressee only.\nDelete it if you are not.",
        "CONFIDENTIALITY NOTICE: delete this",
        "Diese E-Mail enthält vertrauliche Informationen. Bitte löschen Sie sie.",
        "Ce message et ses pièces jointes sont confidentiels.\nVeuillez le supprimer.",
        "本メールは機密情報を含みます。誤って受信された場合は削除してください。",
    ],
)
def test_a67_signatures_and_legal_notes_are_left_out(note: str) -> None:
    assert without_history(f"{NEW}\n\n{note}") == NEW
    assert without_history(note) == note


def test_a67_the_words_of_our_own_letter_are_not_the_persons() -> None:
    html = (
        '<div dir="ltr">Thank you, the code is right.</div><br><div class="gmail_quote"><div class="gmail_attr">'
        "On Sat, 3 Oct 2026 at 10:00, Shop &lt;<a>privacy@shop.example</a>&gt; wrote:<br></div>"
        f'<blockquote class="gmail_quote"><p>{OLD}</p></blockquote></div>'
    )
    mail = read_mail(b"Content-Type: text/html\r\n\r\n" + html.encode())
    assert mail.new_text == "Thank you, the code is right."
    assert OLD in mail.text


@pytest.mark.parametrize(
    "over",
    [
        '<hr tabindex="-1"><div id="divRplyFwdMsg"><b>From:</b> Shop<br><b>Sent:</b> x<br><b>To:</b> Jane<br></div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>Von:</b> Shop<br>'
        "<b>Gesendet:</b> x<br><b>An:</b> Jane<br><b>Betreff:</b> y</p></div>",
        '<div class="yahoo_quoted"><div>On 3 October 2026 at 10:00:00 CEST, Shop &lt;a@b.example&gt; wrote:</div>',
        '<div id="appendonsend"></div><div>差出人: Shop<br>送信日時: x<br>宛先: Jane<br>件名: y</div>',
    ],
)
def test_a67_history_under_a_line_of_outlook_is_left_out(over: str) -> None:
    html = f"<div>Yes, that is me.</div>{over}<div>{OLD}</div>"
    mail = read_mail(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode())
    assert mail.new_text == "Yes, that is me."
    assert OLD in mail.text


CODES = [
    *(
        "1234-5678",
        "１２３４－５６７８",
        "１２３４-５６７８",
        "12345678",
        "2026-1031",
        "1234 5678",
        "1234/5678",
        "1234",
    ),
    *(
        "Code: 1234-5678",
        "Le code est 1234-5678",
        "Den kod är 1234-5678",
        "On 3 May I bought it",
        "コード１２３４－５６７８",
    ),
]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("line", [*OVER_QUOTATIONS, "On 3 October 2026, Shop <privacy@shop.example> wrote:"])
def test_a67_a_code_right_over_a_quotation_is_no_date_of_it(code: str, line: str) -> None:
    if "\n" in line:
        assert without_history(f"{code}\n{line}\n{QUOTED}\n").startswith(code)
    else:
        assert without_history(f"{code}\n{line}\n{QUOTED}\n") == code
        if "Original" not in line:
            assert without_history(f"{code}\n{line}\n\n{OLD}\n") == code


def test_a67_a_code_in_the_html_of_yahoo_is_kept() -> None:
    html = (
        '<div class="yahoo-style-wrap"><div dir="ltr">1234-5678</div></div><div id="yahoo_quoted_1" '
        'class="yahoo_quoted"><div><div>On Saturday, October 3, 2026 at 10:00:00 AM GMT+9, Shop '
        f"&lt;privacy@shop.example&gt; wrote:</div><div><br></div><div>{OLD}</div></div></div>"
    )
    mail = read_mail(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode())
    assert mail.new_text == "1234-5678"
    assert MailFlag.QUOTED_ONLY not in mail.flags


@pytest.mark.parametrize(
    "text",
    [
        "> all is quoted",
        f"{QUOTED}\n\n",
        f"\n\n{OVER_QUOTATIONS[0]}\n{QUOTED}",
        f"-- \nJane Murphy\nJ Ltd\n\n{OVER_QUOTATIONS[0]}\n{QUOTED}",
        f"{OVER_QUOTATIONS[0]}\n{QUOTED}\n\n-- \nJane Murphy",
        f"Sent from my iPhone\n\n{OVER_QUOTATIONS[0]}\n{QUOTED}",
        f"Get Outlook for iOS\n{OVER_HISTORY[6]}\n{OLD}",
        f"This e-mail is confidential.\n\n{OVER_HISTORY[0]}\n\n{OLD}",
        *(f"{lines}\n{OLD}" for lines in OVER_HISTORY),
    ],
)
def test_a67_it_is_told_where_nothing_new_stands_by_the_history(text: str) -> None:
    assert new_text(text) == (text.strip(), True)


@pytest.mark.parametrize(
    "text",
    [
        NEW,
        "-- \nJane",
        "Sent from my iPhone",
        "",
        f"Yes.\n{QUOTED}",
        f"{OVER_QUOTATIONS[0]}\n> When?\nIn May.\n> Where?",
        f"{NEW}\n\n{OVER_HISTORY[6]}\n{OLD}",
    ],
)
def test_a67_and_not_where_something_does_or_there_is_no_history(text: str) -> None:
    assert new_text(text)[1] is False


@pytest.mark.parametrize(
    ("html", "subject"),
    [
        (
            '<div dir="ltr"><br></div><br><div class="gmail_quote"><div class="gmail_attr">'
            "On Sat, 3 Oct 2026 at 10:00, "
            f"Shop &lt;<a>privacy@shop.example</a>&gt; wrote:<br></div><blockquote>{OLD}</blockquote></div>",
            "Re: x",
        ),
        (
            '<div><br></div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Shop<br>'
            f"<b>Sent:</b> x<br><b>To:</b> Jane<br></div><div>{OLD}</div>",
            "RE: x",
        ),
        (
            '<div class="yahoo_quoted"><div>On Saturday, October 3, 2026 at 10:00:00 AM GMT+9, Shop '
            f"&lt;privacy@shop.example&gt; wrote:</div><div>{OLD}</div></div>",
            "Re: x",
        ),
        (
            '<div class="gmail_quote">---------- Forwarded message ---------<br>From: Shop<br>Date: x<br>Subject: y<br>'
            f"To: Jane<br><br>{OLD}</div>",
            "転送: x",
        ),
        (f"<p><b>Von:</b> Shop<br><b>Gesendet:</b> x<br><b>An:</b> Jane<br><b>Betreff:</b> y</p><p>{OLD}", "WG: x"),
    ],
)
def test_a67_an_empty_answer_or_forward_is_flagged(html: str, subject: str) -> None:
    head = f"From: j@x.example\r\nSubject: {subject}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    mail = read_mail((head + html).encode())
    assert mail.flags == {MailFlag.HTML_ONLY, MailFlag.QUOTED_ONLY}
    assert mail.new_text == mail.text.strip()
    assert OLD in mail.new_text
