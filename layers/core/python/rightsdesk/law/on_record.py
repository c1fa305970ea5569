"""What the event of a decision keeps: the rules with the versions of their texts, and the facts they were put to."""

# serves: B-4

from collections.abc import Iterable

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.law.rules import cited


def on_record(case: PrivacyRequest, rules: Iterable[str]) -> dict[str, Detail]:
    """`rules` and `rule_versions`, each rule once, with the facts."""
    return {**cited(dict.fromkeys(rules)), **facts_of(case)}


def facts_of(case: PrivacyRequest) -> dict[str, Detail]:
    """`laws`, `country` and `types` of the case: codes only."""
    return {"laws": list(case.due.laws), "country": case.country, "types": [str(kind) for kind in case.types]}
