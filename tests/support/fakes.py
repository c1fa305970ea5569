"""The ports of services in memory. They behave like the adapters: conditional writes, versions, one winner, days.

Each call passes `Faults`, which can make any one of them fail, before or after its effect, or end the process there:
that is how tests find out what a death between two calls leaves behind. All of them may be used from many threads.
"""

import hashlib
import io
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any, BinaryIO

from rightsdesk.adapters.step_functions import workflow_time
from rightsdesk.domain.acceptance import Acceptance
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.campaign import Asked, Campaign, Returned
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.consent_ledger import ConsentEntry
from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.erasing import RowChange, RowDone, RowFate, RowFound, RowState
from rightsdesk.domain.erasure_plan import SourceErasure, by_source
from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.erasure_rule import Rule
from rightsdesk.domain.errors import ConflictError, GoneError, MailRejectedError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.letters import DeliveryState, Letter, LetterRecord, OutgoingMail
from rightsdesk.domain.messages import Message
from rightsdesk.domain.outbound import Answer, Outgoing
from rightsdesk.domain.permission import Standing
from rightsdesk.domain.recipient_notice import RecipientNotice
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import Language, PrivacyRequest
from rightsdesk.domain.shards import WHOLE, Shard
from rightsdesk.domain.suppression import Suppression
from rightsdesk.ports.campaigns import Member, MemberPage
from rightsdesk.ports.codes import IssuedCode
from rightsdesk.ports.letters import CLAIM_LASTS
from rightsdesk.ports.people import Account, HeldOrder
from rightsdesk.ports.sources import StoredObject


class ProcessDiedError(BaseException):
    """A Lambda that ran out of time or memory: nothing of ours runs any more, no `except Exception` either."""


class How(Enum):
    """How a call fails."""

    UNAVAILABLE = "unavailable"  # an error, and nothing was done
    ANSWER_LOST = "answer lost"  # an error, and it was done
    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"


