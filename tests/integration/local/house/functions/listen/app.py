"""Notes every event that it hears of, as an item `HEARD`; fails for whatever says "fail"."""

import json
import os
import uuid
from typing import Any

import boto3
from house_shared import now  # type: ignore[import-not-found]


def lambda_handler(event: Any, context: Any) -> Any:
    if "fail" in json.dumps(event):
        if "Records" in event and event["Records"][0].get("eventSource") == "aws:sqs":
            bad = [record["messageId"] for record in event["Records"] if "fail" in record["body"]]
            return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}
        raise RuntimeError("asked to fail")
    boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(
        Item={"pk": "HEARD", "sk": f"{now()}#{uuid.uuid4()}", "event": json.dumps(event)}
    )
    return None
