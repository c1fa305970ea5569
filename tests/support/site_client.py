"""A browser without a screen, for the pages as a function: REST proxy events in, pages out, one cookie kept."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.web.page_site import Resolver
from rightsdesk.web.site import build_site
from rightsdesk.web.texts import texts_in
from tests.support.fake_subject_desk import FakeSubjectDesk

ROOT = Path(__file__).parents[2]
MERCHANT = MerchantProfile.model_validate(yaml.safe_load((ROOT / "layers/merchant/merchant.yaml").read_text()))
TEXTS = texts_in(ROOT / "layers/merchant/translations")
HOST = "privacy.shop.example"
FORM = "application/x-www-form-urlencoded"


EXACTLY = ("objects_to", "ground", "purposes", "recipients", "meanwhile", "send_to")  # what is to stop
EXACTLY_SAID = {  # unless a test says it
    "objection": {"objects_to": "other"},
    "restriction": {"ground": "accuracy"},
    "automated_decision": {"decision": "unknown"},
}


@dataclass(frozen=True)
class Received:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def title(self) -> str:
        return unescape(self.body.partition("<title>")[2].partition("</title>")[0])

    @property
    def words(self) -> str:
        """What can be read, without markup."""
        text = re.sub(r"<head>.*?</head>|<[^>]+>", " ", self.body, flags=re.S)
        return " ".join(unescape(text).split())

    @property
    def attributes(self) -> set[str]:
        """The names of the attributes of all its elements."""
        reader = _Attributes()
        reader.feed(self.body)
        return reader.names

    @property
    def secret(self) -> str:
        found: list[str] = re.findall(r'name="csrf" value="([^"]+)"', self.body)
        return found[0]

    def values(self) -> dict[str, str]:
        """What stands in the lines of text, by name."""
        found = re.findall(r'<input class="[^"]*" id="(\w+)"[^>]* value="([^"]*)"', self.body)
        return {name: unescape(value) for name, value in found}


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {name for name, _ in attrs}


def rest_event(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: str | None = None
) -> dict[str, Any]:
    return {
        "httpMethod": method,
        "path": path,
        "headers": {"Host": HOST, **(headers or {})},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"domainName": HOST, "requestId": "req-0042", "stage": "live"},
        "body": body,
        "isBase64Encoded": False,
    }


@dataclass
class SiteClient:
    fake: FakeSubjectDesk = field(default_factory=FakeSubjectDesk)
    base_url: str = f"https://{HOST}"
    site: Resolver | None = None
    cookie: str = ""
    set_cookies: list[str] = field(default_factory=list)
    reports: list[tuple[Exception, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = self.site or build_site(
            self.fake.desk(),
            keys=lambda purpose: f"key for {purpose}".encode(),
            merchant=MERCHANT,
            texts=TEXTS,
            clock=self.fake.clock,
            base_url_of=lambda event: self.base_url,
            report=lambda error, incident: self.reports.append((error, incident)),
        )

    def send(self, event: dict[str, Any]) -> Received:
        """One event as it is; the cookie of an answer is kept."""
        assert self.site is not None
        answer = self.site.resolve(event, None)
        headers = dict(answer.get("headers") or {})
        for name, values in (answer.get("multiValueHeaders") or {}).items():
            assert len(values) == 1
            headers[name] = values[0]
        if "Set-Cookie" in headers:
            self.set_cookies.append(headers["Set-Cookie"])
            self.cookie = headers["Set-Cookie"].partition(";")[0]
        return Received(answer["statusCode"], headers, answer.get("body") or "")

    def get(self, path: str, **headers: str) -> Received:
        return self.send(rest_event("GET", path, headers=self._with_cookie(headers)))

    def post(self, path: str, body: str, **headers: str) -> Received:
        """A body as it is, from our own origin if nothing else is said."""
        given = {"Origin": f"https://{HOST}", "Content-Type": FORM} | headers
        return self.send(rest_event("POST", path, headers=self._with_cookie(given), body=body))

    def fill(self, path: str, fields: dict[str, Any] | None = None, *, at: str | None = None) -> Received:
        """Open a page and send its form (to `at`, if that is another address)."""
        secret = self.get(path).secret
        return self.post(at or path, urlencode({"csrf": secret, **(fields or {})}, doseq=True))

    def follow(self, answer: Received) -> Received:
        assert answer.status == 303, (answer.status, answer.words)
        return self.get(answer.headers["Location"])

    def answer_all(self, language: str = "en", **changes: Any) -> Received:
        """The questions, up to the page that shows the answers."""
        details = {"name": "Aiko Tanaka", "email": "aiko@example.jp", "order_number": "", "details": ""}
        answers = {"types": ["access", "portability"], "country": "DE", **details} | changes
        self.fill(f"/{language}/your-request", {"types": answers["types"]})
        said = {name: answers[name] for name in EXACTLY if name in answers}
        if exactly := said or EXACTLY_SAID.get(answers["types"]) if isinstance(answers["types"], str) else said:
            self.fill(f"/{language}/what-exactly", exactly)
        self.fill(f"/{language}/where-you-live", {"country": answers["country"]})
        return self.follow(self.fill(f"/{language}/your-details", {name: answers[name] for name in details}))

    def make_request(self, language: str = "en", **changes: Any) -> str:
        """A request, sent. Its reference."""
        self.answer_all(language, **changes)
        sent = self.follow(self.fill(f"/{language}/check-your-answers"))
        references: list[str] = re.findall(r"RD-\w{4}-\w{4}-\w", sent.body)
        return references[0]

    def open_request(self, reference: str, language: str = "en") -> Received:
        path = f"/{language}/requests/{reference}"
        self.fill(path)
        code = self.fake.last_code(self.fake.cases[reference].submission.email)
        return self.follow(self.fill(path, {"code": code}, at=f"{path}/code"))

    def _with_cookie(self, headers: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return named | ({"Cookie": self.cookie} if self.cookie else {})
