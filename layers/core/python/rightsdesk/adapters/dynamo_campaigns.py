"""Campaigns in the table of persons: `pk = CAMPAIGNS`, and whom they asked beside the register of each.

`pk = PERMISSIONS#<digest>`, `sk = ASKED#<purpose>`: one question for each person and purpose, forgotten when it may be
put again. `sk = RETURNED#<campaign>`: a mail of it did not reach them; how many, `pk = CAMPAIGN#<id>`, `sk = RETURNED`.
"""

# serves: P-11

from contextlib import suppress
from datetime import datetime
from typing import Any

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_permissions import permissions_key
from rightsdesk.adapters.dynamo_table import DynamoTable, partition, transact, without_keys
from rightsdesk.domain.campaign import ASKED_AGAIN_AFTER, Asked, Campaign, Returned
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.letters import DeliveryState

_CAMPAIGNS = "CAMPAIGNS"


class DynamoCampaigns(DynamoTable):
    """Keeps the port Campaigns."""

    def all(self) -> list[Campaign]:
        found = partition(self._dynamodb, self._table, _CAMPAIGNS, "")
        campaigns = [Campaign.model_validate(without_keys(item)) for item in found]
        return sorted(campaigns, key=lambda campaign: campaign.started_at, reverse=True)

    def save(self, campaign: Campaign) -> None:
        key = {"pk": _CAMPAIGNS, "sk": campaign.id}
        with translated_errors():
            self._dynamodb.put_item(
                TableName=self._table,
                Item=to_item(campaign.model_dump(mode="json") | key | {"version": campaign.version + 1}),
                ConditionExpression="attribute_not_exists(pk) OR version = :seen",
                ExpressionAttributeValues=to_item({":seen": campaign.version}),
            )

    def ask(self, digest: str, purpose: str, campaign: str, *, at: datetime, not_since: datetime) -> bool:
        item = _key(digest, purpose) | {
            "campaign": campaign,
            "asked_at": at.isoformat(),
            "expires_at": int((at + ASKED_AGAIN_AFTER).timestamp()),
        }
        try:
            with translated_errors():
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=to_item(item),
                    ConditionExpression="attribute_not_exists(pk) OR asked_at < :not_since",
                    ExpressionAttributeValues=to_item({":not_since": not_since.isoformat()}),
                )
        except ConflictError:
            return False
        return True

    def asked(self, digest: str, purpose: str) -> Asked | None:
        plain = self._item(_key(digest, purpose))
        if plain is None:
            return None
        return Asked.model_validate({name: plain[name] for name in Asked.model_fields if name in plain})

    def remind(self, digest: str, purpose: str, campaign: str, *, at: datetime) -> bool:
        return self._change(
            digest,
            purpose,
            "SET reminded_at = :at",
            "campaign = :campaign AND attribute_not_exists(reminded_at)",
            {":at": at.isoformat(), ":campaign": campaign},
        )

    def take_back(self, digest: str, purpose: str, campaign: str, *, reminder: bool) -> None:
        values = {":campaign": campaign}
        if reminder:
            self._change(digest, purpose, "REMOVE reminded_at", "campaign = :campaign", values)
            return
        with suppress(ConflictError), translated_errors():
            self._dynamodb.delete_item(
                TableName=self._table,
                Key=to_item(_key(digest, purpose)),
                ConditionExpression="campaign = :campaign",
                ExpressionAttributeValues=to_item(values),
            )

    def came_back(self, digest: str, campaign: str, state: DeliveryState, *, at: datetime) -> None:
        noted = _returned_key(digest, campaign) | {
            "state": state.value,
            "at": at.isoformat(),
            "expires_at": int((at + ASKED_AGAIN_AFTER).timestamp()),
        }
        note = {"TableName": self._table, "Item": to_item(noted), "ConditionExpression": "attribute_not_exists(pk)"}
        count = {
            "TableName": self._table,
            "Key": to_item(_count_key(campaign)),
            "UpdateExpression": "ADD #state :one",
            "ExpressionAttributeNames": {"#state": state.value},
            "ExpressionAttributeValues": to_item({":one": 1}),
        }
        with suppress(ConflictError):  # it is noted, and counted
            transact(self._dynamodb, [{"Put": note}, {"Update": count}])  # type: ignore[typeddict-item]

    def has_come_back(self, digest: str, campaign: str) -> bool:
        return self._item(_returned_key(digest, campaign)) is not None

    def returned(self, campaign: str) -> Returned:
        return Returned.model_validate(without_keys(self._item(_count_key(campaign)) or {}))

    def _item(self, key: dict[str, Any]) -> dict[str, Any] | None:
        with translated_errors():
            answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def _change(self, digest: str, purpose: str, update: str, condition: str, values: dict[str, Any]) -> bool:
        try:
            with translated_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=to_item(_key(digest, purpose)),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=to_item(values),
                )
        except ConflictError:
            return False
        return True


def _key(digest: str, purpose: str) -> dict[str, Any]:
    return permissions_key(digest) | {"sk": f"ASKED#{purpose}"}


def _returned_key(digest: str, campaign: str) -> dict[str, Any]:
    return permissions_key(digest) | {"sk": f"RETURNED#{campaign}"}


def _count_key(campaign: str) -> dict[str, Any]:
    return {"pk": f"CAMPAIGN#{campaign}", "sk": "RETURNED"}
