"""Build the package of a case from what was collected: a task of the workflow."""

# serves: E-01, E-02, E-07

import hashlib
import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Any

from rightsdesk import __version__
from rightsdesk.domain.collecting import SourceState, missing_sources
from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.errors import CaseClosedError, ConflictError, IncompleteCollectionError
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SYSTEM, ExportPart, ExportState, PrivacyRequest, Treatment
from rightsdesk.export.build import build_package
from rightsdesk.export.package import CollectionInput, Controller, PackageContext
from rightsdesk.law.applicability import Law
from rightsdesk.ports import CaseStore, Clock, ExportStore, RecordStore


def build_export(
    request_id: str,
    *,
    final: bool,
    cases: CaseStore,
    records: RecordStore,
    exports: ExportStore,
    data_map: DataMap,
    merchant: MerchantProfile,
    clock: Clock,
) -> None:
    """Write the package and note it on the case. `final`: after staff decided about rows on other people.

    Raises IncompleteCollectionError while a source is missing. Started again, it keeps a package that is there.
    """
    case = cases.get(request_id)
    if not case.is_open:
        raise CaseClosedError("the case is closed")
    if case.export and case.export.final >= final:
        return
    states = cases.sources(request_id)
    if missing := missing_sources(case.sources, states):
        raise IncompleteCollectionError(missing)
    now = clock()
    prefix = exports.new_prefix()
    summary = build_package(
        _context(case, data_map, merchant, now),
        [_input(case, collection, states, records, now) for collection in data_map.collections],
        partial(_open, exports, prefix),
    )
    export = ExportState(
        prefix=prefix,
        parts=tuple(
            ExportPart(key=f"{prefix}{number}", name=part.name, bytes=part.bytes, sha256=part.sha256)
            for number, part in enumerate(summary.parts, start=1)
        ),
        rows=summary.rows,
        withheld_rows=summary.withheld_rows,
        built_at=now,
        final=final,
    )
    try:
        after, event = case.changed(
            "export_built",
            at=now,
            actor=SYSTEM,
            details={
                "files": [part.sha256 for part in export.parts],
                "manifest": summary.manifest_sha256,
                "rows": summary.rows,
                "withheld_rows": summary.withheld_rows,
                "final": final,
            },
            export=export,
        )
        cases.save(case, after, event)
    except ConflictError:
        exports.discard(prefix)  # withdrawn, or built by another try: this one is not the package of the case
        raise
    if case.export:
        exports.discard(case.export.prefix)


def subject_binding(case: PrivacyRequest) -> str:
    """Ties a package to the verified person without naming anybody (abuse case 90)."""
    proven = "|".join(f"{kind}={value}" for kind, values in sorted(case.identifiers.items()) for value in values)
    return hmac.new(case.subject_key.encode(), proven.encode(), hashlib.sha256).hexdigest()


def _open(exports: ExportStore, prefix: str, number: int) -> AbstractContextManager[Any]:
    return exports.open_part(f"{prefix}{number}")


def _context(case: PrivacyRequest, data_map: DataMap, merchant: MerchantProfile, now: datetime) -> PackageContext:
    return PackageContext(
        reference=case.reference,
        types=case.types,
        language=case.language,
        laws=tuple(Law(law) for law in case.due.laws),
        subject=subject_binding(case),
        received_at=case.received_at,
        due_on=case.due.due_on,
        generated_at=now.replace(microsecond=0),
        generator=f"Rightsdesk {__version__}",
        zone=merchant.zone,
        controller=Controller(
            name=merchant.name,
            email=merchant.contact_email,
            address=merchant.address,
            representative_in_the_eu=merchant.representative_in_the_eu,
            data_protection_officer=merchant.data_protection_officer,
        ),
        datamap=data_map,
        name=case.name,
        country=case.country,
    )


def _input(
    case: PrivacyRequest,
    collection: Collection,
    states: dict[str, SourceState],
    records: RecordStore,
    now: datetime,
) -> CollectionInput:
    """A collection that nothing verified leads to was not searched: it is empty for this person."""
    state = states.get(collection.source)
    result = state.collections.get(collection.name) if state else None
    read: Callable[[], Any] = partial(records.read, case.request_id, collection.path) if result else tuple
    return CollectionInput(
        collection=collection,
        status="ok" if result and result.rows else "empty",
        as_of=result.as_of if result else now,
        rows=result.rows if result else 0,
        records=read,
        treatment=case.treatments.get(collection.path, Treatment.WITHHOLD),
        withheld=result.withheld if result else {},
        undescribed=result.unmapped if result else {},
    )
