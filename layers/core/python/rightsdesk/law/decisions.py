"""What the law lets be done with each field that the data map describes, for each right that is asked for.

The tables of each law (`decision_tables.py`) give an action and its rule; here the laws of a case come together, and a
decision gets what a record of it needs. What a person has to weigh carries the id of a rule in `judgement.py`;
everything else is decided here and now.

Where the GDPR and the APPI both know the right, the one that gives the person more holds. A right that no law of the
case knows is our own promise, decided as the law decides that knows it.
"""

# serves: B-4, E-01, E-02, E-03, E-04, E-05, E-06, E-07, E-08, E-09, E-10, E-11, E-12, E-15

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from rightsdesk.domain.decisions import BY_POLICY, FieldAction, FieldDecision
from rightsdesk.domain.fields import Basis
from rightsdesk.domain.request import SAID_TO_US, Aim, RequestType, Treatment
from rightsdesk.law.applicability import Law
from rightsdesk.law.decision_tables import TABLES, FieldFacts, Verdict, verdict_of
from rightsdesk.law.dpv import dpv_codes
from rightsdesk.law.rights import RIGHTS
from rightsdesk.law.rule import PROMISE_RULE
from rightsdesk.law.rules import RULES

if TYPE_CHECKING:  # the door for staff changes decisions, and has no map
    from rightsdesk.domain.datamap import Collection, DataMap
    from rightsdesk.domain.fields import DataField

# The clauses of a privacy policy under which data serve direct marketing: newsletters, catalogues, offers (mission P).
MARKETING_CLAUSES = frozenset({"P-03", "P-04", "P-05", "P-06"})
# A processor or a joint user is no third party (APPI 27(5)).
THIRD_PARTIES = frozenset({"third_party", "fraud_prevention", "joint_controller"})

# The rules by which staff weigh what is about other people.
_ABOUT_OTHERS = frozenset({"GDPR-15-4", "APPI-33-2-i"})
# What gives the person more comes first.
_MOST_FIRST = (
    *(FieldAction.GIVE, FieldAction.DELETE, FieldAction.ANONYMISE, FieldAction.CORRECT),
    *(FieldAction.KEEP, FieldAction.WITHHOLD),
)


def decide_fields(
    types: Iterable[RequestType], data_map: "DataMap", laws: Iterable[str], aim: Aim | None = None
) -> tuple[FieldDecision, ...]:
    """One decision for each field of the map and each type, in their order. `laws` as on a case, at least one.

    What is only said to us decides about no field. `aim` is what exactly the person wants stopped: a field that serves
    something else stays as it is.
    """
    kinds, known = tuple(dict.fromkeys(types)), tuple(Law(law) for law in laws)
    return tuple(
        _decided(kind, f"{collection.path}.{name}", facts, known)
        for kind in kinds
        if kind not in SAID_TO_US
        for collection in data_map.collections
        for name, facts in _facts_of(collection, data_map, aim or Aim())
    )


def decided_again(fresh: Iterable[FieldDecision], earlier: Iterable[FieldDecision]) -> tuple[FieldDecision, ...]:
    """The decisions made anew, as after a change of the map; what staff decided about a field before stays."""
    staffs = {(each.field, each.type): each for each in earlier if each.by != BY_POLICY}
    return tuple(staffs.get((each.field, each.type), each) for each in fresh)


def identity_rule(laws: Iterable[str]) -> str:
    """The rule by which facts are asked of somebody whose identity is in doubt."""
    by_law = {Law.GDPR: "GDPR-12-6", Law.APPI: "APPI-37"}
    return next((by_law[law] for law in map(Law, laws) if law in by_law), PROMISE_RULE)


def withheld_by_staff(decision: FieldDecision, rule: str, *, actor: str) -> FieldDecision:
    """A field that would be given, held back by a person on a rule of the register."""
    return _changed(decision, FieldAction.WITHHOLD, rule, by=actor)


def kept_by_staff(decision: FieldDecision, rule: str, *, actor: str) -> FieldDecision:
    """A field that was to go, or to be weighed, left as it is by a person on a rule of the register."""
    return _changed(decision, FieldAction.KEEP, rule, by=actor)


def corrected_by_staff(decision: FieldDecision, *, actor: str) -> FieldDecision:
    """A field in which what was wrong was put right, on the word of who approved it."""
    return _changed(decision, FieldAction.CORRECT, decision.rule, by=actor)


