"""What the law lets be done with each field that the data map describes, for each right that is asked for.

A pure table: from the right, and from what the map says of the field (legal basis, origin, whom it is about, whether it
is disclosed, how long it is kept and by which law), to an action and the rule that gives it. What a person has to weigh
carries the id of the rule in `law/judgement.py`; everything else is decided here and now.

Where the GDPR and the APPI both know the right, the one that gives the person more holds. A right that no law of the
case knows is our own promise, decided as the law decides that knows it.

    access          GIVE what is disclosed; WITHHOLD what never is (15(4), 33(2)); what is about others is weighed
    portability     GIVE what was provided or observed, on consent or contract
    erasure         DELETE by the ground of its basis (17(1)); KEEP what a law demands (17(3)(b)); ANONYMISE the keys of
                    a record of which a law keeps a part
    all others      KEEP, under the rule that says what changes; DELETE what consent or marketing alone held
"""

# serves: B-4, E-01, E-02, E-03, E-04, E-05, E-06, E-07, E-08, E-09, E-10, E-11, E-12, E-15

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.decisions import BY_POLICY, FieldAction, FieldDecision
from rightsdesk.domain.fields import Basis, Category, DataField, Origin
from rightsdesk.domain.request import RequestType
from rightsdesk.law.applicability import Law
from rightsdesk.law.dpv import dpv_codes
from rightsdesk.law.rights import RIGHTS
from rightsdesk.law.rules import RULES

PROMISE_RULE = "POLICY-PROMISED-RIGHTS"
# The clauses of a privacy policy under which data serve direct marketing: newsletters, catalogues, offers (mission P).
MARKETING_CLAUSES = frozenset({"P-03", "P-04", "P-05", "P-06"})
# A processor or a joint user is no third party (APPI 27(5)).
_THIRD_PARTIES = frozenset({"third_party", "fraud_prevention", "joint_controller"})

_BASIS_RULES = {
    Basis.CONSENT: "GDPR-6-1-a",
    Basis.CONTRACT: "GDPR-6-1-b",
    Basis.LEGAL_OBLIGATION: "GDPR-6-1-c",
    Basis.VITAL_INTERESTS: "GDPR-6-1-d",
    Basis.PUBLIC_TASK: "GDPR-6-1-e",
    Basis.LEGITIMATE_INTERESTS: "GDPR-6-1-f",
}
# What gives the person more comes first.
_MOST_FIRST = (FieldAction.GIVE, FieldAction.DELETE, FieldAction.ANONYMISE, FieldAction.KEEP, FieldAction.WITHHOLD)


@dataclass(frozen=True, slots=True)
class _Facts:
    """A field, and what follows for it from the rest of the map."""

    field: DataField
    by_law: bool  # a law makes the merchant hold it
    in_kept_record: bool  # a law keeps another part of the same record
    marketing: bool  # one of its purposes is direct marketing
    only_marketing: bool
    to_third_parties: bool

    @property
    def about_others(self) -> bool:
        return self.field.about == "other_person"


@dataclass(frozen=True, slots=True)
class _Verdict:
    action: FieldAction
    rule: str
    judgement: str | None = None


def decide_fields(types: Iterable[RequestType], data_map: DataMap, laws: Iterable[str]) -> tuple[FieldDecision, ...]:
    """One decision for each field of the map and each type, in their order. `laws` as on a case, at least one."""
    kinds, known = tuple(dict.fromkeys(types)), tuple(Law(law) for law in laws)
    return tuple(
        _decided(kind, f"{collection.path}.{name}", facts, known)
        for kind in kinds
        for collection in data_map.collections
        for name, facts in _facts_of(collection, data_map)
    )


def decided_again(fresh: Iterable[FieldDecision], earlier: Iterable[FieldDecision]) -> tuple[FieldDecision, ...]:
    """The decisions made anew, as after a change of the map; what staff decided about a field before stays."""
    staffs = {(each.field, each.type): each for each in earlier if each.by != BY_POLICY}
    return tuple(staffs.get((each.field, each.type), each) for each in fresh)


def withheld_by_staff(decision: FieldDecision, rule: str, *, actor: str) -> FieldDecision:
    """A field that would be given, held back by a person on a rule of the register."""
    return _changed(decision, FieldAction.WITHHOLD, rule, by=actor)


def given_again(decision: FieldDecision, laws: Iterable[str]) -> FieldDecision:
    """A field that staff held back, as policy decides it: only what is given can be held back."""
    kind = RequestType(decision.type)
    chosen = _laws_for(kind, tuple(Law(law) for law in laws))[0]
    rule = {RequestType.PORTABILITY: "GDPR-20-1"}.get(kind, "GDPR-15" if chosen is Law.GDPR else "APPI-33-1")
    return _changed(decision, FieldAction.GIVE, PROMISE_RULE if chosen is Law.PROMISE else rule, by=BY_POLICY)


