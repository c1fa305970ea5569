"""What became of a mail of a campaign, or of the mail that confirms a newsletter: nobody insists where it came back.

A mailbox that takes no mail gets no reminder, and who could not be told of a new purpose is not told. Whoever calls
a question for a consent, or a newsletter's, spam wants no more of it: that stops its list at once, as one click would
(GDPR 7(3), 21(2)). The notice of a new purpose is no list: whoever calls it spam has been told, and may object.
"""

# serves: P-03, P-11, P-12

from functools import partial

from rightsdesk.domain.campaign import Campaign, CampaignKind, untold
from rightsdesk.domain.letters import DeliveryNews, DeliveryState, Letter
from rightsdesk.domain.permission import Standing
from rightsdesk.domain.unsubscribing import called_spam
from rightsdesk.observability import logger
from rightsdesk.ports.campaigns import Campaigns
from rightsdesk.ports.permissions import Permissions, change_standings

TO_MANY = frozenset({Letter.CONSENT_QUESTION, Letter.NEW_PURPOSE, Letter.NEWSLETTER_CONFIRMATION})


def record_list_delivery(news: DeliveryNews, *, campaigns: Campaigns, permissions: Permissions) -> None:
    """`news` of a letter of TO_MANY, whose `request_id` is the campaign, or the purpose of the newsletter.

    It may come twice, late, and before the campaign has noted that it sent the mail. Good news, and what may pass,
    changes nothing. Raises ServiceUnavailableError, ConflictError: the news then comes again.
    """
    if not news.state.is_missing or not news.permanent:
        return
    digest, purpose, about_notice = news.recipient_key, news.request_id, False
    if news.letter is not Letter.NEWSLETTER_CONFIRMATION:
        campaign = _campaign(news.request_id, campaigns)
        if campaign is None:
            logger.info("news of no campaign", extra={"state": news.state})
            return
        campaigns.came_back(digest, campaign.id, news.state, at=news.at)
        purpose, about_notice = campaign.purpose, campaign.kind is CampaignKind.NOTICE
        if about_notice and news.state is not DeliveryState.COMPLAINED:
            change_standings(permissions, [digest], partial(untold, purpose=purpose, until=news.at))
    if news.state is DeliveryState.COMPLAINED and not about_notice:
        stop = called_spam(purpose, at=news.at)

        def stopped(standing: Standing) -> Standing:
            held = standing.consents.get(purpose)
            return standing if held is not None and held.given_at > news.at else standing.with_word(stop)

        change_standings(permissions, [digest], stopped)


def _campaign(campaign_id: str, campaigns: Campaigns) -> Campaign | None:
    return next((each for each in campaigns.all() if each.id == campaign_id), None)
