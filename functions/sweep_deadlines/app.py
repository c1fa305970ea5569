"""Once a day: find the open cases whose workflow should run and does not, tell staff of mails that wait, and find mails
that nobody was told of.
"""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.dynamo_mails import DynamoMailStore
from rightsdesk.adapters.s3_mails import S3MailFiles
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.sqs_notices import InboundNotices
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.summarise_mail import summarise_mail
from rightsdesk.services.sweep_deadlines import sweep_deadlines
from rightsdesk.services.sweep_mail import LOOKS_BACK, sweep_mail
from rightsdesk.settings import SweepDeadlinesSettings
from rightsdesk.wiring import letter_desk, merchant, utc_now

settings = SweepDeadlinesSettings.load()
cases = DynamoCaseStore(settings.cases_table)
tokens = DynamoTaskTokens(settings.cases_table)
keys = SecretKeyring(settings.pepper_secret_arn)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
)
workflow = StepFunctionsWorkflow(
    privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`mails_of_days`: how far to look for mails that nobody was told of, where somebody asks for more than usual."""
    mails = DynamoMailStore(settings.cases_table)
    try:
        swept = sweep_deadlines(cases=cases, tokens=tokens, workflow=workflow, merchant=merchant(), clock=utc_now)
    finally:  # each of the three, whatever becomes of the others
        try:
            found = sweep_mail(
                files=S3MailFiles(settings.mail_bucket).stored_between,
                mails=mails,
                keys=keys,
                redeliver=InboundNotices(settings.inbound_queue_url).send,
                clock=utc_now,
                looks_back=timedelta(days=int(event.get("mails_of_days", LOOKS_BACK.days))),
            )
        finally:
            waiting = summarise_mail(mails=mails, letters=letters, merchant=merchant(), clock=utc_now)
    return swept.model_dump() | {"mails_waiting": waiting, "mails_found_again": found}
