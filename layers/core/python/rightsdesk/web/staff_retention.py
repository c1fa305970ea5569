"""The routes of the door for staff about what is kept after erasures."""

# serves: B-2, E-15

from rightsdesk.domain.errors import ConflictError, NotFoundError
from rightsdesk.domain.retention_views import RetentionPage, RetentionView
from rightsdesk.domain.staff import StaffMember
from rightsdesk.web.api_models import EmptyBody
from rightsdesk.web.json_door import Admission, Call, JsonDoor
from rightsdesk.web.staff_desk import StaffDesk
from rightsdesk.web.staff_models import WorkListQuery


def serve_retention(door: JsonDoor, staff: Admission[StaffMember], desk: StaffDesk) -> None:
    """Registers the routes below /staff/retention."""

    @door.serve(
        "GET",
        "/staff/retention",
        summary="What is kept after erasures, by its last day: under which law or on which ground, and until when",
        admit=staff,
        takes=WorkListQuery,
        answers=RetentionPage,
    )
    def list_kept(call: Call[StaffMember, WorkListQuery]) -> RetentionPage:
        return desk.kept(call.caller, call.given.limit, call.given.cursor)

    @door.serve(
        "POST",
        "/staff/retention/{entry}/lift",
        summary="Let go what staff hold, or records that had changed: erased at once, unless a law keeps them yet",
        admit=staff,
        takes=EmptyBody,
        answers=RetentionView,
        refuses=(NotFoundError, ConflictError),
    )
    def lift_kept(call: Call[StaffMember, EmptyBody]) -> RetentionView:
        return desk.lift_kept(call.caller, call.incoming.path["entry"])
