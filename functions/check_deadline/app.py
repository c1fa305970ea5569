"""Task of deadline_watch: look at a case when one of its dates has come."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.cognito_staff import CognitoStaffDirectory
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.merchant_files import recipients
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import workflow_time
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.check_deadline import check_deadline
from rightsdesk.settings import CheckDeadlineSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = CheckDeadlineSettings.load()
cases = DynamoCaseStore(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
    inbound_address=settings.inbound_address,
    links=fixed_links(settings.public_origin),
)
staff = CognitoStaffDirectory(settings.staff_pool_id)
links = fixed_links(settings.public_origin)
keys = SecretKeyring(settings.pepper_secret_arn)


def remind(case: PrivacyRequest, silent: bool) -> PrivacyRequest:
    """Few cases wait for recipients: what tells them is imported then."""
    from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
    from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
    from rightsdesk.services.remind_recipients import remind_recipients
    from rightsdesk.telling_desk import telling_desk

    notices = DynamoRecipientNotices(settings.cases_table, cases)
    teller = telling_desk(
        cases=cases,
        notices=notices,
        letters=letters,
        keys=keys,
        links=links,
        tokens=DynamoTaskTokens(settings.cases_table),
        credentials_arn=settings.recipient_credentials_arn,
    )
    return remind_recipients(
        case, silent=silent, notices=notices, recipients=recipients, tell=teller.tell, clock=utc_now
    )


class Task(BaseModel):
    request_id: str


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    task = Task.model_validate(event)
    watch = check_deadline(
        task.request_id,
        cases=cases,
        letters=letters,
        staff=staff,
        merchant=merchant(),
        links=links,
        remind=remind,
        clock=utc_now,
    )
    return {"closed": watch.closed, "wake_at": workflow_time(watch.wake_at)}
