"""The JSON door for the shop: what may be done with whom, who was erased; described at /api/shop/openapi.json."""

from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.adapters.merchant_files import described_data_map, identifiers, suppressed_kinds
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.domain.permission import Terms
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.services.ask_permission import ask_permission
from rightsdesk.services.check_suppression import check_suppression
from rightsdesk.settings import ShopApiSettings
from rightsdesk.web.shop_api import ShopDesk, build_shop_api
from rightsdesk.wiring import utc_now


@cache
def terms() -> Terms:
    """The whole data map is read for it: not for a check of who was erased."""
    from rightsdesk.law.permission_terms import terms_of

    return terms_of(described_data_map())


settings = ShopApiSettings.load()
keys = SecretKeyring(settings.pepper_secret_arn)
desk = ShopDesk(
    check=partial(
        check_suppression,
        suppressions=DynamoSuppressions(settings.people_table),
        keys=keys,
        kinds=suppressed_kinds(),
    ),
    ask=partial(
        ask_permission,
        permissions=DynamoPermissions(settings.people_table),
        keys=keys,
        kinds=identifiers(),
        terms=terms,
        clock=utc_now,
    ),
)
api = build_shop_api(desk, report=report_fault, clock=utc_now)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
