"""A privacy request: what a door hands in (`Submission`) and the case that it becomes (`PrivacyRequest`)."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.audit import AuditEvent, Detail, event_after
from rightsdesk.domain.clock import Breach, Extension, Question, open_question
from rightsdesk.domain.correction import Rectification
from rightsdesk.domain.decision_review import DecisionReview
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.errors import CaseClosedError, ConflictError, OutboundRefusedError, VersionMovedOnError
from rightsdesk.domain.hidden_characters import without_hidden
from rightsdesk.domain.identity import REMINDED_AFTER, Assurance, subject_key
from rightsdesk.domain.lifecycle import Outcome, Status, require_move
from rightsdesk.domain.recipient_notice import NoticeLine
from rightsdesk.domain.safeguard_state import Freeze, Mandate, SpecialCase
from rightsdesk.domain.transfer import LONGEST_SEND_TO, Transfer, url_of
from rightsdesk.domain.traversal import SourceStep
from rightsdesk.domain.use_stop import UseStop

SUBJECT = "subject"
SYSTEM = "system"
# APPI 29: records of provision are kept for 3 years; the register of requests with them.
KEPT_AFTER_CLOSING = timedelta(days=3 * 365)

# How far ahead the daily sweep looks: the first reminder is 7 days before the target.
SWEPT_AHEAD = timedelta(days=8)

# Work that is left of a closed case: purging what was collected, and saying so. A mail may still be added to it.
_AFTER_CLOSING = frozenset(
    {
        *("purged", "rectification", "failure", "attempt", "handled_by", "undelivered", "messages", "use"),
        *("followed_by", "transfer"),  # what was sent was sent, though the request was withdrawn meanwhile
        "notices",  # who was asked to stop meanwhile hears that it ends
        "aim",  # without what nobody needs any more
    }
)
# Nobody is waited for: the workflow should be at work.
_SYSTEMS_TURN = frozenset({Status.RECEIVED, Status.VERIFIED, Status.COLLECTING, Status.EXECUTING})


class RequestType(StrEnum):
    """What can be asked for: the rights (mission E), and what is only said to us (B-6).

    What each is called and where it stands: `law/rights.py`.
    """

    INFORMATION = "information"  # serves: E-01
    ACCESS = "access"  # serves: E-02
    RECTIFICATION = "rectification"  # serves: E-03
    ERASURE = "erasure"  # serves: E-04
    RESTRICTION = "restriction"  # serves: E-05
    OBJECTION = "objection"  # serves: E-06
    PORTABILITY = "portability"  # serves: E-07
    AUTOMATED_DECISION = "automated_decision"  # serves: E-08
    CONSENT_WITHDRAWAL = "consent_withdrawal"  # serves: E-09
    STOP_PROVISION = "stop_provision"  # serves: E-10
    PURPOSE_NOTICE = "purpose_notice"  # serves: E-11
    PROVISION_RECORDS = "provision_records"  # serves: E-12
    COMPLAINT = "complaint"  # serves: B-6
    QUESTION = "question"  # serves: B-6


# Staff answer in their own words: no field is decided, nobody is looked up, and nothing is disclosed.
SAID_TO_US = frozenset({RequestType.COMPLAINT, RequestType.QUESTION})


# Answered with a package that the desk makes of what it collects. All others are carried out by staff, who say what was
# done.
ANSWERED_BY_COPY = frozenset({RequestType.ACCESS, RequestType.PORTABILITY})  # the data themselves
ANSWERED_BY_ACCOUNT = frozenset(  # what is said of the data, for this person; no copy of them
    {RequestType.INFORMATION, RequestType.PURPOSE_NOTICE, RequestType.PROVISION_RECORDS}
)
ANSWERED_BY_PACKAGE = ANSWERED_BY_COPY | ANSWERED_BY_ACCOUNT

# The register of permissions is changed by them as soon as they are verified.
STOPS_USE = frozenset(
    {
        *(RequestType.RESTRICTION, RequestType.OBJECTION),
        *(RequestType.CONSENT_WITHDRAWAL, RequestType.STOP_PROVISION),
    }
)
# Who was given the data hears of these, and does the same (GDPR 19).
TOLD_TO_OTHERS = STOPS_USE | {RequestType.RECTIFICATION, RequestType.ERASURE}

# Doors with a form ask what is to be put right, held back or stopped, or what is meant: nobody else knows.
DETAILS_NEEDED = SAID_TO_US | {RequestType.RECTIFICATION, RequestType.RESTRICTION, RequestType.OBJECTION}


def details_needed(
    types: Iterable[str], objects_to: str | None, purposes: Collection[str], marketing: Callable[[], Collection[str]]
) -> bool:
    """Whether the person has to say more: against any use but advertising, what in their situation speaks against it
    (GDPR 21(1)). Nobody has to give a reason against advertising (21(2)).

    `purposes` that an objection names decide, whatever else it says; of them `marketing` are advertising.
    """
    asked = DETAILS_NEEDED.intersection(types)
    if asked == {RequestType.OBJECTION}:
        return not set(marketing()).issuperset(purposes) if purposes else objects_to != "marketing"
    return bool(asked)


def require_one_answer(types: tuple[RequestType, ...]) -> tuple[RequestType, ...]:
    """The types, if one answer can hold them all. Raises ValueError."""
    if len(set(types)) > 1 and not ANSWERED_BY_COPY.issuperset(types):
        raise PydanticCustomError("ask_apart", "ask for these apart")  # a ValueError
    return types


class Door(StrEnum):
    WEB = "web"
    API = "api"
    EMAIL = "email"
    OPENDSR = "opendsr"  # a controller handed it on


Language = Literal["en", "ja"]
Writer = Literal["person", "staff"]
"""Of a message in the thread of a request."""


def _address(typed: str) -> str:
    if canonical_address(typed) is None:
        raise ValueError("not an e-mail address")
    return unicodedata.normalize("NFC", typed.strip())


def _plain(text: str) -> str:
    """NFC, no control characters but line breaks, and none that hide or turn: what is stored can be shown, and is what
    it looks like (abuse case 49).

    Nothing is left of a text in which there is nothing to be seen.
    """
    clean = unicodedata.normalize("NFC", without_hidden(text)).replace("\r\n", "\n").replace("\t", " ").strip()
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} and c != "\n" for c in clean):
        raise ValueError("holds control characters")
    return clean if any(map(can_be_seen, clean)) else ""


def can_be_seen(character: str) -> bool:
    """Letters, digits and signs; not spaces, what only joins or directs, and marks that stand on nothing."""
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANKS


def _line(text: str) -> str:
    if "\n" in text:
        raise ValueError("must be one line")
    return text


_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # fillers of Hangul, and Braille without dots: letters that show nothing

# Cut off before NFC, which takes quadratic time for a flood of combining marks: 64 kB would cost seconds.
_Typed = Annotated[str, Field(max_length=4_000)]
PlainText = Annotated[_Typed, AfterValidator(_plain)]
PlainLine = Annotated[_Typed, AfterValidator(_plain), AfterValidator(_line)]
EmailText = Annotated[str, Field(max_length=254), AfterValidator(_address)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Region = Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
"""ISO 3166-2, where it decides which authority is competent: `DE-BY`."""


NameInMap = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""What the data map calls a purpose or a recipient."""
# GDPR 18(1)(a) to (d); unlawful is APPI 35(1) as well, and rights are APPI 35(5): no longer needed, leaked, or harmful
RestrictionGround = Literal["accuracy", "unlawful", "claims", "objection", "rights"]
"""GDPR 18(1)(a) to (d), in their order."""


