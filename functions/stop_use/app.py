"""Task of privacy_request: write into the register what a request stops, settle it, or lift it."""

from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_holds import DynamoHolds
from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.merchant_files import described_data_map, recipients
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.stop_use import UseStopper
from rightsdesk.services.tell_of_lifting import LiftingTeller
from rightsdesk.settings import StopUseSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = StopUseSettings.load()
cases = DynamoCaseStore(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
    inbound_address=settings.inbound_address,
    links=fixed_links(settings.public_origin),
)
lifting = LiftingTeller(
    cases=cases,
    notices=DynamoRecipientNotices(settings.cases_table, cases),
    recipients=recipients,
    data_map=described_data_map,
    letters=letters,
    merchant=merchant(),
    clock=utc_now,
)
stopper = UseStopper(
    cases=cases,
    permissions=DynamoPermissions(settings.people_table),
    holds=DynamoHolds(settings.people_table),
    keys=SecretKeyring(settings.pepper_secret_arn),
    letters=letters,
    links=fixed_links(settings.public_origin),
    tell_recipients=lifting.tell,
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
