"""Keep what has to outlive an erasure: that this person was erased, so that they stay so."""

# serves: E-04, T-3

from datetime import datetime

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.suppression import KEY_PURPOSE, suppressions
from rightsdesk.ports import ErasureManifest, Keyring, Suppressions


def remember_erasure(
    case: PrivacyRequest,
    at: datetime,
    *,
    manifest: ErasureManifest,
    suppressed: Suppressions,
    keys: Keyring,
    data_map: DataMap,
) -> None:
    """Before the certificate is noted; done again, it is the same."""
    known = manifest.identifiers(case.request_id, case.sources)
    values = ((kind, value) for kind in data_map.suppressed for value in known.get(kind, ()))
    entries = suppressions(
        values, key=keys.key(KEY_PURPOSE), request_id=case.request_id, reference=case.reference, at=at
    )
    suppressed.put(entries)
