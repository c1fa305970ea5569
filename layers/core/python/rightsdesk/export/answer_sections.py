"""The points of an answer: a heading, sentences and a list each, as the letter and the page of an account have them."""

# serves: E-01, E-02, E-07, E-11, E-12, E-13

from collections.abc import Iterable
from dataclasses import dataclass

from rightsdesk.domain.fields import CATEGORY_LABELS, Basis, Category, Origin
from rightsdesk.domain.provision import Provision
from rightsdesk.domain.request import Language, RequestType
from rightsdesk.export import processing, provision_records, request_records, wording
from rightsdesk.export.complaints import complaints
from rightsdesk.export.contents import PackageContents
from rightsdesk.export.grounds import basis_words, cited
from rightsdesk.law.applicability import Law


@dataclass(frozen=True)
class Section:
    """One point. `id` is its place on a page."""

    id: str
    heading: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()


def answer_sections(contents: PackageContents, language: Language) -> list[Section]:
    """The points of the answer to what was asked for, in the order of the law that asks for them."""
    points = _Points(contents, language)
    types = contents.context.types
    if RequestType.INFORMATION in types:
        return points.of_information()
    if RequestType.PURPOSE_NOTICE in types:
        return points.of_purposes()
    if RequestType.PROVISION_RECORDS in types:
        return points.of_provisions()
    return points.of_copy()


class _Points:
    def __init__(self, contents: PackageContents, language: Language) -> None:
        self._contents = contents
        self._language = language

    def of_copy(self) -> list[Section]:
        """In the order of GDPR 15(1)."""
        found = self._section("found", sentences=_found(self._contents, self._language), items=self._kinds())
        provided = self._provided() if self._contents.context.gives_access else []
        requests = self._requests() if self._contents.context.gives_access else []
        if not self._contents.held:
            return [found, *provided, *requests, self._remedies()]
        return [
            found,
            *self._why(),
            *provided,
            *requests,
            self._section("withheld", **_withheld(self._contents, self._language)),
            self._rights(),
        ]

    def of_information(self) -> list[Section]:
        """GDPR 13 to 15 and APPI 32(1), of the data that are held about this person."""
        if not self._contents.held:
            return [self._held_at_all(), *self._provided(), *self._controller(), self._rights()]
        return [
            self._held_at_all(),
            *self._why(),
            self._section("needed", sentences=self._needed()),
            *self._provided(),
            *self._security(),
            *self._controller(),
            self._rights(),
        ]

    def of_purposes(self) -> list[Section]:
        """APPI 32(2): the purposes of use, by kind of data."""
        told = [self._section("used_for", items=self._purposes_by_kind())] if self._contents.held else []
        return [self._held_at_all(), *told, *self._controller(), self._remedies()]

    def of_provisions(self) -> list[Section]:
        """APPI 33(5): the records of provision, and those of what was received (30)."""
        return [*self._provided(), *self._controller(), self._remedies()]

    def _section(self, key: str, *, items: Iterable[str] = (), sentences: Iterable[str] | None = None) -> Section:
        said = (self._text(f"letter.{key}"),) if sentences is None else tuple(sentences)
        return Section(key, self._text(f"letter.{key}_heading"), said, tuple(items))

    def _text(self, key: str, **values: object) -> str:
        return wording.text(self._language, key, **values)

    def _held_at_all(self) -> Section:
        """GDPR 15(1) asks for this first: whether anything is held."""
        contents, language = self._contents, self._language
        if not contents.held:
            return self._section("found", sentences=[wording.text(language, "data.none")])
        sentences = [self._text("account.found")]
        if contents.empty:
            sentences.append(self._text("letter.empty", kinds=_labels_of_empty(contents, language)))
        return self._section("found", sentences=sentences, items=self._kinds())

    def _kinds(self) -> list[str]:
        return _kinds(self._contents, self._language)

    def _why(self) -> list[Section]:
        contents, language = self._contents, self._language
        return [
            self._section("purposes", items=_purposes(contents, language)),
            self._section("categories", items=_categories(contents, language)),
            self._section("recipients", **_recipients(contents, language)),
            self._section("retention", items=_retention(contents, language)),
            self._section("origins", items=_origins(contents, language)),
            self._section("automated", **_automated(contents, language)),
        ]

    def _needed(self) -> list[str]:
        """Whether the person has to give data, and what follows where they do not (GDPR 13(2)(e))."""
        bases = {field.basis for each in self._contents.held for field in each.found_fields.values()}
        told = [f"needed.{basis.value}" for basis in (Basis.CONTRACT, Basis.LEGAL_OBLIGATION) if basis in bases]
        return [self._text(key) for key in (*told, "needed.otherwise")]

    def _purposes_by_kind(self) -> list[str]:
        language = self._language
        return [
            wording.pair(
                language,
                wording.words(language, CATEGORY_LABELS[Category(category)]),
                wording.listed(language, [label[language] for label in labels]),
            )
            for category, labels in processing.purposes_by_category(
                self._contents.context.datamap, self._contents.disclosures
            ).items()
        ]

    def _provided(self) -> list[Section]:
        """What the ledger of provision says. That nothing was provided is an answer as well."""
        records = self._contents.provisions
        provided = [record for record in records if record.direction == "provided"]
        received = [record for record in records if record.direction == "received"]
        said = None if provided else [self._text("provision.none")]
        sections = [self._section("provided", sentences=said, items=self._records(provided))]
        if received:
            sections.append(self._section("received", items=self._records(received)))
        return sections

    def _records(self, records: Iterable[Provision]) -> list[str]:
        context = self._contents.context
        return [provision_records.in_words(record, context, self._language) for record in records]

    def _requests(self) -> list[Section]:
        """What the desk itself holds: the requests of this person, and how long it keeps them."""
        on_record, language = self._contents.requests, self._language
        told = [self._text("letter.requests")]
        if on_record.more:
            told.append(wording.count(language, "requests.more", on_record.more))
        items = request_records.in_words(on_record, language, self._contents.context.zone)
        return [self._section("requests", sentences=told, items=items)]

    def _controller(self) -> list[Section]:
        """Who is responsible and how they are reached (GDPR 13(1)(a)-(b), APPI 32(1)(i))."""
        controller, language = self._contents.context.controller, self._language
        known = {
            "name": wording.words(language, controller.name),
            "head": controller.head and wording.words(language, controller.head),
            "address": controller.address and wording.words(language, controller.address),
            "email": controller.email,
            "representative": controller.representative_in_the_eu
            and wording.words(language, controller.representative_in_the_eu),
            "officer": controller.data_protection_officer
            and wording.words(language, controller.data_protection_officer),
        }
        items = [wording.pair(language, self._text(f"rights.{key}"), value) for key, value in known.items() if value]
        return [self._section("controller", items=items, sentences=())]

    def _security(self) -> list[Section]:
        """APPI 32(1)(iv) and its Order, Article 10: how the data are kept safe, where the merchant says so."""
        measures = self._contents.context.controller.security_measures
        if measures is None:
            return []
        return [self._section("security", sentences=[wording.words(self._language, measures)])]

    def _rights(self) -> Section:
        rights = [self._text(f"rights.{right}") for right in ("correct", "delete", "restrict", "withdraw")]
        if not self._contents.context.gives_copy:
            rights.insert(0, self._text("rights.copy"))
            if Law.GDPR in self._contents.context.laws:
                rights.append(self._text("rights.move"))
        return self._section("rights", items=[*rights, *self._complaints()])

    def _remedies(self) -> Section:
        """Where to turn, alone: no right of ours stands before it that could cost nothing."""
        return self._section("rights", items=self._complaints(), sentences=())

    def _complaints(self) -> list[str]:
        return complaints(self._contents.context, self._language)


