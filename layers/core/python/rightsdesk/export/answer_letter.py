"""`answer/letter.<language>.<html|txt>`: the answer itself, with all that GDPR 15(1)(a)-(h) and 15(2) ask for.

It is written from the data map and from what was found, so that it can't fall behind either. What it can't hold is the
hash of the package that it is in: the mail that announces the package does.
"""

# serves: E-01, E-02, E-07, E-13

from collections.abc import Iterable
from dataclasses import dataclass

from rightsdesk.domain.fields import CATEGORY_LABELS, Basis, Category, Origin
from rightsdesk.domain.request import Language
from rightsdesk.export import layout, processing, wording
from rightsdesk.export.complaints import complaints
from rightsdesk.export.contents import PackageContents
from rightsdesk.export.grounds import basis_words, cited
from rightsdesk.export.rendering import render


@dataclass(frozen=True)
class Section:
    """One point of the letter: a heading, sentences, and a list."""

    heading: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()


def answer_letter(contents: PackageContents, language: Language) -> dict[str, bytes]:
    """Path -> content of the letter in one language, as HTML and as text with the same words."""
    context = contents.context
    values = {
        "subject": wording.text(language, "letter.subject", reference=context.reference),
        "greeting": wording.text(language, "letter.dear", name=context.name)
        if context.name
        else wording.text(language, "letter.dear_customer"),
        "asked": wording.text(language, "request.and").join(
            wording.text(language, f"request.type.{kind.value}") for kind in context.types
        ),
        "sections": letter_sections(contents, language),
    }
    return {
        layout.letter(language, "html"): render(
            "letter.html.j2", context, language, home=f"../{layout.page(language)}", **values
        ),
        layout.letter(language, "txt"): render("letter.txt.j2", context, language, **values),
    }


def letter_sections(contents: PackageContents, language: Language) -> list[Section]:
    """The points of the letter, in the order of GDPR 15(1)."""

    def section(key: str, *, items: Iterable[str] = (), sentences: Iterable[str] | None = None) -> Section:
        said = (wording.text(language, f"letter.{key}"),) if sentences is None else tuple(sentences)
        return Section(wording.text(language, f"letter.{key}_heading"), said, tuple(items))

    found = section("found", sentences=_found(contents, language), items=_kinds(contents, language))
    complaining = complaints(contents.context, language)
    if not contents.held:
        return [found, section("rights", items=complaining, sentences=())]
    rights = [wording.text(language, f"rights.{right}") for right in ("correct", "delete", "restrict", "withdraw")]
    return [
        found,
        section("purposes", items=_purposes(contents, language)),
        section("categories", items=_categories(contents, language)),
        section("recipients", **_recipients(contents, language)),
        section("retention", items=_retention(contents, language)),
        section("origins", items=_origins(contents, language)),
        section("automated", sentences=_automated(contents, language)),
        section("withheld", **_withheld(contents, language)),
        section("rights", items=[*rights, *complaining]),
    ]


def _found(contents: PackageContents, language: Language) -> list[str]:
    if not contents.held:
        return [wording.text(language, "data.none")]
    sentences = [
        wording.text(language, "letter.found", records=wording.count(language, "count.records", contents.rows))
    ]
    if contents.empty:
        labels = wording.listed(language, [wording.words(language, each.label) for each in contents.empty])
        sentences.append(wording.text(language, "letter.empty", kinds=labels))
    return sentences


def _kinds(contents: PackageContents, language: Language) -> list[str]:
    return [
        wording.pair(
            language,
            wording.words(language, disclosure.collection.label),
            wording.count(language, "count.records", disclosure.rows_given),
        )
        for disclosure in contents.held
    ]


def _purposes(contents: PackageContents, language: Language) -> list[str]:
    return [
        wording.pair(
            language,
            purpose["label"][language],
            wording.listed(
                language,
                [basis_words(language, Basis(basis), contents.context.laws) for basis in purpose["legal_bases"]],
            ),
        )
        for purpose in processing.purposes(contents.context.datamap, contents.disclosures)
    ]


def _categories(contents: PackageContents, language: Language) -> list[str]:
    used = {field.category for each in contents.held for field in each.found_fields.values()}
    return [wording.words(language, CATEGORY_LABELS[category]) for category in Category if category in used]


def _recipients(contents: PackageContents, language: Language) -> dict[str, list[str]]:
    recipients = processing.recipients(contents.context.datamap, contents.disclosures)
    if not recipients:
        return {"sentences": [wording.text(language, "why.no_recipients")]}
    items = []
    for recipient in recipients:
        facts = [wording.text(language, f"role.{recipient['role']}")]
        if recipient["country"]:
            facts.append(wording.country(language, recipient["country"]))
        if recipient["safeguard"]:
            facts.append(recipient["safeguard"][language])
        items.append(wording.pair(language, recipient["label"][language], wording.listed(language, facts)))
    return {"items": items}


def _retention(contents: PackageContents, language: Language) -> list[str]:
    items = []
    for period in processing.retention(contents.context.datamap, contents.disclosures, contents.context.laws):
        law = wording.bracketed(language, period["law"][language]) if period["law"] else ""
        items.append(
            wording.pair(language, contents.parts_in_words(period["fields"], language), period["label"][language] + law)
        )
    return items


def _origins(contents: PackageContents, language: Language) -> list[str]:
    return [
        wording.pair(language, wording.text(language, f"origin.{origin}"), contents.parts_in_words(fields, language))
        for origin, fields in processing.origins(contents.disclosures).items()
    ]


def _automated(contents: PackageContents, language: Language) -> list[str]:
    """Names what was inferred (GDPR 15(1)(h): profiling) and the right to have a decision reviewed by a person."""
    inferred = [
        wording.words(language, field.label)
        for disclosure in contents.held
        for field in disclosure.found_fields.values()
        if field.origin is Origin.INFERRED
    ]
    sentences = (
        [wording.text(language, "letter.inferred", fields=wording.listed(language, inferred))] if inferred else []
    )
    return [*sentences, wording.text(language, "rights.human")]


def _withheld(contents: PackageContents, language: Language) -> dict[str, list[str]]:
    if not contents.withheld:
        return {"sentences": [wording.text(language, "withheld.none")]}
    items = []
    for entry in contents.withheld:
        what, why = contents.withheld_words(entry, language)
        articles = wording.listed(language, [cited(language, article) for article in entry.article])
        items.append(wording.pair(language, what, why + (wording.bracketed(language, articles) if articles else "")))
    return {"items": items}
