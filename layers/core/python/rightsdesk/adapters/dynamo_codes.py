"""The live code of a request, its counters, and the tokens of waiting workflow states, in the case table."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rightsdesk.adapters.dynamo_cases import end_of_case
from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import DynamoTable
from rightsdesk.adapters.dynamo_windows import spend_in_window
from rightsdesk.domain.errors import ConflictError
from rightsdesk.ports.codes import IssuedCode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DAY_COUNTER_LIVES = timedelta(days=2)


class DynamoCodeStore(DynamoTable):
    """Keeps the port CodeStore. A code is one item; tries of the code and of the day stand beside it.

    It goes by itself once its day is over, so that the codes by which a closed case is looked at leave nothing.
    """

    def issue(self, request_id: str, code: IssuedCode, *, at: datetime, min_gap: timedelta, per_day: int) -> bool:
        """The count of the day's tries stays; the count of the day's codes goes up with each."""
        values = {
            ":purpose": code.purpose,
            ":digest": code.digest,
            ":ends": code.expires_at.isoformat(),
            ":now": at.isoformat(),
            ":earlier": (at - min_gap).isoformat(),
            ":today": _day(at),
            ":zero": 0,
            ":one": 1,
            ":gone": int((at + _DAY_COUNTER_LIVES).timestamp()),
        }
        fresh = (
            "SET purpose = :purpose, digest = :digest, ends = :ends, code_tries = :zero, issued_at = :now, "
            "expires_at = :gone"
        )
        gap = "(attribute_not_exists(digest) OR issued_at <= :earlier)"  # a code that was used makes way for the next
        return (
            self._today_or_new_day(
                _code_key(request_id),
                today=(f"{fresh} ADD codes_today :one", f"code_day = :today AND codes_today < :most AND {gap}"),
                new_day=(
                    f"{fresh}, codes_today = :one, code_day = :today",
                    f"(attribute_not_exists(code_day) OR code_day <> :today) AND {gap}",
                ),
                values=values,
                most=per_day,
            )
            is not None
        )

    def count_try(self, request_id: str, *, at: datetime, per_code: int, per_day: int) -> IssuedCode | None:
        item = self._today_or_new_day(
            _code_key(request_id),
            today=(
                "ADD code_tries :one, tries_today :one",
                "try_day = :today AND tries_today < :most AND code_tries < :per_code AND attribute_exists(digest)",
            ),
            new_day=(
                "SET tries_today = :one, try_day = :today ADD code_tries :one",
                "(attribute_not_exists(try_day) OR try_day <> :today) AND code_tries < :per_code "
                "AND attribute_exists(digest)",
            ),
            values={":today": _day(at), ":one": 1, ":per_code": per_code},
            most=per_day,
        )
        if item is None:
            return None
        return IssuedCode(
            purpose=item["purpose"],
            digest=item["digest"],
            expires_at=item["ends"],
            last_try=item["tries_today"] >= per_day,
        )

    def consume(self, request_id: str, digest: str) -> bool:
        try:
            with translated_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=to_item(_code_key(request_id)),
                    UpdateExpression="REMOVE digest",
                    ConditionExpression="digest = :digest",
                    ExpressionAttributeValues=to_item({":digest": digest}),
                )
        except ConflictError:
            return False
        return True

    def leave_evidence(self, request_id: str, *, order_number: str, postcode: str, expires_at: datetime) -> None:
        values = {"order_number": order_number, "postcode": postcode, "expires_at": int(expires_at.timestamp())}
        with translated_errors():
            self._dynamodb.put_item(TableName=self._table, Item=to_item(_evidence_key(request_id) | values))

    def left_evidence(self, request_id: str) -> tuple[str, str] | None:
        with translated_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=to_item(_evidence_key(request_id)), ConsistentRead=True
            )
        item = from_item(answer.get("Item", {}))
        return (item["order_number"], item["postcode"]) if item else None

    def drop_evidence(self, request_id: str, evidence: tuple[str, str]) -> None:
        order_number, postcode = evidence
        with suppress(ConflictError), translated_errors():
            self._dynamodb.delete_item(
                TableName=self._table,
                Key=to_item(_evidence_key(request_id)),
                ConditionExpression="order_number = :number AND postcode = :postcode",
                ExpressionAttributeValues=to_item({":number": order_number, ":postcode": postcode}),
            )

    def count_evidence_try(self, key: str, *, at: datetime, per_day: int) -> bool:
        """One item a key and day; it goes by itself."""
        try:
            with translated_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=to_item({"pk": f"TRIES#{key}", "sk": _day(at)}),
                    UpdateExpression="SET expires_at = :ends ADD tries :one",
                    ConditionExpression="attribute_not_exists(tries) OR tries < :most",
                    ExpressionAttributeValues=to_item(
                        {":one": 1, ":most": per_day, ":ends": int((at + _DAY_COUNTER_LIVES).timestamp())}
                    ),
                )
        except ConflictError:
            return False
        return True

    def _today_or_new_day(
        self,
        key: Mapping[str, Any],
        *,
        today: tuple[str, str],
        new_day: tuple[str, str],
        values: Mapping[str, Any],
        most: int,
    ) -> dict[str, Any] | None:
        """The item after one counted write, or None where a limit holds.

        A day's counter starts anew at the first write of a day. That is tried first: for most requests it is the only
        one. Of two such writes at once, the second finds the day begun, and counts in it.
        """
        attempts = ((*new_day, None), (*today, most))
        for update, condition, limit in attempts:
            used = {name: value for name, value in values.items() if name in f"{update} {condition}"}
            if limit is not None:
                used[":most"] = limit
            try:
                with translated_errors():
                    answer = self._dynamodb.update_item(
                        TableName=self._table,
                        Key=to_item(key),
                        UpdateExpression=update,
                        ConditionExpression=condition,
                        ExpressionAttributeValues=to_item(used),
                        ReturnValues="ALL_NEW",
                    )
            except ConflictError:
                continue
            return from_item(answer["Attributes"])
        return None


class DynamoTaskTokens(DynamoTable):
    """Keeps the port TaskTokens."""

    def park(self, request_id: str, task: str, token: str) -> None:
        """Also of a case that was closed meanwhile, which lets go of its tokens then: that one goes with the case."""
        values = {"token": token, "expires_at": end_of_case(self._dynamodb, self._table, request_id)}
        with translated_errors():
            self._dynamodb.put_item(TableName=self._table, Item=to_item(_task_key(request_id, task) | values))

    def parked(self, request_id: str, task: str) -> str | None:
        with translated_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=to_item(_task_key(request_id, task)), ConsistentRead=True
            )
        return from_item(answer["Item"])["token"] if "Item" in answer else None


class DynamoMailBudget(DynamoTable):
    """Keeps the port MailBudget: in the person table, since it outlives a case and belongs to an address.

    `share`: what an address gets as one thing takes nothing from what it gets as another.
    """

    def __init__(
        self, table: str, dynamodb: "DynamoDBClient | None" = None, *, share: str = "MAIL", per_day: int = 3
    ) -> None:
        super().__init__(table, dynamodb)
        self._share = share
        self._per_day = per_day

    def spend(self, subject_key: str, *, what: str, at: datetime, min_gap: timedelta) -> bool:
        return spend_in_window(
            self._dynamodb,
            self._table,
            {"pk": f"PERSON#{subject_key}", "sk": self._share},
            what=what,
            at=at,
            window=timedelta(days=1),
            most=self._per_day,
            min_gap=min_gap,
        )


def _code_key(request_id: str) -> dict[str, Any]:
    return {"pk": f"REQ#{request_id}", "sk": "CODE"}


def _evidence_key(request_id: str) -> dict[str, Any]:
    return {"pk": f"REQ#{request_id}", "sk": "EVIDENCE"}


def _task_key(request_id: str, task: str) -> dict[str, Any]:
    return {"pk": f"REQ#{request_id}", "sk": f"TASK#{task}"}


def _day(at: datetime) -> str:
    return at.date().isoformat()
