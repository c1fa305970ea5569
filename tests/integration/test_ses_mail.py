"""Mail goes out with the headers that we chose, whatever stands in what it says (abuse case 56).

What is sent is read back twice: byte by byte, and by a parser in Rust, which shares no line with the `email` package.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any

import boto3
import fast_mail_parser
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from moto.ses.models import ses_backends

from rightsdesk.adapters.mime_message import HEADERS, encoded_words, require_our_headers
from rightsdesk.adapters.ses_mail import SesMailer
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import SALT_HEADER, Letter, OutgoingMail
from rightsdesk.domain.mail_threads import read_message_id, token_in_address
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.samples import sample_values
from tests.support.desk import MERCHANT, merchant

SENDER = "privacy@mail.shop.example"
MAILBOX = "privacy@shop.example"
TOKEN = "102m628t5cy4gmabcdefghjkmnpqrs"
OF_A_THREAD = {"Reply-To", "Message-ID", "References"}
OF_A_LIST = {"List-Unsubscribe", "List-Unsubscribe-Post"}
OF_A_LETTER = [name for name in HEADERS if name not in OF_A_LIST]
WITHOUT_THREAD = [name for name in HEADERS if name not in {*OF_A_THREAD, *OF_A_LIST, SALT_HEADER}]
SALT = "0f" * 16
TAGS = {"request": "0f" * 16, "letter": "answer_ready", "recipient": "staff", "version": "3"}


class Recorder:
    """As much of the SES client as the mailer uses."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.calls: list[dict[str, Any]] = []

    def send_email(self, **call: Any) -> dict[str, str]:
        if self.error:
            raise self.error
        self.calls.append(call)
        return {"MessageId": "0100"}

    @property
    def raw(self) -> bytes:
        return bytes(self.calls[-1]["Content"]["Raw"]["Data"])


def _mailer(recorder: Recorder, *, name: str = "Kumo Furniture", reply_to: str = MAILBOX) -> SesMailer:
    return SesMailer(sender=SENDER, name=name, configuration_set="set", reply_to=reply_to, sesv2=recorder)  # type: ignore[arg-type]


def _mail(**changes: Any) -> OutgoingMail:
    return OutgoingMail(
        **({"to": "a@example.com", "subject": "Hello", "text": "Text\n", "html": "<p>Text</p>"} | changes)
    )


def _sent(mail: OutgoingMail, **how: str) -> bytes:
    recorder = Recorder()
    _mailer(recorder, **how).send(mail)
    return recorder.raw


def _headers(raw: bytes) -> dict[str, str]:
    """Name -> value, unfolded and not decoded. A name that stands twice is a failure."""
    found: dict[str, str] = {}
    for line in re.sub(rb"\r\n(?= )", b"", raw.split(b"\r\n\r\n", 1)[0]).decode("ascii").split("\r\n"):
        name, colon, value = line.partition(": ")
        assert colon
        assert name not in found
        found[name] = value
    return found


def _words(raw: bytes) -> list[bytes]:
    return re.findall(rb"=\?[^?\s]+\?[^?\s]\?[^?\s]*\?=", raw.split(b"\r\n\r\n", 1)[0])


def test_the_header_block_holds_our_headers_once_each() -> None:
    recorder = Recorder()
    assert _mailer(recorder).send(_mail()) == "0100"
    assert list(_headers(recorder.raw)) == WITHOUT_THREAD
    assert recorder.calls[0]["FromEmailAddress"] == SENDER
    assert recorder.calls[0]["Destination"] == {"ToAddresses": ["a@example.com"]}
    assert recorder.calls[0]["ConfigurationSetName"] == "set"


