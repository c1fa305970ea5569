"""The register of permissions in the table of persons: `pk = PERMISSIONS#<digest>`, one item, one reading.

It has no `expires_at`: it outlives cases and erasures, and holds a keyed digest, codes and moments.
"""

# serves: E-05, E-06, E-09, E-10, P-03

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.domain.permission import Standing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoPermissions:
    """Keeps the port Permissions."""

    def __init__(self, table: str, dynamodb: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._given = dynamodb

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._given or client("dynamodb")

    def find(self, digest: str) -> Standing | None:
        with translated_errors():
            answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(_key(digest)), ConsistentRead=True)
        if "Item" not in answer:
            return None
        plain = from_item(answer["Item"])
        return Standing.model_validate({name: plain[name] for name in Standing.model_fields if name in plain})

    def save(self, standings: Sequence[Standing]) -> None:
        actions: list[Any] = [{"Put": self._put(standing)} for standing in standings]
        with translated_errors():
            self._dynamodb.transact_write_items(TransactItems=actions)

    def _put(self, standing: Standing) -> dict[str, Any]:
        item = standing.model_dump(mode="json") | _key(standing.digest) | {"version": standing.version + 1}
        return {
            "TableName": self._table,
            "Item": to_item(item),
            "ConditionExpression": "attribute_not_exists(pk) OR version = :seen",
            "ExpressionAttributeValues": to_item({":seen": standing.version}),
        }


def _key(digest: str) -> dict[str, Any]:
    return {"pk": f"PERMISSIONS#{digest}", "sk": "PERMISSIONS"}
