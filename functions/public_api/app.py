"""The JSON door for the person; described at /api/openapi.json."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.settings import PublicApiSettings
from rightsdesk.subject_desk import subject_desk, submit_once
from rightsdesk.web.public_api import build_public_api
from rightsdesk.wiring import CallerLinks, utc_now

settings = PublicApiSettings.load()
keys = SecretKeyring(settings.pepper_secret_arn)
links = CallerLinks(settings.public_origin)
submit = submit_once(settings, keys=keys)
api = build_public_api(
    subject_desk(settings, keys=keys, links=links, submit=submit),
    report=report_fault,
    clock=utc_now,
)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    links.answer(event)
    submit.serve(context)
    return api.resolve(event, context)
