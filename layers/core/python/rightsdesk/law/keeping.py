"""What stays although it was to go: staff weigh the fields of a request that they carry out, and answer for them.

The plan deletes a field, makes it anonymous, or leaves it to be weighed. Staff name the fields that stay, or are used
on, each on a ground that a law of the case knows for the right; all others go as planned. Fields that a law keeps are
decided before (`decisions.py`), and need no ground from staff.

An objection is weighed purpose by purpose, for the grounds have to be compelling for this processing (GDPR 21(1)): of a
purpose all fields stay in use, or none, and staff say why in words for the person.
"""

# serves: B-2, B-4, E-04, E-06, E-09, E-13

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.decisions import FieldDecision, recorded
from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.words_of_staff import line_of_staff
from rightsdesk.law.decisions import corrected_by_staff, kept_by_staff
from rightsdesk.law.refusal_grounds import grounds_for, rules_of_ground

if TYPE_CHECKING:  # read for an objection alone
    from rightsdesk.domain.datamap import DataMap

# Here a field may be judged to stay; for every other right to carry it out is the judgement.
_WEIGHED = frozenset({RequestType.ERASURE, RequestType.OBJECTION})
# Grounds against a request as a whole are none for a field, so they are not here.
_OF_FIELDS = frozenset(
    {
        *("gdpr_7_3", "gdpr_17_1", "gdpr_17_3_a", "gdpr_17_3_b", "gdpr_17_3_c", "gdpr_17_3_d", "gdpr_17_3_e"),
        *("gdpr_21_1", "appi_35_lawful", "appi_35_alternative"),
    }
)


_LONGEST_REASON = 1000  # of a line of the letter: what is compelling takes more than a sentence


class Weighed(NamedTuple):
    """What staff leave."""

    kept: dict[str, str]  # field -> ground
    reasons: dict[str, str]  # purpose that was objected to -> why it is gone on with, a line of the letter

    def on_record(self, decisions: Sequence[FieldDecision]) -> dict[str, Detail]:
        """What an event says of it: codes and names, and no words."""
        of_purposes: dict[str, Detail] = {"purposes": list(self.reasons)} if self.reasons else {}
        return {
            "fields": list(self.kept),
            "grounds": list(self.kept.values()),
            **of_purposes,
            **recorded(decisions),
        }


def keeping_grounds(case: PrivacyRequest) -> tuple[str, ...]:
    """The grounds on which a field may stay in this case, sorted."""
    return tuple(sorted(_OF_FIELDS & grounds_for(case.due.laws, case.types)))


def require_weighed(
    case: PrivacyRequest,
    decisions: Iterable[FieldDecision],
    kept: Mapping[str, str] | None,
    reasons: Mapping[str, str] | None = None,
    *,
    data_map: "Callable[[], DataMap]",
) -> Weighed:
    """What stays (`shop/members.segment` -> ground), once it fits the plan of the case; of an objection with `reasons`.

    `{}` is an answer: nothing stays. Raises InvalidInputError. On `kept`: it is missing where a field has to be
    weighed, a field is unknown or was not to go, a ground is none for it, or only some fields of a purpose stay
    (`whole_purpose`, at those that are left out). On `reasons`: a purpose that is gone on with has none, or says
    nothing; or no field of it stays (`not_kept`).
    """
    known = {decision.field: decision for decision in decisions}
    if kept is None and any(decision.judgement and decision.type in _WEIGHED for decision in known.values()):
        raise InvalidInputError.of("kept", "missing")
    kept, reasons = dict(kept or {}), dict(reasons or {})
    grounds = keeping_grounds(case)
    problems = []
    for path, ground in kept.items():
        decision = known.get(path)
        if decision is None:
            problems.append(FieldProblem(f"kept.{path}", "unknown"))
        elif not _may_stay(decision):
            problems.append(FieldProblem(f"kept.{path}", "not_planned"))
        elif ground not in grounds or _is_absolute(decision):
            problems.append(FieldProblem(f"kept.{path}", "unknown_for_this_law"))
    if not problems:
        read = kept and RequestType.OBJECTION in case.types
        serves = weighed_purposes(case, known.values(), data_map()) if read else {}
        problems = _unlike_the_purposes(serves, kept, reasons)
    if problems:
        raise InvalidInputError(problems)
    return Weighed(
        kept, {name: line_of_staff(f"reasons.{name}", why, longest=_LONGEST_REASON) for name, why in reasons.items()}
    )


