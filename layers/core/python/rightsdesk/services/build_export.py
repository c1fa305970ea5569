"""Build the package of a case from what was collected: a task of the workflow."""

# serves: E-01, E-02, E-07, E-11, E-12, T-4

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from rightsdesk import __version__
from rightsdesk.domain.acceptance import PolicyHistory
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.consent_text import ConsentTexts
from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.errors import ConflictError, IncompleteCollectionError
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import KEY_PURPOSE as PERMISSION_KEY
from rightsdesk.domain.provision import KEY_PURPOSE
from rightsdesk.domain.request import SYSTEM, ExportPart, ExportState, PrivacyRequest, Treatment, Withholding
from rightsdesk.domain.review import subject_binding
from rightsdesk.domain.same_person import told_with
from rightsdesk.domain.traversal import reachable
from rightsdesk.export.build import build_package
from rightsdesk.export.consent_records import ConsentsOnRecord
from rightsdesk.export.package import CollectionInput, Controller, PackageContext
from rightsdesk.export.request_records import MOST_REQUESTS, RequestOnRecord, RequestsOnRecord
from rightsdesk.export.transfer import TransferTooLargeError, build_transfer
from rightsdesk.law.applicability import Law
from rightsdesk.observability import logger
from rightsdesk.ports.acceptances import Acceptances
from rightsdesk.ports.cases import CaseStore, others_of
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.exports import ExportStore
from rightsdesk.ports.permissions import Permissions
from rightsdesk.ports.provision import ProvisionLedger
from rightsdesk.ports.sources import RecordStore
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # few requests have a thread
    from rightsdesk.ports.messages import Messages

_NOT_THERE = "RecordsMissing"
_READ_ONCE = 64 * 1024  # bytes, compressed: so few records are kept for the next pass, and not fetched again


def build_export(
    request_id: str,
    *,
    final: bool,
    cases: CaseStore,
    messages: "Messages",
    records: RecordStore,
    exports: ExportStore,
    provisions: ProvisionLedger,
    permissions: Permissions,
    acceptances: Acceptances,
    keys: Keyring,
    data_map: DataMap,
    texts: ConsentTexts,
    policy: PolicyHistory,
    merchant: MerchantProfile,
    clock: Clock,
) -> None:
    """Write the package and note it on the case. `final`: after staff decided about rows on other people.

    What was provided to others about this person, what they agreed to and which version of the policy they accepted is
    asked of the ledgers where the answer says it; what the desk itself holds of them is read beside.

    Raises IncompleteCollectionError while a source is missing (abuse case 81). Started again, it keeps a package that
    is there.
    """
    case = cases.get(request_id)
    case.require_open()
    if case.export and case.export.final >= final:
        return
    states = cases.sources(request_id)
    if missing := _missing(case, states, data_map, records):
        for state in (states[name] for name in missing if name in states):
            if state.status == "done":  # what it found has gone, or the map asks for more: it is searched again
                cases.put_source(
                    request_id, SourceState(source=state.source, status="failed", error=_NOT_THERE, at=clock())
                )
        raise IncompleteCollectionError(missing)
    now = clock()
    context = _context(case, data_map, merchant, now)
    known = _known_by(case, states, records, data_map)
    told = provisions.of_person(identifier_digests(keys.key(KEY_PURPOSE), known)) if context.tells_provisions else ()
    consents = None
    if context.gives_access:
        digests = identifier_digests(keys.key(PERMISSION_KEY), known)
        consents = ConsentsOnRecord(
            entries=[entry for digest in digests for entry in permissions.ledger(digest)],
            acceptances=[each for digest in digests for each in acceptances.all(digest)],
            texts=texts,
            policy=policy,
        )
    requests = _requests_of(case, cases, messages) if context.gives_access else None
    prefix = exports.new_prefix(request_id)
    collected = [_input(case, collection, states, records, now, final=final) for collection in data_map.collections]
    try:
        open_part = partial(_open, exports, prefix)
        summary = build_package(context, collected, open_part, provisions=told, consents=consents, requests=requests)
        transfer = _transfer(context, collected, exports, f"{prefix}transfer") if case.send_to else None
    except Exception:
        exports.discard(prefix)
        raise
    export = ExportState(
        prefix=prefix,
        subject=subject_binding(case),
        parts=tuple(
            ExportPart(key=f"{prefix}{number}", name=part.name, bytes=part.bytes, sha256=part.sha256)
            for number, part in enumerate(summary.parts, start=1)
        ),
        rows=summary.rows,
        withheld_rows=summary.withheld_rows,
        left_out=len(summary.withheld),
        nothing_found=not summary.found,
        provisions=len(told),
        transfer=transfer,
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
                "provisions": export.provisions,
                "final": final,
                **({"transfer": transfer.sha256} if transfer else {}),
            },
            export=export,
        )
        cases.save(case, after, event)
    except ConflictError:
        exports.discard(prefix)  # withdrawn, or built by another try: this one is not the package of the case
        raise
    if case.export:
        exports.discard(case.export.prefix)


