"""What a person has answered so far, as typed, and what of it does not fit yet.

`Submission` alone knows what fits: these answers are put to it, and its findings become texts at the fields.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from rightsdesk.domain.errors import FieldProblem
from rightsdesk.domain.request import DETAILS_NEEDED, Door, Language, Submission
from rightsdesk.law.countries import REGIONS
from rightsdesk.web.countries import CHOICES

# The questions in their order: page -> the fields it asks for. The region is asked for where a country has some.
QUESTIONS: dict[str, tuple[str, ...]] = {
    "your-request": ("types",),
    "where-you-live": ("country",),
    "your-region": ("region",),
    "your-details": ("name", "email", "order_number", "details"),
}
_REASONS = {  # of pydantic; the length of a text counts as that of a list where it is checked after cleaning
    "too_short": "missing",
    "string_too_short": "missing",
    "too_long": "too_long",
    "string_too_long": "too_long",
    "ask_apart": "ask_apart",
}
_LONGEST_KEPT = 600  # what is longer than any field may be is not carried along


class Answers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    types: tuple[str, ...] = ()
    country: str = ""
    region: str = ""
    name: str = ""
    email: str = ""
    order_number: str = ""
    details: str = ""

    @property
    def regions(self) -> tuple[str, ...]:
        """The parts of the country to choose from; mostly none."""
        return REGIONS.get(self.country, ())

    @property
    def details_needed(self) -> bool:
        return not DETAILS_NEEDED.isdisjoint(self.types)

    def problems(self, page: str | None = None) -> tuple[FieldProblem, ...]:
        """What does not fit, on one page or on all, in the order of the fields."""
        found = self._findings()
        fields = [name for of, names in QUESTIONS.items() if page in (None, of) for name in names]
        return tuple(FieldProblem(name, found[name]) for name in fields if name in found)

    def first_open_page(self) -> str | None:
        """The first question without a fitting answer; None when all are answered."""
        return next((page for page in QUESTIONS if self.problems(page)), None)

    def submission(self, language: Language) -> Submission:
        """Raises ValidationError; never where `problems()` is empty."""
        return Submission.model_validate(
            {name: value or None for name, value in self if name in ("order_number", "details")}
            | {
                "types": tuple(dict.fromkeys(self.types)),
                "country": self.country,
                "region": self.region if self.region in self.regions else None,
                "name": self.name,
                "email": self.email,
            }
            | {"language": language, "door": Door.WEB}
        )

    def kept(self) -> Self:
        """These answers for the cookie: nothing that is far too long to be one."""
        return self.model_copy(
            update={name: "" for name, value in self if isinstance(value, str) and len(value) > _LONGEST_KEPT}
            | ({"types": ()} if self._findings().get("types") else {})
        )

    def _findings(self) -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            self.submission("en")
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False, include_context=False):
                found.setdefault(str(detail["loc"][0]), _REASONS.get(detail["type"], "invalid"))
        if self.country not in CHOICES:
            found["country"] = "missing"
        if self.region and self.regions and self.region not in self.regions:
            found["region"] = "invalid"
        if not self.email:
            found["email"] = "missing"
        if self.details_needed and not self.details:
            found["details"] = "missing"
        return found