def _changed(decision: FieldDecision, action: FieldAction, rule: str, *, by: str) -> FieldDecision:
    kind, basis = RequestType(decision.type), Basis(decision.basis)
    law = Law.GDPR if rule.startswith("GDPR") else Law.APPI if rule.startswith("APPI") else Law.PROMISE
    cited = RULES[rule]
    return decision.model_copy(
        update={
            "action": action,
            "rule": rule,
            "source": cited.source,
            "version": cited.version,
            "dpv": dpv_codes(kind, basis, action, rule, law=law),
            "judgement": None,
            "by": by,
        }
    )


def _facts_of(collection: Collection, data_map: DataMap) -> Iterator[tuple[str, _Facts]]:
    by_law = {
        name: field.basis is Basis.LEGAL_OBLIGATION or data_map.retention[field.retention].law is not None
        for name, field in collection.fields.items()
    }
    for name, field in collection.fields.items():
        marketing = [data_map.purposes[purpose].clause in MARKETING_CLAUSES for purpose in field.purposes]
        yield (
            name,
            _Facts(
                field=field,
                by_law=by_law[name],
                in_kept_record=any(by_law.values()),
                marketing=any(marketing),
                only_marketing=all(marketing),
                to_third_parties=any(data_map.recipients[each].role in _THIRD_PARTIES for each in field.recipients),
            ),
        )


def _laws_for(kind: RequestType, laws: tuple[Law, ...]) -> tuple[Law, ...]:
    """The laws of the case that know this right; where none does, it is our promise."""
    known = {Law.GDPR: RIGHTS[kind].gdpr, Law.APPI: RIGHTS[kind].appi, Law.PROMISE: None}
    return tuple(law for law in laws if known[law]) or (Law.PROMISE,)


def _decided(kind: RequestType, path: str, facts: _Facts, laws: tuple[Law, ...]) -> FieldDecision:
    candidates = [(law, _verdict(kind, facts, law)) for law in _laws_for(kind, laws)]
    law, verdict = min(candidates, key=lambda each: _least_given(each[1]))  # of equals the first
    rule = RULES[verdict.rule]
    return FieldDecision(
        field=path,
        type=kind,
        action=verdict.action,
        rule=rule.id,
        source=rule.source,
        version=rule.version,
        basis=facts.field.basis,
        retention=facts.field.retention,
        dpv=dpv_codes(kind, facts.field.basis, verdict.action, rule.id, law=law),
        judgement=verdict.judgement,
    )


def _least_given(verdict: _Verdict) -> tuple[int, bool]:
    """Sorts what gives the person more before what gives less.

    To give without having to weigh is more; of two that give nothing, the one that a person may still weigh is.
    """
    weighed = verdict.judgement is not None
    gives = verdict.action not in (FieldAction.KEEP, FieldAction.WITHHOLD)
    return _MOST_FIRST.index(verdict.action), weighed if gives else not weighed


def _verdict(kind: RequestType, facts: _Facts, law: Law) -> _Verdict:
    if law is not Law.PROMISE:
        return _TABLES[law][kind](facts)
    promised = _TABLES[Law.GDPR if kind in _TABLES[Law.GDPR] else Law.APPI][kind](facts)
    return _Verdict(promised.action, PROMISE_RULE, promised.judgement)


# GDPR


def _told(facts: _Facts) -> _Verdict:
    from_the_person = facts.field.origin in (Origin.PROVIDED, Origin.OBSERVED)
    return _Verdict(FieldAction.GIVE, "GDPR-13" if from_the_person else "GDPR-14")


def _copied(facts: _Facts) -> _Verdict:
    if not facts.field.disclosed:
        return _Verdict(FieldAction.WITHHOLD, "GDPR-15-4")
    if facts.about_others:
        return _Verdict(FieldAction.WITHHOLD, "GDPR-15-4", "GDPR-15-4")
    return _Verdict(FieldAction.GIVE, "GDPR-15")


def _taken_along(facts: _Facts) -> _Verdict:
    if facts.field.portable:
        return _Verdict(FieldAction.GIVE, "GDPR-20-1")
    in_scope = facts.field.basis in (Basis.CONSENT, Basis.CONTRACT)
    harms_others = in_scope and (facts.about_others or not facts.field.disclosed)
    return _Verdict(FieldAction.WITHHOLD, "GDPR-20-4" if harms_others else "GDPR-20-1")


def _corrected(_: _Facts) -> _Verdict:
    return _Verdict(FieldAction.KEEP, "GDPR-16", "GDPR-16")


