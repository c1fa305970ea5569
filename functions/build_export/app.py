"""Task of privacy_request: build the package of a case."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_acceptances import DynamoAcceptances
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_messages import DynamoMessages
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.dynamo_provisions import DynamoProvisionLedger
from rightsdesk.adapters.merchant_files import consent_texts, described_data_map, policy_history
from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.build_export import build_export
from rightsdesk.settings import BuildExportSettings
from rightsdesk.wiring import merchant, utc_now

settings = BuildExportSettings.load()
cases = DynamoCaseStore(settings.cases_table)
messages = DynamoMessages(settings.cases_table, cases)
records = S3RecordStore(settings.export_bucket)
exports = S3ExportStore(settings.export_bucket)
provisions = DynamoProvisionLedger(settings.people_table)
permissions = DynamoPermissions(settings.people_table)
acceptances = DynamoAcceptances(settings.people_table)
keys = SecretKeyring(settings.pepper_secret_arn)


class Task(BaseModel):
    request_id: str
    final: bool


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    build_export(
        task.request_id,
        final=task.final,
        cases=cases,
        messages=messages,
        records=records,
        exports=exports,
        provisions=provisions,
        permissions=permissions,
        acceptances=acceptances,
        keys=keys,
        data_map=described_data_map(),
        texts=consent_texts(),
        policy=policy_history(),
        merchant=merchant(),
        clock=utc_now,
    )
