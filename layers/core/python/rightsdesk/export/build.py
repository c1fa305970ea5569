"""Builds the package that answers a request: for access and portability the data first, then what explains them; for
information, the purposes of use and the records of provision what is said of the data, and no copy of them.

Records stream through; nothing but the first rows of each collection is kept in memory. The same input gives the same
bytes. A collection of the data map that is not among the inputs is an error, never a gap (abuse case 81).
"""

# serves: E-01, E-02, E-07, E-11, E-12

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rightsdesk.domain.errors import IncompleteCollectionError
from rightsdesk.domain.provision import Provision
from rightsdesk.export import layout
from rightsdesk.export.answer_letter import answer_letter
from rightsdesk.export.consent_records import (
    ConsentsOnRecord,
    RecordContext,
    acceptances_document,
    consents_document,
)
from rightsdesk.export.contents import PackageContents
from rightsdesk.export.data_files import WrittenData, write_data
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.encoding import encode_document
from rightsdesk.export.manifest import SPECIFICATION, FileEntry, Manifest, PartEntry, SourceEntry
from rightsdesk.export.package import LANGUAGES, CollectionInput, PackageContext, PackageLimits, PackageSummary
from rightsdesk.export.parts import OpenPart, PartsWriter
from rightsdesk.export.portability import write_portability
from rightsdesk.export.processing import processing_document, purposes_document
from rightsdesk.export.provision_records import records_document
from rightsdesk.export.request_records import RequestsOnRecord, requests_document
from rightsdesk.export.start_page import readme, start_page


def build_package(
    context: PackageContext,
    collections: Sequence[CollectionInput],
    open_part: OpenPart,
    *,
    provisions: Sequence[Provision] = (),
    consents: ConsentsOnRecord | None = None,
    requests: RequestsOnRecord | None = None,
    limits: PackageLimits | None = None,
) -> PackageSummary:
    """Writes the package to the sinks of `open_part` and answers what is in it.

    Where no copy is asked for, the records are read, so that what is said is of what is held, and none is given.
    `provisions` is what the ledger of provision has about this person, `consents` what that of consents has,
    `requests` what the desk itself has.

    Raises IncompleteCollectionError where a collection of the map was not collected, PackageError where records are not
    those that were collected or a limit is passed. On any error every sink is left by that error, so it aborts.
    """
    limits = limits or PackageLimits()
    given = _complete(context, collections)
    disclosures = [
        Disclosure(each, portable_only=context.gives_portability and not context.gives_access) for each in given
    ]
    stems = layout.file_stems(context.datamap.collections)
    package = layout.package_name(context.reference, context.generated_at, context.zone)
    with PartsWriter(open_part=open_part, package=package, modified=context.generated_at, limits=limits) as parts:
        data = _written(disclosures, stems, parts, limits) if context.gives_copy else _read(disclosures)
        portable = write_portability(context, disclosures, stems, parts=parts) if context.gives_portability else ()
        withheld = tuple(
            entry for disclosure in disclosures if context.gives_copy for entry in disclosure.withheld(context.laws)
        )
        contents = PackageContents(
            context=context,
            package=package,
            disclosures=disclosures,
            data=data,
            portability=portable,
            stems=stems,
            withheld=withheld,
            files=parts.files,
            parts=parts.count,
            provisions=provisions,
            consents=consents or ConsentsOnRecord(),
            requests=requests or RequestsOnRecord(),
        )
        _write_explanations(contents, parts)

        def manifest_of(part: int, listed: tuple[PartEntry, ...], files: tuple[FileEntry, ...]) -> Manifest:
            return Manifest(
                spec=SPECIFICATION,
                reference=context.reference,
                subject=context.subject,
                types=tuple(kind.value for kind in context.types),
                language=context.language,
                generated_at=context.generated_at,
                generator=context.generator,
                datamap_version=context.datamap.version,
                part=part,
                parts=listed,
                files=files,
                sources=tuple(_source(disclosure, contents) for disclosure in disclosures),
            )

        summaries = parts.finish(manifest_of)
        files = len(parts.files)
    return PackageSummary(
        parts=tuple(summaries),
        files=files,
        rows=contents.rows,
        withheld_rows=sum(disclosure.rows_withheld for disclosure in disclosures if context.gives_copy),
        found=any(disclosure.given.status == "ok" for disclosure in disclosures),
        manifest_sha256=summaries[0].manifest_sha256,
        withheld=withheld,
        undescribed={d.collection.path: d.undescribed for d in disclosures if d.undescribed},
    )


