"""Task of privacy_request: decide what is done, at once or when the person has shown what is needed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoCodeStore, DynamoTaskTokens
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.request_decision import RequestDecision
from rightsdesk.settings import RequestDecisionSettings
from rightsdesk.sources.directory import DataMapDirectory
from rightsdesk.sources.readers import reader_for
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = RequestDecisionSettings.load()
cases = DynamoCaseStore(settings.cases_table)
decision = RequestDecision(
    cases=cases,
    codes=DynamoCodeStore(settings.cases_table),
    tokens=DynamoTaskTokens(settings.cases_table),
    workflow=StepFunctionsWorkflow(),
    directory=DataMapDirectory(data_map(), lambda source: reader_for(data_map().sources[source], client=client)),
    letters=letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        inbound_address=settings.inbound_address,
        links=fixed_links(settings.public_origin),
    ),
    keys=SecretKeyring(settings.pepper_secret_arn),
    data_map=data_map(),
    links=fixed_links(settings.public_origin),
    merchant=merchant(),
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
    decision.decide(task.request_id, task.task_token)
