"""How often something may happen in a sliding window: one item, changed under a condition, so that all calls count."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.domain.errors import ConflictError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 3


def spend_in_window(
    dynamodb: "DynamoDBClient",
    table: str,
    key: Mapping[str, str],
    *,
    what: str,
    at: datetime,
    window: timedelta,
    most: int,
    min_gap: timedelta,
) -> bool:
    """True where one more may happen: not within `min_gap` of the last, and fewer than `most` in the window.

    The item keeps the times of the last ones and what each was; the same `what` again is the same one.
    """
    item_key = to_item(key)
    for _ in range(_TRIES):
        with translated_errors():
            item = from_item(dynamodb.get_item(TableName=table, Key=item_key, ConsistentRead=True).get("Item", {}))
        known: dict[str, str] = item.get("sent", {})
        ages = {name: at - datetime.fromisoformat(happened_at) for name, happened_at in known.items()}
        recent = {name: age for name, age in ages.items() if age < window}
        if what in recent:
            return True
        if len(recent) >= most or any(age < min_gap for age in recent.values()):
            return False
        new = {name: known[name] for name in recent} | {what: at.isoformat()}
        values = {":new": new, ":ends": int((at + window).timestamp())} | ({":known": known} if known else {})
        try:
            with translated_errors():
                dynamodb.update_item(
                    TableName=table,
                    Key=item_key,
                    UpdateExpression="SET sent = :new, expires_at = :ends",
                    ConditionExpression="sent = :known" if known else "attribute_not_exists(sent)",
                    ExpressionAttributeValues=to_item(values),
                )
        except ConflictError:
            continue  # another at this moment
        return True
    return False


def count_in_hour(dynamodb: "DynamoDBClient", table: str, name: str, *, at: datetime, most: int) -> bool:
    """Count one under a name in this hour (UTC); False where it has had its number. The counter goes by itself."""
    try:
        with translated_errors():
            dynamodb.update_item(
                TableName=table,
                Key=to_item({"pk": f"HOUR#{at.strftime('%Y-%m-%dT%H')}", "sk": name}),
                UpdateExpression="SET expires_at = :ends ADD counted :one",
                ConditionExpression="attribute_not_exists(counted) OR counted < :most",
                ExpressionAttributeValues=to_item(
                    {":one": 1, ":most": most, ":ends": int((at + timedelta(hours=2)).timestamp())}
                ),
            )
    except ConflictError:
        return False
    return True
