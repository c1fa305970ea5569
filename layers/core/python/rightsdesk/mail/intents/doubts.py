"""What speaks against taking a request at its word, beyond the rule that found it.

It is taken back, it is an example, it is about somebody else or made for somebody else, it is what one could ask, or
what will be asked if something else happens. Each is said in the same sentence, or holds for what follows, or for the
whole mail. A question or a complaint stays what it is.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from rightsdesk.domain.intents import THRESHOLD, IntentType
from rightsdesk.mail.intents.evidence import Evidence
from rightsdesk.mail.intents.sentences import Sentence
from rightsdesk.mail.intents.words import Found

_NO_RIGHTS = frozenset({IntentType.QUESTION, IntentType.COMPLAINT, IntentType.REMINDER})
_OWN = frozenset({"mydata", "about_me"})
_BECAUSE = frozenset({IntentType.CONSENT_WITHDRAWAL, IntentType.OBJECTION})
_FOR_ANOTHER, _ABOUT_ANOTHER = "for somebody else", "about somebody else"
_BEFORE_BECAUSE = 8  # characters between a reason and its particle, where that stands behind


def doubted(
    evidence: Sequence[Evidence], sentences: Sequence[Sentence], found: Mapping[str, Sequence[Found]]
) -> list[Evidence]:
    """The evidence with the doubts that the words of the likeliest languages give."""
    concepts = [{concept for each in found.values() for concept in each[at].hits} for at in range(len(sentences))]
    taken_back = max((at for at, here in enumerate(concepts) if "taken_back" in here), default=-1)
    for_another = any("agent" in here for here in concepts)
    examples = _examples(sentences, concepts)
    made = []
    for each in evidence:
        here, doubts = concepts[each.sentence], []
        if each.sentence in examples and each.intent is not IntentType.COMPLAINT:
            doubts.append("an example")
        if each.intent in _NO_RIGHTS:
            made.append(replace(each, doubts=(*each.doubts, *doubts)))
            continue
        if each.sentence <= taken_back:
            doubts.append("taken back")
        if for_another:
            doubts.append(_FOR_ANOTHER)
        said = [of_it[each.sentence].hits.keys() for of_it in found.values()]
        if _is_about_another(each.intent, said, named=sentences[each.sentence].named):
            doubts.append(_ABOUT_ANOTHER)
        if "possible" in here or ("hearsay" in here and not _is_wanted(concepts, each.sentence)):
            doubts.append("only asked about")
        if {"if", "later"} <= here:
            doubts.append("condition")
        negated = each.negated or (each.intent is IntentType.ERASURE and taken_back >= 0)
        made.append(replace(each, doubts=tuple(dict.fromkeys([*each.doubts, *doubts])), negated=negated))
    return _without_reasons(made, found)


def is_for_another(evidence: Iterable[Evidence]) -> bool:
    """Whether a right is asked for, and by all that speaks for it not the sender's own."""
    rights = [each for each in evidence if each.weight and each.intent not in _NO_RIGHTS]
    return bool(rights) and all({_FOR_ANOTHER, _ABOUT_ANOTHER}.intersection(each.doubts) for each in rights)


def _is_wanted(concepts: Sequence[Set[str]], at: int) -> bool:
    """Whether what somebody said could be asked is asked, there or later: "she says I could, so please send it"."""
    return any({"please", "give"} <= here for here in concepts[at:])


def _is_about_another(intent: IntentType, said: Sequence[Set[str]], *, named: bool) -> bool:
    """Whether somebody else is spoken of, and not the sender besides, in one of the languages."""
    own = _OWN | {"mine"} if intent is IntentType.RECTIFICATION else _OWN
    return any((named or "others" in here) and not own & here for here in said if here)


def _examples(sentences: Sequence[Sentence], concepts: Sequence[set[str]]) -> set[int]:
    """The sentences of an example: from where it is called one to the end of its paragraph.

    Where a paragraph ends with saying so, the example is all that follows.
    """
    examples: set[int] = set()
    last, end = -1, len(sentences)
    for at, (sentence, here) in enumerate(zip(sentences, concepts, strict=True)):
        if "example" in here and not sentence.subject:
            ends = at + 1 == end or sentences[at + 1].paragraph != sentence.paragraph
            last = end if ends else max(last, sentence.paragraph)
        if not sentence.subject and sentence.paragraph <= last:
            examples.add(at)
    return examples


def _without_reasons(evidence: list[Evidence], found: Mapping[str, Sequence[Found]]) -> list[Evidence]:
    """ "Because I withdraw my consent, please delete my data" asks for one thing."""
    asked = {
        each.sentence
        for each in evidence
        if each.weight >= THRESHOLD and not each.doubts and each.intent not in _NO_RIGHTS | _BECAUSE
    }
    reasons = {at for at in asked if any(_gives_a_reason(each[at]) for each in found.values())}
    return [
        replace(each, doubts=(*each.doubts, "a reason"))
        if each.intent in _BECAUSE and each.sentence in reasons
        else each
        for each in evidence
    ]


def _gives_a_reason(here: Found) -> bool:
    """Whether what is withdrawn or objected to stands in the clause of a "because", and nothing else of it."""
    said = [hit for concept in ("withdraw", "object", "name.consent_withdrawal") for hit in here.hits.get(concept, ())]
    return bool(said) and all(
        any(
            (because.end <= hit.start and not here.broken(because.end, hit.start))
            or (
                here.reach > 1
                and hit.end <= because.start <= hit.end + _BEFORE_BECAUSE
                and not here.broken(hit.end, because.start)
            )
            for because in here.hits.get("because", ())
        )
        for hit in said
    )
