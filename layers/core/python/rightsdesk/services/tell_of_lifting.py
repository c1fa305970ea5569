"""Tell who was given the data on which day a restriction ends that they know of: they hear of it with the person.

What they had not done yet is waited for no more. Whom no mail reaches staff tell.
"""

# serves: B-2, E-05, E-10, P-10

from collections.abc import Callable, Mapping
from datetime import datetime

from rightsdesk.domain.errors import MailRejectedError
from rightsdesk.domain.letters import Letter, version_of
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.recipient_notice import Asked, RecipientNotice, overtaken
from rightsdesk.domain.recipients import MailConnector, Recipient
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.recipients import RecipientNotices, record_notice
from rightsdesk.ports.time import Clock


class LiftingTeller:
    """Keeps the port TellOfLifting. Run again with the same day, no mail goes out twice."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        notices: RecipientNotices,
        recipients: Callable[[], Mapping[str, Recipient]],
        letters: Correspondence,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._notices = notices
        self._recipients = recipients
        self._letters = letters
        self._merchant = merchant
        self._clock = clock

    def tell(self, case: PrivacyRequest, *, lifted_at: datetime, actor: str, decided: bool) -> PrivacyRequest:
        """The case as it is then, which may be closed. ServiceUnavailableError where mail is down.

        `decided`: what was decided on is lifted again; else what the decision ends of that which was asked meanwhile.
        """
        by_hand = []
        for notice in self._notices.of(case.request_id) if case.notices else ():
            recipient = self._recipients().get(notice.recipient)
            ended = _ended(notice, decided=decided)
            if ended and recipient and not self._is_told(case, notice, ended, recipient, lifted_at):
                by_hand.append(recipient.label)
            if notice.meanwhile is not decided and not notice.is_settled:
                case = record_notice(
                    case.request_id,
                    notice.recipient,
                    lambda now: overtaken(now, by=actor.removeprefix("staff:")),
                    "recipient_overtaken",
                    actor=actor,
                    at=self._clock(),
                    cases=self._cases,
                    notices=self._notices,
                    after_closing=True,
                )
        if by_hand:
            self._ask_staff(case, {"recipients_by_hand": by_hand, "lifted_on": lifted_at})
        return case

    def _is_told(
        self, case: PrivacyRequest, notice: RecipientNotice, ended: Asked, recipient: Recipient, lifted_at: datetime
    ) -> bool:
        """By mail, where that is how they are told."""
        if not isinstance(recipient.connector, MailConnector):
            return False
        values = {
            "our_reference": ended.reference,
            "asked_on": ended.asked_at.astimezone(self._merchant.timezone).date(),
            "lifted_on": lifted_at,
            "stands": notice.reference if ended.notice_id != notice.notice_id else None,
        }
        try:
            self._letters.to_recipient(
                case,
                Letter.RECIPIENT_LIFTING,
                values,
                to=recipient.connector.address,
                recipient_key=ended.recipient_key,
                language=recipient.language,
            )
        except MailRejectedError:
            return False
        return True

    def _ask_staff(self, case: PrivacyRequest, values: dict[str, object]) -> None:
        version = version_of(str(values["lifted_on"]))  # of one case twice, where a part of it is lifted first
        try:
            self._letters.to_staff(case, Letter.STAFF_LIFTING, {"reference": case.reference, **values}, version=version)
        except MailRejectedError:
            logger.warning("staff not told whom to tell", extra={"request_id": case.request_id})


def _ended(notice: RecipientNotice, *, decided: bool) -> Asked | None:
    """What they know that ends. What was asked meanwhile ended with the decision, where it did not stand."""
    if not decided and not notice.meanwhile:
        return notice.follows
    return notice if notice.meanwhile is not decided and notice.is_known else None
