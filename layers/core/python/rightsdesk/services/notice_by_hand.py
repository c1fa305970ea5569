"""Ask staff to tell a recipient that no machine can tell, and to note what came of it (GDPR 19)."""

# serves: E-03, E-04, E-05, P-10, C-1

from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.recipient_notice import NoticeState, RecipientNotice
from rightsdesk.domain.recipients import ManualConnector, Recipient
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.ports.letters import Correspondence


class HandNotices:
    """Keeps the port RecipientConnector: it is done once staff say so. The mail to them names nobody but the recipient.

    By what the recipient finds the record staff see in the case.
    """

    def __init__(self, *, letters: Correspondence) -> None:
        self._letters = letters

    def tell(self, case: PrivacyRequest, notice: RecipientNotice, recipient: Recipient) -> NoticeState:
        """Raises ServiceUnavailableError, MailRejectedError."""
        connector = recipient.connector
        self._letters.to_staff(
            case,
            Letter.STAFF_RECIPIENT,
            {
                "reference": case.reference,
                "recipient": recipient.label,
                "action": Phrase(name=f"action.{notice.asks}"),
                "instructions": connector.instructions if isinstance(connector, ManualConnector) else None,
            },
            version=_version(notice),
        )
        return NoticeState.TO_DO


def _version(notice: RecipientNotice) -> int:
    """One for each recipient and each time."""
    return int(notice.notice_id.replace("-", "")[:7], 16) + notice.sendings