def _callable(send_to: str) -> str:
    """What can't be called is refused at the door. Looked up is its name only once it is called (abuse case 50)."""
    try:
        url_of(send_to.strip())
    except OutboundRefusedError:
        raise PydanticCustomError("not_callable", "an https address of the internet") from None
    return send_to.strip()


class Aim(BaseModel):
    """What exactly is to stop or to be done, as the person said it; what is left open means all that the right reaches.

    Names that the data map does not have are of no effect: the doors refuse them (`law/stopping.py`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    objects_to: Literal["marketing", "other"] | None = None  # an objection (GDPR 21)
    ground: RestrictionGround | None = None  # of a restriction
    purposes: Annotated[tuple[NameInMap, ...], Field(max_length=50)] = ()  # of an objection, restriction, withdrawal
    recipients: Annotated[tuple[NameInMap, ...], Field(max_length=50)] = ()  # of a stop of provision
    decision: NameInMap | None = None  # of the register, to be reviewed; open: they don't know which
    contests: bool = False  # that decision (GDPR 22(3))
    meanwhile: bool = False  # a correction: not to be used until it is settled (GDPR 18(1)(a))
    send_to: Annotated[str, Field(max_length=LONGEST_SEND_TO), AfterValidator(_callable)] | None = None  # GDPR 20(2)


AIMED_BY = {
    "objects_to": {RequestType.OBJECTION},
    "ground": {RequestType.RESTRICTION},
    "purposes": {RequestType.OBJECTION, RequestType.RESTRICTION, RequestType.CONSENT_WITHDRAWAL},
    "recipients": {RequestType.STOP_PROVISION},
    "decision": {RequestType.AUTOMATED_DECISION},
    "contests": {RequestType.AUTOMATED_DECISION},
    "meanwhile": {RequestType.RECTIFICATION},
    "send_to": {RequestType.PORTABILITY},
}


def require_aim(aim: Aim, types: Iterable[RequestType]) -> None:
    """What is said of another right is a slip, for nothing would come of it. Raises ValueError."""
    for name, rights in AIMED_BY.items():
        if name in aim.model_fields_set and not rights.intersection(types):
            raise PydanticCustomError("not_for_this_right", "{at} is said of another right", {"at": name})


class AgentRole(StrEnum):
    """As what somebody asks for another (GDPR 12, EDPB 01/2022, 80 to 90; APPI 37(3))."""

    GUARDIAN = "guardian"  # a parent, or who has care of a minor
    PROXY = "proxy"  # a lawyer, or whom the person gave authority
    PORTAL = "portal"  # a service that sends requests for many
    HEIR = "heir"  # of somebody who has died


_PART_OF_ADDRESS = re.compile(r"[@/\\:<>]|\w\.\w{2,}|www\.", re.IGNORECASE)


def _name_alone(name: str) -> str:
    """It stands in a letter to somebody who may not know it: no address, and nothing that could be clicked (38)."""
    if _PART_OF_ADDRESS.search(name):
        raise PydanticCustomError("no_plain_name", "a name, without an address or a link")
    return name


class Agent(BaseModel):
    """Who asks for somebody else, as they say. Nothing is believed: the person confirms, and staff look at it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    role: AgentRole
    name: Annotated[PlainLine, Field(min_length=1, max_length=60), AfterValidator(_name_alone)]
    email: EmailText
    mandate: Annotated[PlainText, Field(min_length=1, max_length=200)]  # in words: no document is sent


