"""The JSON door for staff: the work list, a case, its history, and what may be done to it.

API Gateway has checked the token (Cognito); which roles may do what is the desk's to decide (`domain/staff.py`).
"""

# serves: B-2

from collections.abc import Callable
from datetime import datetime

from rightsdesk.domain.case_views import (
    CasePage,
    CaseView,
    EvidenceBundle,
    HeldContent,
    LetterList,
    LetterPreview,
    PreviewLink,
    ReviewView,
    Timeline,
)
from rightsdesk.domain.decision_views import DecisionsView
from rightsdesk.domain.errors import (
    CaseClosedError,
    CaseOpenError,
    ConflictError,
    GoneError,
    NotFoundError,
    RightsdeskError,
)
from rightsdesk.domain.report import Report as MonthlyReport
from rightsdesk.domain.request import Withholding
from rightsdesk.domain.staff import StaffMember
from rightsdesk.web.api_models import EmptyBody, Nothing, OpenApiDocument
from rightsdesk.web.json_door import ANYONE, Admission, Call, Document, JsonDoor
from rightsdesk.web.mail_models import ResidenceBody
from rightsdesk.web.rest_door import Report
from rightsdesk.web.staff_claims import staff_of
from rightsdesk.web.staff_desk import StaffDesk
from rightsdesk.web.staff_mail import serve_mail
from rightsdesk.web.staff_models import (
    AssignmentBody,
    CompletionBody,
    ConfirmationBody,
    ContactBody,
    ExtensionBody,
    LetterDraftBody,
    PreviewBody,
    QuestionBody,
    RefusalBody,
    RegisterAnswer,
    RegisterQuery,
    ReleaseBody,
    ReportQuery,
    ReviewBody,
    StaffMessageBody,
    TransferRetryBody,
    WithholdingBody,
    WorkListQuery,
)
from rightsdesk.web.staff_plans import serve_plans
from rightsdesk.web.staff_recipients import serve_recipients
from rightsdesk.web.staff_retention import serve_retention
from rightsdesk.web.staff_safeguards import serve_safeguards

_CHANGES: tuple[type[RightsdeskError], ...] = (NotFoundError, ConflictError, CaseClosedError)


