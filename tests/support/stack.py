"""The whole system, booted for tests, with what people do to it in plain words.

A module of tests asks for the fixture `stack`: one booted stack for the module, torn down with a search of everything
that the functions logged. Tests do not disturb each other as long as each makes its own member of the shop:

    def test_a_member_gets_an_answer(stack: PlayedStack) -> None:
        jane = stack.new_member(orders=2)
        case = stack.submit(jane)
        stack.verify(case)
        stack.release(case)
        package = stack.download(case)

What is done by HTTP here goes through the gateway of `local/`, so routes, validators and authorizers take part.
"""

import http.client
import io
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.executions import Execution
from local.outbox import Mail
from local.runtime import LocalStack
from local.shop import names, records
from local.shop.people import Person
from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.identity import keyed_id
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.observability import RedactingFormatter, logger

MEMBERS: Final = 6  # of the sample shop: those whom its README names, and one more
_numbers = count(700_001)  # of members that tests make


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP. `body` is parsed where it is JSON."""

    status: int
    headers: dict[str, str]
    body: Any

    def expect(self, status: int) -> Any:
        """The body; the test fails here where the status is another."""
        assert self.status == status, (self.status, self.body)
        return self.body


@dataclass(frozen=True)
class Case:
    """A request that was made, as its maker knows it."""

    reference: str
    email: str
    language: str


@dataclass(eq=False)
class PlayedStack:
    """A booted stack. `canaries` are texts that must never be logged; what is made here adds its own.

    `recipients_obey`: who was given data has done what it was told as soon as somebody looks.
    """

    local: LocalStack
    log: io.StringIO = field(default_factory=io.StringIO)
    canaries: set[str] = field(default_factory=set)
    recipients_obey: bool = True
    _decided: list[Case] = field(default_factory=list)
    _sessions: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    # The shop

    def new_member(self, *, country: str = "IE", **changes: Any) -> Person:
        """A member nobody else uses, in the shop's tables. `changes` are fields of Person (orders=2, gifts=1)."""
        number = next(_numbers)
        place = next(c for c in names.COUNTRIES if c.code == country)
        language = "ja" if country == "JP" else "en"
        person = Person(
            number=number,
            email=f"subject{number}@example.com",
            name=f"架空{number} 花子" if language == "ja" else f"Subject{number} Canary",
            kana="カクウ ハナコ" if language == "ja" else None,
            language=language,
            country=country,
            phone=f"{place.dialling}-55-{number}",
            birth_date="1980-02-29",
            gender="not_said",
            home=place.places[0],
            joined=datetime(2024, 1, 31, 9, 0, tzinfo=UTC),
            visits=0,
        )
        person = replace(person, **changes)
        self.put("MembersTable", records.member_items(person, now=self.now))
        self.put("OrdersTable", records.order_items(person, now=self.now))
        self.canaries |= {person.email, person.name, person.phone}
        return person

    def put(self, parameter: str, items: Iterator[dict[str, Any]] | Sequence[dict[str, Any]]) -> None:
        """Write items into a table of the shop, named by its parameter."""
        from local.shop.filling import _write_items  # the shop's own way of writing

        _write_items(self.client("dynamodb"), self.shop(parameter), items)

    def shop(self, parameter: str) -> str:
        from local.shop.tables import NAMES

        return NAMES[parameter]

    def put_support_mail(self, person: Person, content: bytes) -> None:
        """What the shop's help desk holds about a member: gzip'd JSON Lines, unless a test wants it broken."""
        key = f"support/{person.member_id}.jsonl.gz"
        self.client("s3").put_object(Bucket=self.shop("ShopBucket"), Key=key, Body=content)

    # HTTP

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        bearer: str | None = None,
        staff: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request through the gateway. `bearer` is a person's session; `staff` a user such as `handler`."""
        sent = dict(headers or {})
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        if staff is not None:
            sent["Authorization"] = self.staff_token(staff)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body, ensure_ascii=False).encode()
        address = urlsplit(self.local.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        try:
            connection.request(method, path, payload, sent)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        received = {name.lower(): value for name, value in response.getheaders()}
        is_json = "json" in received.get("content-type", "")
        return Answer(response.status, received, json.loads(content) if is_json and content else content.decode())

    def call_signed(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        secret: str = "local",  # noqa: S107
    ) -> Answer:
        """The same as the shop calls: signed with credentials of the merchant's account."""
        payload = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = AWSRequest(method, f"{self.local.url}{path}", headers=headers, data=payload)
        SigV4Auth(Credentials("local", secret), "execute-api", "eu-west-1").add_auth(request)
        return self.call(method, path, payload, headers=dict(request.headers.items()))

    def may(self, kind: str, value: str, purpose: str, recipient: str | None = None) -> Any:
        """What the register answers the shop."""
        named = {"recipient": recipient} if recipient else {}
        query = urlencode({"subject": f"{kind}:{value}", "purpose": purpose} | named, quote_via=quote)
        return self.call_signed("GET", f"/api/permissions?{query}").expect(200)

    # The person

    def post_request(self, email: str, **changes: Any) -> Answer:
        """POST /api/requests. `changes` replace fields of the body."""
        headers = changes.pop("headers", None)
        body = {"type": "access", "email": email, "name": "Subject Canary", "country": "IE", "language": "en"} | changes
        self.canaries |= {email, body["name"]}
        return self.call("POST", "/api/requests", body, headers=headers)

    def submit(self, person: Person | str, **changes: Any) -> Case:
        """Make a request, and wait until its code is mailed. A member asks in the own name, language and country."""
        if isinstance(person, Person):
            changes = {"name": person.name, "country": person.country, "language": person.language} | changes
        email = person.email if isinstance(person, Person) else person
        receipt = self.post_request(email, **changes).expect(202)
        self.local.settle()
        return Case(reference=receipt["reference"], email=email, language=changes.get("language", "en"))

    def verify(self, case: Case, code: str | None = None) -> Answer:
        """Enter a code (the last one mailed), and wait for all that follows from it."""
        answer = self.call("POST", f"/api/requests/{case.reference}/verification", {"code": code or self.code(case)})
        self.local.settle()
        return answer

    def ask_for_code(self, case: Case) -> Answer:
        return self.call("POST", f"/api/requests/{case.reference}/access-code", {})

    def session(self, case: Case) -> str:
        """A session on a case: the one that is open, or one opened with a fresh code."""
        token, ends = self._sessions.get(case.reference, ("", self.now))
        if ends <= self.now + timedelta(seconds=5):
            token = self.new_session(case)
        return token

    def new_session(self, case: Case) -> str:
        """A session opened with a fresh code."""
        self.ask_for_code(case).expect(202)
        opened = self.call("POST", f"/api/requests/{case.reference}/session", {"code": self.code(case)}).expect(200)
        self.canaries.add(opened["token"])
        self._sessions[case.reference] = opened["token"], datetime.fromisoformat(opened["expires_at"])
        return str(opened["token"])

    def look(self, case: Case, session: str | None = None) -> Any:
        """What the person sees of the own request."""
        return self.call("GET", f"/api/requests/{case.reference}", bearer=session or self.session(case)).expect(200)

    def give_evidence(self, case: Case, order_number: str, postcode: str, *, session: str) -> Answer:
        body = {"order_number": order_number, "postcode": postcode}
        answer = self.call("POST", f"/api/requests/{case.reference}/evidence", body, bearer=session)
        self.local.settle()
        return answer

    def withdraw(self, case: Case) -> Answer:
        answer = self.call("DELETE", f"/api/requests/{case.reference}", bearer=self.session(case))
        self.local.settle()
        return answer

    def confirm_erasure(self, case: Case) -> Answer:
        answer = self.call(
            "POST", f"/api/requests/{case.reference}/erasure-confirmation", {}, bearer=self.session(case)
        )
        self.local.settle()
        return answer

    def download_link(self, case: Case, session: str | None = None) -> Answer:
        return self.call("POST", f"/api/requests/{case.reference}/download", {}, bearer=session or self.session(case))

    def download(self, case: Case) -> bytes:
        """The package, fetched through its link."""
        return self.fetch(self.download_link(case).expect(200)["url"])

    def fetch(self, url: str) -> bytes:
        """What a link of S3 gives. Raises LinkRefusedError."""
        address = urlsplit(self.local.local_url(url))
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        try:
            connection.request("GET", f"{address.path}?{address.query}")
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise LinkRefusedError(response.status)
        return content

    # Mail

    def mails(self, to: str) -> list[Mail]:
        """All mails to an address, oldest first."""
        return [mail for mail in self.local.outbox() if mail.to == to]

    def mails_about(self, case: Case, *, to: str | None = None) -> list[Mail]:
        """All mails that name the reference of a case, to its person unless told otherwise."""
        return [mail for mail in self.mails(to or case.email) if case.reference in mail.subject + mail.text]

    def staff_mails(self, case: Case) -> list[Mail]:
        return [mail for mail in self.local.outbox() if mail.subject.startswith(f"[{case.reference}]")]

    def code(self, case: Case) -> str:
        """The newest code that was mailed for a case."""
        for mail in reversed(self.mails_about(case)):
            found = re.search(r"\b[0-9]{4}-[0-9]{4}\b(?!-)", mail.text.replace(case.reference, ""))
            if found:
                self.canaries |= {found[0], found[0].replace("-", "")}
                return found[0]
        raise AssertionError(f"no code was mailed for {case.reference}")

    def mail_in(self, mail: EmailMessage | bytes, **envelope: Any) -> str:
        """A mail comes in, and everything that follows from it; its id at the desk.

        `envelope`: sender, recipients, verdicts, message_id, as `local/events/inbound_mail.py` takes them.
        """
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=SMTP)
        received = self.local.receive_mail(raw, **envelope)
        self.local.settle()
        return keyed_id(self.keys.key("mail"), received.message_id)

    @property
    def keys(self) -> SecretKeyring:
        """Of the stack: what its functions derive ids and tokens with."""
        return SecretKeyring(self.local.ref("PepperSecret"))

    def mail_view(self, mail_id: str, *, by: str = "handler") -> Any:
        return self.call("GET", f"/staff/mail/{mail_id}", staff=by).expect(200)

    def settle_mail(self, mail_id: str, what: str, body: Mapping[str, Any], *, by: str = "handler") -> Answer:
        """POST to `request`, `attachment`, `clarification`, `dismissal` or `purge` of a mail, as it was just read."""
        version = self.mail_view(mail_id, by=by)["version"]
        answer = self.call("POST", f"/staff/mail/{mail_id}/{what}", {"version": version, **body}, staff=by)
        self.local.settle()
        return answer

    # Staff

    def staff_token(self, user: str) -> str:
        assert self.local.staff is not None
        token = self.local.staff.token(f"{user}@shop.example").id_token
        self.canaries.add(token)
        return token

    def staff_view(self, case: Case, *, by: str = "handler") -> Any:
        return self.call("GET", f"/staff/requests/{case.reference}", staff=by).expect(200)

    def timeline(self, case: Case) -> list[dict[str, Any]]:
        """The events of a case; the test fails here where the chain is broken."""
        timeline = self.call("GET", f"/staff/requests/{case.reference}/timeline", staff="auditor").expect(200)
        assert timeline["intact"], timeline["broken_at"]
        return list(timeline["events"])

    def happened(self, case: Case) -> list[str]:
        """The names of the events of a case, in order."""
        return [event["type"] for event in self.timeline(case)]

    def decide(self, case: Case, what: str, body: Mapping[str, Any], *, by: str = "approver") -> Answer:
        """POST to `release`, `refusal`, `assignment` or `retry` of a case."""
        answer = self.call("POST", f"/staff/requests/{case.reference}/{what}", dict(body), staff=by)
        self.local.settle()
        if answer.status == 200 and self.recipients_obey:
            self._decided.append(case)
            self._let_recipients_obey()
        return answer

    def _let_recipients_obey(self) -> None:
        """Of cases that were decided on, and may take their time."""
        for case in list(self._decided):
            self.settle_recipients(case)
            if not self.stored(case).is_open:
                self._decided.remove(case)

    def notices(self, case: Case) -> dict[str, Any]:
        """What recipients of the data were told, by their names in the register."""
        listed = self.call("GET", f"/staff/requests/{case.reference}/recipients", staff="handler").expect(200)
        return {notice["recipient"]: notice for notice in listed["items"]}

    def settle_recipients(self, case: Case) -> None:
        """Staff note that each has done what it was told."""
        if self.stored(case).status is not Status.AWAITING_RECIPIENTS:
            return
        for name, notice in self.notices(case).items():
            if not notice["settled"]:
                body = {"version": self.staff_view(case)["version"], "state": "done"}
                path = f"/staff/requests/{case.reference}/recipients/{name}"
                self.call("POST", path, body, staff="handler").expect(200)
        self.local.settle()

    def release(self, case: Case, *, by: str = "approver", treatment: str = "redact") -> Any:
        """Release the answer, with one treatment for all rows about other people."""
        seen = self.staff_view(case)
        held = {entry["collection"]: treatment for entry in seen["held"]}
        return self.decide(case, "release", {"version": seen["version"], "held": held}, by=by).expect(200)

    def plan(self, case: Case, *, by: str = "handler") -> Any:
        """The plan of an erasure, as staff see it."""
        return self.call("GET", f"/staff/requests/{case.reference}/erasure", staff=by).expect(200)

    def approve(self, case: Case, *, by: str, **given: Any) -> Answer:
        """Agree with the plan of an erasure, as it is now."""
        version = self.staff_view(case)["version"]
        body = {"version": version, "plan_sha256": self.plan(case)["plan_sha256"]} | given
        return self.decide(case, "erasure/approval", body, by=by)

    def erase(self, case: Case, kept: Mapping[str, str] | None = None) -> None:
        """Two people agree, and it is carried out."""
        self.approve(case, by="handler", kept=dict(kept or {})).expect(200)
        self.approve(case, by="approver").expect(200)

    def retry(self, case: Case) -> Answer:
        return self.decide(case, "retry", {}, by="handler")

    # Whole ways

    def to_review(self, person: Person, **changes: Any) -> Case:
        """A case of this person whose answer waits for release."""
        case = self.submit(person, **changes)
        self.verify(case).expect(200)
        assert self.staff_view(case)["status"] == "awaiting_review"
        return case

    def to_approval(self, person: Person | str, **changes: Any) -> Case:
        """An erasure that the person has confirmed, and can undo no more: staff have the plan."""
        case = self.submit(person, type="erasure", **changes)
        self.verify(case).expect(200)
        self.confirm_erasure(case).expect(200)
        self.advance(hours=73)
        assert self.staff_view(case)["status"] == "awaiting_review"
        return case

    def to_answer(self, person: Person, **changes: Any) -> Case:
        """A case of this person whose answer can be fetched."""
        case = self.to_review(person, **changes)
        self.release(case)
        return case

    # What is there

    @property
    def now(self) -> datetime:
        return self.local.now

    @property
    def cases(self) -> DynamoCaseStore:
        return DynamoCaseStore(self.local.ref("CasesTable"), self.client("dynamodb"))

    def client(self, service: str) -> Any:
        return self.local.client(service)

    def stored(self, case: Case) -> PrivacyRequest:
        return self.cases.find(case.reference)

    def execution(self, case: Case, machine: str = "PrivacyRequest", *, attempt: int = 1) -> Execution:
        name = f"{self.stored(case).request_id}-{attempt}"
        return next(found for found in self.local.executions(machine) if found.name == name)

    def kill(self, case: Case, machine: str = "PrivacyRequest", *, attempt: int = 1) -> None:
        """End an execution as an accident would: nothing of ours is told."""
        self.client("stepfunctions").stop_execution(executionArn=self.execution(case, machine, attempt=attempt).arn)
        self.local.settle()

    def evidence(self, case: Case) -> list[AuditEvent]:
        """The events of a case in the evidence bucket, by number."""
        s3, bucket = self.client("s3"), self.local.ref("EvidenceBucket")
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"audit/{self.stored(case).request_id}/")
        return [
            AuditEvent.model_validate_json(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
            for entry in listed.get("Contents", [])
        ]

    def remnants(self, *prefixes: str) -> list[str]:
        """Whatever the export bucket holds under the prefixes: versions, delete markers, unfinished uploads."""
        s3, bucket = self.client("s3"), self.local.ref("ExportBucket")
        found: list[str] = []
        for prefix in prefixes:
            versions = s3.list_object_versions(Bucket=bucket, Prefix=prefix)
            found += [f"version {entry['Key']}" for entry in versions.get("Versions", [])]
            found += [f"marker {entry['Key']}" for entry in versions.get("DeleteMarkers", [])]
            uploads = s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", [])
            found += [f"upload {entry['Key']}" for entry in uploads]
        return found

    # Time, and accidents

    def advance(self, **delta: float) -> None:
        """Move the clock (days=14, hours=1); what falls due on the way happens."""
        self.local.advance(timedelta(**delta))
        self.local.settle()
        self._let_recipients_obey()

    @contextmanager
    def failing(
        self, service: str, operation: str, *, code: str, on: str = "", times: int | None = None
    ) -> Iterator[list[str]]:
        """Let calls of the functions to AWS fail: all whose request holds the text `on`, or the next `times` of them.

        Gives the list of the calls that failed. The error comes at once: the SDK's own patience is not played.
        """
        failed: list[str] = []

        def fail(params: Mapping[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
            if on not in str(params) or (times is not None and len(failed) >= times):
                return None
            failed.append(operation)
            return _Refused(), {"Error": {"Code": code, "Message": "played"}, "ResponseMetadata": {}}

        events, name = client(service).meta.events, f"before-call.*.{operation}"
        events.register_first(name, fail)
        try:
            yield failed
        finally:
            events.unregister(name, fail)

    @contextmanager
    def pausing(
        self, service: str, operation: str, *, on: str, entered: threading.Event, go_on: threading.Event
    ) -> Iterator[None]:
        """Let one call of the functions wait before it is made: `entered` is set there, `go_on` lets it pass."""

        def wait(params: Mapping[str, Any], **_: Any) -> None:
            if on in str(params.get("url_path", params)) and not entered.is_set():
                entered.set()
                go_on.wait(20)

        events, name = client(service).meta.events, f"before-call.*.{operation}"
        events.register_first(name, wait)
        try:
            yield
        finally:
            go_on.set()
            events.unregister(name, wait)


class LinkRefusedError(Exception):
    """S3 did not give what a link names; `status` says how."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Refused:
    """As much of an HTTP response as the SDK looks at."""

    status_code = 400
    headers: Final[dict[str, str]] = {}
    content = b""


@contextmanager
def calls_of(aws_client: Any) -> Iterator[list[str]]:
    """The names of the calls that are made with one client."""
    calls: list[str] = []

    def note(model: Any, **_: Any) -> None:
        calls.append(model.name)

    aws_client.meta.events.register("before-call", note)
    try:
        yield calls
    finally:
        aws_client.meta.events.unregister("before-call", note)


@contextmanager
def calls_to_aws(*services: str) -> Iterator[list[str]]:
    """The calls that the functions make from this thread: `dynamodb.GetItem`, in order."""
    calls: list[str] = []
    me = threading.get_ident()

    def note(model: Any, **_: Any) -> None:
        if threading.get_ident() == me:
            calls.append(f"{model.service_model.service_name}.{model.name}")

    used = services or ("cognito-idp", "dynamodb", "s3", "sesv2", "stepfunctions", "secretsmanager")
    for service in used:
        client(service).meta.events.register("before-call", note)
    try:
        yield calls
    finally:
        for service in used:
            client(service).meta.events.unregister("before-call", note)


@contextmanager
def played_stack(**boot: Any) -> Iterator[PlayedStack]:
    """Boot; at the end, look for what must not have been logged (abuse cases 30 and 94)."""
    with LocalStack.boot(members=boot.pop("members", MEMBERS), **boot) as local:
        stack = PlayedStack(local)
        stack.canaries |= {"hanako@example.jp", "ren@example.jp", "佐藤 花子"}
        tap = logging.StreamHandler(stack.log)
        tap.setFormatter(RedactingFormatter())
        logger.addHandler(tap)
        try:
            yield stack
        finally:
            logging.getLogger(logger.name).removeHandler(tap)
        assert_nothing_personal(stack.log.getvalue(), stack.canaries)


def assert_nothing_personal(log: str, canaries: set[str]) -> None:
    """No line holds a canary, as it is or as JSON escapes it; every line is one JSON object."""
    for line in log.splitlines():
        assert isinstance(json.loads(line), dict), line
    found = sorted(text for text in canaries if text in log or json.dumps(text)[1:-1] in log)
    assert not found, found


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    with played_stack() as booted:
        yield booted


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Make all the calls at once, each in a thread; their results in order. What one raises is its result."""
    results: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(position: int) -> None:
        gate.wait()
        try:
            results[position] = calls[position]()
        except Exception as error:  # the test looks at it
            results[position] = error

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
