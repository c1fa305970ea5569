"""The routes of the door for staff about who asks: agents, special cases, and requests that a mailbox disowned."""

# serves: B-2, E-00

from rightsdesk.domain.case_views import CaseView
from rightsdesk.domain.errors import CaseClosedError, ConflictError, NotFoundError, RightsdeskError
from rightsdesk.domain.staff import StaffMember
from rightsdesk.web.json_door import Admission, Call, JsonDoor
from rightsdesk.web.staff_desk import StaffDesk
from rightsdesk.web.staff_models import MandateBody, ReasonBody, SpecialCaseBody

_CHANGES: tuple[type[RightsdeskError], ...] = (NotFoundError, ConflictError, CaseClosedError)


def serve_safeguards(door: JsonDoor, staff: Admission[StaffMember], desk: StaffDesk) -> None:
    """Registers the routes below /staff/requests/{reference}."""

    @door.serve(
        "POST",
        "/staff/requests/{reference}/mandate",
        summary="Say whether somebody may ask for this person: nothing is released before that",
        admit=staff,
        takes=MandateBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def decide_mandate(call: Call[StaffMember, MandateBody]) -> CaseView:
        given = call.given
        return desk.decide_mandate(call.caller, call.reference, given.version, given.accepted, given.reason)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/special",
        summary="Say that the mailbox is shared, or that it is about a minor or somebody who died: an approver decides",
        admit=staff,
        takes=SpecialCaseBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def raise_special_case(call: Call[StaffMember, SpecialCaseBody]) -> CaseView:
        return desk.raise_special_case(call.caller, call.reference, call.given.version, call.given.kind)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/special/decision",
        summary="Let a special case go on, as an approver, with the reason",
        admit=staff,
        takes=ReasonBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def decide_special_case(call: Call[StaffMember, ReasonBody]) -> CaseView:
        return desk.decide_special_case(call.caller, call.reference, call.given.version, call.given.reason)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/thaw",
        summary="Let a request go on that the mailbox had disowned, as an approver, with the reason",
        admit=staff,
        takes=ReasonBody,
        answers=CaseView,
        refuses=_CHANGES,
    )
    def thaw_request(call: Call[StaffMember, ReasonBody]) -> CaseView:
        return desk.thaw(call.caller, call.reference, call.given.version, call.given.reason)
