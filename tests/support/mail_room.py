"""A desk that takes mail, over fakes: what a mail says is handed in as read, so that a test names what matters to it.

room = MailRoom()
item = room.deliver(mail(text="..."), asks=("access",))
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from rightsdesk.domain.audit import AuditEvent, verify_chain
from rightsdesk.domain.errors import ConflictError, NotFoundError
from rightsdesk.domain.identity import keyed_id
from rightsdesk.domain.incoming_mail import Attachment, Envelope, IncomingMail, MailAddress, MailFlag, Verdict, Verdicts
from rightsdesk.domain.intents import Intent, IntentReading, IntentType
from rightsdesk.domain.mail_item import MailContent, MailItem
from rightsdesk.domain.mail_threads import reply_address
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.services.answer_question import answer_question
from rightsdesk.services.receive_mail import MailIntake, MailReading
from rightsdesk.services.record_delivery import record_delivery
from rightsdesk.services.send_code import due_rule
from rightsdesk.services.submit_request import submit_request
from rightsdesk.services.take_message import MessageDesk
from rightsdesk.services.triage_mail import TriageDesk
from tests.support.desk import JANE, Desk
from tests.support.fakes import Faults

MAILBOX = "privacy@shop.example"
CLEAN = Verdicts(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS, spam=Verdict.PASS, virus=Verdict.PASS)
_messages = count(1)


def mail(
    text: str = "Please send me a copy of my data.",
    *,
    sender: str | None = JANE,
    name: str = "Jane Murphy",
    message_id: str | None = None,
    files: Iterable[Attachment] = (),
    flags: Iterable[MailFlag] = (),
    **given: Any,
) -> IncomingMail:
    """A mail as the reader would give it, each with a Message-ID of its own."""
    values = {"subject": "My data", "text": text, "new_text": text} | given
    return IncomingMail(
        senders=(MailAddress(address=sender, name=name),) if sender else (),
        message_id=f"<{next(_messages)}@example.com>" if message_id is None else message_id,
        attachments=tuple(files),
        flags=frozenset(flags),
        **values,
    )


class FakeMailStore:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.items: dict[str, str] = {}
        self.events: dict[str, list[AuditEvent]] = {}
        self.first: dict[str, tuple[str, str]] = {}
        self.retired: dict[str, datetime] = {}
        self.ends: dict[str, list[datetime | None]] = {}  # of the events

    def create(self, item: MailItem, event: AuditEvent) -> None:
        with self._faults.call("mails.create"):
            if item.mail_id in self.items:
                raise ConflictError("exists")
            self.items[item.mail_id] = item.model_dump_json()
            self.events[item.mail_id] = [event]
            self.ends[item.mail_id] = [item.expires_at]

    def get(self, mail_id: str) -> MailItem:
        with self._faults.call("mails.get"):
            if mail_id not in self.items:
                raise NotFoundError("no such mail")
            return MailItem.model_validate_json(self.items[mail_id])

    def save(self, before: MailItem, after: MailItem, event: AuditEvent) -> None:
        with self._faults.call("mails.save"):
            if MailItem.model_validate_json(self.items[before.mail_id]).version != before.version:
                raise ConflictError("moved on")
            self.items[after.mail_id] = after.model_dump_json()
            self.events[after.mail_id].append(event)
            self.ends[after.mail_id].append(after.expires_at)

    def open_by_target(self, *, limit: int, cursor: str | None) -> tuple[list[MailItem], str | None]:
        with self._faults.call("mails.open_by_target"):
            found = sorted((f"{item.due.target_on}#{item.mail_id}", item) for item in self._all() if item.is_open)
            later = [(key, item) for key, item in found if key > (cursor or "")]
            page = later[:limit]
            return [item for _, item in page], page[-1][0] if len(later) > limit else None

    def retire(self, mail_id: str, *, expires_at: datetime) -> None:
        with self._faults.call("mails.retire"):
            self.retired[mail_id] = expires_at
            self.ends[mail_id] = [expires_at for _ in self.ends[mail_id]]

    def reopen(self, mail_id: str) -> None:
        with self._faults.call("mails.reopen"):
            self.retired.pop(mail_id, None)
            self.ends[mail_id] = [None for _ in self.ends[mail_id]]

    def received_in(self, month: str, *, after: tuple[str, str] | None = None) -> Iterator[MailItem]:
        def place(item: MailItem) -> tuple[str, str]:
            return item.received_at.isoformat().replace("+00:00", "Z"), item.mail_id

        found = [item for item in self._all() if item.received_at.strftime("%Y-%m") == month]
        yield from sorted((item for item in found if place(item) > (after or ("", ""))), key=place)

    def of_sender(self, sender_key: str, *, limit: int) -> list[str]:
        newest = sorted(self._all(), key=lambda item: item.received_at, reverse=True)
        own = [item for item in newest if item.sender_key == sender_key and "unauthenticated" not in item.doubts]
        return [item.mail_id for item in own][:limit]

    def timeline(self, mail_id: str) -> list[AuditEvent]:
        return list(self.events[mail_id])

    def first_under(self, message_key: str, *, mail_id: str, body: str, expires_at: datetime) -> tuple[str, str]:
        with self._faults.call("mails.first_under"):
            return self.first.setdefault(message_key, (mail_id, body))

    def _all(self) -> list[MailItem]:
        return [MailItem.model_validate_json(stored) for stored in self.items.values()]


class FakeMailFiles:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.raws: dict[str, bytes] = {}
        self.objects: dict[str, bytes] = {}
        self.names: dict[str, str] = {}

    def raw(self, key: str) -> bytes:
        with self._faults.call("files.raw"):
            if key not in self.raws:
                raise NotFoundError("gone")
            return self.raws[key]

    def content_key(self, mail_id: str) -> str:
        return f"messages/{mail_id}.json"

    def put_content(self, mail_id: str, content: MailContent) -> None:
        with self._faults.call("files.put_content"):
            self.objects[self.content_key(mail_id)] = content.model_dump_json().encode()

    def content(self, mail_id: str) -> MailContent:
        with self._faults.call("files.content"):
            if self.content_key(mail_id) not in self.objects:
                raise NotFoundError("gone")
            return MailContent.model_validate_json(self.objects[self.content_key(mail_id)])

    def put_file(self, key: str, body: bytes, *, name: str) -> None:
        with self._faults.call("files.put_file"):
            self.objects[key], self.names[key] = body, name

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        return f"https://bucket.example/{key}?name={filename}"

    def delete(self, keys: Iterable[str]) -> None:
        with self._faults.call("files.delete"):
            for key in keys:
                self.objects.pop(key, None)
                self.raws.pop(key, None)


class FakeAnswerLimits:
    """As the adapter: one a day and three a month for an address, three for a thread, `per_hour` for all."""

    def __init__(self, *, per_hour: int = 100) -> None:
        self.per_hour = per_hour
        self.spent: dict[str, dict[str, datetime]] = {}
        self.notices = 0

    def refuse(self, mail_id: str, *, address: str | None, thread: str | None, at: datetime) -> str | None:
        day, month, case = timedelta(days=1), timedelta(days=30), timedelta(days=400)
        if address and not self._spend(f"address {address}", mail_id, at, window=month, gap=day, most=3):
            return "address_limit"
        if thread and not self._spend(f"thread {thread}", mail_id, at, window=case, gap=timedelta(0), most=3):
            return "thread_limit"
        hour = at.strftime("%Y-%m-%dT%H")
        if not self._spend(hour, mail_id, at, window=day, gap=timedelta(0), most=self.per_hour):
            return "breaker"
        return None

    def may_tell_staff(self, *, at: datetime) -> bool:
        self.notices += 1
        return self.notices <= 20

    def _spend(self, key: str, what: str, at: datetime, *, window: timedelta, gap: timedelta, most: int) -> bool:
        sent = self.spent.setdefault(key, {})
        recent = {name: then for name, then in sent.items() if at - then < window}
        if what in recent:
            return True
        if len(recent) >= most or any(at - then < gap for then in recent.values()):
            return False
        sent[what] = at
        return True


class MailRoom(Desk):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.mail_store = FakeMailStore(self.faults)
        self.files = FakeMailFiles(self.faults)
        self.limits = FakeAnswerLimits()
        self._known: dict[bytes, tuple[IncomingMail, IntentReading, tuple[str, ...]]] = {}
        submit = partial(
            submit_request,
            cases=self.cases,
            workflow=self.workflow,
            keys=self.keys,
            merchant=self.merchant,
            clock=self.clock,
        )
        self.message_desk = MessageDesk(
            cases=self.cases,
            messages=self.messages,
            limits=self.limits,
            letters=self.letters,
            links=lambda: self.links,
            merchant=self.merchant,
            clock=self.clock,
            verify=self.code_desk.verify_request,
            answer=partial(
                answer_question, cases=self.cases, letters=self.letters, merchant=self.merchant, clock=self.clock
            ),
            due_rule=partial(due_rule, merchant=self.merchant),
        )
        self.intake = MailIntake(
            mails=self.mail_store,
            files=self.files,
            cases=self.cases,
            limits=self.limits,
            letters=self.letters,
            keys=self.keys,
            merchant=self.merchant,
            clock=self.clock,
            reading=MailReading(
                mail=lambda raw: self._known[raw][0],
                automatic=lambda mail, envelope, own: self._of(mail)[2],
                intents=lambda subject, text: (
                    next(
                        known[1]
                        for known in self._known.values()
                        if (known[0].subject, known[0].new_text) == (subject, text)
                    )
                    if any((known[0].subject, known[0].new_text) == (subject, text) for known in self._known.values())
                    else IntentReading(language="und")
                ),
            ),
            mailbox=MAILBOX,
            mail_domain="shop.example",
            own_addresses=(MAILBOX,),
            submit=submit,
            take_message=self.message_desk.take,
            record_delivery=partial(record_delivery, cases=self.cases, letters=self.letters, clock=self.clock),
            newsletter=lambda: "newsletter",
        )
        self.triage = TriageDesk(
            mails=self.mail_store,
            files=self.files,
            cases=self.cases,
            messages=self.messages,
            letters=self.letters,
            merchant=self.merchant,
            links=lambda: self.links,
            clock=self.clock,
            find=self.staff.find,
            submit=submit,
            new_id=lambda text: keyed_id(self.keys.key("request"), text),
        )

    def _of(self, mail: IncomingMail) -> tuple[IncomingMail, IntentReading, tuple[str, ...]]:
        return next(
            (known for known in self._known.values() if known[0] == mail), (mail, IntentReading(language="und"), ())
        )

    def envelope(self, delivery: str | None = None, **changes: Any) -> Envelope:
        message_id = delivery or f"ses-{next(_messages)}"
        values: dict[str, Any] = {
            "message_id": message_id,
            "received_at": self.clock(),
            "sender": JANE,
            "recipients": (MAILBOX,),
            "verdicts": CLEAN,
            "key": f"inbound/{message_id}",
        }
        return Envelope(**(values | changes))

    def post(
        self,
        what: IncomingMail,
        *,
        asks: Iterable[str | tuple[str, float]] = (),
        about: Iterable[str] = (),
        language: str = "en",
        reminder: bool = False,
        for_another: bool = False,
        automatic: tuple[str, ...] = (),
        **envelope: Any,
    ) -> Envelope:
        """A mail that lies in the bucket, and SES's word on it. `asks`: types, or types with their score."""
        wanted = self.envelope(**envelope)
        intents = tuple(
            Intent(type=IntentType(each[0]), score=each[1]) if isinstance(each, tuple) else _sure(each) for each in asks
        )
        raw = wanted.message_id.encode()
        reading = IntentReading(
            intents=intents, about=frozenset(about), language=language, reminder=reminder, for_another=for_another
        )
        self._known[raw] = (what, reading, automatic)
        if wanted.key:
            self.files.raws[wanted.key] = raw
        return wanted

    def deliver(self, what: IncomingMail, **how: Any) -> MailItem:
        envelope = self.post(what, **how)
        self.intake.take(envelope)
        return self.item(envelope)

    def item(self, envelope: Envelope) -> MailItem:
        return MailItem.model_validate_json(self.mail_store.items[self.intake.id_of(envelope.message_id)])

    def now_of(self, item: MailItem) -> MailItem:
        """The mail as it stands in the table, read past the faults."""
        return MailItem.model_validate_json(self.mail_store.items[item.mail_id])

    def happened(self, item: MailItem) -> list[str]:
        """The types of the events of a mail, and a check of its chain beside."""
        now = self.now_of(item)
        events = self.mail_store.events[item.mail_id]
        assert verify_chain(events, expected_head=(now.event_sequence, now.event_hash)) is None
        return [event.type for event in events]

    def reply_to(self, case: PrivacyRequest) -> str:
        assert case.reply_token
        return reply_address(MAILBOX, case.reply_token)

    def by_mail(self, **how: Any) -> PrivacyRequest:
        """A request that was made by mail, its code mailed."""
        item = self.deliver(mail(), asks=("access",), **how)
        case = self.cases.find(item.requests[0])
        self.send_verification(case)
        return self.now(case)


def _sure(kind: str) -> Intent:
    return Intent(type=IntentType(kind), score=0.9, why=(kind,))


def without(verdict: str, value: Verdict) -> Verdicts:
    """Clean but for one verdict."""
    return CLEAN.model_copy(update={verdict: value})


__all__ = ["CLEAN", "MAILBOX", "MailRoom", "mail", "replace", "without"]
