"""Two requests of one member, played from form to closed case against a running stack: by HTTP, as people would.

Access: a member fills in the pages, reads the mail, enters the code; a handler takes the case, an approver releases it;
the member fetches the package, which is verified; the clock moves until the case closes. Then erasure: the member reads
what would be lost and confirms it, has 72 hours to undo it, and two members of staff approve the plan.
"""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import requests
from pydantic import BaseModel, ConfigDict

from local.visitor import Visitor
from rightsdesk.export.verify import verify_package

_CODE = re.compile(r"\d{4}-\d{4}")
_REFERENCE = re.compile(r"RD-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
_NOTICE = re.compile(r"/(?:en|ja)/notices/[\w-]+")
_LINK = re.compile(r"url=(.+)")
_PATIENCE = 120.0  # seconds of real time for one step
_LOOKS_EVERY = 0.2


class Step(BaseModel):
    """A step of the journey. `facts` are for people: what happened, in a line or a few."""

    model_config = ConfigDict(frozen=True)

    name: str
    seconds: float
    facts: tuple[str, ...] = ()


class Played(BaseModel):
    """What `rightsdesk demo --json` prints of the access request. `export` is the path of the downloaded package."""

    model_config = ConfigDict(frozen=True)

    reference: str
    outcome: str | None
    export: str
    verified: bool
    steps: tuple[Step, ...]


class Erased(BaseModel):
    """What it prints of the erasure: what was certified, in rows, each once; `anonymised` are those reduced."""

    model_config = ConfigDict(frozen=True)

    reference: str
    outcome: str | None
    deleted: int
    anonymised: int
    kept: int
    steps: tuple[Step, ...]


class JourneyError(Exception):
    """A step did not lead where it should; the message says which and what was there instead."""


class Journey:
    """Play it once with `play`, then `erase`. `site` is the address of the stack, `into` the folder for the package.

    `told` hears of each step when it is done, `waiting` of what is being waited for.
    """

    def __init__(
        self,
        site: str,
        *,
        into: Path,
        told: Callable[[Step], None] = lambda _step: None,
        waiting: Callable[[str], None] = lambda _what: None,
        fetch_url: Callable[[str], str] = lambda url: url,
    ) -> None:
        self._site = site.rstrip("/")
        self._into = into
        self._told = told
        self._waiting = waiting
        self._fetch_url = fetch_url
        self._visitor = Visitor(self._site)
        self._http = requests.Session()
        self._steps: list[Step] = []
        self._facts: list[str] = []
        self._reference = ""

    def play(self, *, email: str, name: str, country: str, language: str = "en") -> Played:
        """Raises JourneyError, PageError and what the network raises."""
        with self._step("form"):
            self._reference = self._ask(email, name, country, language, types=["access", "portability"])
        with self._step("mail with code"):
            code = self._code_mailed(email)
        with self._step("verification"):
            self._visitor.submit("/confirm", code=code)
        with self._step("plan and sources"):
            case = self._collected()
        with self._step("release"):
            self._release(case)
        with self._step("answer mailed"):
            self._wait("the answer", lambda: self._case()["package"] is not None)
            self._facts.append(self._mails(email)[-1]["subject"])
        with self._step("download"):
            package = self._download(email, language)
        with self._step("verified export"):
            report = verify_package(package)
            self._facts += (
                [f"{package.name}: every file is there and unaltered"] if report.ok else map(str, report.problems)
            )
        with self._step("closing"):
            outcome = self._closed()
        return Played(
            reference=self._reference,
            outcome=outcome,
            export=str(package),
            verified=report.ok,
            steps=tuple(self._steps),
        )

    def erase(self, *, email: str, name: str, country: str, language: str = "en") -> Erased:
        """Raises JourneyError, PageError and what the network raises."""
        self._steps.clear()
        with self._step("form: erasure"):
            before = len(self._mails(email))
            self._visitor = Visitor(self._site)
            self._reference = self._ask(email, name, country, language, types=["erasure"])
            self._visitor.submit("/confirm", code=self._code_mailed(email, after=before))
        with self._step("dry run"):
            self._wait("the plan", lambda: self._case()["status"] == "awaiting_confirmation" or self._case()["failed"])
            plan = self._staff("GET", "/erasure", "handler@shop.example")
            self._facts.append(
                f"would delete {plan['delete']}, reduce {plan['anonymise']} to what has to stay, "
                f"keep {plan['keep']} unchanged"
            )
        with self._step("confirmation"):
            self._visitor.get(f"/{language}/requests/{self._reference}/erasure")
            self._visitor.submit("/erasure")
            self._wait("the letter", lambda: self._case()["status"] == "awaiting_confirmation")
            self._facts.append(self._mails(email)[-1]["subject"])
        with self._step("72 hours to undo"):
            self._json("POST", "/_local/clock", {"advance": "PT73H"})
            self._wait("staff's turn", lambda: self._case()["status"] == "awaiting_review")
        with self._step("two people approve"):
            for user in ("handler@shop.example", "approver@shop.example"):
                plan = self._staff("GET", "/erasure", user)
                body = {"version": plan["version"], "plan_sha256": plan["plan_sha256"]}
                self._staff("POST", "/erasure/approval", user, body if plan["weighed"] else body | {"kept": {}})
                self._facts.append(f"{user} agrees with {plan['plan_sha256'][:12]}…")
        with self._step("erased, and searched again"):
            done = ("awaiting_recipients", "closed")
            self._wait("the answer", lambda: self._case()["status"] in done or self._case()["failed"])
            plan = self._staff("GET", "/erasure", "handler@shop.example")
            certificate = plan["certificate"]
            if certificate is None:
                raise JourneyError(f"stopped at {self._case()['failure']}")
            deleted, anonymised, kept = (
                sum(part[what] for part in certificate["collections"]) for what in ("deleted", "anonymised", "kept")
            )
            self._facts.append(
                f"deleted {deleted}, reduced {anonymised} to what has to stay, kept {kept} unchanged; "
                "nothing else was found"
            )
            self._facts.append(self._mails(email)[-1]["subject"])
        with self._step("recipients do the same"):
            self._recipients()
            self._wait("the case to close", lambda: self._case()["status"] == "closed")
        return Erased(
            reference=self._reference,
            outcome=self._case()["outcome"],
            deleted=deleted,
            anonymised=anonymised,
            kept=kept,
            steps=tuple(self._steps),
        )

    def _recipients(self) -> None:
        """Who was given the data answers the mail that it got; of the others staff note that they have done it."""
        handler = "handler@shop.example"
        for notice in self._staff("GET", "/recipients", handler)["items"]:
            if notice["channel"] == "mail":
                mail = next(mail for mail in self._outbox() if notice["reference"] in mail["subject"])
                link = _NOTICE.search(mail["text"])
                if link is None:
                    raise JourneyError("the mail to a recipient holds no link")
                recipient = Visitor(self._site)
                recipient.get(link[0])
                recipient.submit(link[0], state="done", reason="")
            else:
                body = {"version": self._case()["version"], "state": "done"}
                self._staff("POST", f"/recipients/{notice['recipient']}", handler, body)
            self._facts.append(f"{notice['label']}: done")

    def _ask(self, email: str, name: str, country: str, language: str, *, types: list[str]) -> str:
        visitor = self._visitor
        visitor.get(f"/{language}")
        visitor.get(f"/{language}/your-request")
        visitor.submit("/your-request", types=types)
        if visitor.url.endswith("/what-exactly"):
            visitor.submit("/what-exactly", send_to="")  # they fetch what is portable themselves
        visitor.submit("/where-you-live", country=country)
        if visitor.url.endswith("/your-region"):
            visitor.submit("/your-region", region="")  # who lives in Germany need not say in which Land
        visitor.submit("/your-details", name=name, email=email)
        visitor.submit("/check-your-answers")
        found = _REFERENCE.search(visitor.page)
        if found is None:
            raise JourneyError(f"no reference on the page: {visitor.title}")
        self._facts.append(f"reference {found[0]}")
        visitor.get(f"/{language}/requests/{found[0]}/confirm")
        return found[0]

    def _code_mailed(self, email: str, *, after: int = 0) -> str:
        def arrived() -> bool:
            mails = self._mails(email)
            return len(mails) > after and _CODE.search(mails[-1]["text"]) is not None

        self._wait("the mail with the code", arrived)
        mail = self._mails(email)[-1]
        self._facts.append(f"{mail['to']}: {mail['subject']}")
        found = _CODE.search(mail["text"])
        if found is None:
            raise JourneyError("the mail holds no code")
        return found[0]

    def _collected(self) -> dict[str, Any]:
        self._wait("the sources", lambda: self._case()["status"] == "awaiting_review" or self._case()["failed"])
        case = self._case()
        if case["failed"]:
            raise JourneyError(f"stopped at {case['failure']}")
        self._facts.append(f"laws {', '.join(case['laws'])}; due {case['due_on']}, target {case['target_on']}")
        for source in case["sources"]:
            counts = ", ".join(f"{name} {result['rows']}" for name, result in source["collections"].items())
            self._facts.append(f"{source['source']}: {counts}")
        return case

    def _release(self, case: dict[str, Any]) -> None:
        handler, approver = "handler@shop.example", "approver@shop.example"
        self._staff("POST", "/assignment", handler, {"assignee": self._subject_of(handler)})
        held = {rows["collection"]: "redact" for rows in case["held"]}
        self._facts += [f"rows about other people in {path}: given without what is about them" for path in held]
        self._staff("POST", "/release", approver, {"version": self._case()["version"], "held": held})
        self._facts.append(f"handled by {handler}, released by {approver}")

    def _download(self, email: str, language: str) -> Path:
        visitor = self._visitor
        visitor.get(f"/{language}/requests/{self._reference}")
        if not any(form.action.endswith("/code") for form in visitor.forms):
            visitor.submit("/leave")
            visitor.get(f"/{language}/requests/{self._reference}")
        before = len(self._mails(email))
        visitor.submit(f"/requests/{self._reference}")
        visitor.submit("/code", code=self._code_mailed(email, after=before))
        visitor.get(f"/{language}/requests/{self._reference}/download")
        visitor.submit("/download")
        link = _LINK.search(visitor.headers["refresh"])
        if link is None:
            raise JourneyError("the page gives no link")
        self._into.mkdir(parents=True, exist_ok=True)
        package = self._into / f"{self._reference}.zip"
        with urlopen(self._fetch_url(link[1])) as answer:  # noqa: S310 - the link of our own stack
            disposition = answer.headers.get("Content-Disposition", "")
            if named := re.search(r'filename="([A-Za-z0-9._-]+)"', disposition):
                package = self._into / named[1]
            package.write_bytes(answer.read())
        self._facts.append(f"{package} ({package.stat().st_size} bytes)")
        return package

    def _closed(self) -> str | None:
        self._waiting("the end of the download window (15 days, on the clock of the stack)")
        self._json("POST", "/_local/clock", {"advance": "P15D"})
        self._wait("the case to close", lambda: self._case()["status"] == "closed")
        case = self._case()
        timeline = self._staff("GET", "/timeline", "auditor@shop.example")
        if not timeline["intact"]:
            raise JourneyError("the history is broken")
        self._facts.append(f"outcome {case['outcome']}; {len(timeline['events'])} events, chain intact")
        return str(case["outcome"])

    def _case(self) -> dict[str, Any]:
        return self._staff("GET", "", "approver@shop.example")

    def _staff(self, method: str, action: str, user: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        path = f"/staff/requests/{self._reference}{action}"
        return self._json(method, path, body, headers={"Authorization": self._token(user)})

    def _subject_of(self, user: str) -> str:
        """The id of a member of staff, as the token says it: staff are never named by an address."""
        payload = self._token(user).split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])

    def _token(self, user: str) -> str:
        return str(self._json("POST", "/_local/token", {"user": user})["token"])

    def _mails(self, to: str) -> list[dict[str, Any]]:
        return [mail for mail in self._outbox() if mail["to"] == to]

    def _outbox(self) -> list[dict[str, Any]]:
        answer = self._http.get(f"{self._site}/_local/outbox", headers={"Accept": "application/json"}, timeout=60)
        return list(answer.json())

    def _json(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        answer = self._http.request(method, f"{self._site}{path}", json=body, headers=headers, timeout=300)
        if not answer.ok:
            raise JourneyError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())

    def _wait(self, what: str, arrived: Callable[[], bool]) -> None:
        self._waiting(what)
        end = time.monotonic() + _PATIENCE
        while not arrived():
            if time.monotonic() > end:
                raise JourneyError(f"waited in vain for {what}")
            time.sleep(_LOOKS_EVERY)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        self._facts = []
        yield
        step = Step(name=name, seconds=round(time.perf_counter() - began, 3), facts=tuple(self._facts))
        self._steps.append(step)
        self._told(step)
