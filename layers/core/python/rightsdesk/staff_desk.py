"""The desk of the door for staff, wired: everything that staff may see and do, over AWS."""

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.dynamo_holds import DynamoHolds
from rightsdesk.adapters.dynamo_mails import DynamoMailStore
from rightsdesk.adapters.dynamo_messages import DynamoMessages
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.dynamo_retention import DynamoRetentionLedger
from rightsdesk.adapters.kms_signer import KmsSigner
from rightsdesk.adapters.lambda_runs import FunctionRuns
from rightsdesk.adapters.merchant_files import described_data_map, recipients
from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.s3_mails import S3MailFiles
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.domain.case_views import CaseView, EvidenceBundle, ReviewView
from rightsdesk.domain.correction import Correction, Dispute
from rightsdesk.domain.decision_review import ReviewResult
from rightsdesk.domain.decision_views import DecisionsView
from rightsdesk.domain.erasure_views import ErasurePlanView
from rightsdesk.domain.identity import keyed_id
from rightsdesk.domain.register import RegisterRow
from rightsdesk.domain.report import Report
from rightsdesk.domain.request import Language, PrivacyRequest, Submission, Withholding
from rightsdesk.domain.safeguard_state import SpecialKind
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.use_stop import lifting_moment
from rightsdesk.domain.views import Receipt
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.services.approve_correction import approve_correction
from rightsdesk.services.ask_subject import ask_subject
from rightsdesk.services.close_request import close_request
from rightsdesk.services.correct_residence import correct_residence
from rightsdesk.services.extend_request import extend_request
from rightsdesk.services.hold_erasure import lift_hold, place_hold
from rightsdesk.services.preview_export import preview_export
from rightsdesk.services.preview_letter import LetterPreviews
from rightsdesk.services.reach_person import reach_person
from rightsdesk.services.register import Register
from rightsdesk.services.review_request import Reviewer
from rightsdesk.services.send_answer import send_answer
from rightsdesk.services.send_message import send_message
from rightsdesk.services.staff_cases import StaffCases
from rightsdesk.services.staff_retention import StaffRetention
from rightsdesk.services.submit_request import submit_request
from rightsdesk.services.triage_mail import TriageDesk
from rightsdesk.services.view_held import view_held_rows
from rightsdesk.services.view_letters import view_letters
from rightsdesk.settings import StaffApiSettings
from rightsdesk.web.mail_desk import MailDesk
from rightsdesk.web.staff_desk import StaffDesk
from rightsdesk.wiring import letter_desk, letter_press, merchant, utc_now

if TYPE_CHECKING:  # imported where recipients are asked after
    from rightsdesk.services.staff_notices import StaffNotices


