"""Runs functions: at once, or asynchronously with retries and somewhere to put what fails.

How a function runs is a Runner: `in_process.InProcess` (fast, for tests) or `workers.Workers` (one process each, as on
Lambda). Both answer in Lambda's own format of errors.
"""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from local.account import Clients
from local.deployment import AsyncPolicy, Deployment, Function

PAYLOAD_LIMIT: Final = 6 * 1024 * 1024  # bytes, each way, of a synchronous invocation
ASYNC_PAYLOAD_LIMIT: Final = 1024 * 1024
SLACK: Final = 100_000  # Lambda lets a response be a little larger, for its envelope


class PayloadTooLargeError(Exception):
    """The event is larger than Lambda takes."""


@dataclass(frozen=True)
class Outcome:
    """What an invocation gave: the function's JSON, or Lambda's JSON about its error."""

    failed: bool
    payload: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.payload) if self.payload else None

    @classmethod
    def error(cls, error_type: str, message: str) -> "Outcome":
        return cls(True, json.dumps({"errorType": error_type, "errorMessage": message}).encode())


class Runner(Protocol):
    def run(self, function: Function, payload: bytes) -> Outcome: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Failure:
    """An asynchronous invocation that failed for good."""

    function: str  # logical id
    payload: bytes
    outcome: Outcome


class Functions:
    """Every function of the stack, by name, ARN or logical id."""

    def __init__(self, deployment: Deployment, *, runner: Runner, clients: Clients) -> None:
        self._deployment = deployment
        self._runner = runner
        self._clients = clients
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="async-invocation")
        self._lock = threading.Lock()
        self._under_way = 0
        self.failures: list[Failure] = []

    @property
    def idle(self) -> bool:
        return self._under_way == 0

    def invoke(self, name: str, payload: bytes) -> Outcome:
        """Waits for the answer. Raises KeyError for no such function, PayloadTooLargeError."""
        function = self._deployment.function(name)
        if len(payload) > PAYLOAD_LIMIT:
            raise PayloadTooLargeError(f"{len(payload)} bytes are more than {PAYLOAD_LIMIT}")
        with self._counted():
            outcome = self._runner.run(function, payload)
        if len(outcome.payload) > PAYLOAD_LIMIT + SLACK:
            size = len(outcome.payload)
            return Outcome.error(
                "Function.ResponseSizeTooLarge",
                f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).",
            )
        return outcome

    def invoke_later(self, name: str, payload: bytes) -> None:
        """Returns at once; the invocation is tried again as the function's policy says, without pause."""
        function = self._deployment.function(name)
        if len(payload) > ASYNC_PAYLOAD_LIMIT:
            raise PayloadTooLargeError(f"{len(payload)} bytes are more than {ASYNC_PAYLOAD_LIMIT}")
        with self._lock:
            self._under_way += 1
        self._pool.submit(self._run_later, function, payload)

    def answer_moto(self, name: str, payload: bytes, *, asynchronous: bool) -> tuple[bool, bytes]:
        """The hook for `moto_fixes.run_functions_here`."""
        if asynchronous:
            self.invoke_later(name, payload)
            return False, b""
        outcome = self.invoke(name, payload)
        return outcome.failed, outcome.payload

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._runner.close()

    def _counted(self) -> "_Counted":
        return _Counted(self)

    def _run_later(self, function: Function, payload: bytes) -> None:
        try:
            policy = self._deployment.policies.get(function.name, AsyncPolicy())
            for _ in range(policy.retries + 1):
                outcome = self._runner.run(function, payload)
                if not outcome.failed:
                    break
            if outcome.failed:
                self.failures.append(Failure(function.logical_id, payload, outcome))
                self._give_up(function, policy, payload, outcome)
            elif policy.on_success:
                self._report(function, policy.on_success, payload, outcome, "Success", policy.retries)
        finally:
            with self._lock:
                self._under_way -= 1

    def _give_up(self, function: Function, policy: AsyncPolicy, payload: bytes, outcome: Outcome) -> None:
        if policy.on_failure:
            self._report(function, policy.on_failure, payload, outcome, "RetriesExhausted", policy.retries)
        if function.dead_letter:
            error = {"DataType": "String", "StringValue": str(outcome.value.get("errorMessage", ""))[:1024] or "-"}
            attributes = {
                "RequestID": {"DataType": "String", "StringValue": str(uuid.uuid4())},
                "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                "ErrorMessage": error,
            }
            send(self._clients, function.dead_letter, payload.decode(), attributes)

    def _report(
        self, function: Function, destination: str, payload: bytes, outcome: Outcome, condition: str, retries: int
    ) -> None:
        record = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{function.arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": retries + 1 if outcome.failed else 1,
            },
            "requestPayload": json.loads(payload or b"null"),
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                **({"functionError": "Unhandled"} if outcome.failed else {}),
            },
            "responsePayload": outcome.value,
        }
        send(self._clients, destination, json.dumps(record))


class _Counted:
    """Counts an invocation as under way while it runs."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def __enter__(self) -> None:
        with self._functions._lock:
            self._functions._under_way += 1

    def __exit__(self, *_: object) -> None:
        with self._functions._lock:
            self._functions._under_way -= 1


def send(clients: Clients, destination: str, body: str, attributes: dict[str, Any] | None = None) -> None:
    """Puts `body` into the queue or topic with the ARN `destination`."""
    if ":sqs:" in destination:
        queue = clients("sqs").get_queue_url(QueueName=destination.split(":")[-1])["QueueUrl"]
        clients("sqs").send_message(QueueUrl=queue, MessageBody=body, MessageAttributes=attributes or {})
    elif ":sns:" in destination:
        clients("sns").publish(TopicArn=destination, Message=body, MessageAttributes=attributes or {})
    else:
        raise ValueError(f"what failed cannot be sent to {destination} here: only to a queue or a topic")
