"""Keep what has to outlive an erasure: that this person was erased, so that they stay so and are left alone."""

# serves: E-04, P-03, P-08, T-3

from datetime import datetime

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.permission import KEY_PURPOSE as PERMISSION
from rightsdesk.domain.permission import Stop, StopKind
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.suppression import KEY_PURPOSE as SUPPRESSION
from rightsdesk.domain.suppression import suppressions
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.permissions import Permissions, change_standings
from rightsdesk.ports.retention import Suppressions
from rightsdesk.ports.sources import ErasureManifest

_AT_ONCE = 25  # entries written together, of a person with very many identifiers


def remember_erasure(
    case: PrivacyRequest,
    at: datetime,
    *,
    manifest: ErasureManifest,
    suppressed: Suppressions,
    permissions: Permissions,
    keys: Keyring,
    data_map: DataMap,
) -> tuple[str, ...]:
    """Before the certificate is noted; done again, it is the same. Not for somebody of whom nothing was found.

    Answers the kinds of identifiers that there are entries of, in the order of the map.
    """
    known = manifest.identifiers(case.request_id, case.sources)
    kinds = tuple(kind for kind in data_map.identifiers if kind in data_map.suppressed and known.get(kind))
    values = [(kind, value) for kind in kinds for value in known[kind]]
    entries = suppressions(
        values, key=keys.key(SUPPRESSION), request_id=case.request_id, reference=case.reference, at=at
    )
    suppressed.put(entries)
    # A mailing list that was made before the erasure may still hold the address.
    stop = Stop(id=f"{case.request_id}:erased", kind=StopKind.ERASED, rule="POLICY-STAY-ERASED", since=at)
    digests = identifier_digests(keys.key(PERMISSION), values)
    for at_once in range(0, len(digests), _AT_ONCE):
        change_standings(permissions, digests[at_once : at_once + _AT_ONCE], lambda standing: standing.with_stop(stop))
    return kinds
