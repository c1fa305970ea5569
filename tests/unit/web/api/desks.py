"""Desks that write down what they are asked and answer with samples, or with an error."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rightsdesk.domain.audit import next_event
from rightsdesk.domain.case_views import (
    CasePage,
    CaseSummary,
    CaseView,
    DecisionInReview,
    EvidenceBundle,
    HeldCollection,
    HeldContent,
    HeldLabel,
    HeldRows,
    LetterList,
    LetterPreview,
    LetterView,
    PreviewLink,
    ReviewFacts,
    ReviewView,
    SourceView,
    Timeline,
    WhyStep,
)
from rightsdesk.domain.clock import QuestionKind
from rightsdesk.domain.decision_views import DecisionsView, DecisionView
from rightsdesk.domain.decisions import FieldAction
from rightsdesk.domain.erasure_plan import ErasureStage
from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.erasure_views import CollectionErasure, ErasurePlanView, SourceErasing
from rightsdesk.domain.fields import Label
from rightsdesk.domain.incoming_mail import MailFlag, Verdict, Verdicts
from rightsdesk.domain.intents import IntentType
from rightsdesk.domain.letters import DeliveryState
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.mail_item import MailStatus
from rightsdesk.domain.mail_views import (
    AddressView,
    ContentView,
    FileView,
    IntentView,
    MailLine,
    MailPage,
    MailView,
    MatchView,
    MessageList,
    ThreadLine,
)
from rightsdesk.domain.notice_views import NoticeList, NoticeView
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.register import RegisterRow
from rightsdesk.domain.report import make_report
from rightsdesk.domain.request import Door, RequestType
from rightsdesk.domain.retention_views import RetentionPage, RetentionView
from rightsdesk.domain.session import Session, SessionToken
from rightsdesk.domain.views import (
    DownloadLink,
    KeptView,
    LossView,
    MessageTaken,
    Package,
    PackagePart,
    QuestionView,
    Receipt,
    RequestView,
    Step,
    Verified,
)
from rightsdesk.law.deadlines import ExtensionBarrier
from rightsdesk.web.desks import SubjectDesk
from rightsdesk.web.mail_desk import MailDesk
from rightsdesk.web.staff_desk import StaffDesk
from tests.support.fake_subject_desk import OFFERED
from tests.support.retention import new_entry

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REFERENCE = "RD-28T5-CY4G-M"
SESSION = Session(request_id="00112233445566778899aabbccddeeff", expires_at=NOW)

PACKAGE = Package(
    parts=(PackagePart(part=1, name="RD-28T5-CY4G-M.zip", bytes=12_345, sha256="ab" * 32),),
    expires_at=NOW,
    downloads_left=5,
)
REQUEST_VIEW = RequestView(
    reference=REFERENCE,
    types=(RequestType.ACCESS,),
    status=Status.COLLECTING,
    outcome=None,
    received_at=NOW,
    due_on=date(2026, 12, 23),
    conservative_due_on=date(2026, 12, 23),
    clock="suspended",
    suspended_since=date(2026, 11, 23),
    extension=None,
    language="ja",
    evidence_needed=False,
    question=QuestionView(kind=QuestionKind.CLARIFICATION, text="Which orders?", asked_on=date(2026, 11, 23)),
    steps=(Step(name="received", at=NOW), Step(name="identity_confirmed", at=None)),
    package=PACKAGE,
    erasure=None,
    can_withdraw=True,
)
_SUMMARY: dict[str, Any] = {
    "reference": REFERENCE,
    "types": (RequestType.ACCESS,),
    "status": Status.AWAITING_REVIEW,
    "outcome": None,
    "received_at": NOW,
    "due_on": date(2026, 12, 23),
    "target_on": date(2026, 12, 16),
    "days_left": 30,
    "clock": "running",
    "country": "JP",
    "language": "ja",
    "assignee": None,
    "failed": False,
    "subject": "h•••@example.jp",
}
NOTICES = NoticeList(
    version=16,
    items=(
        NoticeView(
            recipient="carrier",
            label="Tsubame Express Co., Ltd. (deliveries)",
            notice_id="3f2a9c01-7c4b-4d2e-9a51-0c2b7d9e81a6",
            reference="RN-3F2A-9C01",
            channel="mail",
            action="correct",
            fields=("shop/addresses.name",),
            identifiers={"order_id": ("K000001-0001",)},
            state=NoticeState.IMPOSSIBLE,
            settled=False,
            asked_at=NOW,
            sent_at=NOW,
            sendings=1,
            answered_at=NOW,
            reason="The parcels are delivered, and the labels are destroyed.",
            let_rest_by=None,
            failure=None,
            instructions=None,
        ),
    ),
)
CASE_VIEW = CaseView(
    **_SUMMARY,
    version=7,
    next_step="decide_held_rows_and_release",
    name="佐藤 花子",
    order_number=None,
    details=None,
    laws=("appi",),
    rules=("appi.33",),
    aim=None,
    use=None,
    region=None,
    country_assumed=False,
    door=Door.WEB,
    messages=0,
    answered_by_package=True,
    nominal_on=date(2026, 12, 23),
    conservative_due_on=date(2026, 12, 23),
    extended_due_on=None,
    extension_notice_due_on=None,
    refusal_notice_due_on=date(2026, 12, 23),
    progress_notice_due_on=date(2026, 12, 7),
    suspended_days=0,
    why=(WhyStep(code="without_delay", rule="APPI-33-2", parameters={}),),
    extension=None,
    may_extend=False,
    extension_barrier=ExtensionBarrier.NO_EXTENSION_IN_THIS_LAW,
    questions=(),
    breaches=(),
    assurance=1,
    evidence_needed=False,
    sources=(SourceView(source="shop", status="done", collections={"orders": {"rows": 20, "flagged": 1}}),),
    held=(HeldRows(collection="orders/orders", rows=1, treatment=None),),
    to_judge=2,
    withheld={},
    kept={},
    reasons={},
    package=None,
    package_rows=86,
    done=None,
    carried_out_at=None,
    letters=(),
    undelivered=(),
    refusal=None,
    allowed_grounds=("appi_33_2_i", "gdpr_12_5"),
    failure=None,
    handled_by=("another",),
    recipients={},
    rectification=None,
    may_approve_correction=False,
    erasure=None,
    may_approve_erasure=False,
    may_release=True,
    may_complete=False,
    may_confirm_refusal=False,
)
KEPT = RetentionView.of(new_entry("00112233445566778899aabbccddeeff"))
REGISTER_ROW = RegisterRow(
    reference=REFERENCE,
    received_at=NOW,
    channel="web",
    types=("access",),
    laws=("appi",),
    rules=("APPI-33-2",),
    country="JP",
    region=None,
    language="ja",
    subject="3f" * 32,
    assurance=1,
    verified_at=NOW,
    status="closed",
    outcome="fulfilled",
    target_on=date(2026, 12, 7),
    due_on=date(2026, 12, 7),
    conservative_due_on=date(2026, 12, 7),
    suspended_days=0,
    clock_events=(),
    extension_reason=None,
    extension_told_at=None,
    grounds=(),
    breaches=(),
    decided_by=("another",),
    answered_at=NOW,
    letters=(),
    undelivered=(),
    files=(),
    datamap_version="1",
    closed_at=NOW,
    kept_until=date(2029, 11, 22),
)
REPORT = make_report("2026-10", (), zone=ZoneInfo("Asia/Tokyo"), now=NOW)
SUBJECT_ANSWERS: dict[str, Any] = {
    "offered": OFFERED,
    "disowning": None,
    "disown": None,
    "submit": Receipt(reference=REFERENCE, received_at=NOW, status=Status.RECEIVED),
    "verify": Verified(status=Status.VERIFIED, due_on=date(2026, 12, 23)),
    "send_code": None,
    "open_session": SessionToken(token="sealed", expires_at=NOW),
    "authenticate": SESSION,
    "view": REQUEST_VIEW,
    "submit_evidence": None,
    "answer_question": None,
    "write_message": MessageTaken(reference=REFERENCE, number=3),
    "download": DownloadLink(
        url="https://bucket.example/x", expires_at=NOW, sha256="ab" * 32, bytes=12_345, name="RD-28T5-CY4G-M.zip"
    ),
    "confirm_erasure": REQUEST_VIEW,
    "withdraw": REQUEST_VIEW,
    "agree_agent": REQUEST_VIEW,
    "notice": None,  # of the pages alone
    "answer_notice": None,
}
STAFF_ANSWERS: dict[str, Any] = {
    **dict.fromkeys(("notices", "note_recipient", "let_recipient_rest", "tell_recipient_again"), NOTICES),
    "list_open": CasePage(items=(CaseSummary(**_SUMMARY),), next="cursor"),
    "timeline": Timeline(
        reference=REFERENCE,
        events=(next_event(None, request_id=SESSION.request_id, type="received", at=NOW, actor="subject"),),
        intact=True,
        broken_at=None,
    ),
    "preview": PreviewLink(
        url="https://bucket.example/x", expires_at=NOW, sha256="ab" * 32, bytes=9, name="draft.zip", version=8
    ),
    "view_review": ReviewView(
        version=8,
        named="payment_fraud_check",
        contests=True,
        view="I paid every order.",
        decisions=(
            DecisionInReview(
                **dict.fromkeys(
                    ("label", "decides", "logic", "consequences", "safeguards", "reviewer"),
                    Label(en="Fraud check", ja="不正利用の確認"),
                ),
                name="payment_fraud_check",
                basis="contract",
                recipient="payment_gateway",
                inputs=("shop/members.fraud_score",),
            ),
        ),
        facts=(
            ReviewFacts(
                collection="shop/members",
                label=Label(en="Account", ja="アカウント"),
                fields={"fraud_score": Label(en="Fraud score", ja="不正利用スコア")},
                status="done",
                rows=({"fraud_score": 87},),
                more=False,
            ),
        ),
        review=None,
    ),
    "held": HeldContent(
        version=8,
        collections=(
            HeldCollection(
                collection="orders/orders",
                label=HeldLabel(en="Orders", ja="注文"),
                rows=({"gift_name": "Tom", "total": 5, "lines": [{"sku": "A"}]},),
                others=("gift_name",),
                shown=1,
                total=1,
            ),
        ),
    ),
    "erasure": ErasurePlanView(
        reference=REFERENCE,
        version=9,
        state="being_checked",
        round=1,
        plan_sha256="5e" * 32,
        delete=14,
        anonymise=9,
        keep=6,
        collections=(
            CollectionErasure(
                collection="shop/orders",
                label=Label(en="Orders", ja="注文"),
                delete=2,
                anonymise=0,
                keep=6,
                kept=(
                    KeptView(
                        what=Label(en="Orders", ja="注文"),
                        rows=6,
                        law=Label(en="Corporation Tax Act of Japan, Article 126", ja="法人税法第126条"),
                        until=date(2034, 3, 31),
                    ),
                ),
                losses=(LossView(what=Label(en="Open orders", ja="未発送のご注文"), count=1),),
                deleted=0,
                anonymised=0,
                changed=0,
                residue=0,
            ),
        ),
        sources=(SourceErasing(source="shop", stage=ErasureStage.PLANNED, at=NOW, searched_at=None, error=None),),
        asked_at=NOW,
        confirmed_at=NOW,
        undo_until=NOW,
        nothing_to_erase=False,
        weighed=True,
        approval=None,
        holds=(Hold(reason=HoldReason.OPEN_DISPUTE, placed_by="another", placed_at=NOW),),
        goes_first=None,
        began_at=None,
        certificate=None,
        certificate_sha256=None,
    ),
    "letters": LetterList(
        letters=(
            LetterView(letter="extended", to="person", version=1, state=DeliveryState.DELIVERED, at=NOW, sent_at=NOW),
        )
    ),
    "decisions": DecisionsView(
        reference=REFERENCE,
        version=7,
        counts={FieldAction.GIVE: 1},
        to_judge=1,
        grounds=("appi_33_2_i",),
        decisions=(
            DecisionView(
                field="shop/orders.gift_name",
                label=Label(en="Name on the gift", ja="贈り先のお名前"),
                type="access",
                action=FieldAction.GIVE,
                rule="APPI-33-2",
                source="APPI, Article 33(2)",
                version="as in force",
                text=Label(en="Disclose without delay.", ja="遅滞なく開示する。"),
                basis="contract",
                retention="orders",
                judgement=None,
                question=None,
                evidence=None,
                purposes=(),
                ground=None,
                dpv=(),
                by="policy",
            ),
        ),
    ),
    "evidence": EvidenceBundle(
        reference=REFERENCE, filename=f"{REFERENCE}_evidence.zip", bytes=2, sha256="ab" * 32, bundle="UEs="
    ),
    "kept": RetentionPage(items=(KEPT,)),
    "lift_kept": KEPT,
    "register": (REGISTER_ROW,),
    "register_csv": "reference\r\n",
    "report": REPORT,
    "report_text": "Requests received in 2026-10\n",
    "report_svg": "<svg/>\n",
    "preview_letter": LetterPreview(
        letter="extended", subject="We need longer", text="Dear", html="<p>Dear</p>", language="en"
    ),
    **dict.fromkeys(
        (
            *("view", "assign", "extend", "ask", "write", "review", "reach", "withhold", "release", "complete"),
            *("approve_erasure", "lift_restriction", "hold", "lift_hold", "state_corrections", "approve_correction"),
            *("refuse", "confirm_refusal", "reside", "retry", "retry_transfer"),
            *("decide_mandate", "raise_special_case", "decide_special_case", "thaw"),
        ),
        CASE_VIEW,
    ),
}


MAIL_ID = "5d41402abc4b2a76b9719d911017c592"
_MAIL_LINE: dict[str, Any] = {
    "id": MAIL_ID,
    "status": MailStatus.TRIAGE,
    "received_at": NOW,
    "due_on": date(2026, 12, 23),
    "target_on": date(2026, 12, 16),
    "days_left": 30,
    "country": "DE",
    "language": "de",
    "sender": "h•••@example.de",
    "intents": (IntentView(type=IntentType.ACCESS, score=0.9, why=("Art. 15 DSGVO",)),),
    "reminder": False,
    "held_for": ("several_intents",),
    "doubts": (),
    "automatic": (),
    "flags": (MailFlag.HTML_ONLY,),
    "files": 1,
    "suggestions": (REFERENCE,),
    "requests": (),
    "attached_to": None,
}
MAIL_VIEW = MailView(
    **_MAIL_LINE,
    version=3,
    verdicts=Verdicts(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.GRAY, spam=Verdict.PASS, virus=Verdict.PASS),
    content=ContentView(
        senders=(AddressView(address="hans@example.de", name="Hans Beispiel"),),
        reply_to=(),
        recipients=("privacy@shop.example",),
        subject="Auskunft",
        text="Bitte um Auskunft.",
        new_text="Bitte um Auskunft.",
        files=(FileView(number=1, name="vollmacht.pdf", media_type="application/pdf", bytes=9, sha256="ab" * 32),),
    ),
    matches=(MatchView(reference=REFERENCE, by="named", open=True),),
    earlier_mails=0,
    same_as=None,
    answers=None,
    dismissed_for=None,
    asked_at=None,
    settled_at=None,
    purged=False,
    intact=True,
)
MAIL_ANSWERS: dict[str, Any] = {
    "list_open": MailPage(items=(MailLine(**_MAIL_LINE),), next=None),
    "list_month": MailPage(items=(MailLine(**_MAIL_LINE),), next="2026-11-23T10:00:00Z"),
    "messages": MessageList(
        items=(MailLine(**_MAIL_LINE),),
        thread=(ThreadLine(number=1, by="person", at=NOW, text="I have found the letter."),),
    ),
    **dict.fromkeys(("file", "raw"), SUBJECT_ANSWERS["download"]),
    **dict.fromkeys(("view", "make_requests", "attach", "ask", "dismiss", "purge"), MAIL_VIEW),
}


class Log:
    """What a desk was asked: `calls` as (name, arguments). `fails[name]` is raised instead of an answer."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.fails: dict[str, Exception] = {}
        self.faults: list[tuple[Exception, str]] = []
        self._answers = answers

    def uses(self) -> dict[str, Callable[..., Any]]:
        return {name: self._use(name) for name in self._answers}

    def report(self, error: Exception, request_id: str) -> None:
        self.faults.append((error, request_id))

    def _use(self, name: str) -> Callable[..., Any]:
        def use(*arguments: Any) -> Any:
            self.calls.append((name, arguments))
            if name in self.fails:
                raise self.fails[name]
            return self._answers[name]

        return use


def subject_desk() -> tuple[SubjectDesk, Log]:
    log = Log(SUBJECT_ANSWERS)
    return SubjectDesk(**log.uses()), log


def staff_desk() -> tuple[StaffDesk, Log]:
    """What is asked about mails is in the log as `mail.view` and so on."""
    log = Log(STAFF_ANSWERS | {f"mail.{name}": answer for name, answer in MAIL_ANSWERS.items()})
    uses = log.uses()
    mail = MailDesk(**{name: uses.pop(f"mail.{name}") for name in MAIL_ANSWERS})
    return StaffDesk(**uses, mail=mail), log
