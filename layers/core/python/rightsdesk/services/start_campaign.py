"""Start, list and stop campaigns: what staff decide about asking or telling all members something."""

# serves: P-11, P-12

from collections.abc import Callable

from rightsdesk.domain.campaign import MOST_PER_DAY, Campaign, CampaignKind, Returned, new_campaign
from rightsdesk.domain.consent_text import ConsentTexts
from rightsdesk.domain.errors import ConflictError, InvalidInputError, NotFoundError
from rightsdesk.domain.fields import Basis
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import Terms
from rightsdesk.ports.campaigns import Campaigns
from rightsdesk.ports.time import Clock


class CampaignDesk:
    def __init__(
        self,
        *,
        campaigns: Campaigns,
        terms: Callable[[], Terms],
        texts: ConsentTexts,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._terms = terms
        self._texts = texts
        self._merchant = merchant
        self._clock = clock

    def start(self, purpose: str, *, text_version: str | None, per_day: int) -> Campaign:
        """A purpose that needs a consent is asked for, in the words of the version (None: the current one); one that
        the map introduces by notice is told.

        Raises InvalidInputError: `purpose` (`unknown`, `neither_asked_nor_told`), `text_version` (`unknown`,
        `not_for_a_notice`), `per_day` (`out_of_range`); ConflictError where one for this purpose is under way.
        """
        known = self._terms().purposes.get(purpose)
        if known is None:
            raise InvalidInputError.of("purpose", "unknown")
        if not 1 <= per_day <= MOST_PER_DAY:
            raise InvalidInputError.of("per_day", "out_of_range")
        now = self._clock()
        if known.basis is Basis.CONSENT:
            kind, version = CampaignKind.CONSENT, self._version(purpose, text_version)
        elif known.notice_days is not None:
            if text_version is not None:
                raise InvalidInputError.of("text_version", "not_for_a_notice")
            kind, version = CampaignKind.NOTICE, None
        else:
            raise InvalidInputError.of("purpose", "neither_asked_nor_told")
        if any(each.is_active and each.purpose == purpose for each in self._campaigns.all()):
            raise ConflictError("a campaign for this purpose is under way")
        campaign = new_campaign(kind, purpose, text_version=version, per_day=per_day, at=now)
        self._campaigns.save(campaign)
        return campaign

    def all(self) -> list[Campaign]:
        return self._campaigns.all()

    def returned(self, campaign_id: str) -> Returned:
        """How many mails of it did not arrive, or were called spam."""
        return self._campaigns.returned(campaign_id)

    def stop(self, campaign_id: str) -> Campaign:
        """Raises NotFoundError, ConflictError where it has ended."""
        for campaign in self._campaigns.all():
            if campaign.id == campaign_id:
                stopped = campaign.stopped(at=self._clock())
                self._campaigns.save(stopped)
                return stopped
        raise NotFoundError("there is no such campaign")

    def _version(self, purpose: str, asked: str | None) -> str:
        try:
            if asked is not None:
                return self._texts.version(purpose, asked).version
            return self._texts.current(purpose, self._clock().astimezone(self._merchant.timezone).date()).version
        except NotFoundError:
            raise InvalidInputError.of("text_version", "unknown") from None