def _erased(facts: _Facts) -> _Verdict:
    if facts.by_law or facts.field.basis is Basis.PUBLIC_TASK:
        return _Verdict(FieldAction.KEEP, "GDPR-17-3-b")
    if _is_key_of_kept_record(facts):
        return _Verdict(FieldAction.ANONYMISE, "POLICY-KEPT-RECORD")
    match facts.field.basis:
        case Basis.CONSENT:
            return _Verdict(FieldAction.DELETE, "GDPR-17-1-b")
        case Basis.LEGITIMATE_INTERESTS:
            # An objection to marketing is absolute; against any other, compelling grounds may be shown (21(1)).
            return _Verdict(FieldAction.DELETE, "GDPR-17-1-c", None if facts.only_marketing else "GDPR-21-1")
        case _:
            return _Verdict(FieldAction.DELETE, "GDPR-17-1-a")


def _restricted(_: _Facts) -> _Verdict:
    return _Verdict(FieldAction.KEEP, "GDPR-18-1", "GDPR-18-1")


def _objected(facts: _Facts) -> _Verdict:
    if facts.by_law:
        return _outside(facts)
    if facts.only_marketing and facts.field.category is not Category.CONSENT:
        return _Verdict(FieldAction.DELETE, "GDPR-21-3")  # no purpose is left
    if facts.marketing:
        return _Verdict(FieldAction.KEEP, "GDPR-21-3")  # for other purposes, or to remember the choice
    if facts.field.basis in (Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK):
        return _Verdict(FieldAction.KEEP, "GDPR-21-1", "GDPR-21-1")
    return _outside(facts)


def _reviewed(facts: _Facts) -> _Verdict:
    if facts.field.origin is Origin.INFERRED:
        return _Verdict(FieldAction.KEEP, "GDPR-22-3", "GDPR-22-3")
    return _outside(facts)


def _withdrawn(facts: _Facts) -> _Verdict:
    if facts.field.category is Category.CONSENT:
        return _Verdict(FieldAction.KEEP, "GDPR-7-1")
    if facts.field.basis is Basis.CONSENT and not facts.by_law:
        return _Verdict(FieldAction.DELETE, "GDPR-17-1-b")
    return _outside(facts)


def _outside(facts: _Facts) -> _Verdict:
    """The right does not reach this field: it stays, on its basis."""
    by_law = facts.by_law and facts.field.basis is not Basis.LEGAL_OBLIGATION
    return _Verdict(FieldAction.KEEP, "GDPR-6-1-c" if by_law else _BASIS_RULES[facts.field.basis])


def _is_key_of_kept_record(facts: _Facts) -> bool:
    """It holds a kept record together. What the person gave as a key (an address) is no part of the record."""
    return facts.in_kept_record and facts.field.identifies is not None and facts.field.origin is not Origin.PROVIDED


# APPI


def _told_in_japan(_: _Facts) -> _Verdict:
    return _Verdict(FieldAction.GIVE, "APPI-32-1")


def _disclosed_in_japan(facts: _Facts) -> _Verdict:
    if facts.field.ground:
        harms_people = facts.field.ground == "rights_of_others"
        return _Verdict(FieldAction.WITHHOLD, "APPI-33-2-i" if harms_people else "APPI-33-2-ii")
    if facts.about_others:
        return _Verdict(FieldAction.WITHHOLD, "APPI-33-2-i", "APPI-33-2-i")
    return _Verdict(FieldAction.GIVE, "APPI-33-1")


def _corrected_in_japan(_: _Facts) -> _Verdict:
    return _Verdict(FieldAction.KEEP, "APPI-34", "APPI-34")


def _erased_in_japan(facts: _Facts) -> _Verdict:
    """The Act wants a ground; that the person leaves is one: the data are no longer needed (35(5))."""
    if facts.by_law or facts.field.basis is Basis.PUBLIC_TASK:
        return _Verdict(FieldAction.KEEP, "APPI-35-5")  # it is still needed
    if _is_key_of_kept_record(facts):
        return _Verdict(FieldAction.ANONYMISE, "APPI-2-6")
    still_wanted = facts.field.basis is Basis.LEGITIMATE_INTERESTS and not facts.only_marketing
    return _Verdict(FieldAction.DELETE, "APPI-35-5", "APPI-35-2" if still_wanted else None)


def _stopped_in_japan(facts: _Facts) -> _Verdict:
    return _Verdict(FieldAction.KEEP, "APPI-35-1", None if facts.by_law else "APPI-35-2")


def _provision_stopped(facts: _Facts) -> _Verdict:
    if facts.by_law:
        return _Verdict(FieldAction.KEEP, "APPI-27-1")
    return _Verdict(FieldAction.KEEP, "APPI-35-3", "APPI-35-2" if facts.to_third_parties else None)


def _purpose_told(_: _Facts) -> _Verdict:
    return _Verdict(FieldAction.GIVE, "APPI-32-2")


def _provisions_told(facts: _Facts) -> _Verdict:
    return _Verdict(FieldAction.GIVE if facts.to_third_parties else FieldAction.KEEP, "APPI-33-5")


_Table = Mapping[RequestType, Callable[[_Facts], _Verdict]]
_T = RequestType
_TABLES: Mapping[Law, _Table] = {
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