def build_staff_api(desk: StaffDesk, *, report: Report, clock: Callable[[], datetime]) -> JsonDoor:
    """The door, to be called with `.resolve(event, context)`."""
    door = JsonDoor(title="Privacy requests: staff", report=report, clock=clock)
    staff = Admission(scheme="staff", admit=lambda incoming: staff_of(incoming.claims))

    @door.serve(
        "GET",
        "/staff/requests",
        summary="Open cases by target date, a page at a time",
        admit=staff,
        takes=WorkListQuery,
        answers=CasePage,
    )
    def list_cases(call: Call[StaffMember, WorkListQuery]) -> CasePage:
        return desk.list_open(call.caller, call.given.limit, call.given.cursor)

    @door.serve(
        "GET",
        "/staff/requests/{reference}",
        summary="One case: dates, sources, what is held back, the package",
        admit=staff,
        takes=Nothing,
        answers=CaseView,
        refuses=(NotFoundError,),
    )
    def view_case(call: Call[StaffMember, Nothing]) -> CaseView:
        return desk.view(call.caller, call.reference)

    @door.serve(
        "GET",
        "/staff/requests/{reference}/timeline",
        summary="The history of a case, and whether its chain is whole",
        admit=staff,
        takes=Nothing,
        answers=Timeline,
        refuses=(NotFoundError,),
    )
    def view_timeline(call: Call[StaffMember, Nothing]) -> Timeline:
        return desk.timeline(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/preview",
        summary="Get a link to the draft of the answer, good for 60 seconds, before deciding; release by its `version`",
        admit=staff,
        takes=PreviewBody,
        answers=PreviewLink,
        refuses=_CHANGES,
    )
    def preview_package(call: Call[StaffMember, PreviewBody]) -> PreviewLink:
        return desk.preview(call.caller, call.reference, call.given.part)

    @door.serve(
        "GET",
        "/staff/requests/{reference}/held",
        summary="Read the rows about other people that wait for a decision; release by its `version`",
        admit=staff,
        takes=Nothing,
        answers=HeldContent,
        refuses=_CHANGES,
    )
    def read_held_rows(call: Call[StaffMember, Nothing]) -> HeldContent:
        return desk.held(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/assignment",
        summary="Say who works on a case",
        admit=staff,
        takes=AssignmentBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def assign_case(call: Call[StaffMember, AssignmentBody]) -> CaseView:
        return desk.assign(call.caller, call.reference, call.given.assignee)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/extension",
        summary="Take longer, once: the person is told the reasons and the new date, then the date moves",
        admit=staff,
        takes=ExtensionBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def extend_case(call: Call[StaffMember, ExtensionBody]) -> CaseView:
        given = call.given
        return desk.extend(call.caller, call.reference, given.version, given.reason, given.explanation)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/question",
        summary="Ask the person who they are or what they mean; the clock waits for the answer",
        admit=staff,
        takes=QuestionBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def ask_person(call: Call[StaffMember, QuestionBody]) -> CaseView:
        given = call.given
        return desk.ask(call.caller, call.reference, given.version, given.kind, given.text)

    @door.serve(
        "GET",
        "/staff/requests/{reference}/review",
        summary="Read what went into an automated decision about the person; noted in the history",
        admit=staff,
        takes=Nothing,
        answers=ReviewView,
        refuses=(NotFoundError, ConflictError),
    )
    def read_review(call: Call[StaffMember, Nothing]) -> ReviewView:
        return desk.view_review(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/review",
        summary="Say what came of the review of an automated decision, and why",
        admit=staff,
        takes=ReviewBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def record_review(call: Call[StaffMember, ReviewBody]) -> CaseView:
        given = call.given
        return desk.review(call.caller, call.reference, given.version, given.decision, given.result, given.reasons)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/message",
        summary="Write to the person in the thread of the request; a mail tells them",
        admit=staff,
        takes=StaffMessageBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def write_message(call: Call[StaffMember, StaffMessageBody]) -> CaseView:
        return desk.write(call.caller, call.reference, call.given.version, call.given.text)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/contact",
        summary="Write down that the person was told in another way what a letter says that came back",
        admit=staff,
        takes=ContactBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def note_contact(call: Call[StaffMember, ContactBody]) -> CaseView:
        given = call.given
        return desk.reach(call.caller, call.reference, given.version, given.letter, given.by)

    @door.serve(
        "GET",
        "/staff/requests/{reference}/decisions",
        summary="What is done with each field, on which rule in plain words, and what is left to judge",
        admit=staff,
        takes=Nothing,
        answers=DecisionsView,
        refuses=(NotFoundError,),
    )
    def list_decisions(call: Call[StaffMember, Nothing]) -> DecisionsView:
        return desk.decisions(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/decisions",
        summary="Say which fields are withheld from the answer, each on a ground and with the reason in this case",
        admit=staff,
        takes=WithholdingBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def withhold_fields(call: Call[StaffMember, WithholdingBody]) -> CaseView:
        withheld = {
            path: Withholding(ground=why.ground, reason=why.reason) for path, why in call.given.withheld.items()
        }
        return desk.withhold(call.caller, call.reference, call.given.version, withheld)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/release",
        summary="Release the package to the person; a second person, where four eyes are asked for",
        admit=staff,
        takes=ReleaseBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def release_package(call: Call[StaffMember, ReleaseBody]) -> CaseView:
        given = call.given
        return desk.release(
            call.caller, call.reference, given.version, dict(given.held), given.send, given.send_refused
        )

    @door.serve(
        "POST",
        "/staff/requests/{reference}/completion",
        summary="Say what was done where no package is the answer; a second person, where four eyes are asked for",
        admit=staff,
        takes=CompletionBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def complete_case(call: Call[StaffMember, CompletionBody]) -> CaseView:
        given = call.given
        return desk.complete(call.caller, call.reference, given.version, given.done, given.kept, given.reasons)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/refusal",
        summary="Refuse a request, with its ground and reason; `gdpr_12_5` is only proposed, for a second person",
        admit=staff,
        takes=RefusalBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def refuse_case(call: Call[StaffMember, RefusalBody]) -> CaseView:
        given = call.given
        return desk.refuse(call.caller, call.reference, given.version, given.ground, given.reason, given.evidence)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/refusal/confirmation",
        summary="Confirm, as a second person, the refusal that was proposed",
        admit=staff,
        takes=ConfirmationBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def confirm_refusal(call: Call[StaffMember, ConfirmationBody]) -> CaseView:
        return desk.confirm_refusal(call.caller, call.reference, call.given.version)

    @door.serve(
        "GET",
        "/staff/requests/{reference}/letters",
        summary="Every letter about a case, and what became of it",
        admit=staff,
        takes=Nothing,
        answers=LetterList,
        refuses=(NotFoundError,),
    )
    def list_letters(call: Call[StaffMember, Nothing]) -> LetterList:
        return desk.letters(call.caller, call.reference)

    @door.serve(
        "GET",
        "/staff/requests/{reference}/evidence",
        summary="The signed history of a closed case as one ZIP, without data of the person",
        admit=staff,
        takes=Nothing,
        answers=EvidenceBundle,
        refuses=(NotFoundError, CaseOpenError),
    )
    def get_evidence(call: Call[StaffMember, Nothing]) -> EvidenceBundle:
        return desk.evidence(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/letters/preview",
        summary="Read a letter exactly as its call would send it: nothing is sent, and nothing noted",
        admit=staff,
        takes=LetterDraftBody,
        answers=LetterPreview,
        refuses=_CHANGES,
    )
    def preview_letter(call: Call[StaffMember, LetterDraftBody]) -> LetterPreview:
        typed = call.given.model_dump(exclude={"letter"}, exclude_none=True)
        return desk.preview_letter(call.caller, call.reference, call.given.letter, typed)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/residence",
        summary="Put right where the person lives: a mail does not say it, and the dates follow from it",
        admit=staff,
        takes=ResidenceBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def correct_residence(call: Call[StaffMember, ResidenceBody]) -> CaseView:
        given = call.given
        return desk.reside(call.caller, call.reference, given.version, given.country, given.region)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/retry",
        summary="Start a failed case again where it stopped",
        admit=staff,
        takes=EmptyBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def retry_case(call: Call[StaffMember, EmptyBody]) -> CaseView:
        return desk.retry(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/transfer/retry",
        summary="Send a package once more that another controller did not take, while the person can fetch it",
        admit=staff,
        takes=TransferRetryBody,
        answers=CaseView,
        refuses=(*_CHANGES, GoneError),
    )
    def retry_transfer(call: Call[StaffMember, TransferRetryBody]) -> CaseView:
        return desk.retry_transfer(call.caller, call.reference, call.given.version)

    serve_mail(door, staff, desk.mail)
    serve_plans(door, staff, desk)
    serve_recipients(door, staff, desk)
    serve_retention(door, staff, desk)
    serve_safeguards(door, staff, desk)

    @door.serve(
        "GET",
        "/staff/register",
        summary="The register of requests: no content, no name; also as CSV, safe for a spreadsheet",
        admit=staff,
        takes=RegisterQuery,
        answers=RegisterAnswer,
        forms=("text/csv",),
    )
    def export_register(call: Call[StaffMember, RegisterQuery]) -> RegisterAnswer | Document:
        given = call.given
        rows = desk.register(call.caller, given.first, given.last)
        if given.format == "csv":
            name = f"register_{given.first}_{given.last}.csv"
            return Document(media_type="text/csv", text=desk.register_csv(rows), filename=name)
        return RegisterAnswer(rows=rows)

    @door.serve(
        "GET",
        "/staff/reports/{month}",
        summary="How well the promises of a month were kept; also as text, and as a plot",
        admit=staff,
        takes=ReportQuery,
        answers=MonthlyReport,
        forms=("text/plain", "image/svg+xml"),
    )
    def view_report(call: Call[StaffMember, ReportQuery]) -> MonthlyReport | Document:
        report = desk.report(call.caller, call.incoming.path["month"])
        match call.given.format:
            case "text":
                return Document(media_type="text/plain", text=desk.report_text(report, call.given.language))
            case "svg":
                return Document(media_type="image/svg+xml", text=desk.report_svg(report, call.given.language))
        return report

    @door.serve(
        "GET",
        "/staff/openapi.json",
        summary="This document",
        admit=ANYONE,
        takes=Nothing,
        answers=OpenApiDocument,
    )
    def describe_staff_api(call: Call[None, Nothing]) -> OpenApiDocument:
        return door.description(call.incoming)

    return door
