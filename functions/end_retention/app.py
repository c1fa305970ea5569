"""Once a day, and when staff let go what they held: erase what had to stay after an erasure, and tell the person."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_holds import DynamoHolds
from rightsdesk.adapters.dynamo_retention import DynamoRetentionLedger
from rightsdesk.adapters.merchant_files import data_map
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.end_retention import RetentionEnd
from rightsdesk.settings import EndRetentionSettings
from rightsdesk.sources.erasers import eraser_for
from rightsdesk.wiring import letter_desk, merchant, utc_now

settings = EndRetentionSettings.load()
cases = DynamoCaseStore(settings.cases_table)
retention = RetentionEnd(
    ledger=DynamoRetentionLedger(settings.people_table, settings.cases_table),
    store=S3RecordStore(settings.export_bucket, area="kept"),
    cases=cases,
    holds=DynamoHolds(settings.people_table),
    eraser_of=lambda source: eraser_for(data_map().sources[source], client=client),
    data_map=data_map(),  # a wrong map stops the function here, and not at somebody's data
    letters=letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        staff_mailbox=settings.staff_mailbox,
        inbound_address=settings.inbound_address,
    ),
    merchant=merchant(),
    clock=utc_now,
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`entry_id`: the one entry that staff have lifted; without it, all that is due."""
    entry_id = event.get("entry_id")
    ended = retention.end(str(entry_id)) if entry_id else retention.sweep()
    return ended.model_dump()
