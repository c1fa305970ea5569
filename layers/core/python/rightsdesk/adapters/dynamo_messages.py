"""Messages in the table of cases: MESSAGE#<number> beside the case, in one transaction with it."""

# serves: B-6

from typing import TYPE_CHECKING

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_items import to_item
from rightsdesk.adapters.dynamo_table import DynamoTable, partition, without_keys
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.request import PrivacyRequest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from rightsdesk.domain.messages import Message


class DynamoMessages(DynamoTable):
    """Keeps the port Messages. `cases` is of the same table."""

    def __init__(self, table: str, cases: DynamoCaseStore, dynamodb: "DynamoDBClient | None" = None) -> None:
        super().__init__(table, dynamodb)
        self._cases = cases

    def add(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent, message: "Message") -> None:
        key = {"pk": f"REQ#{after.request_id}", "sk": f"MESSAGE#{message.number:04d}"}
        item = key | message.model_dump(mode="json", exclude_none=True)
        put = {"Item": to_item(item), "ConditionExpression": "attribute_not_exists(pk)"}
        self._cases.save_with(before, after, event, [put])

    def of(self, request_id: str) -> "list[Message]":
        from rightsdesk.domain.messages import Message  # few requests have a thread

        items = partition(self._dynamodb, self._table, f"REQ#{request_id}", "MESSAGE#")
        return [Message.model_validate(without_keys(item)) for item in items]
