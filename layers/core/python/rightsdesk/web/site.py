"""The pages that a person sees: `build_site` makes the resolver of the function `public_site`.

    GET       /                                     to the language that the browser prefers
    GET       /{lang}                               start
    GET POST  /{lang}/{page}                        `pages.PAGES`
    GET POST  /{lang}/requests/{reference}          `pages.REQUEST`
    GET POST  /{lang}/requests/{reference}/{action} `pages.REQUEST_PAGES`
    GET POST  /{lang}/not-mine/{token}              `pages.NOT_MINE`, for a mailbox that did not ask
    GET POST  /{lang}/notices/{token}               `pages.NOTICE`, for a recipient of data
    GET       /static/{file}

Where GET is answered, HEAD is. Nothing but a POST with our own form changes anything. Addresses hold the stage of the
API where there is one.
"""

# serves: E-00, E-02, E-07, I-1

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoSuchRouteError

from rightsdesk.domain.errors import NotAuthenticatedError, NotFoundError
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reference import parse_reference
from rightsdesk.domain.request import Language
from rightsdesk.web import form_session
from rightsdesk.web.csrf import require_own_form
from rightsdesk.web.desks import SubjectDesk
from rightsdesk.web.form_session import FormSession
from rightsdesk.web.forms import PageRefusedError, form_of
from rightsdesk.web.languages import known_language
from rightsdesk.web.own_host import headers_of
from rightsdesk.web.page_site import HTML, Event, PageSite, Resolver, page_headers
from rightsdesk.web.pages import NOT_MINE, NOTICE, PAGES, REQUEST, REQUEST_PAGES, START
from rightsdesk.web.security_headers import NEVER_STORED, SECURITY_HEADERS, STORED_FOR_GOOD
from rightsdesk.web.static_files import static_file_at
from rightsdesk.web.texts import Texts
from rightsdesk.web.visit import Answer, Page, Visit


def build_site(
    desk: SubjectDesk,
    *,
    keys: Callable[[str], bytes],
    merchant: MerchantProfile,
    texts: Callable[[Language], Texts],
    clock: Callable[[], datetime],
    base_url_of: Callable[[Event], str],
    report: Callable[[Exception, str], None],
) -> Resolver:
    """The pages in front of a desk.

    keys     purpose -> secret; the cookie is sealed with that of `form_session.KEY_PURPOSE`
    others   those of `page_site.PageSite`
    """
    return _Site(
        desk=desk,
        keys=keys,
        merchant=merchant,
        texts=texts,
        clock=clock,
        base_url_of=base_url_of,
        report=report,
    )


