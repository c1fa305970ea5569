"""What stays although it was to go: staff weigh the fields of a request that they carry out, and answer for them.

The plan deletes a field, makes it anonymous, or leaves it to be weighed. Staff name the fields that stay, or are used
on, each on a ground that a law of the case knows for the right; all others go as planned. Fields that a law keeps are
decided before (`decisions.py`), and need no ground from staff.
"""

# serves: B-2, B-4, E-04, E-06, E-09, E-13

from collections.abc import Container, Iterable, Mapping

from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.law.decisions import corrected_by_staff, kept_by_staff
from rightsdesk.law.refusal_grounds import grounds_for, rules_of_ground

# Here a field may be judged to stay; for every other right to carry it out is the judgement.
_WEIGHED = frozenset({RequestType.ERASURE, RequestType.OBJECTION})
# Grounds against a request as a whole are none for a field, so they are not here.
_OF_FIELDS = frozenset(
    {
        *("gdpr_7_3", "gdpr_17_1", "gdpr_17_3_a", "gdpr_17_3_b", "gdpr_17_3_c", "gdpr_17_3_d", "gdpr_17_3_e"),
        *("gdpr_21_1", "appi_35_lawful", "appi_35_alternative"),
    }
)


def keeping_grounds(case: PrivacyRequest) -> tuple[str, ...]:
    """The grounds on which a field may stay in this case, sorted."""
    return tuple(sorted(_OF_FIELDS & grounds_for(case.due.laws, case.types)))


def require_weighed(
    case: PrivacyRequest, decisions: Iterable[FieldDecision], kept: Mapping[str, str] | None
) -> dict[str, str]:
    """What stays (`shop/members.segment` -> ground), once it fits the plan of the case.

    `{}` is an answer: nothing stays. Raises InvalidInputError: `kept` is missing where a field has to be weighed, a
    field is unknown or was not to go, or a ground is none for it.
    """
    known = {decision.field: decision for decision in decisions}
    if kept is None:
        if any(decision.judgement and decision.type in _WEIGHED for decision in known.values()):
            raise InvalidInputError.of("kept", "missing")
        return {}
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
    if problems:
        raise InvalidInputError(problems)
    return dict(kept)


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
