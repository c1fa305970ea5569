"""The routes of the door for staff about who was given the data, and what they were told (GDPR 19)."""

# serves: B-2, E-03, E-04, E-05, P-10, C-1

from rightsdesk.domain.errors import CaseClosedError, ConflictError, NotFoundError, RightsdeskError
from rightsdesk.domain.notice_views import NoticeList
from rightsdesk.domain.staff import StaffMember
from rightsdesk.web.api_models import Nothing
from rightsdesk.web.json_door import Admission, Call, JsonDoor
from rightsdesk.web.staff_desk import StaffDesk
from rightsdesk.web.staff_models import NoticeAgainBody, NoticeNoteBody, NoticeRestBody

_CHANGES: tuple[type[RightsdeskError], ...] = (NotFoundError, ConflictError, CaseClosedError)


def serve_recipients(door: JsonDoor, staff: Admission[StaffMember], desk: StaffDesk) -> None:
    """Registers the routes below /staff/requests/{reference}/recipients."""

    @door.serve(
        "GET",
        "/staff/requests/{reference}/recipients",
        summary="Who was given what was changed, by what they know the person, what they were told, and how far it is",
        admit=staff,
        takes=Nothing,
        answers=NoticeList,
        refuses=(NotFoundError,),
    )
    def list_notices(call: Call[StaffMember, Nothing]) -> NoticeList:
        return desk.notices(call.caller, call.reference)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/recipients/{recipient}",
        summary="Note what a recipient has said or done: for one that staff tell, or that answered in another way",
        admit=staff,
        takes=NoticeNoteBody,
        answers=NoticeList,
        refuses=_CHANGES,
    )
    def note_recipient(call: Call[StaffMember, NoticeNoteBody]) -> NoticeList:
        given, recipient = call.given, call.incoming.path["recipient"]
        return desk.note_recipient(call.caller, call.reference, given.version, recipient, given.state, given.reason)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/recipients/{recipient}/rest",
        summary="Let it rest, with reasons, that a recipient could not do it, or not all: an approver does",
        admit=staff,
        takes=NoticeRestBody,
        answers=NoticeList,
        refuses=_CHANGES,
    )
    def let_recipient_rest(call: Call[StaffMember, NoticeRestBody]) -> NoticeList:
        given, recipient = call.given, call.incoming.path["recipient"]
        return desk.let_recipient_rest(call.caller, call.reference, given.version, recipient, given.state, given.reason)

    @door.serve(
        "POST",
        "/staff/requests/{reference}/recipients/{recipient}/again",
        summary="Tell a recipient once more",
        admit=staff,
        takes=NoticeAgainBody,
        answers=NoticeList,
        refuses=_CHANGES,
    )
    def tell_recipient_again(call: Call[StaffMember, NoticeAgainBody]) -> NoticeList:
        recipient = call.incoming.path["recipient"]
        return desk.tell_recipient_again(call.caller, call.reference, call.given.version, recipient)
