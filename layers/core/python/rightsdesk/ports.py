"""What services need from the outside world, as Protocols. Adapters and sources keep them; tests pass fakes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.identity import CodePurpose
from rightsdesk.domain.letters import DeliveryState, Letter, LetterRecord, OutgoingMail
from rightsdesk.domain.links import Links
from rightsdesk.domain.request import Language, PrivacyRequest
from rightsdesk.domain.staff import Role

if TYPE_CHECKING:  # public functions import this module, and have no data map and no mail
    from rightsdesk.domain.collecting import SourceState
    from rightsdesk.domain.datamap import Collection, Source
    from rightsdesk.domain.decisions import FieldDecision
    from rightsdesk.domain.erasing import RowDone, RowFound
    from rightsdesk.domain.erasure_plan import SourceErasure
    from rightsdesk.domain.erasure_review import Hold, HoldReason
    from rightsdesk.domain.erasure_rule import Rule
    from rightsdesk.domain.mail_item import MailContent, MailItem
    from rightsdesk.domain.records import Record
    from rightsdesk.domain.restored import Identifier
    from rightsdesk.domain.retention_ledger import RetentionEntry
    from rightsdesk.domain.shards import Shard
    from rightsdesk.domain.suppression import Suppression

_SAVES = 3
CLAIM_LASTS = timedelta(minutes=5)  # as long as the longest function that sends mail may run

Clock = Callable[[], datetime]  # aware, UTC
LinkSource = Callable[[], Links]  # of the stack, or of the call that is being answered


class IssuedCode(BaseModel):
    """The one live code of a request."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    purpose: CodePurpose
    digest: str
    expires_at: datetime
    last_try: bool = False  # of the day: from here on the request is locked


class CaseStore(Protocol):
    """Cases, their history, and what hangs on them. A change and its event are written together or not at all."""

    def create(self, case: PrivacyRequest, event: AuditEvent) -> None:
        """Write a new case and its first event. ConflictError where either exists."""

    def get(self, request_id: str) -> PrivacyRequest:
        """NotFoundError where there is none."""

    def find(self, reference: str) -> PrivacyRequest:
        """By canonical reference. NotFoundError where there is none."""

    def save(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent) -> None:
        """ConflictError where the case is no longer as `before` (version)."""

    def timeline(self, request_id: str) -> list[AuditEvent]: ...

    def open_by_due_date(self, *, limit: int, cursor: str | None) -> tuple[list[PrivacyRequest], str | None]:
        """Open cases by target date, oldest first, a page at a time.

        The cursor is day and id of the last case of a page: `2026-10-05#<request id>`.
        """

    def open_ids_due_by(self, day: date) -> Iterator[str]:
        """Ids of the cases with `swept_from` on or before `day`: work grows with what is due."""

    def of_subject(self, subject_key: str) -> list[str]:
        """Ids of all the cases of a person, newest first."""

    def put_source(self, request_id: str, state: "SourceState") -> None: ...

    def sources(self, request_id: str) -> dict[str, "SourceState"]: ...

    def put_erasure(self, request_id: str, state: "SourceErasure") -> None:
        """How far the erasing of one source is. ConflictError for a closed case, as with `put_source`."""

    def erasures(self, request_id: str) -> "dict[str, SourceErasure]":
        """By source; those that are worked on in shards put together, once each of these is planned."""

    def erasure_shard(self, request_id: str, source: str, shard: "Shard") -> "SourceErasure | None":
        """How far one shard of a source is; None before it is planned."""

    def erasure_shards(self, request_id: str) -> "list[SourceErasure]":
        """All that there are, of all sources."""

    def claim_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime) -> bool:
        """True for the one who may send it now; False where it was sent.

        ServiceUnavailableError while somebody else is sending it. A claim older than CLAIM_LASTS was left by a process
        that died, and is taken over: a letter may come twice in that rare case, but it always comes. One that the mail
        service refused at once may be tried again.
        """

    def letter_sent(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, at: datetime, sha256: str
    ) -> None:
        """Make a claim last: nobody sends this again. News that came before stays. `sha256`: `letter_sha256`."""

    def letter_news(
        self, request_id: str, letter: str, *, recipient_key: str, version: int, state: DeliveryState, at: datetime
    ) -> bool:
        """Keep what the mail service says became of it. False for old news, and for a letter that is not known.

        News of a letter that was sent makes its claim last, too: who sent it may have died before saying so.
        """

    def letters(self, request_id: str) -> list[LetterRecord]:
        """Every letter about a case, oldest first."""

    def release_letter(self, request_id: str, letter: str, *, recipient_key: str, version: int) -> None:
        """Give a claim back: sending failed, so a retry may send."""

    def put_decisions(self, request_id: str, decisions: "Sequence[FieldDecision]") -> None:
        """Keep the decisions per field; those made before for the case are replaced."""

    def decisions(self, request_id: str) -> "list[FieldDecision]":
        """In the order of the data map; none before the plan was decided."""

    def received_in(self, month: str) -> Iterator[PrivacyRequest]:
        """Every case received in a month (`2026-10`, UTC), oldest first, open and closed: work grows with the month.

        What was received in the last second may be missing.
        """

    def retire(self, request_id: str, *, expires_at: datetime) -> None:
        """For a closed case: drop codes and task tokens, and let the rest go at `expires_at`."""


