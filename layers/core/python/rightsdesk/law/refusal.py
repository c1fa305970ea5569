"""The refusal compiler: a refusal, whole or in part, is made of all that the law wants in it, or not at all.

What it makes are the values of a letter. That the letter then says each of them, whatever a merchant made of templates
and phrases, is seen to where it is printed (`mail/requirements.py`; abuse case 82).
"""

# serves: E-13

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from rightsdesk.domain.errors import RefusalIncompleteError
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest, Refusal
from rightsdesk.domain.use_stop import stopped_for_good
from rightsdesk.law.applicability import Law
from rightsdesk.law.held_back import HeldBack
from rightsdesk.law.refusal_grounds import ground_words, grounds_for
from rightsdesk.law.remedies import may_sue_in_japan, remedies_of


class Element(StrEnum):
    """What a refusal must hold (GDPR 12(4), 77, 79; APPI 36, 39, 40)."""

    REASONS = "reasons"
    GROUND = "ground"
    AUTHORITY = "authority"  # with its link; of Japan's Commission, its telephone line
    JUDICIAL_REMEDY = "judicial_remedy"
    COMPLAINT_DESK = "complaint_desk"
    ARTICLE_39 = "article_39"  # with its two weeks, where the APPI gives a claim


# A sentence of remedies, and the values with which it says each element (none: in its own words)
_Said = tuple[str, Mapping[Element, tuple[str, ...]]]
_SAID_BY: Mapping[Law, _Said] = MappingProxyType(
    {
        Law.GDPR: ("remedies.gdpr", {Element.AUTHORITY: ("authority", "web"), Element.JUDICIAL_REMEDY: ()}),
        Law.APPI: (
            "remedies.appi",
            {Element.COMPLAINT_DESK: ("contact",), Element.AUTHORITY: ("phone",), Element.ARTICLE_39: ()},
        ),
        Law.PROMISE: ("remedies.promise", {Element.COMPLAINT_DESK: ("contact",)}),
    }
)
_WITHOUT_A_CLAIM: _Said = (
    "remedies.appi_no_claim",
    {Element.COMPLAINT_DESK: ("contact",), Element.AUTHORITY: ("phone",)},
)


def compile_refusal(
    case: PrivacyRequest, refusal: Refusal, merchant: MerchantProfile, *, granted: Iterable[Phrase] = ()
) -> dict[str, Any]:
    """`ground`, `reason`, `granted` and `remedies` of the letter that refuses the whole, in no language yet.

    `granted` is what was done all the same. Raises RefusalIncompleteError, naming every element that is missing.
    """
    missing = []
    if not refusal.reason.strip():
        missing.append(Element.REASONS)
    if refusal.ground not in grounds_for(case.due.laws, case.types):
        missing.append(Element.GROUND)
    return {
        "ground": ground_words(refusal.ground, case.due.laws),
        "reason": refusal.reason,
        "granted": tuple(granted) or _done_all_the_same(case) or (Phrase(name="refusal.nothing_granted"),),
        "remedies": _complete_remedies(case, merchant, missing),
    }


def _done_all_the_same(case: PrivacyRequest) -> tuple[Phrase, ...]:
    """What needed no decision, and what was held until there was one (GDPR 18, 21(3))."""
    if case.use is None:
        return ()
    for_good = stopped_for_good(case.use)
    lifted_on = case.use.lifted_at
    held = Phrase(name="lifting.answered", values={"lifted_on": lifted_on}) if lifted_on else None
    return tuple(each for each in (for_good, held) if each is not None)


def compile_partial_refusal(
    case: PrivacyRequest, held_back: Sequence[HeldBack], merchant: MerchantProfile
) -> dict[str, Any]:
    """`withheld`, `reason`, `granted` and `remedies` of the letter that gives the rest.

    Raises RefusalIncompleteError, naming every element that is missing.
    """
    blank = any(isinstance(part.reason, str) and not part.reason.strip() for part in held_back)
    missing = [] if held_back and not blank else [Element.REASONS]
    if not all(part.ground for part in held_back):
        missing.append(Element.GROUND)
    return {
        "withheld": tuple(part.line(case.due.laws) for part in held_back),
        "reason": None,  # each line says its own
        "granted": (Phrase(name="refusal.rest_granted"),),
        "remedies": _complete_remedies(case, merchant, missing),
    }


def _complete_remedies(case: PrivacyRequest, merchant: MerchantProfile, missing: list[Element]) -> Phrase:
    turn_to = remedies_of(case, merchant)
    missing = [*missing, *_unsaid(case, turn_to)]
    if missing:
        raise RefusalIncompleteError(tuple(dict.fromkeys(missing)))
    return turn_to


def _unsaid(case: PrivacyRequest, turn_to: Phrase) -> Iterator[Element]:
    """What the laws of the case want said that this phrase does not say."""
    sentences = {part.name: part for part in (turn_to, *turn_to.values.values()) if isinstance(part, Phrase)}
    for law in map(Law, case.due.laws):
        without_claim = law is Law.APPI and not may_sue_in_japan(case.types)
        name, elements = _WITHOUT_A_CLAIM if without_claim else _SAID_BY[law]
        sentence = sentences.get(name)
        for element, values in elements.items():
            if sentence is None or not all(str(sentence.values.get(value) or "").strip() for value in values):
                yield element
