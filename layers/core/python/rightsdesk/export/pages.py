"""The pages that a person opens: `index.html`, the letter as HTML and text, and the README, in both languages.

They open from a disk: no script, nothing remote, one style sheet inside whose hash is all that the policy lets in.
"""

# serves: E-01, E-02

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.fields import DataField, Label
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import Language
from rightsdesk.export import layout, processing, wording
from rightsdesk.export.data_files import WrittenData
from rightsdesk.export.disclosure import Disclosure
from rightsdesk.export.package import LANGUAGES, Letter, PackageContext, Withheld
from rightsdesk.export.shown_values import EMPTY, shown
from rightsdesk.law.applicability import Law

_TABLE_COLUMNS = 5  # with more, a record is a card of its own: nobody has to scroll sideways
_OPEN_CARDS = 4


@dataclass(frozen=True)
class PackageContents:
    """What was written before the pages: they are made from it, so they can't say anything else.

    `files` is path -> number of its part; `portability` the data files of that folder.
    """

    context: PackageContext
    package: str
    disclosures: Sequence[Disclosure]
    data: Mapping[str, WrittenData]
    portability: Sequence[str]
    stems: Mapping[str, str]
    withheld: Sequence[Withheld]
    files: Mapping[str, int]
    parts: int

    @property
    def part_names(self) -> list[str]:
        return [f"{layout.part_folder(self.package, part)}.zip" for part in range(1, self.parts + 1)]


@dataclass(frozen=True)
class _Column:
    name: str
    label: str
    field: DataField


@dataclass(frozen=True)
class _Link:
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
    withheld: int
    columns: Sequence[_Column]
    as_table: bool
    records: Sequence[Record]
    open_records: int
    links: Sequence[_Link]


def start_page(contents: PackageContents, language: Language) -> bytes:
    """`index.html` in one language."""
    context, datamap = contents.context, contents.context.datamap
    held = [d for d in contents.disclosures if d.given.status == "ok"]
    return _render(
        "index.html.j2",
        context,
        language,
        other_page=layout.page(_other(language)),
        collections=[_view(contents, disclosure, language) for disclosure in held],
        empty=[_empty(contents, d, language) for d in contents.disclosures if d.given.status == "empty"],
        rows=sum(disclosure.rows_given for disclosure in held),
        withheld=[_withheld(contents, entry, language) for entry in contents.withheld],
        purposes=processing.purposes(datamap),
        recipients=processing.recipients(datamap),
        retention=processing.retention(datamap),
        origins=_origins(contents),
        kinds=lambda paths: _labels(datamap, paths, language),
        portability=[_portable_file(contents, path, language) for path in contents.portability],
        letter=layout.letter(language, "html") if language in context.letters else None,
        complaints=_complaints(context),
        paths=layout,
        part_names=contents.part_names,
    )