def _found(contents: PackageContents, language: Language) -> list[str]:
    if not contents.held:
        return [wording.text(language, "data.none")]
    sentences = [
        wording.text(language, "letter.found", records=wording.count(language, "count.records", contents.rows))
    ]
    if contents.empty:
        sentences.append(wording.text(language, "letter.empty", kinds=_labels_of_empty(contents, language)))
    return sentences


def _labels_of_empty(contents: PackageContents, language: Language) -> str:
    return wording.listed(language, [wording.words(language, each.label) for each in contents.empty])


def _kinds(contents: PackageContents, language: Language) -> list[str]:
    return [
        wording.pair(
            language,
            wording.words(language, disclosure.collection.label),
            wording.count(language, "count.records", disclosure.counted(contents.context)),
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


def _automated(contents: PackageContents, language: Language) -> dict[str, list[str]]:
    """What was inferred, which decisions a machine makes, how, and what follows; a person reviews them (15(1)(h))."""
    decisions = processing.automated_decisions(contents.context.datamap, contents.disclosures)
    inferred = [
        wording.words(language, field.label)
        for disclosure in contents.held
        for field in disclosure.found_fields.values()
        if field.origin is Origin.INFERRED
    ]
    sentences = (
        [wording.text(language, "letter.inferred", fields=wording.listed(language, inferred))] if inferred else []
    )
    sentences.append(wording.text(language, "rights.human"))
    sentences.append(wording.text(language, "letter.decisions" if decisions else "letter.no_decisions"))
    told = ("decides", "logic", "consequences", "safeguards")
    items = [
        wording.pair(
            language,
            decision["label"][language],
            wording.in_a_row(language, [decision[each][language] for each in told]),
        )
        for decision in decisions
    ]
    return {"sentences": sentences, "items": items}


def _withheld(contents: PackageContents, language: Language) -> dict[str, list[str]]:
    if not contents.withheld:
        return {"sentences": [wording.text(language, "withheld.none")]}
    items = []
    for entry in contents.withheld:
        what, why = contents.withheld_words(entry, language)
        articles = wording.listed(language, [cited(language, article) for article in entry.article])
        items.append(wording.pair(language, what, why + (wording.bracketed(language, articles) if articles else "")))
    return {"items": items}
