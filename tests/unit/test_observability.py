"""Nothing of a person gets into a log line, and a log line is one line (abuse case 94)."""

import io
import itertools
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.errors import ConflictError, InvalidInputError, MerchantFileError, ServiceUnavailableError
from rightsdesk.domain.identity import shown_code
from rightsdesk.domain.list_tokens import ListToken, list_token, question_token
from rightsdesk.domain.recipient_notice import notice_token
from rightsdesk.domain.session import seal_session
from rightsdesk.observability import RedactingFormatter, left_to_the_sweep, metrics, new_logger, report_fault
from rightsdesk.redaction import REMOVED, redacted, redacted_text
from tests.unit.web.api.desks import NOW

REQUEST_ID = "00112233445566778899aabbccddeeff"


_NUMBER = itertools.count()  # logging keeps one logger for a name


class Lines:
    """A logger and what it wrote."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.logger: Logger = new_logger(stream=self.stream, service=f"test-{next(_NUMBER)}")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def last(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.text.splitlines()[-1])
        return line


@pytest.fixture
def lines() -> Iterator[Lines]:
    written = Lines()
    yield written
    logging.getLogger(written.logger.service).handlers.clear()


PERSONAL = [
    "hanako.sato@example.jp",
    "<hanako@example.jp>",
    "HANAKO+tag@EXAMPLE.JP",
    "花子@例え.jp",
    "o'brien@example.ie",
    "hanako%40example.jp",
    "hanako＠example.jp",
    "a@b@example.jp",
    "12345678",
    "1234-5678",
    "1234 5678",
    "１２３４－５６７８",
    "１２３４５６７８",
    "1234\u200b5678",
    "12 34 56 78",
    "203.0.113.7",
    "203.0.113.7:443",
    "2001:db8::1",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
    "::ffff:203.0.113.7",
    "fe80::1%eth0",
    "Bearer abc.def",
    "Basic dXNlcjpwYXNz",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "AQCEAAAAKgAAAAMAAAAAAAAAAb1yZbY6Sq1s0KXh8WPq",
    "sHh1Ud8Q1pYk3Xb0aT2v4w",
    "5" * 12 + "ab" * 26,
    seal_session(b"key", REQUEST_ID, now=NOW).token,
    shown_code("00000000"),
]
OURS = [
    REQUEST_ID,
    "3b1f2c4d-0000-4000-8000-000000000001",
    "12345678-1234-5678-1234-567812345678",
    "RD-28T5-CY4G-M",
    "RD-1234-5678-W",
    "2026-11-23",
    "2026-11-23T10:00:00Z",
    "12:34:56",
    "awaiting_verification",
    "rightsdesk.services.submit_request",
    "86",
    "0.123",
]


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("around", ["{}", "sent to {}.", "to={};", '{{"x": "{}"}}', "a:{}", "({})", "\n{}\r\n"])
def test_a94_what_is_a_persons_is_taken_out(value: str, around: str) -> None:
    text = redacted_text(around.format(value))
    assert value not in text
    assert REMOVED in text


@pytest.mark.parametrize("value", OURS)
def test_ids_references_dates_and_codes_of_ours_stay(value: str) -> None:
    assert redacted_text(value) == value
    assert redacted_text(f"case {value}, state received") == f"case {value}, state received"


@pytest.mark.parametrize("value", PERSONAL)
def test_a94_no_way_into_a_line_is_open(lines: Lines, value: str) -> None:
    lines.logger.info(f"message {value}")
    lines.logger.info("message %s", value)
    lines.logger.info({"message": value, value: 1})
    lines.logger.info("extra", subject={"deep": [{"deeper": (value,)}]})
    lines.logger.info("extra", extra={"other": {value}})
    lines.logger.append_keys(kept=value)
    lines.logger.warning("keys")
    try:
        raise ValueError(value)
    except ValueError as error:
        error.add_note(value)
        lines.logger.exception("broken")
        lines.logger.error("broken", error=error)
    assert value not in lines.text
    assert value.encode("ascii", "backslashreplace").decode() not in lines.text
    assert len(lines.text.splitlines()) == 8


@pytest.mark.parametrize(
    "name",
    ["email", "eMail", "email_as_typed", "name", "code", "token", "task_token", "Authorization", "cookie", "ip",
     "sourceIp", "postcode", "password_hash", "pepper_secret", "order_number", "userAgent", "body", "recipient"],
)  # fmt: skip
def test_a94_what_stands_under_a_telling_name_is_taken_out(lines: Lines, name: str) -> None:
    lines.logger.info("x", inside={name: "Hanako"})
    assert lines.last["inside"] == {name: REMOVED}


@pytest.mark.parametrize(
    "value",
    ["a\nb", "a\r\nINFO forged", "a\u2028b", "a\u2029b", "a\x1b[31mb", "a\x00b", "a\x85b", "a\x0bb", "a\u202eb",
     "\ud800", '"}\n{"level":"ERROR', "日本語", "\\", "\u0000"],
)  # fmt: skip
def test_a94_a_line_stays_one_line_of_plain_ascii(value: str) -> None:
    record = logging.LogRecord("test", logging.INFO, "test.py", 1, value, None, None)
    record.__dict__ |= {"field": value, "key" + value: value}
    line = RedactingFormatter().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["level"] == "INFO"


@settings(max_examples=200, deadline=None)
@given(text=st.text(), nested=st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=5))
def test_a94_no_text_breaks_a_line(text: str, nested: Any) -> None:
    written = Lines()
    written.logger.info(text, field=text, nested=nested)
    logging.getLogger(written.logger.service).handlers.clear()
    assert written.text.count("\n") == 1
    assert written.text.strip().isprintable()
    assert json.loads(written.text)


@settings(max_examples=200, deadline=None)
@given(before=st.text(max_size=20), email=st.emails(), after=st.text(max_size=20))
def test_a94_no_address_gets_through_whatever_stands_around_it(before: str, email: str, after: str) -> None:
    domain = email.rpartition("@")[2]
    assert f"@{domain}" not in redacted_text(f"{before} {email} {after}")


@settings(max_examples=100, deadline=None)
@given(code=st.integers(0, 99_999_999).map(lambda n: f"{n:08d}"), around=st.sampled_from(["{}", "code {}", "({})"]))
def test_a94_no_code_gets_through(code: str, around: str) -> None:
    assert code not in redacted_text(around.format(code))
    assert shown_code(code) not in redacted_text(around.format(shown_code(code)))


@settings(max_examples=100, deadline=None)
@given(
    digest=st.binary(min_size=32, max_size=32).map(bytes.hex),
    fold=st.sampled_from([str.lower, str.upper]),
    around=st.sampled_from(["{}", "GET /u/{} 404", "/en/consent/{}?x=1", "opened {}.", '{{"proof": "{}"}}']),
)
def test_a30_a94_no_token_of_a_list_or_of_a_question_gets_through(
    digest: str, fold: Callable[[str], str], around: str
) -> None:
    tokens = (
        list_token(b"key", ListToken(digest=digest, purpose="third_party_marketing")),
        question_token(
            b"key", digest=digest, asked_at=NOW, channel=ConsentChannel.NEWSLETTER_PAGE, text_sha256="0f" * 32
        ),
    )
    for token in map(fold, tokens):
        text = redacted_text(around.format(token))
        assert token[:24] not in text
        assert token[-24:] not in text


@pytest.mark.parametrize("around", ["{}", "GET /en/notices/{} 404", "opened {}."])
def test_a30_a94_no_token_of_a_notice_gets_through(around: str) -> None:
    for number in range(50):
        token = notice_token(b"key", str(uuid5(NAMESPACE_URL, str(number))))
        assert token[-20:] not in redacted_text(around.format(token))


def test_a94_an_exception_is_its_type_and_place(lines: Lines) -> None:
    class Person(BaseModel):
        age: int

    try:
        try:
            Person.model_validate({"age": "Hanako Sato"})
        except ValidationError as error:
            raise RuntimeError("no age for Hanako") from error
    except RuntimeError:
        lines.logger.exception("broken")
    place = lines.last["exception"]
    assert place.startswith("RuntimeError at ")
    assert "; from ValidationError at " in place
    assert "test_a94_an_exception_is_its_type_and_place:" in place
    assert lines.last["exception_name"] == "RuntimeError"
    assert "Hanako" not in lines.text


def test_objects_are_named_and_not_shown() -> None:
    class Person(BaseModel):
        first: str

    found = redacted({"who": Person(first="Hanako"), "raw": b"Hanako", "at": NOW, "why": KeyError("Hanako")})
    assert found == {"who": "<Person>", "raw": "<bytes>", "at": str(NOW), "why": "<KeyError>"}


def test_a_long_or_deep_value_is_cut_off() -> None:
    assert len(redacted_text("ab " * 100_000)) <= 2_000
    deep: Any = "x"
    for _ in range(1_000):
        deep = [deep]
    assert len(json.dumps(redacted(deep))) < 100
    assert len(redacted(list(range(10_000)))) == 100


@pytest.mark.parametrize("part", ["a", "a@", "1", "1 ", ":", "-1", "a1A", "%40", "."])
def test_a41_redaction_takes_no_longer_for_a_hostile_text(part: str) -> None:
    text = part * 60_000
    started = time.process_time()
    for _ in range(20):
        redacted_text(text)
    assert time.process_time() - started < 5, "it hangs"


def test_what_the_runtime_says_of_itself_stays(lines: Lines) -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:stack-PublicApiFunction-AbCdEf123456"
    lines.logger.append_keys(function_name="stack-PublicApiFunction-AbCdEf123456", function_arn=arn)
    lines.logger.info("started", request_id=REQUEST_ID)
    assert lines.last["function_arn"] == arn
    assert lines.last["request_id"] == REQUEST_ID
    assert lines.last["timestamp"].endswith("+00:00")


def test_a_fault_rings(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    monkeypatch.setattr("rightsdesk.observability.logger", lines.logger)
    report_fault(ValueError("hanako@example.jp"), "3b1f2c4d-0000-4000-8000-000000000001")
    assert (lines.last["level"], lines.last["message"], lines.last["error_code"]) == ("ERROR", "fault", "unexpected")
    assert lines.last["told_as"] == "3b1f2c4d-0000-4000-8000-000000000001"
    assert lines.last["exception_name"] == "ValueError"
    (metric,) = capsys.readouterr().out.splitlines()
    assert json.loads(metric)["Fault"] == [1.0]
    report_fault(MerchantFileError("datamap.yaml, line 3"), "x")
    assert lines.last["error_code"] == "merchant_file"
    report_fault(InvalidInputError.of("name", "hanako@example.jp"), "x")
    assert "hanako" not in lines.text


def test_a_call_without_metrics_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    @metrics.log_metrics
    def handler(event: dict[str, Any], context: Any) -> str:
        return "done"

    assert handler({}, None) == "done"
    assert capsys.readouterr().out == ""


def test_metrics_are_written_at_the_end_of_a_call(capsys: pytest.CaptureFixture[str]) -> None:
    @metrics.log_metrics
    def handler(event: dict[str, Any], context: Any) -> None:
        metrics.add_metric(name="Submitted", unit="Count", value=1)

    handler({}, None)
    written = json.loads(capsys.readouterr().out)
    assert written["Submitted"] == [1.0]
    assert written["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Rightsdesk"


def test_what_the_workflow_can_not_be_told_now_is_left_to_the_sweep(caplog: pytest.LogCaptureFixture) -> None:
    with left_to_the_sweep("0f1e"):
        raise ServiceUnavailableError("workflow")
    (line,) = caplog.records
    assert (line.levelname, line.getMessage()) == ("WARNING", "workflow not told; the sweep will")
    assert vars(line)["request_id"] == "0f1e"


def test_what_no_sweep_mends_is_not_left_to_it() -> None:
    with pytest.raises(ConflictError), left_to_the_sweep("0f1e"):
        raise ConflictError("the case has moved on")