def given_again(decision: FieldDecision, laws: Iterable[str]) -> FieldDecision:
    """A field that staff held back, as policy decides it: only what is given can be held back."""
    return _changed(decision, FieldAction.GIVE, _rule_of_giving(decision, laws), by=BY_POLICY)


def weighed(
    decisions: Iterable[FieldDecision], treatments: Mapping[str, Treatment], laws: Iterable[str], *, actor: str
) -> tuple[FieldDecision, ...]:
    """The decisions once a person has weighed the rows about others: collection -> what becomes of its rows."""
    laws = tuple(laws)

    def after(decision: FieldDecision) -> FieldDecision:
        treatment = treatments.get(decision.field.rpartition(".")[0])
        if treatment is None or decision.judgement not in _ABOUT_OTHERS or decision.by != BY_POLICY:
            return decision
        if treatment is Treatment.GIVE:
            return _changed(decision, FieldAction.GIVE, _rule_of_giving(decision, laws), by=actor)
        return decision.model_copy(update={"by": actor})

    return tuple(after(decision) for decision in decisions)


def _rule_of_giving(decision: FieldDecision, laws: Iterable[str]) -> str:
    """The rule by which a part of the package is given."""
    kind = RequestType(decision.type)
    chosen = _laws_for(kind, tuple(Law(law) for law in laws))[0]
    if chosen is Law.PROMISE:
        return PROMISE_RULE
    return {RequestType.PORTABILITY: "GDPR-20-1"}.get(kind, "GDPR-15" if chosen is Law.GDPR else "APPI-33-1")


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
            "by": by,
        }
    )


def _facts_of(collection: "Collection", data_map: "DataMap", aim: Aim) -> Iterator[tuple[str, FieldFacts]]:
    by_law = {
        name: field.basis is Basis.LEGAL_OBLIGATION or data_map.retention[field.retention].law is not None
        for name, field in collection.fields.items()
    }
    for name, field in collection.fields.items():
        marketing = [data_map.purposes[purpose].clause in MARKETING_CLAUSES for purpose in field.purposes]
        yield (
            name,
            FieldFacts(
                field=field,
                by_law=by_law[name],
                in_kept_record=any(by_law.values()),
                marketing=any(marketing),
                only_marketing=all(marketing),
                to_third_parties=any(data_map.recipients[each].role in THIRD_PARTIES for each in field.recipients),
                aimed_at=_aimed_at(field, aim, only_marketing=all(marketing), marketing=any(marketing)),
            ),
        )


def _aimed_at(field: "DataField", aim: Aim, *, marketing: bool, only_marketing: bool) -> bool:
    """Whether what the person means reaches this field. To be gone, all that it serves has to be meant."""
    if aim.objects_to == "marketing" and not marketing and not aim.purposes:
        return False
    if aim.objects_to == "other" and only_marketing and not aim.purposes:
        return False
    if aim.purposes and not set(field.purposes) <= set(aim.purposes):
        return False
    return not aim.recipients or not set(aim.recipients).isdisjoint(field.recipients)


def _laws_for(kind: RequestType, laws: tuple[Law, ...]) -> tuple[Law, ...]:
    """The laws of the case that know this right; where none does, it is our promise."""
    known = {Law.GDPR: RIGHTS[kind].gdpr, Law.APPI: RIGHTS[kind].appi, Law.PROMISE: None}
    return tuple(law for law in laws if known[law]) or (Law.PROMISE,)


def _decided(kind: RequestType, path: str, facts: FieldFacts, laws: tuple[Law, ...]) -> FieldDecision:
    candidates = [(law, _verdict(kind, facts, law)) for law in _laws_for(kind, laws)]
    law, verdict = min(candidates, key=lambda each: _by_what_it_gives(each[1]))  # of equals the first
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


def _by_what_it_gives(verdict: Verdict) -> tuple[int, bool]:
    """Sorts what gives the person more before what gives less.

    To give without having to weigh is more; of two that give nothing, the one that a person may still weigh is.
    """
    weighed = verdict.judgement is not None
    gives = verdict.action not in (FieldAction.KEEP, FieldAction.WITHHOLD)
    return _MOST_FIRST.index(verdict.action), weighed if gives else not weighed


def _verdict(kind: RequestType, facts: FieldFacts, law: Law) -> Verdict:
    if law is not Law.PROMISE:
        return verdict_of(law, kind, facts)
    promised = verdict_of(Law.GDPR if kind in TABLES[Law.GDPR] else Law.APPI, kind, facts)
    return Verdict(promised.action, PROMISE_RULE, promised.judgement)
