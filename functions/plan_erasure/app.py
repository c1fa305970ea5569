"""Task of privacy_request: find what would become of each row of a person in one source, and whether it is still so."""

from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.erasing_desk import person_eraser
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.settings import PlanErasureSettings

settings = PlanErasureSettings.load()
cases = DynamoCaseStore(settings.cases_table)
data_map()  # a wrong map stops the function here, and not at a request


class Task(BaseModel):
    request_id: str
    source: str
    step: Literal["plan", "check"]


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    eraser = person_eraser(task.source, cases=cases, export_bucket=settings.export_bucket)
    if task.step == "plan":
        eraser.plan(task.request_id, task.source)
    else:
        eraser.check(task.request_id, task.source)