def _complete(context: PackageContext, collections: Sequence[CollectionInput]) -> list[CollectionInput]:
    """The inputs in the order of the data map; each of its collections must be there."""
    by_path = {given.collection.path: given for given in collections}
    wanted = [collection.path for collection in context.datamap.collections]
    missing = [path for path in wanted if path not in by_path]
    if missing:
        raise IncompleteCollectionError(missing)
    return [by_path[path] for path in wanted]


def _written(
    disclosures: Sequence[Disclosure], stems: Mapping[str, str], parts: PartsWriter, limits: PackageLimits
) -> dict[str, WrittenData]:
    return {
        disclosure.collection.path: write_data(
            disclosure, stems[disclosure.collection.path], parts=parts, limits=limits
        )
        for disclosure in disclosures
        if disclosure.fields and disclosure.given.status == "ok"
    }


def _read(disclosures: Sequence[Disclosure]) -> dict[str, WrittenData]:
    """Passes over the records, which tells each sieve of which fields something is held; nothing is written."""
    for disclosure in disclosures:
        for _ in disclosure.rows():
            pass
    return {}


def _write_explanations(contents: PackageContents, parts: PartsWriter) -> None:
    for path, document in _documents(contents).items():
        parts.document(path, encode_document(document))
    for language in LANGUAGES:
        for path, content in answer_letter(contents, language).items():
            parts.document(path, content)
        parts.document(layout.page(language), start_page(contents, language))
        for part in range(1, parts.count + 1):
            parts.document(layout.readme(language), readme(contents, language, part=part), part=part)


def _documents(contents: PackageContents) -> dict[str, dict[str, Any]]:
    """Path -> what programs read of the answer; the copy of the data is not among them."""
    context, disclosures = contents.context, contents.disclosures
    made: dict[str, Callable[[], dict[str, Any]]] = {
        layout.PROCESSING: lambda: processing_document(context, disclosures),
        layout.PURPOSES: lambda: purposes_document(context, disclosures),
        layout.PROVISIONS: lambda: records_document(context, contents.provisions),
        layout.CONSENTS: lambda: consents_document(contents.consents, _record_context(context)),
        layout.ACCEPTANCES: lambda: acceptances_document(contents.consents, as_of=context.generated_at),
        layout.REQUESTS: lambda: requests_document(contents.requests, as_of=context.generated_at),
        layout.WITHHELD: lambda: _left_out(contents),
    }
    return {path: made[path]() for path in contents.documents}


def _left_out(contents: PackageContents) -> dict[str, Any]:
    entries = [entry.model_dump(mode="json") for entry in contents.withheld]
    return {"reference": contents.context.reference, "withheld": entries}


def _record_context(context: PackageContext) -> RecordContext:
    return RecordContext(
        principal=context.subject,
        controller=context.controller.name,
        contact=context.controller.email,
        country=context.controller.country,
        as_of=context.generated_at,
        datamap=context.datamap,
    )


def _source(disclosure: Disclosure, contents: PackageContents) -> SourceEntry:
    written = contents.data.get(disclosure.collection.path)
    return SourceEntry(
        name=disclosure.collection.source,
        collection=disclosure.collection.name,
        status=disclosure.given.status,
        rows=disclosure.counted(contents.context),
        withheld_rows=disclosure.rows_withheld if contents.context.gives_copy else 0,
        as_of=disclosure.given.as_of,
        files=(*written.json, *written.csv) if written else (),
    )
