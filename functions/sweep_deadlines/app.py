"""Once a day: find the open cases whose workflow should run and does not, and tell staff of mails that wait."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.dynamo_mails import DynamoMailStore
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.summarise_mail import summarise_mail
from rightsdesk.services.sweep_deadlines import sweep_deadlines
from rightsdesk.settings import SweepDeadlinesSettings
from rightsdesk.wiring import letter_desk, merchant, utc_now

settings = SweepDeadlinesSettings.load()
cases = DynamoCaseStore(settings.cases_table)
tokens = DynamoTaskTokens(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
)
workflow = StepFunctionsWorkflow(
    privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    mails = DynamoMailStore(settings.cases_table)
    waiting = summarise_mail(mails=mails, letters=letters, merchant=merchant(), clock=utc_now)
    swept = sweep_deadlines(cases=cases, tokens=tokens, workflow=workflow, merchant=merchant(), clock=utc_now)
    return swept.model_dump() | {"mails_waiting": waiting}
