"""What an answer leaves out, and on which ground: the lines of a refusal in part (GDPR 15(4), 20(4); APPI 33(2))."""

# serves: E-02, E-07

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.request import PrivacyRequest, RequestType, Treatment
from rightsdesk.law.applicability import Law
from rightsdesk.law.refusal_grounds import ground_words

if TYPE_CHECKING:  # large, and not needed by all who refuse
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.domain.decisions import FieldDecision

# Rights of others include trade secrets and the safety of systems (GDPR recital 63).
_GDPR_GROUND = "gdpr_15_4"
_PORTABILITY_GROUND = "gdpr_20_4"
_NOT_PORTABLE = "gdpr_20_1"
_APPI_GROUNDS = {"rights_of_others": "appi_33_2_i"}
_APPI_HINDRANCE = "appi_33_2_ii"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One thing that is not given. `ground` is a code of `law.refusal_grounds`, `reason` staff's or the data map's."""

    what: Phrase | Label
    ground: str
    reason: Label | str | None = None

    def line(self, laws: Iterable[str]) -> Phrase:
        """As it stands in the letter of a case under these laws."""
        ground = ground_words(self.ground, laws)
        if self.reason is None:
            return Phrase(name="withheld.line", values={"what": self.what, "ground": ground})
        return Phrase(
            name="withheld.line_with_reason", values={"what": self.what, "reason": self.reason, "ground": ground}
        )


def held_back(case: PrivacyRequest, data_map: "DataMap", sources: Iterable[SourceState]) -> tuple[HeldBack, ...]:
    """All of it, in the order of the map; empty where everything that was found is given.

    A field that is never disclosed counts where a row had it; one that staff hold back, and rows about others, as they
    decided.
    """
    counted = {
        f"{state.source}/{name}": result.withheld for state in sources for name, result in state.collections.items()
    }
    found: list[HeldBack] = []
    for collection in data_map.collections:
        never: Mapping[str, int] = counted.get(collection.path, {})
        for name, field in collection.fields.items():
            what = Phrase(name="withheld.field", values={"field": field.label, "collection": collection.label})
            if staffs := case.withheld.get(f"{collection.path}.{name}"):
                found.append(HeldBack(what, staffs.ground, staffs.reason))
            elif field.ground and never.get(name):
                found.append(
                    HeldBack(what, _ground(case, field.ground, portable=field.meant_for_portability), field.reason)
                )
        if treatment := _about_others(case, collection.path):
            what = Phrase(name=f"withheld.{treatment}", values={"collection": collection.label})
            found.append(HeldBack(what, _ground(case, "rights_of_others")))
    return tuple(found)


def left_by_staff(
    case: PrivacyRequest, decisions: "Iterable[FieldDecision]", data_map: "DataMap"
) -> tuple[HeldBack, ...]:
    """What staff leave although it was to go, or was objected to: of an objection each purpose, with its reasons."""
    from rightsdesk.domain.decision_summary import summarise

    decisions = tuple(decisions)
    if RequestType.OBJECTION not in case.types:
        return tuple(HeldBack(part.what, part.ground) for part in summarise(decisions, data_map, case.kept).refused)
    found = []
    for name, reason in case.reasons.items():
        fields = {path: ground for path, ground in case.kept.items() if _serves(data_map, path, name)}
        parts = summarise(decisions, data_map, fields).refused
        purpose = data_map.purposes.get(name)
        if parts and purpose:
            values = {"purpose": purpose.label, "data": [part.what for part in parts]}
            found.append(HeldBack(Phrase(name="kept.purpose", values=values), parts[0].ground, reason))
    return tuple(found)


def _serves(data_map: "DataMap", path: str, purpose: str) -> bool:
    from rightsdesk.domain.rectification import place_of

    place = place_of(data_map, path)
    return place is not None and purpose in place.field.purposes


def _about_others(case: PrivacyRequest, path: str) -> Treatment | None:
    """How rows about others were kept back: whole, or without what is about others. None: given, or there were none."""
    treatment = case.treatments.get(path)
    return None if treatment is Treatment.GIVE else treatment


def _ground(case: PrivacyRequest, why: str, *, portable: bool = True) -> str:
    """The article for a reason that the data map names, in the first law of the case.

    `portable`: GDPR 20 speaks of such data at all; where it does not, nothing else has to be a reason.
    """
    if case.due.laws[0] == Law.APPI:
        return _APPI_GROUNDS.get(why, _APPI_HINDRANCE)
    if RequestType.ACCESS in case.types:
        return _GDPR_GROUND
    return _PORTABILITY_GROUND if portable else _NOT_PORTABLE
