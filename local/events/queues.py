"""Queues that functions read, and the relays behind topics and rules."""

import json
from contextlib import suppress
from typing import Any

from moto.sqs.models import sqs_backends

from local.account import ACCOUNT, REGION, Clients
from local.deployment import EventSource, Relay
from local.events.patterns import matches
from local.lambdas import Functions


class QueueReader:
    """Hands the messages of one queue to its function in batches; what the function took is deleted.

    What it did not take shows up again after the queue's visibility timeout, by the clock of the stack, and in the
    dead-letter queue when it was received as often as the queue allows.
    """

    def __init__(self, source: EventSource, *, functions: Functions, clients: Clients) -> None:
        self._source = source
        self._functions = functions
        self._sqs = clients("sqs")
        self._name = source.source.split(":")[-1]
        self._url: str = self._sqs.get_queue_url(QueueName=self._name)["QueueUrl"]

    def next_due(self) -> float | None:
        """When the next message shows up that is hidden or delayed now; seconds since the epoch."""
        queue: Any = sqs_backends[ACCOUNT][REGION].get_queue(self._name)
        kept = int(queue.message_retention_period) * 1000
        due = [
            at
            for message in list(queue._messages)
            if (at := max(message.visible_at, message.delayed_until)) < message.sent_timestamp + kept
            and not (message.visible and not message.delayed)
        ]
        return min(due) / 1000 if due else None

    def turn(self) -> int:
        """How many messages were handled."""
        if not _holds_any(self._name):
            return 0
        messages = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(10, self._source.batch_size),
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        if not messages:
            return 0
        wanted = [message for message in messages if self._wanted(message)]
        failed = self._deliver(wanted) if wanted else set()
        for message in messages:
            if message["MessageId"] not in failed:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def _wanted(self, message: dict[str, Any]) -> bool:
        """A message that no filter fits is deleted unread, as Lambda does."""
        if not self._source.filters:
            return True
        body = message["Body"]
        with suppress(ValueError):
            body = json.loads(body)
        return any(
            matches(pattern, {**_record(message, self._source.source), "body": body})
            for pattern in self._source.filters
        )

    def _deliver(self, messages: list[dict[str, Any]]) -> set[str]:
        """Returns the ids of the messages that the function did not take."""
        event = {"Records": [_record(message, self._source.source) for message in messages]}
        outcome = self._functions.invoke(self._source.function, json.dumps(event).encode())
        if outcome.failed:
            return {message["MessageId"] for message in messages}
        if self._source.partial_failures and outcome.value:
            return {failure["itemIdentifier"] for failure in outcome.value.get("batchItemFailures", [])}
        return set()


def _holds_any(queue: str) -> bool:
    """Whether a call is worth while: readers ask at every turn, and nearly always there is nothing."""
    return bool(sqs_backends[ACCOUNT][REGION].get_queue(queue)._messages)


def _record(message: dict[str, Any], source: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {_small_first(key): value for key, value in attribute.items()}
            for name, attribute in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": source,
        "awsRegion": REGION,
    }


def _small_first(name: str) -> str:
    return name[0].lower() + name[1:]


class RelayReader:
    """Hands on what a topic or a rule put into a relay queue, in the envelope that functions get from either."""

    def __init__(self, relay: Relay, *, functions: Functions, clients: Clients) -> None:
        self._relay = relay
        self._functions = functions
        self._sqs = clients("sqs")
        self._name = relay.queue_url.rsplit("/", 1)[-1]

    def turn(self) -> int:
        if not _holds_any(self._name):
            return 0
        messages = self._sqs.receive_message(QueueUrl=self._relay.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            body = json.loads(message["Body"])
            event = self._notification(body) if self._relay.kind == "sns" else body
            self._functions.invoke_later(self._relay.function, json.dumps(event).encode())
            self._sqs.delete_message(QueueUrl=self._relay.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def _notification(self, body: dict[str, Any]) -> dict[str, Any]:
        spelling = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}  # only here, at AWS
        sns = {spelling.get(name, name): value for name, value in body.items()}
        sns = {"Subject": None, "MessageAttributes": {}, **sns}
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self._relay.source,
            "Sns": sns,
        }
        return {"Records": [record]}
