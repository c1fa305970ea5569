"""The JSON door for the shop: whether a person was erased; described at /api/suppressions/openapi.json."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.adapters.merchant_files import suppressed_kinds
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.services.check_suppression import check_suppression
from rightsdesk.settings import CheckSuppressionSettings
from rightsdesk.web.shop_api import build_shop_api
from rightsdesk.wiring import utc_now

settings = CheckSuppressionSettings.load()
api = build_shop_api(
    partial(
        check_suppression,
        suppressions=DynamoSuppressions(settings.people_table),
        keys=SecretKeyring(settings.pepper_secret_arn),
        kinds=suppressed_kinds(),
    ),
    report=report_fault,
    clock=utc_now,
)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
