"""Consents over the real services, pages and letters, with the ports in memory."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from rightsdesk.adapters.merchant_files import read_data_map, read_merchant_file
from rightsdesk.domain.acceptance import PolicyHistory
from rightsdesk.domain.consent_ledger import ConsentEntry, broken_link
from rightsdesk.domain.consent_text import ConsentTexts
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.fields import newsletter_of
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.letters import DeliveryNews, DeliveryState, Letter, OutgoingMail
from rightsdesk.domain.links import Links
from rightsdesk.domain.list_tokens import LIST_KEY, ListToken, list_token
from rightsdesk.domain.permission import KEY_PURPOSE, Permission, Standing
from rightsdesk.domain.request import Language
from rightsdesk.law.permission_terms import terms_of
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.ports.campaigns import Member
from rightsdesk.services.accept_policy import PolicyDesk
from rightsdesk.services.answer_consent import ConsentAnswers
from rightsdesk.services.ask_permission import ask_permission
from rightsdesk.services.offer_mailing import offer_mailing
from rightsdesk.services.offer_newsletter import offer_newsletter
from rightsdesk.services.record_consent import ShopConsents
from rightsdesk.services.record_list_delivery import record_list_delivery
from rightsdesk.services.run_campaigns import CampaignRunner, Ran
from rightsdesk.services.start_campaign import CampaignDesk
from rightsdesk.services.unsubscribe import unsubscribe, view_list
from rightsdesk.web.consent_site import build_consent_site
from rightsdesk.web.desks import ConsentDesk
from rightsdesk.web.page_site import Resolver
from rightsdesk.web.shop_consents import ShopConsentDesk
from tests.support.fakes import (
    FakeAcceptances,
    FakeCampaigns,
    FakeKeyring,
    FakeMailBudget,
    FakeMailer,
    FakeMembers,
    FakePermissions,
    Faults,
)
from tests.support.site_client import FORM, HOST, MERCHANT, ROOT, TEXTS, Received, rest_event

ORIGIN = f"https://{HOST}"
HANA = "hana@example.jp"
MERCHANT_FILES = ROOT / "layers/merchant"
DATA_MAP = read_data_map(MERCHANT_FILES / "datamap.yaml")
POLICY = read_merchant_file(MERCHANT_FILES / "policy.yaml", PolicyHistory)
CONSENT_TEXTS = read_merchant_file(MERCHANT_FILES / "consents.yaml", ConsentTexts)


@dataclass
class ConsentRoom:
    """A merchant's pages about consents, its register and its outbox."""

    faults: Faults = field(default_factory=Faults)
    now: datetime = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
    texts: ConsentTexts = CONSENT_TEXTS
    data_map: DataMap = DATA_MAP
    base_url: str = ORIGIN

    def __post_init__(self) -> None:
        self.permissions = FakePermissions(self.faults)
        self.acceptances = FakeAcceptances(self.faults)
        self.budget = FakeMailBudget(self.faults)
        self.mailer = FakeMailer(self.faults)
        self.keys = FakeKeyring()
        self.links = Links(origin=self.base_url)
        self.press = MerchantLetters(MERCHANT_FILES, MERCHANT)
        self.campaigns = FakeCampaigns(self.faults)
        self.members = FakeMembers(self.faults)
        self.terms = terms_of(self.data_map)
        self.newsletter = newsletter_of(self.data_map.purposes) or ""
        self.answers = ConsentAnswers(
            permissions=self.permissions,
            keys=self.keys,
            texts=lambda: self.texts,
            purposes=frozenset(DATA_MAP.purposes),
            clock=self.clock,
        )
        self.reports: list[tuple[Exception, str]] = []
        self.site: Resolver = build_consent_site(
            ConsentDesk(
                newsletter=lambda: self.texts.find(self.newsletter, self.now.date()),
                ask_for=self.offer_newsletter,
                view=self.answers.view,
                agree=self.answers.agree,
                refuse=self.answers.refuse,
                view_list=partial(view_list, keys=self.keys),
                unsubscribe=self.unsubscribe,
            ),
            merchant=MERCHANT,
            texts=TEXTS,
            purposes=DATA_MAP.purposes,
            clock=self.clock,
            base_url_of=lambda _: self.base_url,
            report=lambda error, incident: self.reports.append((error, incident)),
        )

    def clock(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)

    # What is asked for and said

    def offer_newsletter(self, address: str, language: Language = "en") -> None:
        offer_newsletter(
            address,
            language,
            purpose=self.newsletter,
            texts=self.texts,
            budget=self.budget,
            keys=self.keys,
            press=self.press,
            mailer=self.mailer,
            links=lambda: self.links,
            merchant=MERCHANT,
            clock=self.clock,
        )

    def unsubscribe(self, token: str) -> ListToken:
        return unsubscribe(token, permissions=self.permissions, keys=self.keys, clock=self.clock)

    def ask(self, address: str = HANA, purpose: str = "newsletter", recipient: str | None = None) -> Permission:
        return ask_permission(
            EMAIL,
            address,
            purpose,
            recipient,
            permissions=self.permissions,
            keys=self.keys,
            kinds={EMAIL},
            terms=lambda: self.terms,
            clock=self.clock,
        )

    def may(self, address: str = HANA, purpose: str = "newsletter") -> bool:
        return self.ask(address, purpose).allowed

    def sign_up(self, address: str = HANA, language: Language = "en") -> str:
        """A sign-up with its confirmation; the token of the mail."""
        self.offer_newsletter(address, language)
        token = self.token()
        self.answers.agree(token)
        return token

    def shop_consents(self) -> ShopConsents:
        return ShopConsents(
            permissions=self.permissions,
            keys=self.keys,
            kinds=frozenset(DATA_MAP.identifiers),
            texts=lambda: self.texts,
            terms=lambda: self.terms,
            clock=self.clock,
        )

    def shop_desk(self) -> ShopConsentDesk:
        """What the shop's door can do here."""
        kinds = frozenset(DATA_MAP.identifiers)
        consents = self.shop_consents()
        policy = PolicyDesk(
            acceptances=self.acceptances,
            keys=self.keys,
            kinds=kinds,
            history=lambda: POLICY,
            merchant=MERCHANT,
            clock=self.clock,
        )
        return ShopConsentDesk(
            record=consents.record,
            withdraw=consents.withdraw,
            mailing=partial(
                offer_mailing,
                permissions=self.permissions,
                keys=self.keys,
                terms=lambda: self.terms,
                links=lambda: self.links,
                clock=self.clock,
            ),
            accept=policy.accept,
            accepted=policy.view,
        )

    @staticmethod
    def member(email: str, language: str) -> Member:
        return Member.model_validate({"email": email, "language": language})

    def campaign_desk(self) -> CampaignDesk:
        return CampaignDesk(
            campaigns=self.campaigns,
            terms=lambda: self.terms,
            texts=self.texts,
            merchant=MERCHANT,
            clock=self.clock,
        )

    def run_campaigns(self) -> Ran:
        """One run of the daily schedule."""
        return CampaignRunner(
            campaigns=self.campaigns,
            members=lambda: self.members,
            permissions=self.permissions,
            keys=self.keys,
            terms=lambda: self.terms,
            labels=lambda purpose: self.data_map.purposes[purpose].label,
            texts=self.texts,
            press=self.press,
            mailer=self.mailer,
            links=lambda: self.links,
            merchant=MERCHANT,
            clock=self.clock,
        ).run()

    def news(self, mail: OutgoingMail, state: DeliveryState, *, permanent: bool = True) -> None:
        """What the mail service says of a mail, by the tags that it was given."""
        news = DeliveryNews(
            request_id=mail.tags["request"],
            letter=Letter(mail.tags["letter"]),
            recipient_key=mail.tags["recipient"],
            version=int(mail.tags["version"]),
            state=state,
            at=self.now,
            permanent=permanent,
        )
        record_list_delivery(news, campaigns=self.campaigns, permissions=self.permissions)

    # What there is

    def digest(self, address: str = HANA) -> str:
        return identifier_digest(self.keys.key(KEY_PURPOSE), EMAIL, address)

    def standing(self, address: str = HANA) -> Standing | None:
        return self.permissions.standings.get(self.digest(address))

    def ledger(self, address: str = HANA) -> tuple[ConsentEntry, ...]:
        """Of one address, and a check of the chain beside."""
        entries = self.permissions.entries[self.digest(address)]
        standing = self.standing(address) or Standing(digest=self.digest(address))
        assert broken_link(entries, standing.ledger) is None
        return entries

    def said(self, address: str = HANA) -> list[str]:
        return [f"{entry.state}:{entry.purpose}" for entry in self.ledger(address)]

    def mail(self) -> OutgoingMail:
        return self.mailer.outbox[-1]

    def token(self) -> str:
        """Of the question in the newest mail."""
        found: list[str] = re.findall(rf"{self.base_url}/(?:en|ja)/consent/([a-z2-7]+)", self.mail().text)
        return found[0]

    def list_token(self, address: str = HANA, purpose: str = "newsletter") -> str:
        return list_token(self.keys.key(LIST_KEY), ListToken(digest=self.digest(address), purpose=purpose))

    # The pages

    def send(self, event: dict[str, Any]) -> Received:
        answer = self.site.resolve(event, None)
        headers = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
        return Received(answer["statusCode"], headers, answer.get("body") or "")

    def get(self, path: str, method: str = "GET", **headers: str) -> Received:
        query = dict(part.partition("=")[::2] for part in path.partition("?")[2].split("&") if part)
        event = rest_event(method, path.partition("?")[0], headers=headers)
        return self.send(event | {"queryStringParameters": query or None})

    def post(self, path: str, fields: dict[str, str] | str, **headers: str) -> Received:
        """From our own page, if nothing else is said."""
        given = {"Origin": ORIGIN, "Content-Type": FORM} | {n.replace("_", "-"): v for n, v in headers.items()}
        body = fields if isinstance(fields, str) else urlencode(fields)
        return self.send(rest_event("POST", path, headers=given, body=body))

    def one_click(self, token: str) -> Received:
        """As a mail program does it: of no page, with no cookie."""
        headers = {"Content-Type": FORM}
        return self.send(rest_event("POST", f"/u/{token}", headers=headers, body="List-Unsubscribe=One-Click"))
