"""On which grounds staff may hold back one field of a copy, and the rule that each stands for.

Where the GDPR knows the right, it decides alone: that disclosure hinders the business (APPI 33(2)(ii)) is no ground
there, and each step follows the stricter law. Grounds against a request as a whole are in `refusal_grounds.py`.
"""

# serves: E-02, E-07

from collections.abc import Iterable

from rightsdesk.domain.request import RequestType
from rightsdesk.law.applicability import Law
from rightsdesk.law.refusal_grounds import grounds_for, rules_of_ground
from rightsdesk.law.rights import RIGHTS
from rightsdesk.law.rule import PROMISE_RULE

_OF_FIELDS = frozenset({"gdpr_15_4", "gdpr_20_4", "appi_33_2_i", "appi_33_2_ii", "appi_33_2_iii"})


def field_grounds(types: Iterable[RequestType], laws: Iterable[str]) -> tuple[str, ...]:
    """The grounds for a case, sorted; those of access where it is asked for together with portability."""
    types, laws = tuple(types), tuple(laws)
    kind = RequestType.ACCESS if RequestType.ACCESS in types else RequestType.PORTABILITY
    known = _OF_FIELDS & grounds_for(laws, (kind,))
    of_the_gdpr = {ground for ground in known if ground.startswith(Law.GDPR)}
    return tuple(sorted(of_the_gdpr or known))


def rule_of(ground: str, kind: RequestType, laws: Iterable[str]) -> str:
    """The rule on which a field is held back from one right, for a ground of the case."""
    laws = tuple(laws)
    if Law.GDPR in laws and RIGHTS[kind].gdpr:
        return "GDPR-20-4" if kind is RequestType.PORTABILITY else "GDPR-15-4"
    return rules_of_ground(ground, laws)[0] if Law.APPI in laws and RIGHTS[kind].appi else PROMISE_RULE