class Faults:
    """Every call to a fake, by name, and the one that is to fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._fails_at: int | None = None
        self._how = How.UNAVAILABLE
        self._before: dict[str, Callable[[], object]] = {}

    def before(self, call: str, act: Callable[[], object]) -> None:
        """Somebody acts at the last moment: just before the next call of this name, once."""
        self._before[call] = act

    def fail(self, at: int, how: How) -> None:
        """The call with this position (from 0, counted from the beginning) fails."""
        self._fails_at, self._how = at, how

    @property
    def happened(self) -> bool:
        return self._fails_at is not None and self._fails_at < len(self.calls)

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        self._before.pop(name, lambda: None)()
        fails = self._fails_at == len(self.calls)
        self.calls.append(name)
        if fails and self._how is How.UNAVAILABLE:
            raise ServiceUnavailableError(name)
        if fails and self._how is How.DIES_BEFORE:
            raise ProcessDiedError(name)
        yield
        if fails and self._how is How.ANSWER_LOST:
            raise ServiceUnavailableError(name)
        if fails and self._how is How.DIES_AFTER:
            raise ProcessDiedError(name)


class FakeTable:
    """The case table: what the stores share, with one lock."""

    def __init__(self, faults: Faults) -> None:
        self.lock = threading.RLock()
        self.cases: dict[str, str] = {}  # as JSON: nothing is shared, and only what a store can keep
        self.events: dict[str, list[AuditEvent]] = defaultdict(list)
        self.sources: dict[str, dict[str, SourceState]] = defaultdict(dict)
        self.erasures: dict[str, dict[str, str]] = defaultdict(dict)
        self.notices: dict[tuple[str, str], str] = {}
        self.messages: dict[str, list[str]] = defaultdict(list)
        self.letters: dict[tuple[str, str, str, int], datetime | None] = {}  # None: sent; else when it was claimed
        self.letter_records: dict[tuple[str, str, str, int], LetterRecord] = {}
        self.decisions: dict[str, list[FieldDecision]] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.tries: dict[tuple[str, date], int] = defaultdict(int)
        self.evidence: dict[str, tuple[str, str]] = {}
        self.tokens: dict[tuple[str, str], str] = {}
        self.kept_until: dict[str, datetime] = {}
        self._faults = faults

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        with self.lock, self._faults.call(name):
            yield

    def erased_states(self, request_id: str) -> dict[str, SourceErasure]:
        """How far each source is, read past the faults."""
        return by_source(self.erased_shards(request_id))

    def erased_shards(self, request_id: str) -> list[SourceErasure]:
        return [SourceErasure.model_validate_json(state) for state in self.erasures[request_id].values()]


class FakeCaseStore:
    def __init__(self, table: FakeTable) -> None:
        self._table = table

    def create(self, case: PrivacyRequest, event: AuditEvent) -> None:
        with self._table.call("cases.create"):
            if case.request_id in self._table.cases:
                raise ConflictError("exists")
            self._write(case, event)

    def get(self, request_id: str) -> PrivacyRequest:
        with self._table.call("cases.get"):
            return self._read(request_id)

    def find(self, reference: str) -> PrivacyRequest:
        with self._table.call("cases.find"):
            for request_id in self._table.cases:
                if self._read(request_id).reference == reference:
                    return self._read(request_id)
            raise NotFoundError("no such request")

    def save(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent) -> None:
        with self._table.call("cases.save"):
            self.write_over(before, after, event)

    def write_over(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent) -> None:
        """For a call that writes more, all of it or nothing."""
        now = self._read(before.request_id)
        if (now.version, now.status) != (before.version, before.status):
            raise ConflictError("the case has moved on")
        self._write(after, event)

    def timeline(self, request_id: str) -> list[AuditEvent]:
        with self._table.call("cases.timeline"):
            return list(self._table.events[request_id])

    def open_by_due_date(self, *, limit: int, cursor: str | None) -> tuple[list[PrivacyRequest], str | None]:
        with self._table.call("cases.open_by_due_date"):
            found = [(key, request_id) for key, request_id in self._swept() if key > (cursor or "")]
            page = found[:limit]
            return [self._read(request_id) for _, request_id in page], page[-1][0] if len(found) > limit else None

    def open_ids_due_by(self, day: date) -> Iterator[str]:
        with self._table.call("cases.open_ids_due_by"):
            found = [request_id for key, request_id in self._swept() if key[:10] <= day.isoformat()]
        yield from found

    def of_subject(self, subject_key: str) -> list[str]:
        with self._table.call("cases.of_subject"):
            cases = [self._read(request_id) for request_id in self._table.cases]
            newest_first = sorted(cases, key=lambda case: case.received_at, reverse=True)
            return [case.request_id for case in newest_first if subject_key in (case.subject_key, *case.person_keys)]

    def put_source(self, request_id: str, state: SourceState) -> None:
        with self._table.call("cases.put_source"):
            if not self._read(request_id).is_open:
                raise ConflictError("closed")
            self._table.sources[request_id][state.source] = SourceState.model_validate_json(state.model_dump_json())

    def sources(self, request_id: str) -> dict[str, SourceState]:
        with self._table.call("cases.sources"):
            return dict(self._table.sources[request_id])

    def put_erasure(self, request_id: str, state: SourceErasure) -> None:
        with self._table.call("cases.put_erasure"):
            if not self._read(request_id).is_open:
                raise ConflictError("closed")
            key = _shard_key(state.source, state.shard, state.shards)
            self._table.erasures[request_id][key] = state.model_dump_json()

    def erasures(self, request_id: str) -> dict[str, SourceErasure]:
        with self._table.call("cases.erasures"):
            return self._table.erased_states(request_id)

    def erasure_shard(self, request_id: str, source: str, shard: Shard) -> SourceErasure | None:
        with self._table.call("cases.erasure_shard"):
            stored = self._table.erasures[request_id].get(_shard_key(source, shard.number, shard.of))
            return SourceErasure.model_validate_json(stored) if stored else None

    def erasure_shards(self, request_id: str) -> list[SourceErasure]:
        with self._table.call("cases.erasure_shards"):
            return self._table.erased_shards(request_id)

    def claim_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime) -> bool:
        with self._table.call("cases.claim_letter"):
            key = (request_id, letter, recipient_key, version)
            if key in self._table.letters:
                claimed_at = self._table.letters[key]
                if claimed_at is None:
                    return False
                refused = self._table.letter_records[key].state is DeliveryState.FAILED
                if at - claimed_at < CLAIM_LASTS and not refused:
                    raise ServiceUnavailableError("the letter is being sent")
            self._table.letters[key] = at
            self._table.letter_records[key] = LetterRecord(
                letter=letter,
                recipient_key=recipient_key,
                version=version,
                state=DeliveryState.PENDING,
                at=at,
            )
            return True

    def letter_sent(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime, sha256: str
    ) -> None:
        with self._table.call("cases.letter_sent"):
            key = (request_id, letter, recipient_key, version)
            self._table.letters[key] = None
            known = self._table.letter_records[key]
            news = {"state": DeliveryState.SENT, "at": at} if known.state is DeliveryState.PENDING else {}
            self._table.letter_records[key] = known.model_copy(update={"sent_at": at, "sha256": sha256} | news)

    def release_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int) -> None:
        with self._table.call("cases.release_letter"):
            self._table.letters.pop((request_id, letter, recipient_key, version), None)
            self._table.letter_records.pop((request_id, letter, recipient_key, version), None)

    def letter_news(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, state: DeliveryState, at: datetime
    ) -> bool:
        with self._table.call("cases.letter_news"):
            key = (request_id, letter, recipient_key, version)
            known = self._table.letter_records.get(key)
            if known is None or not known.state.may_become(state):
                return False
            sent = {"sent_at": known.sent_at or at} if state.was_sent else {}
            if sent:
                self._table.letters[key] = None
            self._table.letter_records[key] = known.model_copy(update={"state": state, "at": at} | sent)
            return True

    def letters(self, request_id: str) -> list[LetterRecord]:
        with self._table.call("cases.letters"):
            return [record for key, record in self._table.letter_records.items() if key[0] == request_id]

    def put_decisions(self, request_id: str, decisions: Sequence[FieldDecision]) -> None:
        with self._table.call("cases.put_decisions"):
            self._table.decisions[request_id] = list(decisions)

    def decisions(self, request_id: str) -> list[FieldDecision]:
        with self._table.call("cases.decisions"):
            return list(self._table.decisions.get(request_id, ()))

    def received_in(self, month: str) -> Iterator[PrivacyRequest]:
        with self._table.call("cases.received_in"):
            found = [self._read(request_id) for request_id in self._table.cases]
        yield from sorted(
            (case for case in found if case.received_at.strftime("%Y-%m") == month), key=lambda case: case.received_at
        )

    def retire(self, request_id: str, *, expires_at: datetime) -> None:
        with self._table.call("cases.retire"):
            self._table.codes.pop(request_id, None)
            self._table.evidence.pop(request_id, None)
            for key in [key for key in self._table.tokens if key[0] == request_id]:
                del self._table.tokens[key]
            self._table.kept_until[request_id] = expires_at

    def _read(self, request_id: str) -> PrivacyRequest:
        if request_id not in self._table.cases:
            raise NotFoundError("no such request")
        return PrivacyRequest.model_validate_json(self._table.cases[request_id])

    def _write(self, case: PrivacyRequest, event: AuditEvent) -> None:
        events = self._table.events[case.request_id]
        if any(known.sequence == event.sequence for known in events):
            raise ConflictError("the event exists")
        self._table.cases[case.request_id] = case.model_dump_json(warnings="error")
        events.append(AuditEvent.model_validate_json(event.model_dump_json()))

    def _swept(self) -> list[tuple[str, str]]:
        cases = [self._read(request_id) for request_id in self._table.cases]
        return sorted((f"{case.swept_from}#{case.request_id}", case.request_id) for case in cases if case.swept_from)


def _shard_key(source: str, shard: int, shards: int) -> str:
    return source if shards == 1 else f"{source}#{shard}"


class FakeMessages:
    """Keeps the port Messages, in the table of the cases."""

    def __init__(self, table: FakeTable, cases: FakeCaseStore) -> None:
        self._table = table
        self._cases = cases

    def add(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent, message: Message) -> None:
        with self._table.call("messages.add"):
            if len(self._table.messages[after.request_id]) >= message.number:
                raise ConflictError("the message exists")
            self._cases.write_over(before, after, event)
            self._table.messages[after.request_id].append(message.model_dump_json())

    def of(self, request_id: str) -> list[Message]:
        with self._table.call("messages.of"):
            return [Message.model_validate_json(stored) for stored in self._table.messages[request_id]]


class FakeRecipientNotices:
    """Keeps the port RecipientNotices, in the table of the cases."""

    def __init__(self, table: FakeTable, cases: FakeCaseStore) -> None:
        self._table = table
        self._cases = cases

    def of(self, request_id: str) -> list[RecipientNotice]:
        with self._table.call("notices.of"):
            return [
                RecipientNotice.model_validate_json(stored)
                for (case, _), stored in sorted(self._table.notices.items())
                if case == request_id
            ]

    def get(self, request_id: str, recipient: str) -> RecipientNotice:
        with self._table.call("notices.get"):
            if (request_id, recipient) not in self._table.notices:
                raise NotFoundError("no such notice")
            return RecipientNotice.model_validate_json(self._table.notices[request_id, recipient])

    def find(self, notice_id: str) -> tuple[str, RecipientNotice]:
        with self._table.call("notices.find"):
            for (request_id, _), stored in self._table.notices.items():
                notice = RecipientNotice.model_validate_json(stored)
                if notice.notice_id == notice_id:
                    return request_id, notice
                if notice.follows is not None and notice.follows.notice_id == notice_id:
                    raise GoneError("notice_replaced")
            raise NotFoundError("no such notice")

    def add(
        self,
        before: PrivacyRequest,
        after: PrivacyRequest,
        event: AuditEvent,
        notices: tuple[RecipientNotice, ...],
        *,
        instead_of: Mapping[str, RecipientNotice] = MappingProxyType({}),
    ) -> None:
        with self._table.call("notices.add"):
            for notice in notices:
                former = instead_of.get(notice.recipient)
                if self._table.notices.get((after.request_id, notice.recipient)) != (
                    former and former.model_dump_json()
                ):
                    raise ConflictError("it is not as it was")
            self._cases.write_over(before, after, event)
            for notice in notices:
                self._table.notices[after.request_id, notice.recipient] = notice.model_dump_json()

    def save(
        self,
        before: PrivacyRequest,
        after: PrivacyRequest,
        event: AuditEvent,
        notice_before: RecipientNotice,
        notice: RecipientNotice,
    ) -> None:
        key = (after.request_id, notice.recipient)
        with self._table.call("notices.save"):
            if RecipientNotice.model_validate_json(self._table.notices[key]).version != notice_before.version:
                raise ConflictError("the notice has moved on")
            self._cases.write_over(before, after, event)
            self._table.notices[key] = notice.model_dump_json()

    def keep(self, request_id: str, notice_before: RecipientNotice, notice: RecipientNotice) -> None:
        key = (request_id, notice.recipient)
        with self._table.call("notices.keep"):
            if RecipientNotice.model_validate_json(self._table.notices[key]).version != notice_before.version:
                raise ConflictError("the notice has moved on")
            self._table.notices[key] = notice.model_dump_json()


class FakeCodeStore:
    def __init__(self, table: FakeTable) -> None:
        self._table = table

    def issue(self, request_id: str, code: IssuedCode, *, at: datetime, min_gap: timedelta, per_day: int) -> bool:
        with self._table.call("codes.issue"):
            item = self._table.codes.setdefault(request_id, {"digest": None})
            if item["digest"] and item["issued_at"] > at - min_gap:
                return False
            if item.get("code_day") != at.date():
                item |= {"code_day": at.date(), "codes_today": 0}
            if item["codes_today"] >= per_day:
                return False
            item["codes_today"] += 1
            item |= {"digest": code.digest, "code": code, "issued_at": at, "code_tries": 0}
            return True

    def count_try(self, request_id: str, *, at: datetime, per_code: int, per_day: int) -> IssuedCode | None:
        with self._table.call("codes.count_try"):
            item = self._table.codes.get(request_id)
            if item is None or not item["digest"] or item["code_tries"] >= per_code:
                return None
            if item.get("try_day") != at.date():
                item |= {"try_day": at.date(), "tries_today": 0}
            if item["tries_today"] >= per_day:
                return None
            item["code_tries"] += 1
            item["tries_today"] += 1
            code: IssuedCode = item["code"]
            return code.model_copy(update={"last_try": item["tries_today"] >= per_day})

    def consume(self, request_id: str, digest: str) -> bool:
        with self._table.call("codes.consume"):
            item = self._table.codes.get(request_id)
            if item is None or item["digest"] != digest:
                return False
            item["digest"] = None
            return True

    def leave_evidence(self, request_id: str, *, order_number: str, postcode: str, expires_at: datetime) -> None:
        with self._table.call("codes.leave_evidence"):
            self._table.evidence[request_id] = (order_number, postcode)

    def left_evidence(self, request_id: str) -> tuple[str, str] | None:
        with self._table.call("codes.left_evidence"):
            return self._table.evidence.get(request_id)

    def drop_evidence(self, request_id: str, evidence: tuple[str, str]) -> None:
        with self._table.call("codes.drop_evidence"):
            if self._table.evidence.get(request_id) == evidence:
                del self._table.evidence[request_id]

    def count_evidence_try(self, key: str, *, at: datetime, per_day: int) -> bool:
        with self._table.call("codes.count_evidence_try"):
            if self._table.tries[(key, at.date())] >= per_day:
                return False
            self._table.tries[(key, at.date())] += 1
            return True


class FakeTaskTokens:
    def __init__(self, table: FakeTable) -> None:
        self._table = table

    def park(self, request_id: str, task: str, token: str) -> None:
        with self._table.call("tokens.park"):
            self._table.tokens[(request_id, task)] = token

    def parked(self, request_id: str, task: str) -> str | None:
        with self._table.call("tokens.parked"):
            return self._table.tokens.get((request_id, task))


class FakeMailBudget:
    def __init__(self, faults: Faults, *, per_day: int = 3) -> None:
        self._faults = faults
        self._per_day = per_day
        self._lock = threading.Lock()
        self.sent: dict[str, dict[str, datetime]] = defaultdict(dict)

    def spend(self, subject_key: str, *, what: str, at: datetime, min_gap: timedelta) -> bool:
        with self._lock, self._faults.call("budget.spend"):
            sent = self.sent[subject_key]
            recent = {mail: then for mail, then in sent.items() if at - then < timedelta(days=1)}
            if what in recent:
                return True
            if len(recent) >= self._per_day or any(at - then < min_gap for then in recent.values()):
                return False
            sent[what] = at
            return True


@dataclass
class FakeWorkflow:
    """What was asked of the state machines. `running` holds (machine, request id, attempt)."""

    faults: Faults
    started: list[tuple[str, int, str]] = field(default_factory=list)  # request id, attempt, entry
    watches: list[tuple[str, int, datetime]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)  # token -> the first output
    stopped: list[tuple[str, int]] = field(default_factory=list)
    running: set[tuple[str, str, int]] = field(default_factory=set)

    def start(self, request_id: str, *, attempt: int, entry: str) -> None:
        with self.faults.call("workflow.start"):
            if (request_id, attempt) not in [(known, number) for known, number, _ in self.started]:
                self.started.append((request_id, attempt, entry))
                self.running.add(("privacy_request", request_id, attempt))

    def watch(self, request_id: str, *, attempt: int, wake_at: datetime) -> None:
        with self.faults.call("workflow.watch"):
            if (request_id, attempt) not in [(known, number) for known, number, _ in self.watches]:
                self.watches.append((request_id, attempt, wake_at))
                self.running.add(("deadline_watch", request_id, attempt))

    def succeed(self, token: str, output: dict[str, Any]) -> None:
        with self.faults.call("workflow.succeed"):
            self.answers.setdefault(token, json.loads(json.dumps(output, default=workflow_time)))

    def stop(self, request_id: str, *, attempt: int) -> None:
        with self.faults.call("workflow.stop"):
            self.stopped.append((request_id, attempt))
            self.running.discard(("privacy_request", request_id, attempt))

    def is_running(self, request_id: str, *, machine: str, attempt: int) -> bool:
        with self.faults.call("workflow.is_running"):
            return (machine, request_id, attempt) in self.running


class FakeMailer:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.outbox: list[OutgoingMail] = []
        self.rejects: set[str] = set()  # addresses that no mail is taken for

    def send(self, mail: OutgoingMail) -> str:
        with self._faults.call("mailer.send"):
            if mail.to in self.rejects:
                raise MailRejectedError("MessageRejected")
            self.outbox.append(mail)
            return f"message-{len(self.outbox)}"


@dataclass(frozen=True)
class Printed:
    """A letter as services asked for it."""

    letter: Letter
    language: Language
    values: Mapping[str, Any]
    to: str


class PlainPress:
    """A letter press that keeps what it was given, and prints little."""

    def __init__(self) -> None:
        self.printed: list[Printed] = []

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        self.printed.append(Printed(letter, language, dict(values), to))
        return OutgoingMail(to=to, subject=str(letter), text=str(values.get("code", "")), html="")


class FakeDirectory:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.accounts: dict[str, Account] = {}
        self.orders: dict[str, HeldOrder] = {}
        self.guests: set[str] = set()  # addresses without an account that lead to something

    def account_of(self, address: str) -> Account | None:
        with self._faults.call("directory.account_of"):
            return self.accounts.get(address)

    def knows(self, address: str) -> bool:
        with self._faults.call("directory.knows"):
            return address in self.guests

    def order(self, number: str) -> HeldOrder | None:
        with self._faults.call("directory.order"):
            return self.orders.get(number)


class FakeSuppressions:
    """Every entry once; of an identifier that was erased twice, the last is found."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.entries: dict[tuple[str, datetime], Suppression] = {}

    def put(self, entries: Iterable[Suppression]) -> None:
        for entry in entries:
            with self._faults.call("suppressions.put"):
                self.entries[entry.digest, entry.erased_at] = entry

    def find(self, digest: str) -> Suppression | None:
        with self._faults.call("suppressions.find"):
            found = [entry for entry in self.entries.values() if entry.digest == digest]
            return max(found, key=lambda entry: entry.erased_at, default=None)

    def since(self, start: date, until: date) -> Iterator[Suppression]:
        with self._faults.call("suppressions.since"):
            found = [entry for entry in self.entries.values() if start <= entry.erased_at.date() <= until]
            yield from sorted(found, key=lambda entry: entry.erased_at)


