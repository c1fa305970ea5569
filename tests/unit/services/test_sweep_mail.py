"""Raw mails that nobody was told of."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from rightsdesk.adapters.sqs_notices import InboundNotices
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.incoming_mail import Verdicts
from rightsdesk.domain.mail_item import MailItem, MailStatus
from rightsdesk.mail.receipt_notice import read_receipt_notice
from rightsdesk.services import sweep_mail as module
from rightsdesk.services.sweep_mail import sweep_mail
from tests.support.fakes import How
from tests.support.mail_room import MailRoom, mail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Sweeping:
    """A mail room with a bucket that knows when each mail was stored, and a queue that somebody reads later."""

    def __init__(self) -> None:
        self.room = MailRoom()
        self.stored: dict[str, datetime] = {}
        self.queue: list[dict[str, str]] = []

    def store(self, key: str, *, age: timedelta) -> None:
        self.stored[key] = self.room.clock() - age

    def between(self, after: datetime, before: datetime) -> Iterator[tuple[str, datetime]]:
        yield from ((key, at) for key, at in self.stored.items() if after <= at <= before)

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - as SQS has it
        assert QueueUrl == "https://queue"
        self.queue.append({"messageId": "sqs", "body": MessageBody})

    def sweep(self, **how: timedelta) -> int:
        return sweep_mail(
            files=self.between,
            mails=self.room.mail_store,
            keys=self.room.keys,
            redeliver=InboundNotices("https://queue", self).send,  # type: ignore[arg-type]  # as much of it as is used
            clock=self.room.clock,
            **how,
        )

    def found(self) -> list[str]:
        envelopes = [read_receipt_notice(record) for record in self.queue]
        return [envelope.message_id for envelope in envelopes if envelope is not None]


@pytest.fixture
def sweeping() -> Sweeping:
    return Sweeping()


def test_a_mail_that_was_taken_is_left_alone(sweeping: Sweeping) -> None:
    """The sweep and the intake make the same id of a delivery."""
    envelope = sweeping.room.post(mail(), asks=("access",))
    sweeping.room.intake.take(envelope)
    assert envelope.key is not None
    sweeping.store(envelope.key, age=2 * HOUR)
    assert (sweeping.sweep(), sweeping.queue) == (0, [])


def test_a_mail_that_nobody_was_told_of_goes_to_staff_without_an_answer(sweeping: Sweeping) -> None:
    room = sweeping.room
    envelope = room.post(mail(), asks=("access",))
    assert envelope.key is not None
    sweeping.store(envelope.key, age=2 * HOUR)
    sent = len(room.press.printed)
    assert sweeping.sweep() == sweeping.sweep() == 1
    for record in sweeping.queue:  # twice does no harm
        told = read_receipt_notice(record)
        assert told is not None
        assert (told.message_id, told.key) == (envelope.message_id, envelope.key)
        assert (told.received_at, told.sender, told.recipients) == (room.clock() - 2 * HOUR, None, ())
        assert told.verdicts == Verdicts()
        room.intake.take(told)
    item = room.item(envelope)
    assert (item.status, item.requests) == (MailStatus.TRIAGE, ())
    assert {"not_scanned_for_viruses", "not_scanned_for_spam"} <= set(item.doubts)
    assert all(printed.letter.startswith("staff") for printed in room.press.printed[sent:])
    assert sweeping.sweep() == 0


def test_a_mail_that_was_only_written_down_is_found_too(sweeping: Sweeping) -> None:
    room = sweeping.room
    envelope = room.post(mail(), asks=("access",))
    room.intake.take(envelope)
    item = room.item(envelope)
    started = item.model_copy(update={"status": MailStatus.RECEIVED})
    room.mail_store.items[item.mail_id] = MailItem.model_dump_json(started)
    assert envelope.key is not None
    sweeping.store(envelope.key, age=2 * HOUR)
    assert sweeping.sweep() == 1


def test_only_what_is_not_on_its_way_and_not_long_past_is_looked_at(sweeping: Sweeping) -> None:
    ages = {"young": HOUR - timedelta(seconds=1), "first": HOUR, "last": 3 * DAY, "old": 3 * DAY + timedelta(seconds=1)}
    for name, age in ages.items():
        sweeping.store(f"inbound/{name}", age=age)
    assert sweeping.sweep() == 2
    assert sweeping.found() == ["last", "first"]
    sweeping.queue.clear()
    assert sweeping.sweep(looks_back=30 * DAY) == 3
    assert sweeping.found() == ["old", "last", "first"]


def test_what_ses_writes_when_the_rule_is_made_is_no_mail(sweeping: Sweeping) -> None:
    for key in ("inbound/AMAZON_SES_SETUP_NOTIFICATION", "inbound/"):
        sweeping.store(key, age=DAY)
    assert sweeping.sweep() == 0


def test_of_a_flood_the_oldest_are_looked_at(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    for number in range(4):
        sweeping.store(f"inbound/{number}", age=(number + 1) * 2 * HOUR)
    assert sweeping.sweep() == 2
    assert sweeping.found() == ["3", "2"]


def test_a_store_that_is_out_of_reach_is_no_reason_to_tell_again(sweeping: Sweeping) -> None:
    sweeping.store("inbound/one", age=DAY)
    faults = sweeping.room.faults
    faults.fail(len(faults.calls), How.UNAVAILABLE)
    with pytest.raises(ServiceUnavailableError):
        sweeping.sweep()
    assert sweeping.queue == []
