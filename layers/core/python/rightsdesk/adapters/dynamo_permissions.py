"""The register of permissions in the table of persons: `pk = PERMISSIONS#<digest>`, one item, one reading.

Beside it stand the entries of the ledger, `sk = CONSENT#<number>`: each is written once, with the item that changes by
it. Nothing has an `expires_at`: it outlives cases and erasures, and holds a keyed digest, codes and moments.
"""

# serves: E-05, E-06, E-09, E-10, P-03

from collections.abc import Mapping, Sequence
from typing import Any

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import DynamoTable, partition, transact, without_keys
from rightsdesk.domain.consent_ledger import ConsentEntry
from rightsdesk.domain.permission import Standing

_ENTRY = "CONSENT#"


class DynamoPermissions(DynamoTable):
    """Keeps the port Permissions."""

    def find(self, digest: str) -> Standing | None:
        with translated_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=to_item(permissions_key(digest)), ConsistentRead=True
            )
        if "Item" not in answer:
            return None
        plain = from_item(answer["Item"])
        return Standing.model_validate({name: plain[name] for name in Standing.model_fields if name in plain})

    def ledger(self, digest: str) -> tuple[ConsentEntry, ...]:
        found = partition(self._dynamodb, self._table, permissions_key(digest)["pk"], _ENTRY)
        return tuple(ConsentEntry.model_validate(without_keys(item)) for item in found)

    def save(self, standings: Sequence[Standing], entries: Mapping[str, Sequence[ConsentEntry]] | None = None) -> None:
        actions: list[Any] = [{"Put": self._put(standing)} for standing in standings]
        actions += [
            {"Put": self._entered(digest, entry)} for digest, entered in (entries or {}).items() for entry in entered
        ]
        transact(self._dynamodb, actions)

    def _put(self, standing: Standing) -> dict[str, Any]:
        item = standing.model_dump(mode="json") | permissions_key(standing.digest) | {"version": standing.version + 1}
        return {
            "TableName": self._table,
            "Item": to_item(item),
            "ConditionExpression": "attribute_not_exists(pk) OR version = :seen",
            "ExpressionAttributeValues": to_item({":seen": standing.version}),
        }

    def _entered(self, digest: str, entry: ConsentEntry) -> dict[str, Any]:
        key = permissions_key(digest) | {"sk": f"{_ENTRY}{entry.number:06d}"}
        return {
            "TableName": self._table,
            "Item": to_item(entry.model_dump(mode="json") | key),
            "ConditionExpression": "attribute_not_exists(pk)",  # what is entered is never written over
        }


def permissions_key(digest: str) -> dict[str, Any]:
    """Of the one item; who writes beside it, under an `sk` of its own, may check that it is as it was read."""
    return {"pk": f"PERMISSIONS#{digest}", "sk": "PERMISSIONS"}
