"""What the answer to a rectification says: each value masked, and what is disputed (GDPR 16).

It speaks of the fields that were corrected, and of no others: that something like it is nowhere else, nobody looked.
"""

# serves: E-03

from collections.abc import Iterator
from typing import Any

from rightsdesk.domain.correction import Correction, Rectification
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.rectification import place_of, places_of


def told_of_correction(rectification: Rectification, data_map: DataMap) -> dict[str, Any]:
    """Of what was written, and of nothing else."""
    corrections, disputes = rectification.masked().told
    corrected = [
        _line(data_map, correction, path) for correction, path in _where_written(data_map, rectification, corrections)
    ]
    disputed = [Phrase(name="disputed.line", values={"what": _what(data_map, dispute.field)}) for dispute in disputes]
    return {
        "done": Phrase(name="corrected.done" if corrected else "corrected.noted"),
        "corrected": corrected,
        "disputed": disputed,
    }


def _where_written(
    data_map: DataMap, rectification: Rectification, corrections: tuple[Correction, ...]
) -> Iterator[tuple[Correction, str]]:
    """Each correction with every field in which it was written: the same thing may be held in other places, too."""
    written = {f"{path}.{name}" for path, part in rectification.done.items() for name in part.fields}
    named = {each.field for each in corrections}
    for correction in corrections:
        elsewhere = [path for path in _elsewhere(data_map, correction) if path in written and path not in named]
        named.update(elsewhere)
        if correction.field in written or not elsewhere:
            yield correction, correction.field
        yield from ((correction, path) for path in elsewhere)


def _elsewhere(data_map: DataMap, correction: Correction) -> list[str]:
    place = place_of(data_map, correction.field)
    return [other.path for other in places_of(data_map, place, correction)[1:]] if place else []


def _line(data_map: DataMap, correction: Correction, path: str) -> Phrase:
    """Where both values look the same once they are masked, none of them tells anything."""
    values = {"what": _what(data_map, path), "old": correction.old, "new": correction.new}
    if correction.old is None:
        return Phrase(name="corrected.completed", values=values)
    looks_alike = str(correction.old).casefold() == str(correction.new).casefold()
    return Phrase(name="corrected.plain" if looks_alike else "corrected.line", values=values)


def _what(data_map: DataMap, path: str) -> Phrase | str:
    place = place_of(data_map, path)
    if place is None:  # the map has changed since
        return path
    return Phrase(name="withheld.field", values={"field": place.field.label, "collection": place.collection.label})
