"""Task of privacy_request: write into the register what a request stops, settle it, or lift it."""

from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_holds import DynamoHolds
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.merchant_files import described_data_map
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.stop_use import UseStopper
from rightsdesk.settings import StopUseSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = StopUseSettings.load()
cases = DynamoCaseStore(settings.cases_table)
stopper = UseStopper(
    cases=cases,
    permissions=DynamoPermissions(settings.people_table),
    holds=DynamoHolds(settings.people_table),
    keys=SecretKeyring(settings.pepper_secret_arn),
    letters=letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        inbound_address=settings.inbound_address,
        links=fixed_links(settings.public_origin),
    ),
    links=fixed_links(settings.public_origin),
    data_map=described_data_map(),
    merchant=merchant(),
    clock=utc_now,
)


class Task(BaseModel):
    request_id: str
    step: Literal["stop", "settle", "lift"]


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, bool]:
    task = Task.model_validate(event)
    if task.step == "stop":
        return {"is_all": stopper.stop(task.request_id)}
    if task.step == "settle":
        stopper.settle(task.request_id)
    else:
        stopper.lift(task.request_id)
    return {}
