"""Keep what has to outlive an erasure: that this person was erased, so that they stay so."""

# serves: E-04, T-3

from datetime import datetime

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.suppression import KEY_PURPOSE, suppressions
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.retention import Suppressions
from rightsdesk.ports.sources import ErasureManifest


def remember_erasure(
    case: PrivacyRequest,
    at: datetime,
    *,
    manifest: ErasureManifest,
    suppressed: Suppressions,
    keys: Keyring,
    data_map: DataMap,
) -> tuple[str, ...]:
    """Before the certificate is noted; done again, it is the same. Not for somebody of whom nothing was found.

    Answers the kinds of identifiers that there are entries of, in the order of the map.
    """
    known = manifest.identifiers(case.request_id, case.sources)
    kinds = tuple(kind for kind in data_map.identifiers if kind in data_map.suppressed and known.get(kind))
    values = ((kind, value) for kind in kinds for value in known[kind])
    entries = suppressions(
        values, key=keys.key(KEY_PURPOSE), request_id=case.request_id, reference=case.reference, at=at
    )
    suppressed.put(entries)
    return kinds
