"""Tell a recipient by mail, with a link to the page on which they answer (GDPR 19).

The mail holds our reference, by what they find the record, what to do with which of its fields, and the law: nothing of
what the person wrote, and no value but those by which the record is found.
"""

# serves: E-03, E-04, E-05, P-04, P-10

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.fields import Identifier, Label, Purpose
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.recipient_notice import (
    RESPOND_WITHIN,
    TOKEN_PURPOSE,
    NoticeState,
    RecipientNotice,
    notice_token,
)
from rightsdesk.domain.recipients import MailConnector, Recipient
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.law.notice_grounds import ground_of_notice
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # the daily look imports this, and mostly tells nobody
    from rightsdesk.domain.datamap import DataMap


class MailNotices:
    """Keeps the port RecipientConnector. Each sending is a version of its letter, so none goes out twice.

    `identifiers` and `purposes`: of the data map, which says what they are called. The whole of it says so of fields.
    """

    def __init__(
        self,
        *,
        letters: Correspondence,
        keys: Keyring,
        links: LinkSource,
        identifiers: Callable[[], Mapping[str, Identifier]],
        purposes: Callable[[], Mapping[str, Purpose]],
        data_map: "Callable[[], DataMap]",
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._letters = letters
        self._keys = keys
        self._links = links
        self._kinds = identifiers
        self._purposes = purposes
        self._data_map = data_map
        self._merchant = merchant
        self._clock = clock

    def tell(self, case: PrivacyRequest, notice: RecipientNotice, recipient: Recipient) -> NoticeState:
        """Raises ServiceUnavailableError, MailRejectedError."""
        if not isinstance(recipient.connector, MailConnector):
            raise ConflictError("this recipient is not told by mail")
        self._letters.to_recipient(
            case,
            Letter.RECIPIENT_NOTICE,
            lambda: self._values(notice, recipient),
            to=recipient.connector.address,
            recipient_key=notice.recipient_key,
            language=recipient.language,
            version=notice.sendings + 1,
        )
        return NoticeState.SENT

    def _values(self, notice: RecipientNotice, recipient: Recipient) -> dict[str, Any]:
        """They have their time from each letter that asks them."""
        token = notice_token(self._keys.key(TOKEN_PURPOSE), notice.notice_id)
        respond_by = self._clock() + RESPOND_WITHIN
        return {
            "our_reference": notice.reference,
            "action": Phrase(name=f"action.{notice.asks}"),
            "fields": self._fields_of(notice),
            "purposes": self._labels_of(notice.purposes),
            "basis": ground_of_notice(notice.law, notice.action),
            "identifiers": self._known_by(notice),
            "asked_on": notice.asked_at.astimezone(self._merchant.timezone).date(),
            "follows": notice.follows.reference if notice.follows else None,
            "respond_by": respond_by.astimezone(self._merchant.timezone).date(),
            "link": self._links().notice(recipient.language, token),
            "again": notice.sendings > 0,
        }

    def _fields_of(self, notice: RecipientNotice) -> list[Label]:
        """What those are called that are concerned; what several records call the same, once."""
        from rightsdesk.domain.rectification import place_of  # brings the data map

        data_map = self._data_map()
        places = [place for path in notice.fields if (place := place_of(data_map, path))]
        return list(dict.fromkeys(place.field.label for place in places))

    def _labels_of(self, purposes: tuple[str, ...]) -> list[Label]:
        known = self._purposes() if purposes else {}
        return [known[name].label for name in purposes if name in known]

    def _known_by(self, notice: RecipientNotice) -> list[Phrase]:
        kinds = self._kinds()
        known = [
            Phrase(name="notice.identifier", values={"kind": kinds[kind].label, "values": list(values)})
            for kind, values in notice.identifiers.items()
            if kind in kinds
        ]
        if notice.more_identifiers:
            known.append(Phrase(name="notice.more_identifiers"))
        return known or [Phrase(name="notice.no_identifier")]
