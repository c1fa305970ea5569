"""What a page is: from one visit, parsed, to one answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from rightsdesk.domain.errors import NotAuthenticatedError, NotFoundError
from rightsdesk.domain.session import Session
from rightsdesk.web.desks import SubjectDesk
from rightsdesk.web.form_session import FormSession, Notice
from rightsdesk.web.forms import AnyForm
from rightsdesk.web.page_visit import Answer, PageVisit

__all__ = ["Answer", "Page", "Visit"]


@dataclass(frozen=True, kw_only=True)
class Visit(PageVisit):
    """One request for a page of the site about requests."""

    desk: SubjectDesk
    session: FormSession
    token: str = ""  # of a notice, where that is what the page is about

    def request_page(self, action: str = "") -> str:
        """The address below the language of a page on the request of this visit."""
        return f"requests/{self.reference}{'/' if action else ''}{action}"

    def marketing(self) -> frozenset[str]:
        """The purposes against which nobody has to give a reason."""
        return self.desk.offered().marketing

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
