"""What has a history, in one partition: a change and its event in one transaction, so that none is without the other.

Cases (`REQ#<id>`) and mails (`MAIL#<id>`) are kept alike: the thing itself, and EVENT#000001 and so on beside it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rightsdesk.adapters.dynamo_items import to_item
from rightsdesk.adapters.dynamo_table import partition, transact, without_keys
from rightsdesk.domain.audit import AuditEvent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def write_both(
    dynamodb: "DynamoDBClient",
    table: str,
    pk: str,
    put: dict[str, Any],
    event: AuditEvent,
    *,
    also: Sequence[dict[str, Any]] = (),
    expires_at: int | None = None,
) -> None:
    """`put` is what Put takes, without the table. ConflictError where its condition fails, or the event exists.

    `also`: more of them, for what must not be written without the rest.
    `expires_at` is that of the thing: what is written late goes with the rest, unless it has an end of its own.
    """
    put_event = {
        "Item": to_item({"pk": pk, "sk": f"EVENT#{event.sequence:06d}"} | event.model_dump(mode="json")),
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    end = to_item({"expires_at": expires_at})
    beside = [each | {"Item": end | each["Item"]} for each in (put_event, *also)]
    writes: Any = [{"Put": {"TableName": table} | each} for each in (put, *beside)]
    transact(dynamodb, writes)


def events_under(dynamodb: "DynamoDBClient", table: str, pk: str) -> list[AuditEvent]:
    return [AuditEvent.model_validate(without_keys(item)) for item in partition(dynamodb, table, pk, "EVENT#")]
