"""What every store in a table of DynamoDB has: the name of the table, and the client of the process."""

from typing import TYPE_CHECKING

from rightsdesk.adapters.clients import client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoTable:
    """`dynamodb` is given by tests; else the client is made when it is first used."""

    def __init__(self, table: str, dynamodb: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._given = dynamodb

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._given or client("dynamodb")
