"""Tell who was given the data on which day a restriction ends that they know of: they hear of it with the person.

What they had not done yet is waited for no more; but what no decision ends, as a stop of advertising, holds on. Whom no
mail reaches staff tell.
"""

# serves: B-2, E-05, E-10, P-10

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from rightsdesk.domain.errors import MailRejectedError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Letter, version_of
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.recipient_notice import Asked, RecipientNotice, narrowed, overtaken
from rightsdesk.domain.recipients import MailConnector, Recipient
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.recipients import RecipientNotices, record_notice
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # read where a part holds on
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.law.telling_recipients import Telling


class LiftingTeller:
    """Keeps the port TellOfLifting. Run again with the same day, no mail goes out twice."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        notices: RecipientNotices,
        recipients: Callable[[], Mapping[str, Recipient]],
        data_map: "Callable[[], DataMap]",
        letters: Correspondence,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._notices = notices
        self._recipients = recipients
        self._data_map = data_map
        self._letters = letters
        self._merchant = merchant
        self._clock = clock

    def tell(self, case: PrivacyRequest, *, lifted_at: datetime, actor: str, decided: bool) -> PrivacyRequest:
        """The case as it is then, which may be closed. ServiceUnavailableError where mail is down.

        `decided`: what was decided on is lifted again; else what the decision ends of that which was asked meanwhile.
        """
        by_hand: list[Label] = []
        not_to_tell: list[Label] = []
        stays = None if decided else self._stays_stopped(case)
        for notice in self._notices.of(case.request_id) if case.notices else ():
            recipient = self._recipients().get(notice.recipient)
            ended = _ended(notice, decided=decided)
            left = stays.of(notice.recipient) if stays else ((), ())
            if ended and recipient and not self._is_told(case, notice, ended, recipient, lifted_at, left[1]):
                by_hand.append(recipient.label)
            if notice.meanwhile is not decided:
                holds_on = any(left)
                lapsed = not notice.is_settled and not holds_on
                if lapsed and recipient and notice.channel == "manual" and not notice.is_known and notice.sendings:
                    not_to_tell.append(recipient.label)
                case = record_notice(
                    case.request_id,
                    notice.recipient,
                    partial(narrowed, fields=left[0], purposes=left[1])
                    if holds_on
                    else partial(overtaken, by=actor.removeprefix("staff:"), ends_at=lifted_at),
                    "recipient_narrowed" if holds_on else "recipient_overtaken" if lapsed else "recipient_ended",
                    actor=actor,
                    at=self._clock(),
                    cases=self._cases,
                    notices=self._notices,
                )
        if by_hand or not_to_tell:
            named = {"recipients_by_hand": by_hand, "recipients_not_to_tell": not_to_tell, "lifted_on": lifted_at}
            self._ask_staff(case, named)
        return case

    def _is_told(
        self,
        case: PrivacyRequest,
        notice: RecipientNotice,
        ended: Asked,
        recipient: Recipient,
        lifted_at: datetime,
        left: tuple[str, ...],
    ) -> bool:
        """By mail, where that is how they are told. `left`: purposes for which it does not end."""
        if not isinstance(recipient.connector, MailConnector):
            return False
        values = {
            "our_reference": ended.reference,
            "asked_on": ended.asked_at.astimezone(self._merchant.timezone).date(),
            "lifted_on": lifted_at,
            "stands": notice.reference if ended.notice_id != notice.notice_id else None,
            "still_stopped": [self._data_map().purposes[name].label for name in left],
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

    def _stays_stopped(self, case: PrivacyRequest) -> "Telling | None":
        if case.use is None or all(stop.provisional for stop in case.use.stops):
            return None
        from rightsdesk.law.telling_recipients import stays_stopped  # brings the data map

        return stays_stopped(case, self._data_map())

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
