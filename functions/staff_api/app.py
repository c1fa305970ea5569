"""The JSON door for staff, behind Cognito; described at /staff/openapi.json."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.settings import StaffApiSettings
from rightsdesk.staff_desk import staff_desk
from rightsdesk.web.staff_api import build_staff_api
from rightsdesk.wiring import CallerLinks, utc_now

settings = StaffApiSettings.load()
links = CallerLinks(settings.public_origin)
api = build_staff_api(staff_desk(settings, links=links), report=report_fault, clock=utc_now)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    links.answer(event)
    return api.resolve(event, context)