def test_what_stands_in_them_byte_by_byte() -> None:
    raw = _sent(_mail(thread=TOKEN, tags=TAGS, auto="auto-replied"))
    block, _, rest = raw.partition(b"\r\nContent-Type: multipart/alternative;")
    assert rest
    assert block.decode("ascii").split("\r\n") == [
        'From: "Kumo Furniture" <privacy@mail.shop.example>',
        "To: a@example.com",
        'Reply-To: "Kumo Furniture"',
        f" <privacy+{TOKEN}@shop.example>",
        "Subject: Hello",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        "X-Rightsdesk: letter",
        f"Message-ID: <answer_ready.3.{TOKEN}@mail.shop.example>",
        f"References: <{TOKEN}@mail.shop.example>",
        f" <answer_ready.3.{TOKEN}@mail.shop.example>",
        "MIME-Version: 1.0",
    ]


def test_the_salt_of_a_letter_stands_in_it_and_nothing_else_may_stand_there() -> None:
    salted = _headers(_sent(_mail(salt=SALT)))
    assert salted.keys() - {SALT_HEADER} == set(WITHOUT_THREAD)
    assert salted[SALT_HEADER] == SALT
    for salt in ("", SALT.upper(), SALT[1:], f"{SALT}\n", f"{SALT}\r\nBcc: eve@example.com"):
        with pytest.raises(MailRejectedError):
            _sent(_mail(salt=salt))


def test_a37_a_mail_to_many_says_how_it_is_stopped_and_no_other_link_stands_there() -> None:
    link = f"https://privacy.shop.example/live/u/{'a7' * 46}"
    raw = _sent(_mail(unsubscribe=link))
    headers = _headers(raw)
    assert headers["List-Unsubscribe"] == f"<{link}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"\r\nList-Unsubscribe: <" + link.encode() + b">\r\n" in raw, "in one line"
    assert headers.keys() - OF_A_LIST == set(WITHOUT_THREAD)
    for other in ("", "mailto:a@example.com", f"{link}>\r\nBcc: eve@example.com", f"{link}?a=b", "https://a b/u/c"):
        with pytest.raises(MailRejectedError):
            _sent(_mail(unsubscribe=other))


def test_an_answer_to_a_letter_of_a_thread_brings_its_token_back() -> None:
    headers = _headers(_sent(_mail(thread=TOKEN, tags=TAGS)))
    token = token_in_address(headers["Reply-To"].rpartition("<")[2].removesuffix(">"), MAILBOX)
    thread, letter = (read_message_id(each, "mail.shop.example") for each in headers["References"].split())
    assert token is not None
    assert thread is not None
    assert letter is not None
    assert (thread.token, letter.token) == (token, token)
    assert (thread.letter, letter.letter, letter.version) == (None, "answer_ready", 3)


@pytest.mark.parametrize(
    ("changes", "mailbox", "present"),
    [
        ({}, MAILBOX, set()),
        ({"thread": TOKEN}, "", {"Message-ID", "References"}),
        ({"thread": TOKEN}, MAILBOX, OF_A_THREAD),
        ({"may_be_answered": True}, "", set()),
        ({"may_be_answered": True}, MAILBOX, {"Reply-To"}),
    ],
)
def test_what_belongs_to_no_thread_names_none(changes: dict[str, Any], mailbox: str, present: set[str]) -> None:
    headers = _headers(_sent(_mail(**changes), reply_to=mailbox))
    assert headers.keys() & OF_A_THREAD == present
    if changes.get("may_be_answered") and mailbox:
        assert headers["Reply-To"] == f'"Kumo Furniture" <{MAILBOX}>'


def test_tags_go_beside_the_mail_so_that_news_of_it_finds_its_letter() -> None:
    recorder = Recorder()
    tags = {"request": "0f" * 16, "letter": "answer_ready", "recipient": "staff", "version": "1"}
    _mailer(recorder).send(_mail().model_copy(update={"tags": tags}))
    assert {tag["Name"]: tag["Value"] for tag in recorder.calls[0]["EmailTags"]} == tags
    assert b"answer_ready" not in recorder.raw


