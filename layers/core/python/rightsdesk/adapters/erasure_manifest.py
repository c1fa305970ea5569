"""The manifest of an erasure among the records of its request: closing purges it with them."""

# serves: E-04

from collections.abc import Iterable, Iterator

from rightsdesk.domain.erasing import RowFound
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.records import Record
from rightsdesk.ports import RecordStore, StoredObject


class RecordedManifest:
    """Keeps the port ErasureManifest, in a record store: `erasure/rows/<collection>`, `erasure/identifiers/<source>`.

    The bucket encrypts each object under a data key that KMS makes for it alone.
    """

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def write_rows(self, request_id: str, collection: str, rows: Iterable[RowFound]) -> StoredObject:
        written = (row.model_dump(mode="json", exclude_defaults=True) for row in rows)
        return self._records.write(request_id, f"erasure/rows/{collection}", written)

    def rows(self, request_id: str, collection: str) -> Iterator[RowFound]:
        return map(RowFound.model_validate, self._records.read(request_id, f"erasure/rows/{collection}"))

    def write_identifiers(self, request_id: str, source: str, values: Iterable[tuple[str, str]]) -> StoredObject:
        written: Iterator[Record] = ({"kind": kind, "value": value} for kind, value in values)
        return self._records.write(request_id, f"erasure/identifiers/{source}", written)

    def identifiers(self, request_id: str, sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
        known: dict[str, dict[str, None]] = {}
        for source in sources:
            try:
                for entry in self._records.read(request_id, f"erasure/identifiers/{source}"):
                    known.setdefault(str(entry["kind"]), {})[str(entry["value"])] = None
            except NotFoundError:
                continue  # its turn comes later
        return {kind: tuple(values) for kind, values in known.items()}
