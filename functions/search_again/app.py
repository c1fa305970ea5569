"""Task of privacy_request: look in one source, by every identifier, whether anything is left."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.domain.shards import Shard
from rightsdesk.erasing_desk import person_eraser
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.settings import SearchAgainSettings

settings = SearchAgainSettings.load()
cases = DynamoCaseStore(settings.cases_table)
data_map()  # a wrong map stops the function here, and not at a request


class Task(BaseModel):
    request_id: str
    source: str
    shard: int = 0
    of: int = 1


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    shard = Shard(task.shard, task.of)
    eraser = person_eraser(task.source, cases=cases, export_bucket=settings.export_bucket, shard=shard)
    eraser.search(task.request_id, task.source)
