"""The start page of an answer that holds no copy: what is said of the data, point by point."""

# serves: E-01, E-11, E-12

from rightsdesk.domain.request import Language
from rightsdesk.export import layout, wording
from rightsdesk.export.answer_sections import answer_sections
from rightsdesk.export.contents import PackageContents
from rightsdesk.export.package import LANGUAGES
from rightsdesk.export.provision_records import table_rows
from rightsdesk.export.rendering import render


def account_page(contents: PackageContents, language: Language) -> bytes:
    """The page in one language. It says what the letter says."""
    context = contents.context
    (kind,) = context.types  # each of these rights is asked for alone
    shop = wording.words(language, context.controller.name)
    sections = answer_sections(contents, language)
    return render(
        "account.html.j2",
        context,
        language,
        other_page=layout.page(next(other for other in LANGUAGES if other != language)),
        title=wording.text(language, f"account.title.{kind.value}", shop=shop),
        lead=wording.text(language, f"account.lead.{kind.value}", shop=shop),
        sections=sections,
        tables={
            section.id: rows
            for section in sections
            for direction, rows in table_rows(contents.provisions, context, language).items()
            if section.id == direction
        },
        letter=layout.letter(language, "html"),
        files=contents.documents,
        part_names=contents.part_names,
    )
