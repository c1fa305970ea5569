"""What a rewriting tells of each row that is meant, for text and for Parquet alike."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pydantic import JsonValue

from rightsdesk.domain.datamap import FileCollection
from rightsdesk.domain.erasing import RowChange, RowFate
from rightsdesk.domain.records import Record, identifier_text

if TYPE_CHECKING:
    from rightsdesk.sources.s3_file import S3File

Rule = Callable[[Record], RowChange]
"""What is to become of a row. Asked for every row that is meant, and again for what is left of it."""


class RowSeen(NamedTuple):
    """`number`: from 1, in the order of the file. `before`, `after`: SHA-256; None: nothing of it is left."""

    number: int
    before: bytes
    change: RowChange
    after: bytes | None

    @property
    def to_do(self) -> bool:
        return self.after != self.before


class Sink(Protocol):
    """Takes the new content, in order."""

    def write(self, data: bytes, /) -> object: ...


class RowRewrite(Protocol):
    """Gives each row that is meant; with `out`, writes the whole file there as it is to be, and has checked it at the
    end. `wanted`: the values of the column `match`; None: every row is meant.
    """

    def __call__(
        self,
        file: "S3File",
        collection: FileCollection,
        wanted: frozenset[str] | None,
        rule: Rule,
        out: Sink | None = None,
    ) -> Generator[RowSeen, None, None]: ...


def is_meant(record: Record, collection: FileCollection, wanted: frozenset[str] | None) -> bool:
    if wanted is None or collection.match is None:
        return True
    value = record.get(collection.match.column)
    return (value if isinstance(value, str) else identifier_text(value)) in wanted


def still_there(record: Record, change: RowChange, collection: FileCollection) -> tuple[str, ...]:
    """Of the attributes that go, those that the row has. A column stays where it is; empty, it has nothing."""
    if change.fate is not RowFate.REDUCE:
        return ()
    if collection.format == "jsonl":
        return tuple(name for name in change.remove if name in record)
    return tuple(name for name in change.remove if record.get(name) not in (None, ""))


def still_wrong(record: Record, change: RowChange, collection: FileCollection) -> dict[str, JsonValue]:
    """Of the values that are set, those that the row does not have yet. In a CSV all are text."""
    if change.fate is not RowFate.CORRECT:
        return {}
    new = {name: as_cell(value) for name, value in change.set.items()} if collection.format == "csv" else change.set
    return {name: value for name, value in new.items() if name not in record or record[name] != value}


def as_cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
    return str(value)


def has_to_go(record: Record, change: RowChange, collection: FileCollection) -> bool:
    """Whether there is anything left to do about a row."""
    return change.fate is RowFate.DELETE or bool(
        still_there(record, change, collection) or still_wrong(record, change, collection)
    )
