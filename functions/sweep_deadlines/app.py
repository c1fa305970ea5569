"""Once a day: find the open cases whose workflow should run and does not, and start it again."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.sweep_deadlines import sweep_deadlines
from rightsdesk.settings import SweepDeadlinesSettings
from rightsdesk.wiring import merchant, utc_now

settings = SweepDeadlinesSettings.load()
cases = DynamoCaseStore(settings.cases_table)
tokens = DynamoTaskTokens(settings.cases_table)
workflow = StepFunctionsWorkflow(
    privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    return sweep_deadlines(
        cases=cases, tokens=tokens, workflow=workflow, merchant=merchant(), clock=utc_now
    ).model_dump()
