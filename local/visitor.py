"""A visitor of the pages without a browser: reads forms, fills them in, keeps the one cookie, follows redirects."""

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

_MOST_REDIRECTS = 5


@dataclass
class Form:
    """One form of a page: where it goes, and what it would send as it stands."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)  # names of check boxes: sent only when chosen


class PageError(Exception):
    """A page is not what the visit expected; the message holds its status and title, nothing typed."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.title = ""
        self._open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open = tag
        if tag == "form" and (given.get("method") or "get").lower() == "post":
            self.forms.append(Form(action=given.get("action") or ""))
        elif tag in ("input", "select", "textarea") and self.forms and (name := given.get("name")):
            if given.get("type") in ("checkbox", "radio"):
                self.forms[-1].boxes.append(name)
            else:
                self.forms[-1].values.append((name, given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        if self._open == "title":
            self.title += data.strip()

    def handle_endtag(self, tag: str) -> None:
        self._open = None


class Visitor:
    """Starts with nothing; `get` a page, then `submit` one of its forms. `page`, `url` and `forms` are of the last."""

    def __init__(self, site: str, *, timeout: float = 60) -> None:
        self._site = site
        self._timeout = timeout
        self._cookies: dict[str, str] = {}
        self.page = ""
        self.url = site
        self.title = ""
        self.forms: list[Form] = []
        self.headers: dict[str, str] = {}

    def get(self, path: str) -> None:
        """Raises PageError for anything but 200."""
        self._visit("GET", urljoin(self.url, path))

    def submit(self, action: str, **given: str | list[str]) -> None:
        """Send the form of this page whose address ends in `action`, with these values in it."""
        form = next((form for form in self.forms if form.action.endswith(action)), None)
        if form is None:
            raise PageError(f"{self.title}: no form goes to …{action}")
        unknown = set(given) - {name for name, _ in form.values} - set(form.boxes)
        if unknown:
            raise PageError(f"{self.title}: no field {', '.join(sorted(unknown))}")
        values = [(name, value) for name, value in form.values if name not in given]
        for name, chosen in given.items():
            values += [(name, value) for value in ([chosen] if isinstance(chosen, str) else chosen)]
        self._visit("POST", urljoin(self.url, form.action), urlencode(values).encode())

    def _visit(self, method: str, url: str, body: bytes | None = None) -> None:
        for _ in range(_MOST_REDIRECTS):
            status, headers, content = self._send(method, url, body)
            if status not in (302, 303):
                break
            method, url, body = "GET", urljoin(url, headers["location"]), None
        self.url, self.page, self.headers = url, content, headers
        reader = _Reader()
        reader.feed(content)
        self.forms, self.title = reader.forms, reader.title
        if status != 200:
            raise PageError(f"{status} {self.title}")

    def _send(self, method: str, url: str, body: bytes | None) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=self._timeout)
        headers = {"Accept-Language": "en", "User-Agent": "rightsdesk-visitor"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._site}
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            content = answer.read().decode("utf-8", "replace")
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    cookie, _, rest = value.partition(";")
                    key, _, sealed = cookie.partition("=")
                    self._cookies[key] = sealed
                    if "max-age=0" in rest.lower():
                        del self._cookies[key]
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content
        finally:
            connection.close()
