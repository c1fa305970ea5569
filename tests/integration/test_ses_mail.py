"""Mail goes out with the headers that we chose, whatever stands in what it says (abuse case 56)."""

from email import message_from_bytes, policy
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.adapters.ses_mail import SesMailer
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import OutgoingMail

OURS = [
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


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


def _mailer(recorder: Recorder) -> SesMailer:
    return SesMailer(sender="privacy@shop.example", name="Kumo Furniture", configuration_set="set", sesv2=recorder)  # type: ignore[arg-type]


def _mail(**changes: str) -> OutgoingMail:
    return OutgoingMail(
        **({"to": "a@example.com", "subject": "Hello", "text": "Text\n", "html": "<p>Text</p>"} | changes)
    )


def test_the_header_block_holds_our_headers_once_each() -> None:
    recorder = Recorder()
    assert _mailer(recorder).send(_mail()) == "0100"
    header_block = recorder.raw.split(b"\r\n\r\n", 1)[0].decode("ascii")
    assert [line.partition(":")[0] for line in header_block.split("\r\n") if line[0] not in " \t"] == OURS
    assert recorder.calls[0]["Destination"] == {"ToAddresses": ["a@example.com"]}
    assert recorder.calls[0]["ConfigurationSetName"] == "set"


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


@given(HOSTILE, HOSTILE)
def test_a56_no_subject_and_no_text_adds_a_header_or_a_recipient(subject: str, text: str) -> None:
    recorder = Recorder()
    hostile = f"Hi\r\nBcc: victim@example.org\r\n\r\n{subject}"
    try:
        _mailer(recorder).send(_mail(subject=hostile, text=f"{text}\r\nBcc: victim@example.org\n"))
    except ValueError:
        return  # refused is as good
    header_block = recorder.raw.split(b"\r\n\r\n", 1)[0].decode("ascii")
    assert [line.partition(":")[0] for line in header_block.split("\r\n") if line[0] not in " \t"] == OURS
    message = message_from_bytes(recorder.raw, policy=policy.default)
    assert message["To"].addresses[0].addr_spec == "a@example.com"
    assert message["Bcc"] is None


def test_a56_a_subject_with_a_line_break_is_refused_as_a_mail_that_can_not_be_sent() -> None:
    recorder = Recorder()
    with pytest.raises((ValueError, MailRejectedError)):
        _mailer(recorder).send(_mail(subject="Hi\r\nBcc: victim@example.org"))
    assert recorder.calls == []


def test_japanese_arrives_as_it_was_written() -> None:
    recorder = Recorder()
    text = "佐藤 花子 様\n\n髙﨑・①②③・ｶﾅ・👩‍👧\n\n長い行" + "あ" * 2000 + "\n"
    _mailer(recorder).send(
        _mail(subject="確認コードのお知らせ（受付番号 RD-7K3M-9QXD-W）", text=text, html=f"<p>{text}</p>")
    )
    assert max(map(len, recorder.raw.split(b"\r\n"))) <= 998  # RFC 5322 2.1.1
    assert recorder.raw.isascii()
    message = message_from_bytes(recorder.raw, policy=policy.default)
    assert message["Subject"] == "確認コードのお知らせ（受付番号 RD-7K3M-9QXD-W）"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == text
    assert "髙﨑" in html.get_content()


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
