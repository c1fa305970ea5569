"""Task of privacy_request: certify that nothing is left of what had to go, or say where something is."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.dynamo_retention import DynamoRetentionLedger
from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.adapters.erasure_manifest import RecordedManifest
from rightsdesk.adapters.merchant_files import described_data_map
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.certify_erasure import certify_erasure
from rightsdesk.services.enter_retention import enter_retention
from rightsdesk.services.remember_erasure import remember_erasure
from rightsdesk.settings import CertifyErasureSettings
from rightsdesk.wiring import utc_now

settings = CertifyErasureSettings.load()
cases = DynamoCaseStore(settings.cases_table)
manifest = RecordedManifest(S3RecordStore(settings.export_bucket))
suppressed = DynamoSuppressions(settings.people_table)
permissions = DynamoPermissions(settings.people_table)
keys = SecretKeyring(settings.pepper_secret_arn)
ledger = DynamoRetentionLedger(settings.people_table, settings.cases_table)
kept_rows = S3RecordStore(settings.export_bucket, area="kept")


def remember(case: PrivacyRequest, at: datetime) -> tuple[str, ...]:
    """What outlives the case: the ledger of what stays, and that this person was erased."""
    data_map = described_data_map()
    enter_retention(case, at, cases=cases, manifest=manifest, ledger=ledger, store=kept_rows, data_map=data_map)
    return remember_erasure(
        case,
        at,
        manifest=manifest,
        suppressed=suppressed,
        permissions=permissions,
        keys=keys,
        data_map=data_map,
    )


class Task(BaseModel):
    request_id: str


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    task = Task.model_validate(event)
    return {"proceed": certify_erasure(task.request_id, cases=cases, remember=remember, clock=utc_now)}
