"""What the door for staff may ask for about mails that came in: the use cases, already wired."""

from collections.abc import Callable
from dataclasses import dataclass

from rightsdesk.domain.mail_item import Dismissal, NewRequests, Purge
from rightsdesk.domain.mail_views import MailPage, MailView, MessageList
from rightsdesk.domain.staff import StaffMember
from rightsdesk.domain.views import DownloadLink


@dataclass(frozen=True, kw_only=True)
class MailDesk:
    """Each checks the role and raises NotAllowedError. A `version` is of the mail as it was seen.

    list_open      (staff, limit, cursor) -> mails that wait for somebody; InvalidInputError on `cursor`
    list_month     (staff, month, limit, cursor) -> mails received in it, oldest first
    messages       (staff, reference) -> the mails of a request
    view           (staff, id): that it was read is noted
    file           (staff, id, number) -> link for 60 seconds to an attachment; UnsafeFileError
    raw            (staff, id) -> link for 60 seconds to the mail as it came; UnsafeFileError
    make_requests  (staff, id, version, what staff say it asks for)
    attach         (staff, id, version, reference)
    ask            (staff, id, version, question or None, despite doubts): the sender is written to; UnsafeSenderError
    dismiss        (staff, id, version, why it is no request)
    purge          (staff, id, version, `files` or `all`); MailNotSettledError
    """

    list_open: Callable[[StaffMember, int, str | None], MailPage]
    list_month: Callable[[StaffMember, str, int, str | None], MailPage]
    messages: Callable[[StaffMember, str], MessageList]
    view: Callable[[StaffMember, str], MailView]
    raw: Callable[[StaffMember, str], DownloadLink]
    file: Callable[[StaffMember, str, int], DownloadLink]
    make_requests: Callable[[StaffMember, str, int, NewRequests], MailView]
    attach: Callable[[StaffMember, str, int, str], MailView]
    ask: Callable[[StaffMember, str, int, str | None, bool], MailView]
    dismiss: Callable[[StaffMember, str, int, Dismissal], MailView]
    purge: Callable[[StaffMember, str, int, Purge], MailView]
