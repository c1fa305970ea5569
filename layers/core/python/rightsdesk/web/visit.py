"""What a page is: from one visit, parsed, to one answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from markupsafe import Markup

from rightsdesk.domain.errors import FieldProblem, NotAuthenticatedError, NotFoundError
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language
from rightsdesk.domain.session import Session
from rightsdesk.web.desks import SubjectDesk
from rightsdesk.web.form_session import FormSession, Notice
from rightsdesk.web.forms import AnyForm
from rightsdesk.web.languages import LANGUAGE_NAMES, LANGUAGES
from rightsdesk.web.rendering import render
from rightsdesk.web.static_files import static_files
from rightsdesk.web.texts import Texts


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`session` is what the cookie is to hold from now on; None leaves it as it is."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    session: FormSession | None = None


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
        session: FormSession | None = None,
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

    def move(self, path: str, *, session: FormSession | None = None) -> Answer:
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


@dataclass(frozen=True, kw_only=True)
class Visit(PageVisit):
    """One request for a page of the site about requests."""

    desk: SubjectDesk
    session: FormSession
    token: str = ""  # of a notice, where that is what the page is about

    def request_page(self, action: str = "") -> str:
        """The address below the language of a page on the request of this visit."""
        return f"requests/{self.reference}{'/' if action else ''}{action}"

    def opened(self) -> Session:
        """The session that a code has opened on this request. Raises NotAuthenticatedError, also for another's."""
        token = self.session.token_for(self.reference)
        if token is None:
            raise NotAuthenticatedError
        try:
            return self.desk.authenticate(token, self.reference)
        except NotFoundError as error:
            raise NotAuthenticatedError from error

    def noticed(self, code: str) -> FormSession:
        """The session, with a notice for the next page about this request."""
        return self.session.with_(notice=Notice(reference=self.reference, code=code))


@dataclass(frozen=True, kw_only=True)
class Page(Generic[AnyForm]):
    """`show` answers GET and changes nothing; `receive` takes the form of a POST."""

    show: Callable[[Visit], Answer] | None = None
    form: type[AnyForm] | None = None
    receive: Callable[[Visit, AnyForm], Answer] | None = None