@pytest.mark.parametrize(
    ("name", "value"),
    [("a b", "x"), ("", "x"), ("a", ""), ("a", "x" * 257), ("a", "x\n"), ("a", "佐藤"), ("a", "x:y"), ("a.b", "x")],
)
def test_a_tag_that_ses_would_refuse_is_refused_here(name: str, value: str) -> None:
    recorder = Recorder()
    with pytest.raises(MailRejectedError):
        _mailer(recorder).send(_mail().model_copy(update={"tags": {name: value}}))
    assert recorder.calls == []


HOSTILE = st.text(
    st.one_of(st.sampled_from("\r\n\x00\x0b\x0c\x1c\x85\u2028\u2029:;,<>=? "), st.characters(codec="utf-8")),
    max_size=80,
)
BREAKS = ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029", "\ud800"]


@given(HOSTILE, HOSTILE, HOSTILE)
def test_a56_no_subject_no_name_and_no_text_adds_a_header_or_a_recipient(subject: str, name: str, text: str) -> None:
    mail = _mail(subject=subject, text=f"{text}\r\nBcc: victim@example.org\n", thread=TOKEN, salt=SALT)
    try:
        raw = _sent(mail, name=name)
    except MailRejectedError:
        return  # refused is as good
    assert list(_headers(raw)) == OF_A_LETTER
    read = fast_mail_parser.parse_email(raw)
    assert [each.address for each in read.to] == ["a@example.com"]
    assert (read.cc, read.bcc, read.subject.split()) == ([], [], subject.split())


@pytest.mark.parametrize("mark", BREAKS)
@pytest.mark.parametrize("place", ["before", "between", "after"])
def test_a56_a_subject_or_a_name_with_a_line_break_is_not_sent(mark: str, place: str) -> None:
    around = {"before": ("", "Bcc: victim@example.org"), "after": ("Hi", ""), "between": ("Hi", "Bcc: v@example.org")}
    hostile = mark.join(around[place])
    recorder = Recorder()
    with pytest.raises(MailRejectedError):
        _mailer(recorder).send(_mail(subject=hostile))
    with pytest.raises(MailRejectedError):
        _mailer(recorder, name=hostile).send(_mail())
    assert recorder.calls == []


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?x=0ABcc=3A_evil=40example.com?=",
        "=?utf-8?b?eApCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
        "=?iso-2022-jp?q?=0D=0ABcc:=20evil=40example.com?= =?utf-8?q?=0A?=",
        "Re: =?utf-8?q?x=0D=0A=0D=0Abody?= " * 20,
    ],
)
def test_a56_an_encoded_line_break_in_a_subject_shows_as_it_was_written(subject: str) -> None:
    """Were it to go out as it is, it would be decoded, by CPython 3.11 before it is sent and by mail programs after."""
    raw = _sent(_mail(subject=subject))
    assert list(_headers(raw)) == WITHOUT_THREAD
    assert b"Bcc" not in raw
    assert b"evil" not in raw
    words = [base64.b64decode(word.split(b"?")[3]) for word in _words(raw)]
    assert b"".join(words).decode() == subject
    assert fast_mail_parser.parse_email(raw).subject.strip() == subject.strip()


@pytest.mark.parametrize(
    "to",
    [
        "a@example.com\r\nBcc: victim@example.org",
        "a@example.com, victim@example.org",
        "a@example.com\x00",
        "Jane <a@example.com>",
        "a@ex\u2028ample.com",
        "用户@example.com",
        "a b@example.com",
        "a@example.com\n",
        "",
    ],
)
def test_a56_a_mail_goes_to_one_plain_address_or_nowhere(to: str) -> None:
    recorder = Recorder()
    with pytest.raises(MailRejectedError):
        _mailer(recorder).send(_mail(to=to))
    assert recorder.calls == []


