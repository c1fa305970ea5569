"""Campaigns in the table of persons: `pk = CAMPAIGNS`, and whom they asked beside the register of each.

`pk = PERMISSIONS#<digest>`, `sk = ASKED#<purpose>`: one question for each person and purpose, forgotten when it may be
put again.
"""

# serves: P-11

from contextlib import suppress
from datetime import datetime
from typing import Any

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_permissions import permissions_key
from rightsdesk.adapters.dynamo_table import DynamoTable, partition, without_keys
from rightsdesk.domain.campaign import ASKED_AGAIN_AFTER, Asked, Campaign
from rightsdesk.domain.errors import ConflictError

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
        with translated_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=to_item(_key(digest, purpose)), ConsistentRead=True
            )
        if "Item" not in answer:
            return None
        plain = from_item(answer["Item"])
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
