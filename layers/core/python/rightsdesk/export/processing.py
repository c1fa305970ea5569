"""`answer/processing.json`: what GDPR 15(1)(a)-(d), (g) and 15(2) ask for beside the copy, taken from the data map."""

# serves: E-01, E-02, E-11, P-10, T-2

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.fields import CATEGORY_LABELS, Basis, Category, DataField, Label, Origin
from rightsdesk.export.complaints import complaints
from rightsdesk.export.data_files import describe_field
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.grounds import basis_words
from rightsdesk.export.package import LANGUAGES, PackageContext
from rightsdesk.export.request_records import retention_entry
from rightsdesk.export.wording import text

Entry = dict[str, Any]


def processing_document(context: PackageContext, disclosures: Sequence[Disclosure]) -> Entry:
    """The whole document. Of the map, what holds of the fields in which something was found for this person."""
    datamap = context.datamap
    used = [field for _, _, field in _found(disclosures)]
    for_what = purposes(datamap, disclosures)
    bases = {field.basis.value for field in used} | {basis for purpose in for_what for basis in purpose["legal_bases"]}
    return {
        "datamap_version": datamap.version,
        "controller": _controller(context),
        "request": _request(context),
        "purposes": for_what,
        "categories": [
            {"id": category.value, "label": CATEGORY_LABELS[category].model_dump()}
            for category in Category
            if any(field.category is category for field in used)
        ],
        "recipients": recipients(datamap, disclosures),
        "retention": retention(datamap, disclosures, context.laws),
        "own_records": [retention_entry()] if context.gives_access else [],
        "legal_bases": [
            {"id": basis.value, "label": {each: basis_words(each, basis, context.laws) for each in LANGUAGES}}
            for basis in Basis
            if basis.value in bases
        ],
        "origins": [
            {"id": origin.value, "label": {each: text(each, f"origin.{origin.value}") for each in LANGUAGES}}
            for origin in Origin
            if any(field.origin is origin for field in used)
        ],
        "inferred": inferred(disclosures),
        "automated_decisions": automated_decisions(datamap, disclosures),
        "complaints": {each: complaints(context, each) for each in LANGUAGES},
        "collections": [_collection(context, disclosure) for disclosure in disclosures],
    }


def purposes_document(context: PackageContext, disclosures: Sequence[Disclosure]) -> Entry:
    """`answer/purposes.json`: for what the data that are held about this person are used (APPI 32(2))."""
    by_category = purposes_by_category(context.datamap, disclosures)
    return {
        "datamap_version": context.datamap.version,
        "controller": _controller(context),
        "request": _request(context),
        "purposes": [
            {name: purpose[name] for name in ("id", "clause", "label", "collections")}
            for purpose in purposes(context.datamap, disclosures)
        ],
        "categories": [
            {"id": category, "label": CATEGORY_LABELS[Category(category)].model_dump(), "purposes": labels}
            for category, labels in by_category.items()
        ],
        "complaints": {each: complaints(context, each) for each in LANGUAGES},
    }


def purposes_by_category(datamap: DataMap, disclosures: Sequence[Disclosure]) -> dict[str, list[dict[str, str]]]:
    """Category -> the purposes of its fields in words, in the order of the map."""
    used = [field for _, _, field in _found(disclosures)]
    return {
        category.value: [
            purpose.label.model_dump()
            for name, purpose in datamap.purposes.items()
            if any(name in field.purposes for field in used if field.category is category)
        ]
        for category in Category
        if any(field.category is category for field in used)
    }


def inferred(disclosures: Sequence[Disclosure]) -> dict[str, list[str]]:
    """Collection path -> fields that we concluded ourselves (GDPR 15(1)(h))."""
    return origins(disclosures).get(Origin.INFERRED.value, {})


def purposes(datamap: DataMap, disclosures: Sequence[Disclosure]) -> list[Entry]:
    """Each purpose in use with its clause, the legal basis of the use, and the collections it needs (GDPR 13(1)(c))."""
    listed = []
    for name, purpose in datamap.purposes.items():
        fields = [(c, f) for c, _, f in _found(disclosures) if name in f.purposes]
        if fields:
            listed.append(
                {
                    "id": name,
                    "clause": purpose.clause,
                    "label": purpose.label.model_dump(),
                    "legal_bases": [purpose.basis.value],  # of the use; what a field is held on stands with the field
                    "collections": _paths(collection for collection, _ in fields),
                }
            )
    return listed


