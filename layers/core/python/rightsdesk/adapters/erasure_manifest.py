"""The manifest of an erasure among the records of its request: closing purges it with them."""

# serves: E-04

from collections.abc import Iterable, Iterator
from itertools import chain

from rightsdesk.domain.erasing import RowFound
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.records import Record
from rightsdesk.domain.shards import WHOLE, Shard
from rightsdesk.ports.sources import RecordStore, StoredObject

_SHARDS = "shards"


class RecordedManifest:
    """Keeps the port ErasureManifest, in a record store: `erasure/rows/<collection>`, `erasure/identifiers/<source>`.

    Of a source in shards there is such an object for each: the first says in its first record how many, the others
    have their number at the end. The bucket encrypts each object under a data key that KMS makes for it alone.
    """

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def write_rows(
        self, request_id: str, collection: str, rows: Iterable[RowFound], shard: Shard = WHOLE
    ) -> StoredObject:
        written = (row.model_dump(mode="json", exclude_defaults=True) for row in rows)
        return self._write(request_id, f"erasure/rows/{collection}", written, shard)

    def rows(self, request_id: str, collection: str, shard: Shard | None = None) -> Iterator[RowFound]:
        name = f"erasure/rows/{collection}"
        records = self._all(request_id, name) if shard is None else self._part(request_id, name, shard.number)
        return map(RowFound.model_validate, records)

    def write_identifiers(
        self, request_id: str, source: str, values: Iterable[tuple[str, str]], shard: Shard = WHOLE
    ) -> StoredObject:
        written: Iterator[Record] = ({"kind": kind, "value": value} for kind, value in values)
        return self._write(request_id, f"erasure/identifiers/{source}", written, shard)

    def identifiers(self, request_id: str, sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
        known: dict[str, dict[str, None]] = {}
        for source in sources:
            try:
                for entry in self._all(request_id, f"erasure/identifiers/{source}"):
                    known.setdefault(str(entry["kind"]), {})[str(entry["value"])] = None
            except NotFoundError:
                continue  # its turn comes later
        return {kind: tuple(values) for kind, values in known.items()}

    def _write(self, request_id: str, name: str, records: Iterator[Record], shard: Shard) -> StoredObject:
        if shard.of > 1 and shard.number == 0:
            head: Record = {_SHARDS: shard.of}
            records = chain([head], records)
        return self._records.write(request_id, _named(name, shard.number), records)

    def _part(self, request_id: str, name: str, number: int) -> Iterator[Record]:
        records = self._records.read(request_id, _named(name, number))
        return (record for record in records if _SHARDS not in record)

    def _all(self, request_id: str, name: str) -> Iterator[Record]:
        return self._with_others(self._records.read(request_id, name), request_id, name)

    def _with_others(self, records: Iterator[Record], request_id: str, name: str) -> Iterator[Record]:
        shards = 1
        for record in records:
            if _SHARDS in record:
                shards = int(str(record[_SHARDS]))
            else:
                yield record
        for number in range(1, shards):
            yield from self._part(request_id, name, number)


def _named(name: str, number: int) -> str:
    return f"{name}/{number}" if number else name
