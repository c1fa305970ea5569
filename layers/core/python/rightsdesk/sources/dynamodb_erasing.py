"""Erasing and correcting in DynamoDB tables (GDPR 16, 17): find the rows, then write those that are as they were found.

Finding reads what is in the table now. An index only says where a row may be: the row itself is read by its key, and
counts only if it is still under the value that was searched (an index lags, and a row may have passed to others).

Carrying out reads each row again and compares the digest of all of it. A row is deleted, or exactly the attributes that
go are removed, or those that are wrong replaced, each by a value of the type that it had; no item is ever written back,
so what stays keeps its type, digit by digit. A change between that read
and the write is met by the condition of the write: the key, the attributes that go, those that identify, and all others
are equal to what was read, type included, and no attribute that goes or that the data map describes has come. What a
condition can hold ends at 150 comparisons and 4 KB (DynamoDB counts 300 operators). So in that moment, and only then:

- an attribute that the map does not describe can come unseen: it goes with a row that is deleted, and stays in one that
  is reduced or corrected;
- of a row with more attributes than a condition holds, the last, in that order, can change unseen: they go with a row
  that is deleted, and stay in one that is reduced or corrected, unless more than 149 go: then the change goes with
  them.

A transaction is carried out whole or not at all. Run again after a death, rows that are done are told by what is left.
"""

# serves: E-03, E-04

import base64
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from botocore.exceptions import ClientError
from pydantic import JsonValue

