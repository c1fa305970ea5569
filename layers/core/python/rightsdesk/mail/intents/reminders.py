"""Whether a mail is about a request that was made before: who was asked, did not answer, or is reminded.

Any of the three must be about data or a right: an unanswered mail about a parcel is a matter for the shop. A deadline,
or what will be done if it passes, is none of the three.
"""

import re
from collections.abc import Mapping, Sequence, Set

from rightsdesk.mail.intents.words import Found

_TWO_OF_THREE, _ASKED, _REMINDER, _UNANSWERED, _NO_TOPIC = 0.8, 0.66, 0.68, 0.62, 0.5
_KINDS = ("reminder", "asked", "unanswered")
_TOPICS = frozenset({"data", "mydata", "whatsheld", "privacy", "officer", "policy", "marketing"})
_REFERENCE = re.compile(r"\brd-[0-9a-z]{4}-[0-9a-z]{4}")


def reminder_in(
    found: Mapping[str, Sequence[Found]], texts: Sequence[str], about_rights: Set[int]
) -> tuple[float, tuple[str, ...]]:
    """The score and its reasons. `about_rights` are the sentences with evidence for a right."""
    topics = set(about_rights) | {at for at, text in enumerate(texts) if _REFERENCE.search(text)}
    shop = set()
    for sentences in found.values():
        for at, each in enumerate(sentences):
            if each.hits.keys() & _TOPICS or any(concept.startswith("name.") for concept in each.hits):
                topics.add(at)
            if "shop" in each.hits:
                shop.add(at)
    if any("taken_back" in each.hits for sentences in found.values() for each in sentences):
        return 0, ()
    said: dict[str, str] = {}
    near = False
    for language, sentences in found.items():
        for at, each in enumerate(sentences):
            for kind in _KINDS:
                hits = each.hits.get(kind)
                if not hits or "if" in each.hits or ("howto" in each.hits and kind == "asked"):
                    continue
                if at in shop and at not in topics:
                    continue
                said.setdefault(kind, f"{language}: {hits[0].text}")
                near = near or bool({at - 1, at, at + 1} & topics)
    if not said:
        return 0, ()
    if len(said) > 1:
        score = _TWO_OF_THREE
    else:
        score = {"reminder": _REMINDER, "asked": _ASKED, "unanswered": _UNANSWERED}[next(iter(said))]
    if not near and (shop or not topics):
        score = _NO_TOPIC if not shop else 0
    return score, tuple(said.values())
