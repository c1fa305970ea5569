"""The register of decisions made by automated means alone (GDPR 13(2)(f), 15(1)(h), 22): a part of the data map."""

# serves: E-08, P-09

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rightsdesk.domain.fields import Entry, Label, Name

FieldPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}/[a-z][a-z0-9_]{0,59}\..{1,255}$")]
"""A field of the map: `shop/members.fraud_score`."""


class AutomatedDecision(Entry):
    """One decision that no person makes: what it decides, how, by what, and who looks at it again."""

    label: Label  # as the form offers it
    decides: Label  # what is decided
    logic: Label  # in plain words: meaningful information about how (GDPR 15(1)(h))
    consequences: Label  # what it means for the person
    inputs: Annotated[tuple[FieldPath, ...], Field(min_length=1)]
    recipient: Name | None = None  # who makes it, or is told of it
    basis: Literal["contract", "law", "consent"]  # GDPR 22(2)(a) to (c)
    safeguards: Label  # how the person is protected (GDPR 22(3))
    reviewer: Label  # who looks at it again, by their role
