"""Builds the package that answers a request for access or portability: data first, then what explains them.

Records stream through; nothing but the first rows of each collection is kept in memory. The same input gives the same
bytes. A collection of the data map that is not among the inputs is an error, never a gap (abuse case 81).
"""

# serves: E-01, E-02, E-07

from collections.abc import Sequence

from rightsdesk.domain.errors import IncompleteCollectionError
from rightsdesk.export import layout
from rightsdesk.export.answer_letter import answer_letter
from rightsdesk.export.contents import PackageContents
from rightsdesk.export.data_files import WrittenData, write_data
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.encoding import encode_document
from rightsdesk.export.manifest import SPECIFICATION, FileEntry, Manifest, PartEntry, SourceEntry
from rightsdesk.export.package import LANGUAGES, CollectionInput, PackageContext, PackageLimits, PackageSummary
from rightsdesk.export.parts import OpenPart, PartsWriter
from rightsdesk.export.portability import write_portability
from rightsdesk.export.processing import processing_document
from rightsdesk.export.start_page import readme, start_page


def build_package(
    context: PackageContext,
    collections: Sequence[CollectionInput],
    open_part: OpenPart,
    *,
    limits: PackageLimits | None = None,
) -> PackageSummary:
    """Writes the package to the sinks of `open_part` and answers what is in it.

    Raises IncompleteCollectionError where a collection of the map was not collected, PackageError where records are not
    those that were collected or a limit is passed. On any error every sink is left by that error, so it aborts.
    """
    limits = limits or PackageLimits()
    given = _complete(context, collections)
    disclosures = [Disclosure(each, portable_only=not context.gives_access) for each in given]
    stems = layout.file_stems(context.datamap.collections)
    package = layout.package_name(context.reference, context.generated_at, context.zone)
    with PartsWriter(open_part=open_part, package=package, modified=context.generated_at, limits=limits) as parts:
        data = {
            disclosure.collection.path: write_data(
                disclosure, stems[disclosure.collection.path], parts=parts, limits=limits
            )
            for disclosure in disclosures
            if disclosure.fields and disclosure.given.status == "ok"
        }
        portable = write_portability(context, disclosures, stems, parts=parts) if context.gives_portability else ()
        withheld = tuple(entry for disclosure in disclosures for entry in disclosure.withheld(context.laws))
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
                sources=tuple(_source(disclosure, data) for disclosure in disclosures),
            )

        summaries = parts.finish(manifest_of)
        files = len(parts.files)
    return PackageSummary(
        parts=tuple(summaries),
        files=files,
        rows=sum(disclosure.rows_given for disclosure in disclosures),
        withheld_rows=sum(disclosure.rows_withheld for disclosure in disclosures),
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


def _write_explanations(contents: PackageContents, parts: PartsWriter) -> None:
    context = contents.context
    parts.document(layout.PROCESSING, encode_document(processing_document(context, contents.disclosures)))
    entries = [entry.model_dump(mode="json") for entry in contents.withheld]
    parts.document(layout.WITHHELD, encode_document({"reference": context.reference, "withheld": entries}))
    for language in LANGUAGES:
        for path, content in answer_letter(contents, language).items():
            parts.document(path, content)
        parts.document(layout.page(language), start_page(contents, language))
        for part in range(1, parts.count + 1):
            parts.document(layout.readme(language), readme(contents, language, part=part), part=part)


def _source(disclosure: Disclosure, data: dict[str, WrittenData]) -> SourceEntry:
    written = data.get(disclosure.collection.path)
    return SourceEntry(
        name=disclosure.collection.source,
        collection=disclosure.collection.name,
        status=disclosure.given.status,
        rows=disclosure.rows_given,
        withheld_rows=disclosure.rows_withheld,
        as_of=disclosure.given.as_of,
        files=(*written.json, *written.csv) if written else (),
    )
