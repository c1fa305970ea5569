"""Task of privacy_request: tell who was given data what is done with them, or wait until all have done the same."""

from functools import cache
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
from rightsdesk.adapters.erasure_manifest import RecordedManifest
from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.ports.sources import SourceReader
from rightsdesk.services.await_recipients import await_recipients
from rightsdesk.services.find_identifiers import IdentifierFinder
from rightsdesk.services.tell_recipients import RecipientsTelling
from rightsdesk.settings import TellRecipientsSettings
from rightsdesk.sources.readers import reader_for
from rightsdesk.telling_desk import telling_desk
from rightsdesk.wiring import fixed_links, letter_desk, utc_now

settings = TellRecipientsSettings.load()
cases = DynamoCaseStore(settings.cases_table)
notices = DynamoRecipientNotices(settings.cases_table, cases)
tokens = DynamoTaskTokens(settings.cases_table)
data_map()  # a wrong map stops the function here, and not at a request


@cache
def reader_of(source: str) -> SourceReader:
    return reader_for(data_map().sources[source], client=client)


teller = telling_desk(
    cases=cases,
    notices=notices,
    letters=letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        staff_mailbox=settings.staff_mailbox,
        inbound_address=settings.inbound_address,
    ),
    keys=SecretKeyring(settings.pepper_secret_arn),
    links=fixed_links(settings.public_origin),
    tokens=tokens,
    credentials_arn=settings.recipient_credentials_arn,
)
identifiers = IdentifierFinder(
    data_map=data_map(),
    manifest=RecordedManifest(S3RecordStore(settings.export_bucket)),
    reader_of=reader_of,
    found=SpooledValues,
)


telling = RecipientsTelling(
    cases=cases, notices=notices, tell=teller.tell, data_map=data_map(), identifiers=identifiers, clock=utc_now
)


class Task(BaseModel):
    request_id: str
    step: Literal["tell_meanwhile", "tell", "await"]
    task_token: str = ""


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    if task.step == "await":
        workflow = StepFunctionsWorkflow()
        await_recipients(task.request_id, task.task_token, cases=cases, tokens=tokens, workflow=workflow, clock=utc_now)
    elif task.step == "tell_meanwhile":
        telling.tell_meanwhile(task.request_id)
    else:
        telling.tell(task.request_id)
