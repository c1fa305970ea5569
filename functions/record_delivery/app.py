"""From the topic of delivery news: keep what Amazon SES says became of a letter."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_campaigns import DynamoCampaigns
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_mails import DynamoMailStore
from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.domain.letters import Letter
from rightsdesk.mail.delivery_news import read_delivery_news
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.record_delivery import record_delivery
from rightsdesk.services.record_list_delivery import TO_MANY, record_list_delivery
from rightsdesk.services.record_notice_delivery import record_notice_delivery
from rightsdesk.services.record_question import record_question_delivery
from rightsdesk.settings import RecordDeliverySettings
from rightsdesk.wiring import letter_desk, utc_now

settings = RecordDeliverySettings.load()
cases = DynamoCaseStore(settings.cases_table)
letters = letter_desk(
    cases,
    mail_from=settings.mail_from,
    configuration_set=settings.configuration_set,
    staff_mailbox=settings.staff_mailbox,
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    for record in event["Records"]:
        news = read_delivery_news(record)
        if news is None:
            logger.warning("not news of a letter of ours")
            continue
        if news.letter is Letter.MAIL_QUESTION:
            record_question_delivery(news, mails=DynamoMailStore(settings.cases_table), clock=utc_now)
        elif news.letter in TO_MANY:
            record_list_delivery(
                news,
                campaigns=DynamoCampaigns(settings.people_table),
                permissions=DynamoPermissions(settings.people_table),
            )
        else:
            record_delivery(news, cases=cases, letters=letters, clock=utc_now)
        if news.letter is Letter.RECIPIENT_NOTICE:
            notices = DynamoRecipientNotices(settings.cases_table, cases)
            record_notice_delivery(news, cases=cases, notices=notices, clock=utc_now)
