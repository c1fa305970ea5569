"""`index.html` and `index.ja.html`: the page that a person opens first, and `README.txt` for who opens the folder."""

# serves: E-01, E-02, E-07, E-11, E-12

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rightsdesk.domain.fields import Basis, DataField
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import Language
from rightsdesk.export import layout, processing, wording
from rightsdesk.export.account_page import account_page
from rightsdesk.export.complaints import complaints
from rightsdesk.export.consent_records import table_rows as consents_in_words
from rightsdesk.export.contents import PackageContents
from rightsdesk.export.data_files import WrittenData
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.grounds import basis_words, cited
from rightsdesk.export.package import LANGUAGES
from rightsdesk.export.provision_records import table_rows
from rightsdesk.export.rendering import render
from rightsdesk.export.request_records import table_rows as requests_in_words
from rightsdesk.export.shown_values import EMPTY, shown

_TABLE_COLUMNS = 6  # with more, a record is a card of its own: nobody has to scroll sideways
_OPEN_CARDS = 4  # the others are folded away


@dataclass(frozen=True)
class _Column:
    name: str
    label: str
    field: DataField


@dataclass(frozen=True)
class _Link:
    """A file of the package; it can be opened from the page if it is in the same part."""

    name: str
    href: str | None
    part: int


@dataclass(frozen=True)
class _CollectionView:
    """One collection as the page shows it: as one table, or as a card for each record."""

    id: str
    label: str
    note: str | None
    source: str
    as_of: str
    given: int
    columns: Sequence[_Column]
    as_table: bool
    records: Sequence[Record]
    links: Sequence[_Link]


def start_page(contents: PackageContents, language: Language) -> bytes:
    """The page in one language."""
    context, datamap = contents.context, contents.context.datamap
    if not context.gives_copy:
        return account_page(contents, language)
    return render(
        "index.html.j2",
        context,
        language,
        other_page=layout.page(next(other for other in LANGUAGES if other != language)),
        collections=[_collection(contents, disclosure, language) for disclosure in contents.held],
        open_cards=_OPEN_CARDS,
        empty=[(wording.words(language, c.label), contents.source_label(c, language)) for c in contents.empty],
        rows=contents.rows,
        withheld=[(entry, *contents.withheld_words(entry, language)) for entry in contents.withheld],
        articles_apply=any(entry.article for entry in contents.withheld),
        purposes=processing.purposes(datamap, contents.disclosures),
        recipients=processing.recipients(datamap, contents.disclosures),
        retention=processing.retention(datamap, contents.disclosures, context.laws),
        origins=processing.origins(contents.disclosures),
        kinds=lambda paths: contents.labels(paths, language),
        parts_in_words=lambda fields: contents.parts_in_words(fields, language),
        basis=lambda basis: basis_words(language, Basis(basis), context.laws),
        cited=lambda articles: wording.listed(language, [cited(language, article) for article in articles]),
        portability=[_portable_file(contents, path, language) for path in contents.portability],
        provisions=_provisions(contents, language) if context.tells_provisions else None,
        provisions_file=layout.PROVISIONS,
        consents=_consents(contents, language) if context.gives_access else None,
        consents_file=layout.CONSENTS,
        acceptances_file=layout.ACCEPTANCES,
        requests=_requests(contents, language) if context.gives_access else None,
        requests_file=layout.REQUESTS,
        complaints=complaints(context, language),
        value=lambda record, column: shown(record.get(column.name), column.field, language=language, zone=context.zone),
        is_empty=lambda value: value in EMPTY,
        zone=wording.zone_name(language, context.zone),
        letter=layout.letter(language, "html"),
        withheld_file=layout.WITHHELD,
        processing_file=layout.PROCESSING,
        part_names=contents.part_names,
    )


def readme(contents: PackageContents, language: Language, *, part: int) -> bytes:
    """`README.txt` in one language, for one part."""
    return render(
        "readme.txt.j2",
        contents.context,
        language,
        part=part,
        part_names=contents.part_names,
        page=layout.page(language),
        has_data=bool(contents.data),
        has_portability=bool(contents.portability),
        gives_copy=contents.context.gives_copy,
        documents=contents.documents,
    )


def _provisions(contents: PackageContents, language: Language) -> dict[str, Any]:
    """The records of provision as tables; a direction of which there is none has no table."""
    rows = table_rows(contents.provisions, contents.context, language)
    tables = [(wording.text(language, f"letter.{each}_heading"), records) for each, records in rows.items()]
    return {"provided": "provided" in rows, "tables": tables}


def _consents(contents: PackageContents, language: Language) -> list[dict[str, str]]:
    """What was agreed to, refused and taken back, a row each."""
    return consents_in_words(contents.consents, contents.context.datamap, language, contents.context.zone)


def _requests(contents: PackageContents, language: Language) -> dict[str, Any]:
    """What was asked of us, a row each, and how many older ones have none."""
    rows = requests_in_words(contents.requests, language, contents.context.zone)
    return {"rows": rows, "more": contents.requests.more}


def _collection(contents: PackageContents, disclosure: Disclosure, language: Language) -> _CollectionView:
    collection = disclosure.collection
    written = contents.data.get(collection.path, WrittenData((), (), ()))
    used = {
        name: field
        for name, field in disclosure.fields.items()
        if any(row.get(name) not in EMPTY for row in written.sample)
    }
    return _CollectionView(
        id=contents.stems[collection.path],
        label=wording.words(language, collection.label),
        note=wording.words(language, collection.note) if collection.note else None,
        source=contents.source_label(collection, language),
        as_of=wording.moment(language, disclosure.given.as_of, contents.context.zone),
        given=disclosure.rows_given,
        columns=[_Column(name, wording.words(language, field.label), field) for name, field in used.items()],
        as_table=len(used) <= _TABLE_COLUMNS and len(written.sample) > 1,
        records=written.sample,
        links=[_link(contents, path) for path in (*written.json, *written.csv)],
    )


def _portable_file(contents: PackageContents, path: str, language: Language) -> dict[str, Any]:
    name = path.rpartition("/")[2].partition(".")[0].partition("-")[0]
    if path.startswith(layout.RECORDS):
        of_stem = {contents.stems[each.collection.path]: each.collection.label for each in contents.disclosures}
        meaning = wording.text(language, "portability.records", label=wording.words(language, of_stem[name]))
    else:
        meaning = wording.text(language, f"portability.{name}")
    return {"link": _link(contents, path), "meaning": meaning}


def _link(contents: PackageContents, path: str) -> _Link:
    part = contents.files[path]
    return _Link(path.rpartition("/")[2], path if part == 1 else None, part)