def weighed_purposes(
    case: PrivacyRequest, decisions: Iterable[FieldDecision], data_map: "DataMap"
) -> dict[str, tuple[str, ...]]:
    """Field that an objection leaves to be weighed -> the purposes for which it is: those that are stopped meanwhile.

    Where the map holds a field on an interest for a purpose that it names none for, nothing of it is stopped: then all
    for which it is used.
    """
    from rightsdesk.domain.rectification import place_of

    stopped = {name for stop in case.use.stops if stop.provisional for name in stop.purposes} if case.use else set()
    found = {}
    for decision in decisions:
        place = place_of(data_map, decision.field)
        if place and decision.type == RequestType.OBJECTION and decision.judgement is not None:
            purposes = tuple(place.field.purposes)
            found[decision.field] = tuple(name for name in purposes if name in stopped) or purposes
    return found


def _unlike_the_purposes(
    serves: Mapping[str, tuple[str, ...]], kept: Mapping[str, str], reasons: Mapping[str, str]
) -> list[FieldProblem]:
    """What does not fit together. A field that serves two purposes stays for the one that is gone on with."""
    possible = {name for field in kept for name in serves.get(field, ())}
    left_out = [field for field in serves if field not in kept]
    whole = possible - {name for field in left_out for name in serves[field]}
    unsaid: set[str] = set()
    for field in kept:
        purposes = set(serves.get(field, ()))
        if purposes.isdisjoint(reasons):
            unsaid |= purposes & whole or purposes
    going_on = possible & reasons.keys() | unsaid
    return [
        *(FieldProblem(f"reasons.{name}", "not_kept") for name in reasons if name not in possible),
        *(FieldProblem(f"reasons.{name}", "missing") for name in sorted(unsaid)),
        *(
            FieldProblem(f"kept.{field}", "whole_purpose")
            for field in left_out
            if not going_on.isdisjoint(serves[field])
        ),
    ]


def carried_out(
    decisions: Iterable[FieldDecision], kept: Mapping[str, str], laws: Iterable[str], *, actor: str
) -> tuple[FieldDecision, ...]:
    """The decisions once staff carried them out: what is weighed is theirs. Made again, they are the same."""
    laws = tuple(laws)

    def after(decision: FieldDecision) -> FieldDecision:
        ground = kept.get(decision.field)
        if ground is not None:
            return kept_by_staff(decision, rules_of_ground(ground, laws)[0], actor=actor)
        return decision if decision.judgement is None else decision.model_copy(update={"by": actor})

    return tuple(after(decision) for decision in decisions)


def corrected(decisions: Iterable[FieldDecision], fields: Container[str], *, actor: str) -> tuple[FieldDecision, ...]:
    """The decisions once `fields` were corrected: all others stay as they are, on the same word (GDPR 16, APPI 34(2)).

    Made again, they are the same.
    """

    def after(decision: FieldDecision) -> FieldDecision:
        if decision.type != RequestType.RECTIFICATION:
            return decision
        if decision.field in fields:
            return corrected_by_staff(decision, actor=actor)
        return decision if decision.judgement is None else decision.model_copy(update={"by": actor})

    return tuple(after(decision) for decision in decisions)


def _is_absolute(decision: FieldDecision) -> bool:
    """Who objects has to be followed where nothing but direct marketing is served (GDPR 21(3))."""
    return decision.type == RequestType.OBJECTION and decision.action.goes


def _may_stay(decision: FieldDecision) -> bool:
    return decision.action.goes or (decision.judgement is not None and decision.type in _WEIGHED)
