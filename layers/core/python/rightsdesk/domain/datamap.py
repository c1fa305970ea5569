"""The data map: where the merchant keeps what about whom, why, on what ground, for how long (GDPR 15, 20, 30).

`DataMap` is what `layers/merchant/datamap.yaml` says. A map is right or it is refused whole: `datamap_check` finds all
that is wrong in it. `traversal` says how a person's data are found with it.
"""

# serves: E-01, E-02, E-07, E-08

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, JsonValue, PrivateAttr, StringConstraints, field_validator, model_validator

from rightsdesk.domain.automated_decisions import AutomatedDecision
from rightsdesk.domain.datamap_check import DataMapProblems, problems
from rightsdesk.domain.fields import (
    Attribute,
    DataField,
    Entry,
    Identifier,
    Label,
    Name,
    Purpose,
    Retention,
)
from rightsdesk.domain.losses import PossibleLoss
from rightsdesk.domain.recipients import Recipient
from rightsdesk.domain.records import Record, identifier_text, identifier_texts

_EMPTY: tuple[JsonValue, ...] = (None, "", [], {})
_PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z][a-z0-9_]*)\}")
_RESOURCE = re.compile(r"\$\{[A-Za-z][A-Za-z0-9]*\}")
SchemaType = Literal["Person", "PostalAddress", "Order", "OrderItem", "Review", "Message"]


class Collection(Entry):
    """Records of one kind in one place."""

    label: Label
    note: Label | None = None  # what a reader should know: shown above the records
    identity: bool = False
    schema_org: SchemaType | None = None
    zone: str = "UTC"  # of the times that carry no offset
    technical: tuple[Attribute, ...] = ()  # attributes that only repeat others (keys): neither given nor reported
    dated_by: dict[Name, Attribute] = Field(default_factory=dict)  # event of a retention -> field that holds its day
    losses: tuple[PossibleLoss, ...] = ()  # what the person is warned of before these records go (E-14)
    fields: Annotated[dict[Attribute, DataField], Field(min_length=1)]

    _name: str = PrivateAttr(default="")
    _source: str = PrivateAttr(default="")

    @property
    def name(self) -> str:
        return self._name

    @property
    def source(self) -> str:
        return self._source

    @property
    def path(self) -> str:
        """`shop/members`: unique in the map; the name of its result object and of its files."""
        return f"{self._source}/{self._name}"

    @property
    def searched_by(self) -> tuple[str, ...]:
        """The identifiers that lead here, in the order of the map."""
        raise NotImplementedError

    @property
    def row_keys(self) -> tuple[str, ...]:
        """The attributes that make a record unique, where more than one way in may find it twice; else none."""
        return ()

    def is_key(self, name: str) -> bool:
        """Whether the source finds or names a record by this attribute: with another value it would be another one."""
        raise NotImplementedError

    @property
    def links(self) -> tuple[str, ...]:
        """Attributes that lead to a row from its person and say nothing else: a row that stays does without them."""
        return ()

    @property
    def binding(self) -> str | None:
        """The one attribute by which a row that is kept can be found again, and erased when its time has passed."""
        return None

    @cached_property
    def disclosed(self) -> dict[str, DataField]:
        """The fields that may leave, in order. Everything else stays: the map is an allow-list (abuse case 92)."""
        return {name: field for name, field in self.fields.items() if field.disclosed}

    @cached_property
    def identifying(self) -> dict[str, str]:
        """Field -> the identifier that its value is: `{"member_id": "member_id"}`."""
        return {name: field.identifies for name, field in self.fields.items() if field.identifies}

    def identifiers_in(self, record: Record) -> Iterator[tuple[str, str]]:
        """The identifiers that stand in a record, as kind and value. A list holds several."""
        for name, identifier in self.identifying.items():
            for value in identifier_texts(record.get(name), self.fields[name].identified_by):
                yield identifier, value

    @cached_property
    def about_others(self) -> tuple[str, ...]:
        """Disclosed fields about other people (GDPR 15(4), 20(4))."""
        return tuple(name for name, field in self.disclosed.items() if field.about == "other_person")

    def names_others(self, record: Record) -> bool:
        """Whether staff must decide before this record is given: it says something about another person."""
        return names_others(record, self.about_others)

    def field_with_role(self, role: str) -> str | None:
        """The name of the field that plays `role` in the check of identity (`postcode`)."""
        return next((name for name, field in self.fields.items() if field.role == role), None)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:  # not a name, or not in the database of time zones
            raise ValueError(f"unknown time zone {zone}") from error
        return zone