class Submission(BaseModel):
    """What every door turns its input into. Nothing here is believed yet."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    types: Annotated[tuple[RequestType, ...], Field(min_length=1)]
    email: EmailText
    name: Annotated[PlainLine, Field(min_length=1, max_length=200)]
    country: Country
    region: Region | None = None
    language: Language
    order_number: Annotated[PlainLine, Field(min_length=1, max_length=64)] | None = None
    details: Annotated[PlainText, Field(min_length=1, max_length=600)] | None = None
    aim: Aim | None = None
    agent: Agent | None = None  # `email` and `name` are the person's all the same
    door: Door

    @field_validator("types")
    @classmethod
    def _goes_together(cls, types: tuple[RequestType, ...]) -> tuple[RequestType, ...]:
        """One right a request: each has its own decisions and its own letter. Only what one package answers is one."""
        return require_one_answer(types)

    @model_validator(mode="after")
    def _aims_at_what_it_asks(self) -> Self:
        if self.aim:
            require_aim(self.aim, self.types)
        return self


class DueDates(BaseModel):
    """The dates of a case, as local days (law.md 1 and 2), and the rules that gave them."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    laws: tuple[str, ...]
    received_on: date
    nominal_on: date
    due_on: date
    conservative_due_on: date  # without the suspension
    extended_due_on: date | None = None  # None: the law knows no extension
    extension_notice_due_on: date | None = None
    refusal_notice_due_on: date
    progress_notice_due_on: date | None = None  # APPI
    target_on: date
    extended: bool = False
    suspended_days: int = 0
    due_at: datetime  # the last moment of `due_on`, UTC
    rules: tuple[str, ...]


class ExportPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    key: str
    name: str
    bytes: int
    sha256: str


