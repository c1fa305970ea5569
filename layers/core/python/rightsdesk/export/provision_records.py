"""`data/third_party_records.json` and its words: what was provided to others and received from them about a person.

APPI 33(5): the records of 29 and 30 are disclosed on request. A record holds which kinds of data, never the data.
"""

# serves: E-02, E-12, T-4

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.fields import CATEGORY_LABELS, Category, Label
from rightsdesk.domain.provision import Provision
from rightsdesk.domain.request import Language
from rightsdesk.export import wording
from rightsdesk.export.package import LANGUAGES, PackageContext

_CATEGORIES = frozenset(Category)


@dataclass(frozen=True)
class RecordRow:
    """One record in words: as a line, and as a row of a table."""

    day: str
    party: str
    items: str
    purpose: str
    ground: str


def records_document(context: PackageContext, records: Iterable[Provision]) -> dict[str, Any]:
    """The whole file, the oldest first in each list; two empty lists where nothing is on record."""
    records = tuple(records)
    return {
        "reference": context.reference,
        "as_of": context.generated_at.isoformat(),
        "kept_for_years": 3,
        "provided": [_entry(record, context) for record in records if record.direction == "provided"],
        "received": [_entry(record, context) for record in records if record.direction == "received"],
    }


def in_words(record: Provision, context: PackageContext, language: Language) -> str:
    """One record as a line of the letter."""
    key = "provision.line" if record.direction == "provided" else "provision.line_received"
    return wording.text(language, key, **asdict(_in_parts(record, context, language)))


def table_rows(records: Iterable[Provision], context: PackageContext, language: Language) -> dict[str, list[RecordRow]]:
    """Direction -> a row for each record, in words; a direction of which there is none is left out."""
    rows: dict[str, list[RecordRow]] = {}
    for record in records:
        rows.setdefault(record.direction, []).append(_in_parts(record, context, language))
    return rows


def _in_parts(record: Provision, context: PackageContext, language: Language) -> RecordRow:
    return RecordRow(
        day=wording.day(language, wording.local_day(record.at, context.zone)),
        party=_party_in_words(record, language),
        items=wording.listed(language, [wording.words(language, _label(i, context.datamap)) for i in record.items]),
        purpose=_purpose_in_words(record, context.datamap, language),
        ground=_ground_in_words(record, language),
    )


def _party_in_words(record: Provision, language: Language) -> str:
    """Who it was, as they were called then, with the country."""
    name = wording.words(language, record.party_name)
    return name + wording.bracketed(language, wording.country(language, record.country)) if record.country else name


def _purpose_in_words(record: Provision, data_map: DataMap, language: Language) -> str:
    purpose = data_map.purposes.get(record.purpose)
    return wording.words(language, purpose.label) if purpose else record.purpose


def _ground_in_words(record: Provision, language: Language) -> str:
    return wording.text(language, f"provision.ground.{record.ground.value}")


def _entry(record: Provision, context: PackageContext) -> dict[str, Any]:
    return {
        "record_id": record.record_id,
        "at": record.at.isoformat(),
        "party": {"id": record.party, "name": record.party_name.model_dump(), "country": record.country},
        "purpose": {
            "id": record.purpose,
            "label": {each: _purpose_in_words(record, context.datamap, each) for each in LANGUAGES},
        },
        "items": [
            {"id": item, "label": _label(item, context.datamap).model_dump(), "is_category": item in _CATEGORIES}
            for item in record.items
        ],
        "ground": {
            "id": record.ground.value,
            "label": {each: _ground_in_words(record, each) for each in LANGUAGES},
            "consent_since": record.consent_since.isoformat() if record.consent_since else None,
        },
        "datamap_version": record.datamap_version,
    }


def _label(item: str, data_map: DataMap) -> Label:
    """A category or a field in words; a field that the map does not have any more keeps its name."""
    if item in _CATEGORIES:
        return CATEGORY_LABELS[Category(item)]
    path, _, name = item.partition(".")
    for collection in data_map.collections:
        if collection.path == path and name in collection.fields:
            return collection.fields[name].label
    return Label(en=item, ja=item)
