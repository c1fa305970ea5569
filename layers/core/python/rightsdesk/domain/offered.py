"""What a person can name when they say exactly what they mean: purposes, recipients and decisions of the data map.

What has to be said besides depends on it: against a use that is named and is no advertising, what in their situation
speaks against it (GDPR 21(1)).
"""

# serves: E-05, E-06, E-08, E-09, E-10

from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.request import Aim, RequestType, Submission, details_needed


class Offered(BaseModel):
    """Names and labels; a right that names nothing has none."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    purposes: Mapping[RequestType, Mapping[str, Label]]
    marketing: frozenset[str] = frozenset()  # of these, the ones to which an objection needs no reason (GDPR 21(2))
    recipients: Mapping[str, Label]  # of a stop of provision
    decisions: Mapping[str, Label] = {}  # made by a computer alone


def require_offered(aim: Aim | None, types: tuple[RequestType, ...], offered: Offered) -> None:
    """Raises InvalidInputError, by place: `aim.purposes.0`, `not_a_choice`."""
    if aim is None:
        return
    purposes = {name for kind in types for name in offered.purposes.get(kind, {})}
    wrong = [f"aim.purposes.{at}" for at, name in enumerate(aim.purposes) if name not in purposes]
    wrong += [f"aim.recipients.{at}" for at, name in enumerate(aim.recipients) if name not in offered.recipients]
    if aim.decision is not None and aim.decision not in offered.decisions:
        wrong.append("aim.decision")
    if wrong:
        raise InvalidInputError([FieldProblem(place, "not_a_choice") for place in wrong])


def require_said(submission: Submission, offered: Callable[[], Offered]) -> None:
    """That `details` are there where they are needed. Raises InvalidInputError on them, `missing`."""
    aim = submission.aim or Aim()
    if submission.details is None and details_needed(
        submission.types, aim.objects_to, aim.purposes, lambda: offered().marketing
    ):
        raise InvalidInputError.of("details", "missing")
