"""Notices in the table of cases: written with the case and its event or not at all, and found by their own id."""

from datetime import UTC, datetime

import pytest

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
from rightsdesk.domain.errors import ConflictError, GoneError, NotFoundError
from rightsdesk.domain.recipient_notice import Asked, NoticeState, RecipientNotice, moved, unreached
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from tests.support.cases import new_case
from tests.support.stack import PlayedStack

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
IDS = {
    "carrier": "3f2a9c01-7c4b-4d2e-9a51-0c2b7d9e81a6",
    "printer": "9b1d6e02-51a7-4c3f-8e60-77aa1f2b3c4d",
}


@pytest.fixture
def cases(stack: PlayedStack) -> DynamoCaseStore:
    return DynamoCaseStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))


@pytest.fixture
def notices(stack: PlayedStack, cases: DynamoCaseStore) -> DynamoRecipientNotices:
    return DynamoRecipientNotices(stack.local.ref("CasesTable"), cases, stack.client("dynamodb"))


def notice(recipient: str, digit: str) -> RecipientNotice:
    return RecipientNotice(
        recipient=recipient,
        notice_id=IDS[recipient][:-1] + digit,
        channel="mail",
        action="erase",
        law="gdpr",
        fields=("shop/members.name",),
        identifiers={"order_id": ("K-1", "K-2")},
        asked_at=NOW,
    )


def named(
    cases: DynamoCaseStore, notices: DynamoRecipientNotices, request_id: str, digit: str
) -> tuple[PrivacyRequest, tuple[RecipientNotice, ...]]:
    """A case with two notices."""
    case, event = new_case(request_id=request_id, reference=f"RD-{request_id[:4].upper()}-{request_id[:4].upper()}-A")
    cases.create(case, event)
    written = (notice("carrier", digit), notice("printer", digit))
    after, event = case.changed(
        "recipients_named", at=NOW, actor=SYSTEM, notices={each.recipient: each.line for each in written}
    )
    notices.add(case, after, event, written)
    return after, written


def test_they_are_read_as_they_were_written_and_found_by_their_id(
    cases: DynamoCaseStore, notices: DynamoRecipientNotices
) -> None:
    case, written = named(cases, notices, "a1" * 16, "1")
    assert tuple(notices.of(case.request_id)) == written
    assert notices.get(case.request_id, "printer") == written[1]
    assert notices.find(written[0].notice_id) == (case.request_id, written[0])
    assert cases.get(case.request_id) == case
    with pytest.raises(NotFoundError):
        notices.find("00000000-0000-4000-8000-000000000000")
    with pytest.raises(NotFoundError):
        notices.get(case.request_id, "stranger")


def test_a_change_is_written_with_the_case_or_not_at_all(
    cases: DynamoCaseStore, notices: DynamoRecipientNotices
) -> None:
    case, (carrier, printer) = named(cases, notices, "b2" * 16, "2")
    done = moved(carrier, NoticeState.DONE, at=NOW)
    assert done is not None
    after, event = case.changed(
        "recipient_answered", at=NOW, actor=SYSTEM, notices=case.notices | {"carrier": done.line}
    )
    notices.save(case, after, event, carrier, done)
    assert notices.get(case.request_id, "carrier") == done
    assert [each.type for each in cases.timeline(case.request_id)][-1] == "recipient_answered"
    other = moved(printer, NoticeState.DONE, at=NOW)
    assert other is not None
    with pytest.raises(ConflictError):  # of the case as it was before
        notices.save(case, *case.changed("recipient_answered", at=NOW, actor=SYSTEM), printer, other)
    with pytest.raises(ConflictError):  # of the notice as it was before
        notices.save(after, *after.changed("recipient_answered", at=NOW, actor=SYSTEM), carrier, done)
    assert notices.get(case.request_id, "printer") == printer
    assert cases.get(case.request_id) == after


def test_a_try_that_is_no_news_leaves_the_case_as_it_is(
    cases: DynamoCaseStore, notices: DynamoRecipientNotices
) -> None:
    case, (carrier, printer) = named(cases, notices, "d5" * 16, "5")
    failed = unreached(carrier, "peer_unavailable", at=NOW)
    notices.keep(case.request_id, carrier, failed)
    assert notices.get(case.request_id, "carrier") == failed
    assert cases.get(case.request_id) == case
    with pytest.raises(ConflictError):
        notices.keep(case.request_id, carrier, failed)
    assert notices.get(case.request_id, "printer") == printer


def test_they_are_written_down_once(cases: DynamoCaseStore, notices: DynamoRecipientNotices) -> None:
    case, written = named(cases, notices, "c3" * 16, "3")
    with pytest.raises(ConflictError):
        notices.add(case, *case.changed("recipients_named", at=NOW, actor=SYSTEM), written)
    assert cases.get(case.request_id) == case


def test_what_a_decision_asks_takes_the_place_of_what_was_asked_meanwhile(
    cases: DynamoCaseStore, notices: DynamoRecipientNotices
) -> None:
    case, (carrier, printer) = named(cases, notices, "e6" * 16, "6")
    stands = printer.model_copy(update={"version": 2})
    follows = notice("carrier", "7").model_copy(update={"follows": Asked(notice_id=carrier.notice_id, asked_at=NOW)})
    before = {"carrier": carrier, "printer": printer}
    after, event = case.changed("recipients_named", at=NOW, actor=SYSTEM)
    stale = before | {"printer": printer.model_copy(update={"version": 9})}
    with pytest.raises(ConflictError):
        notices.add(case, after, event, (follows, stands), instead_of=stale)
    assert notices.get(case.request_id, "carrier") == carrier
    notices.add(case, after, event, (follows, stands), instead_of=before)
    assert notices.of(case.request_id) == [follows, stands]
    assert notices.find(follows.notice_id) == (case.request_id, follows)
    assert notices.find(printer.notice_id) == (case.request_id, stands)
    with pytest.raises(GoneError, match="notice_replaced"):
        notices.find(carrier.notice_id)


EXPRESSIONS = ("#version", ":notice_id", "x' OR '1'='1", '\'; DELETE FROM "cases"; --', "attribute_exists(pk)", "*")


def test_a54_what_a_recipient_says_and_asks_for_is_data_whatever_it_looks_like(
    cases: DynamoCaseStore, notices: DynamoRecipientNotices
) -> None:
    case, (carrier, printer) = named(cases, notices, "c4" * 16, "4")
    for guessed in (*EXPRESSIONS, "", f"{carrier.notice_id}' OR '1'='1"):
        with pytest.raises(NotFoundError):
            notices.find(guessed)
        with pytest.raises(NotFoundError):
            notices.get(case.request_id, guessed)
    for text in EXPRESSIONS[1:]:
        before = notices.get(case.request_id, "carrier")
        changed = before.model_copy(update={"reason": text, "failure": text, "version": before.version + 1})
        case = cases.get(case.request_id)
        after, event = case.changed("recipient_answered", at=NOW, actor=SYSTEM)
        notices.save(case, after, event, before, changed)
        assert notices.get(case.request_id, "carrier") == changed
    assert notices.get(case.request_id, "printer") == printer
