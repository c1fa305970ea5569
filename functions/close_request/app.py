"""Task of privacy_request: purge what was temporary, send the last letter, close the case."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.s3_exports import S3ExportStore, export_prefix
from rightsdesk.adapters.s3_results import work_prefix
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.close_request import close_request
from rightsdesk.settings import CloseRequestSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = CloseRequestSettings.load()
cases = DynamoCaseStore(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    inbound_address=settings.inbound_address,
    links=fixed_links(settings.public_origin),
)
exports = S3ExportStore(settings.export_bucket)
links = fixed_links(settings.public_origin)


class Task(BaseModel):
    request_id: str
    outcome: Outcome


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    close_request(
        task.request_id,
        task.outcome,
        cases=cases,
        exports=exports,
        letters=letters,
        merchant=merchant(),
        links=links,
        prefixes_of=lambda request_id: (work_prefix(request_id), export_prefix(request_id)),
        clock=utc_now,
    )
