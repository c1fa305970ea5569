"""Go on with each campaign by as much as this day allows: ask for a consent, remind once, tell of a new purpose.

The register is asked right before each mail. A question is claimed first, so that a run that dies asks nobody twice
(whoever got no mail by that gets the reminder); where the mail service is down the claim is given back. Silence is
taken for nothing.
"""

# serves: P-11, P-12

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from functools import partial

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.address import canonical_address, deliverable_address
from rightsdesk.domain.campaign import (
    ASKED_AGAIN_AFTER,
    REMINDED_AFTER,
    Campaign,
    CampaignKind,
    CampaignPhase,
    untold,
)
from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.consent_text import ConsentText, ConsentTexts
from rightsdesk.domain.errors import ConflictError, MailRejectedError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.list_tokens import LIST_KEY, QUESTION_KEY, ListToken, list_token, question_token
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import KEY_PURPOSE, Standing, Terms
from rightsdesk.law.asking import may_ask, must_tell
from rightsdesk.law.consent_questions import answered_until
from rightsdesk.observability import logger
from rightsdesk.ports.campaigns import Campaigns, Member, Members
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.letters import LetterPress, LinkSource, Mailer
from rightsdesk.ports.permissions import Permissions, change_standings
from rightsdesk.ports.time import Clock

_PAGE = 25  # members between two notes of how far it is
_MOST_PAGES = 1000  # of one run, where nearly nobody is to be asked


class Ran(BaseModel):
    model_config = ConfigDict(frozen=True)

    campaigns: int = 0
    mailed: int = 0
    reminded: int = 0
    passed_over: int = 0


class _Fate(Enum):
    MAILED = "mailed"
    REMINDED = "reminded"
    PASSED_OVER = "passed_over"
    BEFORE = "before"  # reminded on a day when another one of the page was not due: counted then
    NOT_YET = "not_yet"


