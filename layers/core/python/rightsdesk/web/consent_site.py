"""The pages about consents, which need no log-in and set no cookie: `build_consent_site` makes their resolver.

    GET POST  /{lang}/newsletter       ask for it: a mail with a link follows, whatever the address
    GET POST  /{lang}/consent/{token}  the link of such a mail: yes, or no where we asked
    GET POST  /u/{token}               stop a list (RFC 8058); for people and for mail programs

Where GET is answered, HEAD is. Mail scanners open links, so nothing but a POST changes anything (abuse cases 26, 37).
Nobody has a session here: who holds a token of a mail can do the one thing that it is for, and a form from elsewhere
can do no more.
"""

# serves: B-3, E-09, P-03, P-11

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoSuchRouteError

from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.errors import GoneError, InvalidInputError, NotFoundError, WithdrawnSinceError
from rightsdesk.domain.fields import Purpose
from rightsdesk.domain.list_headers import ONE_CLICK
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language
from rightsdesk.web.desks import ConsentDesk
from rightsdesk.web.forms import Form, PageRefusedError, form_of
from rightsdesk.web.languages import known_language
from rightsdesk.web.one_click import require_one_click
from rightsdesk.web.own_host import headers_of
from rightsdesk.web.page_site import HTML, Event, PageSite, Resolver, page_headers
from rightsdesk.web.page_visit import Answer, PageVisit
from rightsdesk.web.texts import Texts


class NewsletterForm(Form):
    email: str = ""


class AnswerForm(Form):
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class _ListVisit(PageVisit):
    """A page whose address has no language: it comes in that of the browser, or of a choice on the page."""

    token: str

    def in_language(self, language: Language) -> str:
        return f"{self.base}/u/{self.token}?lang={language}"


def build_consent_site(
    desk: ConsentDesk,
    *,
    merchant: MerchantProfile,
    texts: Callable[[Language], Texts],
    purposes: Mapping[str, Purpose],
    clock: Callable[[], datetime],
    base_url_of: Callable[[Event], str],
    report: Callable[[Exception, str], None],
) -> Resolver:
    """The pages in front of a desk. The arguments are those of `page_site.PageSite`; `purposes` of the data map."""
    return _ConsentSite(
        desk=desk,
        merchant=merchant,
        texts=texts,
        purposes=purposes,
        clock=clock,
        base_url_of=base_url_of,
        report=report,
    )


@dataclass(kw_only=True)
class _ConsentSite(PageSite):
    desk: ConsentDesk
    purposes: Mapping[str, Purpose]

    def _resolver(self) -> APIGatewayRestResolver:
        app = APIGatewayRestResolver()

        # Before the routes with a language, for it would be one.
        @app.route("/u/<token>", method=["GET", "POST"])
        def unsubscribe(token: str) -> Response[str]:
            event = app.current_event.raw_event
            return self._respond(event, self._list_visit(event, token), lambda visit: self._list(event, visit, token))

        @app.route("/<lang>/newsletter", method=["GET", "POST"])
        def newsletter(lang: str) -> Response[str]:
            event = app.current_event.raw_event
            return self._in_language(event, lang, "newsletter", lambda visit: self._newsletter(event, visit))

        @app.route("/<lang>/consent/<token>", method=["GET", "POST"])
        def consent(lang: str, token: str) -> Response[str]:
            event = app.current_event.raw_event
            return self._in_language(event, lang, f"consent/{token}", lambda visit: self._consent(event, visit, token))

        @app.not_found
        def not_found(_: NoSuchRouteError) -> Response[str]:
            event = app.current_event.raw_event
            return self._respond(event, self._visit(event, "", ""), _nothing)

        return app

    def _newsletter(self, event: Event, visit: PageVisit) -> Answer:
        text = self.desk.newsletter()
        if text is None:
            raise NotFoundError
        wording = text.text.of(visit.language)
        if event["httpMethod"] != "POST":
            return visit.page("newsletter.html", wording=wording, email="")
        form = form_of(NewsletterForm, self._own_fields(event))
        try:
            self.desk.ask_for(form.email, visit.language)
        except InvalidInputError as error:
            return visit.page("newsletter.html", wording=wording, email=form.email, problems=error.problems)
        return visit.page("newsletter_sent.html", email=form.email)

    def _consent(self, event: Event, visit: PageVisit, token: str) -> Answer:
        try:
            question = self.desk.view(token)
            if event["httpMethod"] != "POST":
                asked_by_us = question.channel is ConsentChannel.CAMPAIGN
                wording = question.text.text.of(question.language)
                return visit.page(
                    "consent.html",
                    wording=wording,
                    spoken=question.language,
                    asked_by_us=asked_by_us,
                    until=question.open_until,
                )
            match form_of(AnswerForm, self._own_fields(event)).answer:
                case "yes":
                    self.desk.agree(token)
                    return visit.page("consent_answered.html", agreed=True)
                case "no":
                    self.desk.refuse(token)
                    return visit.page("consent_answered.html", agreed=False)
        except (GoneError, WithdrawnSinceError):
            return visit.page("consent_closed.html", status=410, newsletter=self.desk.newsletter() is not None)
        raise PageRefusedError(400, "malformed")

    def _list(self, event: Event, visit: PageVisit, token: str) -> Answer:
        """Answers a POST with what was done and never by leading elsewhere: mail programs follow nothing."""
        if event["httpMethod"] == "POST":
            require_one_click(event, headers_of(event))
            stopped = self.desk.unsubscribe(token)
            return visit.page("unsubscribed.html", purpose=self._label(stopped.purpose, visit.language))
        stopping = self.desk.view_list(token)
        return visit.page(
            "unsubscribe.html",
            purpose=self._label(stopping.purpose, visit.language),
            field=ONE_CLICK,
            action=visit.in_language(visit.language),
        )

    def _label(self, purpose: str, language: Language) -> str | None:
        """What the mails are for; None where the merchant has given that up since."""
        known = self.purposes.get(purpose)
        return known.label.of(language) if known else None

    def _in_language(
        self, event: Event, lang: str, here: str, answer_of: Callable[[PageVisit], Answer]
    ) -> Response[str]:
        """A page that we have in this language, and none in another: its links and its form would lead nowhere."""
        known = known_language(lang) is not None
        return self._respond(event, self._visit(event, lang, here), answer_of if known else _nothing)

    def _respond(self, event: Event, visit: PageVisit, answer_of: Callable[[PageVisit], Answer]) -> Response[str]:
        """One page, or the page of what went wrong."""
        try:
            self._require_own_host(event)
            answer = answer_of(visit)
        except Exception as error:
            answer = self._went_wrong(event, visit, error)
        return Response(answer.status, content_type=HTML, body=answer.body, headers=page_headers(visit, answer))

    def _visit(self, event: Event, typed_language: str, here: str) -> PageVisit:
        language = known_language(typed_language)
        return PageVisit(
            merchant=self.merchant,
            now=self.clock(),
            language=language or self._preferred(event),
            here=here if language else "",
            base=self._base(event),
            texts=self.texts(language or self._preferred(event)),
        )

    def _list_visit(self, event: Event, token: str) -> PageVisit:
        chosen = (event.get("queryStringParameters") or {}).get("lang") or ""
        language = known_language(chosen) or self._preferred(event)
        return _ListVisit(
            merchant=self.merchant,
            now=self.clock(),
            language=language,
            here="",
            base=self._base(event),
            texts=self.texts(language),
            token=token,
        )


def _nothing(visit: PageVisit) -> Answer:
    raise NotFoundError
