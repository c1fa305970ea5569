"""Acceptances of the policy in the table of persons: `pk = PERMISSIONS#<digest>`, `sk = ACCEPTED#<version>`.

Each is written once and never over. Like the register it has no `expires_at`.
"""

# serves: B-7, N-1

from rightsdesk.adapters.dynamo_items import to_item, translated_errors
from rightsdesk.adapters.dynamo_permissions import permissions_key
from rightsdesk.adapters.dynamo_table import DynamoTable, partition, without_keys
from rightsdesk.domain.acceptance import Acceptance
from rightsdesk.domain.errors import ConflictError

_SORTED = "ACCEPTED#"


class DynamoAcceptances(DynamoTable):
    """Keeps the port Acceptances."""

    def enter(self, digest: str, acceptance: Acceptance) -> bool:
        key = permissions_key(digest) | {"sk": f"{_SORTED}{acceptance.version}"}
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
        found = partition(self._dynamodb, self._table, permissions_key(digest)["pk"], _SORTED)
        return tuple(Acceptance.model_validate(without_keys(item)) for item in found)
