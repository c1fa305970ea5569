"""What is done with each field that the merchant holds, and on which rule: the decision of a request in detail.

What policy allows is decided at once. What needs judgement waits for staff, with the rule and the evidence it wants.
"""

# serves: B-4, E-15

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class FieldAction(StrEnum):
    GIVE = "give"
    WITHHOLD = "withhold"
    DELETE = "delete"
    ANONYMISE = "anonymise"
    KEEP = "keep"


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
    by: str = "policy"  # or `staff:<user id>`
