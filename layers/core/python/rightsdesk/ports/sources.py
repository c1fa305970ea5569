"""Where the merchant's data lie: read, corrected and erased there; and what was found, on the way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:  # public functions import these modules, and have no data map and no mail
    from rightsdesk.domain.datamap import Collection, Source
    from rightsdesk.domain.erasing import RowDone, RowFound
    from rightsdesk.domain.erasure_rule import Rule
    from rightsdesk.domain.records import Record
    from rightsdesk.domain.restored import Identifier
    from rightsdesk.domain.shards import Shard


class SourceReader(Protocol):
    """One place where the merchant keeps data, for reading."""

    def read(self, collection: "Collection", identifier: str, values: Iterable[str]) -> Iterator["Record"]:
        """Every record that these values of an identifier open: whole, streamed, and as it is there.

        SourceUnavailableError where trying again may help; SourceBrokenError, naming the place, where it can't. A row
        that can't be read is no reason to stop, but the stream then ends with SourceBrokenError: nothing is left out
        in silence (abuse case 81).
        """


class SourceEraser(Protocol):
    """One place where the merchant keeps data, for erasing (GDPR 17).

    Each raises SourceUnavailableError where trying again may help, and SourceBrokenError, naming the place, where not.
    """

    def find(
        self, collection: "Collection", identifier: str, values: Iterable[str], rule: "Rule"
    ) -> "Iterator[RowFound]":
        """Every row that these values open, with what `rule` says of it; it is asked once a row, before that row."""

    def carry_out(
        self,
        collection: "Collection",
        rows: "Iterable[RowFound]",
        identifiers: Mapping[str, Sequence[str]],
        rule: "Rule",
    ) -> "Iterator[RowDone]":
        """Erase what was found, if it still is as it was. Killed and started again, it does the rest.

        `identifiers` and `rule` are those that `rows` were found with: a file is passed once for all of them.
        """

    def remains(self, collection: "Collection", identifier: str, values: Iterable[str], rule: "Rule") -> int:
        """Searched anew, as if nothing was known: how many rows still have something to lose."""


class SourceScanner(Protocol):
    """One place where the merchant keeps data, read from end to end: for after it was restored from a backup."""

    def rows(self, source: "Source") -> "Iterator[tuple[Identifier, ...]]":
        """The identifiers in each row of it, in bounded memory. Raises as SourceReader does."""


class StoredObject(BaseModel):
    """Where records were written, and what: digest and size are of the stored bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    key: str
    rows: int
    bytes: int
    sha256: str


class RecordStore(Protocol):
    """What was collected for a request, by collection (`shop/members`), until its package is built."""

    def write(self, request_id: str, name: str, records: Iterable["Record"]) -> StoredObject:
        """Stream records into an object. It appears whole, or, where the stream raises, not at all."""

    def read(self, request_id: str, name: str) -> Iterator["Record"]:
        """NotFoundError, before the first record, where nothing was written under this name."""

    def exists(self, request_id: str, name: str) -> bool: ...

    def delete(self, request_id: str, name: str) -> None: ...


class SourceCorrector(Protocol):
    """One place where the merchant keeps data, for correcting (GDPR 16). Errors are those of SourceEraser."""

    def find(
        self, collection: "Collection", identifier: str, values: Iterable[str], rule: "Rule"
    ) -> "Iterator[RowFound]":
        """Every row that these values open, with what `rule` says of it."""

    def carry_out(self, collection: "Collection", rows: "Iterable[RowFound]") -> "Iterator[RowDone]":
        """Write what was found, if it still is as it was. Killed and started again, it does the rest."""


class ErasureManifest(Protocol):
    """Which rows a plan of erasure is about, and which identifiers led to them, until the case closes. Encrypted, each
    object under a data key of its own; writing it again replaces it whole, or not at all."""

    def write_rows(
        self, request_id: str, collection: str, rows: "Iterable[RowFound]", shard: "Shard" = ...
    ) -> StoredObject: ...

    def rows(self, request_id: str, collection: str, shard: "Shard | None" = None) -> "Iterator[RowFound]":
        """Of one shard, or of all. NotFoundError, before the first row, where none was written."""

    def write_identifiers(
        self, request_id: str, source: str, values: Iterable[tuple[str, str]], shard: "Shard" = ...
    ) -> StoredObject:
        """(kind, value) of all that is known of the person once a source, or a shard of it, is planned."""

    def identifiers(self, request_id: str, sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """By kind, over those of the sources that are planned."""
