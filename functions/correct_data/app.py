"""Task of privacy_request: plan what is to be corrected in every source, or correct it as the approved plan says."""

from functools import cache
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.ports.sources import SourceCorrector, SourceReader
from rightsdesk.services.correct_data import DataCorrector
from rightsdesk.settings import CorrectDataSettings
from rightsdesk.sources.correctors import corrector_for
from rightsdesk.sources.readers import reader_for
from rightsdesk.wiring import letter_desk, utc_now

settings = CorrectDataSettings.load()
cases = DynamoCaseStore(settings.cases_table)
data_map()  # a wrong map stops the function here, and not at a request


class Task(BaseModel):
    request_id: str
    step: Literal["plan", "correct"]


@cache
def reader_of(source: str) -> SourceReader:
    return reader_for(data_map().sources[source], client=client)


@cache
def corrector_of(source: str) -> SourceCorrector:
    return corrector_for(data_map().sources[source], client=client)


corrector = DataCorrector(
    cases=cases,
    records=S3RecordStore(settings.export_bucket),
    reader_of=reader_of,
    corrector_of=corrector_of,
    letters=letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        inbound_address=settings.inbound_address,
    ),
    data_map=data_map(),
    found=SpooledValues,
    clock=utc_now,
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    task = Task.model_validate(event)
    if task.step == "plan":
        corrector.plan(task.request_id)
        return {}
    return {"proceed": corrector.correct(task.request_id)}
