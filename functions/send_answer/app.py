"""Task of privacy_request: tell the person that the answer is ready, and open the download window."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.merchant_files import described_data_map
from rightsdesk.adapters.step_functions import workflow_time
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.send_answer import send_answer
from rightsdesk.settings import SendAnswerSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = SendAnswerSettings.load()
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


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    task = Task.model_validate(event)
    answered = send_answer(
        task.request_id,
        cases=cases,
        letters=letters,
        merchant=merchant(),
        links=links,
        data_map=described_data_map,
        clock=utc_now,
    )
    return answered.model_dump() | {"window_ends_at": workflow_time(answered.window_ends_at)}
