"""What another controller is sent of a person (GDPR 20(2)): a ZIP with the folder `portability/` and what explains it.

No letter, no reference, nothing that was inferred, assigned or bought, and no row that says something about somebody
else unless staff have given it: a package goes to its person, this goes to a company (GDPR 20(4)).
"""

# serves: E-07

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from rightsdesk.export import layout
from rightsdesk.export.archive import PackageError, PartSink
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.manifest import TRANSFER_SPECIFICATION, FileEntry, PartEntry, TransferManifest
from rightsdesk.export.package import LANGUAGES, CollectionInput, PackageContext, PackageLimits, PartSummary
from rightsdesk.export.parts import PartsWriter
from rightsdesk.export.portability import write_portability
from rightsdesk.export.rendering import render

_NAME = "portable-data"  # of the folder and the file: no reference, by which a receiver could ask after the request


class TransferTooLargeError(PackageError):
    """More than one ZIP holds. Nobody takes that in one call."""


def build_transfer(
    context: PackageContext,
    collections: Sequence[CollectionInput],
    open_zip: Callable[[], AbstractContextManager[PartSink]],
    *,
    limits: PackageLimits | None = None,
) -> PartSummary | None:
    """Writes the ZIP to the sink of `open_zip`; None, and nothing is opened, where nothing of the person is portable.

    Raises PackageError as `build_package` does, and TransferTooLargeError; the sink is left by it, so it aborts.
    """
    disclosures = [Disclosure(each, portable_only=True) for each in collections]
    if not any(each.portable and each.given.status == "ok" for each in disclosures):
        return None
    stems = layout.file_stems(context.datamap.collections)

    def open_part(number: int) -> AbstractContextManager[PartSink]:
        if number > 1:
            raise TransferTooLargeError("the portable part is larger than one ZIP may be")
        return open_zip()

    with PartsWriter(
        open_part=open_part, package=_NAME, modified=context.generated_at, limits=limits or PackageLimits()
    ) as parts:
        paths = write_portability(context, disclosures, stems, parts=parts)
        for language in LANGUAGES:
            parts.document(
                layout.readme(language),
                render("transfer.txt.j2", context, language, paths=paths, specification=TRANSFER_SPECIFICATION),
            )

        def manifest_of(_: int, __: tuple[PartEntry, ...], files: tuple[FileEntry, ...]) -> TransferManifest:
            return TransferManifest(
                spec=TRANSFER_SPECIFICATION,
                generated_at=context.generated_at,
                generator=context.generator,
                controller=context.controller.name.en,
                contact=context.controller.email,
                files=files,
            )

        (summary,) = parts.finish(manifest_of)
    return summary
