"""What the sites of pages have in common: every event is answered, in front of one address, and no page is stored."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language
from rightsdesk.web.csrf import require_own_origin
from rightsdesk.web.forms import read_fields
from rightsdesk.web.incoming import is_rest_event
from rightsdesk.web.languages import preferred_language
from rightsdesk.web.own_host import headers_of, own_origins, require_own_host
from rightsdesk.web.page_visit import Answer, PageVisit
from rightsdesk.web.problem_pages import problem_page
from rightsdesk.web.security_headers import NEVER_STORED, SECURITY_HEADERS
from rightsdesk.web.texts import Texts

HTML = "text/html; charset=utf-8"
Event = dict[str, Any]


class Resolver(Protocol):
    def resolve(self, event: Event, context: Any) -> dict[str, Any]: ...


@dataclass(kw_only=True)
class PageSite(ABC):
    """
    texts        `texts_in(folder of the translations)`
    base_url_of  event -> our own address, with the stage (`https://host/live`); never from what a client sent
    report       takes an unexpected error and the number of the incident that the page shows
    """

    merchant: MerchantProfile
    texts: Callable[[Language], Texts]
    clock: Callable[[], datetime]
    base_url_of: Callable[[Event], str]
    report: Callable[[Exception, str], None]

    def __post_init__(self) -> None:
        self._routes = self._resolver()

    def resolve(self, event: Event, context: Any) -> dict[str, Any]:
        """HEAD is GET without what is shown (RFC 9110, 9.3.2): a GET changes nothing."""
        if not is_rest_event(event):
            return {"statusCode": 400, "headers": dict(SECURITY_HEADERS), "body": ""}  # no REST proxy event (a46)
        if event["httpMethod"] != "HEAD":
            return self._routes.resolve(event, context)
        answer = self._routes.resolve({**event, "httpMethod": "GET"}, context)
        return {**answer, "body": "", "isBase64Encoded": False}

    @abstractmethod
    def _resolver(self) -> APIGatewayRestResolver:
        """The routes of the site."""

    def _base(self, event: Event) -> str:
        return urlsplit(self.base_url_of(event)).path.rstrip("/")

    def _preferred(self, event: Event) -> Language:
        return preferred_language(headers_of(event).get("accept-language", ""))

    def _require_own_host(self, event: Event) -> None:
        require_own_host(headers_of(event), own=own_origins(event, self.base_url_of(event)))

    def _own_fields(self, event: Event) -> list[tuple[str, str]]:
        """The fields of a form that one of our own pages sent."""
        headers = headers_of(event)
        require_own_origin(headers, own=own_origins(event, self.base_url_of(event)))
        return read_fields(event, headers)

    def _went_wrong(self, event: Event, visit: PageVisit, error: Exception) -> Answer:
        incident = str(event.get("requestContext", {}).get("requestId") or "unknown")
        answer = problem_page(visit, error, incident=incident)
        if answer.status >= 500:
            self.report(error, incident)
        return answer


def page_headers(visit: PageVisit, answer: Answer) -> dict[str, str | list[str]]:
    return {
        **SECURITY_HEADERS,
        "Cache-Control": NEVER_STORED,
        "Content-Language": visit.language,
        **answer.headers,
    }