@pytest.mark.parametrize(
    "changes",
    [
        {"thread": f"{TOKEN}>\r\nBcc: victim@example.org\r\nX: <"},
        {"thread": f"{TOKEN}\x00"},
        {"thread": "x" * 10_000},
        {"thread": f"{TOKEN}\u2028"},
        {"thread": TOKEN, "tags": TAGS | {"letter": "a\nBcc: victim@example.org"}},
    ],
)
def test_a56_no_id_adds_a_header_or_a_line_that_is_too_long(changes: dict[str, Any]) -> None:
    recorder = Recorder()
    with pytest.raises(MailRejectedError):
        _mailer(recorder).send(_mail(**changes))
    assert recorder.calls == []


GOOD = _sent(_mail(thread=TOKEN, tags=TAGS))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: Hello", b"Subject: Hello\r\nBcc: victim@example.org"),
        (b"Subject: Hello", b"Subject: Hello\r\nsubject: Again"),
        (b"Subject: Hello", b"Subject: Hello\r\nSubject: Again"),
        (b"Subject: Hello", b"Subject: Hello\nBcc: victim@example.org"),
        (b"Subject: Hello", b"Subject: Hello\rBcc: victim@example.org"),
        (b"Subject: Hello", b"Subject: Hello\x00"),
        (b"Subject: Hello", b"Subject: " + b"x" * 990),
        (b"Subject: Hello", "Subject: Héllo".encode()),
        (b"Subject: Hello", b"Subject: Hello\r\n "),
        (b"Subject: Hello", b"Subject:"),
        (b"Subject: Hello", b"Subject: Hello\r\nno header at all"),
        (b"Subject: Hello\r\n", b""),
        (b"Subject: Hello\r\n", b"\r\n"),
        (b"From: ", b" From: "),
        (b"X-Rightsdesk: letter\r\n", b""),
        (b"\r\n\r\n", b"\r\n"),
        (b"Text\r\n", b"Text\n"),
        (b"Text\r\n", b"Te\x00xt\r\n"),
        (b"Text\r\n", b"x" * 999 + b"\r\n"),
    ],
)
def test_a56_what_is_about_to_be_sent_is_looked_at_as_bytes(old: bytes, new: bytes) -> None:
    require_our_headers(GOOD)
    assert old in GOOD
    with pytest.raises(MailRejectedError):
        require_our_headers(GOOD.replace(old, new))


LONG = "髙﨑様、①②③の件（受付番号 RD-7K3M-9QXD-W）について👩‍👧お知らせいたします。" * 5


@pytest.mark.parametrize("subject", [LONG, "あ" * 300, "a" * 300, "é" * 61, "x👩" * 40, "word " * 40 + "end"])
def test_a_long_subject_is_folded_between_whole_characters(subject: str) -> None:
    raw = _sent(_mail(subject=subject), name=LONG)
    words = _words(raw)
    assert len(words) > 10
    for word in words:
        assert len(word) <= 75  # RFC 2047, 2
        charset, encoding, text = word[2:-2].split(b"?")
        assert (charset, encoding) == (b"utf-8", b"b")
        base64.b64decode(text, validate=True).decode("utf-8")  # by itself
    lines = raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert max(len(line) for line in lines if b"=?" in line) <= 76
    read = fast_mail_parser.parse_email(raw)
    assert read.subject == subject
    assert read.from_ is not None
    assert (read.from_.display_name, read.from_.address) == (LONG, SENDER)


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(min_value=1, max_value=75))
def test_encoded_words_are_whole_and_say_the_same(text: str, first: int) -> None:
    words = encoded_words(text, first=first)
    assert "".join(base64.b64decode(word.split("?")[3]).decode() for word in words) == text
    assert max(map(len, words)) <= 75
    assert len(words[0]) <= max(first, 20)


