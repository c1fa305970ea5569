"""The whole desk over fakes: one person of a small shop, the doors, the tasks of the workflow, staff, and the sweep.

    desk = Desk()
    case = desk.submit()
    desk.send_verification(case)
    desk.verify(case)
    desk.decide(case)

Nothing runs by itself: a test calls each task, as often as it likes, and makes one call of it fail (`desk.faults`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from rightsdesk.adapters.erasure_manifest import RecordedManifest
from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.correction import Correction, Dispute
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decision_review import ReviewResult
from rightsdesk.domain.erasure_plan import ErasurePlan
from rightsdesk.domain.erasure_review import current_plan
from rightsdesk.domain.identity import AGENT_MAILS_PER_DAY, keyed_id
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.links import Links
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import Permission
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.request import Door, PrivacyRequest, RequestType, Submission, Treatment
from rightsdesk.domain.session import Session
from rightsdesk.domain.shards import WHOLE, Extent, Shard
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.domain.views import DisownView, DownloadLink, MessageTaken, Receipt, Verified
from rightsdesk.law.permission_terms import terms_of
from rightsdesk.ports.outbound import Outbound
from rightsdesk.ports.people import Account, HeldOrder
from rightsdesk.ports.recipients import RecipientConnector
from rightsdesk.services.answer_notice import NoticeAnswers, NoticePages
from rightsdesk.services.answer_question import answer_question
from rightsdesk.services.approve_correction import approve_correction
from rightsdesk.services.approve_erasure import ErasureApproval
from rightsdesk.services.ask_permission import ask_permission
from rightsdesk.services.ask_subject import ask_subject
from rightsdesk.services.await_recipients import await_recipients
from rightsdesk.services.await_transfer import await_transfer
from rightsdesk.services.begin_erasure import begin_erasure
from rightsdesk.services.build_export import build_export
from rightsdesk.services.certify_erasure import certify_erasure
from rightsdesk.services.check_deadline import Watch, check_deadline
from rightsdesk.services.close_request import close_request
from rightsdesk.services.collect_data import collect_data
from rightsdesk.services.collect_source import collect_source
from rightsdesk.services.complete_request import complete_request
from rightsdesk.services.confirm_erasure import confirm_erasure
from rightsdesk.services.correct_data import DataCorrector
from rightsdesk.services.disown_request import disown_request
from rightsdesk.services.divide_erasure import Division, divide_erasure
from rightsdesk.services.download_export import download_export
from rightsdesk.services.enter_code import CodeDesk
from rightsdesk.services.erase_person import PersonEraser
from rightsdesk.services.extend_request import extend_request
from rightsdesk.services.find_identifiers import IdentifierFinder
from rightsdesk.services.lift_restriction import RestrictionLifter
from rightsdesk.services.notice_by_hand import HandNotices
from rightsdesk.services.notice_by_mail import MailNotices
from rightsdesk.services.record_failure import record_failure, record_source_failure
from rightsdesk.services.remind_recipients import remind_recipients
from rightsdesk.services.request_confirmation import request_confirmation
from rightsdesk.services.request_decision import RequestDecision
from rightsdesk.services.request_release import request_release
from rightsdesk.services.retry_transfer import retry_transfer
from rightsdesk.services.review_decision import record_review
from rightsdesk.services.review_request import Reviewer
from rightsdesk.services.send_answer import Answered, send_answer
from rightsdesk.services.send_code import CodeSender, send_access_code, send_verification
from rightsdesk.services.send_message import send_message
from rightsdesk.services.staff_cases import StaffCases
from rightsdesk.services.staff_notices import StaffNotices
from rightsdesk.services.state_corrections import state_corrections
from rightsdesk.services.stop_use import UseStopper
from rightsdesk.services.submit_evidence import submit_evidence
from rightsdesk.services.submit_request import submit_request
from rightsdesk.services.sweep_deadlines import Swept, sweep_deadlines
from rightsdesk.services.tell_of_lifting import LiftingTeller
from rightsdesk.services.tell_recipient import RecipientTeller
from rightsdesk.services.tell_recipients import RecipientsTelling
from rightsdesk.services.transfer_package import transfer_package
from rightsdesk.services.withdraw_request import withdraw_request
from rightsdesk.services.write_letter import LetterDesk
from rightsdesk.services.write_message import MessageWriter
from tests.support.consents import CONSENT_TEXTS, POLICY
from tests.support.fake_corrector import FakeCorrector
from tests.support.fake_provisions import FakeProvisionLedger
from tests.support.fake_signer import FakeSigner
from tests.support.fake_staff import FakeStaffDirectory
from tests.support.fake_subject_desk import MovableClock
from tests.support.fakes import (
    FakeAcceptances,
    FakeBucket,
    FakeCaseStore,
    FakeCodeStore,
    FakeDirectory,
    FakeEraser,
    FakeExportStore,
    FakeHolds,
    FakeKeyring,
    FakeMailBudget,
    FakeMailer,
    FakeMessages,
    FakePermissions,
    FakeReader,
    FakeRecipientNotices,
    FakeRecordStore,
    FakeTable,
    FakeTaskTokens,
    FakeWorkflow,
    Faults,
    NoOutbound,
    PlainPress,
)
from tests.unit.domain import maps

MERCHANT = Path(__file__).parents[2] / "layers" / "merchant"
ORIGIN = "https://privacy.shop.example"
JANE = "jane@example.com"
JANES_MEMBER_ID = "M-000002"
HANDLER = StaffMember(user_id="sub-handler", roles=frozenset({Role.HANDLER}))
APPROVER = StaffMember(user_id="sub-approver", roles=frozenset({Role.APPROVER}))


@cache
def shop_map(*, version: str = "1") -> DataMap:
    """Members with orders, some of them gifts, and a file of letters for each member."""
    gift = {"gift_name": maps.field(about="other_person")}
    shop = maps.source(
        "dynamodb",
        members=maps.table("email", gives={"member_id": "member_id"}, identity=True),
        orders=maps.table("member_id", gives={"order_id": "order_id"}),
    )
    shop["collections"]["orders"]["fields"] |= gift
    files = maps.source("s3", letters=maps.objects("letters/{member_id}.jsonl"))
    return maps.data_map(maps.written("email", "member_id", "order_id", shop=shop, files=files) | {"version": version})


@cache
def merchant() -> MerchantProfile:
    return MerchantProfile.model_validate(yaml.safe_load((MERCHANT / "merchant.yaml").read_text("utf-8")))


class Desk:
    """`press`: what letters are printed with; by default one that only keeps what it is given."""

    def __init__(
        self,
        *,
        press: Any = None,
        data_map: DataMap | None = None,
        four_eyes: bool = True,
        workflow: Callable[[Faults], FakeWorkflow] = FakeWorkflow,
    ) -> None:
        self._numbers = count(1)  # request ids are the same in every desk
        self.four_eyes = four_eyes
        self.clock = MovableClock()
        self.faults = Faults()
        self.table = FakeTable(self.faults)
        self.cases = FakeCaseStore(self.table)
        self.messages = FakeMessages(self.table, self.cases)
        self.notices = FakeRecipientNotices(self.table, self.cases)
        self.codes = FakeCodeStore(self.table)
        self.tokens = FakeTaskTokens(self.table)
        self.budget = FakeMailBudget(self.faults)
        self.own_mail_budget = FakeMailBudget(self.faults)
        self.agent_budget = FakeMailBudget(self.faults, per_day=AGENT_MAILS_PER_DAY)
        self.workflow = workflow(self.faults)
        self.mailer = FakeMailer(self.faults)
        self.press = press or PlainPress()
        self.directory = FakeDirectory(self.faults)
        self.staff_directory = FakeStaffDirectory(self.faults)
        self.bucket = FakeBucket(self.faults)
        self.exports = FakeExportStore(self.bucket)
        self.signer = FakeSigner()
        self.outbound: Outbound = NoOutbound()  # whom a test lets the desk call
        self.records = FakeRecordStore(self.bucket)
        self.keys = FakeKeyring()
        self.merchant = merchant()
        self.data_map = data_map or shop_map()
        self.links = Links(origin=ORIGIN)
        self.reader = FakeReader(
            self.faults,
            {
                ("shop/members", "email", JANE): [{"pk": "1", "sk": "P", "member_id": JANES_MEMBER_ID, "text": "Jane"}],
                ("shop/orders", "member_id", JANES_MEMBER_ID): [
                    {"pk": "2", "sk": "O", "order_id": "K-1", "text": "a chair"},
                    {"pk": "3", "sk": "O", "order_id": "K-2", "text": "a lamp", "gift_name": "Tom"},
                ],
                ("files/letters", "member_id", JANES_MEMBER_ID): [{"text": "Dear shop"}],
            },
        )
        self.eraser = FakeEraser(self.faults, self.reader)
        self.extent = Extent(objects=1, bytes=1000)  # of what lies under a prefix
        self.corrector = FakeCorrector(self.faults, self.reader)
        self.holds = FakeHolds(self.faults)
        self.connectors: dict[str, RecipientConnector] = {}  # in place of the wired ones
        self.permissions = FakePermissions(self.faults)
        self.acceptances = FakeAcceptances(self.faults)
        self.provisions = FakeProvisionLedger(self.faults)
        self.remembered: dict[str, datetime] = {}  # request id -> when it was certified
        self.suppressed = ("email", "member_id")  # kinds of identifiers that erased people are known by
        self.add_account(JANE, JANES_MEMBER_ID)
        self.directory.orders["K-1"] = HeldOrder(
            order_number="K-1", postcode="D02 X285", owners={"member_id": (JANES_MEMBER_ID,)}
        )
        self.letters = LetterDesk(
            cases=self.cases,
            press=self.press,
            mailer=self.mailer,
            clock=self.clock,
            staff_mailbox="privacy-desk@shop.example",
        )
        self.code_desk = CodeDesk(
            cases=self.cases,
            codes=self.codes,
            tokens=self.tokens,
            workflow=self.workflow,
            letters=self.letters,
            keys=self.keys,
            links=lambda: self.links,
            clock=self.clock,
        )
        self.sender = CodeSender(
            codes=self.codes,
            letters=self.letters,
            keys=self.keys,
            merchant=self.merchant,
            links=lambda: self.links,
            clock=self.clock,
        )
        self.reviewer = Reviewer(
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            letters=self.letters,
            merchant=self.merchant,
            clock=self.clock,
            four_eyes=four_eyes,
        )
        self.approval = ErasureApproval(
            cases=self.cases,
            holds=self.holds,
            tokens=self.tokens,
            workflow=self.workflow,
            letters=self.letters,
            data_map=lambda: self.data_map,
            clock=self.clock,
        )
        self.staff = StaffCases(
            cases=self.cases,
            holds=self.holds,
            workflow=self.workflow,
            merchant=self.merchant,
            recipients=lambda: self.data_map.recipients,
            clock=self.clock,
            four_eyes=four_eyes,
        )

    # What there is

    def add_account(self, address: str, member_id: str, *, mailbox_changed_at: datetime | None = None) -> None:
        self.directory.accounts[address] = Account(
            identifiers={"email": (address,), "member_id": (member_id,)}, mailbox_changed_at=mailbox_changed_at
        )

    def now(self, case: PrivacyRequest) -> PrivacyRequest:
        """The case as it stands in the table, read past the faults."""
        return PrivacyRequest.model_validate_json(self.table.cases[case.request_id])

    def only_case(self) -> PrivacyRequest:
        (stored,) = self.table.cases.values()
        return PrivacyRequest.model_validate_json(stored)

    def history(self, case: PrivacyRequest) -> list[str]:
        """The types of its events, and a check of the chain beside."""
        now = self.now(case)
        events = self.table.events[case.request_id]
        assert verify_chain(events, expected_head=(now.event_sequence, now.event_hash)) is None
        return [event.type for event in events]

    def mails(self) -> list[str]:
        """The names of the letters that went out, with the plain press."""
        return [mail.subject for mail in self.mailer.outbox]

    def code(self) -> str:
        """The code in the newest mail that holds one."""
        return next(mail.text for mail in reversed(self.mailer.outbox) if mail.text)

    # The doors

    def submission(self, **changes: Any) -> Submission:
        values: dict[str, Any] = {
            "types": (RequestType.ACCESS, RequestType.PORTABILITY),
            "email": JANE,
            "name": "Jane Murphy",
            "country": "IE",
            "language": "en",
            "door": Door.WEB,
        }
        return Submission(**(values | changes))

    def receive(self, **changes: Any) -> Receipt:
        return submit_request(
            self.submission(**changes),
            cases=self.cases,
            workflow=self.workflow,
            keys=self.keys,
            merchant=self.merchant,
            clock=self.clock,
            new_id=lambda: f"{next(self._numbers):032x}",
        )

    def submit(self, **changes: Any) -> PrivacyRequest:
        return self.cases.find(self.receive(**changes).reference)

    def verify(self, case: PrivacyRequest, code: str | None = None) -> Verified:
        return self.code_desk.verify_request(case.reference, code or self.code())

    def ask_code(self, case: PrivacyRequest | str) -> None:
        reference = case if isinstance(case, str) else case.reference
        send_access_code(reference, cases=self.cases, budget=self.budget, sender=self.sender, clock=self.clock)

    def session(self, case: PrivacyRequest) -> Session:
        return Session(request_id=case.request_id, expires_at=self.clock() + timedelta(minutes=15))

    def enter_evidence(self, case: PrivacyRequest, order_number: str = "K-1", postcode: str = "D02 X285") -> None:
        submit_evidence(
            self.session(case),
            order_number,
            postcode,
            cases=self.cases,
            codes=self.codes,
            tokens=self.tokens,
            workflow=self.workflow,
            merchant=self.merchant,
            clock=self.clock,
        )

    def answer_question(self, case: PrivacyRequest, text: str = "The orders of 2024.") -> None:
        answer_question(
            self.session(case),
            text,
            cases=self.cases,
            letters=self.letters,
            merchant=self.merchant,
            clock=self.clock,
        )

    def writer(self) -> MessageWriter:
        return MessageWriter(
            cases=self.cases,
            messages=self.messages,
            letters=self.letters,
            merchant=self.merchant,
            clock=self.clock,
            submit=partial(
                submit_request,
                cases=self.cases,
                workflow=self.workflow,
                keys=self.keys,
                merchant=self.merchant,
                clock=self.clock,
            ),
            new_id=lambda text: keyed_id(self.keys.key("request"), text),
        )

    def write(self, case: PrivacyRequest, text: str = "I have found the letter.") -> MessageTaken:
        return self.writer().write(self.session(case), text, Door.WEB)

    def write_back(
        self,
        case: PrivacyRequest,
        text: str = "We look into it today.",
        *,
        staff: StaffMember = HANDLER,
        version: int | None = None,
    ) -> PrivacyRequest:
        return send_message(
            staff,
            case,
            version or case.version,
            text,
            cases=self.cases,
            messages=self.messages,
            letters=self.letters,
            links=lambda: self.links,
            clock=self.clock,
        )

    def download(self, case: PrivacyRequest, part: int = 1) -> DownloadLink:
        return download_export(
            self.session(case),
            part,
            cases=self.cases,
            exports=self.exports,
            letters=self.letters,
            merchant=self.merchant,
            clock=self.clock,
        )

    def confirm_erasure(self, case: PrivacyRequest) -> datetime:
        return confirm_erasure(
            self.session(case),
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            letters=self.letters,
            links=lambda: self.links,
            clock=self.clock,
        )

    def disown(self, case: PrivacyRequest) -> DisownView:
        token = f"{case.request_id}{case.disown_secret}"
        return disown_request(
            token, cases=self.cases, letters=self.letters, newsletter=lambda: "newsletter", clock=self.clock
        )

    def withdraw(self, case: PrivacyRequest) -> None:
        withdraw_request(self.session(case), cases=self.cases, workflow=self.workflow, clock=self.clock)

    # The tasks of the workflow

    def send_verification(self, case: PrivacyRequest, wait: str = "verification-1") -> None:
        send_verification(
            case.request_id,
            wait,
            cases=self.cases,
            tokens=self.tokens,
            budget=self.budget,
            own_mail_budget=self.own_mail_budget,
            agent_budget=self.agent_budget,
            workflow=self.workflow,
            sender=self.sender,
            clock=self.clock,
        )

    def decide(self, case: PrivacyRequest, wait: str = "decision-1") -> None:
        RequestDecision(
            cases=self.cases,
            codes=self.codes,
            tokens=self.tokens,
            workflow=self.workflow,
            directory=self.directory,
            letters=self.letters,
            keys=self.keys,
            data_map=self.data_map,
            links=lambda: self.links,
            merchant=self.merchant,
            clock=self.clock,
        ).decide(case.request_id, wait)

    def collect(self, case: PrivacyRequest, source: str) -> None:
        collect_source(
            case.request_id,
            source,
            cases=self.cases,
            collect=partial(collect_data, reader=self.reader, store=self.records),
            data_map=self.data_map,
            found=SpooledValues,
            discard=lambda request_id: self.exports.discard(f"work/{request_id}/"),
            clock=self.clock,
        )

    def build(self, case: PrivacyRequest, *, final: bool = False) -> None:
        build_export(
            case.request_id,
            final=final,
            cases=self.cases,
            messages=self.messages,
            records=self.records,
            exports=self.exports,
            provisions=self.provisions,
            permissions=self.permissions,
            acceptances=self.acceptances,
            keys=self.keys,
            data_map=self.data_map,
            texts=CONSENT_TEXTS,
            policy=POLICY,
            merchant=self.merchant,
            clock=self.clock,
        )

    def ask_release(self, case: PrivacyRequest, wait: str = "release-1") -> None:
        request_release(
            case.request_id,
            wait,
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            letters=self.letters,
            clock=self.clock,
        )

    def divide(self, case: PrivacyRequest) -> Division:
        return divide_erasure(
            case.request_id, cases=self.cases, data_map=self.data_map, extent_of=lambda files: self.extent
        )

    def person_eraser(self, shard: Shard = WHOLE) -> PersonEraser:
        return PersonEraser(
            cases=self.cases,
            manifest=RecordedManifest(self.records),
            reader=self.reader,
            eraser=self.eraser.of_shard(shard),
            data_map=self.data_map,
            merchant=self.merchant,
            found=SpooledValues,
            discard=lambda request_id: self.exports.discard(f"work/{request_id}/"),
            clock=self.clock,
            shard=shard,
        )

    def plan_erasure(self, case: PrivacyRequest, source: str, shard: Shard = WHOLE) -> None:
        self.person_eraser(shard).plan(case.request_id, source)

    def check_erasure(self, case: PrivacyRequest, source: str, shard: Shard = WHOLE) -> None:
        self.person_eraser(shard).check(case.request_id, source)

    def erase(self, case: PrivacyRequest, source: str, shard: Shard = WHOLE) -> None:
        self.person_eraser(shard).erase(case.request_id, source)

    def search_again(self, case: PrivacyRequest, source: str, shard: Shard = WHOLE) -> None:
        self.person_eraser(shard).search(case.request_id, source)

    def ask_confirmation(self, case: PrivacyRequest, wait: str = "confirmation-1") -> None:
        request_confirmation(
            case.request_id,
            wait,
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            letters=self.letters,
            merchant=self.merchant,
            links=lambda: self.links,
            data_map=lambda: self.data_map,
            clock=self.clock,
        )

    def data_corrector(self) -> DataCorrector:
        return DataCorrector(
            cases=self.cases,
            records=self.records,
            reader_of=lambda _: self.reader,
            corrector_of=lambda _: self.corrector,
            letters=self.letters,
            data_map=self.data_map,
            found=SpooledValues,
            clock=self.clock,
        )

    def plan_correction(self, case: PrivacyRequest) -> None:
        self.data_corrector().plan(case.request_id)

    def correct(self, case: PrivacyRequest) -> str:
        return self.data_corrector().correct(case.request_id)

    def use_stopper(self) -> UseStopper:
        return UseStopper(
            cases=self.cases,
            permissions=self.permissions,
            holds=self.holds,
            keys=self.keys,
            letters=self.letters,
            links=lambda: self.links,
            tell_recipients=self.lifting_teller().tell,
            data_map=self.data_map,
            merchant=self.merchant,
            clock=self.clock,
        )

    def may(self, case: PrivacyRequest, purpose: str, recipient: str | None = None) -> Permission:
        """What the register answers of the person of this case."""
        return ask_permission(
            "email",
            case.email,
            purpose,
            recipient,
            permissions=self.permissions,
            keys=self.keys,
            kinds=self.data_map.identifiers,
            terms=lambda: terms_of(self.data_map),
            clock=self.clock,
        )

    def begin_erasure(self, case: PrivacyRequest) -> str:
        return begin_erasure(case.request_id, cases=self.cases, holds=self.holds, clock=self.clock)

    def certify(self, case: PrivacyRequest) -> str:
        def remember(case: PrivacyRequest, at: datetime) -> tuple[str, ...]:
            with self.faults.call("remember"):
                self.remembered[case.request_id] = at
            return self.suppressed

        return certify_erasure(case.request_id, cases=self.cases, remember=remember, clock=self.clock)

    def teller(self) -> RecipientTeller:
        """The wired ways of telling recipients: by mail, and by staff."""
        by_mail = MailNotices(
            letters=self.letters,
            keys=self.keys,
            links=lambda: self.links,
            identifiers=lambda: self.data_map.identifiers,
            purposes=lambda: self.data_map.purposes,
            data_map=lambda: self.data_map,
            merchant=self.merchant,
            clock=self.clock,
        )
        by_hand = HandNotices(letters=self.letters)
        return RecipientTeller(
            cases=self.cases,
            notices=self.notices,
            connectors={"mail": by_mail, "manual": by_hand, **self.connectors},
            clock=self.clock,
        )

    def telling(self) -> RecipientsTelling:
        finder = IdentifierFinder(
            data_map=self.data_map,
            manifest=RecordedManifest(self.records),
            reader_of=lambda _: self.reader,
            found=SpooledValues,
        )
        return RecipientsTelling(
            cases=self.cases,
            notices=self.notices,
            tell=self.teller().tell,
            data_map=self.data_map,
            identifiers=finder,
            clock=self.clock,
            new_id=lambda: str(UUID(int=(0xFA7CE0 + next(self._numbers)) << 100, version=4)),
        )

    def await_recipients(self, case: PrivacyRequest, wait: str = "recipients-1") -> None:
        await_recipients(
            case.request_id,
            wait,
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            clock=self.clock,
        )

    def notice_answers(self) -> NoticeAnswers:
        return NoticeAnswers(
            cases=self.cases, notices=self.notices, tokens=self.tokens, workflow=self.workflow, clock=self.clock
        )

    def notice_pages(self) -> NoticePages:
        return NoticePages(
            answers=self.notice_answers(),
            keys=self.keys,
            merchant=self.merchant,
            data_map=lambda: self.data_map,
        )

    def staff_notices(self) -> StaffNotices:
        return StaffNotices(
            find=self.cases.find,
            cases=self.cases,
            notices=self.notices,
            tell=self.teller().tell,
            recipients=lambda: self.data_map.recipients,
            tokens=self.tokens,
            workflow=self.workflow,
            language="en",
            clock=self.clock,
        )

    def lifting_teller(self) -> LiftingTeller:
        return LiftingTeller(
            cases=self.cases,
            notices=self.notices,
            recipients=lambda: self.data_map.recipients,
            data_map=lambda: self.data_map,
            letters=self.letters,
            merchant=self.merchant,
            clock=self.clock,
        )

    def lifter(self) -> RestrictionLifter:
        return RestrictionLifter(
            cases=self.cases,
            permissions=self.permissions,
            holds=self.holds,
            tell_recipients=self.lifting_teller().tell,
            keys=self.keys,
            letters=self.letters,
            links=lambda: self.links,
            tokens=self.tokens,
            workflow=self.workflow,
            merchant=self.merchant,
            clock=self.clock,
        )

    def settle_recipients(self, case: PrivacyRequest) -> None:
        """Each of them says that it is done."""
        for notice in self.notices.of(case.request_id):
            self.notice_answers().take(notice.notice_id, NoticeState.DONE)

    def transfer(self, case: PrivacyRequest) -> None:
        transfer_package(
            case.request_id,
            cases=self.cases,
            files=self.exports,
            signer=self.signer,
            outbound=self.outbound,
            clock=self.clock,
        )

    def await_transfer(self, case: PrivacyRequest, wait: str = "transfer-1") -> None:
        await_transfer(case.request_id, wait, cases=self.cases, tokens=self.tokens, workflow=self.workflow)

    def retry_transfer(self, case: PrivacyRequest, version: int | None = None, *, staff: StaffMember = HANDLER) -> None:
        to: dict[str, Any] = {"cases": self.cases, "tokens": self.tokens, "workflow": self.workflow}
        retry_transfer(staff, case, version or case.version, clock=self.clock, **to)

    def answer(self, case: PrivacyRequest) -> Answered:
        return send_answer(
            case.request_id,
            cases=self.cases,
            letters=self.letters,
            merchant=self.merchant,
            links=lambda: self.links,
            data_map=lambda: self.data_map,
            clock=self.clock,
        )

    def close(self, case: PrivacyRequest, outcome: Outcome = Outcome.FULFILLED) -> None:
        close_request(
            case.request_id,
            outcome,
            cases=self.cases,
            exports=self.exports,
            letters=self.letters,
            merchant=self.merchant,
            links=lambda: self.links,
            prefixes_of=lambda request_id: (f"work/{request_id}/", f"exports/{request_id}/"),
            clock=self.clock,
        )

    def fail(self, case: PrivacyRequest, state: str = "BuildExport", error: str = "KeyError") -> None:
        record_failure(case.request_id, state, error, cases=self.cases, letters=self.letters, clock=self.clock)

    def fail_source(self, case: PrivacyRequest, source: str, error: str = "SourceBrokenError") -> None:
        record_source_failure(case.request_id, source, error, cases=self.cases, clock=self.clock)

    def look(self, case: PrivacyRequest) -> Watch:
        return check_deadline(
            case.request_id,
            cases=self.cases,
            letters=self.letters,
            staff=self.staff_directory,
            merchant=self.merchant,
            links=lambda: self.links,
            remind=lambda case, silent: remind_recipients(
                case,
                silent=silent,
                notices=self.notices,
                recipients=lambda: self.data_map.recipients,
                tell=self.teller().tell,
                clock=self.clock,
            ),
            clock=self.clock,
        )

    def sweep(self) -> Swept:
        return sweep_deadlines(
            cases=self.cases, tokens=self.tokens, workflow=self.workflow, merchant=self.merchant, clock=self.clock
        )

    # Staff

    def release(
        self,
        case: PrivacyRequest,
        held: Treatment | None = Treatment.WITHHOLD,
        *,
        send: bool | None = None,
        send_refused: str | None = None,
    ) -> None:
        """`held`: what is decided about every collection with rows on other people, where a copy is given."""
        treatments = {"shop/orders": held} if held and case.gives_copy else {}
        self.reviewer.release(APPROVER, case, case.version, treatments, send, send_refused)

    def plan(self, case: PrivacyRequest) -> ErasurePlan:
        """The plan of the erasure, as staff see it."""
        return current_plan(case, self.cases.erasures(case.request_id))

    def approve(
        self,
        case: PrivacyRequest,
        kept: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        *,
        staff: StaffMember = HANDLER,
        version: int | None = None,
        plan_sha256: str | None = None,
    ) -> None:
        plan_sha256 = plan_sha256 or self.plan(case).sha256
        self.approval.approve(staff, case, version or case.version, plan_sha256, kept, reasons)

    def refuse(
        self,
        case: PrivacyRequest,
        ground: str = "gdpr_15_4",
        reason: str = "The tenth this week.",
        evidence: str | None = None,
        *,
        staff: StaffMember = APPROVER,
    ) -> None:
        self.reviewer.refuse(staff, case, case.version, ground, reason, evidence)

    def complete(
        self,
        case: PrivacyRequest,
        done: str = "Your account is closed.",
        version: int | None = None,
        *,
        kept: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
    ) -> None:
        if RequestType.AUTOMATED_DECISION in case.types and case.review is None:
            case, version = self.review(case, version=version), None
        complete_request(
            APPROVER,
            case,
            version or case.version,
            done,
            kept,
            reasons,
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            data_map=lambda: self.data_map,
            clock=self.clock,
            four_eyes=self.four_eyes,
        )

    def review(
        self,
        case: PrivacyRequest,
        decision: str | None = None,
        result: ReviewResult = ReviewResult.NONE,
        reasons: str = "We looked at every order of yours, and none was declined.",
        *,
        staff: StaffMember = HANDLER,
        version: int | None = None,
    ) -> PrivacyRequest:
        return record_review(
            staff,
            case,
            version or case.version,
            decision,
            result,
            reasons,
            cases=self.cases,
            data_map=lambda: self.data_map,
            clock=self.clock,
        )

    def state_corrections(
        self,
        case: PrivacyRequest,
        *corrections: Correction,
        disputes: Iterable[Dispute] = (),
        staff: StaffMember = HANDLER,
        version: int | None = None,
    ) -> None:
        state_corrections(
            staff,
            case,
            version or case.version,
            corrections,
            disputes,
            data_map=self.data_map,
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            clock=self.clock,
        )

    def approve_correction(
        self,
        case: PrivacyRequest,
        *,
        staff: StaffMember = APPROVER,
        plan: str | None = None,
        version: int | None = None,
    ) -> None:
        planned = case.rectification.plan if case.rectification else None
        approve_correction(
            staff,
            case,
            version or case.version,
            plan or (planned.sha256 if planned else ""),
            cases=self.cases,
            tokens=self.tokens,
            workflow=self.workflow,
            clock=self.clock,
            four_eyes=self.four_eyes,
        )

    def extend(
        self,
        case: PrivacyRequest,
        explanation: str = "Your letters of nineteen years lie in four archives on tape.",
        *,
        reason: ExtensionReason = ExtensionReason.COMPLEXITY,
        staff: StaffMember = HANDLER,
        version: int | None = None,
    ) -> PrivacyRequest:
        return extend_request(
            staff,
            case,
            version or case.version,
            reason,
            explanation,
            cases=self.cases,
            letters=self.letters,
            merchant=self.merchant,
            links=lambda: self.links,
            clock=self.clock,
        )

    def ask(
        self,
        case: PrivacyRequest,
        text: str = "Which orders do you mean?",
        *,
        kind: QuestionKind = QuestionKind.CLARIFICATION,
        staff: StaffMember = HANDLER,
        version: int | None = None,
    ) -> PrivacyRequest:
        return ask_subject(
            staff,
            case,
            version or case.version,
            kind,
            text,
            cases=self.cases,
            letters=self.letters,
            merchant=self.merchant,
            links=lambda: self.links,
            clock=self.clock,
        )

    # Ways to a point

    def to_be_carried_out(self, **changes: Any) -> PrivacyRequest:
        case = self.collecting(**({"types": (RequestType.OBJECTION,), "details": "No more of it."} | changes))
        self.ask_release(case)
        return self.now(case)

    def planned(self, **changes: Any) -> PrivacyRequest:
        """An erasure of which the plan is made, and the person is asked to confirm it."""
        case = self.collecting(**({"types": (RequestType.ERASURE,)} | changes))
        for source in case.sources:
            self.plan_erasure(case, source)
        self.ask_confirmation(case)
        return self.now(case)

    def confirmed(self, **changes: Any) -> PrivacyRequest:
        """It was confirmed, the time to undo it has passed, and staff have the plan before them."""
        case = self.planned(**changes)
        self.confirm_erasure(case)
        self.clock.advance(timedelta(hours=72))
        self.ask_release(case)
        return self.now(case)

    def approved(self, **changes: Any) -> PrivacyRequest:
        """Two people approved it, and every source was looked at once more."""
        case = self.confirmed(**changes)
        self.approve(case, {})
        self.approve(self.now(case), staff=APPROVER)
        for source in case.sources:
            self.check_erasure(case, source)
        return self.now(case)

    def erased(self, **changes: Any) -> PrivacyRequest:
        """All of it is done and searched; the certificate is still to be written."""
        case = self.approved(**changes)
        assert self.begin_erasure(case) == "erase"
        for source in case.sources:
            self.erase(case, source)
        for source in case.sources:
            self.search_again(case, source)
        return self.now(case)

    def verified(self, **changes: Any) -> PrivacyRequest:
        case = self.submit(**changes)
        self.send_verification(case)
        self.verify(case)
        return self.now(case)

    def collecting(self, **changes: Any) -> PrivacyRequest:
        case = self.verified(**changes)
        self.decide(case)
        return self.now(case)

    def collected(self, **changes: Any) -> PrivacyRequest:
        case = self.collecting(**changes)
        for source in case.sources:
            self.collect(case, source)
        return self.now(case)

    def awaiting_review(self, **changes: Any) -> PrivacyRequest:
        case = self.collected(**changes)
        self.build(case)
        self.ask_release(case)
        return self.now(case)

    def answered(self, held: Treatment = Treatment.WITHHOLD, **changes: Any) -> PrivacyRequest:
        case = self.awaiting_review(**changes)
        self.release(case, held)
        if held is not Treatment.WITHHOLD and case.gives_copy:
            self.build(case, final=True)
        self.answer(case)
        return self.now(case)
