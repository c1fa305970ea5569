"""`data/consents.json` and `data/acceptances.json`, and their words: what a person agreed to, refused or took back.

Each consent is a record with its events, under the field names of ISO/IEC TS 27560:2023: header, processing and events,
as the guide of the DPV to it has them. A field of the standard that has nothing to say here is left out.
"""

# serves: B-3, B-7, E-02, E-09, N-1

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rightsdesk.domain.acceptance import Acceptance, PolicyHistory
from rightsdesk.domain.consent_ledger import ConsentEntry, ConsentState
from rightsdesk.domain.consent_text import ConsentText, ConsentTexts
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.fields import CATEGORY_LABELS, Category, Label
from rightsdesk.domain.request import Language
from rightsdesk.export import wording

SCHEMA = "ISO/IEC TS 27560:2023"
_EVENTS = {  # state -> what happened, in the words of the Data Privacy Vocabulary
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
}
_WITHDRAWN_BY = ("unsubscribe_link", "request", "contact")
_RIGHTS = (
    "dpv-gdpr:A7-3",
    "dpv-gdpr:A15",
    "dpv-gdpr:A16",
    "dpv-gdpr:A17",
    "dpv-gdpr:A18",
    "dpv-gdpr:A20",
    "dpv-gdpr:A77",
)


@dataclass(frozen=True)
class ConsentsOnRecord:
    """What is on record of one person, under whatever identifier, and the words that it speaks of."""

    entries: Sequence[ConsentEntry] = ()
    acceptances: Sequence[Acceptance] = ()
    texts: ConsentTexts = field(default_factory=lambda: ConsentTexts({}))
    policy: PolicyHistory | None = None

    @property
    def in_order(self) -> list[ConsentEntry]:
        return sorted(self.entries, key=lambda entry: (entry.at, entry.number))


@dataclass(frozen=True)
class RecordContext:
    """Whom the records are of (a digest that names nobody), who keeps them, and when they were read."""

    principal: str
    controller: Label
    contact: str
    country: str | None
    as_of: datetime
    datamap: DataMap


def consents_document(on_record: ConsentsOnRecord, context: RecordContext) -> dict[str, Any]:
    """The whole file; no records where nothing is on record."""
    records: dict[str, list[ConsentEntry]] = {}
    for entry in on_record.in_order:
        records.setdefault(entry.ends or entry.record_id, []).append(entry)
    return {
        "schema_version": SCHEMA,
        "as_of": context.as_of.isoformat(),
        "records": [_record(record_id, entries, on_record, context) for record_id, entries in records.items()],
    }


def acceptances_document(on_record: ConsentsOnRecord, *, as_of: datetime) -> dict[str, Any]:
    """The versions of the privacy policy that were accepted, the first acceptance first."""
    accepted = sorted(on_record.acceptances, key=lambda each: (each.accepted_at, each.version))
    return {"as_of": as_of.isoformat(), "acceptances": [_acceptance(each, on_record.policy) for each in accepted]}


def table_rows(on_record: ConsentsOnRecord, datamap: DataMap, language: Language, zone: str) -> list[dict[str, str]]:
    """A row for each entry, in words."""
    return [
        {
            "day": wording.day(language, wording.local_day(entry.at, zone)),
            "purpose": _purpose_label(entry.purpose, datamap).of(language),
            "state": wording.text(language, f"consent.state.{entry.state.value}"),
            "channel": wording.text(language, f"consent.channel.{entry.channel.value}"),
            "version": entry.text_version or "",
        }
        for entry in on_record.in_order
    ]


def _record(
    record_id: str, entries: Sequence[ConsentEntry], on_record: ConsentsOnRecord, context: RecordContext
) -> dict[str, Any]:
    first = entries[0]
    return {
        "schema_version": SCHEMA,
        "record_id": record_id,
        "pii_principal_id": context.principal,
        "pii_processing": {
            **_notice(first, on_record.texts),
            "purposes": [{"id": first.purpose, "label": _purpose_label(first.purpose, context.datamap).model_dump()}],
            "lawful_basis": "dpv-gdpr:A6-1-a",
            "pii_information": [
                {"id": category.value, "label": CATEGORY_LABELS[category].model_dump()}
                for category in _categories(first.purpose, context.datamap)
            ],
            "pii_controllers": [{"name": context.controller.model_dump(), "contact": context.contact}],
            "collection_method": first.channel.value,
            "jurisdiction": context.country,
            "recipient_third_parties": list(first.recipients),
            "withdrawal_method": list(_WITHDRAWN_BY),
            "privacy_rights": list(_RIGHTS),
        },
        "events": [_event(entry) for entry in entries],
    }


def _notice(entry: ConsentEntry, texts: ConsentTexts) -> dict[str, Any]:
    """What was read; the words themselves where the merchant has them unchanged. Nothing of a withdrawal alone."""
    if entry.text_version is None:
        return {}
    notice: dict[str, Any] = {"version": entry.text_version, "sha256": entry.text_sha256}
    text = _text(entry, texts)
    if text is not None and entry.language is not None and text.sha256(entry.language) == entry.text_sha256:
        notice["text"] = text.text.of(entry.language)
    return {"privacy_notice": notice, "language": entry.language}


def _text(entry: ConsentEntry, texts: ConsentTexts) -> ConsentText | None:
    try:
        return texts.version(entry.purpose, entry.text_version or "")
    except NotFoundError:
        return None


def _event(entry: ConsentEntry) -> dict[str, Any]:
    """`validity_duration` None: until it is taken back. `entity_id`: who brought it about."""
    return {
        "event_time": entry.at.isoformat(),
        "validity_duration": None,
        "entity_id": "pii_principal",
        "event_type": entry.channel.value,
        "event_state": _EVENTS[entry.state],
        "proof": entry.proof,
        "sha256": entry.sha256,
    }


def _categories(purpose: str, datamap: DataMap) -> Iterable[Category]:
    used = {
        each.category
        for collection in datamap.collections
        for each in collection.fields.values()
        if purpose in each.purposes
    }
    return [category for category in Category if category in used]


def _purpose_label(purpose: str, datamap: DataMap) -> Label:
    known = datamap.purposes.get(purpose)
    return known.label if known else Label(en=purpose, ja=purpose)


def _acceptance(acceptance: Acceptance, policy: PolicyHistory | None) -> dict[str, Any]:
    known = next((each for each in policy.root if each.version == acceptance.version), None) if policy else None
    return {
        "version": acceptance.version,
        "accepted_at": acceptance.accepted_at.isoformat(),
        "proof": acceptance.proof,
        "valid_from": known.valid_from.isoformat() if known else None,
        "texts": {name: getattr(known, name).model_dump() for name in ("en", "ja")} if known else {},
    }
