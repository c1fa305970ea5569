"""The pages that a person sees, in English and Japanese."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.merchant_files import merchant_directory
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.settings import PublicSiteSettings
from rightsdesk.subject_desk import subject_desk, submit_once
from rightsdesk.web.site import build_site
from rightsdesk.web.texts import texts_in
from rightsdesk.wiring import CallerLinks, merchant, utc_now

settings = PublicSiteSettings.load()
keys = SecretKeyring(settings.pepper_secret_arn)
links = CallerLinks(settings.public_origin)
submit = submit_once(settings, keys=keys)
site = build_site(
    subject_desk(settings, keys=keys, links=links, submit=submit),
    keys=keys.key,
    merchant=merchant(),
    texts=texts_in(merchant_directory() / "translations"),
    clock=utc_now,
    base_url_of=links.base_url_of,
    report=report_fault,
)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    links.answer(event)
    submit.serve(context)
    return site.resolve(event, context)