def letter_pages(context: PackageContext, language: Language, letter: Letter) -> dict[str, bytes]:
    """Path -> content of the letter as HTML and as text."""
    paragraphs = [part.strip("\n") for part in letter.text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    html = _render(
        "letter.html.j2", context, language, letter=letter, paragraphs=paragraphs, home=layout.page(language)
    )
    plain = f"{letter.subject}\n\n{letter.text.strip()}\n"
    return {layout.letter(language, "html"): html, layout.letter(language, "txt"): plain.encode("utf-8", "replace")}


def readme(contents: PackageContents, language: Language, *, part: int) -> bytes:
    """`README.txt` in one language, for one part."""
    return _render(
        "readme.txt.j2",
        contents.context,
        language,
        part=part,
        parts=contents.parts,
        part_names=contents.part_names,
        has_portability=bool(contents.portability),
        has_answer=part == 1,
    )


def _render(template: str, context: PackageContext, language: Language, **values: Any) -> bytes:
    """Renders with the words of the language. Half a surrogate pair, which no encoding knows, becomes a `?`."""
    rendered = (
        _templates()
        .get_template(template)
        .render(
            lang=language,
            t=partial(wording.text, language),
            count=partial(wording.count, language),
            number=partial(wording.number, language),
            words=partial(wording.words, language),
            day=partial(wording.day, language),
            moment=lambda value: wording.moment(language, value, context.zone),
            country=partial(wording.country, language),
            value=lambda record, column: shown(
                record.get(column.name), column.field, language=language, zone=context.zone
            ),
            is_empty=lambda value: value in EMPTY,
            context=context,
            shop=wording.words(language, context.controller.name),
            **values,
        )
    )
    return rendered.encode("utf-8", "replace")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda name: _template_file(name)),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True, default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = _template_file("style.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own file
    environment.globals["policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return environment


def _template_file(name: str) -> str:
    return (files("rightsdesk.export") / "templates" / name).read_text("utf-8")


def _view(contents: PackageContents, disclosure: Disclosure, language: Language) -> _CollectionView:
    collection = disclosure.collection
    written = contents.data.get(collection.path, WrittenData((), (), ()))
    used = [n for n in disclosure.fields if any(row.get(n) not in EMPTY for row in written.sample)]
    columns = [_Column(n, wording.words(language, disclosure.fields[n].label), disclosure.fields[n]) for n in used]
    as_table = len(columns) <= _TABLE_COLUMNS and len(written.sample) > 1
    return _CollectionView(
        id=contents.stems[collection.path],
        label=wording.words(language, collection.label),
        note=wording.words(language, collection.note) if collection.note else None,
        source=_source_label(contents, disclosure, language),
        as_of=wording.moment(language, disclosure.given.as_of, contents.context.zone),
        given=disclosure.rows_given,
        withheld=disclosure.rows_withheld,
        columns=columns,
        as_table=as_table,
        records=written.sample,
        open_records=_OPEN_CARDS,
        links=[_link(contents, path) for path in (*written.json, *written.csv)],
    )


def _empty(contents: PackageContents, disclosure: Disclosure, language: Language) -> dict[str, str]:
    return {
        "label": wording.words(language, disclosure.collection.label),
        "source": _source_label(contents, disclosure, language),
    }


def _withheld(contents: PackageContents, entry: Withheld, language: Language) -> dict[str, Any]:
    collection = contents.context.datamap.collection(f"{entry.source}/{entry.collection}")
    what = wording.text(
        language,
        f"withheld.{entry.what}",
        field=wording.words(language, collection.fields[entry.field].label) if entry.field else "",
        collection=wording.words(language, collection.label),
        rows=wording.count(language, "count.rows", entry.rows),
    )
    reason = wording.words(language, entry.reason) if entry.reason else wording.text(language, f"ground.{entry.ground}")
    return {"what": what, "why": reason, "article": entry.article, "until": entry.until}


def _origins(contents: PackageContents) -> dict[str, list[str]]:
    """Origin -> paths of the collections with a field from there (GDPR 15(1)(g))."""
    found: dict[str, list[str]] = {}
    for collection in contents.context.datamap.collections:
        for origin in dict.fromkeys(field.origin.value for field in collection.fields.values()):
            found.setdefault(origin, []).append(collection.path)
    return found


def _portable_file(contents: PackageContents, path: str, language: Language) -> dict[str, Any]:
    stem = path.removesuffix(".jsonl").rpartition("/")[2].partition("-")[0]
    labels: dict[str, Label] = {
        contents.stems[disclosure.collection.path]: disclosure.collection.label for disclosure in contents.disclosures
    }
    if path.startswith("portability/records/"):
        meaning = wording.text(language, "portability.records", label=wording.words(language, labels[stem]))
    else:
        meaning = wording.text(language, f"portability.{stem.removesuffix('.json')}")
    return {"link": _link(contents, path), "meaning": meaning}


def _link(contents: PackageContents, path: str) -> _Link:
    part = contents.files[path]
    return _Link(path.rpartition("/")[2], path if part == 1 else None, part)


def _source_label(contents: PackageContents, disclosure: Disclosure, language: Language) -> str:
    return wording.words(language, contents.context.datamap.sources[disclosure.collection.source].label)


def _labels(datamap: DataMap, paths: Sequence[str], language: Language) -> str:
    """The collections in words, each label once."""
    labels = dict.fromkeys(wording.words(language, datamap.collection(path).label) for path in paths)
    return ("、" if language == "ja" else ", ").join(labels)


def _complaints(context: PackageContext) -> list[str]:
    """The authorities to name: of the laws that apply, of both where only the merchant's promise does."""
    return [law.value for law in (Law.GDPR, Law.APPI) if law in context.laws or Law.PROMISE in context.laws]


def _other(language: Language) -> Language:
    return next(other for other in LANGUAGES if other != language)
