"""What the answer to a rectification says: each value masked, and what is disputed (GDPR 16).

It speaks of the fields that were corrected, and of no others: that something like it is nowhere else, nobody looked.
"""

# serves: E-03

from typing import Any

from rightsdesk.domain.correction import Correction, Rectification
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.rectification import place_of


def told_of_correction(rectification: Rectification, data_map: DataMap) -> dict[str, Any]:
    """Of what was written, and of nothing else."""
    corrections, disputes = rectification.masked().told
    corrected = [_line(data_map, correction) for correction in corrections]
    disputed = [Phrase(name="disputed.line", values={"what": _what(data_map, dispute.field)}) for dispute in disputes]
    return {
        "done": Phrase(name="corrected.done" if corrected else "corrected.noted"),
        "corrected": corrected,
        "disputed": disputed,
    }


def _line(data_map: DataMap, correction: Correction) -> Phrase:
    """Where both values look the same once they are masked, none of them tells anything."""
    values = {"what": _what(data_map, correction.field), "old": correction.old, "new": correction.new}
    if correction.old is None:
        return Phrase(name="corrected.completed", values=values)
    looks_alike = str(correction.old).casefold() == str(correction.new).casefold()
    return Phrase(name="corrected.plain" if looks_alike else "corrected.line", values=values)


def _what(data_map: DataMap, path: str) -> Phrase | str:
    place = place_of(data_map, path)
    if place is None:  # the map has changed since
        return path
    return Phrase(name="withheld.field", values={"field": place.field.label, "collection": place.collection.label})
