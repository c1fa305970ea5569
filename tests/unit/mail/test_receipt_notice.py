"""What SES says of a mail that came in, as the queue brings it (abuse cases 60, 61)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.incoming_mail import Verdict
from rightsdesk.mail.receipt_notice import read_receipt_notice

EVENTS = Path(__file__).parents[3] / "events"


def record(name: str = "received") -> dict[str, Any]:
    event = json.loads((EVENTS / f"email_intake-{name}.json").read_text("utf-8"))
    return dict(event["Records"][0])


def with_notice(change: dict[str, Any]) -> dict[str, Any]:
    """The sample, with parts of `receipt` replaced; what is None is left out."""
    made = record()
    body = json.loads(made["body"])
    notice = json.loads(body["Message"])
    for name, value in change.items():
        section = notice["mail"] if name in ("source", "messageId") else notice["receipt"]
        section[name] = value
        if value is None:
            del section[name]
    body["Message"] = json.dumps(notice)
    return made | {"body": json.dumps(body)}


def test_the_sample_is_read() -> None:
    envelope = read_receipt_notice(record())
    assert envelope is not None
    assert (envelope.sender, envelope.recipients) == ("jane@example.com", ("privacy@shop.example",))
    assert envelope.received_at == datetime(2026, 11, 23, 10, 0, 0, 123000, tzinfo=UTC)
    assert envelope.key == f"inbound/{envelope.message_id}"
    assert {verdict for _, verdict in envelope.verdicts} == {Verdict.PASS}


def test_a_greeting_of_a_new_rule_is_no_mail() -> None:
    assert read_receipt_notice(record("greeting")) is None
    bounce = record()
    bounce["body"] = bounce["body"].replace("Received", "Bounce")
    assert read_receipt_notice(bounce) is None


@pytest.mark.parametrize("told", [None, {}, {"status": None}, {"status": "pass"}, {"status": "MAYBE"}, "PASS", 7, []])
def test_a61_what_is_not_said_is_not_passed(told: Any) -> None:
    envelope = read_receipt_notice(with_notice({"virusVerdict": told, "dmarcVerdict": told}))
    assert envelope is not None
    assert (envelope.verdicts.virus, envelope.verdicts.dmarc) == (Verdict.MISSING, Verdict.MISSING)
    assert envelope.verdicts.spam is Verdict.PASS


def test_a60_what_the_mail_says_of_itself_is_not_read() -> None:
    envelope = read_receipt_notice(record("spam"))
    assert envelope is not None
    assert (envelope.verdicts.spam, envelope.verdicts.dmarc) == (Verdict.FAIL, Verdict.FAIL)


@pytest.mark.parametrize(("source", "sender"), [("<>", ""), (None, ""), ("", ""), ("<a@b.example>", "a@b.example")])
def test_a_notice_of_the_mail_system_has_no_sender(source: str | None, sender: str) -> None:
    envelope = read_receipt_notice(with_notice({"source": source}))
    assert envelope is not None
    assert envelope.sender == sender


@pytest.mark.parametrize("body", ["", "{", "{}", "[]", "null", '{"Message": 7}', '{"Message": "{}"}', "[" * 100_000])
def test_a43_what_can_not_be_read_stands_for_a_mail_that_came(body: str) -> None:
    envelope = read_receipt_notice(record() | {"body": body})
    assert envelope is not None
    assert (envelope.key, envelope.message_id) == (None, f"unread {record()['messageId']}")
    assert envelope.received_at == datetime.fromtimestamp(1795428001, UTC)


@given(
    st.dictionaries(
        st.sampled_from(["recipients", "timestamp", "action", "spamVerdict", "source", "messageId"]),
        st.none() | st.text(max_size=5) | st.integers() | st.lists(st.text(max_size=3)) | st.just({"objectKey": 7}),
    )
)
def test_whatever_is_said_nothing_raises(change: dict[str, Any]) -> None:
    made = with_notice({name: value for name, value in change.items() if value is not None})
    assert read_receipt_notice(made) is not None
