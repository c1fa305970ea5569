"""A request is submitted, many times, in a process of its own: by our handler, and by a plain one.

Each prints one JSON object: the processor time of a call in seconds, in the quickest of many batches and without that
of the stub, and the AWS calls it made.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from tests.benchmarks.aws_stub import Reply, StubbedAws

BATCH, BATCHES = 40, 12
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class Context:
    """What Lambda hands to a handler."""

    function_name = "public_api"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:public_api"
    aws_request_id = "3c7ca1da-d830-4d2b-821f-3cfe784198b5"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def answer(operation: str, _request: Any) -> Reply:
    match operation:
        case "sfn.StartExecution":
            return Reply(b'{"executionArn":"arn:aws:states:eu-west-1:123456789012:execution:x:y","startDate":1.0}')
        case "secrets-manager.GetSecretValue":
            return Reply(json.dumps({"SecretString": "0123456789abcdef" * 4}).encode())
    return Reply(b"{}")


def ours() -> tuple[Handler, StubbedAws]:
    """`functions/public_api/app.py`, as it is deployed."""
    import app  # type: ignore[import-not-found]  # of the function, on the path of its process

    from rightsdesk.adapters.clients import client

    aws = StubbedAws(answer)
    for service in ("dynamodb", "stepfunctions", "secretsmanager"):
        aws.attach(client(service))
    handler: Handler = app.lambda_handler
    return handler, aws


def floor() -> tuple[Handler, StubbedAws]:
    """The least that one would write: a model, the same two items, the same two executions. No rules and no log."""
    import boto3
    from pydantic import BaseModel, ConfigDict, Field

    class Body(BaseModel):
        model_config = ConfigDict(extra="forbid")

        type: list[Literal["access", "portability"]]
        email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)
        name: str = Field(min_length=1, max_length=200)
        country: str = Field(pattern="^[A-Z]{2}$")
        language: Literal["en", "ja"]
        order_number: str | None = Field(default=None, max_length=64)
        details: str | None = Field(default=None, max_length=600)

    dynamodb, stepfunctions = boto3.client("dynamodb"), boto3.client("stepfunctions")
    aws = StubbedAws(answer)
    aws.attach(dynamodb)
    aws.attach(stepfunctions)
    machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:"

    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        body = Body.model_validate_json(event["body"])
        now = datetime.now(UTC)
        due = (now + timedelta(days=30)).date().isoformat()
        request_id = uuid4().hex
        case: dict[str, Any] = {
            "pk": {"S": f"REQ#{request_id}"},
            "sk": {"S": "REQUEST"},
            "request_id": {"S": request_id},
            "reference": {"S": f"RD-{request_id[:8]}"},
            "types": {"L": [{"S": kind} for kind in body.type]},
            "status": {"S": "received"},
            "received_at": {"S": now.isoformat()},
            "language": {"S": body.language},
            "country": {"S": body.country},
            "name": {"S": body.name},
            "email": {"S": body.email.lower()},
            "order_number": {"S": body.order_number or ""},
            "details": {"S": body.details or ""},
            "due": {"M": {"due_on": {"S": due}, "target_on": {"S": due}, "received_on": {"S": now.date().isoformat()}}},
            "open_shard": {"S": "OPEN#1"},
            "target_key": {"S": f"{due}#{request_id}"},
            "version": {"N": "1"},
        }
        happened: dict[str, Any] = {
            "pk": {"S": f"REQ#{request_id}"},
            "sk": {"S": "EVENT#000001"},
            "type": {"S": "received"},
            "at": {"S": now.isoformat()},
            "actor": {"S": "subject"},
            "details": {"M": {"door": {"S": "api"}, "due_on": {"S": due}}},
        }
        new = "attribute_not_exists(pk)"
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "cases", "Item": case, "ConditionExpression": new}},
                {"Put": {"TableName": "cases", "Item": happened, "ConditionExpression": new}},
            ]
        )
        for name in ("privacy-request", "deadline-watch"):
            stepfunctions.start_execution(
                stateMachineArn=machine + name,
                name=f"{request_id}-1",
                input=json.dumps({"request_id": request_id, "attempt": 1}),
            )
        answered = {"reference": case["reference"]["S"], "received_at": now.isoformat(), "status": "received"}
        return {"statusCode": 202, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answered)}

    return handler, aws


def main(side: str, event: dict[str, Any]) -> None:
    handler, aws = {"ours": ours, "floor": floor}[side]()
    batches = []
    for batch in range(BATCHES + 1):
        aws.seconds = 0.0
        started = time.process_time()
        for _ in range(BATCH):
            answered = handler(event, Context())
            assert answered["statusCode"] == 202, answered
        if batch:  # the first warms up
            batches.append((time.process_time() - started - aws.seconds) / BATCH)
    calls = {name: count / BATCH / (BATCHES + 1) for name, count in aws.calls.items()}
    print(json.dumps({"seconds": min(batches), "calls": calls}))
