"""Task of privacy_request: collect one source. The template deploys it twice: plainly, and with the columnar layer."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.s3_results import S3RecordStore, work_prefix
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.collect_data import collect_data
from rightsdesk.services.collect_source import collect_source
from rightsdesk.settings import CollectDataSettings
from rightsdesk.sources.readers import reader_for
from rightsdesk.wiring import utc_now

settings = CollectDataSettings.load()
cases = DynamoCaseStore(settings.cases_table)
records = S3RecordStore(settings.export_bucket)
exports = S3ExportStore(settings.export_bucket)
data_map()  # a wrong map stops the function here, and not at a request


class Task(BaseModel):
    request_id: str
    source: str


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    reader = reader_for(data_map().sources[task.source], client=client)
    collect_source(
        task.request_id,
        task.source,
        cases=cases,
        collect=partial(collect_data, reader=reader, store=records),
        data_map=data_map(),
        found=SpooledValues,
        discard=lambda request_id: exports.discard(work_prefix(request_id)),
        clock=utc_now,
    )