class ExportState(BaseModel):
    """The package of a case. `subject` binds it to the person verified (abuse case 90)."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    prefix: str
    subject: str
    parts: tuple[ExportPart, ...]
    rows: int
    withheld_rows: int = 0
    left_out: int = 0  # entries of withheld.json: rows, and fields of rows
    nothing_found: bool = False  # no source holds anything about the person
    provisions: int = 0  # records of provision in it (APPI 33(5))
    transfer: ExportPart | None = None  # beside the package: its portable part, for another controller (GDPR 20(2))
    built_at: datetime
    final: bool = False
    expires_at: datetime | None = None  # set when the answer goes out
    downloads: int = 0


class Treatment(StrEnum):
    """What staff decide for rows about other people (GDPR 15(4))."""

    WITHHOLD = "withhold"
    REDACT = "redact"
    GIVE = "give"


class Withholding(BaseModel):
    """Why staff hold one field back: the ground, and the reason in this case, in words for the letter (GDPR 12(4))."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    ground: str
    reason: str


class Refusal(BaseModel):
    """Staff's refusal. `second_by` is None while a second person has to agree: nothing is refused yet."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    ground: str
    reason: str  # of this case, as staff wrote it for the letter
    evidence: str | None = None  # what bears out that it is manifestly unfounded or excessive (GDPR 12(5))
    by: str  # staff user id
    second_by: str | None = None
    needs_second: bool = False

    @property
    def is_decided(self) -> bool:
        return self.second_by is not None or not self.needs_second


class Failure(BaseModel):
    """Where the workflow stopped. Codes only."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    state: str
    error: str
    at: datetime