class FakePermissions:
    """Entries by digest; each is saved as the next version of what was read, or none is."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.standings: dict[str, Standing] = {}
        self.entries: dict[str, tuple[ConsentEntry, ...]] = defaultdict(tuple)

    def find(self, digest: str) -> Standing | None:
        with self._faults.call("permissions.find"):
            return self.standings.get(digest)

    def ledger(self, digest: str) -> tuple[ConsentEntry, ...]:
        with self._faults.call("permissions.ledger"):
            return self.entries[digest]

    def save(self, standings: Sequence[Standing], entries: Mapping[str, Sequence[ConsentEntry]] | None = None) -> None:
        with self._faults.call("permissions.save"):
            for standing in standings:
                stored = self.standings.get(standing.digest)
                if (stored.version if stored else 0) != standing.version:
                    raise ConflictError("the item has moved on")
            for standing in standings:
                self.standings[standing.digest] = standing.model_copy(update={"version": standing.version + 1})
            for digest, entered in (entries or {}).items():
                self.entries[digest] += tuple(entered)


class FakeAcceptances:
    """By digest and version; what is there stays."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.entries: dict[tuple[str, str], Acceptance] = {}

    def enter(self, digest: str, acceptance: Acceptance) -> bool:
        with self._faults.call("acceptances.enter"):
            return self.entries.setdefault((digest, acceptance.version), acceptance) is acceptance

    def all(self, digest: str) -> tuple[Acceptance, ...]:
        with self._faults.call("acceptances.all"):
            return tuple(each for (known, _), each in self.entries.items() if known == digest)