def recipients(datamap: DataMap, disclosures: Sequence[Disclosure]) -> list[Entry]:
    """Each actual recipient (CJEU C-154/21) with its role, country, safeguard, and what it is given."""
    listed = []
    for name, recipient in datamap.recipients.items():
        given = [(c, f) for c, _, f in _found(disclosures) if name in f.recipients]
        if given:
            listed.append(
                {
                    "id": name,
                    "label": recipient.label.model_dump(),
                    "role": recipient.role,
                    "country": recipient.country,
                    "safeguard": _label(recipient.safeguard),
                    "categories": sorted({field.category.value for _, field in given}),
                    "collections": _paths(collection for collection, _ in given),
                }
            )
    return listed


def retention(datamap: DataMap, disclosures: Sequence[Disclosure], laws: Sequence[str]) -> list[Entry]:
    """Each period in use: how long, from when, and the law that asks for it, as it is named where `laws` hold."""
    listed = []
    for name, period in datamap.retention.items():
        kept = _by_collection((c, key) for c, key, field in _found(disclosures) if field.retention == name)
        if kept:
            listed.append(
                {
                    "id": name,
                    "label": period.label.model_dump(),
                    "months": period.months,
                    "from": period.start,
                    "law": _label(period.law_for(laws)),
                    "collections": list(kept),
                    "fields": kept,
                }
            )
    return listed


def automated_decisions(datamap: DataMap, disclosures: Sequence[Disclosure]) -> list[Entry]:
    """Decisions made by machine alone for which data of this person are held (GDPR 15(1)(h)): how, and what follows."""
    held = {f"{collection.path}.{name}" for collection, name, _ in _found(disclosures)}
    listed = []
    for name, decision in datamap.automated_decisions.items():
        inputs = [path for path in decision.inputs if path in held]
        if inputs:
            words = ("label", "decides", "logic", "consequences", "safeguards")
            listed.append(
                {"id": name}
                | {each: getattr(decision, each).model_dump() for each in words}
                | {"inputs": inputs, "recipient": decision.recipient, "basis": decision.basis}
            )
    return listed


def origins(disclosures: Sequence[Disclosure]) -> dict[str, dict[str, list[str]]]:
    """Origin -> collection path -> fields that come from there (GDPR 15(1)(g))."""
    found = {
        origin.value: _by_collection((c, key) for c, key, field in _found(disclosures) if field.origin is origin)
        for origin in Origin
    }
    return {origin: fields for origin, fields in found.items() if fields}


def _found(disclosures: Sequence[Disclosure]) -> Iterator[tuple[Collection, str, DataField]]:
    for disclosure in disclosures:
        for name, field in disclosure.found_fields.items():
            yield disclosure.collection, name, field


def _by_collection(fields: Iterable[tuple[Collection, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for collection, name in fields:
        found.setdefault(collection.path, []).append(name)
    return found


def _request(context: PackageContext) -> Entry:
    return {
        "reference": context.reference,
        "types": [kind.value for kind in context.types],
        "laws": [law.value for law in context.laws],
        "received_at": context.received_at.isoformat(),
        "due_on": context.due_on.isoformat(),
        "answered_at": context.generated_at.isoformat(),
    }


def _controller(context: PackageContext) -> Entry:
    controller = context.controller
    known = {
        "name": controller.name.model_dump(),
        "email": controller.email,
        "address": _label(controller.address),
        "head": _label(controller.head),
        "security_measures": _label(controller.security_measures),
        "representative_in_the_eu": _label(controller.representative_in_the_eu),
        "data_protection_officer": _label(controller.data_protection_officer),
    }
    return {name: value for name, value in known.items() if value is not None}


def _collection(context: PackageContext, disclosure: Disclosure) -> Entry:
    collection = disclosure.collection
    return {
        "source": collection.source,
        "collection": collection.name,
        "label": collection.label.model_dump(),
        "status": disclosure.given.status,
        "rows": disclosure.counted(context),
        "fields": [_field(name, field) for name, field in disclosure.found_fields.items()],
    }


def _field(name: str, field: DataField) -> Entry:
    return {
        **describe_field(name, field),
        "retention": field.retention,
        "recipients": list(field.recipients),
        "disclosed": field.disclosed,
    }


def _paths(collections: Iterable[Collection]) -> list[str]:
    return list(dict.fromkeys(collection.path for collection in collections))


def _label(label: Label | None) -> dict[str, str] | None:
    return label.model_dump() if label else None
