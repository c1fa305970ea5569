"""A merchant's own tables and buckets, which the template names by parameters and does not make.

Either the sample shop (`local.shop`), or a directory of somebody else's (`rightsdesk up --shop PATH`). docs/local.md
describes the directory; `shop.yaml` in it is the model `ShopFile` below.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

import yaml
from boto3.dynamodb.types import TypeSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from local.account import REGION
from rightsdesk.adapters.merchant_files import DATA_MAP, RECIPIENTS

SHOP_FILE = "shop.yaml"


class ShopError(Exception):
    """A shop directory cannot be used; the message names file and place."""


class Shop(Protocol):
    """What makes a merchant's data. The module `local.shop` is one."""

    def create(self, session: Any) -> Mapping[str, str]:
        """Makes empty tables and buckets; returns parameter of the template -> name of the resource."""
        ...

    def seed(self, session: Any, names: Mapping[str, str], *, members: int, seed: int) -> None:
        """Fills them."""
        ...


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Key(_Model):
    name: str
    type: Literal["S", "N", "B"] = "S"


class Index(_Model):
    name: str
    keys: tuple[Key, ...]


class TableFile(_Model):
    parameter: str
    keys: tuple[Key, ...]  # partition key, then sort key where there is one
    indexes: tuple[Index, ...] = ()
    items: str | None = None  # JSON Lines, beside shop.yaml


class BucketFile(_Model):
    parameter: str
    folder: str | None = None  # its files become objects, under their paths


class ShopFile(_Model):
    tables: tuple[TableFile, ...] = ()
    buckets: tuple[BucketFile, ...] = ()


class ShopDirectory:
    """A Shop read from a directory. `members` and `seed` change nothing: the data are what the files hold."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            document = yaml.safe_load((path / SHOP_FILE).read_text(encoding="utf-8"))
            self._shop = ShopFile.model_validate(document)
        except FileNotFoundError:
            raise ShopError(f"there is no {SHOP_FILE} in {path}") from None
        except (yaml.YAMLError, ValidationError) as error:
            raise ShopError(f"{path / SHOP_FILE}: {error}") from error

    def create(self, session: Any) -> Mapping[str, str]:
        dynamodb, s3 = session.client("dynamodb"), session.client("s3")
        names = {entry.parameter: f"shop-{entry.parameter.lower()}" for entry in self._entries()}
        for table in self._shop.tables:
            dynamodb.create_table(TableName=names[table.parameter], **_table_definition(table))
        for bucket in self._shop.buckets:
            s3.create_bucket(Bucket=names[bucket.parameter], CreateBucketConfiguration={"LocationConstraint": REGION})
        return names

    def seed(self, session: Any, names: Mapping[str, str], *, members: int, seed: int) -> None:
        dynamodb, s3 = session.client("dynamodb"), session.client("s3")
        for table in self._shop.tables:
            if table.items is not None:
                for batch in _batches(_items(self._path / table.items)):
                    _write(dynamodb, names[table.parameter], batch)
        for bucket in self._shop.buckets:
            if bucket.folder is not None:
                folder = self._path / bucket.folder
                for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                    key = file.relative_to(folder).as_posix()
                    s3.put_object(Bucket=names[bucket.parameter], Key=key, Body=file.read_bytes())

    def _entries(self) -> list[TableFile | BucketFile]:
        return [*self._shop.tables, *self._shop.buckets]


def _table_definition(table: TableFile) -> dict[str, Any]:
    attributes = {key.name: key.type for keys in (table.keys, *(index.keys for index in table.indexes)) for key in keys}
    definition: dict[str, Any] = {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key_schema(table.keys),
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in attributes.items()],
    }
    if table.indexes:
        definition["GlobalSecondaryIndexes"] = [
            {"IndexName": index.name, "KeySchema": _key_schema(index.keys), "Projection": {"ProjectionType": "ALL"}}
            for index in table.indexes
        ]
    return definition


def _key_schema(keys: tuple[Key, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": role} for key, role in zip(keys, ("HASH", "RANGE"), strict=False)]


def _items(file: Path) -> Iterator[dict[str, Any]]:
    serializer = TypeSerializer()
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    item = json.loads(line, parse_float=Decimal)
                    yield {name: serializer.serialize(value) for name, value in item.items()}
                except (ValueError, TypeError, AttributeError) as error:
                    raise ShopError(f"{file}, line {number}: {error}") from error


def _batches(items: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for item in items:
        batch.append(item)
        if len(batch) == 25:
            yield batch
            batch = []
    if batch:
        yield batch


def _write(dynamodb: Any, table: str, batch: list[dict[str, Any]]) -> None:
    wanted = {table: [{"PutRequest": {"Item": item}} for item in batch]}
    while wanted:
        wanted = dynamodb.batch_write_item(RequestItems=wanted).get("UnprocessedItems", {})


def merchant_files(ours: Path, theirs: Path | None, into: Path) -> Path:
    """The merchant directory to mount: `ours`, with whatever `theirs` has of the same kind laid over it.

    Our register of recipients belongs to our data map, and is not read with theirs.
    """
    if theirs is None:
        return ours
    shutil.copytree(ours, into, dirs_exist_ok=True)
    if (theirs / DATA_MAP).exists():
        (into / RECIPIENTS).unlink(missing_ok=True)
    for entry in theirs.iterdir():
        if entry.is_dir() and entry.name in ("letters", "translations"):
            shutil.copytree(entry, into / entry.name, dirs_exist_ok=True)
        elif entry.suffix == ".yaml" and entry.name != SHOP_FILE:
            shutil.copy(entry, into / entry.name)
    return into