@pytest.mark.parametrize(
    "name", ['Kumo "the cloud" \\ Co.', "Kumo, Inc. <evil@example.org>", "雲家具株式会社", "Müller"]
)
def test_a_display_name_is_a_name_and_no_address(name: str) -> None:
    read = fast_mail_parser.parse_email(_sent(_mail(thread=TOKEN), name=name))
    assert read.from_ is not None
    assert (read.from_.display_name, read.from_.address) == (name, SENDER)
    assert [(each.display_name, each.address) for each in read.reply_to] == [(name, f"privacy+{TOKEN}@shop.example")]


def test_where_there_is_no_name_the_address_stands_alone() -> None:
    headers = _headers(_sent(_mail(thread=TOKEN), name=""))
    assert headers["From"] == SENDER
    assert headers["Reply-To"] == f"privacy+{TOKEN}@shop.example"


def test_japanese_arrives_as_it_was_written() -> None:
    text = "佐藤 花子 様\n\n髙﨑・①②③・ｶﾅ・👩‍👧\n\n.\n..\nFrom 行\n長い行" + "あ" * 2000 + " \n"
    raw = _sent(_mail(subject="確認コードのお知らせ（受付番号 RD-7K3M-9QXD-W）", text=text, html=f"<p>{text}</p>\n"))
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1
    assert raw.isascii()
    read = fast_mail_parser.parse_email(raw)
    assert read.subject == "確認コードのお知らせ（受付番号 RD-7K3M-9QXD-W）"
    assert [part.replace("\r\n", "\n") for part in (*read.text_plain, *read.text_html)] == [text, f"<p>{text}</p>\n"]


def test_half_a_character_is_refused_as_a_mail_that_can_not_be_sent() -> None:
    recorder = Recorder()
    with pytest.raises(MailRejectedError):
        _mailer(recorder).send(_mail(text="half \ud83d"))
    assert recorder.calls == []


@pytest.fixture(scope="module")
def ses() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("sesv2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        client.create_email_identity(EmailIdentity=SENDER)
        client.create_configuration_set(ConfigurationSetName="set")
        yield client


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("letter", Letter)
def test_a_letter_arrives_as_it_was_printed(ses: Any, letter: Letter, language: Language) -> None:
    """Each of them, as SES takes it."""
    press = MerchantLetters(MERCHANT, merchant())
    printed = press.print(letter, language, sample_values(letter, language), to="jane@example.com")
    name = merchant().name.of(language)
    mailer = SesMailer(sender=SENDER, name=name, configuration_set="set", reply_to=MAILBOX, sesv2=ses)
    mailer.send(printed.model_copy(update={"thread": TOKEN, "salt": SALT, "tags": TAGS | {"letter": str(letter)}}))
    taken = ses_backends["123456789012"]["eu-west-1"].sent_messages[-1]
    raw = taken.raw_data.encode("ascii")
    assert list(_headers(raw)) == OF_A_LETTER
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    read = fast_mail_parser.parse_email(raw)
    assert not read.warnings
    assert read.subject == printed.subject
    assert [each.replace("\r\n", "\n") for each in read.text_plain] == [printed.text]
    assert [each.replace("\r\n", "\n") for each in read.text_html] == [printed.html]
    assert [each.address for each in read.to] == ["jane@example.com"]
    assert (read.attachments, read.cc, read.bcc, read.date) == ([], [], [], "")
    assert read.from_ is not None
    assert (read.from_.display_name, read.from_.address) == (name, SENDER)


def _client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "to victim@example.org"}}, "SendEmail")


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (_client_error("TooManyRequestsException"), ServiceUnavailableError),
        (_client_error("SendingPausedException"), ServiceUnavailableError),
        (_client_error("MessageRejected"), MailRejectedError),
        (_client_error("MailFromDomainNotVerifiedException"), MailRejectedError),
        (EndpointConnectionError(endpoint_url="https://email"), ServiceUnavailableError),
    ],
)
def test_what_ses_says_is_translated_by_code_and_quotes_nobody(error: Exception, raised: type[Exception]) -> None:
    with pytest.raises(raised) as caught:
        _mailer(Recorder(error)).send(_mail())
    assert "victim" not in str(caught.value)