Change = Callable[[PrivacyRequest], tuple[PrivacyRequest, AuditEvent] | None]
"""Makes a change of a case and its event; None where nothing is left to change. Raises where it may not be made."""


def save_anyway(cases: CaseStore, case: PrivacyRequest, change: Change) -> PrivacyRequest:
    """Save what holds whatever step the workflow takes meanwhile; the case as it is then.

    Where the case has moved on, the change is made again, of the case as it stands. ConflictError at the third time.
    """
    for attempt in range(1, _SAVES + 1):
        made = change(case)
        if made is None:
            return case
        after, event = made
        try:
            cases.save(case, after, event)
        except ConflictError:
            if attempt == _SAVES:
                raise
            case = cases.get(case.request_id)
        else:
            return after
    raise AssertionError("the last attempt returns or raises")


def others_of(cases: CaseStore, case: PrivacyRequest) -> list[PrivacyRequest]:
    """All other cases of the same person, newest first."""
    ids = cases.of_subject(case.subject_key)
    return [cases.get(request_id) for request_id in ids if request_id != case.request_id]


class Holds(Protocol):
    """Why the data of a person must not go for the time being (GDPR 17(3)(e), 18(1)(c)). They outlive cases."""

    def of(self, subject_key: str) -> "list[Hold]":
        """Those that were not lifted, oldest first."""

    def place(self, subject_key: str, hold: "Hold") -> None:
        """One for each reason: placed again, it is the same."""

    def lift(self, subject_key: str, reason: "HoldReason") -> bool:
        """False where there is none."""


class CodeStore(Protocol):
    """The live code of a request and its counters: one conditional write counts, so parallel guesses all count."""

    def issue(self, request_id: str, code: IssuedCode, *, at: datetime, min_gap: timedelta, per_day: int) -> bool:
        """Replace the live code. The day's count of tries is kept.

        False within `min_gap` of one that was not used, or past `per_day`.
        """

    def count_try(self, request_id: str, *, at: datetime, per_code: int, per_day: int) -> IssuedCode | None:
        """Count one try and give the live code; None where there is none or a limit is reached."""

    def consume(self, request_id: str, digest: str) -> bool:
        """True for exactly one caller; the code is then gone."""

    def leave_evidence(self, request_id: str, *, order_number: str, postcode: str, expires_at: datetime) -> None:
        """Keep what a person entered until it is compared, apart and for a short time (mission P-01)."""

    def left_evidence(self, request_id: str) -> tuple[str, str] | None:
        """(order number, postcode), if any is there."""

    def drop_evidence(self, request_id: str, evidence: tuple[str, str]) -> None:
        """It was compared. What was entered since then stays."""

    def count_evidence_try(self, key: str, *, at: datetime, per_day: int) -> bool:
        """Count a try at facts under a key (a request, an order); False where the limit of the day is reached."""


class TaskTokens(Protocol):
    """Task tokens of waiting workflow states: kept on the server, never mailed."""

    def park(self, request_id: str, task: str, token: str) -> None: ...

    def parked(self, request_id: str, task: str) -> str | None:
        """The newest token; it may be used up already, which does no harm (`Workflow.succeed`)."""


class MailBudget(Protocol):
    """How many unasked mails an address may get (abuse case 38)."""

    def spend(self, subject_key: str, *, what: str, at: datetime, min_gap: timedelta) -> bool:
        """True where one more may go out: not within `min_gap` of the last, and not past the day's number.

        Asked again for the same `what` within a day, it is the same mail: True, and nothing more is spent.
        """


