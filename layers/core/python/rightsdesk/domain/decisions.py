"""What is done with each field that the merchant holds, and on which rule: the decision of a request in detail.

What policy allows is decided at once. What needs judgement waits for staff, with the rule and the evidence it wants.
"""

# serves: B-4, E-15

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.digests import canonical_sha256

BY_POLICY = "policy"


class FieldAction(StrEnum):
    GIVE = "give"
    WITHHOLD = "withhold"
    DELETE = "delete"
    ANONYMISE = "anonymise"
    KEEP = "keep"
    CORRECT = "correct"

    @property
    def goes(self) -> bool:
        """Whether nothing of the person is left in the field."""
        return self in (FieldAction.DELETE, FieldAction.ANONYMISE)


class FieldDecision(BaseModel):
    """One field under one type of request. Codes and names of the map only: no data of a person."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    field: str  # `shop/members.birth_date`
    type: str  # the right asked for
    action: FieldAction
    rule: str  # id in `law.rules.RULES`
    source: str  # of that rule: `Regulation (EU) 2016/679 (GDPR), Article 17(3)`
    version: str  # of the text of that rule
    basis: str  # legal basis in the map
    retention: str  # name in the map
    dpv: tuple[str, ...] = ()  # codes of the W3C Data Privacy Vocabulary, where it has them
    judgement: str | None = None  # id of the rule that staff have to weigh before this holds
    by: str = BY_POLICY  # or `staff:<user id>`


def recorded(decisions: Sequence[FieldDecision]) -> dict[str, Detail]:
    """What an event keeps of decisions: how many of each kind, by which rules and texts, and a digest of them all.

    `weighed` are the rules that staff have applied, `to_judge` counts what waits for them.

    The digest is SHA-256 over the canonical JSON of the list (keys sorted, no spaces, UTF-8), in its order.
    """
    counted = Counter(decision.action for decision in decisions)
    versions = {decision.rule: decision.version for decision in decisions}
    content = [decision.model_dump(mode="json") for decision in decisions]
    return {
        **{str(action): counted[action] for action in FieldAction},
        "to_judge": sum(decision.judgement is not None and decision.by == BY_POLICY for decision in decisions),
        "weighed": sorted({each.judgement for each in decisions if each.judgement and each.by != BY_POLICY}),
        "rules": sorted(versions),
        "rule_versions": [versions[rule] for rule in sorted(versions)],
        "decisions_sha256": canonical_sha256(content),
    }