class FakeCampaigns:
    """Each campaign is saved as the next version of what was read; a claim has one winner."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.campaigns: dict[str, Campaign] = {}
        self.questions: dict[tuple[str, str], Asked] = {}
        self.back: dict[tuple[str, str], DeliveryState] = {}

    def all(self) -> list[Campaign]:
        with self._faults.call("campaigns.all"):
            return sorted(self.campaigns.values(), key=lambda campaign: campaign.started_at, reverse=True)

    def save(self, campaign: Campaign) -> None:
        with self._faults.call("campaigns.save"):
            stored = self.campaigns.get(campaign.id)
            if (stored.version if stored else 0) != campaign.version:
                raise ConflictError("the item has moved on")
            self.campaigns[campaign.id] = campaign.model_copy(update={"version": campaign.version + 1})

    def ask(self, digest: str, purpose: str, campaign: str, *, at: datetime, not_since: datetime) -> bool:
        with self._faults.call("campaigns.ask"):
            known = self.questions.get((digest, purpose))
            if known is not None and known.asked_at >= not_since:
                return False
            self.questions[digest, purpose] = Asked(campaign=campaign, asked_at=at)
            return True

    def asked(self, digest: str, purpose: str) -> Asked | None:
        with self._faults.call("campaigns.asked"):
            return self.questions.get((digest, purpose))

    def remind(self, digest: str, purpose: str, campaign: str, *, at: datetime) -> bool:
        with self._faults.call("campaigns.remind"):
            known = self.questions.get((digest, purpose))
            if known is None or known.campaign != campaign or known.reminded_at is not None:
                return False
            self.questions[digest, purpose] = known.model_copy(update={"reminded_at": at})
            return True

    def take_back(self, digest: str, purpose: str, campaign: str, *, reminder: bool) -> None:
        with self._faults.call("campaigns.take_back"):
            known = self.questions.get((digest, purpose))
            if known is None or known.campaign != campaign:
                return
            if reminder:
                self.questions[digest, purpose] = known.model_copy(update={"reminded_at": None})
            else:
                del self.questions[digest, purpose]

    def came_back(self, digest: str, campaign: str, state: DeliveryState, *, at: datetime) -> None:
        with self._faults.call("campaigns.came_back"):
            self.back.setdefault((digest, campaign), state)

    def has_come_back(self, digest: str, campaign: str) -> bool:
        with self._faults.call("campaigns.has_come_back"):
            return (digest, campaign) in self.back

    def returned(self, campaign: str) -> Returned:
        with self._faults.call("campaigns.returned"):
            return Returned.model_validate(Counter(s.value for (_, c), s in self.back.items() if c == campaign))


class FakeMembers:
    """The shop's members, in the order of the list."""

    def __init__(self, faults: Faults, members: Sequence[Member] = ()) -> None:
        self._faults = faults
        self.members = list(members)

    def page(self, after: str | None, *, most: int) -> MemberPage:
        with self._faults.call("members.page"):
            start = int(after or 0)
            end = start + most
            next_key = str(end) if end < len(self.members) else None
            return MemberPage(members=tuple(self.members[start:end]), next_key=next_key)