class Workflow(Protocol):
    """The two state machines."""

    def start(self, request_id: str, *, attempt: int, entry: str) -> None:
        """Start privacy_request; one that runs under this name already is left alone."""

    def watch(self, request_id: str, *, attempt: int, wake_at: datetime) -> None:
        """Start deadline_watch; one that runs under this name already is left alone."""

    def succeed(self, token: str, output: dict[str, Any]) -> None:
        """Resume a waiting task. A token that is used or stale is not an error here: the case's state decides."""

    def stop(self, request_id: str, *, attempt: int) -> None:
        """Stop privacy_request if it runs."""

    def is_running(self, request_id: str, *, machine: str, attempt: int) -> bool: ...


def resume(request_id: str, task: str, output: dict[str, Any], *, tokens: TaskTokens, workflow: Workflow) -> None:
    """Answer the state that waits for `task`, where one has parked its token. ServiceUnavailableError."""
    token = tokens.parked(request_id, task)
    if token is not None:
        workflow.succeed(token, output)


class Mailer(Protocol):
    def send(self, mail: OutgoingMail) -> str:
        """Hand over to the mail service; its message id. ServiceUnavailableError where it is down."""


LetterValues = Mapping[str, Any] | Callable[[], Mapping[str, Any] | None]
"""What a letter says; or what makes it, called by the one who sends it alone (None: nothing is sent)."""


