"""Mails in the table of the template: a history ends with its mail, and not before; a month is listed whole."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from rightsdesk.adapters.dynamo_mails import DynamoMailStore
from rightsdesk.domain.incoming_mail import Verdict, Verdicts
from rightsdesk.domain.mail_item import MailItem, MailStatus
from rightsdesk.domain.request import DueDates
from tests.support.cases import new_case
from tests.support.stack import PlayedStack

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CLEAN = Verdicts(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS, spam=Verdict.PASS, virus=Verdict.PASS)
DUE: DueDates = new_case()[0].due


@pytest.fixture
def mails(stack: PlayedStack) -> DynamoMailStore:
    return DynamoMailStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))


def _created(mails: DynamoMailStore, **values: Any) -> MailItem:
    given = {"mail_id": uuid4().hex, "status": MailStatus.TRIAGE, "received_at": NOW} | values
    item, event = MailItem(due=DUE, country="DE", verdicts=CLEAN, **given).received(at=NOW)
    mails.create(item, event)
    return item


def _moved(mails: DynamoMailStore, item: MailItem, event_type: str, **changes: Any) -> MailItem:
    after, event = item.changed(event_type, at=NOW + timedelta(days=1), actor="staff:x", **changes)
    mails.save(item, after, event)
    return after


def _ends(stack: PlayedStack, item: MailItem) -> list[str | None]:
    found = stack.client("dynamodb").query(
        TableName=stack.local.ref("CasesTable"),
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"MAIL#{item.mail_id}"}},
    )["Items"]
    return [each["expires_at"]["N"] if "expires_at" in each else None for each in found]


def test_the_history_of_a_mail_ends_with_it(stack: PlayedStack, mails: DynamoMailStore) -> None:
    item = _moved(mails, _created(mails), "mail_kept", status=MailStatus.KEPT)
    assert item.expires_at is not None
    mails.retire(item.mail_id, expires_at=item.expires_at)
    item = _moved(mails, item, "mail_read")
    assert item.expires_at is not None
    assert _ends(stack, item) == [str(int(item.expires_at.timestamp()))] * 4
    item = _moved(mails, item, "sender_asked", status=MailStatus.ASKED)
    mails.reopen(item.mail_id)
    assert _ends(stack, item) == [None] * 5
    assert len(mails.timeline(item.mail_id)) == 4


def test_mails_of_one_moment_are_all_listed(mails: DynamoMailStore) -> None:
    moment = datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)
    at_once = sorted(_created(mails, received_at=moment).mail_id for _ in range(4))
    later = _created(mails, received_at=moment + timedelta(seconds=1)).mail_id
    assert [item.mail_id for item in mails.received_in("2019-03")] == [*at_once, later]
    rest = mails.received_in("2019-03", after=("2019-03-04T05:06:07Z", at_once[1]))
    assert [item.mail_id for item in rest] == [*at_once[2:], later]