class FakeKeyring:
    def key(self, purpose: str) -> bytes:
        return hashlib.sha256(purpose.encode()).digest()


class FakeBucket:
    """The export bucket: what is there by key."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.objects: dict[str, bytes] = {}
        self.rows: dict[str, list[Record]] = {}  # of the objects under work/

    def remove(self, prefix: str) -> int:
        keys = [key for key in self.objects if key.startswith(prefix)]
        for key in keys:
            del self.objects[key]
            self.rows.pop(key, None)
        return len(keys)


class _Part(io.BytesIO):
    """An upload: there when it is closed in peace, and not at all when it is left by an exception."""

    def __init__(self, bucket: FakeBucket, key: str) -> None:
        super().__init__()
        self._bucket, self._key, self._aborted = bucket, key, False

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._aborted = kind is not None
        self.close()

    def close(self) -> None:
        if not self.closed and not self._aborted:
            with self._bucket.faults.call("exports.close_part"):
                self._bucket.objects[self._key] = self.getvalue()
        super().close()

    def seekable(self) -> bool:
        return False


class FakeExportStore:
    def __init__(self, bucket: FakeBucket) -> None:
        self._bucket = bucket
        self._made = 0

    def new_prefix(self, request_id: str) -> str:
        self._made += 1
        return f"exports/{request_id}/{self._made}/"

    def open_part(self, key: str) -> BinaryIO:
        return _Part(self._bucket, key)

    def open_zip(self, key: str) -> BinaryIO:
        with self._bucket.faults.call("exports.open_zip"):
            if key not in self._bucket.objects:
                raise NotFoundError("no such object")
            return io.BytesIO(self._bucket.objects[key])

    def keep_receipt(self, key: str, text: str) -> None:
        with self._bucket.faults.call("exports.keep_receipt"):
            self._bucket.objects[key] = text.encode()

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        return f"https://bucket.example/{key}?X-Amz-Expires={int(lifetime.total_seconds())}&name={filename}"

    def discard(self, prefix: str) -> None:
        with self._bucket.faults.call("exports.discard"):
            self._bucket.remove(prefix)

    def purge(self, prefixes: Iterable[str]) -> int:
        with self._bucket.faults.call("exports.purge"):
            return sum(self._bucket.remove(prefix) for prefix in prefixes)


class NoOutbound:
    """Nobody is called by who has nobody to call."""

    def send(self, outgoing: Outgoing) -> Answer:
        raise AssertionError("nobody was to be called")


class FakeRecordStore:
    def __init__(self, bucket: FakeBucket) -> None:
        self._bucket = bucket

    def write(self, request_id: str, name: str, records: Iterable[Record]) -> StoredObject:
        rows = list(records)
        with self._bucket.faults.call("records.write"):
            self._bucket.objects[_work(request_id, name)] = b"rows"
            self._bucket.rows[_work(request_id, name)] = rows
        return StoredObject(key=_work(request_id, name), rows=len(rows), bytes=4, sha256="0" * 64)

    def read(self, request_id: str, name: str) -> Iterator[Record]:
        with self._bucket.faults.call("records.read"):
            if _work(request_id, name) not in self._bucket.rows:
                raise NotFoundError("no such object")
            return iter(self._bucket.rows[_work(request_id, name)])

    def exists(self, request_id: str, name: str) -> bool:
        with self._bucket.faults.call("records.exists"):
            return _work(request_id, name) in self._bucket.objects

    def delete(self, request_id: str, name: str) -> None:
        with self._bucket.faults.call("records.delete"):
            self._bucket.remove(_work(request_id, name))


class FakeReader:
    """A source: (collection path, identifier, value) -> records."""

    def __init__(self, faults: Faults, rows: Mapping[tuple[str, str, str], list[Record]]) -> None:
        self._faults = faults
        self.rows = rows
        self.broken: Exception | None = None

    def read(self, collection: Collection, identifier: str, values: Iterable[str]) -> Iterator[Record]:
        with self._faults.call("source.read"):
            if self.broken:
                raise self.broken
        for value in values:
            yield from self.rows.get((collection.path, identifier, value), [])


class FakeEraser:
    """Erases among the rows of a FakeReader, each write by itself. `kept_back`: places that lie, and stay."""

    def __init__(self, faults: Faults, reader: FakeReader, shard: Shard = WHOLE) -> None:
        self._faults = faults
        self._reader = reader
        self._shard = shard
        self.kept_back: set[str] = set()

    def of_shard(self, shard: Shard) -> "FakeEraser":
        eraser = FakeEraser(self._faults, self._reader, shard)
        eraser.kept_back = self.kept_back
        return eraser

    def find(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> Iterator[RowFound]:
        for record in self._reader.read(collection, identifier, values):
            if not self._shard.holds(_place_of(record)):
                continue
            if collection.links and not any(record.get(name) for name in collection.links):
                continue  # nothing leads to it any more
            change = rule(record)
            expected = _digest(_reduced(record, change)) if change.fate is RowFate.REDUCE else None
            yield RowFound(
                collection=collection.path,
                place=_place_of(record),
                before=_digest(record),
                expected=expected,
                change=change,
            )

    def carry_out(
        self, collection: Collection, rows: Iterable[RowFound], identifiers: Mapping[str, Sequence[str]], rule: Rule
    ) -> Iterator[RowDone]:
        for row in rows:
            if row.change.fate is RowFate.KEEP:
                continue
            with self._faults.call("source.erase"):
                if self._reader.broken:
                    raise self._reader.broken
                state = self._erase(collection.path, row)
            yield RowDone(
                collection=collection.path, place=row.place, state=state, after=self._now(collection.path, row.place)
            )

    def _now(self, path: str, place: str) -> str | None:
        """The digest of what is there."""
        of_path = [
            record for (known, _, _), records in self._reader.rows.items() if known == path for record in records
        ]
        return next((_digest(record) for record in of_path if _place_of(record) == place), None)

    def _erase(self, path: str, row: RowFound) -> RowState:
        for (known, _, _), records in self._reader.rows.items():
            for position, record in enumerate(records if known == path else ()):
                if _place_of(record) != row.place:
                    continue
                digest = _digest(record)
                if digest == row.expected:
                    return RowState.WAS_DONE
                if digest != row.before:
                    return RowState.CHANGED
                if row.place in self.kept_back:
                    return RowState.DONE
                if row.change.fate is RowFate.DELETE:
                    del records[position]
                else:
                    records[position] = _reduced(record, row.change)
                return RowState.DONE
        return RowState.WAS_DONE if row.change.fate is RowFate.DELETE else RowState.GONE

    def remains(self, collection: Collection, identifier: str, values: Iterable[str], rule: Rule) -> int:
        return sum(
            row.change.fate is RowFate.DELETE or (row.change.fate is RowFate.REDUCE and row.expected != row.before)
            for row in self.find(collection, identifier, values, rule)
        )


class FakeHolds:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.placed: dict[tuple[str, HoldReason], Hold] = {}
        self.ending: dict[tuple[str, HoldReason], datetime] = {}

    def of(self, subject_key: str) -> list[Hold]:
        with self._faults.call("holds.of"):
            return [hold for (key, _), hold in self.placed.items() if key == subject_key]

    def place(self, subject_key: str, hold: Hold) -> None:
        with self._faults.call("holds.place"):
            self.placed.setdefault((subject_key, hold.reason), hold)
            self.ending.pop((subject_key, hold.reason), None)

    def lift(self, subject_key: str, reason: HoldReason) -> bool:
        with self._faults.call("holds.lift"):
            return self.placed.pop((subject_key, reason), None) is not None

    def end(self, subject_key: str, reason: HoldReason, *, at: datetime) -> None:
        with self._faults.call("holds.end"):
            if (subject_key, reason) in self.placed:
                self.ending[subject_key, reason] = at


def _digest(record: Record) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _reduced(record: Record, change: RowChange) -> Record:
    return {name: value for name, value in record.items() if name not in change.remove}


def _place_of(record: Record) -> str:
    return json.dumps([record.get("pk"), record.get("sk")])


class FakeEvidenceStore:
    def __init__(self) -> None:
        self.events: dict[tuple[str, int], AuditEvent] = {}

    def put(self, event: AuditEvent) -> None:
        self.events[(event.request_id, event.sequence)] = event


def _work(request_id: str, name: str) -> str:
    return f"work/{request_id}/{name}"
