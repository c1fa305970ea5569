"""Staff hold fields back from the answer, each on a ground, before it is released (GDPR 15(4), 20(4); APPI 33(2))."""

# serves: B-4, E-02, E-07

from collections.abc import Mapping

from rightsdesk.domain.decisions import BY_POLICY, FieldAction, FieldDecision, recorded
from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.request import ANSWERED_BY_COPY, PrivacyRequest, RequestType, Withholding
from rightsdesk.domain.review import require_reviewable
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.words_of_staff import line_of_staff
from rightsdesk.law.decisions import given_again, withheld_by_staff
from rightsdesk.law.on_record import facts_of
from rightsdesk.law.withholding import field_grounds, rule_of
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock

_LONGEST_REASON = 300  # of a line of the letter


def withhold_fields(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    fields: Mapping[str, Withholding],
    *,
    cases: CaseStore,
    clock: Clock,
) -> PrivacyRequest:
    """The case with these fields held back (`shop/members.segment` -> why), and no others: `{}` gives all again.

    Where a process died between case and decisions, the same call again completes them. Raises NotAllowedError,
    NotAwaitingReviewError, VersionMovedOnError, and InvalidInputError for a field that is not given, a ground that
    the laws of the case do not know, or a reason that says nothing.
    """
    staff.require(Action.DECIDE)
    require_reviewable(case, version)
    before = cases.decisions(case.request_id)
    _require_possible(case, before, fields)
    reasons = {
        path: line_of_staff(f"withheld.{path}.reason", why.reason, longest=_LONGEST_REASON)
        for path, why in fields.items()
    }
    grounds = {path: why.ground for path, why in fields.items()}
    decisions = [_decided(each, staff, case, grounds.get(each.field)) for each in before]
    after, event = case.changed(
        "withheld",
        at=clock(),
        actor=staff.actor,
        details={
            "fields": list(grounds),
            "grounds": list(grounds.values()),
            **recorded(decisions),
            **facts_of(case),
        },
        withheld={path: Withholding(ground=grounds[path], reason=reasons[path]) for path in fields},
        handled_by=case.handled_by_also(staff.user_id),  # who decides what stays back does not release it alone
    )
    cases.save(case, after, event)
    cases.put_decisions(case.request_id, decisions)
    return after


def _require_possible(case: PrivacyRequest, decisions: list[FieldDecision], fields: Mapping[str, Withholding]) -> None:
    given = {each.field for each in decisions if _is_theirs_to_decide(each)}
    grounds = field_grounds(case.types, case.due.laws)
    problems = [FieldProblem(f"withheld.{path}", "not_given") for path in fields if path not in given]
    problems += [
        FieldProblem(f"withheld.{path}", "unknown_for_this_law")
        for path, why in fields.items()
        if path in given and why.ground not in grounds
    ]
    if problems:
        raise InvalidInputError(problems)


def _is_theirs_to_decide(decision: FieldDecision) -> bool:
    """A part of the package that is given, or was until staff held it back."""
    in_copy = RequestType(decision.type) in ANSWERED_BY_COPY
    return in_copy and (decision.action is FieldAction.GIVE or decision.by != BY_POLICY)


def _decided(decision: FieldDecision, staff: StaffMember, case: PrivacyRequest, ground: str | None) -> FieldDecision:
    if not _is_theirs_to_decide(decision):
        return decision
    if ground is None:
        return decision if decision.by == BY_POLICY else given_again(decision, case.due.laws)
    rule = rule_of(ground, RequestType(decision.type), case.due.laws)
    if (decision.action, decision.rule) == (FieldAction.WITHHOLD, rule):
        return decision  # somebody decided the same before: it stays theirs
    return withheld_by_staff(decision, rule, actor=staff.actor)
