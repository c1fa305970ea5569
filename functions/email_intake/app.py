"""From the queue of mails that came in: read each, keep it, and make of it what may be made by itself."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_answer_limits import DynamoAnswerLimits
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoCodeStore, DynamoTaskTokens
from rightsdesk.adapters.dynamo_mails import DynamoMailStore
from rightsdesk.adapters.dynamo_messages import DynamoMessages
from rightsdesk.adapters.merchant_files import purposes
from rightsdesk.adapters.s3_mails import S3MailFiles
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.domain.fields import newsletter_of
from rightsdesk.mail.intents import read_intents
from rightsdesk.mail.reading.automatic import automatic_reasons
from rightsdesk.mail.reading.read import read_mail
from rightsdesk.mail.receipt_notice import read_receipt_notice
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.answer_question import answer_question
from rightsdesk.services.enter_code import CodeDesk
from rightsdesk.services.receive_mail import MailIntake, MailReading
from rightsdesk.services.record_delivery import record_delivery
from rightsdesk.services.send_code import due_rule
from rightsdesk.services.submit_request import submit_request
from rightsdesk.services.take_message import MessageDesk
from rightsdesk.settings import EmailIntakeSettings
from rightsdesk.wiring import fixed_links, letter_desk, merchant, utc_now

settings = EmailIntakeSettings.load()
cases = DynamoCaseStore(settings.cases_table)
keys = SecretKeyring(settings.pepper_secret_arn)
links = fixed_links(settings.public_origin)
limits = DynamoAnswerLimits(settings.people_table, per_hour=settings.automatic_answers_per_hour)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
    inbound_address=settings.inbound_address,
    links=links,
)
workflow = StepFunctionsWorkflow(
    privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
)
codes = CodeDesk(
    cases=cases,
    codes=DynamoCodeStore(settings.cases_table),
    tokens=DynamoTaskTokens(settings.cases_table),
    workflow=workflow,
    letters=letters,
    keys=keys,
    links=links,
    clock=utc_now,
)
messages = MessageDesk(
    cases=cases,
    messages=DynamoMessages(settings.cases_table, cases),
    limits=limits,
    letters=letters,
    links=links,
    merchant=merchant(),
    clock=utc_now,
    verify=codes.verify_request,
    answer=partial(answer_question, cases=cases, letters=letters, merchant=merchant(), clock=utc_now),
    due_rule=partial(due_rule, merchant=merchant()),
)
intake = MailIntake(
    mails=DynamoMailStore(settings.cases_table),
    files=S3MailFiles(settings.mail_bucket),
    cases=cases,
    limits=limits,
    letters=letters,
    keys=keys,
    merchant=merchant(),
    clock=utc_now,
    reading=MailReading(
        mail=read_mail,
        automatic=lambda mail, envelope, own: automatic_reasons(mail, envelope, own_addresses=own),
        intents=read_intents,
    ),
    mailbox=settings.inbound_address,
    mail_domain=settings.mail_from.rpartition("@")[2],
    own_addresses=tuple(
        {settings.mail_from, settings.inbound_address, settings.staff_mailbox, merchant().contact_email} - {""}
    ),
    submit=partial(submit_request, cases=cases, workflow=workflow, keys=keys, merchant=merchant(), clock=utc_now),
    take_message=messages.take,
    record_delivery=partial(record_delivery, cases=cases, letters=letters, clock=utc_now),
    newsletter=lambda: newsletter_of(purposes()),
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Each mail by itself: one that fails comes again, and the others do not."""
    failed = []
    for record in event["Records"]:
        try:
            envelope = read_receipt_notice(record)
            if envelope is not None:
                intake.take(envelope, attempt=int(record["attributes"]["ApproximateReceiveCount"]))
        except Exception as error:
            logger.error("mail not taken", exc_info=error, extra={"message": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
