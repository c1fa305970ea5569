"""What a person has answered so far, as typed, and what of it does not fit yet.

`Submission` alone knows what fits: these answers are put to it, and its findings become texts at the fields.
"""

from collections.abc import Callable, Collection
from typing import Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from rightsdesk.domain.errors import FieldProblem
from rightsdesk.domain.request import (
    AIMED_BY,
    Aim,
    Door,
    Language,
    RequestType,
    RestrictionGround,
    Submission,
    details_needed,
)
from rightsdesk.domain.sensitive_numbers import numbers_not_to_send
from rightsdesk.law.countries import REGIONS
from rightsdesk.web.countries import CHOICES

# The questions in their order: page -> the fields it asks for. The region is asked for where a country has some.
QUESTIONS: dict[str, tuple[str, ...]] = {
    "who-you-are": ("agent_name", "agent_email", "mandate"),  # where somebody asks for another
    "your-request": ("types",),
    # Where something is to stop, to be looked at again or to be sent.
    "what-exactly": ("objects_to", "ground", "purposes", "recipients", "decision", "send_to"),
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
    "not_callable": "not_callable",
}
_OF_AGENT = {"name": "agent_name", "email": "agent_email", "mandate": "mandate"}  # what the fields are called here
BOTH, NAMED = "both", "named"
MYSELF = "myself"
UNKNOWN = "unknown"  # which decision it was
_NAMES_PURPOSES = {RequestType.CONSENT_WITHDRAWAL, RequestType.OBJECTION}
OBJECTS_TO = ("marketing", "other", BOTH, NAMED)
GROUNDS = get_args(RestrictionGround)
_LONGEST_FOR_ANOTHER = 300  # of details: what else is said of who asks takes the rest of the cookie
_LONGEST_KEPT = 600  # what is longer than any field may be is not carried along


class Answers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    asks_for: str = ""  # a role; nothing or MYSELF: for oneself
    agent_name: str = ""
    agent_email: str = ""
    mandate: str = ""
    types: tuple[str, ...] = ()
    objects_to: str = ""  # both: marketing, and whatever else an objection reaches
    ground: str = ""
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    decision: str = ""
    contests: str = ""
    meanwhile: str = ""
    send_to: str = ""
    country: str = ""
    region: str = ""
    name: str = ""
    email: str = ""
    order_number: str = ""
    details: str = ""

    @property
    def for_another(self) -> bool:
        return self.asks_for not in ("", MYSELF)

    @property
    def agent(self) -> dict[str, str] | None:
        """As `Submission` takes it."""
        if not self.for_another:
            return None
        return {"role": self.asks_for, "name": self.agent_name, "email": self.agent_email, "mandate": self.mandate}

    @property
    def regions(self) -> tuple[str, ...]:
        """The parts of the country to choose from; mostly none."""
        return REGIONS.get(self.country, ())

    def details_needed(self, marketing: Callable[[], Collection[str]]) -> bool:
        """`marketing`: the purposes that are advertising, by what the data map calls them."""
        purposes = self.purposes if self.names_purposes else ()
        return details_needed(self.types, self.objects_to, purposes, marketing)

    @property
    def asked_exactly(self) -> tuple[str, ...]:
        """What is asked on the page `what-exactly`, by what was chosen: mostly nothing."""
        of_types = tuple(name for name, kinds in AIMED_BY.items() if not kinds.isdisjoint(self.types))
        return tuple(name for name in of_types if name != "purposes" or _NAMES_PURPOSES.intersection(self.types))

    @property
    def names_purposes(self) -> bool:
        """Whether what is ticked counts: of an objection only where it is one to just these."""
        return RequestType.CONSENT_WITHDRAWAL in self.types or self.objects_to == NAMED

    @property
    def aim(self) -> Aim | None:
        """Of what is asked for this right; what was answered before another was chosen is left aside."""
        said = {
            "objects_to": None if self.objects_to in (BOTH, NAMED) else self.objects_to,
            "ground": self.ground,
            "purposes": self.purposes if self.names_purposes else (),
            "recipients": self.recipients,
            "decision": None if self.decision == UNKNOWN else self.decision,
            "contests": self.contests == "yes",
            "meanwhile": self.meanwhile == "yes",
            "send_to": self.send_to.strip(),
        }
        given = {name: said[name] for name in self.asked_exactly if said[name]}
        return Aim.model_validate(given) if given else None

    def problems(self, marketing: Callable[[], Collection[str]], page: str | None = None) -> tuple[FieldProblem, ...]:
        """What does not fit, on one page or on all, in the order of the fields."""
        found = self._findings()
        if (not self.details or found.get("details") == "missing") and self.details_needed(marketing):
            found["details"] = "situation_missing" if RequestType.OBJECTION in self.types else "missing"
        fields = [name for of, names in QUESTIONS.items() if page in (None, of) for name in names]
        return tuple(FieldProblem(name, found[name]) for name in fields if name in found)

    def first_open_page(self, marketing: Callable[[], Collection[str]]) -> str | None:
        """The first question without a fitting answer; None when all are answered."""
        return next((page for page in QUESTIONS if self.problems(marketing, page)), None)

    def submission(self, language: Language) -> Submission:
        """Raises ValidationError; never where `problems()` is empty."""
        return Submission.model_validate(
            {name: value or None for name, value in self if name in ("order_number", "details")}
            | {
                "types": tuple(dict.fromkeys(self.types)),
                "aim": self.aim,
                "agent": self.agent,
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
            update={name: "" for name, value in self if isinstance(value, str) and len(value) > self._longest(name)}
            | ({"types": ()} if self._findings().get("types") else {})
        )

    def _longest(self, name: str) -> int:
        if not self.for_another:
            return _LONGEST_KEPT
        return {"details": _LONGEST_FOR_ANOTHER, "mandate": 200, "agent_name": 60}.get(name, _LONGEST_KEPT)

    def _findings(self) -> dict[str, str]:
        found: dict[str, str] = {}
        asked = self.asked_exactly
        if "objects_to" in asked and self.objects_to not in OBJECTS_TO:
            found["objects_to"] = "missing"
        elif "objects_to" in asked and self.objects_to == NAMED and not self.purposes:
            found["purposes"] = "missing"
        elif "objects_to" in asked and self.objects_to != NAMED and self.purposes:
            found["objects_to"] = "ticked"  # what they mean only they know
        if "ground" in asked and self.ground not in GROUNDS:
            found["ground"] = "missing"
        if "decision" in asked and not self.decision:
            found["decision"] = "missing"
        try:
            self.model_copy(update=dict.fromkeys(found, "")).submission("en")
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False, include_context=False):
                place = str(detail["loc"][0])
                if place == "agent":
                    place = _OF_AGENT.get(str(detail["loc"][-1]), "agent_name")
                found.setdefault("purposes" if place == "aim" else place, _REASONS.get(detail["type"], "invalid"))
        if self.country not in CHOICES:
            found["country"] = "missing"
        if self.region and self.regions and self.region not in self.regions:
            found["region"] = "invalid"
        if self.for_another and not self.agent_email:
            found["agent_email"] = "missing"
        if self.for_another and len(self.details) > _LONGEST_FOR_ANOTHER:
            found["details"] = "too_long_for_another"
        if numbers_not_to_send(self.details):
            found["details"] = "sensitive_number"
        if not self.email:
            found["email"] = "missing"
        return found
