"""From the stream of the case table: copy each event to the evidence bucket."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_items import from_item
from rightsdesk.adapters.s3_evidence import S3EvidenceStore
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.archive_audit import archive_event
from rightsdesk.settings import ArchiveAuditSettings

settings = ArchiveAuditSettings.load()
evidence = S3EvidenceStore(settings.evidence_bucket)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Stops at the first record that fails, so that a shard is read again from there: order is kept."""
    for record in event["Records"]:
        try:
            archive_event(from_item(record["dynamodb"]["NewImage"]), evidence=evidence)
        except Exception:
            logger.exception("event not archived")
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