from rightsdesk.domain.datamap import TableCollection, WayIn
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.errors import SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.records import Record, plain_bytes
from rightsdesk.sources.dynamodb import BATCH, PATIENCE, Item, get_batch, key_value, query_pages
from rightsdesk.sources.dynamodb_items import offer_fast_pages, record_of, sendable
from rightsdesk.sources.failures import answer_code, reading

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BYTES = 2_000_000  # of a transaction, which ends at 4 MB: a row may count twice, as it is and in its condition
_COMPARISONS = 150  # with what joins them, 299 operators
_EXPRESSION = 4096  # bytes
_UPDATED = frozenset({RowFate.REDUCE, RowFate.CORRECT})  # a part of the row is written
_BUSY = {"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}  # of a row in a transaction


class _Hit(NamedTuple):
    """Where a search says that a row is. `item`: the row, unless it was an index that said so."""

    place: str
    way: WayIn
    key: dict[str, str]
    item: Item | None


class _Write(NamedTuple):
    row: RowFound
    action: dict[str, Any]
    after: str | None
    size: int  # bytes, at least what DynamoDB counts


class DynamoEraser:
    """Erases and corrects in table collections. `client` may be shared, as with `DynamoReader`."""

    def __init__(self, client: "DynamoDBClient", *, sleep: Callable[[float], None] = time.sleep) -> None:
        offer_fast_pages(client)
        self._client = client
        self._sleep = sleep
        self._described: dict[str, tuple[str, ...]] = {}

    def find(
        self, collection: TableCollection, identifier: str, values: Iterable[str], rule: Callable[[Record], RowChange]
    ) -> Iterator[RowFound]:
        """Every row that these values open, once, with what `rule` says of it; those that are kept, too.

        SourceBrokenError where the rule wants a part of the key removed or replaced: such a row can only be deleted or
        kept; and where a value can't be one of the type that is held.
        """
        keys = self._keys(collection)
        given: set[bytes] = set()
        for place, item in self._whole(collection, self._hits(collection, keys, identifier, values)):
            before = _digest(item)
            # By its content, too: were `keys` not the whole key of the table, rows of a partition would look like one.
            row = sha256(f"{place} {before}".encode()).digest()
            if row in given:
                continue
            given.add(row)
            change = rule(record_of(item))
            _check_change(collection.table, keys, change)
            expected = _digest(_left(collection.table, item, change)) if change.fate in _UPDATED else None
            yield RowFound(collection=collection.path, place=place, before=before, change=change, expected=expected)

    def carry_out(self, collection: TableCollection, rows: Iterable[RowFound]) -> Iterator[RowDone]:
        """What came of each row, in no certain order; nothing of those that are kept, which are not even read.

        SourceUnavailableError where trying again may help: what was written is then found done.
        """
        wanted = (row for row in rows if row.change.fate is not RowFate.KEEP)
        while batch := {(row.place, row.before): row for row in islice(wanted, BATCH)}:  # a row named twice: once
            for row in batch.values():
                _check_row(collection, row)
            now = self._get(collection.table, dict.fromkeys(place for place, _ in batch))
            writes: list[_Write] = []
            for row in batch.values():
                item = now.get(row.place)
                form = _form(item) if item is not None else None
                done = _seen(row, form)
                if done is not None:
                    yield done
                elif item is not None and form is not None:
                    writes.append(_write(collection, row, item, len(form)))
            del now
            for some in _transactions(writes):
                yield from self._write(collection.table, some)

    def remains(
        self, collection: TableCollection, identifier: str, values: Iterable[str], rule: Callable[[Record], RowChange]
    ) -> int:
        """Searches again: the rows that are still to be deleted, or to be reduced by something that they have."""
        return sum(
            row.change.fate is RowFate.DELETE or (row.change.fate in _UPDATED and row.expected != row.before)
            for row in self.find(collection, identifier, values, rule)
        )

    def _keys(self, collection: TableCollection) -> tuple[str, ...]:
        """The primary key: as the map names it, or as the table does."""
        if collection.keys:
            return collection.keys
        table = collection.table
        if table not in self._described:
            with reading(table):
                schema = self._client.describe_table(TableName=table)["Table"]["KeySchema"]
            self._described[table] = tuple(part["AttributeName"] for part in schema)
        return self._described[table]

    def _hits(
        self, collection: TableCollection, keys: tuple[str, ...], identifier: str, values: Iterable[str]
    ) -> Iterator[_Hit]:
        ways = [way for way in collection.find_by if way.identifier == identifier and not way.only_to_check]
        for value in values:
            for way in ways:
                key = key_value(way, value)
                if key is None:
                    continue  # a text that is no number can't be the key of anything
                consistent = way.index is None
                for item in query_pages(self._client, collection.table, way, key, consistent=consistent):
                    yield _Hit(_place(collection.table, keys, item), way, key, None if way.index else item)

    def _whole(self, collection: TableCollection, hits: Iterator[_Hit]) -> Iterator[tuple[str, Item]]:
        """The rows as they are in the table: those that an index named are read, a hundred at a time."""
        while batch := list(islice(hits, BATCH)):
            named = dict.fromkeys(hit.place for hit in batch if hit.item is None)
            whole = self._get(collection.table, named) if named else {}
            for hit in batch:
                item = whole.get(hit.place) if hit.item is None else hit.item
                if item is not None and _opened(item, hit.way, hit.key):
                    yield hit.place, item

    def _get(self, table: str, places: Iterable[str]) -> dict[str, Item]:
        """By place, as they are at this moment; those that are gone are left out."""
        keys = [sendable(orjson.loads(place)) for place in places]
        names = tuple(keys[0])
        found = get_batch(self._client, table, keys, sleep=self._sleep, consistent=True)
        return {_place(table, names, item): item for item in found}

    def _write(self, table: str, writes: list[_Write]) -> Iterator[RowDone]:
        for pause in (*PATIENCE, None):
            writes = yield from self._try(table, writes)
            if not writes:
                return
            if pause is not None:
                self._sleep(pause)
        raise SourceUnavailableError(f"{table}: rows were busy")

    def _try(self, table: str, writes: list[_Write]) -> Generator[RowDone, None, list[_Write]]:
        """Write, without those that stand in the way of the others. Returns those that may be written later."""
        busy: list[_Write] = []
        while writes:
            reasons = self._transact(table, writes)
            if reasons is None:
                yield from (_done(write.row, RowState.DONE, write.after) for write in writes)
                return busy
            left: list[_Write] = []
            for write, reason in zip(writes, reasons, strict=True):
                match reason.get("Code") or "None":
                    case "None":
                        left.append(write)
                    case "ConditionalCheckFailed":
                        item = reason.get("Item")
                        # As it was found, and yet refused: what came and went between is a change as well.
                        yield _seen(write.row, _form(item) if item else None) or _done(
                            write.row, RowState.CHANGED, write.row.before
                        )
                    case code if code in _BUSY:
                        busy.append(write)
                    case code:
                        raise SourceBrokenError(f"{table}: {code}")
            if len(left) == len(writes):
                raise SourceUnavailableError(f"{table}: a transaction was cancelled without a reason")
            writes = left
        return busy

    def _transact(self, table: str, writes: list[_Write]) -> list[dict[str, Any]] | None:
        """None where all is written; else nothing is, and a reason for each."""
        with reading(table):
            try:
                self._client.transact_write_items(TransactItems=[write.action for write in writes])  # type: ignore[misc]
            except ClientError as error:
                answer: Any = error.response
                if answer_code(error) != "TransactionCanceledException" or "CancellationReasons" not in answer:
                    raise
                return list(answer["CancellationReasons"])
        return None


def _check_row(collection: TableCollection, row: RowFound) -> None:
    if row.collection != collection.path:
        raise SourceBrokenError(f"{collection.path}: a row of {row.collection}")
    _check_change(collection.table, tuple(orjson.loads(row.place)), row.change)


def _check_change(table: str, keys: tuple[str, ...], change: RowChange) -> None:
    if change.fate in _UPDATED and (key := next((name for name in _touched(change) if name in keys), None)):
        raise SourceBrokenError(f"{table}: {key} is in its key and can't be removed or replaced")


def _opened(item: Item, way: WayIn, key: dict[str, str]) -> bool:
    """Whether a row is under what was searched."""
    value = item.get(way.key, {})
    same = value == key or ("N" in key and "N" in value and Decimal(value["N"]) == Decimal(key["N"]))
    return same and item.get(way.sort_key or "", {}).get("S", "").startswith(way.sort_prefix or "")


def _seen(row: RowFound, form: bytes | None) -> RowDone | None:
    """What has become of a row that is in this form or no more there, or None where it is as it was found."""
    if form is None:
        return _done(row, RowState.WAS_DONE if row.change.fate is RowFate.DELETE else RowState.GONE)
    now = sha256(form).hexdigest()
    if now == row.expected:
        return _done(row, RowState.WAS_DONE, now)
    return None if now == row.before else _done(row, RowState.CHANGED, now)


def _done(row: RowFound, state: RowState, after: str | None = None) -> RowDone:
    return RowDone(collection=row.collection, place=row.place, state=state, after=after)


def _touched(change: RowChange) -> tuple[str, ...]:
    """The attributes that are written: removed, or replaced."""
    return tuple(change.set) if change.fate is RowFate.CORRECT else tuple(dict.fromkeys(change.remove))


def _left(table: str, item: Item, change: RowChange) -> Item:
    """The row as it is to be."""
    if change.fate is RowFate.CORRECT:
        return item | {name: _typed(table, name, value, item.get(name)) for name, value in change.set.items()}
    return {name: typed for name, typed in item.items() if name not in change.remove}


def _typed(table: str, name: str, value: JsonValue, held: Item | None) -> Item:
    """A new value on the wire: of the type of the one that is held, or, where nothing is, as JSON has it."""
    kind = next(iter(held), "NULL") if held else "NULL"
    if kind == "NULL":
        kind = "BOOL" if isinstance(value, bool) else "S" if isinstance(value, str) else "N"
    match kind, value:
        case "BOOL", bool():
            return {"BOOL": value}
        case "S", str() | bool() | int() | float():
            return {"S": str(value).lower() if isinstance(value, bool) else str(value)}
        case "N", str() | int() | float() if not isinstance(value, bool):
            try:
                return {"N": format(Decimal(str(value)).normalize(), "f")}  # as DynamoDB gives it back
            except InvalidOperation as error:
                raise SourceBrokenError(f"{table}: {name} holds a number, and is not given one") from error
    raise SourceBrokenError(f"{table}: {name} is held as {kind}, and can't be replaced by what is given")


def _write(collection: TableCollection, row: RowFound, item: Item, size: int) -> _Write:
    """The action of a transaction that erases or corrects a row as `item` is, if it still is."""
    key = orjson.loads(row.place)
    change, update = row.change, row.change.fate in _UPDATED
    left = _left(collection.table, item, change) if update else {}
    going = [name for name in _touched(change) if name in item] if update else []
    identifying = [name for name in collection.identifying if name in item]
    condition = _Condition()
    condition.equals(next(iter(key)), item)  # the row is there; more of its key need not be said
    for name in dict.fromkeys([*going, *identifying, *item]):
        if name not in key:
            condition.equals(name, item)
    for name in dict.fromkeys([*change.set, *change.remove, *collection.fields, *collection.technical]):
        if name not in item:
            condition.is_absent(name)
    action: dict[str, Any] = {"TableName": collection.table, "Key": sendable(key)}
    if update:
        action["UpdateExpression"] = condition.update(change, going, left)
        if len(action["UpdateExpression"]) > _EXPRESSION:
            many = len(_touched(change))
            raise SourceBrokenError(f"{collection.table}: {many} attributes are too many to write in a row")
    action |= {
        "ConditionExpression": " AND ".join(condition.said),
        "ExpressionAttributeNames": {short: name for name, short in condition.names.items()},
        "ExpressionAttributeValues": condition.values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    after = row.expected or _digest(left) if update else None
    return _Write(row, {"Update" if update else "Delete": action}, after, size)


class _Condition:
    """A condition that grows as long as DynamoDB takes it: what matters most is said first."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.names: dict[str, str] = {}  # of an attribute -> in the expressions
        self.values: dict[str, Item] = {}
        self._length = 0

    def equals(self, name: str, item: Item) -> None:
        value = f":{len(self.values)}"
        if self._say(name, f"#{len(self.names)} = {value}"):
            self.values[value] = _to_send(item[name])

    def is_absent(self, name: str) -> None:
        self._say(name, f"attribute_not_exists(#{len(self.names)})")

    def update(self, change: RowChange, going: list[str], left: Item) -> str:
        """What is written, in an expression beside this one."""
        if change.fate is not RowFate.CORRECT:
            return "REMOVE " + ", ".join(map(self.named, going))
        self.values |= {f":new{number}": left[name] for number, name in enumerate(change.set)}
        return "SET " + ", ".join(f"{self.named(name)} = :new{number}" for number, name in enumerate(change.set))

    def named(self, name: str) -> str:
        return self.names.setdefault(name, f"#{len(self.names)}")

    def _say(self, name: str, comparison: str) -> bool:
        """`name` is said for the first time: its short form is the next one."""
        length = self._length + len(" AND ") + len(comparison)
        if len(self.said) == _COMPARISONS or length > _EXPRESSION:
            return False
        self.named(name)
        self.said.append(comparison)
        self._length = length
        return True


def _transactions(writes: Iterable[_Write]) -> Iterator[list[_Write]]:
    """As many at once as DynamoDB takes by size."""
    some: list[_Write] = []
    size = 0
    for write in writes:
        if some and size + write.size > _BYTES:
            yield some
            some, size = [], 0
        some.append(write)
        size += write.size
    if some:
        yield some


def _place(table: str, keys: tuple[str, ...], item: Item) -> str:
    if missing := next((name for name in keys if name not in item), None):
        raise SourceBrokenError(f"{table}: {missing} is not in its key")
    return _form({name: item[name] for name in keys}).decode()


def _digest(item: Item) -> str:
    return sha256(_form(item)).hexdigest()


def _form(item: Item) -> bytes:
    """One text for one item, types included: names and sets are sorted, binary is base64."""
    plain = {name: typed if "S" in typed or "N" in typed else _canonical(typed) for name, typed in item.items()}
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def _canonical(typed: Item) -> Item:
    ((kind, value),) = typed.items()
    match kind:
        case "M":
            return {kind: {name: _canonical(member) for name, member in value.items()}}
        case "L":
            return {kind: [_canonical(member) for member in value]}
        case "SS" | "NS" | "BS":
            return {kind: sorted(map(_base64, value))}
        case "B":
            return {kind: _base64(value)}
    return typed


def _base64(value: bytes | str) -> str:
    """Binary that the SDK's parser gave is bytes; on a fast page it is base64 already, as texts are texts."""
    return value if isinstance(value, str) else plain_bytes(value)


def _to_send(typed: Item) -> Item:
    """A value that was read, fit to be sent: the SDK encodes binary itself."""
    ((kind, value),) = typed.items()
    match kind:
        case "M":
            return {kind: {name: _to_send(member) for name, member in value.items()}}
        case "L":
            return {kind: [_to_send(member) for member in value]}
        case "BS":
            return {kind: [_bytes(member) for member in value]}
        case "B":
            return {kind: _bytes(value)}
    return typed


def _bytes(value: bytes | str) -> bytes:
    return base64.b64decode(value) if isinstance(value, str) else value
