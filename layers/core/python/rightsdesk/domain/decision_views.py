"""The decisions of a case as staff read them: what was decided, by which rule, and what is left to judge."""

from pydantic import Field

from rightsdesk.domain.decisions import FieldAction
from rightsdesk.domain.fields import Label
from rightsdesk.domain.views import View


class DecisionView(View):
    """One field under one right."""

    field: str = Field(description="as in the data map: `shop/members.segment`")
    label: Label | None = Field(description="null: the map no longer has this field")
    type: str
    action: FieldAction
    rule: str
    source: str
    version: str = Field(description="of the text of the rule")
    text: Label = Field(description="what the rule says, in plain words")
    basis: str
    retention: str
    judgement: str | None = Field(description="the rule that a person has to apply, if any")
    question: Label | None = Field(description="what that person has to answer")
    evidence: Label | None = Field(description="what the answer has to rest on")
    purposes: tuple[str, ...] = Field(
        description="of a field that an objection leaves to be weighed: for what it is; of one purpose all fields "
        "stay in use, or none"
    )
    ground: str | None = Field(description="on which staff hold it back, or leave it as it is")
    dpv: tuple[str, ...] = Field(description="codes of the W3C Data Privacy Vocabulary")
    by: str


class DecisionsView(View):
    """All of them, in the order of the data map. None before the plan was decided."""

    reference: str
    version: int
    counts: dict[FieldAction, int]
    to_judge: int
    grounds: tuple[str, ...] = Field(
        description="those on which a field may be withheld in this case; or stay, of what staff carry out"
    )
    decisions: tuple[DecisionView, ...]