@dataclass(kw_only=True)
class _Site(PageSite):
    desk: SubjectDesk
    keys: Callable[[str], bytes]

    def _resolver(self) -> APIGatewayRestResolver:
        app = APIGatewayRestResolver()
        both = ["GET", "POST"]

        @app.get("/")
        def root() -> Response[str]:
            return self._to_preferred_language(app.current_event.raw_event)

        @app.get("/static/<file>")
        def static(file: str) -> Response[str]:
            return self._static(app.current_event.raw_event, file)

        @app.route("/<lang>", method=both)
        def start(lang: str) -> Response[str]:
            return self._respond(app.current_event.raw_event, START, "")

        @app.route("/<lang>/<page>", method=both)
        def page(lang: str, page: str) -> Response[str]:
            return self._respond(app.current_event.raw_event, PAGES.get(page), page)

        @app.route("/<lang>/requests/<reference>", method=both)
        def request(lang: str, reference: str) -> Response[str]:
            return self._respond(app.current_event.raw_event, REQUEST, "", reference)

        @app.route("/<lang>/requests/<reference>/<action>", method=both)
        def request_page(lang: str, reference: str, action: str) -> Response[str]:
            return self._respond(app.current_event.raw_event, REQUEST_PAGES.get(action), action, reference)

        @app.route("/<lang>/not-mine/<token>", method=both)
        def not_mine(lang: str, token: str) -> Response[str]:
            return self._respond(app.current_event.raw_event, NOT_MINE, f"not-mine/{token}", token=token)

        @app.route("/<lang>/notices/<token>", method=both)
        def notice(lang: str, token: str) -> Response[str]:
            return self._respond(app.current_event.raw_event, NOTICE, f"notices/{token}", token=token)

        @app.not_found
        def not_found(_: NoSuchRouteError) -> Response[str]:
            return self._respond(app.current_event.raw_event, None, "")

        return app

    def _respond(
        self, event: Event, page: Page[Any] | None, name: str, typed_reference: str = "", *, token: str = ""
    ) -> Response[str]:
        """One page, or the page of what went wrong."""
        visit, has_cookie = self._visit(event, page, name, typed_reference, token)
        try:
            answer = self._answer(event, visit, page, typed_reference, has_cookie=has_cookie)
        except NotAuthenticatedError:
            answer = visit.move(visit.request_page())  # it says that 15 minutes are over, and how to go on
        except Exception as error:
            answer = self._went_wrong(event, visit, error)
        return self._response(visit, answer)

    def _answer(
        self, event: Event, visit: Visit, page: Page[Any] | None, typed_reference: str, *, has_cookie: bool
    ) -> Answer:
        self._require_own_host(event)
        if event["httpMethod"] not in ("GET", "POST"):
            raise PageRefusedError(405, "method", allow="GET, HEAD, POST")
        if page is None or known_language(_segments(event)[0]) is None or (typed_reference and not visit.reference):
            raise NotFoundError
        if event["httpMethod"] == "GET" and page.show:
            answer = page.show(visit)
            needs_secret = page.receive is not None and answer.status == 200 and not has_cookie
            return replace(answer, session=visit.session) if needs_secret else answer
        if event["httpMethod"] == "POST" and page.receive and page.form:
            fields = require_own_form(self._own_fields(event), visit.session if has_cookie else None)
            return page.receive(visit, form_of(page.form, fields))
        raise PageRefusedError(405, "method", allow="GET, HEAD" if page.show else "POST")

    def _visit(self, event: Event, page: Page[Any] | None, name: str, typed: str, token: str) -> tuple[Visit, bool]:
        """The visit, and whether it came with a cookie of ours."""
        now = self.clock()
        language = known_language(_segments(event)[0]) or self._preferred(event)
        cookie = headers_of(event).get("cookie", "")
        session = form_session.opened(cookie, key=self._key(), now=now) if form_session.COOKIE in cookie else None
        reference = (parse_reference(typed) or "") if typed else ""
        shown = name if page and page.show else ""  # what only takes a POST has no address to come back to
        return (
            Visit(
                desk=self.desk,
                merchant=self.merchant,
                now=now,
                language=language,
                here=f"requests/{reference}{'/' if shown else ''}{shown}" if reference else shown,
                reference=reference,
                session=session or FormSession.new(now),
                token=token,
                base=self._base(event),
                texts=self.texts(language),
            ),
            session is not None,
        )

    def _to_preferred_language(self, event: Event) -> Response[str]:
        headers = {
            "Location": f"{self._base(event)}/{self._preferred(event)}",
            "Vary": "Accept-Language",
            "Cache-Control": NEVER_STORED,
        }
        return Response(302, content_type=HTML, body="", headers={**SECURITY_HEADERS, **headers})

    def _static(self, event: Event, address: str) -> Response[str]:
        file = static_file_at(address)
        if file is None:
            return self._respond(event, None, "")
        headers = {**SECURITY_HEADERS, "Cache-Control": STORED_FOR_GOOD}
        return Response(200, content_type=file.content_type, body=file.text, headers=headers)

    def _response(self, visit: Visit, answer: Answer) -> Response[str]:
        headers = page_headers(visit, answer)
        if answer.session:
            headers["Set-Cookie"] = form_session.sealed(answer.session, key=self._key(), now=visit.now)
        return Response(answer.status, content_type=HTML, body=answer.body, headers=headers)

    def _key(self) -> bytes:
        return self.keys(form_session.KEY_PURPOSE)


def _segments(event: Event) -> list[str]:
    return str(event["path"]).strip("/").split("/")
