"""What a person loses with their data, as the data map names it: open orders, points, warranties (mission E-14)."""

# serves: E-14

from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsdesk.domain.fields import Attribute, Entry, Label


class LossCondition(Entry):
    """Of which records it holds: what one field says."""

    field: Attribute
    one_of: tuple[str, ...] = ()  # these texts
    above: int | None = None  # a number greater than this
    not_past: bool = False  # a day from today on

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum((bool(self.one_of), self.above is not None, self.not_past)) != 1:
            raise ValueError("a condition is one of `one_of`, `above` and `not_past`")
        return self


class PossibleLoss(Entry):
    """Something that goes with the records of a collection, all of them or those of which `when` holds."""

    label: Label
    when: LossCondition | None = None
    total: Annotated[Attribute | None, Field(alias="sum")] = None  # a field whose whole numbers are added up: points
