"""The routes of the door for staff about mails that came in."""

# serves: B-2, B-6

from rightsdesk.domain.errors import ConflictError, NotFoundError, RightsdeskError
from rightsdesk.domain.mail_views import MailPage, MailView, MessageList
from rightsdesk.domain.staff import StaffMember
from rightsdesk.domain.views import DownloadLink
from rightsdesk.web.api_models import EmptyBody, Nothing
from rightsdesk.web.json_door import Admission, Call, JsonDoor
from rightsdesk.web.mail_desk import MailDesk
from rightsdesk.web.mail_models import (
    AskSenderBody,
    AttachBody,
    DismissBody,
    MailListQuery,
    MakeRequestsBody,
    PurgeBody,
)

_CHANGES: tuple[type[RightsdeskError], ...] = (NotFoundError, ConflictError)


def serve_mail(door: JsonDoor, staff: Admission[StaffMember], desk: MailDesk) -> None:
    """Registers the routes below /staff/mail, and that of the mails of a request."""

    @door.serve(
        "GET",
        "/staff/mail",
        summary="Mails that wait for somebody, by target date; or all that were received in a month",
        admit=staff,
        takes=MailListQuery,
        answers=MailPage,
    )
    def list_mail(call: Call[StaffMember, MailListQuery]) -> MailPage:
        given = call.given
        if given.month is not None:
            return desk.list_month(call.caller, given.month, given.limit, given.cursor)
        return desk.list_open(call.caller, given.limit, given.cursor)

    @door.serve(
        "GET",
        "/staff/mail/{id}",
        summary="One mail: what it says, what it seems to ask for and why, and whose it may be. Reading it is noted",
        admit=staff,
        takes=Nothing,
        answers=MailView,
        refuses=_CHANGES,
    )
    def view_mail(call: Call[StaffMember, Nothing]) -> MailView:
        return desk.view(call.caller, call.incoming.path["id"])

    @door.serve(
        "POST",
        "/staff/mail/{id}/request",
        summary="Make requests of a mail, received when the mail was",
        admit=staff,
        takes=MakeRequestsBody,
        answers=MailView,
        refuses=_CHANGES,
    )
    def make_requests_of_mail(call: Call[StaffMember, MakeRequestsBody]) -> MailView:
        return desk.make_requests(call.caller, call.incoming.path["id"], call.given.version, call.given.asked())

    @door.serve(
        "POST",
        "/staff/mail/{id}/attachment",
        summary="Add a mail to a request",
        admit=staff,
        takes=AttachBody,
        answers=MailView,
        refuses=_CHANGES,
    )
    def attach_mail(call: Call[StaffMember, AttachBody]) -> MailView:
        return desk.attach(call.caller, call.incoming.path["id"], call.given.version, call.given.reference)

    @door.serve(
        "POST",
        "/staff/mail/{id}/clarification",
        summary="Ask the sender what they mean; the mail stays on the list",
        admit=staff,
        takes=AskSenderBody,
        answers=MailView,
        refuses=_CHANGES,
    )
    def ask_sender(call: Call[StaffMember, AskSenderBody]) -> MailView:
        given = call.given
        return desk.ask(call.caller, call.incoming.path["id"], given.version, given.text, given.despite_doubts)

    @door.serve(
        "POST",
        "/staff/mail/{id}/dismissal",
        summary="Say that a mail is no request, and why; it stays registered",
        admit=staff,
        takes=DismissBody,
        answers=MailView,
        refuses=_CHANGES,
    )
    def dismiss_mail(call: Call[StaffMember, DismissBody]) -> MailView:
        return desk.dismiss(call.caller, call.incoming.path["id"], call.given.version, call.given.reason)

    @door.serve(
        "POST",
        "/staff/mail/{id}/purge",
        summary="Delete what should not have been sent: an identity card, a card number",
        admit=staff,
        takes=PurgeBody,
        answers=MailView,
        refuses=_CHANGES,
    )
    def purge_mail(call: Call[StaffMember, PurgeBody]) -> MailView:
        return desk.purge(call.caller, call.incoming.path["id"], call.given.version, call.given.what)

    @door.serve(
        "POST",
        "/staff/mail/{id}/files/{number}",
        summary="Get a link to save an attachment, good for 60 seconds; one that was not found clean is not handed out",
        admit=staff,
        takes=EmptyBody,
        answers=DownloadLink,
        refuses=_CHANGES,
    )
    def open_file(call: Call[StaffMember, EmptyBody]) -> DownloadLink:
        number = call.incoming.path["number"]
        if not (number.isascii() and number.isdigit() and len(number) < 4):
            raise NotFoundError("no such file")
        return desk.file(call.caller, call.incoming.path["id"], int(number))

    @door.serve(
        "POST",
        "/staff/mail/{id}/raw",
        summary="Get a link to save the mail as it came, good for 60 seconds; there for 30 days, if it was found clean",
        admit=staff,
        takes=EmptyBody,
        answers=DownloadLink,
        refuses=_CHANGES,
    )
    def open_raw_mail(call: Call[StaffMember, EmptyBody]) -> DownloadLink:
        return desk.raw(call.caller, call.incoming.path["id"])

    @door.serve(
        "GET",
        "/staff/requests/{reference}/messages",
        summary="The mails that belong to a request, and the thread of its messages, oldest first",
        admit=staff,
        takes=Nothing,
        answers=MessageList,
        refuses=(NotFoundError,),
    )
    def list_messages(call: Call[StaffMember, Nothing]) -> MessageList:
        return desk.messages(call.caller, call.reference)