class Instruction(BaseModel):
    """Of a case that a controller handed on (OpenDSR): whose it is there, and where to say how far it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    controller: str  # name in opendsr.yaml
    controller_names: dict[str, str]  # by language
    subject_request_id: str  # the controller's
    callback_urls: tuple[str, ...] = ()


class PrivacyRequest(BaseModel):
    """A case: the current state of one request. Its history is the chain of events."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: str
    reference: str
    types: tuple[RequestType, ...]
    status: Status
    outcome: Outcome | None = None
    received_at: datetime
    opened_at: datetime | None = None  # when it became a case, where that was later: over OpenDSR, or out of a mail
    door: Door
    language: Language
    country: Country
    region: Region | None = None
    name: str
    email_as_typed: str
    email: str  # canonical
    subject_key: str
    order_number: str | None = None
    details: str | None = None
    own_words: bool = True  # the details are of who asks: not of staff, nor of a mail of somebody else
    aim: Aim | None = None
    reply_token: str | None = None  # what letters carry, and replies bring back (`domain/mail_threads.py`)
    messages: tuple[str, ...] = ()  # ids of the mails that belong to it, oldest first
    thread: tuple[Writer, ...] = ()  # who wrote each message of the thread, oldest first; the words stand beside it
    follows: str | None = None  # reference of the answered question that this one takes up again
    followed_by: str | None = None
    family: str | None = None  # of requests made by one mail: each has its code, and they count as one mail
    instruction: Instruction | None = None  # of the controller that handed it on
    agent: Agent | None = None  # who asks for them
    agent_gets_answers: bool = False  # the person has agreed to it, on the page
    mandate: Mandate | None = None
    special: SpecialCase | None = None
    disown_secret: str | None = None  # in the link of letters by which the mailbox says that it did not ask
    frozen: Freeze | None = None
    country_assumed: bool = False  # a mail does not say where its sender lives: staff look at it
    due: DueDates
    datamap_version: str | None = None  # the map that the plan was made with
    assurance: Assurance = Assurance.NONE
    verified_at: datetime | None = None  # when the mailbox was proven
    code_mailed: bool = False  # somebody was told of this request: the address had not had its share of mails
    evidence_needed: bool = False  # an order number and its postcode are asked for
    evidence_asked_at: datetime | None = None
    identifiers: dict[str, tuple[str, ...]] = {}  # verified ones only: {"email": [...], "member_id": [...]}
    person_keys: tuple[str, ...] = ()  # digests of these: by each, the person's other verified requests are found
    merged_into: str | None = None  # reference of the open request that this one asks over again
    waves: tuple[tuple[SourceStep, ...], ...] = ()  # the sources of the plan, in order
    treatments: dict[str, Treatment] = {}  # collection -> what staff decided about rows on other people
    withheld: dict[str, Withholding] = {}  # field of the map (`shop/members.segment`) that staff hold back -> why
    export: ExportState | None = None
    erasure: ErasureState | None = None
    use: UseStop | None = None  # what is stopped in the register of permissions
    rectification: Rectification | None = None  # as staff stated it, where the desk corrects by itself
    review: DecisionReview | None = None  # what staff found who looked at an automated decision again
    kept: dict[str, str] = {}  # field that was to go, or to be weighed -> ground on which staff leave it as it is
    reasons: dict[str, str] = {}  # purpose that is gone on with in spite of an objection -> why, for the letter (21(1))
    done: str | None = None  # what staff did, in words for the letter, where no package is the answer
    carried_out_at: datetime | None = None  # when they said so
    refusal: Refusal | None = None
    transfer: Transfer | None = None  # of a portable package to another controller, once it is released
    notices: dict[str, NoticeLine] = {}  # recipient of the data map -> how far it is with what it was told (GDPR 19)
    questions: tuple[Question, ...] = ()  # to the person, oldest first
    extension: Extension | None = None
    decided_by: tuple[str, ...] = ()  # staff who released, refused or carried out
    breaches: tuple[Breach, ...] = ()
    undelivered: tuple[str, ...] = ()  # letters that came back: staff have to reach the person in another way
    assignee: str | None = None
    handled_by: tuple[str, ...] = ()  # staff who worked on it: none of them may release it (four eyes)
    reminders: tuple[str, ...] = ()
    failure: Failure | None = None
    attempt: int = 1  # of privacy_request
    watch_attempt: int = 1  # of deadline_watch
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    purged: bool = False  # what was collected is gone, and the last letter is out: nothing is left to do
    version: int = 1
    event_sequence: int = 1
    event_hash: str

    def handled_by_also(self, user_id: str) -> tuple[str, ...]:
        """`handled_by`, with one more."""
        return self.handled_by if user_id in self.handled_by else (*self.handled_by, user_id)

    @property
    def worked_on_by(self) -> tuple[str, ...]:
        """Staff who may not release it where four eyes are wanted: who has it, and who worked on it before."""
        return self.handled_by if self.assignee is None else (*self.handled_by, self.assignee)

    @property
    def known_by(self) -> tuple[tuple[str, str], ...]:
        """(kind, value) of each identifier: the mailbox that was proven, and whatever it led to."""
        found = {(kind, value) for kind, values in self.identifiers.items() for value in values}
        return tuple(sorted({("email", self.email)} | found))

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def open_question(self) -> Question | None:
        """The question that waits for the person's answer, if any; once the case is answered, none does any more."""
        return open_question(self.questions) if self.is_open and self.answered_at is None else None

    @property
    def agent_key(self) -> str | None:
        """Stands for the address of who asks for them, in the record of letters."""
        if self.agent is None:
            return None
        return subject_key(self.subject_key.encode(), canonical_address(self.agent.email) or self.agent.email)

    @property
    def is_frozen(self) -> bool:
        return self.frozen is not None and self.frozen.thawed_at is None

    @property
    def is_refused(self) -> bool:
        return self.refusal is not None and self.refusal.is_decided

    @property
    def answered_by_package(self) -> bool:
        """Whether data are collected and a package is made. Else staff carry the request out and say what they did."""
        return bool(ANSWERED_BY_PACKAGE.intersection(self.types))

    @property
    def is_said_to_us(self) -> bool:
        """A complaint or a question: whoever reads the mailbox may have the answer, which says nothing of any data."""
        return SAID_TO_US.issuperset(self.types)

    @property
    def send_to(self) -> str | None:
        """Where another controller takes the portable part, as the person named it."""
        return self.aim.send_to if self.aim else None

    @property
    def aim_on_record(self) -> Aim | None:
        """What stays of it once the case is over: of an address not what follows a `?`, which may be a password."""
        if self.aim is None or self.aim.send_to is None:
            return self.aim
        return self.aim.model_copy(update={"send_to": self.aim.send_to.partition("?")[0]})

    @property
    def gives_copy(self) -> bool:
        """Whether the package holds the data themselves, so that there is something in them to hold back."""
        return bool(ANSWERED_BY_COPY.intersection(self.types))

    @property
    def reply_awaited(self) -> bool:
        """Whether the last word in the thread is the person's."""
        return self.is_open and self.thread[-1:] == ("person",)

    def received_on(self, zone: ZoneInfo) -> date:
        """The day as letters name it, in the merchant's zone. The law may count from another one (`due`)."""
        return self.received_at.astimezone(zone).date()

    @property
    def began_at(self) -> datetime:
        """From when the person is asked to confirm it, whenever the clock of the law began."""
        return self.opened_at or self.received_at

    @property
    def erasure_began(self) -> bool:
        """Rows may be gone: from here on it can't be undone, withdrawn or refused."""
        return self.erasure is not None and self.erasure.began_at is not None

    @property
    def stops_use(self) -> bool:
        """Whether something is to be stopped at once, before anybody decides."""
        meanwhile = self.aim is not None and self.aim.meanwhile
        return bool(STOPS_USE.intersection(self.types)) or (meanwhile and RequestType.RECTIFICATION in self.types)

    @property
    def corrects(self) -> bool:
        """Whether the desk corrects by itself what staff have stated; once they say that they did it, it does not."""
        return self.rectification is not None and self.done is None

    @property
    def was_decided(self) -> bool:
        """Staff have decided, and it is carried out: in the case's own systems, and by who was given data."""
        return self.status in (Status.EXECUTING, Status.AWAITING_RECIPIENTS)

    @property
    def recipients_left(self) -> tuple[str, ...]:
        """Those of whom something is still waited for."""
        return tuple(name for name, line in self.notices.items() if not line.settled)

    @property
    def all_are_told(self) -> bool:
        """Nothing more is waited for of recipients; while the mailbox says that it did not ask, staff have the word."""
        return not self.recipients_left and not self.is_frozen

    @property
    def is_transferring(self) -> bool:
        """Whether its package is still to go to another controller, or on its way there."""
        return self.transfer is not None and not self.transfer.is_over

    @property
    def swept_from(self) -> date | None:
        """The day near which the daily sweep looks at this case: SWEPT_AHEAD earlier. None: nothing is left to do.

        At once where the workflow should be at work, so that one that died is soon found. Where a person is waited
        for, it is near the target; and in time for the reminder of what is to be entered, which comes before that.
        """
        if self.purged:  # staff see on the work list that somebody is still to be reached: the person, or a recipient
            return self.received_at.date() if self.undelivered or self.recipients_left else None
        if self.status is Status.AWAITING_CONFIRMATION and self.erasure and self.is_open:
            until = self.erasure.undo_until or (self.erasure.asked_at or self.received_at) + REMINDED_AFTER
            return min(self.due.target_on, until.date() + SWEPT_AHEAD)
        if self.status is Status.AWAITING_RECIPIENTS:  # whoever tells them may die on the way, and so may the watch
            return self.received_at.date()
        is_answered = self.answered_at is not None and not self.is_transferring
        waits = self.is_open and (self.status not in _SYSTEMS_TURN or is_answered)
        if not waits:
            return self.received_at.date()
        if self.status is not Status.AWAITING_VERIFICATION:
            return self.due.target_on
        reminded_on = (self.evidence_asked_at or self.began_at).date() + REMINDED_AFTER
        return min(self.due.target_on, reminded_on + SWEPT_AHEAD)

    def require_open(self) -> None:
        """Raise CaseClosedError for a closed case: its workflow then ends in peace."""
        if not self.is_open:
            raise CaseClosedError("the case is closed")

    def require_seen(self, version: int) -> None:
        """Raises VersionMovedOnError where it is not as it was when somebody looked at it (abuse case 79)."""
        if self.version != version:
            raise VersionMovedOnError("the case has changed since it was looked at")

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(step.name for wave in self.waves for step in wave)

    def changed(
        self,
        event_type: str,
        *,
        at: datetime,
        actor: str,
        details: Mapping[str, Detail] | None = None,
        **changes: Any,
    ) -> tuple["PrivacyRequest", AuditEvent]:
        """The case after a change and the event that records it; a store writes both or neither.

        A change of status is checked against the lifecycle. Of a closed case only what is left to do may change.
        """
        to = changes.get("status", self.status)
        if to is not self.status:
            require_move(self.status, to)
            if (self.status, to) == (Status.COLLECTING, Status.EXECUTING) and not self.stops_use:
                raise ConflictError("staff have to look at it first")
        elif changes.keys() - _AFTER_CLOSING:
            self.require_open()
        event, head = event_after(
            self, request_id=self.request_id, type=event_type, at=at, actor=actor, details=details
        )
        return self.model_copy(update=changes | head | {"version": self.version + 1}), event
