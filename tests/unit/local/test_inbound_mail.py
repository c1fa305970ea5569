"""What SES makes of a mail before anything of ours sees it: which rule is for it, what it says, what it tells."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.events.inbound_mail import is_for
from local.events.received_mail import ReceivedMail, addresses, has_virus, read_headers

AT = datetime(2026, 11, 23, 12, 0, 0, 5000, tzinfo=UTC)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PASSED = dict.fromkeys(("spf", "dkim", "dmarc", "spam", "virus"), "PASS")


@pytest.mark.parametrize(
    ("wanted", "address", "expected"),
    [
        ("privacy@shop.example", "privacy@shop.example", True),
        ("privacy@shop.example", "Privacy@Shop.EXAMPLE", True),
        ("privacy@shop.example", "privacy+token@shop.example", True),
        ("privacy@shop.example", "privacyx@shop.example", False),
        ("privacy@shop.example", "privacy@mail.shop.example", False),
        ("privacy+a@shop.example", "privacy+a@shop.example", True),
        ("privacy+a@shop.example", "privacy+b@shop.example", False),
        ("shop.example", "anybody@shop.example", True),
        ("shop.example", "anybody@mail.shop.example", False),
        (".shop.example", "anybody@mail.shop.example", True),
        (".shop.example", "anybody@shop.example", False),
        ("shop.example", "anybody@othershop.example", False),
    ],
)
def test_whom_a_recipient_of_a_rule_means(wanted: str, address: str, expected: bool) -> None:
    assert is_for(wanted, address) is expected


def mail(raw: bytes, **parts: Any) -> ReceivedMail:
    given: dict[str, Any] = {"sender": "jane@example.com", "recipients": ("privacy@shop.example",), **parts}
    return ReceivedMail(raw=raw, message_id="abc123", at=AT, **given)


def notification(raw: bytes, **parts: Any) -> Any:
    one = mail(raw, **parts)
    return one.notification(
        one.as_stored(PASSED), recipients=["privacy@shop.example"], verdicts=PASSED, action={"type": "S3"}
    )


def test_a_mail_is_stored_under_the_lines_of_ses_and_is_otherwise_as_it_came() -> None:
    raw = b"From: jane@example.com\r\n\r\n\xff\x00 any bytes"
    stored = mail(raw).as_stored(PASSED)
    assert stored.endswith(raw)
    assert stored.split(b"\r\n")[:7] == [
        b"Return-Path: <jane@example.com>",
        b"Received: from example.com (example.com [127.0.0.1])",
        b" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id abc123",
        b" for privacy@shop.example;",
        b" Mon, 23 Nov 2026 12:00:00 +0000 (UTC)",
        b"X-SES-Spam-Verdict: PASS",
        b"X-SES-Virus-Verdict: PASS",
    ]
    assert b"\r" not in mail(b"From: a@b.example\n\n").as_stored(PASSED)


def test_the_notification_is_the_documented_one() -> None:
    raw = (
        b'From: "Doe, Jane" <jane@example.com>\r\nTo: Privacy <privacy@shop.example>, other@shop.example\r\n'
        b"Cc: cc@example.com\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n"
        b"Subject: =?utf-8?b?44OH44O844K/?=\r\n\tonce more\r\n\r\nHello"
    )
    told = notification(raw)
    assert told["notificationType"] == "Received"
    assert told["receipt"] == {
        "timestamp": "2026-11-23T12:00:00.005Z",
        "processingTimeMillis": 500,
        "recipients": ["privacy@shop.example"],
        **{f"{check}Verdict": {"status": "PASS"} for check in PASSED},
        "action": {"type": "S3"},
    }
    said = told["mail"]
    assert (said["timestamp"], said["source"], said["messageId"]) == (AT_TEXT, "jane@example.com", "abc123")
    assert said["destination"] == ["privacy@shop.example", "other@shop.example", "cc@example.com"]
    assert said["headersTruncated"] is False
    assert {"name": "Subject", "value": "=?utf-8?b?44OH44O844K/?=\tonce more"} in said["headers"]
    assert said["commonHeaders"] == {
        "returnPath": "jane@example.com",
        "from": ['"Doe, Jane" <jane@example.com>'],
        "to": ["Privacy <privacy@shop.example>", "other@shop.example"],
        "cc": ["cc@example.com"],
        "date": "Mon, 23 Nov 2026 12:00:00 +0000",
        "messageId": "<1@example.com>",
        "subject": "データ\tonce more",
    }


AT_TEXT = "2026-11-23T12:00:00.005Z"


def test_a_notice_of_the_mail_system_has_no_sender() -> None:
    told = notification(b"From: MAILER-DAEMON@example.com\r\n\r\n", sender="")
    assert told["mail"]["source"] == "<>"
    assert told["mail"]["headers"][0] == {"name": "Return-Path", "value": "<>"}


def test_headers_are_told_up_to_ten_kilobytes() -> None:
    told = notification(b"From: jane@example.com\r\n" + b"X-Long: " + b"x" * 11_000 + b"\r\nX-Last: 1\r\n\r\n")
    assert told["mail"]["headersTruncated"] is True
    names = [header["name"] for header in told["mail"]["headers"]]
    assert names[-1] == "From"


def test_a_policy_is_told_where_dmarc_failed() -> None:
    one = mail(b"From: jane@example.com\r\n\r\n")
    for verdicts, expected in (({"dmarc": "FAIL"}, "none"), ({"dmarc": "GRAY"}, None), ({}, None)):
        told = one.notification(one.raw, recipients=[], verdicts=verdicts, action={})
        assert told["receipt"].get("dmarcPolicy") == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"From: Jane <jane@example.com>", ["jane@example.com"]),
        (b"From: jane@example.com, joe@example.com", ["jane@example.com", "joe@example.com"]),
        (b"From: <a@b@c>", ["a@b"]),
        (b"From: nobody", []),
        (b"From: =?no-such-charset?q?x?= <jane@example.com>", ["jane@example.com"]),
        (b"From: \xe5\xe4 <jane@example.com>", ["jane@example.com"]),
        (b"Message-ID: <[abc", []),
    ],
)
def test_addresses_are_read_as_far_as_they_can_be(header: bytes, expected: list[str]) -> None:
    assert addresses(read_headers(header + b"\n\n"), "From") == expected


@given(st.binary(max_size=400))
def test_nothing_that_a_sender_writes_makes_it_fail(raw: bytes) -> None:
    notification(raw)
    notification(b"From: " + raw)
    notification(b"Content-Type: multipart/mixed; boundary=" + raw)
    assert has_virus(raw) is False


@pytest.mark.parametrize("encode", [bytes, base64.b64encode])
def test_the_scanner_knows_the_test_file(encode: Any) -> None:
    plain = encode is bytes
    raw = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\ntext\r\n--x\r\n'
        b"Content-Transfer-Encoding: " + (b"8bit" if plain else b"base64") + b"\r\n\r\n" + encode(EICAR) + b"\r\n--x--"
    )
    assert has_virus(raw)
    assert not has_virus(raw.replace(encode(EICAR), b"aGVsbG8="))