def staff_desk(settings: StaffApiSettings, *, links: LinkSource) -> StaffDesk:
    """`links` go into the letters that staff cause: to the pages, which the same API serves."""
    cases = DynamoCaseStore(settings.cases_table)
    tokens = DynamoTaskTokens(settings.cases_table)
    workflow = StepFunctionsWorkflow(privacy_request_arn=settings.privacy_request_arn)
    letters = letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        staff_mailbox=settings.staff_mailbox,
        inbound_address=settings.inbound_address,
        links=links,
    )
    holds = DynamoHolds(settings.people_table)
    staff_cases = StaffCases(
        cases=cases,
        holds=holds,
        workflow=workflow,
        merchant=merchant(),
        recipients=recipients,
        clock=utc_now,
        four_eyes=settings.four_eyes,
    )
    reviewer = Reviewer(
        cases=cases,
        tokens=tokens,
        workflow=workflow,
        letters=letters,
        merchant=merchant(),
        clock=utc_now,
        four_eyes=settings.four_eyes,
    )
    register = Register(cases=cases, merchant=merchant(), recipients=recipients, clock=utc_now)
    to_person: dict[str, Any] = {"merchant": merchant(), "links": links, "clock": utc_now}
    previews = LetterPreviews(
        find=staff_cases.find,
        cases=cases,
        press=letter_press(),
        extend=partial(extend_request, **to_person),
        ask=partial(ask_subject, **to_person),
        refuse=partial(close_request, prefixes_of=lambda _: (), **to_person),
        answer=partial(send_answer, data_map=described_data_map, recipients_are_told=False, **to_person),
        data_map=described_data_map,
        lifted_at=lambda: lifting_moment(utc_now(), merchant().timezone),
    )
    by_hand: dict[str, Any] = {
        "tokens": tokens,
        "workflow": workflow,
        "clock": utc_now,
        "four_eyes": settings.four_eyes,
    }

    def seen(action: Action, act: Callable[..., object], **bound: Any) -> Callable[..., CaseView]:
        """An act on a case found by its reference; it answers with the case as it is then."""

        def use(staff: StaffMember, reference: str, *given: Any) -> CaseView:
            staff.require(action)  # before anything is read
            act(staff, staff_cases.find(reference), *given, **bound)
            return staff_cases.view(staff, reference)

        return use

    # What is done with fields is asked for seldom, and the data map behind it is slow to import; so is evidence.

    def decisions(staff: StaffMember, reference: str) -> DecisionsView:
        from rightsdesk.services.view_decisions import view_decisions

        return view_decisions(staff, staff_cases.find(reference), cases=cases, data_map=described_data_map)

    def erasure(staff: StaffMember, reference: str) -> ErasurePlanView:
        from rightsdesk.services.view_erasure import view_erasure

        case = staff_cases.find(reference)
        return view_erasure(staff, case, cases=cases, holds=holds, data_map=described_data_map(), clock=utc_now)

    def correct(
        staff: StaffMember,
        case: PrivacyRequest,
        version: int,
        corrections: tuple[Correction, ...],
        disputes: tuple[Dispute, ...],
    ) -> None:
        from rightsdesk.services.state_corrections import state_corrections

        to: dict[str, Any] = {"cases": cases, "tokens": tokens, "workflow": workflow, "clock": utc_now}
        state_corrections(staff, case, version, corrections, disputes, data_map=described_data_map(), **to)

    def approve_erasure(
        staff: StaffMember,
        case: PrivacyRequest,
        version: int,
        plan_sha256: str,
        kept: dict[str, str] | None,
        reasons: dict[str, str] | None,
    ) -> None:
        from rightsdesk.services.approve_erasure import ErasureApproval

        approval = ErasureApproval(
            cases=cases,
            holds=holds,
            tokens=tokens,
            workflow=workflow,
            letters=letters,
            data_map=described_data_map,
            clock=utc_now,
        )
        approval.approve(staff, case, version, plan_sha256, kept, reasons)

    def lift_restriction(staff: StaffMember, case: PrivacyRequest, version: int, reason: str) -> None:
        from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
        from rightsdesk.services.lift_restriction import RestrictionLifter
        from rightsdesk.services.tell_of_lifting import LiftingTeller

        lifting = LiftingTeller(
            cases=cases,
            notices=DynamoRecipientNotices(settings.cases_table, cases),
            recipients=recipients,
            data_map=described_data_map,
            letters=letters,
            merchant=merchant(),
            clock=utc_now,
        )
        lifter = RestrictionLifter(
            cases=cases,
            permissions=DynamoPermissions(settings.people_table),
            holds=holds,
            tell_recipients=lifting.tell,
            keys=SecretKeyring(settings.pepper_secret_arn),
            letters=letters,
            tokens=tokens,
            workflow=workflow,
            **to_person,
        )
        lifter.lift(staff, case, version, reason)

    def withhold(staff: StaffMember, case: PrivacyRequest, version: int, fields: dict[str, Withholding]) -> None:
        from rightsdesk.services.withhold_fields import withhold_fields

        withhold_fields(staff, case, version, fields, cases=cases, clock=utc_now)

    def mandate(staff: StaffMember, case: PrivacyRequest, version: int, accepted: bool, reason: str) -> None:
        from rightsdesk.services.decide_mandate import decide_mandate

        decide_mandate(staff, case, version, accepted, reason, cases=cases, clock=utc_now)

    def raise_special(staff: StaffMember, case: PrivacyRequest, version: int, kind: SpecialKind) -> None:
        from rightsdesk.services.special_case import raise_special_case

        raise_special_case(staff, case, version, kind, cases=cases, clock=utc_now)

    def decide_special(staff: StaffMember, case: PrivacyRequest, version: int, reason: str) -> None:
        from rightsdesk.services.special_case import decide_special_case

        decide_special_case(staff, case, version, reason, cases=cases, clock=utc_now)

    def thaw(staff: StaffMember, case: PrivacyRequest, version: int, reason: str) -> None:
        from rightsdesk.services.thaw_request import thaw_request

        thaw_request(staff, case, version, reason, cases=cases, clock=utc_now)

    def retry_transfer(staff: StaffMember, case: PrivacyRequest, version: int) -> None:
        from rightsdesk.services.retry_transfer import retry_transfer

        retry_transfer(staff, case, version, cases=cases, tokens=tokens, workflow=workflow, clock=utc_now)

    def evidence(staff: StaffMember, reference: str) -> EvidenceBundle:
        from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
        from rightsdesk.services.build_evidence import build_evidence

        return build_evidence(
            staff,
            reference,
            find=staff_cases.find,
            cases=cases,
            notices=DynamoRecipientNotices(settings.cases_table, cases),
            signer=KmsSigner(settings.evidence_key_arn),
            clock=utc_now,
        )

    def view_review(staff: StaffMember, reference: str) -> ReviewView:
        from rightsdesk.services.review_decision import view_review

        staff.require(Action.INSPECT)  # before anything is read
        records = S3RecordStore(settings.export_bucket)
        case = staff_cases.find(reference)
        return view_review(staff, case, cases=cases, records=records, data_map=described_data_map, clock=utc_now)

    def review(
        staff: StaffMember, case: PrivacyRequest, version: int, decision: str | None, result: ReviewResult, reasons: str
    ) -> None:
        from rightsdesk.services.review_decision import record_review

        to: dict[str, Any] = {"cases": cases, "data_map": described_data_map, "clock": utc_now}
        record_review(staff, case, version, decision, result, reasons, **to)

    def complete(
        staff: StaffMember,
        case: PrivacyRequest,
        version: int,
        done: str,
        kept: dict[str, str] | None,
        reasons: dict[str, str] | None,
    ) -> None:
        from rightsdesk.services.complete_request import complete_request

        to: dict[str, Any] = {"cases": cases, "data_map": described_data_map}
        complete_request(staff, case, version, done, kept, reasons, **to, **by_hand)

    @cache
    def told() -> "StaffNotices":
        from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
        from rightsdesk.services.staff_notices import StaffNotices
        from rightsdesk.telling_desk import telling_desk

        keys = SecretKeyring(settings.pepper_secret_arn)
        notices = DynamoRecipientNotices(settings.cases_table, cases)
        teller = telling_desk(
            cases=cases,
            notices=notices,
            letters=letters,
            keys=keys,
            links=links,
            tokens=tokens,
            credentials_arn=settings.recipient_credentials_arn,
        )
        return StaffNotices(
            find=staff_cases.find,
            cases=cases,
            notices=notices,
            tell=teller.tell,
            recipients=recipients,
            tokens=tokens,
            workflow=workflow,
            language=merchant().staff_language,
            clock=utc_now,
        )

    ending = FunctionRuns(settings.end_retention_arn)
    retention = StaffRetention(
        ledger=DynamoRetentionLedger(settings.people_table, settings.cases_table),
        erase_now=lambda entry_id: ending.start({"entry_id": entry_id}),
        merchant=merchant(),
        clock=utc_now,
    )
    triage = _triage(settings, cases=cases, letters=letters, links=links, find=staff_cases.find)

    return StaffDesk(
        list_open=staff_cases.list_open,
        view=staff_cases.view,
        timeline=staff_cases.timeline,
        letters=partial(view_letters, find=staff_cases.find, cases=cases),
        preview=partial(
            preview_export,
            find=staff_cases.find,
            cases=cases,
            exports=S3ExportStore(settings.export_bucket),
            clock=utc_now,
        ),
        held=partial(
            view_held_rows,
            find=staff_cases.find,
            cases=cases,
            records=S3RecordStore(settings.export_bucket),
            data_map=described_data_map,
            clock=utc_now,
        ),
        assign=staff_cases.assign,
        extend=seen(Action.EXTEND, extend_request, cases=cases, letters=letters, **to_person),
        ask=seen(Action.ASK, ask_subject, cases=cases, letters=letters, **to_person),
        write=seen(
            Action.ASK,
            send_message,
            cases=cases,
            messages=DynamoMessages(settings.cases_table, cases),
            letters=letters,
            links=links,
            clock=utc_now,
        ),
        reach=seen(Action.REACH, reach_person, cases=cases, clock=utc_now),
        decisions=decisions,
        evidence=evidence,
        withhold=seen(Action.DECIDE, withhold),
        release=seen(Action.RELEASE, reviewer.release),
        state_corrections=seen(Action.DECIDE, correct),
        approve_correction=seen(Action.COMPLETE, approve_correction, cases=cases, **by_hand),
        erasure=erasure,
        approve_erasure=seen(Action.PROPOSE, approve_erasure),
        lift_restriction=seen(Action.LIFT, lift_restriction),
        decide_mandate=seen(Action.DECIDE, mandate),
        raise_special_case=seen(Action.DECIDE, raise_special),
        decide_special_case=seen(Action.CLEAR, decide_special),
        thaw=seen(Action.CLEAR, thaw),
        hold=seen(Action.PROPOSE, place_hold, cases=cases, holds=holds, clock=utc_now),
        lift_hold=seen(Action.LIFT, lift_hold, cases=cases, holds=holds, clock=utc_now),
        notices=lambda *given: told().list(*given),
        note_recipient=lambda *given: told().note(*given),
        let_recipient_rest=lambda *given: told().let_rest(*given),
        tell_recipient_again=lambda *given: told().tell_again(*given),
        view_review=view_review,
        review=seen(Action.DECIDE, review),
        complete=seen(Action.COMPLETE, complete),
        refuse=seen(Action.PROPOSE, reviewer.refuse),
        confirm_refusal=seen(Action.REFUSE, reviewer.confirm_refusal),
        preview_letter=previews.preview,
        reside=seen(Action.RESIDE, correct_residence, cases=cases, merchant=merchant(), clock=utc_now),
        retry=staff_cases.retry,
        retry_transfer=seen(Action.RETRY, retry_transfer),
        kept=retention.page,
        lift_kept=retention.lift,
        register=register.rows,
        register_csv=_csv,
        report=register.report,
        report_text=_text,
        report_svg=_svg,
        mail=MailDesk(
            list_open=triage.list_open,
            list_month=triage.list_month,
            messages=triage.messages,
            view=triage.view,
            file=triage.file,
            raw=triage.raw,
            make_requests=triage.make_requests,
            attach=triage.attach,
            ask=triage.ask,
            dismiss=triage.dismiss,
            purge=triage.purge,
        ),
    )


