"""The grounds on which a right may be refused, by law and by right. Each is a phrase of the letter: `ground.<code>`.

A ground that the law does not give for a right is not offered for it: whoever withdraws a consent is not excessive, and
who asks to correct something is not told about the rights of others.
"""

# serves: E-02, E-03, E-04, E-05, E-06, E-07, E-08, E-10, E-11, E-12

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.request import SAID_TO_US
from rightsdesk.domain.request import RequestType as Type
from rightsdesk.law.applicability import Law
from rightsdesk.law.rule import PROMISE_RULE

UNFOUNDED_OR_EXCESSIVE = "gdpr_12_5"
"""Never without evidence and a second person, and never automatic (GDPR 12(5))."""
UNIDENTIFIED = "gdpr_11_2"
"""Nobody can be told apart in the data: the case ends as `not_identified` (GDPR 11(2), 12(2))."""
NOT_THE_SUBJECT = "not_the_subject"
"""Somebody else's data, and no authority to act for them is shown: for every right, under every law."""

_EXCESSIVE = frozenset({UNFOUNDED_OR_EXCESSIVE})  # for GDPR 13 to 22
_UNIDENTIFIED = frozenset({UNIDENTIFIED})  # for GDPR 15 to 20
_NOT_THEIRS = frozenset({NOT_THE_SUBJECT})
_DISCLOSURE = frozenset({"appi_33_2_i", "appi_33_2_ii", "appi_33_2_iii"}) | _NOT_THEIRS
_STOP_OF_USE = frozenset({"appi_35_lawful", "appi_35_alternative"}) | _NOT_THEIRS

_GDPR: Mapping[Type, frozenset[str]] = {
    Type.INFORMATION: frozenset({"gdpr_13_4"}) | _EXCESSIVE,
    Type.ACCESS: frozenset({"gdpr_15_4"}) | _EXCESSIVE | _UNIDENTIFIED | _NOT_THEIRS,
    Type.RECTIFICATION: frozenset({"gdpr_16"}) | _EXCESSIVE | _UNIDENTIFIED | _NOT_THEIRS,
    Type.ERASURE: frozenset({"gdpr_17_1", "gdpr_17_3_a", "gdpr_17_3_b", "gdpr_17_3_c", "gdpr_17_3_d", "gdpr_17_3_e"})
    | _EXCESSIVE
    | _UNIDENTIFIED
    | _NOT_THEIRS,
    Type.RESTRICTION: frozenset({"gdpr_18_1"}) | _EXCESSIVE | _UNIDENTIFIED | _NOT_THEIRS,
    # Against direct marketing there is none: that objection is absolute (GDPR 21(3)).
    Type.OBJECTION: frozenset({"gdpr_21_1"}) | _EXCESSIVE | _NOT_THEIRS,
    Type.PORTABILITY: frozenset({"gdpr_20_1", "gdpr_20_4"}) | _EXCESSIVE | _UNIDENTIFIED | _NOT_THEIRS,
    Type.AUTOMATED_DECISION: frozenset({"gdpr_22_1"}) | _EXCESSIVE | _NOT_THEIRS,
    Type.CONSENT_WITHDRAWAL: frozenset({"gdpr_7_3"}) | _NOT_THEIRS,
}
_APPI: Mapping[Type, frozenset[str]] = {
    Type.INFORMATION: frozenset({"appi_32_1"}),
    Type.ACCESS: _DISCLOSURE,
    Type.RECTIFICATION: frozenset({"appi_34"}) | _NOT_THEIRS,
    Type.ERASURE: _STOP_OF_USE,
    Type.RESTRICTION: _STOP_OF_USE,
    Type.STOP_PROVISION: _STOP_OF_USE,
    Type.PURPOSE_NOTICE: frozenset({"appi_32_2_i", "appi_32_2_ii"}) | _NOT_THEIRS,
    Type.PROVISION_RECORDS: _DISCLOSURE,
}

# What is only said to us is answered, whatever the answer.
_NEVER_REFUSED: Mapping[Type, frozenset[str]] = {kind: frozenset() for kind in SAID_TO_US}

