"""Collect one source for one request: all that the verified identifiers lead to, streamed into the record store.

A collection is written whole or not at all, and one that is done is not read again, so a task that is started again
goes on where the last one stopped. What it found is read back from what was written: identifiers are kept nowhere else.
"""

# serves: E-02, E-07

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from rightsdesk.domain import traversal
from rightsdesk.domain.collecting import CollectionResult, SourceResult
from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.disclosure import Disclosure
from rightsdesk.domain.errors import NotFoundError, SourceBrokenError
from rightsdesk.domain.records import Record
from rightsdesk.domain.traversal import FoundValues
from rightsdesk.ports.sources import RecordStore, SourceReader
from rightsdesk.ports.time import Clock


def collect_data(
    request_id: str,
    source: str,
    *,
    data_map: DataMap,
    verified: Mapping[str, Iterable[str]],
    reader: SourceReader,
    store: RecordStore,
    found: FoundValues,
    done: Mapping[str, CollectionResult],
    save: Callable[[str, CollectionResult], None],
    clock: Clock,
    wanted: Mapping[str, Container[str]] | None = None,
) -> SourceResult:
    """Search every collection of `source` and store what may leave.

    `verified` holds proven identifiers only: {"email": ["jane@example.com"]}. `found` is empty, and for this call only.
    `wanted`: by collection path, the fields that are read instead of those that may leave; of any other collection,
    what identifies alone. `done` are collections (by name) that an earlier try finished; `save` is told of each one
    finished now.

    Raises SourceUnavailableError (try again: what is saved stays) and SourceBrokenError (a person must look), the
    latter also where a source that this one depends on was not collected.
    """
    traversal.start_from(found, verified)
    _take_over(request_id, source, data_map=data_map, store=store, found=found, done=done)

    results = dict(done)
    for group in traversal.in_search_order(data_map, source):
        left = [collection for collection in group if collection.name not in results]
        if len(group) > 1 and left:
            traversal.close_circle(group, found=found, look_up=reader.read)
        for collection in left:
            results[collection.name] = _collect(
                request_id, collection, reader=reader, store=store, found=found, clock=clock, wanted=wanted
            )
            save(collection.name, results[collection.name])
    order = [collection.name for group in traversal.in_search_order(data_map, source) for collection in group]
    return SourceResult(source=source, collections={name: results[name] for name in order})


def _collect(
    request_id: str,
    collection: Collection,
    *,
    reader: SourceReader,
    store: RecordStore,
    found: FoundValues,
    clock: Clock,
    wanted: Mapping[str, Container[str]] | None,
) -> CollectionResult:
    as_of = clock()
    disclosure = Disclosure(collection, wanted=None if wanted is None else wanted.get(collection.path, ()))
    records = traversal.walk(collection, found=found, look_up=reader.read)
    stored = store.write(request_id, collection.path, disclosure.given(records))
    return CollectionResult(
        rows=stored.rows,
        flagged=disclosure.flagged,
        bytes=stored.bytes,
        sha256=stored.sha256,
        as_of=as_of,
        unmapped=disclosure.unmapped,
        withheld=disclosure.withheld,
        misfits=disclosure.misfits,
    )


def _take_over(
    request_id: str,
    source: str,
    *,
    data_map: DataMap,
    store: RecordStore,
    found: FoundValues,
    done: Mapping[str, CollectionResult],
) -> None:
    """Add to `found` what sources before this one found, and what an earlier try of this one did."""
    needed = {
        provider.path: provider
        for collection in data_map.sources[source].collections.values()
        for provider in traversal.providers(data_map, collection)
    }
    for provider in needed.values():
        if provider.source != source or provider.name in done:
            for record in _stored(request_id, provider, source=source, store=store):
                traversal.note_identifiers(provider, record, found)


def _stored(request_id: str, provider: Collection, *, source: str, store: RecordStore) -> Iterator[Record]:
    try:
        yield from store.read(request_id, provider.path)
    except NotFoundError as error:
        raise SourceBrokenError(f"{source} waits for {provider.path}, which was not collected") from error
