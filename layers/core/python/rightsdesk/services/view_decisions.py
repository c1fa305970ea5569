"""Read what was decided about each field, by which rule, and what is left for a person to judge."""

# serves: B-2, B-4

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from rightsdesk.domain.decision_views import DecisionsView, DecisionView
from rightsdesk.domain.decisions import BY_POLICY, FieldAction, FieldDecision
from rightsdesk.domain.fields import Label
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.law.judgement import JUDGEMENTS
from rightsdesk.law.keeping import keeping_grounds, weighed_purposes
from rightsdesk.law.rules import RULES
from rightsdesk.law.withholding import field_grounds
from rightsdesk.ports.cases import CaseStore

if TYPE_CHECKING:  # the door for staff reads the map when it is asked for
    from rightsdesk.domain.datamap import DataMap


def view_decisions(
    staff: StaffMember, case: PrivacyRequest, *, cases: CaseStore, data_map: "Callable[[], DataMap]"
) -> DecisionsView:
    """For every role: codes and names of the data map, no data of the person. Raises NotAllowedError."""
    staff.require(Action.READ)
    decisions = cases.decisions(case.request_id)
    labels = _labels(data_map()) if decisions else {}
    purposes = weighed_purposes(case, decisions, data_map()) if decisions else {}
    counted = Counter(decision.action for decision in decisions)
    return DecisionsView(
        reference=case.reference,
        version=case.version,
        counts={action: counted[action] for action in FieldAction},
        to_judge=sum(decision.judgement is not None and decision.by == BY_POLICY for decision in decisions),
        grounds=_grounds(case),
        decisions=tuple(
            _shown(decision, labels.get(decision.field), purposes.get(decision.field, ()), case)
            for decision in decisions
        ),
    )


def _shown(
    decision: FieldDecision, label: Label | None, purposes: tuple[str, ...], case: PrivacyRequest
) -> DecisionView:
    rule = RULES[decision.rule]
    judgement = JUDGEMENTS[decision.judgement] if decision.judgement else None
    return DecisionView(
        **decision.model_dump(),
        label=label,
        text=Label(en=rule.summary, ja=rule.ja),
        question=judgement and judgement.question,
        evidence=judgement and judgement.evidence,
        purposes=purposes,
        ground=_ground(decision, case),
    )


def _ground(decision: FieldDecision, case: PrivacyRequest) -> str | None:
    if decision.by == BY_POLICY:
        return None
    withheld = case.withheld.get(decision.field)
    return withheld.ground if withheld else case.kept.get(decision.field)


def _grounds(case: PrivacyRequest) -> tuple[str, ...]:
    if case.gives_copy:
        return field_grounds(case.types, case.due.laws)
    return () if case.answered_by_package else keeping_grounds(case)


def _labels(data_map: "DataMap") -> dict[str, Label]:
    return {
        f"{collection.path}.{name}": field.label
        for collection in data_map.collections
        for name, field in collection.fields.items()
    }
