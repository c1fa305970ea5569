"""What the answer to a rectification says: each value masked, what is disputed, and who had it (GDPR 16, 19)."""

# serves: E-03

from typing import Any

from rightsdesk.domain.correction import Rectification
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.rectification import place_of


def told_of_correction(rectification: Rectification, data_map: DataMap) -> dict[str, Any]:
    """Of what was written, and of nothing else."""
    rows = sum(part.rows for part in rectification.done.values())
    corrected = []
    for correction in rectification.masked().corrections:
        values = {"what": _what(data_map, correction.field), "old": correction.old, "new": correction.new}
        corrected.append(
            Phrase(name="corrected.completed" if correction.old is None else "corrected.line", values=values)
        )
    disputed = [
        Phrase(name="disputed.line", values={"what": _what(data_map, dispute.field)})
        for dispute in rectification.disputes
    ]
    return {
        "done": Phrase(name="corrected.done", values={"rows": rows}) if corrected else Phrase(name="corrected.noted"),
        "corrected": corrected,
        "disputed": disputed,
        "recipients": [
            data_map.recipients[name].label for name in rectification.recipients if name in data_map.recipients
        ],
    }


def _what(data_map: DataMap, path: str) -> Phrase | str:
    place = place_of(data_map, path)
    if place is None:  # the map has changed since
        return path
    return Phrase(name="withheld.field", values={"field": place.field.label, "collection": place.collection.label})