def _triage(
    settings: StaffApiSettings,
    *,
    cases: DynamoCaseStore,
    letters: Correspondence,
    links: LinkSource,
    find: Callable[[str], PrivacyRequest],
) -> TriageDesk:
    """What staff do with mails that came in. A request that they make is made as at any other door."""
    keys = SecretKeyring(settings.pepper_secret_arn)
    workflow = StepFunctionsWorkflow(
        privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
    )

    def submit(submission: Submission, **given: Any) -> Receipt:
        return submit_request(
            submission, cases=cases, workflow=workflow, keys=keys, merchant=merchant(), clock=utc_now, **given
        )

    return TriageDesk(
        mails=DynamoMailStore(settings.cases_table),
        files=S3MailFiles(settings.mail_bucket),
        cases=cases,
        messages=DynamoMessages(settings.cases_table, cases),
        letters=letters,
        merchant=merchant(),
        links=links,
        clock=utc_now,
        find=find,
        submit=submit,
        new_id=lambda text: keyed_id(keys.key("request"), text),
    )


# Written seldom: what writes them is imported then.


def _csv(rows: tuple[RegisterRow, ...]) -> str:
    from rightsdesk.export.register_csv import register_csv

    return register_csv(rows)


def _text(report: Report, language: Language | None) -> str:
    from rightsdesk.export.report_pages import report_text

    return report_text(report, language or merchant().staff_language)


def _svg(report: Report, language: Language | None) -> str:
    from rightsdesk.export.report_pages import report_svg

    return report_svg(report, language or merchant().staff_language)