class WayIn(Entry):
    """One key of a DynamoDB table: the identifier that opens it, and how its value is written there."""

    identifier: Name
    index: Attribute | None = None
    key: Attribute
    key_type: Literal["text", "number"] = "text"
    template: str = "{value}"
    sort_key: Attribute | None = None
    sort_prefix: str | None = None
    fetch: bool = False  # the index holds keys only: get the whole records after
    only_to_check: bool = False  # opens a record to check who somebody is; what is collected is not searched this way

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if placeholders(self.template) != ("value",):
            raise ValueError("`template` holds {value} exactly once")
        if self.key_type == "number" and self.template != "{value}":
            raise ValueError("a key that is a number has no template")
        if (self.sort_key is None) != (self.sort_prefix is None):
            raise ValueError("`sort_key` and `sort_prefix` go together")
        if self.fetch and self.index is None:
            raise ValueError("`fetch` is for an index: a table holds whole records")
        return self


class TableCollection(Collection):
    """Records in a DynamoDB table, found by a key of the table or of an index; never by a scan."""

    table: Attribute
    keys: tuple[Attribute, ...] = Field(default=(), max_length=2)  # primary key of the table
    find_by: Annotated[tuple[WayIn, ...], Field(min_length=1)]

    @property
    def searched_by(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(way.identifier for way in self._ways))

    @property
    def row_keys(self) -> tuple[str, ...]:
        return self.keys if len(self._ways) > 1 else ()

    @property
    def links(self) -> tuple[str, ...]:
        """Keys of an index that are technical. What is part of the key of the table can't be taken out of a row."""
        of_table = {
            *self.keys,
            *(name for way in self.find_by if way.index is None for name in (way.key, way.sort_key)),
        }
        keys = dict.fromkeys(way.key for way in self.find_by if way.index is not None)
        return tuple(name for name in keys if name in self.technical and name not in of_table)

    def is_key(self, name: str) -> bool:
        of_table = {way.key for way in self.find_by if way.index is None}
        return name in {*self.keys, *of_table, *(way.sort_key for way in self.find_by)}

    def opened_by(self, record: Record) -> dict[str, tuple[str, ...]]:
        """Whose a record is: the identifiers that searches find it by, `{"member_id": ("M-000001",)}`."""
        owners: dict[str, tuple[str, ...]] = {}
        for way in self._ways:
            value = identifier_text(record.get(way.key)) if way.template == "{value}" else None
            if value is not None:
                owners[way.identifier] = (*owners.get(way.identifier, ()), value)
        return owners

    @property
    def _ways(self) -> tuple[WayIn, ...]:
        """Those that a search takes."""
        return tuple(way for way in self.find_by if not way.only_to_check)

    @model_validator(mode="after")
    def _names_its_key(self) -> Self:
        if not self.keys and any(way.fetch for way in self.find_by):
            raise ValueError("`fetch` needs `keys`, the primary key of the table")
        if not self._ways:
            raise ValueError("a collection that is only checked, and never searched, gives nothing")
        if not self.keys and len(self._ways) > 1:
            raise ValueError("more than one way in needs `keys`, so that a record found twice is given once")
        return self


class Match(Entry):
    """Rows of many people in one file: the column that says whose a row is."""

    column: Attribute
    identifier: Name


