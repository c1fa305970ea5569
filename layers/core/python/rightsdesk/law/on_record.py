"""What the event of a decision keeps: the rules with the versions of their texts, and the facts they were put to."""

# serves: B-4

from collections.abc import Iterable
from datetime import datetime

from rightsdesk.domain.audit import AuditEvent, Detail
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.law.rules import cited


def on_record(case: PrivacyRequest, rules: Iterable[str]) -> dict[str, Detail]:
    """`rules` and `rule_versions`, each rule once, with the facts."""
    return {**cited(dict.fromkeys(rules)), **facts_of(case)}


def carried_out_by_law(case: PrivacyRequest, *, at: datetime) -> tuple[PrivacyRequest, AuditEvent]:
    """A right that leaves nobody a choice: what it asks for is done, and the person is to be told."""
    return case.changed(
        "carried_out", at=at, actor=SYSTEM, details=facts_of(case), status=Status.EXECUTING, carried_out_at=at
    )


def facts_of(case: PrivacyRequest) -> dict[str, Detail]:
    """`laws`, `country` and `types` of the case: codes only."""
    return {"laws": list(case.due.laws), "country": case.country, "types": [str(kind) for kind in case.types]}
