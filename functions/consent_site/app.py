"""The pages about consents: ask for the newsletter, answer a question, stop a list. No log-in, no cookie."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_codes import DynamoMailBudget
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.merchant_files import consent_texts, merchant_directory, purposes
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.domain.consent_text import ConsentText
from rightsdesk.domain.fields import newsletter_of
from rightsdesk.domain.request import Language
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.services.answer_consent import ConsentAnswers
from rightsdesk.services.offer_newsletter import offer_newsletter
from rightsdesk.services.unsubscribe import unsubscribe, view_list
from rightsdesk.settings import ConsentSiteSettings
from rightsdesk.web.consent_site import build_consent_site
from rightsdesk.web.desks import ConsentDesk
from rightsdesk.web.texts import texts_in
from rightsdesk.wiring import CallerLinks, letter_press, mailer, merchant, utc_now

settings = ConsentSiteSettings.load()
keys = SecretKeyring(settings.pepper_secret_arn)
links = CallerLinks(settings.public_origin)
permissions = DynamoPermissions(settings.people_table)
newsletter = newsletter_of(purposes())
answers = ConsentAnswers(
    permissions=permissions, keys=keys, texts=consent_texts, purposes=frozenset(purposes()), clock=utc_now
)


def current_text() -> ConsentText | None:
    today = utc_now().astimezone(merchant().timezone).date()
    return consent_texts().find(newsletter, today) if newsletter else None


def ask_for(address: str, language: Language) -> None:
    offer_newsletter(
        address,
        language,
        purpose=newsletter or "",
        texts=consent_texts(),
        budget=DynamoMailBudget(settings.people_table),
        keys=keys,
        press=letter_press(),
        mailer=mailer(settings.mail_from, settings.configuration_set, reply_to=settings.inbound_address),
        links=links,
        merchant=merchant(),
        clock=utc_now,
    )


site = build_consent_site(
    ConsentDesk(
        newsletter=current_text,
        ask_for=ask_for,
        view=answers.view,
        agree=answers.agree,
        refuse=answers.refuse,
        view_list=partial(view_list, keys=keys),
        unsubscribe=partial(unsubscribe, permissions=permissions, keys=keys, clock=utc_now),
    ),
    merchant=merchant(),
    texts=texts_in(merchant_directory() / "translations"),
    purposes=purposes(),
    clock=utc_now,
    base_url_of=links.base_url_of,
    report=report_fault,
)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    links.answer(event)
    return site.resolve(event, context)
