"""By what a recipient may find somebody: the identifiers that are known of a person, of some kinds (GDPR 19).

Of an erased person they are in the manifest, which was written before anything was erased. Of everybody else they are
looked up as for any request: from what was verified. Parquet is not read for this.
"""

# serves: E-03, E-04, P-10

from collections.abc import Callable
from contextlib import AbstractContextManager

from rightsdesk.domain import traversal
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.rectification import searched
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.traversal import FoundValues
from rightsdesk.ports.sources import ErasureManifest, SourceReader


class IdentifierFinder:
    def __init__(
        self,
        *,
        data_map: DataMap,
        manifest: ErasureManifest,
        reader_of: Callable[[str], SourceReader],
        found: Callable[[], AbstractContextManager[FoundValues]],
    ) -> None:
        self._data_map = data_map
        self._manifest = manifest
        self._reader_of = reader_of
        self._found = found

    def __call__(self, case: PrivacyRequest, kinds: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Raises SourceUnavailableError, SourceBrokenError."""
        known = dict(case.identifiers)
        if case.erasure is not None:
            for kind, values in self._manifest.identifiers(case.request_id, case.sources).items():
                known[kind] = tuple(dict.fromkeys((*known.get(kind, ()), *values)))
        missing = kinds - known.keys()
        if missing and not case.erasure_began:  # until then nothing has gone, and the manifest may not be written
            known |= self._looked_up(case, missing)
        return {kind: values for kind, values in known.items() if kind in kinds and values}

    def _looked_up(self, case: PrivacyRequest, kinds: frozenset[str]) -> dict[str, tuple[str, ...]]:
        holding = [
            collection.path
            for collection in traversal.reachable(self._data_map, case.identifiers)
            if kinds.intersection(collection.identifying.values())
            and not self._data_map.sources[collection.source].columnar
        ]
        with self._found() as found:
            traversal.follow(
                self._data_map,
                case.identifiers,
                searched(self._data_map, holding),
                found=found,
                look_up_of=lambda source: self._reader_of(source).read,
            )
            return {kind: tuple(found.values(kind, 0, found.count(kind))) for kind in kinds}
