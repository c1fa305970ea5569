"""Enter in the ledger what an erasure leaves, and keep by what it is found and erased when its time has passed.

The rows are streamed into one encrypted object per collection, so that a person with very many of them costs no memory;
what is counted is one number for each reason. First the person and the rows are written, then the entries: an entry is
never there without its rows. Done again, it ends the same.
"""

# serves: E-15

from collections.abc import Iterable, Iterator
from datetime import datetime

from rightsdesk.domain.datamap import Collection, DataMap, FileCollection
from rightsdesk.domain.decisions import BY_POLICY, FieldAction, FieldDecision
from rightsdesk.domain.erasing import Kept, RowFound
from rightsdesk.domain.erasure_review import current_plan
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.retention_ledger import PERSON, KeptPerson, KeptRow, RetentionEntry, entry_id_of
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.retention import RetentionLedger
from rightsdesk.ports.sources import ErasureManifest, RecordStore


def enter_retention(
    case: PrivacyRequest,
    at: datetime,
    *,
    cases: CaseStore,
    manifest: ErasureManifest,
    ledger: RetentionLedger,
    store: RecordStore,
    data_map: DataMap,
) -> None:
    """Before the certificate is noted, from the plan and its manifest; what does not stay is passed over.

    `store` is that of what is kept, which no case empties. Identifiers are kept as far as files are searched by them.
    """
    plan = current_plan(case, cases.erasures(case.request_id))
    keeping = [data_map.collection(part.collection) for part in plan.collections if part.kept]
    if not keeping:
        return
    decisions = cases.decisions(case.request_id)
    identifiers = manifest.identifiers(case.request_id, case.sources)
    person = KeptPerson(
        address=case.email_as_typed,
        name=case.name,
        language=case.language,
        subject_key=case.subject_key,
        identifiers={
            kind: tuple(identifiers.get(kind, ()))
            for collection in keeping
            if isinstance(collection, FileCollection)
            for kind in collection.searched_by
        },
    )
    store.write(case.request_id, PERSON, [person.model_dump(mode="json")])
    for collection in keeping:
        counted: dict[Kept, int] = {}
        store.write(
            case.request_id,
            collection.path,
            _kept_rows(case, collection, manifest.rows(case.request_id, collection.path), counted),
        )
        for kept, number in counted.items():
            entry = _entry(case, at, collection, kept, number, decisions, data_map)
            try:
                ledger.create(*entry.entered())
            except ConflictError:
                continue  # by a run that died after it


def _kept_rows(
    case: PrivacyRequest, collection: Collection, rows: Iterable[RowFound], counted: dict[Kept, int]
) -> Iterator[Record]:
    ids: dict[Kept, str] = {}
    for row in rows:
        kept = row.change.kept
        if kept is None:
            continue
        if kept not in ids:
            ids[kept] = entry_id_of(case.request_id, collection.path, kept)
        counted[kept] = counted.get(kept, 0) + 1
        # As it is after the erasure: what is left of it, or all of it.
        yield KeptRow(entry=ids[kept], place=row.place, digest=row.expected or row.before).model_dump()


def _entry(
    case: PrivacyRequest,
    at: datetime,
    collection: Collection,
    kept: Kept,
    rows: int,
    decisions: Iterable[FieldDecision],
    data_map: DataMap,
) -> RetentionEntry:
    stay = {
        decision.field.rpartition(".")[2]: decision.rule
        for decision in decisions
        if decision.type == RequestType.ERASURE
        and decision.action is FieldAction.KEEP
        and decision.field.rpartition(".")[0] == collection.path
        and _is_reason(decision, kept)
    }
    laws = case.due.laws
    named = {name: field for name, field in collection.fields.items() if name in stay}
    return RetentionEntry(
        entry_id=entry_id_of(case.request_id, collection.path, kept),
        request_id=case.request_id,
        reference=case.reference,
        collection=collection.path,
        label=collection.label,
        categories=tuple(dict.fromkeys(field.category for field in named.values())),
        fields=tuple(named),
        rules=tuple(sorted(set(stay.values()))),
        retention=kept.retention,
        period=data_map.retention[kept.retention].label,
        law=data_map.retention[kept.retention].law_for(laws) if kept.ground is None else None,
        until=kept.until,
        ground=kept.ground,
        then=kept.then,
        then_period=data_map.retention[kept.then.retention].label if kept.then else None,
        then_law=data_map.retention[kept.then.retention].law_for(laws) if kept.then else None,
        datamap_version=data_map.version,
        rows=rows,
        restricted_since=at,
    )


def _is_reason(decision: FieldDecision, kept: Kept) -> bool:
    if decision.by == BY_POLICY:
        return kept.ground is None or kept.then is not None
    return kept.ground is not None
