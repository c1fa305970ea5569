"""Task of privacy_request: the last look before anything is erased."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_holds import DynamoHolds
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.begin_erasure import begin_erasure
from rightsdesk.settings import BeginErasureSettings
from rightsdesk.wiring import utc_now

settings = BeginErasureSettings.load()
cases = DynamoCaseStore(settings.cases_table)
holds = DynamoHolds(settings.people_table)


class Task(BaseModel):
    request_id: str


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    task = Task.model_validate(event)
    return {"proceed": begin_erasure(task.request_id, cases=cases, holds=holds, clock=utc_now)}
