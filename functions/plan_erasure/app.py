"""Tasks of privacy_request before anything is erased: into how many shards each source is divided; what would become of
each row of a person in one of them; and whether it is still so."""

from functools import partial
from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field, TypeAdapter

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.domain.shards import Shard
from rightsdesk.erasing_desk import person_eraser
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.divide_erasure import divide_erasure
from rightsdesk.settings import PlanErasureSettings
from rightsdesk.sources.s3_objects import extent_of

settings = PlanErasureSettings.load()
cases = DynamoCaseStore(settings.cases_table)
data_map()  # a wrong map stops the function here, and not at a request


class Divide(BaseModel):
    request_id: str
    step: Literal["divide"]


class Task(BaseModel):
    request_id: str
    source: str
    shard: int = 0
    of: int = 1
    step: Literal["plan", "check"]


_TASKS: TypeAdapter[Divide | Task] = TypeAdapter(Annotated[Divide | Task, Field(discriminator="step")])


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    task = _TASKS.validate_python(event)
    if isinstance(task, Divide):
        division = divide_erasure(
            task.request_id, cases=cases, data_map=data_map(), extent_of=partial(extent_of, client("s3"))
        )
        return division.model_dump(mode="json")
    shard = Shard(task.shard, task.of)
    eraser = person_eraser(task.source, cases=cases, export_bucket=settings.export_bucket, shard=shard)
    if task.step == "plan":
        eraser.plan(task.request_id, task.source)
    else:
        eraser.check(task.request_id, task.source)
    return None
