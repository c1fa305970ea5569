"""Notices to recipients in the table of cases: RECIPIENT#<name> beside the case, in one transaction with it.

NOTICE#<notice id> points from the id that a recipient knows to the case and the name.
"""

# serves: E-03, E-04, E-05, P-10

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import DynamoTable, partition, without_keys
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import GoneError, NotFoundError
from rightsdesk.domain.recipient_notice import RecipientNotice
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, PrivacyRequest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A pointer says nothing once what it points to is gone; the case may be open for long before its own time starts.
_POINTER_LASTS = KEPT_AFTER_CLOSING + timedelta(days=730)


class DynamoRecipientNotices(DynamoTable):
    """Keeps the port RecipientNotices. `cases` is of the same table."""

    def __init__(self, table: str, cases: DynamoCaseStore, dynamodb: "DynamoDBClient | None" = None) -> None:
        super().__init__(table, dynamodb)
        self._cases = cases

    def of(self, request_id: str) -> list[RecipientNotice]:
        return [_notice(item) for item in partition(self._dynamodb, self._table, f"REQ#{request_id}", "RECIPIENT#")]

    def get(self, request_id: str, recipient: str) -> RecipientNotice:
        return _notice(self._item(_key(request_id, recipient)))

    def find(self, notice_id: str) -> tuple[str, RecipientNotice]:
        pointer = self._item(_pointer_key(notice_id))
        notice = self.get(pointer["request_id"], pointer["recipient"])
        if notice.notice_id != notice_id:
            raise GoneError("notice_replaced")
        return pointer["request_id"], notice

    def add(
        self,
        before: PrivacyRequest,
        after: PrivacyRequest,
        event: AuditEvent,
        notices: tuple[RecipientNotice, ...],
        *,
        instead_of: Mapping[str, RecipientNotice] = MappingProxyType({}),
    ) -> None:
        puts = []
        for notice in notices:
            former = instead_of.get(notice.recipient)
            if former is None:
                puts.append(_put_new(_stored(after.request_id, notice)))
            else:
                puts.append(_put_over(after.request_id, former, notice))
            if former is None or former.notice_id != notice.notice_id:
                puts.append(_put_new(_pointer(after.request_id, notice)))
        self._cases.save_with(before, after, event, puts)

    def save(
        self,
        before: PrivacyRequest,
        after: PrivacyRequest,
        event: AuditEvent,
        notice_before: RecipientNotice,
        notice: RecipientNotice,
    ) -> None:
        self._cases.save_with(before, after, event, [_put_over(after.request_id, notice_before, notice)])

    def keep(self, request_id: str, notice_before: RecipientNotice, notice: RecipientNotice) -> None:
        with translated_errors():
            self._dynamodb.put_item(TableName=self._table, **_put_over(request_id, notice_before, notice))

    def _item(self, key: dict[str, str]) -> dict[str, Any]:
        with translated_errors():
            answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
        if "Item" not in answer:
            raise NotFoundError("no such notice")
        return from_item(answer["Item"])


def _key(request_id: str, recipient: str) -> dict[str, str]:
    return {"pk": f"REQ#{request_id}", "sk": f"RECIPIENT#{recipient}"}


def _pointer_key(notice_id: str) -> dict[str, str]:
    return {"pk": f"NOTICE#{notice_id}", "sk": "NOTICE"}


def _pointer(request_id: str, notice: RecipientNotice) -> dict[str, Any]:
    expires_at = int((notice.asked_at + _POINTER_LASTS).timestamp())
    stands_for = {"request_id": request_id, "recipient": notice.recipient, "expires_at": expires_at}
    return _pointer_key(notice.notice_id) | stands_for


def _put_new(item: dict[str, Any]) -> dict[str, Any]:
    return {"Item": to_item(item), "ConditionExpression": "attribute_not_exists(pk)"}


def _put_over(request_id: str, before: RecipientNotice, notice: RecipientNotice) -> dict[str, Any]:
    return {
        "Item": to_item(_stored(request_id, notice)),
        "ConditionExpression": "#version = :version AND notice_id = :notice_id",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": to_item({":version": before.version, ":notice_id": before.notice_id}),
    }


def _stored(request_id: str, notice: RecipientNotice) -> dict[str, Any]:
    return _key(request_id, notice.recipient) | notice.model_dump(mode="json", exclude_none=True)


def _notice(item: dict[str, Any]) -> RecipientNotice:
    return RecipientNotice.model_validate(without_keys(item))
