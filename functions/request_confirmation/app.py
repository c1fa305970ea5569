"""Task of privacy_request: tell the person what an erasure would take, and wait until they confirm it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.merchant_files import described_data_map
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.request_confirmation import request_confirmation
from rightsdesk.settings import RequestConfirmationSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = RequestConfirmationSettings.load()
cases = DynamoCaseStore(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    inbound_address=settings.inbound_address,
    links=fixed_links(settings.public_origin),
)
links = fixed_links(settings.public_origin)


class Task(BaseModel):
    request_id: str
    task_token: str


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    request_confirmation(
        task.request_id,
        task.task_token,
        cases=cases,
        tokens=DynamoTaskTokens(settings.cases_table),
        workflow=StepFunctionsWorkflow(),
        letters=letters,
        merchant=merchant(),
        links=links,
        data_map=described_data_map,
        clock=utc_now,
    )