# ground -> the rule that it stands for
_RULES: Mapping[str, str] = {
    "gdpr_7_3": "GDPR-7-3",
    "gdpr_11_2": "GDPR-11-2",
    "gdpr_12_5": "GDPR-12-5",
    "gdpr_13_4": "GDPR-13-4",
    "gdpr_15_4": "GDPR-15-4",
    "gdpr_16": "GDPR-16",
    "gdpr_17_1": "GDPR-17-1",
    "gdpr_17_3_a": "GDPR-17-3-a",
    "gdpr_17_3_b": "GDPR-17-3-b",
    "gdpr_17_3_c": "GDPR-17-3-c",
    "gdpr_17_3_d": "GDPR-17-3-d",
    "gdpr_17_3_e": "GDPR-17-3-e",
    "gdpr_18_1": "GDPR-18-1",
    "gdpr_20_1": "GDPR-20-1",
    "gdpr_20_4": "GDPR-20-4",
    "gdpr_21_1": "GDPR-21-1",
    "gdpr_22_1": "GDPR-22-1",
    "appi_32_1": "APPI-32-1",
    "appi_32_2_i": "APPI-32-2-i",
    "appi_32_2_ii": "APPI-32-2-ii",
    "appi_33_2_i": "APPI-33-2-i",
    "appi_33_2_ii": "APPI-33-2-ii",
    "appi_33_2_iii": "APPI-33-2-iii",
    "appi_34": "APPI-34",
    "appi_35_lawful": "APPI-35",
    "appi_35_alternative": "APPI-35-2",
}
_RULES_OF_NOT_THE_SUBJECT = {Law.GDPR: "GDPR-4-1", Law.APPI: "APPI-37"}

REFUSAL_GROUNDS: Mapping[Law, Mapping[Type, frozenset[str]]] = MappingProxyType(
    {
        Law.GDPR: MappingProxyType(_GDPR),
        Law.APPI: MappingProxyType(_APPI),
        # What is promised is what the GDPR gives, and the APPI where it alone knows the right.
        Law.PROMISE: MappingProxyType({**_NEVER_REFUSED, **_APPI, **_GDPR}),
    }
)


def grounds_for(laws: Iterable[str], types: Iterable[Type]) -> frozenset[str]:
    """Every ground on which one of these rights may be refused under all of these laws; both as on a case.

    Where the GDPR knows the right it decides alone, being the stricter: that an answer would hinder the business
    (APPI 33(2)(ii)) is no reason there. Rights that none of the laws knows are asked under our promise, and refused
    like it.
    """
    laws, types = frozenset(laws), tuple(types)
    stricter_first = [REFUSAL_GROUNDS[law] for law in Law if law in laws]
    known = [next((rights[kind] for rights in stricter_first if kind in rights), None) for kind in types]
    promised = REFUSAL_GROUNDS[Law.PROMISE]
    return frozenset().union(*([grounds for grounds in known if grounds] or [promised[kind] for kind in types]))


def ground_words(ground: str, laws: Iterable[str]) -> Phrase:
    """The ground as the letter says it: where its law is none of the case, with that it is our promise.

    No letter calls an article the legal ground where that law does not hold.
    """
    words = Phrase(name=f"ground.{ground}")
    if ground == NOT_THE_SUBJECT or ground.partition("_")[0] in frozenset(laws):
        return words
    return Phrase(name="ground.promised", values={"ground": words})


def rules_of_ground(ground: str, laws: Iterable[str]) -> tuple[str, ...]:
    """The rule that a ground stands for, by its id; after that of our promise where its law is none of the case.

    Raises KeyError for what is no ground.
    """
    applying = tuple(Law(law) for law in laws)
    if ground == NOT_THE_SUBJECT:
        law = next((law for law in applying if law in _RULES_OF_NOT_THE_SUBJECT), Law.GDPR)
        rule = _RULES_OF_NOT_THE_SUBJECT[law]
    else:
        law, rule = Law(ground.partition("_")[0]), _RULES[ground]
    return (rule,) if law in applying else (PROMISE_RULE, rule)
