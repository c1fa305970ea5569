"""A `SubjectDesk` in memory, with a mailbox to look into and levers for what the workflow and staff would do."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from rightsdesk.domain.clock import ClockState
from rightsdesk.domain.erasure_review import CONFIRMATION_PERIOD, UNDO_PERIOD
from rightsdesk.domain.errors import (
    CaseClosedError,
    ConflictError,
    GoneError,
    InvalidInputError,
    NotFoundError,
    NothingAskedError,
    ThreadFullError,
    TooManyAttemptsError,
)
from rightsdesk.domain.fields import Label
from rightsdesk.domain.identity import new_code, read_code, shown_code
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.messages import words_of_person
from rightsdesk.domain.notice_views import FieldChange, KnownBy, NoticePage
from rightsdesk.domain.offered import Offered
from rightsdesk.domain.questions import answer_text
from rightsdesk.domain.recipient_notice import MOVES, NEEDS_REASON, NoticeState
from rightsdesk.domain.reference import new_reference, parse_reference
from rightsdesk.domain.request import Door, RequestType, Submission, Writer
from rightsdesk.domain.session import Session, SessionToken, open_sealed_session, seal_session
from rightsdesk.domain.views import (
    AgentTold,
    DisownView,
    DownloadLink,
    ErasureView,
    ExtensionView,
    KeptView,
    LossView,
    MessageTaken,
    MessageView,
    Package,
    PackagePart,
    PlanTold,
    QuestionView,
    Receipt,
    RequestView,
    SentView,
    Step,
    StoppedView,
    ToldView,
    Verified,
)
from rightsdesk.law.notice_grounds import ground_of_notice
from rightsdesk.web.desks import SubjectDesk

PACKAGE = b"PK the answer"


class MovableClock:
    def __init__(self, now: datetime = datetime(2026, 9, 3, 1, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class FakeCase:
    request_id: str
    reference: str
    submission: Submission
    received_at: datetime
    code: str | None = None
    code_until: datetime | None = None
    confirmed_at: datetime | None = None
    prepared_at: datetime | None = None
    answered_at: datetime | None = None
    evidence_needed: bool = False
    question: QuestionView | None = None
    answers: list[str] = field(default_factory=list)
    suspended_since: date | None = None
    paused: timedelta = timedelta(0)
    extension: ExtensionView | None = None
    outcome: Outcome | None = None
    package: Package | None = None
    erasure: ErasureView | None = None
    recipients: tuple[ToldView, ...] = ()
    transfer: SentView | None = None
    use: StoppedView | None = None
    agent_gets_answers: bool = False
    disowned: bool = False
    stopped: str | None = None  # for good: a purpose
    merged_into: str | None = None
    messages: list[MessageView] = field(default_factory=list)
    reopen_until: datetime | None = None
    follows: str | None = None
    followed_by: str | None = None


OFFERED = Offered(
    purposes={
        RequestType.CONSENT_WITHDRAWAL: {
            "newsletter": Label(en="To send newsletters", ja="メールマガジンの配信"),
            "surveys": Label(en="To learn from surveys", ja="アンケートの実施"),
        },
        RequestType.OBJECTION: {
            "promotion": Label(en="To show you offers", ja="ご優待のご案内"),
            "fraud_prevention": Label(en="To prevent fraud", ja="不正利用の防止"),
        },
    },
    marketing=frozenset({"newsletter", "promotion"}),
    decisions={"payment_fraud_check": Label(en="Fraud check when I pay", ja="お支払い時の不正利用の確認")},
    recipients={"carrier": Label(en="Tsubame Express Co., Ltd. (deliveries)", ja="つばめ運輸株式会社（配送）")},
)

NOTICE_TOKEN = "n7Kx2mQp" * 5 + "abc"
NOTICE = NoticePage(
    reference="RN-3F2A-9C01",
    asks="correct",
    action="correct",
    basis=ground_of_notice("gdpr", "correct"),
    fields=(
        FieldChange(what=Label(en="Name", ja="氏名"), value="佐藤 花子"),
        FieldChange(what=Label(en="Telephone number", ja="電話番号")),
    ),
    known_by=(KnownBy(kind=Label(en="Order number", ja="注文番号"), values=("K000001-0001", "K000001-0002")),),
    more=False,
    asked_on=date(2026, 9, 7),
    respond_by=date(2026, 9, 21),
    state=NoticeState.SENT,
    open=True,
)


@dataclass
class FakeSubjectDesk:
    clock: MovableClock = field(default_factory=MovableClock)
    download_url: str = "https://exports.example/download?X-Amz-Expires=60"
    cases: dict[str, FakeCase] = field(default_factory=dict)
    mails: list[tuple[str, str, str]] = field(default_factory=list)  # address, reference, code as shown
    calls: list[str] = field(default_factory=list)
    keyed: dict[str, Receipt] = field(default_factory=dict)
    failing: Exception | None = None  # raised by the next call
    evidence_tries: int = 5
    most_messages: int = 50
    notices: dict[str, NoticePage] = field(default_factory=lambda: {NOTICE_TOKEN: NOTICE})
    said: list[tuple[str, NoticeState, str | None]] = field(default_factory=list)

    def desk(self) -> SubjectDesk:
        return SubjectDesk(
            offered=lambda: OFFERED,
            submit=self.submit,
            verify=self.verify,
            send_code=self.send_code,
            open_session=self.open_session,
            authenticate=self.authenticate,
            view=self.view,
            submit_evidence=self.submit_evidence,
            write_message=self.write_message,
            answer_question=self.answer_question,
            download=self.download,
            agree_agent=self.agree_agent,
            confirm_erasure=self.confirm_erasure,
            withdraw=self.withdraw,
            disowning=self.disowning,
            disown=self.disown,
            notice=self.notice,
            answer_notice=self.answer_notice,
        )

    # What a mailbox does that did not ask

    def disowning(self, token: str) -> DisownView:
        self._called("disowning")
        case = next((case for case in self.cases.values() if case.request_id == token), None)
        if case is None:
            raise NotFoundError
        state = "over" if case.outcome else "frozen" if case.disowned else "open"
        return DisownView(
            reference=case.reference,
            received_at=case.received_at,
            state=state,
            stopped_for_good=case.stopped is not None,
            newsletter=case.stopped == "newsletter",
        )

    def disown(self, token: str) -> DisownView:
        view = self.disowning(token)
        self.cases[view.reference].disowned = True
        return self.disowning(token)

    # What a recipient of data does

    def notice(self, token: str) -> NoticePage:
        self._called("notice")
        if token not in self.notices:
            raise NotFoundError
        return self.notices[token]

    def answer_notice(self, token: str, state: NoticeState, reason: str | None) -> NoticePage:
        page = self.notice(token)
        if state in NEEDS_REASON and not reason:
            raise InvalidInputError.of("reason", "missing")
        if page.open and state in MOVES[page.state]:
            self.notices[token] = page.model_copy(update={"state": state, "open": state is not NoticeState.DONE})
            self.said.append((token, state, reason))
        return self.notices[token].model_copy(update={"stands": self.notices[token].state is not state})

    # What a person does

    def submit(self, submission: Submission, key: str | None) -> Receipt:
        self._called("submit")
        if key in self.keyed:
            return self.keyed[key]
        case = FakeCase(secrets.token_hex(16), new_reference(), submission, self.clock())
        self.cases[case.reference] = case
        self._mail(case)
        receipt = Receipt(reference=case.reference, received_at=case.received_at, status=Status.RECEIVED)
        if key:
            self.keyed[key] = receipt
        return receipt

    def verify(self, reference: str, code: str) -> Verified:
        self._called("verify")
        case = self._redeem(reference, code)
        case.confirmed_at = self.clock()
        return Verified(status=Status.VERIFIED, due_on=self._due(case))

    def send_code(self, reference: str) -> None:
        self._called("send_code")
        case = self.cases.get(parse_reference(reference) or "")
        if case:
            self._mail(case)

    def open_session(self, reference: str, code: str) -> SessionToken:
        self._called("open_session")
        case = self._redeem(reference, code)
        case.confirmed_at = case.confirmed_at or self.clock()
        return seal_session(b"session", case.request_id, now=self.clock())

    def authenticate(self, token: str, reference: str) -> Session:
        session = open_sealed_session(b"session", token, now=self.clock())
        if self._case(session).reference != parse_reference(reference):
            raise NotFoundError
        return session

    def view(self, session: Session) -> RequestView:
        self._called("view")
        case = self._case(session)
        steps = (
            Step(name="received", at=case.received_at),
            Step(name="identity_confirmed", at=None if case.evidence_needed else case.confirmed_at),
            Step(name="being_prepared", at=case.prepared_at),
            Step(name="answered", at=case.answered_at),
        )
        return RequestView(
            reference=case.reference,
            types=case.submission.types,
            status=Status.CLOSED if case.outcome else Status.VERIFIED,
            outcome=case.outcome,
            received_at=case.received_at,
            due_on=self._due(case),
            conservative_due_on=self._due(case) - case.paused,
            clock=self._clock_state(case),
            suspended_since=case.suspended_since,
            extension=case.extension,
            language=case.submission.language,
            evidence_needed=case.evidence_needed,
            question=case.question,
            steps=steps,
            package=case.package if case.package and self.clock() < case.package.expires_at else None,
            erasure=case.erasure,
            recipients=case.recipients,
            transfer=case.transfer,
            use=case.use,
            messages=tuple(case.messages),
            can_write=case.outcome is None and case.confirmed_at is not None,
            reopen_until=case.reopen_until if case.outcome and not case.followed_by else None,
            follows=case.follows,
            followed_by=case.followed_by,
            agent=self._agent(case),
            merged_into=case.merged_into,
            can_withdraw=case.outcome is None and case.answered_at is None,
        )

    def _clock_state(self, case: FakeCase) -> ClockState:
        if case.answered_at or case.outcome:
            return "stopped"
        if self.clock().date() > self._due(case):
            return "overdue"
        return "suspended" if case.suspended_since else "extended" if case.extension else "running"

    def submit_evidence(self, session: Session, order_number: str, postcode: str) -> None:
        self._called("submit_evidence")
        if self.evidence_tries == 0:
            raise TooManyAttemptsError(self.clock() + timedelta(hours=8))
        self.evidence_tries -= 1

    def answer_question(self, session: Session, text: str) -> None:
        self._called("answer_question")
        case = self._case(session)
        if case.question is None:
            raise NothingAskedError("no question is open")
        case.answers.append(answer_text(text))
        case.question = case.suspended_since = None

    def write_message(self, session: Session, text: str, door: Door) -> MessageTaken:
        self._called("write_message")
        case = self._case(session)
        words = words_of_person(text)
        if case.outcome and self.view(session).reopen_until is None:
            raise CaseClosedError("the case is closed")
        if case.outcome:
            receipt = self.submit(case.submission, None)
            again, case.followed_by = self.cases[receipt.reference], receipt.reference
            again.follows = case.reference
            again.confirmed_at = self.clock()
            case = again
        if len(case.messages) >= self.most_messages:
            raise ThreadFullError("full")
        self.say(case.reference, words)
        return MessageTaken(reference=case.reference, number=len(case.messages))

    def say(
        self,
        reference: str,
        text: str | None,
        by: Writer | Literal["agent"] = "person",
        kind: Literal["request", "message", "answer"] = "message",
    ) -> None:
        messages = self.cases[reference].messages
        number = len(messages) + 1 if kind == "message" else None
        messages.append(MessageView(kind=kind, number=number, by=by, at=self.clock(), text=text))

    def download(self, session: Session, part: int) -> DownloadLink:
        self._called("download")
        case = self._case(session)
        if case.package is None or self.clock() >= case.package.expires_at:
            raise GoneError("download_window_ended")
        if part > len(case.package.parts) or part < 1:
            raise NotFoundError
        if case.package.downloads_left == 0:
            raise GoneError("download_limit_reached")
        case.package = case.package.model_copy(update={"downloads_left": case.package.downloads_left - 1})
        chosen = case.package.parts[part - 1]
        return DownloadLink(
            url=self.download_url,
            expires_at=self.clock() + timedelta(seconds=60),
            sha256=chosen.sha256,
            bytes=chosen.bytes,
            name=chosen.name,
        )

    def agree_agent(self, session: Session, agrees: bool) -> RequestView:
        self._called("agree_agent")
        case = self._case(session)
        if case.submission.agent is None or case.answered_at:
            raise ConflictError("nobody asks for them, or it is answered")
        case.agent_gets_answers = agrees
        return self.view(session)

    def confirm_erasure(self, session: Session) -> RequestView:
        self._called("confirm_erasure")
        case = self._case(session)
        if case.outcome:
            raise CaseClosedError("the case is closed")
        if case.erasure is None or case.erasure.asked_at is None:
            raise ConflictError("no confirmation is waited for")
        now = self.clock()
        said = {"state": "can_be_undone", "confirm_by": None, "confirmed_at": now, "undo_until": now + UNDO_PERIOD}
        case.erasure = case.erasure.model_copy(update=said)
        return self.view(session)

    def withdraw(self, session: Session) -> RequestView:
        self._called("withdraw")
        case = self._case(session)
        if case.outcome:
            raise CaseClosedError("the case is closed")
        case.outcome, case.erasure = Outcome.WITHDRAWN, None
        return self.view(session)

    # What happens behind the desk

    def last_code(self, address: str) -> str:
        return next(code for to, _, code in reversed(self.mails) if to == address)

    def only_case(self) -> FakeCase:
        (case,) = self.cases.values()
        return case

    def answer(self, reference: str, *, parts: int = 1) -> None:
        case = self.cases[reference]
        case.prepared_at = case.prepared_at or self.clock()
        case.answered_at = self.clock()
        case.package = Package(
            parts=tuple(
                PackagePart(
                    part=number,
                    name=f"{reference}_2026-10-03.part{number}.zip" if parts > 1 else f"{reference}_2026-10-03.zip",
                    bytes=1_999_812_344 if parts > 1 else len(PACKAGE),
                    sha256=hashlib.sha256(PACKAGE).hexdigest(),
                )
                for number in range(1, parts + 1)
            ),
            expires_at=self.clock() + timedelta(days=14),
            downloads_left=5,
        )

    def ask_for_confirmation(self, reference: str) -> None:
        """The plan of an erasure is made, and shown to the person."""
        now = self.clock()
        law = Label(en="Corporation Tax Act of Japan, Article 126", ja="法人税法第126条")
        self.cases[reference].erasure = ErasureView(
            state="confirm",
            asked_at=now,
            confirm_by=(now + CONFIRMATION_PERIOD).date(),
            confirmed_at=None,
            undo_until=None,
            plan=PlanTold(
                deleted=(Label(en="Account", ja="アカウント"), Label(en="Survey answers", ja="アンケートの回答")),
                anonymised=(Label(en="Visits to the site", ja="サイトの閲覧記録"),),
                kept=(
                    KeptView(
                        what=Label(en="Orders", ja="ご注文"),
                        rows=12,
                        law=law,
                        first=date(2034, 3, 31),
                        until=date(2034, 3, 31),
                    ),
                    KeptView(
                        what=Label(en="Deliveries", ja="配送の記録"),
                        rows=7,
                        law=Label(en="Two years after the delivery", ja="お届けから2年"),
                        first=date(2027, 2, 14),
                        until=date(2028, 8, 31),
                    ),
                    KeptView(
                        what=Label(en="Consents", ja="同意の記録"),
                        rows=1,
                        law=Label(en="Three years after you withdraw your consent", ja="同意の撤回後3年"),
                    ),
                    KeptView(what=Label(en="Messages", ja="お問い合わせ"), rows=2, ground="gdpr_17_3_e"),
                ),
                losses=(
                    LossView(what=Label(en="Points", ja="ポイント"), count=1, amount=1240),
                    LossView(what=Label(en="Open orders", ja="未発送のご注文"), count=2),
                ),
            ),
        )

    @staticmethod
    def _agent(case: FakeCase) -> AgentTold | None:
        agent = case.submission.agent
        if agent is None:
            return None
        can_be_said = case.outcome is None and case.answered_at is None
        return AgentTold(
            role=agent.role, name=agent.name, gets_answers=case.agent_gets_answers, can_be_said=can_be_said
        )

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.failing:
            error, self.failing = self.failing, None
            raise error

    def _mail(self, case: FakeCase) -> None:
        case.code, case.code_until = new_code(), self.clock() + timedelta(minutes=10)
        self.mails.append((case.submission.email, case.reference, shown_code(case.code)))

    def _redeem(self, reference: str, typed: str) -> FakeCase:
        case = self.cases.get(parse_reference(reference) or "")
        wrong = InvalidInputError.of("code", "not_valid")
        if case is None or case.code is None or case.code_until is None or read_code(typed) != case.code:
            raise wrong
        if self.clock() >= case.code_until:
            raise wrong
        case.code = None
        return case

    def _case(self, session: Session) -> FakeCase:
        return next(case for case in self.cases.values() if case.request_id == session.request_id)

    def _due(self, case: FakeCase) -> date:
        return (case.received_at + timedelta(days=91 if case.extension else 30) + case.paused).date()
