"""Cases in DynamoDB: one partition for each, `pk = REQ#<id>`; a change and its event in one transaction.

REQUEST          the case, with the keys of the sparse indexes while it is open
EVENT#000001     its history
SOURCE#<name>    how collecting from one source went
ERASURE#<name>   what becomes of the rows of one source, and how far that is
LETTER#<...>     a letter: being sent, sent, and what became of it
SAME#<...>       one of the digests that the person's verified requests have in common, for `by_subject`
RECIPIENT#<...>  what a recipient of the data was told, and how far it is (dynamo_notices)
OPENDSR          how far the controller that handed it on was told that it is (dynamo_callbacks)
DECISION#<...>   what is done with the fields of one collection, and on which rules
CODE             the live code and its counters (dynamo_codes)
TASK#<name>      the token of a waiting workflow state (dynamo_codes)
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_history import events_under, write_both
from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import BATCH, in_batches, partition, transact, without_keys
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.errors import ConflictError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.letters import DeliveryState, LetterRecord
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, PrivacyRequest
from rightsdesk.ports.letters import CLAIM_LASTS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from rightsdesk.domain.erasure_plan import SourceErasure
    from rightsdesk.domain.shards import Shard

# Open cases are spread over a few index partitions, so that no partition is hot at a large merchant.
OPEN_SHARDS = 4

_INDEX_KEYS = ("open_shard", "target_key", "received_month")


class DynamoCaseStore:
    """Keeps the port CaseStore."""

    def __init__(self, table: str, dynamodb: "DynamoDBClient | None" = None) -> None:
        self._table = table
        # Every function needs this client: it is made at start-up, when Lambda lends a whole processor.
        self._dynamodb: DynamoDBClient = dynamodb or client("dynamodb")

    def create(self, case: PrivacyRequest, event: AuditEvent) -> None:
        put = {"Item": to_item(_case_item(case)), "ConditionExpression": "attribute_not_exists(pk)"}
        self._write(case, put, event, _known_by(case, ()))

    def save(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent) -> None:
        self.save_with(before, after, event)

    def save_with(
        self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent, also: Sequence[dict[str, Any]] = ()
    ) -> None:
        """`also`: what hangs on the case and must not change without it, as `write_both` takes it."""
        put = {
            "Item": to_item(_case_item(after)),
            "ConditionExpression": "#version = :version AND #status = :status",
            "ExpressionAttributeNames": {"#version": "version", "#status": "status"},
            "ExpressionAttributeValues": to_item({":version": before.version, ":status": before.status}),
        }
        self._write(after, put, event, (*also, *_known_by(after, before.person_keys)))

    def _write(
        self, case: PrivacyRequest, put: dict[str, Any], event: AuditEvent, also: Sequence[dict[str, Any]]
    ) -> None:
        pk = _pk(case.request_id)
        write_both(self._dynamodb, self._table, pk, put, event, also=also, expires_at=_end(case))

    def get(self, request_id: str) -> PrivacyRequest:
        with translated_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=to_item({"pk": _pk(request_id), "sk": "REQUEST"}), ConsistentRead=True
            )
        if "Item" not in answer:
            raise NotFoundError("no such request")
        return _case(answer["Item"])

    def find(self, reference: str) -> PrivacyRequest:
        with translated_errors():
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName="by_reference",
                KeyConditionExpression="#reference = :reference",
                ExpressionAttributeNames={"#reference": "reference"},
                ExpressionAttributeValues=to_item({":reference": reference}),
            )
        if not answer["Items"]:
            raise NotFoundError("no such request")
        # The index may lag behind: the case itself is read from the table.
        return self.get(from_item(answer["Items"][0])["pk"].removeprefix("REQ#"))

    def timeline(self, request_id: str) -> list[AuditEvent]:
        return events_under(self._dynamodb, self._table, _pk(request_id))

    def open_by_due_date(self, *, limit: int, cursor: str | None) -> tuple[list[PrivacyRequest], str | None]:
        """A page across the shards: each gives its next `limit`, the oldest of all are taken."""
        found: list[dict[str, Any]] = []
        for shard in range(OPEN_SHARDS):
            with translated_errors():
                found += self._dynamodb.query(
                    TableName=self._table,
                    IndexName="by_due_date",
                    KeyConditionExpression="open_shard = :shard AND target_key > :after",
                    ExpressionAttributeValues=to_item({":shard": f"OPEN#{shard}", ":after": cursor or "0"}),
                    Limit=limit + 1,
                )["Items"]
        ordered = sorted((from_item(item)["target_key"], item) for item in found)
        page = ordered[:limit]
        cases = [self.get(from_item(item)["pk"].removeprefix("REQ#")) for _, item in page]
        return cases, page[-1][0] if len(ordered) > limit else None

    def open_ids_due_by(self, day: date) -> Iterator[str]:
        for shard in range(OPEN_SHARDS):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                IndexName="by_due_date",
                KeyConditionExpression="open_shard = :shard AND target_key < :until",
                ExpressionAttributeValues=to_item(
                    {":shard": f"OPEN#{shard}", ":until": (day + timedelta(days=1)).isoformat()}
                ),
            )
            with translated_errors():
                for page in pages:
                    for item in page["Items"]:
                        yield from_item(item)["pk"].removeprefix("REQ#")

    def of_subject(self, subject_key: str) -> list[str]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by_subject",
            KeyConditionExpression="subject_key = :key",
            ExpressionAttributeValues=to_item({":key": subject_key}),
            ScanIndexForward=False,
        )
        with translated_errors():
            return [from_item(item)["pk"].removeprefix("REQ#") for page in pages for item in page["Items"]]

    def put_source(self, request_id: str, state: SourceState) -> None:
        """Written only while the case is open: what a closed case left behind must not be added to."""
        self._put_while_open(request_id, {"sk": f"SOURCE#{state.source}"} | state.model_dump(mode="json"))

    def put_erasure(self, request_id: str, state: "SourceErasure") -> None:
        key = _erasure_key(state.source, state.shard, state.shards)
        self._put_while_open(request_id, {"sk": key} | state.model_dump(mode="json"))

    def erasures(self, request_id: str) -> "dict[str, SourceErasure]":
        from rightsdesk.domain.erasure_plan import by_source  # few functions erase

        return by_source(self.erasure_shards(request_id))

    def erasure_shard(self, request_id: str, source: str, shard: "Shard") -> "SourceErasure | None":
        key = to_item({"pk": _pk(request_id), "sk": _erasure_key(source, shard.number, shard.of)})
        with translated_errors():
            item = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return _erasure(from_item(item)) if item else None

    def erasure_shards(self, request_id: str) -> "list[SourceErasure]":
        return [_erasure(item) for item in self._partition(request_id, "ERASURE#")]

    def _put_while_open(self, request_id: str, values: dict[str, Any]) -> None:
        item = to_item({"pk": _pk(request_id)} | values)
        transact(
            self._dynamodb,
            [
                {
                    "ConditionCheck": {
                        "TableName": self._table,
                        "Key": to_item({"pk": _pk(request_id), "sk": "REQUEST"}),
                        "ConditionExpression": "attribute_exists(pk) AND #status <> :closed",
                        "ExpressionAttributeNames": {"#status": "status"},
                        "ExpressionAttributeValues": to_item({":closed": "closed"}),
                    }
                },
                {"Put": {"TableName": self._table, "Item": item}},
            ],
        )

    def sources(self, request_id: str) -> dict[str, SourceState]:
        items = self._partition(request_id, "SOURCE#")
        states = [SourceState.model_validate(without_keys(item)) for item in items]
        return {state.source: state for state in states}

    def claim_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime) -> bool:
        key = _letter_key(request_id, letter, recipient_key, version)
        try:
            with translated_errors():
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=to_item(
                        key
                        | {
                            "letter": letter,
                            "recipient_key": recipient_key,
                            "version": version,
                            "claimed_at": int(at.timestamp()),
                            "state": DeliveryState.PENDING,
                            "at": at.isoformat(),
                            "expires_at": end_of_case(self._dynamodb, self._table, request_id),
                        }
                    ),
                    ConditionExpression="attribute_not_exists(pk) OR "
                    "(attribute_not_exists(sent_at) AND (claimed_at <= :left_behind OR #state = :failed))",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues=to_item(
                        {":left_behind": int((at - CLAIM_LASTS).timestamp()), ":failed": DeliveryState.FAILED}
                    ),
                )
        except ConflictError as error:
            with translated_errors():
                claim = self._dynamodb.get_item(TableName=self._table, Key=to_item(key), ConsistentRead=True)
            if "sent_at" not in claim.get("Item", {}):
                raise ServiceUnavailableError("the letter is being sent") from error
            return False
        return True

    def letter_sent(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime, sha256: str
    ) -> None:
        key = to_item(_letter_key(request_id, letter, recipient_key, version))
        try:
            with translated_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=key,
                    UpdateExpression="SET sent_at = :now, sha256 = :sha256, #state = :sent, #at = :now",
                    ConditionExpression="#state = :pending",
                    ExpressionAttributeNames={"#state": "state", "#at": "at"},
                    ExpressionAttributeValues=to_item(
                        {
                            ":now": at.isoformat(),
                            ":sha256": sha256,
                            ":sent": DeliveryState.SENT,
                            ":pending": DeliveryState.PENDING,
                        }
                    ),
                )
        except ConflictError:  # news of it was faster
            with translated_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=key,
                    UpdateExpression="SET sent_at = :now, sha256 = :sha256",
                    ExpressionAttributeValues=to_item({":now": at.isoformat(), ":sha256": sha256}),
                )

    def release_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int) -> None:
        with translated_errors():
            self._dynamodb.delete_item(
                TableName=self._table, Key=to_item(_letter_key(request_id, letter, recipient_key, version))
            )

    def letter_news(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, state: DeliveryState, at: datetime
    ) -> bool:
        older = [known for known in DeliveryState if known.may_become(state)]
        names = {f":older{number}": known for number, known in enumerate(older)}
        sent = ", sent_at = if_not_exists(sent_at, :at)" if state.was_sent else ""
        try:
            with translated_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=to_item(_letter_key(request_id, letter, recipient_key, version)),
                    UpdateExpression=f"SET #state = :state, #at = :at{sent}",
                    ConditionExpression=f"attribute_exists(pk) AND #state IN ({', '.join(names)})",
                    ExpressionAttributeNames={"#state": "state", "#at": "at"},
                    ExpressionAttributeValues=to_item({":state": state, ":at": at.isoformat()} | names),
                )
        except ConflictError:
            return False
        return True

    def letters(self, request_id: str) -> list[LetterRecord]:
        kept = LetterRecord.model_fields.keys()
        records = [
            LetterRecord.model_validate({name: value for name, value in item.items() if name in kept})
            for item in self._partition(request_id, "LETTER#")
        ]
        return sorted(records, key=lambda record: (record.sent_at or record.at, record.letter, record.version))

    def put_decisions(self, request_id: str, decisions: Sequence[FieldDecision]) -> None:
        by_collection: dict[str, list[dict[str, Any]]] = {}
        for number, decision in enumerate(decisions):
            entry = {"place": number} | decision.model_dump(mode="json", exclude_none=True)
            by_collection.setdefault(decision.field.rpartition(".")[0], []).append(entry)
        end = end_of_case(self._dynamodb, self._table, request_id)
        for collection, entries in by_collection.items():
            key = {"pk": _pk(request_id), "sk": f"DECISION#{collection}"}
            with translated_errors():
                self._dynamodb.put_item(
                    TableName=self._table, Item=to_item(key | {"decisions": entries, "expires_at": end})
                )

    def decisions(self, request_id: str) -> list[FieldDecision]:
        entries = [entry for item in self._partition(request_id, "DECISION#") for entry in item["decisions"]]
        return [
            FieldDecision.model_validate({name: value for name, value in entry.items() if name != "place"})
            for entry in sorted(entries, key=lambda entry: entry["place"])
        ]

    def received_in(self, month: str) -> Iterator[PrivacyRequest]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="by_month",
            KeyConditionExpression="received_month = :month",
            ExpressionAttributeValues=to_item({":month": month}),
            PaginationConfig={"PageSize": BATCH},
        )
        with translated_errors():
            for page in pages:
                keys = [{"pk": item["pk"], "sk": item["sk"]} for item in page["Items"]]
                yield from map(_case, in_batches(self._dynamodb, self._table, keys))

    def retire(self, request_id: str, *, expires_at: datetime) -> None:
        """What a closed case leaves: history and letters go with the case, codes and task tokens go now."""
        for item in self._partition(request_id, ""):
            key = to_item({"pk": item["pk"], "sk": item["sk"]})
            with translated_errors():
                if item["sk"] in ("CODE", "EVIDENCE") or item["sk"].startswith("TASK#"):
                    self._dynamodb.delete_item(TableName=self._table, Key=key)
                elif item["sk"] != "REQUEST":
                    self._dynamodb.update_item(
                        TableName=self._table,
                        Key=key,
                        UpdateExpression="SET expires_at = :end",
                        ExpressionAttributeValues=to_item({":end": int(expires_at.timestamp())}),
                    )

    def _partition(self, request_id: str, prefix: str) -> list[dict[str, Any]]:
        return partition(self._dynamodb, self._table, _pk(request_id), prefix)


def end_of_case(dynamodb: "DynamoDBClient", table: str, request_id: str) -> int | None:
    """`expires_at` of a closed case, for what is still written about it. None while it is open, and of what is no case.

    What stands there before it is closed gets its end by `retire`.
    """
    with translated_errors():
        answer = dynamodb.get_item(
            TableName=table,
            Key=to_item({"pk": _pk(request_id), "sk": "REQUEST"}),
            ProjectionExpression="expires_at",
            ConsistentRead=True,
        )
    end: int | None = from_item(answer.get("Item", {})).get("expires_at")
    return end


def _pk(request_id: str) -> str:
    return f"REQ#{request_id}"


def _known_by(case: PrivacyRequest, before: Sequence[str]) -> list[dict[str, Any]]:
    """What makes a verified case findable by each identifier of the person. Written with the case, gone with it."""
    at = case.received_at.isoformat()
    return [
        {"Item": to_item({"pk": _pk(case.request_id), "sk": f"SAME#{key}", "subject_key": key, "received_at": at})}
        for key in case.person_keys
        if key not in before
    ]


def _erasure_key(source: str, shard: int, shards: int) -> str:
    return f"ERASURE#{source}" if shards == 1 else f"ERASURE#{source}#{shard:04d}"


def _erasure(item: dict[str, Any]) -> "SourceErasure":
    from rightsdesk.domain.erasure_plan import SourceErasure

    return SourceErasure.model_validate(without_keys(item))


def _letter_key(request_id: str, letter: str, recipient_key: str, version: int) -> dict[str, str]:
    return {"pk": _pk(request_id), "sk": f"LETTER#{letter}#{recipient_key[:16]}#{version}"}


def _case_item(case: PrivacyRequest) -> dict[str, Any]:
    item = {"pk": _pk(case.request_id), "sk": "REQUEST"} | case.model_dump(mode="json", exclude_none=True)
    item["received_month"] = case.received_at.astimezone(UTC).strftime("%Y-%m")
    if case.swept_from is not None:
        item["open_shard"] = f"OPEN#{int(case.request_id[:8], 16) % OPEN_SHARDS}"
        item["target_key"] = f"{case.swept_from.isoformat()}#{case.request_id}"
    if (end := _end(case)) is not None:
        item["expires_at"] = end
    return item


def _end(case: PrivacyRequest) -> int | None:
    return int((case.closed_at + KEPT_AFTER_CLOSING).timestamp()) if case.closed_at else None


def _case(item: Any) -> PrivacyRequest:
    return PrivacyRequest.model_validate(without_keys(from_item(item), *_INDEX_KEYS))