class CampaignRunner:
    def __init__(
        self,
        *,
        campaigns: Campaigns,
        members: Callable[[], Members],
        permissions: Permissions,
        keys: Keyring,
        terms: Callable[[], Terms],
        labels: Callable[[str], Label],
        texts: ConsentTexts,
        press: LetterPress,
        mailer: Mailer,
        links: LinkSource,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._members = members
        self._permissions = permissions
        self._keys = keys
        self._terms = terms
        self._labels = labels
        self._texts = texts
        self._press = press
        self._mailer = mailer
        self._links = links
        self._merchant = merchant
        self._clock = clock

    def run(self) -> Ran:
        """Raises ServiceUnavailableError where mail or a table is down: the next run goes on where this one was.

        NotFoundError where the words of a campaign are no longer in `consents.yaml`, once the others went on.
        """
        ran = Ran()
        gone = []
        for campaign in self._campaigns.all():
            if campaign.is_active:
                try:
                    after = self._go_on(campaign)
                except NotFoundError:
                    gone.append(campaign.id)
                    continue
                ran = Ran(
                    campaigns=ran.campaigns + 1,
                    mailed=ran.mailed + after.mailed - campaign.mailed,
                    reminded=ran.reminded + after.reminded - campaign.reminded,
                    passed_over=ran.passed_over + after.passed_over - campaign.passed_over,
                )
        if gone:
            raise NotFoundError(f"no words for campaigns {', '.join(gone)}: put their text back, or stop them")
        return ran

    def _go_on(self, campaign: Campaign) -> Campaign:
        self._require_words(campaign)
        for _ in range(_MOST_PAGES):
            now = self._clock()
            allowed = campaign.allowed_now(now)
            if allowed <= 0 or not campaign.is_active:
                break
            page = self._members().page(campaign.next_key, most=min(_PAGE, allowed))
            fates = self._fates(campaign, page.members)
            waits = _Fate.NOT_YET in fates  # the members after this one were asked later still
            if waits:
                after = campaign.reminded_more(fates.count(_Fate.REMINDED), at=now)
            else:
                after = campaign.went_on(
                    at=now,
                    next_key=page.next_key,
                    mailed=fates.count(_Fate.MAILED),
                    reminded=fates.count(_Fate.REMINDED),
                    passed_over=fates.count(_Fate.PASSED_OVER),
                )
            try:
                self._campaigns.save(after)
            except ConflictError:
                logger.info("a campaign was stopped, or another run goes on with it", extra={"campaign": campaign.id})
                break
            campaign = after.model_copy(update={"version": campaign.version + 1})
            if waits:
                break
        return campaign

    def _require_words(self, campaign: Campaign) -> None:
        """Before anybody is claimed: who was asked in no words would be left alone for a year."""
        if campaign.kind is CampaignKind.CONSENT:
            self._texts.version(campaign.purpose, campaign.text_version or "")

    def _fates(self, campaign: Campaign, members: tuple[Member, ...]) -> list[_Fate]:
        fates = []
        for member in members:
            fates.append(self._one(campaign, member))
            if fates[-1] is _Fate.NOT_YET:
                break
        return fates

    def _one(self, campaign: Campaign, member: Member) -> _Fate:
        if canonical_address(member.email) is None:
            return _Fate.PASSED_OVER
        digest = identifier_digest(self._keys.key(KEY_PURPOSE), EMAIL, member.email)
        if campaign.kind is CampaignKind.NOTICE:
            return self._tell(campaign, member, digest)
        if campaign.phase is CampaignPhase.FIRST:
            return self._ask(campaign, member, digest)
        return self._remind(campaign, member, digest)

    def _ask(self, campaign: Campaign, member: Member, digest: str) -> _Fate:
        now = self._clock()
        if not self._may_ask(campaign, digest) or not self._campaigns.ask(
            digest, campaign.purpose, campaign.id, at=now, not_since=now - ASKED_AGAIN_AFTER
        ):
            return _Fate.PASSED_OVER
        return self._send_question(campaign, member, digest, asked_at=now, reminder=False)

    def _remind(self, campaign: Campaign, member: Member, digest: str) -> _Fate:
        asked = self._campaigns.asked(digest, campaign.purpose)
        if asked is None or asked.campaign != campaign.id:
            return _Fate.PASSED_OVER
        if asked.reminded_at is not None:
            return _Fate.BEFORE
        now = self._clock()
        if now < asked.asked_at + REMINDED_AFTER:
            return _Fate.NOT_YET
        open_until = answered_until(ConsentChannel.CAMPAIGN, asked.asked_at)
        in_time = now < open_until - timedelta(days=1)
        if not in_time or self._campaigns.has_come_back(digest, campaign.id):
            return _Fate.PASSED_OVER
        if not self._campaigns.remind(digest, campaign.purpose, campaign.id, at=now):
            return _Fate.PASSED_OVER
        return self._send_question(campaign, member, digest, asked_at=asked.asked_at, reminder=True)

    def _may_ask(self, campaign: Campaign, digest: str) -> bool:
        standing = self._permissions.find(digest)
        return may_ask(standing, self._terms(), purpose=campaign.purpose, at=self._clock())

    def _send_question(
        self, campaign: Campaign, member: Member, digest: str, *, asked_at: datetime, reminder: bool
    ) -> _Fate:
        """It is claimed. The register is asked once more: whoever withdrew at this moment gets no mail."""
        text = self._texts.version(campaign.purpose, campaign.text_version or "")
        mail = self._question(campaign, member, digest, text, asked_at=asked_at, reminder=reminder)
        try:
            if not self._may_ask(campaign, digest):
                return _Fate.PASSED_OVER
            self._mailer.send(mail)
        except MailRejectedError:
            return _Fate.PASSED_OVER
        except ServiceUnavailableError:
            self._campaigns.take_back(digest, campaign.purpose, campaign.id, reminder=reminder)
            raise
        return _Fate.REMINDED if reminder else _Fate.MAILED

    def _question(
        self,
        campaign: Campaign,
        member: Member,
        digest: str,
        text: ConsentText,
        *,
        asked_at: datetime,
        reminder: bool,
    ) -> OutgoingMail:
        links = self._links()
        token = question_token(
            self._keys.key(QUESTION_KEY),
            digest=digest,
            asked_at=asked_at,
            channel=ConsentChannel.CAMPAIGN,
            text_sha256=text.sha256(member.language),
        )
        until = answered_until(ConsentChannel.CAMPAIGN, asked_at)
        mail = self._press.print(
            Letter.CONSENT_QUESTION,
            member.language,
            {
                "wording": text.text,
                "link": links.consent(token, member.language),
                "open_until": until.astimezone(self._merchant.timezone).date(),
                "reminder": reminder,
            },
            to=deliverable_address(member.email),
        )
        stop = list_token(self._keys.key(LIST_KEY), ListToken(digest=digest, purpose=campaign.purpose))
        tags = _tags(Letter.CONSENT_QUESTION, campaign, digest, version=2 if reminder else 1)
        return mail.model_copy(update={"unsubscribe": links.unsubscribe(stop), "tags": tags})

    def _tell(self, campaign: Campaign, member: Member, digest: str) -> _Fate:
        """A notice is on record once it is sent: a run that dies in between tells twice, and never not."""
        purpose, terms, now = campaign.purpose, self._terms(), self._clock()
        if not must_tell(self._permissions.find(digest), terms, purpose=purpose, at=now):
            return _Fate.PASSED_OVER
        days = terms.purposes[purpose].notice_days or 0
        mail = self._press.print(
            Letter.NEW_PURPOSE,
            member.language,
            {
                "purpose": self._labels(purpose),
                "begins_on": (now + timedelta(days=days)).astimezone(self._merchant.timezone).date(),
                "link": self._links().start(member.language),
            },
            to=deliverable_address(member.email),
        )
        try:
            tags = _tags(Letter.NEW_PURPOSE, campaign, digest, version=1)
            self._mailer.send(mail.model_copy(update={"tags": tags}))
        except MailRejectedError:
            return _Fate.PASSED_OVER  # not told: their data are not used for it

        def told(standing: Standing) -> Standing:
            if purpose in standing.notices:
                return standing
            return standing.model_copy(update={"notices": standing.notices | {purpose: now}})

        change_standings(self._permissions, [digest], told)
        if self._campaigns.has_come_back(digest, campaign.id):  # its news was here before this was noted
            change_standings(self._permissions, [digest], partial(untold, purpose=purpose, until=now))
        return _Fate.MAILED


def _tags(letter: Letter, campaign: Campaign, digest: str, *, version: int) -> dict[str, str]:
    """The mail service says them again with its news of the mail (`record_list_delivery`)."""
    return {"request": campaign.id, "letter": letter, "recipient": digest, "version": str(version)}
