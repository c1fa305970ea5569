"""Holds in the table of persons: `pk = PERSON#<subject key>`, `sk = HOLD#<reason>`."""

# serves: E-04

import math
from datetime import datetime
from typing import Any

from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import DynamoTable
from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.errors import ConflictError


class DynamoHolds(DynamoTable):
    """Keeps the port Holds. One item for each reason; lifting deletes it, and the history of the case tells of both."""

    def of(self, subject_key: str) -> list[Hold]:
        with translated_errors():
            answer = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="pk = :person AND begins_with(sk, :holds)",
                ExpressionAttributeValues=to_item({":person": f"PERSON#{subject_key}", ":holds": "HOLD#"}),
                ConsistentRead=True,
            )
        return sorted(map(_hold, answer["Items"]), key=lambda hold: hold.placed_at)

    def place(self, subject_key: str, hold: Hold) -> None:
        try:
            with translated_errors():
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=to_item(_key(subject_key, hold.reason) | hold.model_dump(mode="json")),
                    ConditionExpression="attribute_not_exists(pk) OR attribute_exists(expires_at)",
                )
        except ConflictError:
            return  # it was placed before

    def lift(self, subject_key: str, reason: HoldReason) -> bool:
        try:
            with translated_errors():
                self._dynamodb.delete_item(
                    TableName=self._table,
                    Key=to_item(_key(subject_key, reason)),
                    ConditionExpression="attribute_exists(pk)",
                )
        except ConflictError:
            return False
        return True

    def end(self, subject_key: str, reason: HoldReason, *, at: datetime) -> None:
        try:
            with translated_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=to_item(_key(subject_key, reason)),
                    UpdateExpression="SET expires_at = :at",
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeValues=to_item({":at": math.ceil(at.timestamp())}),
                )
        except ConflictError:
            return  # there is none


def _key(subject_key: str, reason: HoldReason) -> dict[str, str]:
    return {"pk": f"PERSON#{subject_key}", "sk": f"HOLD#{reason}"}


def _hold(item: Any) -> Hold:
    plain = from_item(item)
    return Hold.model_validate({name: plain[name] for name in Hold.model_fields})
