"""`answer/letter.<language>.<html|txt>`: the answer itself, with all that GDPR 15(1)(a)-(h) and 15(2) ask for.

It is written from the data map and from what was found, so that it can't fall behind either. What it can't hold is the
hash of the package that it is in: the mail that announces the package does.
"""

# serves: E-01, E-02, E-07, E-11, E-12, E-13

from rightsdesk.domain.request import Language
from rightsdesk.export import layout, wording
from rightsdesk.export.answer_sections import answer_sections
from rightsdesk.export.contents import PackageContents
from rightsdesk.export.rendering import render


def answer_letter(contents: PackageContents, language: Language) -> dict[str, bytes]:
    """Path -> content of the letter in one language, as HTML and as text with the same words."""
    context = contents.context
    values = {
        "subject": wording.text(language, "letter.subject", reference=context.reference),
        "greeting": wording.text(language, "letter.dear", name=context.name)
        if context.name
        else wording.text(language, "letter.dear_customer"),
        "asked": asked_for(contents, language),
        "sections": answer_sections(contents, language),
    }
    return {
        layout.letter(language, "html"): render(
            "letter.html.j2", context, language, home=f"../{layout.page(language)}", **values
        ),
        layout.letter(language, "txt"): render("letter.txt.j2", context, language, **values),
    }


def asked_for(contents: PackageContents, language: Language) -> str:
    """What was asked for, in words: `a copy of your data`."""
    return wording.text(language, "request.and").join(
        wording.text(language, f"request.type.{kind.value}") for kind in contents.context.types
    )
