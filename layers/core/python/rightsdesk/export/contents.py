"""What was written before the pages: they are made from it, so they can't say anything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.provision import Provision
from rightsdesk.domain.request import Language, RequestType
from rightsdesk.export import layout, wording
from rightsdesk.export.consent_records import ConsentsOnRecord
from rightsdesk.export.data_files import WrittenData
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.package import PackageContext, Withheld
from rightsdesk.export.request_records import RequestsOnRecord


@dataclass(frozen=True)
class PackageContents:
    """The written package. `files` is path -> number of its part; `portability` the data files of that folder."""

    context: PackageContext
    package: str
    disclosures: Sequence[Disclosure]
    data: Mapping[str, WrittenData]
    portability: Sequence[str]
    stems: Mapping[str, str]
    withheld: Sequence[Withheld]
    files: Mapping[str, int]
    parts: int
    provisions: Sequence[Provision] = ()
    consents: ConsentsOnRecord = field(default_factory=ConsentsOnRecord)
    requests: RequestsOnRecord = field(default_factory=RequestsOnRecord)

    @property
    def part_names(self) -> list[str]:
        return [layout.part_file(self.package, part) for part in range(1, self.parts + 1)]

    @property
    def documents(self) -> list[str]:
        """What programs read of the answer beside the data themselves, in the first part."""
        context = self.context
        wanted = {
            layout.PROCESSING: context.gives_copy or RequestType.INFORMATION in context.types,
            layout.PURPOSES: RequestType.PURPOSE_NOTICE in context.types,
            layout.PROVISIONS: context.tells_provisions,
            layout.CONSENTS: context.gives_access,
            layout.ACCEPTANCES: context.gives_access,
            layout.REQUESTS: context.gives_access,
            layout.WITHHELD: context.gives_copy,
        }
        return [path for path, is_wanted in wanted.items() if is_wanted]

    @property
    def held(self) -> list[Disclosure]:
        """The collections in which something was found."""
        return [disclosure for disclosure in self.disclosures if disclosure.given.status == "ok"]

    @property
    def empty(self) -> list[Collection]:
        """The collections in which nothing was found: an answer as well."""
        return [disclosure.collection for disclosure in self.disclosures if disclosure.given.status == "empty"]

    @property
    def rows(self) -> int:
        """Of all collections, as `Disclosure.counted`."""
        return sum(disclosure.counted(self.context) for disclosure in self.disclosures)

    def labels(self, paths: Sequence[str], language: Language) -> str:
        """The collections in words, each label once: `Account, Orders`."""
        labels = [wording.words(language, self.context.datamap.collection(path).label) for path in paths]
        return wording.listed(language, labels)

    def parts_in_words(self, fields: Mapping[str, Sequence[str]], language: Language) -> str:
        """Collection path -> fields, in words: `Orders, Account (Fraud score)`. Most of a collection is `other fields`.

        For what holds of each field once (its period, its origin): so that a label which comes again says of what.
        """
        named = []
        by_path = {disclosure.collection.path: disclosure for disclosure in self.held}
        for path, names in fields.items():
            collection, found = by_path[path].collection, by_path[path].found_fields
            label = wording.words(language, collection.label)
            if len(names) < len(found):
                of = wording.listed(language, [wording.words(language, found[name].label) for name in names])
                most = len(names) * 2 > len(found)
                label += wording.bracketed(language, wording.text(language, "data.other_fields") if most else of)
            named.append(label)
        return wording.listed(language, named)

    def source_label(self, collection: Collection, language: Language) -> str:
        return wording.words(language, self.context.datamap.sources[collection.source].label)

    def withheld_words(self, entry: Withheld, language: Language) -> tuple[str, str]:
        """What was left out, and why, as sentences."""
        collection = self.context.datamap.collection(f"{entry.source}/{entry.collection}")
        what = wording.text(
            language,
            f"withheld.{entry.what}",
            field=wording.words(language, collection.fields[entry.field].label) if entry.field else "",
            collection=wording.words(language, collection.label),
            rows=wording.count(language, "count.records", entry.rows),
        )
        return what, wording.words(language, entry.reason)
