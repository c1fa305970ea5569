"""For each law and right: from what the data map says of a field to an action, and the rule that gives it.

What counts is the legal basis, the origin, whom it is about, whether it is disclosed, and which law keeps it how long.

    access          GIVE what is disclosed; WITHHOLD what never is (15(4), 33(2)); what is about others is weighed
    portability     GIVE what was provided or observed, on consent or contract
    erasure         DELETE by the ground of its basis (17(1)); KEEP what a law demands (17(3)(b)); ANONYMISE the keys of
                    a record of which a law keeps a part
    all others      KEEP, under the rule that says what changes; DELETE what consent or marketing alone held
"""

# serves: E-01, E-02, E-03, E-04, E-05, E-06, E-07, E-08, E-09, E-10, E-11, E-12, E-15

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rightsdesk.domain.decisions import FieldAction
from rightsdesk.domain.fields import BASIS_RULES, Basis, Category, DataField, Origin
from rightsdesk.domain.request import RequestType
from rightsdesk.law.applicability import Law


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field, and what follows for it from the rest of the map."""

    field: DataField
    by_law: bool  # a law makes the merchant hold it
    in_kept_record: bool  # a law keeps another part of the same record
    marketing: bool  # one of its purposes is direct marketing
    only_marketing: bool
    to_third_parties: bool
    aimed_at: bool = True  # the person means this field, too

    @property
    def about_others(self) -> bool:
        return self.field.about == "other_person"


@dataclass(frozen=True, slots=True)
class Verdict:
    action: FieldAction
    rule: str
    judgement: str | None = None


# GDPR


def _told(facts: FieldFacts) -> Verdict:
    from_the_person = facts.field.origin in (Origin.PROVIDED, Origin.OBSERVED)
    return Verdict(FieldAction.GIVE, "GDPR-13" if from_the_person else "GDPR-14")


def _copied(facts: FieldFacts) -> Verdict:
    if not facts.field.disclosed:
        return Verdict(FieldAction.WITHHOLD, "GDPR-15-4")
    if facts.about_others:
        return Verdict(FieldAction.WITHHOLD, "GDPR-15-4", "GDPR-15-4")
    return Verdict(FieldAction.GIVE, "GDPR-15")


def _taken_along(facts: FieldFacts) -> Verdict:
    if facts.field.portable:
        return Verdict(FieldAction.GIVE, "GDPR-20-1")
    harms_others = facts.field.meant_for_portability and (facts.about_others or not facts.field.disclosed)
    return Verdict(FieldAction.WITHHOLD, "GDPR-20-4" if harms_others else "GDPR-20-1")


def _corrected(_: FieldFacts) -> Verdict:
    return Verdict(FieldAction.KEEP, "GDPR-16", "GDPR-16")


def _erased(facts: FieldFacts) -> Verdict:
    if facts.by_law or facts.field.basis is Basis.PUBLIC_TASK:
        return Verdict(FieldAction.KEEP, "GDPR-17-3-b")
    if _is_key_of_kept_record(facts):
        return Verdict(FieldAction.ANONYMISE, "POLICY-KEPT-RECORD")
    match facts.field.basis:
        case Basis.CONSENT:
            return Verdict(FieldAction.DELETE, "GDPR-17-1-b")
        case Basis.LEGITIMATE_INTERESTS:
            # An objection to marketing is absolute; against any other, compelling grounds may be shown (21(1)).
            return Verdict(FieldAction.DELETE, "GDPR-17-1-c", None if facts.only_marketing else "GDPR-21-1")
        case _:
            return Verdict(FieldAction.DELETE, "GDPR-17-1-a")


def _restricted(_: FieldFacts) -> Verdict:
    return Verdict(FieldAction.KEEP, "GDPR-18-1", "GDPR-18-1")


def _objected(facts: FieldFacts) -> Verdict:
    if facts.only_marketing and not facts.by_law and facts.field.category is not Category.CONSENT:
        return Verdict(FieldAction.DELETE, "GDPR-21-3")  # no purpose is left
    if facts.marketing:
        # For other purposes, as a law demands, or to remember the choice; this use stops whatever the basis (21(2)).
        return Verdict(FieldAction.KEEP, "GDPR-21-3")
    if facts.by_law:
        return _outside(facts)
    if facts.field.basis in (Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK):
        return Verdict(FieldAction.KEEP, "GDPR-21-1", "GDPR-21-1")
    return _outside(facts)


def _reviewed(facts: FieldFacts) -> Verdict:
    if facts.field.origin is Origin.INFERRED:
        return Verdict(FieldAction.KEEP, "GDPR-22-3", "GDPR-22-3")
    return _outside(facts)


def _withdrawn(facts: FieldFacts) -> Verdict:
    if facts.field.category is Category.CONSENT:
        return Verdict(FieldAction.KEEP, "GDPR-7-1")
    if facts.field.basis is Basis.CONSENT and not facts.by_law:
        return Verdict(FieldAction.DELETE, "GDPR-17-1-b")
    return _outside(facts)


def _outside(facts: FieldFacts) -> Verdict:
    """The right does not reach this field: it stays, on its basis."""
    by_law = facts.by_law and facts.field.basis is not Basis.LEGAL_OBLIGATION
    return Verdict(FieldAction.KEEP, "GDPR-6-1-c" if by_law else BASIS_RULES[facts.field.basis])


def _is_key_of_kept_record(facts: FieldFacts) -> bool:
    """It holds a kept record together. What the person gave as a key (an address) is no part of the record."""
    return facts.in_kept_record and facts.field.identifies is not None and facts.field.origin is not Origin.PROVIDED


# APPI


def _told_in_japan(_: FieldFacts) -> Verdict:
    return Verdict(FieldAction.GIVE, "APPI-32-1")


def _disclosed_in_japan(facts: FieldFacts) -> Verdict:
    if facts.field.ground:
        harms_people = facts.field.ground == "rights_of_others"
        return Verdict(FieldAction.WITHHOLD, "APPI-33-2-i" if harms_people else "APPI-33-2-ii")
    if facts.about_others:
        return Verdict(FieldAction.WITHHOLD, "APPI-33-2-i", "APPI-33-2-i")
    return Verdict(FieldAction.GIVE, "APPI-33-1")


def _corrected_in_japan(_: FieldFacts) -> Verdict:
    return Verdict(FieldAction.KEEP, "APPI-34", "APPI-34")


def _erased_in_japan(facts: FieldFacts) -> Verdict:
    """The Act wants a ground; that the person leaves is one: the data are no longer needed (35(5))."""
    if facts.by_law or facts.field.basis is Basis.PUBLIC_TASK:
        return Verdict(FieldAction.KEEP, "APPI-35-5")  # it is still needed
    if _is_key_of_kept_record(facts):
        return Verdict(FieldAction.ANONYMISE, "POLICY-KEPT-RECORD")
    still_wanted = facts.field.basis is Basis.LEGITIMATE_INTERESTS and not facts.only_marketing
    return Verdict(FieldAction.DELETE, "APPI-35-5", "APPI-35-2" if still_wanted else None)


def _stopped_in_japan(facts: FieldFacts) -> Verdict:
    return Verdict(FieldAction.KEEP, "APPI-35-1", None if facts.by_law else "APPI-35-2")


def _provision_stopped(facts: FieldFacts) -> Verdict:
    """That a law makes us hold data is no reason to provide them: 35(3) turns on 27(1) and 28."""
    return Verdict(FieldAction.KEEP, "APPI-35-3", "APPI-35-2" if facts.to_third_parties else None)


def _purpose_told(_: FieldFacts) -> Verdict:
    return Verdict(FieldAction.GIVE, "APPI-32-2")


def _provisions_told(facts: FieldFacts) -> Verdict:
    return Verdict(FieldAction.GIVE if facts.to_third_parties else FieldAction.KEEP, "APPI-33-5")


_Table = Mapping[RequestType, Callable[[FieldFacts], Verdict]]
_T = RequestType
TABLES: Mapping[Law, _Table] = {
    Law.GDPR: {
        _T.INFORMATION: _told,
        _T.ACCESS: _copied,
        _T.RECTIFICATION: _corrected,
        _T.ERASURE: _erased,
        _T.RESTRICTION: _restricted,
        _T.OBJECTION: _objected,
        _T.PORTABILITY: _taken_along,
        _T.AUTOMATED_DECISION: _reviewed,
        _T.CONSENT_WITHDRAWAL: _withdrawn,
    },
    Law.APPI: {
        _T.INFORMATION: _told_in_japan,
        _T.ACCESS: _disclosed_in_japan,
        _T.RECTIFICATION: _corrected_in_japan,
        _T.ERASURE: _erased_in_japan,
        _T.RESTRICTION: _stopped_in_japan,
        _T.STOP_PROVISION: _provision_stopped,
        _T.PURPOSE_NOTICE: _purpose_told,
        _T.PROVISION_RECORDS: _provisions_told,
    },
}


def verdict_of(law: Law, kind: RequestType, facts: FieldFacts) -> Verdict:
    """What a law says of a field; one that the person does not mean stays, and there is nothing to weigh."""
    verdict = TABLES[law][kind](facts)
    if facts.aimed_at:
        return verdict
    return _outside(facts) if law is Law.GDPR else Verdict(FieldAction.KEEP, verdict.rule)