class FileCollection(Collection):
    """Records in S3 objects: one object per person (`key`), or objects with rows of many (`prefix` and `match`)."""

    bucket: Attribute
    key: str | None = None
    prefix: str | None = None
    match: Match | None = None
    may_be_empty: bool = False  # nothing under the prefix is usual, not a sign of a wrong one
    versions: Literal["keep", "remove"] = "keep"  # older ones of an object of which rows were erased
    format: Literal["jsonl", "csv", "parquet"]
    compression: Literal["none", "gzip", "by_name"] = "by_name"  # by name: gzip where the key ends in .gz
    encoding: Literal["utf-8", "utf-8-sig", "cp932"] = "utf-8-sig"  # the second also reads the first
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","

    @property
    def searched_by(self) -> tuple[str, ...]:
        return (self.match.identifier,) if self.match else placeholders(self.key or "")

    def is_key(self, name: str) -> bool:
        return self.match is not None and self.match.column == name

    @property
    def binding(self) -> str | None:
        """A row in a file has no key: without the column that says whose it is, nobody could ever find it."""
        return self.match.column if self.match else None

    @model_validator(mode="after")
    def _found_one_way(self) -> Self:
        if (self.key is None) == (self.prefix is None):
            raise ValueError("give `key` (one object per person) or `prefix` (rows of many people)")
        if (self.prefix is None) != (self.match is None):
            raise ValueError("`prefix` and `match` go together")
        if self.key is not None and len(placeholders(self.key)) != 1:
            raise ValueError("`key` names one identifier: support/{member_id}.jsonl")
        if self.format == "parquet" and self.compression == "gzip":
            raise ValueError("Parquet has its own compression")
        return self


class TableSource(Entry):
    kind: Literal["dynamodb"]
    label: Label
    collections: Annotated[dict[Name, TableCollection], Field(min_length=1)]

    @property
    def columnar(self) -> bool:
        return False


class FileSource(Entry):
    kind: Literal["s3"]
    label: Label
    collections: Annotated[dict[Name, FileCollection], Field(min_length=1)]

    @property
    def columnar(self) -> bool:
        """Whether reading it needs the library for Parquet, which only one function carries."""
        return any(collection.format == "parquet" for collection in self.collections.values())


Source = TableSource | FileSource


class DataMap(Entry):
    """The whole of it. Sources and collections keep the order of the file: answers show them so."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    identifiers: dict[Name, Identifier]
    purposes: dict[Name, Purpose]
    retention: dict[Name, Retention]
    recipients: dict[Name, Recipient] = Field(default_factory=dict)
    automated_decisions: dict[Name, AutomatedDecision] = Field(default_factory=dict)
    sources: Annotated[dict[Name, Annotated[Source, Field(discriminator="kind")]], Field(min_length=1)]

    @property
    def collections(self) -> Iterator[Collection]:
        for source in self.sources.values():
            yield from source.collections.values()

    @property
    def identity(self) -> Collection:
        """The one collection that says who is a member."""
        return next(collection for collection in self.collections if collection.identity)

    @property
    def verifiable(self) -> frozenset[str]:
        """Identifiers that a person can prove: where every search starts."""
        return frozenset(name for name, identifier in self.identifiers.items() if identifier.verifiable)

    @property
    def suppressed(self) -> frozenset[str]:
        """Identifiers of which a digest is kept when their person is erased."""
        return frozenset(name for name, identifier in self.identifiers.items() if identifier.suppressed)

    def collection(self, path: str) -> Collection:
        """By `source/name`. Raises KeyError."""
        source, _, name = path.partition("/")
        return self.sources[source].collections[name]

    @model_validator(mode="after")
    def _checked(self) -> Self:
        for source_name, source in self.sources.items():
            for name, collection in source.collections.items():
                collection._name, collection._source = name, source_name  # it is read with its place

        if found := problems(self):
            raise DataMapProblems(found)
        return self


def names_others(record: Record, fields: tuple[str, ...]) -> bool:
    """Whether any of these fields, which are about other people, says anything."""
    return any([record.get(name) not in _EMPTY for name in fields])  # noqa: C419 - a list is quicker for so few


def placeholders(template: str) -> tuple[str, ...]:
    """`support/{member_id}.jsonl` -> `("member_id",)`. Raises ValueError where braces don't fit.

    `${Name}` is no placeholder: it stands for a resource, and is resolved when the map is read.
    """
    names = tuple(_PLACEHOLDER.findall(template))
    rest = _PLACEHOLDER.sub("", _RESOURCE.sub("", template))
    if "{" in rest or "}" in rest:
        raise ValueError(f"braces that name nothing in {template!r}")
    return names


def fill(template: str, value: str) -> str:
    """The template with `value` in place of its placeholder. The value is never read as a template."""
    return _PLACEHOLDER.sub(lambda _: value, template)
