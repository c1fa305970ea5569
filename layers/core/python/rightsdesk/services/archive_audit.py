"""Copy events from the table's stream to the evidence bucket, where nobody can change them."""

# serves: B-4, B-5

from collections.abc import Mapping
from typing import Any

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.ports.exports import EvidenceStore


def archive_event(values: Mapping[str, Any], *, evidence: EvidenceStore) -> None:
    """`values` is a new item of the table, plain. What is no event of a case is passed over."""
    if not str(values.get("sk", "")).startswith("EVENT#"):
        return
    evidence.put(AuditEvent.model_validate({k: v for k, v in values.items() if k not in ("pk", "sk", "expires_at")}))
