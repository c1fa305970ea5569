"""Streams of tables that functions read."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local.account import ACCOUNT, REGION, Clients
from local.deployment import EventSource
from local.events.patterns import matches
from local.lambdas import Functions, Outcome, send

FOR_EVER = 20  # attempts, where the template sets no limit: nothing may hang here


class StreamReader:
    """Hands the records of one table's stream to its function, in order, in batches.

    A batch that fails is tried again at once, whole or in halves, as often as the template says; then it is reported
    to the failure destination and left behind, so that the stream goes on.
    """

    def __init__(self, source: EventSource, *, functions: Functions, clients: Clients) -> None:
        self._source = source
        self._functions = functions
        self._clients = clients
        self._streams = clients("dynamodbstreams")
        shards = self._streams.describe_stream(StreamArn=source.source)["StreamDescription"]["Shards"]
        self._shard: str = shards[0]["ShardId"]
        table = source.source.split("/")[1]
        self._written: Any = dynamodb_backends[ACCOUNT][REGION].tables[table].stream_shard
        self._read = 0  # records
        self._iterator: str = self._streams.get_shard_iterator(
            StreamArn=source.source, ShardId=self._shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]

    def turn(self) -> int:
        """How many records were handled."""
        if len(self._written.items) == self._read:  # nearly always; a call for each turn would be felt
            return 0
        page = self._streams.get_records(ShardIterator=self._iterator, Limit=min(1000, self._source.batch_size))
        self._iterator = page["NextShardIterator"]
        self._read += len(page["Records"])
        records = [self._record(record) for record in page["Records"]]
        wanted = [record for record in records if self._wanted(record)]
        if wanted:
            self._deliver(wanted, attempts=self._source.retries if self._source.retries >= 0 else FOR_EVER)
        return len(records)

    def _wanted(self, record: dict[str, Any]) -> bool:
        return not self._source.filters or any(matches(pattern, record) for pattern in self._source.filters)

    def _deliver(self, records: list[dict[str, Any]], *, attempts: int) -> None:
        outcome = self._functions.invoke(self._source.function, json.dumps({"Records": records}).encode())
        left = self._left(records, outcome)
        if not left:
            return
        if attempts == 0:
            self._report(left, outcome)
        elif self._source.bisect and len(left) > 1 and len(left) == len(records):
            middle = len(left) // 2
            self._deliver(left[:middle], attempts=attempts - 1)
            self._deliver(left[middle:], attempts=attempts - 1)
        else:
            self._deliver(left, attempts=attempts - 1)

    def _left(self, records: list[dict[str, Any]], outcome: Outcome) -> list[dict[str, Any]]:
        """The records from the first one on that the function did not take."""
        if outcome.failed:
            return records
        if not self._source.partial_failures or not outcome.value:
            return []
        failures = {failure["itemIdentifier"] for failure in outcome.value.get("batchItemFailures", [])}
        for position, record in enumerate(records):
            if record["dynamodb"]["SequenceNumber"] in failures:
                return records[position:]
        return []

    def _record(self, record: dict[str, Any]) -> dict[str, Any]:
        change = _json_attributes(record["dynamodb"])
        change["ApproximateCreationDateTime"] = int(record["dynamodb"]["ApproximateCreationDateTime"].timestamp())
        return {**record, "eventSourceARN": self._source.source, "dynamodb": change}

    def _report(self, records: list[dict[str, Any]], outcome: Outcome) -> None:
        if self._source.on_failure is None:
            return
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        body = {
            "requestContext": {
                "requestId": "local",
                "functionArn": self._source.function,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": self._source.retries + 1,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "DDBStreamBatchInfo": {
                "shardId": self._shard,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _iso(first["ApproximateCreationDateTime"]),
                "approximateArrivalOfLastRecord": _iso(last["ApproximateCreationDateTime"]),
                "batchSize": len(records),
                "streamArn": self._source.source,
            },
        }
        send(self._clients, self._source.on_failure, json.dumps(body))


def _json_attributes(value: Any) -> Any:
    """As JSON has it: binary as base64."""
    if isinstance(value, dict):
        return {key: _json_attributes(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json_attributes(item) for item in value]
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
