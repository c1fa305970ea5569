"""Staff write to the person in the thread of a request. It stands on the page, and a mail says that it does.

What belongs to a right may say something of somebody's data, so its words stay behind the code. A question or a
complaint is about none: there the mail holds the words, too.
"""

# serves: B-6

from rightsdesk.domain.errors import VersionMovedOnError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.messages import message_of_staff, with_message
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.messages import Messages, said_last
from rightsdesk.ports.time import Clock


def send_message(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    text: str,
    *,
    cases: CaseStore,
    messages: Messages,
    letters: Correspondence,
    links: LinkSource,
    clock: Clock,
) -> PrivacyRequest:
    """The case with the message. It is kept first, so that the mail never speaks of what is not there.

    Where the mail could not go out, the same words again send it, and are no second message. Raises NotAllowedError,
    CaseClosedError, VersionMovedOnError, ThreadFullError, InvalidInputError on `text`, and MailRejectedError where the
    mailbox takes no mail.
    """
    staff.require(Action.ASK)
    words = message_of_staff(text)
    case.require_open()
    if (message := said_last(messages, case, "staff", words)) is None:
        if case.version != version:
            raise VersionMovedOnError("the case has changed since it was looked at")
        before = case
        case, event, message = with_message(before, words, at=clock(), staff=staff)
        messages.add(before, case, event, message)
    letters.to_subject(
        case,
        Letter.MESSAGE_WAITING,
        {
            "reference": case.reference,
            "name": case.name,
            "message": words if case.is_said_to_us else None,
            "link": links().request(case),
        },
        version=message.number,
    )
    return cases.get(case.request_id)
