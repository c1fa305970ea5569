"""One request for a page and its answer, on whatever site: with or without a cookie."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rightsdesk.domain.errors import FieldProblem
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language
from rightsdesk.web.languages import LANGUAGE_NAMES, LANGUAGES
from rightsdesk.web.rendering import render
from rightsdesk.web.static_files import static_files
from rightsdesk.web.texts import Texts

if TYPE_CHECKING:  # the site that sets no cookie need not know how one is sealed
    from rightsdesk.web.form_session import FormSession


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`session` is what the cookie is to hold from now on; None leaves it as it is."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    session: "FormSession | None" = None


@dataclass(frozen=True, kw_only=True)
class PageVisit:
    """One request for a page of whatever site. `here` is the address of the page below its language."""

    merchant: MerchantProfile
    now: datetime
    language: Language
    here: str
    base: str  # before the language in every address: the stage of the API, mostly empty
    texts: Texts
    reference: str = ""  # canonical, of the request that the page is about; mostly of none

    def page(
        self,
        template: str,
        *,
        problems: Sequence[FieldProblem] = (),
        session: "FormSession | None" = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Answer:
        """The template, filled in. With `problems` it is the page again, with a summary of them."""
        body = render(
            template,
            texts=self.texts,
            language=self.language,
            zone=self.merchant.timezone,
            visit=self,
            merchant=self.merchant,
            languages={language: LANGUAGE_NAMES[language] for language in LANGUAGES},
            static={name: f"{self.base}/static/{file.address}" for name, file in static_files().items()},
            problems={problem.field: self._said(problem) for problem in problems},
            **values,
        )
        return Answer(status=status or (400 if problems else 200), body=body, session=session, headers=headers or {})

    def move(self, path: str, *, session: "FormSession | None" = None) -> Answer:
        """Go to a page of the same language (Post/Redirect/Get)."""
        return Answer(status=303, headers={"Location": self.address(path)}, session=session)

    def address(self, path: str = "", *, language: Language | None = None) -> str:
        return f"{self.base}/{language or self.language}{'/' if path else ''}{path}"

    def in_language(self, language: Language) -> str:
        """The address of this page in another language."""
        return self.address(self.here, language=language)

    def _said(self, problem: FieldProblem) -> Markup:
        key = f"problems.{problem.field}.{problem.reason}"
        return self.texts(key if key in self.texts else f"problems.{problem.field}.invalid")