class Correspondence(Protocol):
    """Letters about a case or a mail: in the reader's language, once for each letter, recipient and version."""

    def to_subject(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        """False where this version was sent before. ServiceUnavailableError where it could not be sent now."""

    def to_former_address(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, to: str) -> bool:
        """To an address that was the person's until now; who reads it there has proven nothing. Once for each."""

    def to_staff(
        self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1, to: str | None = None
    ) -> bool:
        """To the staff mailbox, or to one member of staff by address."""

    def to_sender(
        self,
        mail_id: str,
        letter: Letter,
        values: LetterValues,
        *,
        to: str,
        recipient_key: str,
        language: Language,
        version: int = 1,
    ) -> bool:
        """To the sender of a mail that is no request yet, or to the person of a case that may be gone, by its id.

        `recipient_key` stands for the address, and names nobody.
        """

    def to_staff_about_mail(self, mail_id: str, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        """To the staff mailbox, about a mail that is no request yet, or a case that may be gone."""


class LetterPress(Protocol):
    """Makes a mail of a letter: dates, phrases and names as the language writes them."""

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail: ...


class HeldOrder(BaseModel):
    """What the shop holds of an order, as far as a check of identity needs it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    order_number: str
    postcode: str
    owners: dict[str, tuple[str, ...]]  # whose it is: {"member_id": ("M-000001",)}, or a guest's {"email": ...}


class Account(BaseModel):
    """What the shop holds of an account, as far as a check of identity needs it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    identifiers: dict[str, tuple[str, ...]]
    mailbox_changed_at: datetime | None


class Directory(Protocol):
    """The shop's own word on who is who; used to check identity, never to show anything."""

    def account_of(self, address: str) -> Account | None:
        """The account whose mailbox this canonical address is."""

    def knows(self, address: str) -> bool:
        """Whether this canonical address, without an account, leads to anything; True also where it is not clear."""

    def order(self, number: str) -> HeldOrder | None:
        """The order of this number."""


class StaffDirectory(Protocol):
    """Who is on the staff and how they are reached: the pool that they log in with."""

    def address_of(self, user_id: str) -> str | None:
        """None for somebody who has left. ServiceUnavailableError."""

    def addresses_in(self, role: Role) -> tuple[str, ...]:
        """Of all who have a role and may log in, sorted. ServiceUnavailableError."""


class Keyring(Protocol):
    """Keys derived from the one secret, by what they are for."""

    def key(self, purpose: str) -> bytes: ...


class ExportStore(Protocol):
    """Finished packages: random keys, short links, and nothing left behind."""

    def new_prefix(self, request_id: str) -> str:
        """`exports/<request id>/<128 random bits>/`: nobody can guess it, and closing finds all that was ever built."""

    def open_part(self, key: str) -> BinaryIO:
        """An unseekable writer that uploads in pieces and completes at close(); left by an exception it aborts."""

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        """A presigned GET for one object, as an attachment under `filename`."""

    def discard(self, prefix: str) -> None:
        """Delete the current objects under a prefix; their noncurrent versions go within a day."""

    def purge(self, prefixes: Iterable[str]) -> int:
        """Delete everything under the prefixes, versions and multipart remnants included; how many objects."""


class EvidenceStore(Protocol):
    def put(self, event: AuditEvent) -> None:
        """Write one event under its case and number. Writing it again is no error."""


class Signer(Protocol):
    """The key that evidence is signed with. It never leaves the service that holds it."""

    def sign(self, content: bytes) -> bytes:
        """ECDSA on P-256 with SHA-256, in DER. ServiceUnavailableError."""

    def public_key(self) -> str:
        """The other half, as PEM. ServiceUnavailableError."""


class SourceReader(Protocol):
    """One place where the merchant keeps data, for reading."""

    def read(self, collection: "Collection", identifier: str, values: Iterable[str]) -> Iterator["Record"]:
        """Every record that these values of an identifier open: whole, streamed, and as it is there.

        SourceUnavailableError where trying again may help; SourceBrokenError, naming the place, where it can't. A row
        that can't be read is no reason to stop, but the stream then ends with SourceBrokenError: nothing is left out
        in silence (abuse case 81).
        """


class SourceEraser(Protocol):
    """One place where the merchant keeps data, for erasing (GDPR 17).

    Each raises SourceUnavailableError where trying again may help, and SourceBrokenError, naming the place, where not.
    """

    def find(
        self, collection: "Collection", identifier: str, values: Iterable[str], rule: "Rule"
    ) -> "Iterator[RowFound]":
        """Every row that these values open, with what `rule` says of it; it is asked once a row, before that row."""

    def carry_out(
        self,
        collection: "Collection",
        rows: "Iterable[RowFound]",
        identifiers: Mapping[str, Sequence[str]],
        rule: "Rule",
    ) -> "Iterator[RowDone]":
        """Erase what was found, if it still is as it was. Killed and started again, it does the rest.

        `identifiers` and `rule` are those that `rows` were found with: a file is passed once for all of them.
        """

    def remains(self, collection: "Collection", identifier: str, values: Iterable[str], rule: "Rule") -> int:
        """Searched anew, as if nothing was known: how many rows still have something to lose."""


class SourceScanner(Protocol):
    """One place where the merchant keeps data, read from end to end: for after it was restored from a backup."""

    def rows(self, source: "Source") -> "Iterator[tuple[Identifier, ...]]":
        """The identifiers in each row of it, in bounded memory. Raises as SourceReader does."""


class StoredObject(BaseModel):
    """Where records were written, and what: digest and size are of the stored bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    key: str
    rows: int
    bytes: int
    sha256: str


class RecordStore(Protocol):
    """What was collected for a request, by collection (`shop/members`), until its package is built."""

    def write(self, request_id: str, name: str, records: Iterable["Record"]) -> StoredObject:
        """Stream records into an object. It appears whole, or, where the stream raises, not at all."""

    def read(self, request_id: str, name: str) -> Iterator["Record"]:
        """NotFoundError, before the first record, where nothing was written under this name."""

    def exists(self, request_id: str, name: str) -> bool: ...

    def delete(self, request_id: str, name: str) -> None: ...


class SourceCorrector(Protocol):
    """One place where the merchant keeps data, for correcting (GDPR 16). Errors are those of SourceEraser."""

    def find(
        self, collection: "Collection", identifier: str, values: Iterable[str], rule: "Rule"
    ) -> "Iterator[RowFound]":
        """Every row that these values open, with what `rule` says of it."""

    def carry_out(self, collection: "Collection", rows: "Iterable[RowFound]") -> "Iterator[RowDone]":
        """Write what was found, if it still is as it was. Killed and started again, it does the rest."""


class ErasureManifest(Protocol):
    """Which rows a plan of erasure is about, and which identifiers led to them, until the case closes. Encrypted, each
    object under a data key of its own; writing it again replaces it whole, or not at all."""

    def write_rows(
        self, request_id: str, collection: str, rows: "Iterable[RowFound]", shard: "Shard" = ...
    ) -> StoredObject: ...

    def rows(self, request_id: str, collection: str, shard: "Shard | None" = None) -> "Iterator[RowFound]":
        """Of one shard, or of all. NotFoundError, before the first row, where none was written."""

    def write_identifiers(
        self, request_id: str, source: str, values: Iterable[tuple[str, str]], shard: "Shard" = ...
    ) -> StoredObject:
        """(kind, value) of all that is known of the person once a source, or a shard of it, is planned."""

    def identifiers(self, request_id: str, sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """By kind, over those of the sources that are planned."""


class RetentionLedger(Protocol):
    """What stays after erasures, and until when. An entry and its event are written together or not at all."""

    def create(self, entry: "RetentionEntry", event: AuditEvent) -> None:
        """ConflictError where it exists: it was entered before."""

    def get(self, entry_id: str) -> "RetentionEntry":
        """NotFoundError where there is none."""

    def save(self, before: "RetentionEntry", after: "RetentionEntry", event: AuditEvent) -> None:
        """ConflictError where the entry is no longer as `before` (version)."""

    def of_case(self, request_id: str) -> "list[RetentionEntry]":
        """All that was entered after the erasure of a case, also what is gone."""

    def due(self, today: date) -> "Iterator[RetentionEntry]":
        """Those whose last day was before `today` and that are not settled, oldest first: work grows with them."""

    def page(self, *, limit: int, cursor: str | None) -> "tuple[list[RetentionEntry], str | None]":
        """What is kept, by its last day; after that what is held, and what has changed. A page at a time."""


class MailStore(Protocol):
    """Mails that came in, and their history. A change and its event are written together or not at all."""

    def create(self, item: "MailItem", event: AuditEvent) -> None:
        """ConflictError where it exists: the same delivery was taken before."""

    def get(self, mail_id: str) -> "MailItem":
        """NotFoundError where there is none."""

    def save(self, before: "MailItem", after: "MailItem", event: AuditEvent) -> None:
        """ConflictError where the mail is no longer as `before` (version). The event ends when `after` does."""

    def open_by_target(self, *, limit: int, cursor: str | None) -> "tuple[list[MailItem], str | None]":
        """Mails that wait for somebody, by target date, oldest first, a page at a time."""

    def received_in(self, month: str, *, after: tuple[str, str] | None = None) -> "Iterator[MailItem]":
        """Every mail received in a month (`2026-10`, UTC), oldest first, then by id; those behind `after`.

        `after` is when a mail was received (ISO, `Z`), and its id.
        """

    def of_sender(self, sender_key: str, *, limit: int) -> list[str]:
        """Ids of the last mails that really came from an address, newest first."""

    def retire(self, mail_id: str, *, expires_at: datetime) -> None:
        """For a settled mail: its history and the letters about it go with it."""

    def reopen(self, mail_id: str) -> None:
        """For a mail that waits again: nothing of its history ends before it does."""

    def timeline(self, mail_id: str) -> list[AuditEvent]: ...

    def first_under(self, message_key: str, *, mail_id: str, body: str, expires_at: datetime) -> tuple[str, str]:
        """(id, digest of the body) of the mail that came first under a Message-ID; this one where none did."""


class MailFiles(Protocol):
    """What mails say: raw as they came, read, and their attachments in quarantine."""

    def raw(self, key: str) -> bytes:
        """NotFoundError where it is gone (30 days)."""

    def put_content(self, mail_id: str, content: "MailContent") -> None: ...

    def content(self, mail_id: str) -> "MailContent":
        """NotFoundError where it was deleted, or never could be written."""

    def put_file(self, key: str, body: bytes, *, name: str) -> None:
        """Into quarantine: nothing of it is ever shown by a browser. The original name stands beside it."""

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        """A presigned GET, as an attachment."""

    def delete(self, keys: Iterable[str]) -> None:
        """What is gone already is no error."""

    def content_key(self, mail_id: str) -> str: ...


class Suppressions(Protocol):
    """Who was erased, as keyed digests (`domain.suppression`): kept for good, and outside of the case."""

    def put(self, entries: "Iterable[Suppression]") -> None:
        """The same entry again changes nothing. Of an identifier that is erased again, the last erasure is found."""

    def find(self, digest: str) -> "Suppression | None": ...

    def since(self, start: date, until: date) -> "Iterator[Suppression]":
        """Every entry of these days (UTC), both included, in the order of erasure. Costs what was erased in them."""


class AnswerLimits(Protocol):
    """How many mails may be answered by themselves: two systems may answer each other with no header to go by."""

    def refuse(self, mail_id: str, *, address: str | None, thread: str | None, at: datetime) -> str | None:
        """None where this mail may be answered, and it is counted; else the limit that holds.

        `address_limit`: one in 24 hours and three in 30 days. `thread_limit`: three about one request. `breaker`: the
        hour had its number for all. Asked again for the same mail it is the same answer, and is not counted again.
        """

    def may_tell_staff(self, *, at: datetime) -> bool:
        """False once the hour had its number of notices: what waits stands in the list, and in the daily summary."""