def _missing(
    case: PrivacyRequest, states: dict[str, SourceState], data_map: DataMap, records: RecordStore
) -> list[str]:
    """Sources that were not searched, or not for all that the map names now, or whose records are no longer there.

    A collection that nothing verified leads to is not among them.
    """
    missing: dict[str, None] = {}
    for collection in reachable(data_map, case.identifiers):
        state = states.get(collection.source)
        searched = state is not None and state.status == "done" and collection.name in state.collections
        if not searched or not records.exists(case.request_id, collection.path):
            missing[collection.source] = None
    return list(missing)


def _known_by(
    case: PrivacyRequest, states: dict[str, SourceState], records: RecordStore, data_map: DataMap
) -> list[tuple[str, str]]:
    """How the ledgers know this person: by what was verified, and by what stands in their account.

    The shop may know them by a number that nobody could verify, and have told the ledger that alone.
    """
    verified = [(kind, value) for kind, values in case.identifiers.items() for value in values]
    account = data_map.identity
    found = states[account.source].collections.get(account.name) if account.source in states else None
    held = [
        (kind, value)
        for record in (records.read(case.request_id, account.path) if found and found.rows else ())
        for kind, value in account.identifiers_in(record)
        if kind in data_map.suppressed
    ]
    return [*verified, *held]


def _requests_of(case: PrivacyRequest, cases: CaseStore, messages: "Messages") -> RequestsOnRecord:
    """This request and the person's others. What hangs on each is read of MOST_REQUESTS at most, the newest."""
    told = told_with(case, others_of(cases, case))
    return RequestsOnRecord(
        requests=[
            RequestOnRecord(
                case=each,
                letters=cases.letters(each.request_id),
                messages=messages.of(each.request_id) if each.thread else (),
                events=cases.timeline(each.request_id),
            )
            for each in told[:MOST_REQUESTS]
        ],
        more=max(0, len(told) - MOST_REQUESTS),
    )


def _open(exports: ExportStore, prefix: str, number: int) -> AbstractContextManager[Any]:
    return exports.open_part(f"{prefix}{number}")


def _transfer(
    context: PackageContext, collected: list[CollectionInput], exports: ExportStore, key: str
) -> ExportPart | None:
    """The portable part for another controller. None where there is none, or more than anybody takes in one call."""
    try:
        summary = build_transfer(context, collected, partial(exports.open_part, key))
    except TransferTooLargeError:  # the package is there all the same, and staff see that nothing can be sent
        logger.warning("the portable part is too large to be sent")
        return None
    if summary is None:
        return None
    return ExportPart(key=key, name=summary.name, bytes=summary.bytes, sha256=summary.sha256)


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
            country=merchant.country,
            address=merchant.address,
            head=merchant.head,
            security_measures=merchant.security_measures,
            representative_in_the_eu=merchant.representative_in_the_eu,
            data_protection_officer=merchant.data_protection_officer,
        ),
        datamap=data_map,
        name=case.name,
        country=case.country,
        region=case.region,
    )


def _input(
    case: PrivacyRequest,
    collection: Collection,
    states: dict[str, SourceState],
    records: RecordStore,
    now: datetime,
    *,
    final: bool,
) -> CollectionInput:
    """A collection that nothing verified leads to was not searched: it is empty for this person.

    What staff hold back is left out of the final package alone: until it is released they may give it again.
    """
    state = states.get(collection.source)
    result = state.collections.get(collection.name) if state else None
    read: Callable[[], Any] = partial(records.read, case.request_id, collection.path) if result else tuple
    if result and result.bytes <= _READ_ONCE:
        fetch = read
        read = cache(lambda: tuple(fetch()))
    return CollectionInput(
        collection=collection,
        status="ok" if result and result.rows else "empty",
        as_of=result.as_of if result else now,
        rows=result.rows if result else 0,
        records=read,
        treatment=case.treatments.get(collection.path, Treatment.WITHHOLD),
        held_back=_held_back(case, collection) if final else {},
        withheld=result.withheld if result else {},
        undescribed=result.unmapped if result else {},
    )


def _held_back(case: PrivacyRequest, collection: Collection) -> dict[str, Withholding]:
    """Field -> why, of those of this collection."""
    found = {name: case.withheld.get(f"{collection.path}.{name}") for name in collection.fields}
    return {name: why for name, why in found.items() if why}
