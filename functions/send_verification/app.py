"""Task of privacy_request: mail the code, and keep the workflow's token until a door has taken it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoCodeStore, DynamoMailBudget, DynamoTaskTokens
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.domain.identity import AGENT_MAILS_PER_DAY
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.send_code import CodeSender, send_verification
from rightsdesk.settings import SendVerificationSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = SendVerificationSettings.load()
cases = DynamoCaseStore(settings.cases_table)
sender = CodeSender(
    codes=DynamoCodeStore(settings.cases_table),
    letters=letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        inbound_address=settings.inbound_address,
        links=fixed_links(settings.public_origin),
    ),
    keys=SecretKeyring(settings.pepper_secret_arn),
    merchant=merchant(),
    links=fixed_links(settings.public_origin),
    clock=utc_now,
)


class Task(BaseModel):
    request_id: str
    task_token: str


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    send_verification(
        task.request_id,
        task.task_token,
        cases=cases,
        tokens=DynamoTaskTokens(settings.cases_table),
        budget=DynamoMailBudget(settings.people_table),
        own_mail_budget=DynamoMailBudget(settings.people_table, share="OWN_MAIL"),
        agent_budget=DynamoMailBudget(settings.people_table, share="AGENT", per_day=AGENT_MAILS_PER_DAY),
        workflow=StepFunctionsWorkflow(),
        sender=sender,
        clock=utc_now,
    )
