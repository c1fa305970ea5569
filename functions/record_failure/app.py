"""Task of privacy_request, its one failure state: put on the case what failed, for staff to see and start again."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.record_failure import record_failure, record_source_failure
from rightsdesk.settings import RecordFailureSettings
from rightsdesk.wiring import letter_desk, utc_now

settings = RecordFailureSettings.load()
cases = DynamoCaseStore(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
)


class Task(BaseModel):
    request_id: str
    state: str
    error: str
    source: str | None = None


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    if task.source:
        record_source_failure(task.request_id, task.source, task.error, cases=cases, clock=utc_now)
    else:
        record_failure(task.request_id, task.state, task.error, cases=cases, letters=letters, clock=utc_now)
