"""Task of privacy_request: lay the built answer before staff, and wait for their decision."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.request_release import request_release
from rightsdesk.settings import RequestReleaseSettings
from rightsdesk.wiring import letter_desk, utc_now

settings = RequestReleaseSettings.load()
cases = DynamoCaseStore(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
)


class Task(BaseModel):
    request_id: str
    task_token: str


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    request_release(
        task.request_id,
        task.task_token,
        cases=cases,
        tokens=DynamoTaskTokens(settings.cases_table),
        workflow=StepFunctionsWorkflow(),
        letters=letters,
        clock=utc_now,
    )
