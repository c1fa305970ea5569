"""The ledger of provision, in the table of persons. It outlives the case, and ends by itself after three years.

PROVIDED#<digest>      <day>#<record id>    an entry; the same one under each identifier of the person
PROVIDED#STATISTICS    <day>#<record id>    nobody is in it
"""

# serves: T-1, T-4

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rightsdesk.adapters.dynamo_items import to_item
from rightsdesk.adapters.dynamo_permissions import permissions_key
from rightsdesk.adapters.dynamo_table import DynamoTable, partition, transact, without_keys
from rightsdesk.domain.provision import Provision, in_order

_STATISTICS = "STATISTICS"


class DynamoProvisionLedger(DynamoTable):
    """Keeps the port ProvisionLedger."""

    def record(self, digests: Sequence[str], entry: Provision, *, as_read: Mapping[str, int] | None = None) -> None:
        actions: list[Any] = [
            {"Put": {"TableName": self._table, "Item": to_item(_item(digest, entry))}}
            for digest in digests or (_STATISTICS,)
        ]
        actions += [{"ConditionCheck": self._still(digest, version)} for digest, version in (as_read or {}).items()]
        transact(self._dynamodb, actions)

    def of_person(self, digests: Iterable[str]) -> tuple[Provision, ...]:
        return in_order(
            _entry(item)
            for digest in digests
            for item in partition(self._dynamodb, self._table, f"PROVIDED#{digest}", "")
        )

    def _still(self, digest: str, version: int) -> dict[str, Any]:
        check = {"TableName": self._table, "Key": to_item(permissions_key(digest))}
        if not version:
            return check | {"ConditionExpression": "attribute_not_exists(pk)"}
        return check | {
            "ConditionExpression": "version = :read",
            "ExpressionAttributeValues": to_item({":read": version}),
        }


def _item(digest: str, entry: Provision) -> dict[str, Any]:
    keys = {"pk": f"PROVIDED#{digest}", "sk": f"{entry.day}#{entry.record_id}"}
    return keys | entry.model_dump(mode="json") | {"expires_at": int(entry.expires_at.timestamp())}


def _entry(item: dict[str, Any]) -> Provision:
    return Provision.model_validate(without_keys(item))
