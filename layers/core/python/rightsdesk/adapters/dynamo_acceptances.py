"""Acceptances of the policy in the table of persons: `pk = PERMISSIONS#<digest>`, `sk = ACCEPTED#<version>`.

Each is written once and never over. Like the register it has no `expires_at`.
"""

# serves: B-7, N-1

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import DynamoTable
from rightsdesk.domain.acceptance import Acceptance
from rightsdesk.domain.errors import ConflictError

_SORTED = "ACCEPTED#"


class DynamoAcceptances(DynamoTable):
    """Keeps the port Acceptances."""

    def enter(self, digest: str, acceptance: Acceptance) -> bool:
        key = {"pk": _partition(digest), "sk": f"{_SORTED}{acceptance.version}"}
        try:
            with translated_errors():
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=to_item(acceptance.model_dump(mode="json") | key),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        except ConflictError:
            return False
        return True

    def all(self, digest: str) -> tuple[Acceptance, ...]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues=to_item({":pk": _partition(digest), ":sk": _SORTED}),
            ConsistentRead=True,
        )
        with translated_errors():
            found = [from_item(item) for page in pages for item in page["Items"]]
        return tuple(
            Acceptance.model_validate({name: value for name, value in item.items() if name not in ("pk", "sk")})
            for item in found
        )


def _partition(digest: str) -> str:
    return f"PERMISSIONS#{digest}"
