"""The routes of the door for staff about what the desk carries out by a plan: corrections, erasures, and holds."""

# serves: B-2, E-03, E-04, E-15

from rightsdesk.domain.case_views import CaseView
from rightsdesk.domain.correction import Correction, Dispute
from rightsdesk.domain.erasure_views import ErasurePlanView
from rightsdesk.domain.errors import CaseClosedError, ConflictError, NotFoundError, RightsdeskError
from rightsdesk.domain.staff import StaffMember
from rightsdesk.web.api_models import Nothing
from rightsdesk.web.json_door import Admission, Call, JsonDoor
from rightsdesk.web.staff_desk import StaffDesk
from rightsdesk.web.staff_models import (
    CorrectionApprovalBody,
    CorrectionsBody,
    ErasureApprovalBody,
    HoldBody,
    LiftRestrictionBody,
)

_CHANGES: tuple[type[RightsdeskError], ...] = (NotFoundError, ConflictError, CaseClosedError)


def serve_plans(door: JsonDoor, staff: Admission[StaffMember], desk: StaffDesk) -> None:
    """Registers the routes below /staff/requests/{reference}."""

    @door.serve(
        "PUT",
        "/staff/requests/{reference}/corrections",
        summary="State what is wrong and what is right, in fields and values: the desk plans it in every source",
        admit=staff,
        takes=CorrectionsBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def state_corrections(call: Call[StaffMember, CorrectionsBody]) -> CaseView:
        given = call.given
        corrections = tuple(Correction(**each.model_dump()) for each in given.corrections)
        disputes = tuple(Dispute(**each.model_dump()) for each in given.disputed)
        return desk.state_corrections(call.caller, call.reference, given.version, corrections, disputes)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/corrections/approval",
        summary="Agree with the plan of a correction by its digest; a second person, where four eyes are asked for",
        admit=staff,
        takes=CorrectionApprovalBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def approve_correction(call: Call[StaffMember, CorrectionApprovalBody]) -> CaseView:
        return desk.approve_correction(call.caller, call.reference, call.given.version, call.given.plan_sha256)

    @door.serve(
        "GET",
        "/staff/requests/{reference}/erasure",
        summary="The plan of an erasure: what goes, what stays under which law until when, what bars it, how far it is",
        admit=staff,
        takes=Nothing,
        answers=ErasurePlanView,
        refuses=(NotFoundError, ConflictError),
    )
    def view_erasure(call: Call[StaffMember, Nothing]) -> ErasurePlanView:
        return desk.erasure(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/erasure/approval",
        summary="Agree with the plan of an erasure by its digest; a second person does the same, and it is carried out",
        admit=staff,
        takes=ErasureApprovalBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def approve_erasure(call: Call[StaffMember, ErasureApprovalBody]) -> CaseView:
        given = call.given
        return desk.approve_erasure(
            call.caller, call.reference, given.version, given.plan_sha256, given.kept, given.reasons
        )

    @door.serve(
        "POST",
        "/staff/requests/{reference}/restriction-lift",
        summary="Tell the person that a restriction ends, and on which day it does: seven days later",
        admit=staff,
        takes=LiftRestrictionBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def lift_restriction(call: Call[StaffMember, LiftRestrictionBody]) -> CaseView:
        return desk.lift_restriction(call.caller, call.reference, call.given.version, call.given.reason)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/hold",
        summary="Say that nothing of this person may be erased for the time being",
        admit=staff,
        takes=HoldBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def place_hold(call: Call[StaffMember, HoldBody]) -> CaseView:
        return desk.hold(call.caller, call.reference, call.given.version, call.given.reason)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/hold-lift",
        summary="Lift a hold: what it kept may be erased again",
        admit=staff,
        takes=HoldBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def lift_hold(call: Call[StaffMember, HoldBody]) -> CaseView:
        return desk.lift_hold(call.caller, call.reference, call.given.version, call.given.reason)
