"""The tasks of the test machine. An item `DOWN` in the table makes the source unavailable."""

import os
from typing import Any

import boto3


class SourceUnavailableError(Exception):
    """The source is down; another attempt may help."""


def lambda_handler(event: Any, context: Any) -> Any:
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    if event["step"] == "ask":
        table.put_item(Item={"pk": event["id"], "sk": "TOKEN", "token": event["token"]})
        return None
    if "Item" in table.get_item(Key={"pk": "DOWN", "sk": "DOWN"}):
        raise SourceUnavailableError("down")
    table.put_item(Item={"pk": event["id"], "sk": "EVENT#000001"})
    return {"done": True}
